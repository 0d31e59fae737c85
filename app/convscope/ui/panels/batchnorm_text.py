"""What is said of batch norm: the four steps with the numbers of one value, momentum, a batch of one, the bias."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from convscope.core.batch_norm import ChannelBatch, batches_to_forget
from convscope.core.unit import Unit
from convscope.ui.widgets.breakdown_block import Step, StepsBlock
from convscope.ui.widgets.breakdown_sheet import Sheet
from convscope.ui.widgets.histogram_marks import Mark
from convscope.ui.widgets.number_text import number_text

NO_LAYER_BEFORE = (
    "No convolution or dense layer stands directly before this layer, so there is no bias that it takes away."
)

Which = Literal["before", "after"]


def value_of(batch: ChannelBatch, index: tuple[int, ...]) -> float:
    """Return what the drawing gives at a place of the channel; `index` is that of a unit."""
    return float(batch.before[0][index[1:]])


def count_text(batch: ChannelBatch) -> str:
    """Return which values the channel has in the batch."""
    images, *sides = batch.before.shape
    product = " × ".join(str(side) for side in (images, *sides))
    return f"Channel {batch.channel}, one mini-batch: {f'{product} = ' if sides else ''}{batch.count:,} values"


def steps_sheet(batch: ChannelBatch, unit: Unit, digits: int = 4) -> Sheet:
    """Return the four steps of one value of the drawing, and what inference makes of it.

    Args:
        batch: The channel.
        unit: The value that comes out; its channel is the batch's.
        digits: Significant ones of every number.
    """

    def n(value: float) -> str:
        return number_text(value, digits)

    def last_two(mean: float, variance: float) -> tuple[str, str]:
        deviation = math.sqrt(variance + batch.eps)
        normalised = (x - mean) / deviation
        result = n(normalised * batch.scale + batch.shift)
        shift = f"− {n(-batch.shift)}" if batch.shift < 0 else f"+ {n(batch.shift)}"
        return (
            f"{n(x - mean)} ÷ {n(deviation)} = {n(normalised)}",
            f"{n(batch.scale)} · {n(normalised)} {shift} = {result}",
        )

    x = value_of(batch, unit.index)
    normalise, scale = last_two(batch.mean, batch.variance)
    normalise_running, scale_running = last_two(batch.running_mean, batch.running_variance)
    steps = (
        Step("x", f"{n(x)}  (of the drawing)", Unit(unit.layer - 1, unit.index)),
        Step("1  mean μ", f"Σ x ÷ {batch.count:,} = {n(batch.mean)}"),
        Step("2  variance σ²", f"Σ (x − μ)² ÷ {batch.count:,} = {n(batch.variance)}"),
        Step("3  normalise", normalise),
        Step("4  γ · … + β", scale, strong=True),
        Step("3  by running", normalise_running),
        Step("4  by running", scale_running, strong=True),
    )
    return Sheet("batch", (StepsBlock(steps),), scale, scale_running, True)


def steps_note(batch: ChannelBatch, *, other_x: bool) -> str:
    """Return what is to be known of the steps.

    Args:
        batch: The channel.
        other_x: In inference another value reaches the layer, because layers before it work otherwise in training.
    """
    learned = "" if batch.has_scale else ", γ = 1 is not learned here"
    inference = "By running: the same x with the running averages, as inference takes them"
    inference += "; there the layers before work otherwise, too, and give another x." if other_x else "."
    return f"Step 3: (x − μ) ÷ √(σ² + ε), ε = {_n(batch.eps)}{learned}. {inference}"


def marks(batch: ChannelBatch, which: Which) -> tuple[Mark, Mark]:
    """Return where the values lie: by the batch's mean and variance, and by the running ones."""
    if which == "before":
        running = batch.running_mean, math.sqrt(max(batch.running_variance, 0.0))
        return (
            Mark("batch", batch.mean, math.sqrt(batch.variance), "validation"),
            Mark("running", *running, "accent", is_dashed=True),
        )
    return (
        _mark("batch", batch.after, "validation"),
        _mark("running", batch.after_running, "accent", is_dashed=True),
    )


def momentum_text(batch: ChannelBatch) -> str:
    """Return what this batch does to the running averages, and how soon they forget."""
    if batch.count == 1:
        return f"From a batch of one value the running variance cannot be moved. {forgetting_text(batch.momentum)}"
    m, keep = _n(batch.momentum), _n(1 - batch.momentum)
    moved = (
        f"This batch would take the running mean to {keep} · {_n(batch.running_mean)} + {m} · {_n(batch.mean)} = "
        f"{_n(batch.next_running_mean)}, the running variance from {_n(batch.running_variance)} to "
        f"{_n(batch.next_running_variance)} (of the batch: {_n(batch.unbiased_variance)}, divided by n − 1)."
    )
    return f"{moved} {forgetting_text(batch.momentum)}"


def forgetting_text(momentum: float) -> str:
    """Return after how many batches the running averages have forgotten what they were."""
    tenth, hundredth = batches_to_forget(momentum, 0.1), batches_to_forget(momentum, 0.01)
    if tenth is None or hundredth is None:
        return "With momentum 0 the running averages never change: inference does not know the data."
    if hundredth == 1:
        return "One batch is enough to forget the former ones: the running averages follow every accident of a batch."
    return (
        f"After {tenth:,} batch{'es' * (tenth > 1)} the running averages have forgotten all but 10 % of what they "
        f"were, after {hundredth:,} all but 1 %."
    )


def one_text(batch: ChannelBatch) -> str:
    """Return what a batch of the drawing alone would be."""
    one = batch.alone()
    if one.count > 1:
        sides = "×".join(str(side) for side in one.before.shape[1:])
        return (
            f"With the drawing alone the channel still has {sides} = {one.count:,} values. Their mean is "
            f"{_n(one.mean)} (whole batch: {_n(batch.mean)}), their standard deviation {_n(math.sqrt(one.variance))} "
            f"({_n(math.sqrt(batch.variance))}). Each image would be normalised by itself: how strong its map is "
            "as a whole gets lost, and mean and variance jump from batch to batch."
        )
    x = float(one.before.ravel()[0])
    return (
        f"With the drawing alone the channel has one value, x = {_n(x)}. It is its own mean, the variance is 0, and "
        f"({_n(x)} {_minus(one.mean)}) ÷ √(0 + ε) = 0: the layer would put out β = {_n(one.shift)} whatever comes in. "
        "For the running variance it would have to be divided by n − 1 = 0. PyTorch refuses: “Expected more than 1 "
        "value per channel when training”. So train with batches of at least 2; one image left over at the end of an "
        "epoch is skipped. In inference one image is enough, for then the running averages count."
    )


def bias_text(batch: ChannelBatch, name: str, bias: float | None, gradient: float | None) -> str:
    """Return why no bias belongs before batch norm, with the channel's numbers.

    Args:
        batch: The channel.
        name: The layer before.
        bias: Its bias of this channel; None where it has none.
        gradient: Of that bias in the last batch; None where it is not known.
    """
    if bias is None:
        return (
            f"{name} has no bias, and needs none: whatever were added to all values of a channel, the mean would rise "
            f"by as much and be subtracted again. The shift β = {_n(batch.shift)} does its work."
        )
    learned = "" if gradient is None else f" Its gradient in the last batch was {number_text(gradient, 2)}: nothing."
    return (
        f"{name} adds the bias {_n(bias)} to every value of this channel, so the mean is {_n(batch.mean)} instead of "
        f"{_n(batch.mean - bias)}. Step 3 subtracts it again: x − μ is the same with and without. The bias costs "
        f"memory and time and does nothing; β = {_n(batch.shift)} does its work.{learned}"
    )


def _mark(
    name: str, values: NDArray[np.float32], tint: Literal["validation", "accent"], *, is_dashed: bool = False
) -> Mark:
    return Mark(name, float(values.mean(dtype=np.float64)), float(values.std(dtype=np.float64)), tint, is_dashed)


def _n(value: float) -> str:
    return number_text(value)


def _minus(value: float) -> str:
    return f"+ {_n(-value)}" if value < 0 else f"− {_n(value)}"
