"""What is said of each kind of layer, and how exact it is."""

from __future__ import annotations

import re

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from convscope.core.arithmetic.breakdowns import (
    ActivationBreakdown,
    BatchNormBreakdown,
    CopyBreakdown,
    DropoutBreakdown,
    PoolingBreakdown,
    SoftmaxBreakdown,
    SwitchedOffBreakdown,
)
from convscope.core.unit import Unit
from convscope.ui.widgets.breakdown_block import TextBlock
from convscope.ui.widgets.breakdown_grids import GridBlock
from convscope.ui.widgets.breakdown_sheet import Sheet, sheet_of
from convscope.ui.widgets.breakdown_view import BreakdownView
from convscope.ui.widgets.number_text import cell_text, number_text

from .made_breakdowns import click, convolution, dense, spot


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


@pytest.mark.parametrize(("size", "unit"), [(1.0, ""), (1e-3, "0.001"), (1e-7, "1·10⁻⁷")])
def test_small_values_of_a_patch_are_told_apart(view: BreakdownView, size: float, unit: str) -> None:
    patch = size * np.array([[2.25, -1.5], [0.75, 3.0]])
    breakdown = PoolingBreakdown(
        unit=Unit(1, (0, 0, 0)),
        computed=float(patch.sum()),
        value=float(patch.sum()),
        bound=0,
        rows=np.arange(2),
        columns=np.arange(2),
        inside=np.ones((2, 2), bool),
        map_shape=(8, 8),
        function="sum",
        patch=patch,
        winner=None,
        total=float(patch.sum()),
        count=4,
    )
    view.show_sheet(sheet_of(breakdown))
    assert view.sheet is not None
    (block,) = view.sheet.blocks
    assert isinstance(block, GridBlock)
    assert block.said.endswith(f"count in {unit}." if unit else "are added.")
    cells = [cell_text(10.0**-block.grid.power * value) for value in patch.ravel()]
    assert len(set(cells)) == 4


@pytest.mark.parametrize("channels", [1, 3, 12, 13, 14, 40])
def test_the_sums_of_all_channels_are_written_as_one(channels: int) -> None:
    breakdown = convolution(channels)
    said = [block.text for block in sheet_of(breakdown).blocks if isinstance(block, TextBlock)]
    if channels == 1:
        assert not said
        return
    sum_text, _, result = said[0].replace("\N{NO-BREAK SPACE}", " ").removeprefix("All channels: ").rpartition(" = ")
    terms = re.sub(r" \([^)]*\)", "", sum_text).replace("−", "-").split(" + ")
    assert len(terms) == (channels if channels <= 13 else 13) + 1
    assert sum(map(float, terms)) == pytest.approx(breakdown.value, rel=1e-4)
    assert result == number_text(breakdown.value)
    assert (f"({channels - 12} smaller channels)" in sum_text) == (channels > 13)


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


def softmax(logits: list[float], asked: int) -> SoftmaxBreakdown:
    exponentials = np.exp(np.array(logits) - max(logits))
    value = float(exponentials[asked] / exponentials.sum())
    return SoftmaxBreakdown(
        unit=Unit(9, (asked,)),
        computed=value,
        value=value,
        bound=1e-7,
        logits=np.array(logits),
        greatest=max(logits),
        exponentials=exponentials,
        total=float(exponentials.sum()),
    )


def test_softmax_names_the_classes_and_leads_to_the_logits(qtbot: QtBot, view: BreakdownView) -> None:
    view.show_sheet(sheet_of(softmax([1.0, 3.0, 2.0], 1), ("cat", "dog", "cow")))
    chosen = []
    view.value_chosen.connect(chosen.append)
    click(qtbot, view, spot(view, "cow: logit 2"))
    assert chosen == [Unit(8, (2,))]
    assert view.sheet is not None
    assert view.sheet.result == "1 ÷ 1.503 (sum) = 0.6652"


def test_of_many_classes_the_one_that_is_asked_for_comes_first_and_then_the_likeliest(view: BreakdownView) -> None:
    logits = np.random.default_rng(0).normal(size=200)
    powers = np.exp(logits - logits.max())
    value = float(powers[51] / powers.sum())
    breakdown = SoftmaxBreakdown(
        unit=Unit(3, (51,)),
        computed=value,
        value=value,
        bound=1e-6,
        logits=logits,
        greatest=float(logits.max()),
        exponentials=powers,
        total=float(powers.sum()),
    )
    view.show_sheet(sheet_of(breakdown))
    order = np.argsort([view.boxes(Unit(2, (number,)))[0].top() for number in range(200)]).tolist()
    assert order == [51, *(number for number in np.argsort(-logits).tolist() if number != 51)]
    for number in order[:3]:
        found = view.spot_at(view.boxes(Unit(2, (number,)))[0].center())
        assert found is not None
        assert found.unit == Unit(2, (number,))


@pytest.mark.parametrize(
    ("logits", "asked", "result"),
    [
        ([13.0, 0.0], 0, "1 ÷ 1.000002 (sum) = 0.9999977"),
        ([13.0, 0.0], 1, "2.260329·10⁻⁶ ÷ 1.000002 (sum) = 2.260324·10⁻⁶"),
        ([16.0, 0.0], 0, "1 ÷ 1.0000001 (sum) = 0.99999989"),
        ([90.0, 0.0], 0, "1 ÷ 1 (sum) = 1"),
    ],
)
def test_a_sum_is_told_from_one_as_long_as_torch_does(
    view: BreakdownView, logits: list[float], asked: int, result: str
) -> None:
    breakdown = softmax(logits, asked)
    assert sheet_of(breakdown).result == result
    view.show_sheet(sheet_of(breakdown, ("cat", "dog")))
    told = view.spot_at(view.boxes(Unit(8, (asked,)))[0].center())
    assert told is not None
    assert told.text.endswith(result.partition(" ")[2].replace(" (sum)", ""))


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


def test_batch_norm_says_whose_mean_it_takes() -> None:
    def said(count: int | None) -> list[str]:
        breakdown = BatchNormBreakdown(
            unit=Unit(1, (0, 0, 0)),
            computed=2.0,
            value=2.0,
            bound=0,
            x=1.0,
            count=count,
            mean=-0.25,
            variance=1.5,
            eps=0.0,
            scale=2.0,
            shift=0.0,
            has_scale=True,
        )
        return [block.text for block in sheet_of(breakdown).blocks if isinstance(block, TextBlock)]

    assert said(None)[-1].startswith("Mean −0.25 and variance 1.5 are the running averages")
    assert said(9216)[-1].startswith("Mean −0.25 and variance 1.5 are those of this channel over the batch: 9,216")
    assert "only this one value" in said(1)[-1]
