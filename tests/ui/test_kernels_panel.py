"""The kernels panel: weights as a table of kernels or as pictures of units, live, with what belongs to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QStyle, QStyleOptionComboBox, QToolButton
from pytestqt.qtbot import QtBot

from convscope.core.arithmetic.joined import flattened_maps
from convscope.core.layers import Activation, AveragePool, BatchNorm, Conv2d, Dense, Dropout, Flatten
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import frozen
from convscope.ui import background, theme
from convscope.ui.colour_maps import colours
from convscope.ui.document import Document
from convscope.ui.panels.kernels import KernelsPanel
from convscope.ui.run_state import RunState
from convscope.ui.session import Session
from convscope.ui.widgets.colour_legend import ColourLegend
from convscope.ui.widgets.kernel_places import Spot
from convscope.ui.widgets.kernel_table import KernelTable
from convscope.ui.widgets.number_text import number_text

NETWORK = Network(
    layers=(
        Conv2d(filters=2, kernel_size=3, padding="same"),
        Activation(),
        Conv2d(filters=3, kernel_size=(3, 4), stride=3),
        BatchNorm(),
        Activation(function="prelu", slope=0.3),
        Flatten(),
        Dense(units=7),
        Activation(),
        Dense(units=10),
    )
)
FIRST, CONV, NORM, PRELU, DENSE, HEAD = 0, 2, 3, 4, 6, 8
LONG = 15_000  # milliseconds; a busy machine may take long to load torch
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session(Document(NETWORK, config=TrainingConfig(batch_size=20, epochs=2)))
    yield made
    made.close()
    assert background.end_all()
    made.deleteLater()


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> KernelsPanel:
    theme.apply(QApplication.instance(), "light")  # pyright: ignore[reportArgumentType]
    widget = KernelsPanel(session, {})
    qtbot.addWidget(widget)
    widget.resize(600, 320)
    session.select(CONV)
    widget.show()
    return widget


def table(panel: KernelsPanel) -> KernelTable:
    return panel._table.table


def mosaic(panel: KernelsPanel) -> Any:
    return panel._units.mosaic


def legend(panel: KernelsPanel) -> Any:
    return panel._units.findChild(ColourLegend)


def box(panel: KernelsPanel, name: str) -> QComboBox:
    return next(child for child in panel.findChildren(QComboBox) if child.accessibleName() == name)


def choose(choices: QComboBox, text: str) -> None:
    index = choices.findText(text)
    assert index >= 0
    choices.setCurrentIndex(index)
    choices.activated.emit(index)


def array(session: Session, index: int, kind: str = "weight") -> np.ndarray:
    return session.weights[f"{session.network.layers[index].name}.{kind}"]


def put(session: Session, **arrays: np.ndarray) -> None:
    """Give layers other arrays, named like conv_1__weight."""
    changed = {name.replace("__", "."): array.astype(np.float32) for name, array in arrays.items()}
    session.edit("Put", weights=frozen({**session.weights, **changed}))


def point_at(qtbot: QtBot, panel: KernelsPanel, spot: Spot) -> None:
    qtbot.mouseMove(table(panel).viewport(), table(panel).cell_rect(spot).center())


def point_at_unit(qtbot: QtBot, panel: KernelsPanel, tile: int, part: int, row: int, column: int) -> None:
    """Move the pointer to the middle of a weight's cell, found by its place among the pixels."""
    units = mosaic(panel)
    units.repaint()
    places = {(x, y): units.place_at(QPointF(x, y)) for x in range(units.width()) for y in range(0, units.height(), 2)}
    wanted = [
        spot for spot, at in places.items() if at and (at.tile, at.part, at.row, at.column) == (tile, part, row, column)
    ]
    qtbot.mouseMove(units, QPoint(*wanted[len(wanted) // 2]))


def test_rows_are_filters_and_columns_input_channels(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    weights, bias = array(session, CONV), array(session, CONV, "bias")
    assert panel._table.caption() == "3 filters of 3×4×2; click a kernel to open it."
    for spot in (Spot(0, 0, 0, 0), Spot(2, 1, 0, 3), Spot(1, 0, 2, 1)):
        point_at(qtbot, panel, spot)
        place = f"channel {spot.channel}, row {spot.row}, column {spot.column}"
        value = weights[spot.filter, spot.channel, spot.row, spot.column]
        name = f"Filter {spot.filter} (bias {number_text(bias[spot.filter], 3)})"
        assert panel._table.caption() == f"{name}, {place}:  {number_text(float(value))}"
    boxes = [[table(panel).cell_rect(Spot(number, channel, 0, 0)) for channel in (0, 1)] for number in (0, 1)]
    assert boxes[0][0].y() == boxes[0][1].y()
    assert boxes[0][0].x() < boxes[0][1].x()


def test_colours_are_signed_and_centred_on_zero(session: Session, panel: KernelsPanel) -> None:
    put(session, conv_2__weight=np.abs(array(session, CONV)))
    weights, image = array(session, CONV), table(panel).viewport().grab().toImage()
    assert [text for _, text in panel._table.legends[0].labels()] == ["0", number_text(float(weights.max()), 3)]
    expected = colours(weights, 0.0, float(weights.max()), "diverging")
    for index in np.ndindex(weights.shape):
        corner = table(panel).cell_rect(Spot(*index)).topLeft() + QPoint(1, 1)  # a number may stand in the middle
        assert image.pixel(corner) == expected[index]


def test_a_scale_for_each_filter(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    weights = array(session, CONV)
    put(session, conv_2__weight=weights * np.array([1, 5, 0.1])[:, None, None, None])
    of = panel.findChild(QLabel, "kernel_scale_of")
    assert of is not None
    assert not of.isVisible()
    choose(box(panel, "Colour scale"), "Scale: filter")
    for number in (0, 2):
        point_at(qtbot, panel, Spot(number, 0, 1, 1))
        assert of.isVisible()
        assert of.text() == f"Filter {number}"
        assert f"weights of filter {number}" in panel._table.legends[0].accessibleDescription()
        own = array(session, CONV)[number]
        ends = [text for _, text in panel._table.legends[0].labels()]
        assert (ends[0], ends[-1]) == (number_text(float(own.min()), 3), number_text(float(own.max()), 3))


def test_a_click_opens_a_kernel_and_escape_leads_back(qtbot: QtBot, panel: KernelsPanel) -> None:
    qtbot.mouseClick(table(panel).viewport(), LEFT, pos=table(panel).cell_rect(Spot(1, 1, 0, 0)).center())
    assert panel._pages.currentWidget() is panel._editing
    assert (panel._editing.layer, panel._editing.kernel) == ("conv_2", (1, 1))
    qtbot.keyClick(panel._editing.bench.cells, Qt.Key.Key_Escape)
    assert panel._pages.currentWidget() is panel._table
    assert table(panel).selected == (1, 1)
    assert table(panel).hasFocus() or not panel.isActiveWindow()


def test_keys_choose_and_open_a_kernel(qtbot: QtBot, panel: KernelsPanel) -> None:
    for key, kernel in (
        (Qt.Key.Key_Right, (0, 1)),
        (Qt.Key.Key_End, (2, 1)),
        (Qt.Key.Key_Left, (2, 0)),
        (Qt.Key.Key_Home, (0, 0)),
        (Qt.Key.Key_Up, (0, 0)),
    ):
        qtbot.keyClick(table(panel), key)
        assert table(panel).selected == kernel
    qtbot.keyClick(table(panel), Qt.Key.Key_End)
    qtbot.keyClick(table(panel), Qt.Key.Key_Return)
    assert panel._editing.kernel == (2, 1)


def test_many_kernels_are_scrolled_and_a_chosen_one_comes_into_sight(
    qtbot: QtBot, session: Session, panel: KernelsPanel
) -> None:
    layers = (Conv2d(filters=40, kernel_size=3), Conv2d(filters=64, kernel_size=3), Flatten(), Dense(units=10))
    session.edit("Enlarge", network=Network((1, 10, 10), layers))
    session.select(1)
    shown = table(panel)
    qtbot.waitUntil(lambda: shown.viewport().height() < shown.height())  # the scroll bars come a turn later
    assert shown.verticalScrollBar().maximum() > 0
    assert shown.horizontalScrollBar().maximum() > 0
    assert not shown.viewport().rect().contains(shown.cell_rect(Spot(63, 39, 2, 2)))
    qtbot.keyClick(shown, Qt.Key.Key_End)
    assert shown.viewport().rect().contains(shown.cell_rect(Spot(63, 39, 2, 2)))
    point_at(qtbot, panel, Spot(63, 39, 2, 2))
    assert shown.hovered == Spot(63, 39, 2, 2)
    image = shown.viewport().grab().toImage()
    weights = array(session, 1)
    reach = float(max(-weights.min(), weights.max()))
    expected = int(colours(weights[62:, 38, 1, 1], -reach, reach, "diverging")[0])
    assert image.pixel(shown.cell_rect(Spot(62, 38, 1, 1)).center()) == expected
    qtbot.keyClick(shown, Qt.Key.Key_Home)
    assert (shown.horizontalScrollBar().value(), shown.verticalScrollBar().value()) == (0, 0)


def test_gradients_stand_beside_the_weights_while_training(
    qtbot: QtBot, session: Session, panel: KernelsPanel, digits_folder: Path
) -> None:
    assert panel._table.legends[1].isHidden()
    with qtbot.waitSignal(session.dataset_changed, timeout=LONG):
        session.change_dataset("folder", digits_folder)
    session.step_batch()
    qtbot.waitUntil(lambda: session.run_state is RunState.PAUSED, timeout=LONG)
    gradients = session.gradients["conv_2.weight"]
    assert panel._table.legends[1].isVisible()
    spot = Spot(1, 0, 2, 3, part=1)
    point_at(qtbot, panel, spot)
    assert table(panel).hovered == spot
    assert panel._table.caption().endswith(f"gradient {number_text(float(gradients[1, 0, 2, 3]))}")
    reach = float(np.abs(gradients).max())
    pixel = table(panel).viewport().grab().toImage().pixel(table(panel).cell_rect(spot).topLeft() + QPoint(3, 3))
    assert pixel == int(colours(gradients, -reach, reach, "diverging")[1, 0, 2, 3])
    toggle = panel.findChild(QToolButton, "show_gradients_button")
    assert toggle is not None
    qtbot.mouseClick(toggle, LEFT)
    assert panel._table.legends[1].isHidden()
    assert "gradient" not in panel._table.caption()
    qtbot.mouseClick(toggle, LEFT)
    session.select(DENSE)
    choose(box(panel, "Input channel"), "All channels")
    instead = panel.findChild(QToolButton, "only_gradients_button")
    assert instead is not None
    qtbot.mouseClick(instead, LEFT)
    np.testing.assert_array_equal(mosaic(panel).maps.values.reshape(7, -1), session.gradients["dense_1.weight"])
    assert panel._units.caption().startswith("Gradients of 7 units of 9×9×3")
    session.select(CONV)
    put(session, conv_2__bias=np.zeros(3))
    assert panel._table.legends[1].isHidden()  # they were not those of these weights
    session.select(DENSE)
    np.testing.assert_array_equal(mosaic(panel).maps.values.reshape(7, -1), array(session, DENSE))


def test_batch_norm_and_prelu_show_their_arrays_by_channel(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    put(session, batch_norm_1__running_mean=np.array([0.5, -2, 3]))
    session.select(NORM)
    assert panel._table.caption() == "γ, β, mean, variance of 3 channels."
    point_at(qtbot, panel, Spot(2, 1, 0, 0))
    assert panel._table.caption() == "mean of channel 1:  −2"
    qtbot.mouseClick(table(panel).viewport(), LEFT, pos=table(panel).cell_rect(Spot(2, 1, 0, 0)).center())
    assert panel._pages.currentWidget() is panel._table  # they are no kernels
    session.select(PRELU)
    point_at(qtbot, panel, Spot(0, 0, 0, 0))
    assert panel._table.caption() == "slope of channel 0:  0.3"


def test_the_colour_bar_of_a_batch_norm_says_of_which_row_it_is(
    qtbot: QtBot, session: Session, panel: KernelsPanel
) -> None:
    put(session, batch_norm_1__weight=np.array([1.5, 1, 2]), batch_norm_1__bias=np.array([-0.25, 0, 0.5]))
    session.select(NORM)
    of, bar = panel.findChild(QLabel, "kernel_scale_of"), panel._table.legends[0]
    assert of is not None
    assert of.isVisible()
    assert (of.text(), [text for _, text in bar.labels()]) == ("γ", ["0", "2"])
    QApplication.processEvents()  # the layout
    place = of.geometry()
    point_at(qtbot, panel, Spot(1, 0, 0, 0))
    assert (of.text(), [text for _, text in bar.labels()]) == ("β", ["−0.25", "0", "0.5"])
    assert bar.accessibleDescription().startswith("Colours of β:")
    QApplication.processEvents()
    assert of.geometry() == place
    session.select(CONV)
    assert not of.isVisible()


def test_units_behind_a_flatten_look_at_places_of_its_maps(session: Session, panel: KernelsPanel) -> None:
    session.select(DENSE)
    weights = array(session, DENSE)
    choose(box(panel, "Input channel"), "All channels")
    values = mosaic(panel).maps.values
    assert values.shape == (7, 3, 9, 9)
    assert values[4, 2, 3, 5] == weights[4, 2 * 81 + 3 * 9 + 5]


def test_the_mean_over_channels_is_named_as_such(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    session.select(DENSE)
    choose(box(panel, "Input channel"), "Channel mean")
    mean = array(session, DENSE).reshape(7, 3, 9, 9).mean(axis=1)
    np.testing.assert_allclose(mosaic(panel).maps.values[:, 0], mean)
    point_at_unit(qtbot, panel, 6, 0, 5, 1)
    assert "Unit 6" in panel._units.caption()
    assert "mean of 3 channels, row 5, column 1" in panel._units.caption()
    choose(box(panel, "Input channel"), "Channel 2")
    np.testing.assert_array_equal(mosaic(panel).maps.values[:, 0], array(session, DENSE).reshape(7, 3, 9, 9)[:, 2])


def test_a_unit_behind_a_vector_is_a_row_of_a_matrix(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    session.select(HEAD)
    np.testing.assert_array_equal(mosaic(panel).maps.values[0, 0], array(session, HEAD))
    assert not box(panel, "Input channel").isVisible()
    point_at_unit(qtbot, panel, 0, 0, 8, 3)
    assert panel._units.caption().startswith("Unit 8 (bias")
    assert ", input 3:" in panel._units.caption()


def test_units_with_many_small_channels_begin_with_their_mean(session: Session, panel: KernelsPanel) -> None:
    layers = (Conv2d(filters=128, kernel_size=3), Flatten(), Dense(units=10))
    session.edit("Enlarge", network=Network((1, 8, 8), layers))
    session.select(2)
    assert box(panel, "Input channel").currentText() == "Channel mean"


def test_a_scale_for_each_unit(session: Session, panel: KernelsPanel) -> None:
    session.select(DENSE)
    choose(box(panel, "Input channel"), "All channels")
    whole = [text for _, text in legend(panel).labels()]
    choose(box(panel, "Colour scale"), "Scale: unit")
    own = legend(panel).labels()
    first = array(session, DENSE)[0]
    assert (own[0][1], own[-1][1]) == (number_text(float(first.min()), 3), number_text(float(first.max()), 3))
    assert [text for _, text in own] != whole


@pytest.mark.parametrize(("selected", "name"), [(-1, "conv_1"), (1, "conv_1"), (5, "conv_2"), (7, "dense_1")])
def test_without_arrays_of_its_own_a_layer_shows_the_kernels_before_it(
    session: Session, panel: KernelsPanel, selected: int, name: str
) -> None:
    session.select(HEAD)
    session.select(selected)
    assert box(panel, "Layer").currentText() == name


def test_the_buttons_lead_from_layer_to_layer(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    next_layer = next(button for button in panel.findChildren(QToolButton) if button.accessibleName() == "Next layer")
    for index in (NORM, PRELU, DENSE, HEAD):
        qtbot.mouseClick(next_layer, LEFT)
        assert session.selected == index
    assert not next_layer.isEnabled()


def test_a_network_without_kernels_says_so(session: Session, panel: KernelsPanel) -> None:
    session.edit("Empty", network=Network((1, 8, 8), (Activation(), Flatten())))
    assert table(panel).values is None
    assert table(panel).message.startswith("No layer of this network has kernels")
    assert panel._table.legends[0].labels() == ()


def test_a_layer_behind_a_problem_waits_for_its_weights(session: Session, panel: KernelsPanel) -> None:
    layers = (Conv2d(filters=3, kernel_size=9), Flatten(), Dense(units=10, name="later"))
    session.edit("Break", network=Network((1, 8, 8), layers))
    session.select(2)
    assert table(panel).message == "later gets its weights as soon as the layers before it work."


def test_a_network_whose_weights_wait_says_so(
    session: Session, panel: KernelsPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = "This network has no weights yet."
    monkeypatch.setattr(Session, "lacks_weights", property(lambda _: True))
    monkeypatch.setattr(Session, "waiting", property(lambda _: waits))
    monkeypatch.setattr(Session, "shown_weights", property(lambda _: {}))
    session.computing_changed.emit()
    assert table(panel).message == waits


def test_a_hidden_panel_does_nothing_until_it_is_shown(session: Session, panel: KernelsPanel) -> None:
    before = table(panel).values
    panel.hide()
    put(session, conv_2__weight=2 * array(session, CONV))
    assert table(panel).values is before
    panel.show()
    shown = table(panel).values
    assert shown is not None
    np.testing.assert_array_equal(shown.weights, array(session, CONV))


@pytest.mark.parametrize("selected", [FIRST, CONV, DENSE])
def test_no_text_is_cut_in_a_narrow_dock(session: Session, panel: KernelsPanel, selected: int) -> None:
    panel.resize(450, 320)
    session.select(selected)
    assert panel.width() == 450
    for choices in (child for child in panel.findChildren(QComboBox) if child.isVisible()):
        option = QStyleOptionComboBox()
        choices.initStyleOption(option)
        control, field = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = choices.style().subControlRect(control, option, field, choices).width()
        assert choices.fontMetrics().horizontalAdvance(choices.currentText()) <= room, choices.accessibleName()


@pytest.mark.parametrize(
    ("between", "found"),
    [
        ((Flatten(),), (3, 6, 6)),
        ((Flatten(), Activation(), Dropout()), (3, 6, 6)),
        ((AveragePool(kernel_size=2), Flatten()), (3, 3, 3)),
        ((Flatten(), Dense(units=5)), None),
    ],
)
def test_which_maps_a_dense_layer_sees(between: Any, found: Any) -> None:
    network = Network((1, 8, 8), (Conv2d(filters=3, kernel_size=3), *between, Dense(units=10)))
    assert flattened_maps(network, len(network.layers) - 1) == found
