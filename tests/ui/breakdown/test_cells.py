"""A breakdown's cells are pointed at, followed and reached by keys, at every size of the view."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from convscope.core.arithmetic.breakdowns import Breakdown, SoftmaxBreakdown
from convscope.core.unit import Unit
from convscope.ui import theme
from convscope.ui.widgets.breakdown_block import Block
from convscope.ui.widgets.breakdown_lists import ContributionsBlock
from convscope.ui.widgets.breakdown_products import ProductsBlock
from convscope.ui.widgets.breakdown_sheet import Sheet, sheet_of
from convscope.ui.widgets.breakdown_view import BreakdownView
from convscope.ui.widgets.number_grid import Look

from .made_breakdowns import click, convolution, dense, move, spot


def test_a_cell_tells_its_value_weight_and_product_and_points_at_the_input(view: BreakdownView) -> None:
    breakdown = convolution()
    view.show_sheet(sheet_of(breakdown))
    hovered = []
    view.value_hovered.connect(hovered.append)
    move(view, spot(view, "Channel 1, row 3, column 5"))
    assert hovered[-1] == Unit(1, (1, 3, 5))
    x, weight = breakdown.patches[1, 0, 2], breakdown.kernels[1, 0, 2]
    assert view.readout == f"Channel 1, row 3, column 5: {x:.4g} × {weight:.4g} = {x * weight:.4g}"
    move(view, QPoint(view.viewport().width() - 2, view.viewport().height() - 2))
    assert (hovered[-1], view.readout) == (None, "")


def test_the_wheel_says_what_has_come_under_the_resting_pointer(
    view: BreakdownView, turn_wheel: Callable[[QWidget], bool]
) -> None:
    view.show_sheet(sheet_of(convolution(channels=12)))
    told = set[str]()
    for _ in range(20):
        turn_wheel(view.viewport())
        found = view.spot_at(QPointF(view.viewport().rect().center()))
        told.add(view.readout)
        assert view.readout == (found.text if found is not None else "")
    assert len(told) > 2


def test_a_click_on_the_patch_follows_the_value_and_one_on_the_kernel_does_not(
    qtbot: QtBot, view: BreakdownView
) -> None:
    view.show_sheet(sheet_of(convolution()))
    chosen = []
    view.value_chosen.connect(chosen.append)
    boxes = view.boxes(Unit(1, (2, 4, 4)))  # the middle cell of patch, kernel and products
    assert len(boxes) == 3
    for box in boxes:
        click(qtbot, view, box.center().toPoint())
    assert chosen == [Unit(1, (2, 4, 4))]


def test_padding_is_no_value(qtbot: QtBot, view: BreakdownView) -> None:
    view.show_sheet(sheet_of(convolution(at=(0, 4))))
    hovered, chosen = [], []
    view.value_hovered.connect(hovered.append)
    view.value_chosen.connect(chosen.append)
    place = spot(view, "Padding")
    move(view, place)
    assert view.readout.startswith("Padding: 0 × ")
    assert view.readout.endswith(" = 0")
    click(qtbot, view, place)
    assert (set(hovered), chosen) <= ({None}, [])


def test_a_value_that_is_pointed_at_elsewhere_is_ringed(view: BreakdownView) -> None:
    view.show_sheet(sheet_of(convolution()))
    told = []
    view.value_hovered.connect(told.append)
    plain = view.viewport().grab().toImage()
    view.show_hovered(Unit(1, (0, 9, 0)))  # not below the window
    assert view.viewport().grab().toImage() == plain
    view.show_hovered(Unit(1, (0, 4, 4)))
    assert view.viewport().grab().toImage() != plain
    view.show_hovered(None)
    assert view.viewport().grab().toImage() == plain
    assert told == []


def test_large_kernels_are_shown_as_colours_and_their_numbers_told(view: BreakdownView) -> None:
    breakdown = convolution(kernel=64)
    view.show_sheet(sheet_of(breakdown))
    for box in view.boxes(Unit(1, (2, 4, 4))):
        assert view.rect().contains(box.center().toPoint())
    found = view.spot_at(view.boxes(Unit(1, (2, 4, 4)))[0].center())
    assert found is not None
    assert found.text.startswith("Channel 2, row 4, column 4: ")


def test_the_keyboard_goes_from_cell_to_cell_and_follows_one(view: BreakdownView) -> None:
    view.show_sheet(sheet_of(convolution()))
    view.setFocus()
    chosen, seen = [], []
    view.value_chosen.connect(chosen.append)
    view.readout_changed.connect(lambda: seen.append(view.readout))
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left):
        QTest.keyClick(view, key, Qt.KeyboardModifier.ShiftModifier)
    assert [text.partition(":")[0] for text in seen] == [
        "Channel 2, row 3, column 3",
        "Channel 2, row 3, column 4",
        "Channel 2, row 4, column 4",
        "Channel 2, row 4, column 3",
    ]
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert chosen == [Unit(1, (2, 4, 3))]


def test_the_keyboard_scrolls_to_the_cell_it_goes_to(view: BreakdownView) -> None:
    view.show_sheet(sheet_of(convolution(12)))
    hovered: list[Unit] = []
    view.value_hovered.connect(hovered.append)
    for _ in range(20):
        QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        assert view.viewport().rect().contains(view.boxes(hovered[-1])[0].toAlignedRect().adjusted(2, 2, -2, -2))
    assert len({unit.index[0] for unit in hovered}) == 7  # three rows of each channel
    assert view.verticalScrollBar().value() > 0


def test_numbers_beyond_all_bounds_can_be_shown(view: BreakdownView) -> None:
    breakdown = dense(16)
    breakdown.products[3], breakdown.products[4], breakdown.inputs[3] = np.nan, np.inf, np.nan
    view.show_sheet(sheet_of(breakdown))
    view.viewport().grab()
    assert view.accessibleDescription() != ""
    assert "This view failed" not in view._failure


def test_a_view_that_fails_says_so_once(view: BreakdownView, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Block):
        height = 50.0

        def paint(self, painter: object, look: object, seen: QRectF) -> None:
            raise RuntimeError("no paint")

    view.show_sheet(Sheet("ConvolutionBreakdown", (Broken(),), "", "", True))
    for _ in range(3):
        view.viewport().grab()
    assert len([record for record in caplog.records if "breakdown" in record.message]) == 1
    assert "is off until another value is shown" in view._failure
    view.show_sheet(sheet_of(convolution()))
    assert view._failure == ""
    caplog.clear()
    view.viewport().grab()
    assert caplog.records == []


def test_any_size_can_be_painted(view: BreakdownView) -> None:
    made: list[Breakdown] = [convolution(20), dense()]
    for width, height in ((160, 60), (300, 900), (1900, 90)):
        view.resize(width, height)
        for breakdown in made:
            view.show_sheet(sheet_of(breakdown))
            assert view.grab().width() == width
    view.show_message("Nothing here.")
    assert view.accessibleDescription() == "Nothing here."


@pytest.mark.parametrize("kernel", [3, 5, 7])
@pytest.mark.parametrize("width", [312, 337, 620, 990])
def test_kernels_up_to_seven_have_their_numbers_at_every_width(view: BreakdownView, width: int, kernel: int) -> None:
    view.resize(width, 500)
    view.show_sheet(sheet_of(convolution(4, kernel=kernel)))
    assert view.sheet is not None
    block = view.sheet.blocks[0]
    assert isinstance(block, ProductsBlock)
    places, room = block.places, view.viewport().width()
    assert places.numbered
    assert places.cell.width() > Look.of(view.font()).number + 3  # two numbers do not touch
    cells = [
        [view.boxes(Unit(1, (3, row, column)))[grid] for row in range(3, 3 + kernel) for column in range(3, 3 + kernel)]
        for grid in range(3)
    ]
    assert all(box.left() >= 0 and box.right() <= room for grid in cells for box in grid)
    hulls = [QRectF(grid[0].topLeft(), grid[-1].bottomRight()) for grid in cells]
    assert not any(one.intersects(other) for one, other in ((hulls[0], hulls[1]), (hulls[1], hulls[2])))
    assert places.sum_box.right() <= room
    assert not places.sum_box.intersects(QRectF(places.corners[2], cells[2][-1].bottomRight() - cells[2][0].topLeft()))


@pytest.mark.parametrize("width", [312, 460])
def test_lists_leave_room_for_numbers_and_bars(view: BreakdownView, width: int) -> None:
    """Nothing is painted beyond the right margin, and the bars can be seen."""
    view.resize(width, 500)
    logits = np.array([10.5, -3.123456, 2.0])
    exponentials = np.exp(logits - 10.5)
    breakdown = SoftmaxBreakdown(
        unit=Unit(9, (1,)),
        computed=0.0,
        value=0.0,
        bound=1.0,
        logits=logits,
        greatest=10.5,
        exponentials=exponentials,
        total=float(exponentials.sum()),
    )
    for sheet in (sheet_of(dense(400)), sheet_of(breakdown, ("Ankle boot", "T-shirt/top", "Dress"))):
        view.show_sheet(sheet)
        picture = view.viewport().grab().toImage()
        edge = {picture.pixel(x, y) for x in range(width - 4, width) for y in range(picture.height())}
        assert edge == {theme.current().base.rgb()}
        inks = {picture.pixelColor(x, y).name() for x in range(width // 2, width) for y in range(picture.height())}
        assert theme.current().border.name() in inks  # the zero of the bars, or their ground


def test_a_ring_goes_with_its_cell_when_the_panel_gets_another_size(view: BreakdownView) -> None:
    view.show_sheet(sheet_of(convolution(3, kernel=5)))
    unit = Unit(1, (2, 4, 4))
    move(view, view.boxes(unit)[0].center().toPoint())
    assert view._rings()
    view.resize(330, 700)
    view.resizeEvent(QResizeEvent(view.size(), view.size()))
    assert {(box.left(), box.top()) for box in view._rings()} == {(box.left(), box.top()) for box in view._boxes(unit)}


def test_a_value_that_the_breakdown_does_not_know_has_no_place(view: BreakdownView) -> None:
    """The pointer may rest on a value of a network whose breakdown has not come yet."""
    probabilities = SoftmaxBreakdown(
        unit=Unit(6, (1,)),
        computed=0.5,
        value=0.5,
        bound=1.0,
        logits=np.zeros(2),
        greatest=0.0,
        exponentials=np.ones(2),
        total=2.0,
    )
    shown: tuple[tuple[Breakdown, Unit], ...] = (
        (convolution(3), Unit(1, (38, 4, 4))),
        (dense(40), Unit(4, (999,))),
        (dense(10), Unit(4, (999,))),
        (probabilities, Unit(5, (9,))),
    )
    for breakdown, unit in shown:
        view.show_sheet(sheet_of(breakdown))
        view.show_hovered(unit)
        view.viewport().grab()
        assert (view.boxes(unit), view._failure) == ([], "")


@pytest.mark.parametrize("width", [330, 460, 620, 990])
@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("size", [1.0, 1e-2, 1e-6, 1e7, float("nan")])
def test_bars_begin_behind_the_longest_sum_that_is_shown(
    qtbot: QtBot, view: BreakdownView, width: int, opened: bool, size: float
) -> None:
    view.resize(width, 500)
    breakdown = dense(41)
    breakdown.inputs[:] = -0.02064 * np.arange(1, 42)
    breakdown.weights[:] *= 0.006141 * size
    breakdown.products[:] = breakdown.inputs * breakdown.weights
    view.show_sheet(sheet_of(breakdown))
    assert view.sheet is not None
    (block,) = view.sheet.blocks
    assert isinstance(block, ContributionsBlock)
    if opened:
        click(qtbot, view, spot(view, "Show every input"))
    look = Look.of(view.font())
    left = 0.0 if block._folded else block._names
    sums = [left + look.width(block._text(number)) for number in block.rows if number >= 0]
    assert max(sums, default=0.0) < block._bars_at
