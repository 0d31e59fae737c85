"""What is shown of a breakdown: its blocks from top to bottom, the result in one line, and how exact it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from convscope.core.arithmetic.breakdowns import (
    ActivationBreakdown,
    BatchNormBreakdown,
    Breakdown,
    ConvolutionBreakdown,
    CopyBreakdown,
    DenseBreakdown,
    DropoutBreakdown,
    GlobalAverageBreakdown,
    PixelBreakdown,
    PoolingBreakdown,
    SoftmaxBreakdown,
    SwitchedOffBreakdown,
    Whole,
)
from convscope.core.layers.activations import FUNCTIONS
from convscope.core.number_text import digits_of_terms
from convscope.core.unit import Unit
from convscope.ui.colour_maps import ColourScale
from convscope.ui.widgets.breakdown_block import BesideBlock, Block, Step, StepsBlock, TextBlock
from convscope.ui.widgets.breakdown_grids import GridBlock
from convscope.ui.widgets.breakdown_images import WeightImagesBlock
from convscope.ui.widgets.breakdown_lists import ContributionsBlock, SoftmaxBlock, sum_digits
from convscope.ui.widgets.breakdown_products import ProductsBlock
from convscope.ui.widgets.curve_view import CurveBlock
from convscope.ui.widgets.number_text import number_text

_COPIES = {
    "flatten": "Flatten lays all maps out as one vector, channel by channel, row by row. The value stays what it was.",
    "reshape": "Reshape reads the same values in another shape. The value stays what it was.",
    "prediction": "The last layer's value is the prediction: the squared error compares it with the target as it is.",
    "switched off": "This layer is switched off: every value passes unchanged.",
}
_STEPS_WIDTH = 250.0  # pixels beside a curve
_TERMS = 12  # channels whose sums are written out one by one
_WINNERS = {"max": "the greatest", "min": "the least"}


@dataclass(frozen=True, eq=False)
class Sheet:
    """A breakdown, ready to be shown.

    Attributes:
        kind: What the layer does; of two sheets of one kind the scroll position is kept.
        blocks: From top to bottom.
        result: The last step, that gives the value.
        exactness: What torch computed, and how far that is from it.
        agrees: Whether rounding explains the difference.
    """

    kind: str
    blocks: tuple[Block, ...]
    result: str
    exactness: str
    agrees: bool


def sheet_of(
    breakdown: Breakdown,
    class_names: Sequence[str] = (),
    *,
    scale: ColourScale | None = None,
    order: Whole | None = None,
) -> Sheet:
    """Return what is shown of a breakdown.

    Args:
        breakdown: What is shown.
        class_names: Those of the probabilities.
        scale: What the colours of the layer's input stand for; None for a scale of what is shown alone.
        order: A convolution's channels from first to last; None for those that contribute most first.
    """
    blocks, result = _parts(breakdown, class_names, scale, order)
    return Sheet(type(breakdown).__name__, blocks, result, exactness_text(breakdown), breakdown.is_rounding)


def exactness_text(breakdown: Breakdown) -> str:
    """Return what torch computed, and whether rounding explains how far the steps are from it."""
    computed = f"PyTorch: {number_text(breakdown.computed, 7)}"
    if isinstance(breakdown, PixelBreakdown):
        return f"The network sees {number_text(breakdown.computed, 7)}."
    if breakdown.residual == 0:
        return f"{computed}, exactly the same."
    if breakdown.is_rounding:
        if not np.isfinite(breakdown.residual):
            return f"{computed}, like the steps."
        return f"{computed}, off by {number_text(breakdown.residual, 2)}: only rounding."
    return f"{computed}, off by {number_text(breakdown.residual, 3)}: more than rounding explains."


def unit_place(unit: Unit) -> str:
    """Return where in its layer a value lies, in words."""
    if len(unit.index) == 3:
        channel, row, column = unit.index
        return f"map {channel}, row {row}, column {column}"
    return f"unit {unit.index[0]}"


def _parts(
    breakdown: Breakdown, class_names: Sequence[str], scale: ColourScale | None, order: Whole | None
) -> tuple[tuple[Block, ...], str]:
    match breakdown:
        case ConvolutionBreakdown():
            result = _sum_text(breakdown, len(breakdown.channel_sums), "channel")
            return (ProductsBlock(breakdown, scale, order), *_channel_sum(breakdown)), result
        case PoolingBreakdown():
            return _pooling(breakdown, scale)
        case GlobalAverageBreakdown():
            return _global_average(breakdown, scale)
        case BatchNormBreakdown():
            return _batch_norm(breakdown)
        case ActivationBreakdown():
            return _activation(breakdown)
        case DropoutBreakdown():
            return _dropout(breakdown)
        case DenseBreakdown():
            images = (WeightImagesBlock(breakdown),) if breakdown.maps_shape is not None else ()
            return (*images, ContributionsBlock(breakdown)), _sum_text(breakdown, len(breakdown.inputs), "product")
        case SoftmaxBreakdown():
            return _softmax(breakdown, class_names)
        case CopyBreakdown():
            return _copy(breakdown)
        case SwitchedOffBreakdown():
            return _switched_off(breakdown)
        case _:
            return (TextBlock("A value of the image: nothing made it but the pen."),), f"= {_n(breakdown.value)}"


def _sum_text(breakdown: ConvolutionBreakdown | DenseBreakdown, count: int, what: str) -> str:
    bias = breakdown.bias
    total = breakdown.value - (bias or 0.0)
    summed = f"{_n(total)} ({count:,} {what}{'s' * (count != 1)})"
    if bias is None:
        return f"{summed}, no bias = {_n(breakdown.value)}"
    return f"{summed} {_signed(bias)} (bias) = {_n(breakdown.value)}"


def _channel_sum(b: ConvolutionBreakdown) -> tuple[Block, ...]:
    """Return all channels' sums as one, of many channels those that contribute most; of a single one nothing."""
    if len(b.channel_sums) == 1:
        return ()
    count = len(b.order) if len(b.order) <= _TERMS + 1 else _TERMS  # a single one that is left is written, too
    terms, rest = b.channel_sums[b.order[:count]].tolist(), b.channel_sums[b.order[count:]]
    others = [float(rest.sum())] * bool(len(rest))
    bias = [] if b.bias is None else [b.bias]
    digits = digits_of_terms(b.value, *terms, *others, *bias)
    first, *more = (number_text(term, digits) for term in terms)
    written = first + "".join(map(_added, more))
    written += "".join(f"{_added(number_text(term, digits))} ({len(rest):,} smaller channels)" for term in others)
    written += "".join(f"{_added(number_text(term, digits))} (bias)" for term in bias)
    return (TextBlock(f"All channels: {written} =\N{NO-BREAK SPACE}{_n(b.value)}"),)


def _added(text: str) -> str:
    """Return a number as a term that follows others."""
    return f" −\N{NO-BREAK SPACE}{text[1:]}" if text.startswith("−") else f" +\N{NO-BREAK SPACE}{text}"


def _pooling(b: PoolingBreakdown, scale: ColourScale | None) -> tuple[tuple[Block, ...], str]:
    if b.function in _WINNERS:
        words = f"Of {b.count} values {_WINNERS[b.function]} is kept: {_n(b.value)}. The others are forgotten."
        result = f"{b.function} of {b.count} values = {_n(b.value)}"
    elif b.function == "sum":
        words = f"All {b.count} values are added."
        result = f"sum of {b.count} values = {_n(b.value)}"
    else:
        words = f"The sum of {b.count} values is {_n(b.total)}; divided by their number it is their mean."
        result = f"{_n(b.total)} ÷ {b.count} = {_n(b.value)}"
    if not b.inside.all():
        words += " Padding does not count."
    block = GridBlock(
        b.patch,
        words,
        layer=b.unit.layer - 1,
        channel=b.unit.index[0],
        rows=b.rows,
        columns=b.columns,
        inside=b.inside,
        winner=b.winner,
        scale=scale,
    )
    return (block,), result


def _global_average(b: GlobalAverageBreakdown, scale: ColourScale | None) -> tuple[tuple[Block, ...], str]:
    rows, columns = b.values.shape
    block = GridBlock(
        b.values,
        f"All {rows * columns:,} values of map {b.unit.index[0]} are added; their mean stands for the whole map.",
        layer=b.unit.layer - 1,
        channel=b.unit.index[0],
        rows=np.arange(rows),
        columns=np.arange(columns),
        scale=scale,
    )
    return (block,), f"{_n(b.total)} (sum) ÷ {rows * columns:,} = {_n(b.value)}"


def _batch_norm(b: BatchNormBreakdown) -> tuple[tuple[Block, ...], str]:
    scale = "" if b.has_scale else "  (this layer learns no scale)"
    steps = (
        Step("x", _n(b.x), _before(b)),
        Step("x − mean", f"{_n(b.x)} {_minus(b.mean)} = {_n(b.x - b.mean)}"),
        Step("√(variance + ε)", f"√({_n(b.variance)} + {_n(b.eps)}) = {_n(b.deviation)}"),
        Step("normalised", f"{_n(b.x - b.mean)} ÷ {_n(b.deviation)} = {_n(b.normalised)}"),
        Step("· γ", f"{_n(b.normalised)} · {_n(b.scale)} = {_n(b.normalised * b.scale)}{scale}"),
        Step("+ β", f"{_n(b.normalised * b.scale)} {_signed(b.shift)} = {_n(b.value)}", strong=True),
    )
    result = f"({_n(b.x)} {_minus(b.mean)}) ÷ {_n(b.deviation)} · {_n(b.scale)} {_signed(b.shift)} = {_n(b.value)}"
    return (
        TextBlock("(x − mean) ÷ √(variance + ε) · γ + β"),
        StepsBlock(steps),
        TextBlock(_averages(b), muted=True),
    ), result


def _averages(b: BatchNormBreakdown) -> str:
    both = f"Mean {_n(b.mean)} and variance {_n(b.variance)}"
    if b.count is None:
        return f"{both} are the running averages of this channel over the training batches."
    if b.count == 1:
        return "The batch has only this one value of the channel, so it is its own mean, and there is no variance."
    return f"{both} are those of this channel over the batch: {b.count:,} values, this one among them."


def _activation(b: ActivationBreakdown) -> tuple[tuple[Block, ...], str]:
    name = FUNCTIONS.get(b.function, b.function)
    what = "drawn slope" if b.is_drawn else "parameter"
    parameter = "" if b.parameter is None else f", {what} {_n(b.parameter)}"
    slope = "none: the curve jumps here" if np.isnan(b.slope) else _n(b.slope)
    steps = (
        Step("x", _n(b.x), _before(b)),
        Step("f", f"{name}{parameter}"),
        Step("f(x)", _n(b.value), strong=True),
        Step("slope f′(x)", slope),
    )
    beside = BesideBlock(CurveBlock(b), StepsBlock(steps), left_width=CurveBlock.width, right_width=_STEPS_WIDTH)
    note = TextBlock("On its way back the gradient is multiplied by the slope.", muted=True)
    return (beside, note), f"{name}({_n(b.x)}) = {_n(b.value)}"


def _dropout(b: DropoutBreakdown) -> tuple[tuple[Block, ...], str]:
    what = "whole map" if b.mode == "maps" else "value"
    chance = f"{100 * b.rate:.3g} %"
    factor = f"1 ÷ (1 − {_n(b.rate)}) = {_n(b.factor)}"
    if b.kept is None:
        words = (
            f"Outside training all values pass unchanged. In every training step each {what} would be set to 0 with "
            f"a probability of {chance}; those that are kept would be multiplied by {factor}, "
            "so that their sum stays the same on average."
        )
        return (TextBlock(words), StepsBlock((Step("x", _n(b.x), _before(b)),))), f"{_n(b.x)} passes unchanged"
    fate = "kept" if b.kept else "dropped"
    steps = (
        Step("x", _n(b.x), _before(b)),
        Step("in this step", f"{fate}  (dropped with a probability of {chance}, each {what} by itself)"),
        Step("factor", factor if b.kept else "0"),
    )
    times = _n(b.factor) if b.kept else "0"
    return (StepsBlock(steps),), f"{_n(b.x)} × {times} = {_n(b.value)}"


def _softmax(b: SoftmaxBreakdown, class_names: Sequence[str]) -> tuple[tuple[Block, ...], str]:
    own, digits = float(b.exponentials[b.unit.index[0]]), sum_digits(b)
    power, total, value = (number_text(number, digits) for number in (own, b.total, b.value))
    note = TextBlock(
        "The greatest logit is taken off first: that changes no quotient, and no power overflows.", muted=True
    )
    return (SoftmaxBlock(b, class_names), note), f"{power} ÷ {total} (sum) = {value}"


def _copy(b: CopyBreakdown) -> tuple[tuple[Block, ...], str]:
    step = Step("came from", f"{unit_place(b.origin)}: {_n(b.value)}  (click to go there)", b.origin)
    return (TextBlock(_COPIES.get(b.reason, "")), StepsBlock((step,))), f"= {_n(b.value)}"


def _switched_off(b: SwitchedOffBreakdown) -> tuple[tuple[Block, ...], str]:
    what = f"Map {b.unit.index[0]}" if len(b.unit.index) == 3 else f"Unit {b.unit.index[0]}"
    words = f"{what} is switched off: it is held at 0, whatever the layer computes. It would be {_n(b.otherwise)} here."
    return (TextBlock(words),), f"{_n(b.otherwise)} is replaced by {_n(b.value)}"


def _before(b: Breakdown) -> Unit:
    return Unit(b.unit.layer - 1, b.unit.index)


def _n(value: float) -> str:
    return number_text(value)


def _signed(value: float) -> str:
    return f"− {_n(-value)}" if value < 0 else f"+ {_n(value)}"


def _minus(value: float) -> str:
    return f"+ {_n(-value)}" if value < 0 else f"− {_n(value)}"
