"""A kernel at work: its maps are torch's, it is typed and painted, and the network answers at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot
from torch.nn import functional

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig
from convscope.core.unit import Unit
from convscope.core.weights import Weights, initial_weights
from convscope.ui import background, theme
from convscope.ui.document import Document
from convscope.ui.panels.kernels import KernelsPanel
from convscope.ui.session import Session
from convscope.ui.widgets.kernel_bench import Bench, KernelBench
from convscope.ui.widgets.kernel_cells import KernelCells
from convscope.ui.widgets.mosaic_layout import Place
from convscope.ui.widgets.number_grid import Look

NETWORK = Network(
    layers=(Conv2d(2, 3, padding="same"), Activation(), Conv2d(3, (3, 4), 2), Flatten(), Dense(10)),
)
FIRST: Weights = initial_weights(NETWORK, 3, "he")
LINE = Drawing((Stroke(((0.3, 0.2), (0.5, 0.8)), 0.08, False),))
OTHER = Drawing((Stroke(((0.8, 0.2), (0.2, 0.8)), 0.08, False),))
CONFIG = TrainingConfig(seed=3, initialisation="he")
LONG = 15_000  # milliseconds; a busy machine may take long to load torch
LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    made = Session(Document(NETWORK, config=CONFIG, drawing=LINE))
    with qtbot.waitSignal(made.trace_changed, timeout=LONG):
        made.start()
    yield made
    made.close()
    assert background.end_all()
    made.deleteLater()


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> KernelsPanel:
    theme.apply(QApplication.instance(), "light")  # pyright: ignore[reportArgumentType]
    widget = KernelsPanel(session, {})
    qtbot.addWidget(widget)
    widget.resize(600, 340)
    with qtbot.waitActive(widget):
        widget.show()
        widget.activateWindow()
    return widget


def opened(panel: KernelsPanel, layer: int, number: int, channel: int) -> KernelBench:
    panel._session.select(layer)
    panel._table.table.kernel_chosen.emit(number, channel)
    return panel._editing.bench


def cells(panel: KernelsPanel) -> KernelCells:
    return panel._editing.bench.cells


def centre(panel: KernelsPanel, row: int, column: int) -> QPoint:
    return cells(panel).cell_rect((row, column)).center().toPoint()


def press(panel: KernelsPanel, name: str) -> None:
    """Choose an entry of one of the tools' menus."""
    action = panel.findChild(QAction, name)
    assert action is not None
    action.trigger()


def paints(panel: KernelsPanel, brush: float) -> None:
    tools = panel._editing.bench.tools
    tools.pen.setChecked(True)
    tools.brush.show_value(brush)
    tools.brush.entered.emit(brush)


def weights(session: Session, layer: str = "conv_1") -> np.ndarray:
    return session.weights[f"{layer}.weight"]


def undo_texts(session: Session) -> list[str]:
    return [session.undo_stack.text(index) for index in range(session.undo_stack.count())]


def shown(view: Any) -> np.ndarray:
    return view.maps.values[0, 0]


def convolved(session: Session, kernel: np.ndarray, number: int = 0) -> np.ndarray:
    """Return what torch makes of the image with a 3×3 kernel for filter `number` of the first layer."""
    image, bias = torch.tensor(session.image)[None], torch.tensor(session.weights["conv_1.bias"][number : number + 1])
    return functional.conv2d(image, torch.tensor(kernel)[None, None], bias, padding=1)[0, 0].numpy()


def test_a_kernel_stands_between_its_maps(session: Session, panel: KernelsPanel) -> None:
    bench = opened(panel, 2, 1, 1)
    np.testing.assert_array_equal(shown(bench.before), session.trace.outputs[1][1])
    np.testing.assert_array_equal(bench.cells.kernel, weights(session, "conv_2")[1, 1])
    np.testing.assert_array_equal(shown(bench.after), session.trace.outputs[2][1])
    assert bench.caption() == "Output map 1 = sum of input ∗ kernel over all 2 channels + bias."
    bench = opened(panel, 0, 1, 0)
    np.testing.assert_array_equal(shown(bench.before), session.image[0])
    np.testing.assert_allclose(shown(bench.after), convolved(session, weights(session)[1, 0], 1), atol=1e-5)
    assert bench.caption() == "Output map 1 = input ∗ kernel + bias."


def test_the_maps_follow_the_pen(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    bench = opened(panel, 0, 0, 0)
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.preview_drawing(OTHER)
    np.testing.assert_array_equal(shown(bench.before), session.image[0])
    np.testing.assert_allclose(shown(bench.after), convolved(session, weights(session)[0, 0]), atol=1e-5)


def test_typed_numbers_go_from_cell_to_cell(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    opened(panel, 0, 1, 0)
    qtbot.mouseClick(cells(panel), LEFT, pos=centre(panel, 0, 2))
    editor = cells(panel).editor
    assert editor.isVisible()
    qtbot.keyClicks(editor, "0,5")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert cells(panel).selected == (1, 0)
    qtbot.keyClicks(editor, "-2")
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    qtbot.keyClick(editor, Qt.Key.Key_Backtab)
    assert (cells(panel).selected, editor.text()) == ((1, 0), "−2")
    np.testing.assert_array_equal(weights(session)[1, 0, 0, 2], np.float32(0.5))
    np.testing.assert_array_equal(weights(session)[1, 0, 1, 0], -2)
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert not editor.isVisible()
    assert panel._editing.layer == "conv_1"
    assert undo_texts(session) == [
        "Change row 0, column 2 in filter 1, channel 0 of conv_1",
        "Change row 1, column 0 in filter 1, channel 0 of conv_1",
    ]
    session.undo_stack.undo()
    session.undo_stack.undo()
    np.testing.assert_array_equal(weights(session), FIRST["conv_1.weight"])
    np.testing.assert_array_equal(cells(panel).kernel, weights(session)[1, 0])


def test_the_network_answers_to_a_typed_number(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    bench = opened(panel, 0, 0, 0)
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        qtbot.keyClicks(cells(panel), "9")
        qtbot.keyClick(cells(panel).editor, Qt.Key.Key_Return)
    assert weights(session)[0, 0, 0, 0] == 9
    np.testing.assert_allclose(shown(bench.after), convolved(session, weights(session)[0, 0]), atol=1e-5)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("much", "The weight must be a number"),
        ("5000", "between -1,000 and 1,000"),
        ("nan", "must be a number"),
        ("-0.321e93457", "between -1,000 and 1,000, not a number too large to be stored."),
    ],
)
def test_wrong_text_is_named_and_changes_nothing(
    qtbot: QtBot, session: Session, panel: KernelsPanel, text: str, reason: str
) -> None:
    bench = opened(panel, 0, 0, 0)
    qtbot.mouseClick(cells(panel), LEFT, pos=centre(panel, 1, 1))
    editor = cells(panel).editor
    qtbot.keyClicks(editor, text)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Tab):
        qtbot.keyClick(editor, key)
        assert reason in bench.caption()
        assert (editor.isVisible(), editor.text(), cells(panel).selected) == (True, text, (1, 1))
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert bench.caption().startswith("Output map")
    assert session.undo_stack.count() == 0
    qtbot.keyClicks(editor, "wrong")
    bench.tools.random.setFocus()
    assert not editor.isVisible()
    assert bench.caption().startswith("Output map")
    assert session.undo_stack.count() == 0


def test_leaving_a_cell_takes_its_number(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    opened(panel, 0, 0, 0)
    qtbot.mouseClick(cells(panel), LEFT, pos=centre(panel, 1, 1))
    qtbot.keyClicks(cells(panel).editor, "4")
    qtbot.mouseClick(cells(panel), LEFT, pos=centre(panel, 2, 2))
    assert weights(session)[0, 0, 1, 1] == 4
    assert cells(panel).selected == (2, 2)


def test_keys_lead_through_the_cells(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    opened(panel, 2, 0, 1)
    assert cells(panel).hasFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(cells(panel), key)
    assert cells(panel).selected == (1, 2)
    qtbot.keyClick(cells(panel), Qt.Key.Key_Delete)
    assert weights(session, "conv_2")[0, 1, 1, 2] == 0
    paints(panel, 2.5)
    qtbot.keyClick(cells(panel), Qt.Key.Key_Space)
    assert weights(session, "conv_2")[0, 1, 1, 2] == 2.5


def test_a_stroke_is_seen_while_it_is_painted_and_is_one_step(
    qtbot: QtBot, session: Session, panel: KernelsPanel
) -> None:
    bench = opened(panel, 0, 0, 0)
    paints(panel, 3.0)
    before = weights(session)
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        qtbot.mousePress(cells(panel), LEFT, pos=centre(panel, 0, 0))
    qtbot.mouseMove(cells(panel), centre(panel, 0, 2))  # so fast that the cell between saw no event
    painted = before[0, 0].copy()
    painted[0] = 3
    np.testing.assert_array_equal(cells(panel).kernel, painted)
    assert weights(session) is before
    expected = convolved(session, painted)
    qtbot.waitUntil(lambda: np.allclose(shown(bench.after), expected, atol=1e-5), timeout=LONG)
    qtbot.mouseRelease(cells(panel), LEFT, pos=centre(panel, 0, 2))
    np.testing.assert_array_equal(weights(session)[0, 0], painted)
    np.testing.assert_array_equal(weights(session)[1], before[1])
    assert undo_texts(session) == ["Paint filter 0, channel 0 of conv_1"]
    session.undo_stack.undo()
    np.testing.assert_array_equal(weights(session), before)


def test_the_right_button_paints_the_negative_and_ctrl_zero(
    qtbot: QtBot, session: Session, panel: KernelsPanel
) -> None:
    opened(panel, 0, 0, 0)
    paints(panel, 1.5)
    qtbot.mouseClick(cells(panel), RIGHT, pos=centre(panel, 2, 0))
    qtbot.mouseClick(cells(panel), LEFT, CTRL, pos=centre(panel, 2, 1))
    assert weights(session)[0, 0, 2, :2].tolist() == [-1.5, 0]
    assert session.undo_stack.count() == 2  # however quickly they follow each other


def test_escape_gives_a_stroke_up(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    bench = opened(panel, 0, 0, 0)
    paints(panel, 3.0)
    before = shown(bench.after).copy()
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        qtbot.mousePress(cells(panel), LEFT, pos=centre(panel, 1, 1))
    assert not np.allclose(shown(bench.after), before)
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        qtbot.keyClick(cells(panel), Qt.Key.Key_Escape)
    qtbot.mouseRelease(cells(panel), LEFT, pos=centre(panel, 1, 1))
    assert session.undo_stack.count() == 0
    np.testing.assert_array_equal(shown(bench.after), before)
    assert panel._editing.layer == "conv_1"  # only another Escape leads back


def test_an_undo_in_the_midst_of_a_stroke_ends_its_preview(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    opened(panel, 0, 0, 0)
    press(panel, "known_sharpen")
    paints(panel, 3.0)
    qtbot.mousePress(cells(panel), LEFT, pos=centre(panel, 1, 1))
    session.undo_stack.undo()
    qtbot.mouseRelease(cells(panel), LEFT, pos=centre(panel, 1, 1))
    np.testing.assert_array_equal(cells(panel).kernel, weights(session)[0, 0])


def test_the_identity_hands_the_input_on(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    bench = opened(panel, 0, 1, 0)
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        press(panel, "known_identity")
    np.testing.assert_allclose(shown(bench.after), session.image[0] + session.weights["conv_1.bias"][1], atol=1e-6)
    assert undo_texts(session) == ["Put “Identity” into filter 1, channel 0 of conv_1"]
    assert bench.tools.target.isHidden()  # a filter of one kernel


def test_a_known_filter_for_one_channel_alone(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    bench = opened(panel, 2, 2, 1)
    assert bench.tools.target.isVisible()
    bench.tools.target.setCurrentIndex(1)
    press(panel, "known_box_blur")
    assert not weights(session, "conv_2")[2, 0].any()
    np.testing.assert_allclose(weights(session, "conv_2")[2, 1, :, :3], 1 / 9)
    np.testing.assert_array_equal(weights(session, "conv_2")[:2], FIRST["conv_2.weight"][:2])


def test_a_kernel_of_one_pixel_is_offered_the_identity_only(session: Session, panel: KernelsPanel) -> None:
    session.edit("Shrink", network=Network(layers=(Conv2d(4, 1), Flatten(), Dense(10))))
    bench = opened(panel, 0, 0, 0)
    assert [action.text() for action in bench.tools.known.menu().actions()] == ["Identity"]


def test_random_weights_and_the_ways_back(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    first = weights(session)[1, 0]
    opened(panel, 0, 1, 0)
    press(panel, "known_sharpen")
    panel._table.table.kernel_chosen.emit(0, 0)
    panel._table.table.kernel_chosen.emit(1, 0)  # opened anew, as it is now
    sharpen = weights(session)[1, 0].copy()
    button = panel.findChild(QToolButton, "kernel_randomise_button")
    assert button is not None
    qtbot.mouseClick(button, LEFT)
    drawn = weights(session)[1, 0]
    assert not np.array_equal(drawn, sharpen)
    assert np.abs(drawn).max() <= 1 / 3
    press(panel, "restore_opened")
    np.testing.assert_array_equal(weights(session)[1, 0], sharpen)
    press(panel, "restore_initial")
    np.testing.assert_array_equal(weights(session)[1, 0], first)
    assert undo_texts(session)[1:] == [
        "Randomise filter 1, channel 0 of conv_1",
        *["Restore filter 1, channel 0 of conv_1"] * 2,
    ]


def test_the_bias_is_typed(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    bench = opened(panel, 0, 1, 0)
    bench.bias.setFocus()
    bench.bias.selectAll()
    qtbot.keyClicks(bench.bias, "0.25")
    qtbot.keyClick(bench.bias, Qt.Key.Key_Return)
    assert session.weights["conv_1.bias"][1] == 0.25
    assert undo_texts(session) == ["Change bias of filter 1 of conv_1"]
    qtbot.keyClicks(bench.bias, "much")
    assert "The bias must be a number" in bench.caption()


def test_a_layer_without_bias_shows_none(session: Session, panel: KernelsPanel) -> None:
    session.edit("Drop", network=NETWORK.replaced(0, NETWORK.layers[0].changed(bias=False)))
    bench = opened(panel, 0, 1, 0)
    assert bench.bias.isHidden()
    assert bench.caption() == "Output map 1 = input ∗ kernel."


def test_steppers_lead_to_other_kernels_and_stop_at_the_last(session: Session, panel: KernelsPanel) -> None:
    opened(panel, 2, 0, 0)
    panel._head._number.stepBy(1)
    panel._head._channel.stepBy(1)
    assert panel._editing.kernel == (1, 1)
    panel._head._number.stepBy(9)
    assert panel._editing.kernel == (2, 1)
    np.testing.assert_array_equal(cells(panel).kernel, weights(session, "conv_2")[2, 1])


def test_pointing_at_an_output_shows_what_it_sees_of_the_input(
    qtbot: QtBot, session: Session, panel: KernelsPanel
) -> None:
    bench = opened(panel, 2, 1, 0)
    bench.after.repaint()
    spot = Place(0, 0, 3, 4)
    qtbot.mouseMove(bench.after, bench.after.cell_rect(spot).center().toPoint())
    assert session.inspection.hovered == Unit(2, (1, 3, 4))
    region = bench.before.marks.region
    assert region is not None
    assert np.flatnonzero(region.rows).tolist() == [6, 7, 8]
    assert np.flatnonzero(region.columns).tolist() == [8, 9, 10, 11]
    assert bench.caption().startswith("Output map 1, row 3, column 4:")
    qtbot.mouseClick(bench.after, LEFT, pos=bench.after.cell_rect(spot).center().toPoint())
    assert session.inspection.pinned == Unit(2, (1, 3, 4))
    assert bench.after.marks.pinned == spot
    qtbot.mouseMove(bench.before, bench.before.cell_rect(Place(0, 0, 0, 0)).center().toPoint())
    assert session.inspection.hovered == Unit(1, (0, 0, 0))


def test_pointing_at_a_weight_tells_it(qtbot: QtBot, session: Session, panel: KernelsPanel) -> None:
    bench = opened(panel, 0, 0, 0)
    qtbot.mouseMove(cells(panel), centre(panel, 2, 1))
    assert bench.caption().startswith("Row 2, column 1:")


def test_a_kernel_that_has_gone_leads_back_to_the_table(session: Session, panel: KernelsPanel) -> None:
    opened(panel, 2, 2, 1)
    session.edit("Narrow", network=NETWORK.replaced(2, Conv2d(2, (3, 4), 2)))
    assert panel._editing.layer == ""
    assert panel._pages.currentWidget() is panel._table
    opened(panel, 2, 1, 1)
    session.edit("Change", network=session.network.replaced(4, Dense(10, bias=False)))
    assert panel._editing.layer == "conv_2"  # it is still there
    session.select(4)
    assert panel._editing.layer == ""


def test_a_layer_can_go_while_its_kernel_is_open_and_its_values_are_pointed_at(
    session: Session, panel: KernelsPanel
) -> None:
    opened(panel, 2, 1, 1)
    session.inspection.hover(Unit(2, (1, 2, 3)))
    session.inspection.pin(Unit(4, (3,)))
    session.edit("Remove", network=NETWORK.removed(2))
    assert panel._editing.layer == ""
    assert panel._pages.currentWidget() is not panel._editing


def test_a_layer_that_is_off_says_so(session: Session, panel: KernelsPanel) -> None:
    bench = opened(panel, 2, 1, 1)
    session.edit("Switch off", network=session.network.toggled(2))
    assert bench.after.accessibleDescription() == "conv_2 is switched off."


def test_the_tools_leave_the_maps_the_most_room(session: Session, panel: KernelsPanel) -> None:
    bench = opened(panel, 2, 1, 1)
    bench.tools.pen.setChecked(True)
    for size, beside in (((600, 230), True), ((450, 320), False), ((600, 420), False)):
        panel.resize(*size)
        QApplication.processEvents()
        assert (panel.width(), panel.height()) == size
        assert (bench.tools.x() > bench.after.x()) is beside
        assert (bench.tools.geometry().bottom() < bench.after.y()) is not beside


@pytest.mark.parametrize("side", [5, 7])
def test_numbers_of_large_kernels_have_room_between_the_maps(qtbot: QtBot, side: int) -> None:
    bench = KernelBench()
    qtbot.addWidget(bench)
    kernel = np.linspace(-0.4, 0.4, side * side, dtype=np.float32).reshape(side, side)
    maps = np.ones((28, 28), np.float32)
    bench.resize(447, 260)
    bench.show()
    bench.show_bench(Bench(0, 0, 1, kernel, 0.1, maps, maps))
    qtbot.waitUntil(lambda: bench.cells.cell_rect((0, 0)).width() >= Look.of(bench.font()).number_cell)
    assert min(bench.before.width(), bench.after.width()) >= 50
    box = bench.cells.cell_rect((side - 1, side - 1))
    assert bench.cells.rect().toRectF().contains(box)
    assert bench.cells.cell_at(box.center()) == (side - 1, side - 1)
    picture = bench.cells.grab().toImage().copy(bench.cells.cell_rect((0, 0)).adjusted(6, 2, -6, -2).toRect())
    colours = {picture.pixel(x, y) for x in range(picture.width()) for y in range(picture.height())}
    assert len(colours) > 1  # a number is written on the colour
