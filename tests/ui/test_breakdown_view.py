"""A breakdown can be pointed at, followed and scrolled, however many channels it has."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from convscope.core.arithmetic.breakdowns import (
    ActivationBreakdown,
    BatchNormBreakdown,
    Breakdown,
    ConvolutionBreakdown,
    CopyBreakdown,
    DenseBreakdown,
    DropoutBreakdown,
    PoolingBreakdown,
    SoftmaxBreakdown,
    SwitchedOffBreakdown,
)
from convscope.core.unit import Unit
from convscope.ui import theme
from convscope.ui.widgets.breakdown_block import Block, TextBlock
from convscope.ui.widgets.breakdown_products import SHOWN, ProductsBlock
from convscope.ui.widgets.breakdown_sheet import Sheet, sheet_of
from convscope.ui.widgets.breakdown_view import BreakdownView
from convscope.ui.widgets.number_grid import Look

LEFT = Qt.MouseButton.LeftButton


def convolution(channels: int = 3, at: tuple[int, int] = (4, 4), kernel: int = 3) -> ConvolutionBreakdown:
    """Return a value whose channels contribute the more the higher their number; the window hangs over row 0 − 1."""
    random = np.random.default_rng(channels)
    rows, columns = np.arange(kernel) + at[0] - 1, np.arange(kernel) + at[1] - 1
    inside = np.outer((rows >= 0) & (rows < 9), (columns >= 0) & (columns < 9))
    patches = np.where(inside, random.random((channels, kernel, kernel)) + 0.1, 0)
    kernels = (random.random((channels, kernel, kernel)) + 0.1) * (np.arange(channels) + 1)[:, None, None]
    products = patches * kernels
    sums = products.sum(axis=(1, 2))
    value = float(sums.sum()) + 0.5
    return ConvolutionBreakdown(
        unit=Unit(2, (7, *at)),
        computed=value,
        value=value,
        bound=1e-6,
        rows=rows,
        columns=columns,
        inside=inside,
        map_shape=(9, 9),
        patches=patches,
        kernels=kernels,
        products=products,
        channel_sums=sums,
        bias=0.5,
    )


def dense(count: int = 40) -> DenseBreakdown:
    inputs, weights = np.ones(count), np.linspace(-1, 1.2, count)
    value = float(weights.sum())
    return DenseBreakdown(
        unit=Unit(5, (3,)),
        computed=value,
        value=value,
        bound=1e-6,
        inputs=inputs,
        weights=weights,
        products=inputs * weights,
        bias=None,
        maps_shape=(count // 4, 2, 2) if count % 4 == 0 else None,
    )


@pytest.fixture
def view(qtbot: QtBot) -> BreakdownView:
    widget = BreakdownView()
    qtbot.addWidget(widget)
    widget.resize(620, 240)
    widget.show()
    return widget


def spot(view: BreakdownView, text: str) -> QPoint:
    """Return where something lies that says `text`."""
    for y in range(0, view.viewport().height(), 4):
        for x in range(0, view.viewport().width(), 4):
            found = view.spot_at(QPointF(x, y))
            if found is not None and text in found.text:
                return QPoint(x, y)
    raise AssertionError(f"Nothing says {text!r}")


def move(view: BreakdownView, place: QPoint) -> None:
    QTest.mouseMove(view.viewport(), QPoint(1, 1))
    QTest.mouseMove(view.viewport(), place)


def click(qtbot: QtBot, view: BreakdownView, place: QPoint) -> None:
    qtbot.mouseClick(view.viewport(), LEFT, pos=place)


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


def test_of_many_channels_the_largest_come_first_and_all_can_be_shown(qtbot: QtBot, view: BreakdownView) -> None:
    breakdown = convolution(512)
    view.show_sheet(sheet_of(breakdown))
    assert view.sheet is not None
    block = view.sheet.blocks[0]
    assert isinstance(block, ProductsBlock)
    assert block.shown == SHOWN
    first = view.spot_at(view.boxes(Unit(1, (int(breakdown.order[0]), 4, 4)))[0].center())
    assert first is not None
    assert view.boxes(Unit(1, (int(breakdown.order[400]), 4, 4))) == []
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    click(qtbot, view, spot(view, "Show every channel"))
    assert view.opened
    assert block.shown == 512
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    last = Unit(1, (int(breakdown.order[-1]), 4, 4))
    assert view.viewport().rect().contains(view.boxes(last)[0].center().toPoint())
    view.show_sheet(sheet_of(convolution(512, at=(5, 5))))  # the same layer: opened, and at the same place
    assert view.opened
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum() > 25_000
    click(qtbot, view, spot(view, "Show every channel"))
    assert not view.opened


def test_what_the_other_channels_add_is_said(view: BreakdownView) -> None:
    breakdown = convolution(40)
    block = ProductsBlock(breakdown)
    block.fit(Look.of(view.font()), 600)
    rest = breakdown.channel_sums[breakdown.order[SHOWN:]].sum()
    assert f"{40 - SHOWN} smaller channels add {rest:.4g} together" in block._rest_text(False)


def test_only_what_can_be_seen_is_painted(qtbot: QtBot, view: BreakdownView, monkeypatch: pytest.MonkeyPatch) -> None:
    painted = []
    paint = ProductsBlock._paint_row
    monkeypatch.setattr(ProductsBlock, "_paint_row", lambda *call: (painted.append(call[-1]), paint(*call)))
    view.show_sheet(sheet_of(convolution(512)))
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    click(qtbot, view, spot(view, "Show every channel"))
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    painted.clear()
    view.viewport().repaint()
    assert 2 <= len(painted) <= 6
    assert 200 < min(painted) < max(painted) < 300


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


def test_pools_name_their_winner_and_leave_the_padding_out(view: BreakdownView) -> None:
    patch = np.array([[np.nan, np.nan], [0.25, 0.75]])
    breakdown = PoolingBreakdown(
        unit=Unit(1, (3, 0, 2)),
        computed=0.75,
        value=0.75,
        bound=0,
        rows=np.array([-1, 0]),
        columns=np.array([2, 3]),
        inside=~np.isnan(patch),
        map_shape=(8, 8),
        function="max",
        patch=patch,
        winner=(1, 1),
        total=0.75,
        count=2,
    )
    view.show_sheet(sheet_of(breakdown))
    spot(view, "Padding: does not count")
    found = view.spot_at(view.boxes(Unit(0, (3, 0, 3)))[0].center())
    assert found is not None
    assert (found.text, found.wish) == ("Channel 3, row 0, column 3: 0.75", "pin")
    assert view.sheet is not None
    assert view.sheet.result == "max of 2 values = 0.75"


def test_a_dense_unit_shows_its_weights_as_images_and_its_greatest_contributions(
    qtbot: QtBot, view: BreakdownView
) -> None:
    view.resize(620, 500)
    view.show_sheet(sheet_of(dense()))
    boxes = view.boxes(Unit(4, (39,)))  # input, weight and product as pixels, and its line below
    assert len(boxes) == 4
    found = view.spot_at(boxes[-1].center())
    assert found is not None
    assert found.text == "map 9, row 1, column 1: 1 × 1.2 = 1.2"
    assert boxes[-1].top() < view.boxes(Unit(4, (0,)))[-1].top()  # positive ones above, negative ones below
    assert len(view.boxes(Unit(4, (20,)))) == 3  # neither: it has no line
    click(qtbot, view, spot(view, "Show every input"))
    assert len(view.boxes(Unit(4, (20,)))) == 4
    chosen = []
    view.value_chosen.connect(chosen.append)
    click(qtbot, view, view.boxes(Unit(4, (36,)))[0].center().toPoint())
    assert chosen == [Unit(4, (36,))]


def test_a_dense_unit_behind_a_vector_has_no_images(view: BreakdownView) -> None:
    view.show_sheet(sheet_of(dense(10)))
    found = view.spot_at(view.boxes(Unit(4, (9,)))[0].center())
    assert found is not None
    assert found.text.startswith("input 9: ")


def test_a_copy_leads_to_its_origin(qtbot: QtBot, view: BreakdownView) -> None:
    origin = Unit(3, (1, 2, 2))
    view.show_sheet(
        sheet_of(CopyBreakdown(unit=Unit(4, (9,)), computed=0.5, value=0.5, bound=0, origin=origin, reason="flatten"))
    )
    chosen = []
    view.value_chosen.connect(chosen.append)
    click(qtbot, view, spot(view, "came from"))
    assert chosen == [origin]


def test_dropout_tells_its_fate_in_training_and_what_training_would_do_otherwise() -> None:
    def dropout(kept: bool | None, value: float) -> Sheet:
        unit = Unit(2, (0, 1, 1))
        return sheet_of(
            DropoutBreakdown(unit=unit, computed=value, value=value, bound=0, x=0.3, rate=0.25, mode="units", kept=kept)
        )

    assert dropout(True, 0.4).result == "0.3 × 1.333 = 0.4"
    assert dropout(False, 0.0).result == "0.3 × 0 = 0"
    assert dropout(None, 0.3).result == "0.3 passes unchanged"


def test_a_map_that_is_switched_off_says_what_it_would_be(view: BreakdownView) -> None:
    unit = Unit(2, (3, 1, 1))
    sheet = sheet_of(SwitchedOffBreakdown(unit=unit, computed=0.0, value=0.0, bound=0.0, otherwise=0.75))
    view.show_sheet(sheet)
    block = sheet.blocks[0]
    assert isinstance(block, TextBlock)
    assert block.text.startswith("Map 3 is switched off")
    assert "0.75" in block.text
    assert sheet.result == "0.75 is replaced by 0"


def test_a_kink_and_a_jump_have_their_say_about_the_slope(view: BreakdownView) -> None:
    x = np.linspace(-2, 2, 50)
    breakdown = ActivationBreakdown(
        unit=Unit(1, (0, 0, 0)),
        computed=1.0,
        value=1.0,
        bound=0,
        function="binary_step",
        x=0.0,
        parameter=None,
        is_drawn=False,
        slope=np.nan,
        curve_x=x,
        curve_y=(x >= 0).astype(float),
    )
    view.show_sheet(sheet_of(breakdown))
    spot(view, "none: the curve jumps here")
    assert view.sheet is not None
    assert view.sheet.result == "Binary step(0) = 1"


def test_softmax_names_the_classes_and_leads_to_the_logits(qtbot: QtBot, view: BreakdownView) -> None:
    logits = np.array([1.0, 3.0, 2.0])
    exponentials = np.exp(logits - 3)
    value = float(exponentials[1] / exponentials.sum())
    breakdown = SoftmaxBreakdown(
        unit=Unit(9, (1,)),
        computed=value,
        value=value,
        bound=1e-7,
        logits=logits,
        greatest=3.0,
        exponentials=exponentials,
        total=float(exponentials.sum()),
    )
    view.show_sheet(sheet_of(breakdown, ("cat", "dog", "cow")))
    chosen = []
    view.value_chosen.connect(chosen.append)
    click(qtbot, view, spot(view, "cow: logit 2"))
    assert chosen == [Unit(8, (2,))]
    assert view.sheet is not None
    assert view.sheet.result == "1 ÷ 1.503 (sum) = 0.6652"


@pytest.mark.parametrize(
    ("computed", "text", "agrees"),
    [
        (0.5, "exactly the same", True),
        (0.50000003, "off by 3·10⁻⁸: only rounding", True),
        (0.6, "off by 0.1: more than rounding explains", False),
        (float("nan"), "not a number", False),
    ],
)
def test_the_residual_is_judged(computed: float, text: str, agrees: bool) -> None:
    sheet = sheet_of(
        CopyBreakdown(
            unit=Unit(1, (0,)), computed=computed, value=0.5, bound=1e-6, origin=Unit(0, (0,)), reason="flatten"
        )
    )
    assert text in sheet.exactness
    assert sheet.agrees is agrees


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

    view.show_sheet(Sheet("Broken", (Broken(),), "", "", True))
    for _ in range(3):
        view.viewport().grab()
    assert len([record for record in caplog.records if "breakdown" in record.message]) == 1
    view.show_sheet(sheet_of(convolution()))
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


def test_batch_norm_says_whose_mean_it_takes() -> None:
    def said(count: int | None) -> list[str]:
        breakdown = BatchNormBreakdown(
            unit=Unit(1, (0, 0, 0)),
            computed=2.0,
            value=2.0,
            bound=0,
            x=1.0,
            count=count,
            mean=0.0,
            variance=1.0,
            eps=0.0,
            scale=2.0,
            shift=0.0,
            has_scale=True,
        )
        return [block.text for block in sheet_of(breakdown).blocks if isinstance(block, TextBlock)]

    assert "running averages" in said(None)[-1]
    assert "over the batch: 9,216 values" in said(9216)[-1]
    assert "only this one value" in said(1)[-1]


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


def test_channels_may_keep_an_order_that_is_not_that_of_their_sums(view: BreakdownView) -> None:
    breakdown = convolution(40)
    order = np.arange(40)
    view.show_sheet(sheet_of(breakdown, order=order))
    tops = [view.boxes(Unit(1, (channel, 4, 4)))[0].top() for channel in range(SHOWN)]
    assert tops == sorted(tops)
    block = ProductsBlock(breakdown, order=order)
    block.fit(Look.of(view.font()), 600)
    rest = breakdown.channel_sums[SHOWN:].sum()
    assert f"{40 - SHOWN} other channels add {rest:.4g} together" in block._rest_text(False)
