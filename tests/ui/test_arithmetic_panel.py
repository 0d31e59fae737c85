"""The arithmetic panel takes the pinned value apart, and its window slides over the map."""

from __future__ import annotations

import dataclasses
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QSlider, QSpinBox, QToolButton
from pytestqt.qtbot import QtBot

from convscope.core.arithmetic import explain
from convscope.core.arithmetic.breakdowns import ConvolutionBreakdown
from convscope.core.layers import (
    Activation,
    AveragePool,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool,
    MaxPool,
    MinPool,
    Reshape,
    SumPool,
)
from convscope.core.network import Network
from convscope.core.trace import trace
from convscope.core.unit import Unit
from convscope.core.weights import initial_weights
from convscope.ui.colour_maps import ColourScale, colours
from convscope.ui.inspection import Inspection
from convscope.ui.panels.arithmetic import ArithmeticPanel
from convscope.ui.widgets.breakdown_products import ProductsBlock
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.slide_picture import cell_of

NETWORK = Network(
    (1, 12, 12),
    (
        Conv2d(filters=3, padding="same"),
        BatchNorm(),
        Activation(),
        MaxPool(),
        Dropout(),
        Conv2d(filters=20, kernel_size=3, stride=2, dilation=2, padding=2),
        AveragePool(kernel_size=1, stride=1),
        Flatten(),
        Dense(units=10),
    ),
)


class StubSession(QObject):
    """What the panel reads of a session, with a real trace."""

    network_changed = Signal()
    trace_changed = Signal()
    computing_changed = Signal()
    waiting = ""

    def __init__(self) -> None:
        super().__init__()
        self.selected = -1
        self.class_names = tuple("0123456789")
        self.inspection = Inspection(NETWORK, self)
        self.show(NETWORK)

    def show(self, network: Network, seed: int = 0) -> None:
        self.network = network
        self.image = np.random.default_rng(seed).random(network.input_shape, np.float32)
        self.trace: Any = trace(network, initial_weights(network, seed), self.image)
        self.inspection.follow(network)
        self.trace_changed.emit()

    def value(self, unit: Unit) -> float:
        return float(self.trace.values(unit.layer)[unit.index])


@pytest.fixture
def session() -> StubSession:
    return StubSession()


@pytest.fixture
def panel(qtbot: QtBot, session: StubSession) -> ArithmeticPanel:
    widget = ArithmeticPanel(cast(Any, session), {})
    qtbot.addWidget(widget)
    widget.resize(900, 400)
    widget.show()
    return widget


def press(qtbot: QtBot, panel: ArithmeticPanel, name: str) -> None:
    button = panel.findChild(QToolButton, f"slide_{name}")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def cell(panel: ArithmeticPanel, row: int, column: int, *, of: str) -> Any:
    places = panel.slide_view.places()
    assert places is not None
    return cell_of(getattr(places, of), (12, 12), row, column).center().toPoint()


def test_with_nothing_pinned_an_example_can_be_shown(
    qtbot: QtBot, session: StubSession, panel: ArithmeticPanel
) -> None:
    example = panel.findChild(QPushButton, "arithmetic_example")
    assert example is not None
    assert example.isVisible()
    qtbot.mouseClick(example, Qt.MouseButton.LeftButton)
    assert session.inspection.pinned == Unit(0, (1, 6, 6))  # the middle of the first convolution
    assert not example.isVisible()
    session.inspection.pin(None)
    session.selected = 3
    qtbot.mouseClick(example, Qt.MouseButton.LeftButton)
    assert session.inspection.pinned == Unit(3, (1, 3, 3))


@pytest.mark.parametrize("layer", range(-1, len(NETWORK.layers) + 1))
def test_every_layer_is_taken_apart_down_to_torchs_value(
    session: StubSession, panel: ArithmeticPanel, layer: int
) -> None:
    shape = session.network.shape_at(layer)
    assert shape is not None
    unit = Unit(layer, tuple(side // 2 for side in shape))
    session.inspection.pin(unit)
    sheet = panel.view.sheet
    assert sheet is not None
    assert sheet.agrees
    assert number_text(session.value(unit)) in panel.picker.words
    assert number_text(session.value(unit), 3)[:-1] in sheet.result
    assert number_text(session.value(unit), 7) in sheet.exactness
    assert panel.grab().size() == panel.size()
    assert panel.view._failure == ""


OTHERS = Network(
    (3, 8, 8),
    (
        MinPool(),
        SumPool(kernel_size=2, stride=1, padding=1),
        Activation(function="binary_step"),
        Conv2d(filters=2, enabled=False),
        GlobalAveragePool(),
        Reshape(target=(3, 1, 1)),
        Conv2d(filters=4, kernel_size=1, bias=False),
        Flatten(),
        Dense(units=10, bias=False),
    ),
)


@pytest.mark.parametrize("layer", range(-1, len(OTHERS.layers) + 1))
def test_so_are_the_rarer_layers_and_those_that_are_switched_off(
    session: StubSession, panel: ArithmeticPanel, layer: int
) -> None:
    session.show(OTHERS)
    shape = OTHERS.shape_at(layer)
    assert shape is not None
    unit = Unit(layer, tuple(side - 1 for side in shape))
    session.inspection.pin(unit)
    assert panel.view.sheet is not None
    assert panel.view.sheet.agrees
    assert number_text(session.value(unit), 7) in panel.view.sheet.exactness
    assert panel.grab().size() == panel.size()
    assert panel.view._failure == ""


def test_the_title_says_which_value_it_is_and_leads_to_others(session: StubSession, panel: ArithmeticPanel) -> None:
    unit = Unit(0, (2, 4, 7))
    session.inspection.pin(unit)
    assert panel.picker.words == f"conv_1, map 2, row 4, column 7 = {number_text(session.value(unit))}"
    fields = {field.accessibleName(): field for field in panel.picker.findChildren(QSpinBox) if field.isVisible()}
    assert set(fields) == {"Map", "Row", "Column"}
    fields["Row"].setValue(11)
    assert session.inspection.pinned == Unit(0, (2, 11, 7))
    fields["Row"].setValue(99)
    assert session.inspection.pinned == Unit(0, (2, 11, 7))  # there are 12
    session.inspection.pin(Unit(8, (3,)))
    assert [field.text() for field in panel.picker.findChildren(QSpinBox) if field.isVisible()] == ["unit 3"]
    session.inspection.pin(Unit(9, (3,)))
    assert panel.picker.words.startswith("Probabilities, class 3 = 0.")


def test_arrow_keys_move_within_the_map_and_page_keys_to_another(session: StubSession, panel: ArithmeticPanel) -> None:
    session.inspection.pin(Unit(0, (1, 0, 5)))
    panel.view.setFocus()
    for name in ("Right", "Down", "Up", "Up", "PageDown", "PageDown", "Left"):
        QTest.keyClick(panel.view, Qt.Key[f"Key_{name}"])
    assert session.inspection.pinned == Unit(0, (2, 0, 5))  # the border stops it
    session.inspection.pin(Unit(9, (0,)))
    for name in ("Left", "Right", "Down"):
        QTest.keyClick(panel.view, Qt.Key[f"Key_{name}"])
    assert session.inspection.pinned == Unit(9, (2,))
    QTest.keyClick(panel.view, Qt.Key.Key_Escape)
    assert session.inspection.pinned is None


def test_one_walks_back_from_a_value_to_the_pixel(qtbot: QtBot, session: StubSession, panel: ArithmeticPanel) -> None:
    unit = Unit(3, (1, 2, 2))  # a maximum
    session.inspection.pin(unit)
    for before in (2, 1, 0, -1):
        pinned = session.inspection.pinned
        assert pinned is not None
        place = (0, *pinned.index[1:]) if before == -1 else pinned.index if before < 2 else (1, 4, 4)
        below = Unit(before, place)
        box = panel.view.boxes(below)[0]
        qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=box.center().toPoint())
        assert session.inspection.pinned == below


def test_pointing_at_a_cell_points_at_the_value_everywhere(session: StubSession, panel: ArithmeticPanel) -> None:
    session.inspection.pin(Unit(0, (1, 6, 6)))
    QApplication.processEvents()  # the layout follows in a moment
    QTest.mouseMove(panel.view.viewport(), panel.view.boxes(Unit(-1, (0, 5, 7)))[0].center().toPoint())
    assert session.inspection.hovered == Unit(-1, (0, 5, 7))
    QTest.mouseMove(panel.slide_view, cell(panel, 9, 3, of="source"))
    assert session.inspection.hovered == Unit(-1, (0, 9, 3))
    assert panel.slide_view.readout.startswith("Input, map 0, row 9, column 3: ")
    QTest.mouseMove(panel.slide_view, cell(panel, 9, 3, of="result"))
    assert session.inspection.hovered == Unit(0, (1, 9, 3))
    plain = panel.slide_view.grab().toImage()
    session.inspection.hover(Unit(-1, (0, 2, 2)))
    assert panel.slide_view.grab().toImage() != plain


def test_in_a_narrow_panel_the_line_below_is_as_high_whatever_it_says(
    qtbot: QtBot, session: StubSession, panel: ArithmeticPanel
) -> None:
    """Cells that grow into the room above would move under the pointer otherwise."""
    panel.resize(345, 600)
    session.inspection.pin(Unit(0, (1, 6, 6)))
    qtbot.waitUntil(lambda: panel._note.width() < 345)
    heights = set()
    for text in ("Padding: 0 × 0.1 = 0", "Channel 11, row 16, column 26: −0.001234 × −0.001234 = 0.00001523"):
        panel._note.show_text(text)
        heights.add(panel._note.height())
    assert len(heights) == 1


def test_clicks_on_the_slide_pin_its_values(qtbot: QtBot, session: StubSession, panel: ArithmeticPanel) -> None:
    session.inspection.pin(Unit(0, (1, 6, 6)))
    qtbot.mouseClick(panel.slide_view, Qt.MouseButton.LeftButton, pos=cell(panel, 9, 3, of="result"))
    assert session.inspection.pinned == Unit(0, (1, 9, 3))
    qtbot.mouseClick(panel.slide_view, Qt.MouseButton.LeftButton, pos=cell(panel, 1, 2, of="source"))
    assert session.inspection.pinned == Unit(-1, (0, 1, 2))


@pytest.mark.parametrize("layer", [0, 3, 5, 6])
def test_steps_go_through_the_map_in_reading_order_and_fill_the_output(
    qtbot: QtBot, session: StubSession, panel: ArithmeticPanel, layer: int
) -> None:
    shape = session.network.shape_at(layer)
    assert shape is not None
    session.inspection.pin(Unit(layer, (1, 1, 1)))
    assert panel.slide_view.filled is None  # somebody clicked: the whole map is there
    press(qtbot, panel, "start")
    seen = [session.inspection.pinned]
    for _ in range(shape[2] + 1):
        press(qtbot, panel, "forward")
        seen.append(session.inspection.pinned)
        assert panel.slide_view.filled == len(seen)
    assert seen == [Unit(layer, (1, number // shape[2], number % shape[2])) for number in range(len(seen))]
    press(qtbot, panel, "back")
    assert session.inspection.pinned == seen[-2]
    session.inspection.pin(Unit(layer, (0, 1, 1)))
    assert panel.slide_view.filled is None


def test_the_film_runs_over_the_whole_map_and_ends(qtbot: QtBot, session: StubSession, panel: ArithmeticPanel) -> None:
    slider = panel.findChild(QSlider, "slide_speed")
    assert slider is not None
    slider.setValue(100)
    pinned = []
    session.inspection.pin(Unit(3, (2, 5, 5)))  # the last place: it begins anew
    session.inspection.pinned_changed.connect(lambda: pinned.append(session.inspection.pinned))
    QTest.keyClick(panel.view, Qt.Key.Key_Space)
    assert panel.controls.playing
    assert pinned == [Unit(3, (2, 0, 0))]
    qtbot.waitUntil(lambda: not panel.controls.playing, timeout=20_000)
    places = [unit.index[1] * 6 + unit.index[2] for unit in pinned if unit is not None]
    assert places == sorted(places)
    assert pinned[-1] == Unit(3, (2, 5, 5))
    assert panel.slide_view.filled == 36


def test_a_value_that_is_pinned_elsewhere_ends_the_film(
    qtbot: QtBot, session: StubSession, panel: ArithmeticPanel
) -> None:
    session.inspection.pin(Unit(3, (2, 0, 0)))
    press(qtbot, panel, "play")
    assert panel.controls.playing
    session.inspection.pin(Unit(0, (0, 0, 0)))
    assert not panel.controls.playing
    press(qtbot, panel, "play")
    session.inspection.pin(None)
    assert not panel.controls.playing


def test_only_layers_with_a_window_have_a_slide(session: StubSession, panel: ArithmeticPanel) -> None:
    visible = []
    for layer in range(len(NETWORK.layers)):
        shape = session.network.shape_at(layer)
        assert shape is not None
        session.inspection.pin(Unit(layer, tuple(side - 1 for side in shape)))
        visible.append(panel.controls.isVisible())
        assert panel.slide_view.isVisible() == panel.controls.isVisible()
    assert visible == [True, False, False, True, False, True, True, False, False]


def point_at_source(panel: ArithmeticPanel, session: StubSession) -> Unit | None:
    """Point at row 2, column 2 of the slide's input and return which value of the network that is."""
    places = panel.slide_view.places()
    assert places is not None
    QTest.mouseMove(panel.slide_view, panel.slide_view.rect().center())
    QTest.mouseMove(panel.slide_view, cell_of(places.source, (6, 6), 2, 2).center().toPoint())
    return session.inspection.hovered


def channels_in_order(panel: ArithmeticPanel, count: int, middle: tuple[int, int]) -> list[int]:
    """Return the channels from top to bottom."""
    tops = {channel: panel.view.boxes(Unit(4, (channel, *middle)))[0] for channel in range(count)}
    return sorted(tops, key=lambda channel: (tops[channel].top(), tops[channel].left()))


def test_the_slide_shows_the_input_that_adds_most_which_stays_while_the_window_slides(
    qtbot: QtBot, session: StubSession, panel: ArithmeticPanel
) -> None:
    def most(unit: Unit) -> list[int]:
        found = explain(NETWORK, session.trace.weights, session.trace, unit)
        assert isinstance(found, ConvolutionBreakdown)
        return found.order.tolist()

    start = Unit(5, (4, 1, 1))
    session.inspection.pin(start)
    assert point_at_source(panel, session) == Unit(4, (most(start)[0], 2, 2))
    assert channels_in_order(panel, 3, (2, 2)) == most(start)
    shown = panel.slide_view._slide
    assert shown is not None
    changed = False
    for _ in range(4):
        press(qtbot, panel, "forward")
        pinned = session.inspection.pinned
        assert pinned is not None
        changed = changed or most(pinned) != most(start)
        assert panel.slide_view._slide is shown  # the same picture in the same colours
        row, column = (2 * place for place in pinned.index[1:])
        assert channels_in_order(panel, 3, (row, column)) == most(start)
    assert changed
    other = Unit(5, (4, 0, 0))
    session.inspection.pin(other)  # somewhere else: sorted anew
    assert point_at_source(panel, session) == Unit(4, (most(other)[0], 2, 2))


def test_a_tensor_has_one_scale_wherever_it_is_shown(session: StubSession, panel: ArithmeticPanel) -> None:
    for layer in (0, 3, 5, 6):
        session.inspection.pin(Unit(layer, (1, 1, 1)))
        slide = panel.slide_view._slide
        assert slide is not None
        assert slide.source_scale == ColourScale.of(session.trace.values(layer - 1))
        assert slide.result_scale == ColourScale.of(session.trace.values(layer))
    values = session.trace.values(4)
    session.inspection.pin(Unit(5, (4, 1, 1)))
    picture, slide = panel.view.viewport().grab().toImage(), panel.slide_view._slide
    assert slide is not None
    scale = slide.source_scale
    for channel in range(3):
        box = panel.view.boxes(Unit(4, (channel, 2, 2)))[0]
        colour = colours(values[channel, 2:3, 2:3], scale.low, scale.high, scale.kind)[0, 0]
        assert picture.pixel(box.topLeft().toPoint() + QPoint(3, 3)) == colour


def test_what_lights_up_can_be_turned_round(session: StubSession, panel: ArithmeticPanel) -> None:
    box = panel.findChild(QComboBox)
    assert box is not None
    session.inspection.pin(Unit(0, (1, 6, 6)))
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert session.inspection.forwards
    session.inspection.show_forwards(False)
    assert box.currentText() == "Sees"


def test_a_new_trace_is_taken_apart_with_its_own_weights(session: StubSession, panel: ArithmeticPanel) -> None:
    unit = Unit(0, (1, 6, 6))
    session.inspection.pin(unit)
    before = panel.picker.words
    session.show(NETWORK, seed=5)
    assert panel.picker.words != before
    assert number_text(session.value(unit)) in panel.picker.words
    assert panel.view.sheet is not None
    assert panel.view.sheet.agrees


def test_what_rounding_does_not_explain_is_said_with_a_warning(session: StubSession, panel: ArithmeticPanel) -> None:
    session.inspection.pin(Unit(0, (1, 6, 6)))
    assert not panel._doubt.isVisible()
    session.trace = dataclasses.replace(session.trace, weights=initial_weights(NETWORK, 9))
    session.trace_changed.emit()
    assert panel._doubt.isVisible()
    assert "more than rounding" in panel._doubt.text()
    assert not panel._note.isVisible()


def test_a_network_whose_trace_has_not_come_keeps_the_picture(session: StubSession, panel: ArithmeticPanel) -> None:
    session.inspection.pin(Unit(0, (1, 6, 6)))
    sheet = panel.view.sheet
    session.network = NETWORK.removed(1)
    session.inspection.follow(session.network)
    session.network_changed.emit()
    assert panel.view.sheet is sheet
    session.show(session.network)
    assert panel.view.sheet is not sheet


def test_the_slide_points_at_nothing_in_a_network_whose_trace_has_not_come(
    session: StubSession, panel: ArithmeticPanel
) -> None:
    session.inspection.pin(Unit(0, (1, 6, 6)))
    session.network = NETWORK.replaced(0, Conv2d(filters=9, padding="same"))
    session.inspection.follow(session.network)
    session.network_changed.emit()
    session.inspection.pin(Unit(0, (8, 6, 6)))  # a filter that the shown trace knows nothing of
    panel.slide_view.source_hovered.emit((5, 5))
    assert session.inspection.hovered is None
    session.inspection.hover(Unit(0, (8, 6, 6)))
    session.show(session.network)
    panel.slide_view.source_hovered.emit((5, 5))
    assert session.inspection.hovered == Unit(-1, (0, 5, 5))


def test_a_network_that_waits_to_be_run_says_so(session: StubSession, panel: ArithmeticPanel) -> None:
    hint, example = panel.findChild(QLabel, "arithmetic_hint"), panel.findChild(QPushButton, "arithmetic_example")
    assert hint is not None
    assert example is not None
    session.inspection.pin(Unit(0, (1, 6, 6)))
    session.trace, session.waiting = None, "Run it first."
    session.network_changed.emit()
    assert hint.isVisible()
    assert hint.text() == "Run it first."
    assert not example.isVisible()
    session.waiting = ""
    session.show(NETWORK)
    assert not hint.isVisible()
    assert panel.view.isVisible()


def test_keys_let_nothing_slide_that_is_not_seen(session: StubSession, panel: ArithmeticPanel) -> None:
    session.inspection.pin(Unit(0, (1, 6, 6)))
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    QTest.keyClick(panel, Qt.Key.Key_Space)
    assert not panel.controls.playing


def test_before_the_first_trace_it_says_so(qtbot: QtBot, session: StubSession) -> None:
    session.trace = None
    session.inspection.pin(Unit(0, (1, 6, 6)))
    widget = ArithmeticPanel(cast(Any, session), {})
    qtbot.addWidget(widget)
    widget.show()
    assert widget.view.accessibleDescription() == "The value is being computed."


def test_a_hidden_panel_works_when_it_is_seen_again(session: StubSession, panel: ArithmeticPanel) -> None:
    panel.hide()
    session.inspection.pin(Unit(0, (1, 6, 6)))
    assert panel.view.sheet is None
    panel.show()
    assert panel.view.sheet is not None


def test_it_can_be_read_in_a_small_dock(qtbot: QtBot, session: StubSession, panel: ArithmeticPanel) -> None:
    session.inspection.pin(Unit(5, (1, 1, 1)))
    block = panel.view.sheet.blocks[0] if panel.view.sheet is not None else None
    assert isinstance(block, ProductsBlock)

    def settled() -> bool:
        apart = panel.slide_view.geometry().intersected(panel.view.geometry()).isEmpty()
        return apart and panel.view.geometry().right() > panel.width() - 10

    for width, height in ((590, 260), (447, 248), (560, 300), (380, 600), (325, 500)):
        panel.resize(width, height)
        qtbot.waitUntil(settled)  # the layout follows in a moment
        assert panel.view.viewport().height() >= 90
        assert block.places.numbered
        places = panel.slide_view.places()
        assert places is not None
        assert min(places.source.width(), places.result.width()) >= 36
