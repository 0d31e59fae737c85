"""A card says what a layer is, what leaves it and what is wrong with it, in any width a dock may have."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, MaxPool
from convscope.core.network import Network
from convscope.ui import theme
from convscope.ui.widgets.card_data import (
    CardData,
    cards_of,
    count_text,
    parameters_text,
    totals_of,
)
from convscope.ui.widgets.card_heading import CardHeading
from convscope.ui.widgets.layer_card import LayerCard

NETWORK = Network(
    layers=(Conv2d(12, 3, padding="same"), BatchNorm(), Activation(), MaxPool(), Flatten(), Dropout(), Dense(10))
)


def cards_named(network: Network) -> dict[str, CardData]:
    return {card.name: card for card in cards_of(network)}


def test_cards_run_from_the_input_to_the_output():
    cards = cards_of(NETWORK)
    assert [card.role for card in cards] == ["input", *["layer"] * 7, "output"]
    assert [card.shape for card in cards] == [
        "28×28×1",
        "28×28×12",
        "28×28×12",
        "28×28×12",
        "14×14×12",
        "2352",
        "2352",
        "10",
        "10",
    ]


def test_a_layer_s_card_has_its_settings_and_parameters():
    card = cards_named(NETWORK)["conv_1"]
    assert (card.icon, card.summary) == ("conv2d", "12 filters 3×3, same")
    assert card.parameters == "120 parameters"
    assert card.facts.replace("\N{NO-BREAK SPACE}", " ") == (
        "Input 28×28×1 · sees 3×3 pixels · 84,672 multiply-adds · 37.6 kB"
    )


def test_running_averages_count_as_parameters_as_in_the_totals():
    cards = cards_of(NETWORK)
    counts = [int(card.parameters.split()[0].replace(",", "")) for card in cards if card.parameters]
    assert cards_named(NETWORK)["batch_norm_1"].parameters == "48 parameters"
    assert totals_of(NETWORK.report).parameters == f"{sum(counts):,}"


def test_a_layer_without_parameters_says_nothing_about_them():
    assert cards_named(NETWORK)["flatten_1"].parameters == ""


def test_the_first_failure_has_message_and_remedies_and_the_layers_behind_it_nothing():
    cards = cards_named(NETWORK.replaced(0, Conv2d(12, 40)))
    assert cards["conv_1"].problem == "A 40×40 kernel does not fit the 28×28 map that reaches it."
    assert "Use a kernel of at most 28×28" in cards["conv_1"].remedies
    assert (cards["activation_1"].shape, cards["activation_1"].reached) == ("", False)
    assert (cards["Output"].shape, cards["Output"].problem) == ("", "")
    assert cards["Input"].shape == "28×28×1"


def test_a_missing_head_is_the_output_s_problem():
    output = cards_of(NETWORK.removed(6))[-1]
    assert "classes need" in output.problem
    assert output.remedies == ("Add a dense layer of 10",)


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0"), (999_999, "999,999"), (1_000_000, "1 M"), (3_794_000, "3.79 M"), (2 * 10**9, "2 G")]
)
def test_counts_are_short(count: int, text: str):
    assert count_text(count) == text


def test_numbers_of_parameters_are_named():
    assert [parameters_text(count) for count in (0, 1, 1234)] == ["", "1 parameter", "1,234 parameters"]


LONG = CardData("layer", "conv2d", "conv_12", summary="128 filters 3×5, stride 2×1, padding 1×2, dilation 2×1, no bias")

FROZEN = CardData(
    "layer", "conv2d", "conv_12", "12 filters 3×5, stride 2×1", "28×28×128", "120 parameters", frozen=True
)


@pytest.mark.parametrize("width", [254, 280, 360, 600])  # the first in a dock of 300 pixels
@pytest.mark.parametrize(
    "data",
    [*cards_of(NETWORK), LONG, FROZEN, CardData("layer", "dense", "dense_1", "1 unit", "1", "102,764,544 parameters")],
)
def test_a_heading_has_room_for_all_of_its_texts(qapp: QApplication, data: CardData, width: int):
    heading = CardHeading(data, QApplication.font(), width)
    drawn = _texts_drawn(heading, data)
    for text, room, needed in drawn:
        assert needed <= room, f"{text!r} needs {needed} of {room} pixels"
    assert {text for text, _, _ in drawn} >= {text for text in (data.name, data.shape, data.parameters) if text}


def _texts_drawn(heading: CardHeading, data: CardData) -> list[tuple[str, int, int]]:
    """Return each text drawn with the height or width there is and the one it needs."""
    drawn: list[tuple[str, int, int]] = []

    class Painter:
        font = QFont()

        def setFont(self, font: QFont) -> None:
            self.font = font

        def drawText(self, rect: Any, flags: Any, text: str) -> None:
            from PySide6.QtGui import QFontMetrics

            assert not text or 0 <= rect.top() <= rect.bottom() < heading.height
            metrics = QFontMetrics(self.font)
            if flags & Qt.TextFlag.TextWordWrap:
                drawn.append((text, rect.height(), metrics.boundingRect(rect, flags, text).height()))
            elif text:
                drawn.append((text, rect.width(), metrics.horizontalAdvance(text)))

        def __getattr__(self, name: str) -> Any:
            return lambda *_: None

    heading.paint(Painter(), data, selected=False, ratio=1.0)  # pyright: ignore[reportArgumentType]
    return drawn


def test_a_layer_without_parameters_takes_one_row(qapp: QApplication):
    cards = cards_named(NETWORK)
    short, long = (CardHeading(cards[name], QApplication.font(), 340) for name in ("activation_1", "conv_1"))
    assert (short.count, long.count) == (1, 2)
    assert short.height < long.height


@pytest.fixture
def card(qtbot: QtBot) -> LayerCard:
    theme.apply(QApplication.instance(), "light")  # pyright: ignore[reportArgumentType]
    made = LayerCard()
    qtbot.addWidget(made)
    return made


def shown(card: LayerCard, data: CardData) -> LayerCard:
    card.show_data(data)
    card.resize(340, card.fit(340))
    card.show()
    return card


def has_colour(card: LayerCard, colour: QColor) -> bool:
    image = card.grab().toImage()
    return any(
        image.pixelColor(x, y).name() == colour.name() for x in range(image.width()) for y in range(image.height())
    )


def test_selected_switched_off_and_failing_cards_look_different(card: LayerCard):
    data = cards_named(NETWORK)["activation_1"]
    plain = shown(card, data).grab().toImage()
    card.show_selected(True)
    assert has_colour(card, theme.LIGHT.accent)
    card.show_selected(False)
    assert card.grab().toImage() == plain
    off = shown(card, cards_named(NETWORK.toggled(2))["activation_1"]).grab().toImage()
    assert off != plain
    shown(card, cards_named(NETWORK.replaced(0, Conv2d(12, 40)))["conv_1"])
    assert has_colour(card, theme.LIGHT.warning)


def test_a_frozen_layer_shows_a_lock_and_says_so(card: LayerCard):
    data = cards_named(NETWORK)["conv_1"]
    plain = shown(card, data).grab().toImage()
    frozen = cards_named(NETWORK.replaced(0, NETWORK.layers[0].changed(trainable=False)))["conv_1"]
    assert shown(card, frozen).grab().toImage() != plain
    assert card.accessibleName() == "conv_1, frozen, 12 filters 3×3, same, output 28×28×12, 120 parameters"
    assert frozen.facts.startswith("Frozen:")
    assert frozen.parameters == data.parameters
    totals = totals_of(NETWORK.replaced(0, NETWORK.layers[0].changed(trainable=False)).report)
    assert totals.parameters == totals_of(NETWORK.report).parameters
    assert f"{120 + 24} values that are not" in totals.details


def test_a_card_follows_the_theme(qapp: QApplication, card: LayerCard):
    shown(card, cards_named(NETWORK)["conv_1"])
    theme.apply(qapp, "dark")
    assert has_colour(card, theme.DARK.card)
    assert not has_colour(card, theme.LIGHT.card)
    theme.apply(qapp, "light")


def test_each_remedy_is_a_button_inside_the_card(qtbot: QtBot, card: LayerCard):
    data = cards_named(NETWORK.replaced(0, Conv2d(12, 40)))["conv_1"]
    closed = card.fit(340)
    shown(card, data)
    assert card.height() > closed
    buttons = card.findChildren(QPushButton)
    assert [button.text() for button in buttons] == list(data.remedies)
    with qtbot.waitSignal(card.remedy_chosen) as chosen:
        qtbot.mouseClick(buttons[1], Qt.MouseButton.LeftButton)
    assert chosen.args == [1]
    shown(card, cards_named(NETWORK)["conv_1"])
    assert not any(button.isVisible() for button in card.findChildren(QPushButton))


def test_a_card_is_read_out_as_a_sentence(card: LayerCard):
    shown(card, cards_named(NETWORK.toggled(0))["conv_1"])
    assert card.accessibleName() == "conv_1, switched off, 12 filters 3×3, same, output 28×28×1"


def test_a_field_larger_than_the_image_is_the_whole_image() -> None:
    network = Network((1, 6, 6), (Conv2d(filters=1, kernel_size=5), Conv2d(filters=1, kernel_size=2)))
    small, whole = (card.facts for card in cards_of(network)[1:3])
    assert "sees 5×5 pixels" in small.replace("\N{NO-BREAK SPACE}", " ")
    assert "sees the whole image" in whole.replace("\N{NO-BREAK SPACE}", " ")
