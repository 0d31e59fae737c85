"""What is said of batch norm: the four steps with the numbers of one value, momentum, a batch of one, the bias."""

from __future__ import annotations

import math
from dataclasses import dataclass
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
_NOTHING = 1e-3  # of the gradient of β; rounding leaves less of a gradient that is 0


@dataclass(frozen=True)
class BiasBefore:
    """The bias of the layer before a batch norm, of one channel.

    Attributes:
        name: That layer's.
        exists: Whether it has a bias.
        value: None where it is not known.
        gradient: In the last batch; None where it is not known.
        shift_gradient: That of the channel's β in the same batch; None where it is not known.
    """

    name: str
    exists: bool
    value: float | None = None
    gradient: float | None = None
    shift_gradient: float | None = None


def value_of(batch: ChannelBatch, index: tuple[int, ...]) -> float:
    """Return what the drawing gives at a place of the channel; `index` is that of a unit."""
    return float(batch.before[0][index[1:]])


def count_text(batch: ChannelBatch) -> str:
    """Return which values the channel has in the batch."""
    images, *sides = batch.before.shape
    product = " × ".join(str(side) for side in (images, *sides))
    return f"Channel {batch.channel}, one mini-batch: {f'{product} = ' if sides else ''}{batch.count:,} values"


def steps_sheet(batch: ChannelBatch, unit: Unit, digits: int = 4) -> Sheet:
    """Return the four steps of one value of the drawing, and what inference makes of it where that is another.

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
    normalise_running, scale_running = last_two(batch.running_mean, batch.running_variance)
    first = Step("x", f"{n(x)}  (of the drawing)", Unit(unit.layer - 1, unit.index))
    if not batch.trainable:
        steps = (
            first,
            Step("1  mean μ", f"{n(batch.running_mean)}  (running)"),
            Step("2  variance σ²", f"{n(batch.running_variance)}  (running)"),
            Step("3  normalise", normalise_running),
            Step("4  γ · … + β", scale_running, strong=True),
        )
        return Sheet("batch", (StepsBlock(steps),), scale_running, "", True)
    normalise, scale = last_two(batch.mean, batch.variance)
    steps = (
        first,
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
    step = f"Step 3: (x − μ) ÷ √(σ² + ε), ε = {_n(batch.eps)}{learned}."
    if not batch.trainable:
        frozen = "The layer is frozen: μ and σ² are the running averages in training as in inference"
        otherwise = "; but in inference the layers before work otherwise, and give another x." if other_x else "."
        return f"{step} {frozen}{otherwise}"
    inference = "By running: the same x with the running averages, as inference takes them"
    inference += "; there the layers before work otherwise, too, and give another x." if other_x else "."
    return f"{step} {inference}"


def marks(batch: ChannelBatch, which: Which) -> tuple[Mark, ...]:
    """Return where the values lie: by the batch's mean and variance, and by the running ones.

    Behind a frozen layer they lie where the running ones bring them, and nowhere else.
    """
    if which == "before":
        running = batch.running_mean, math.sqrt(max(batch.running_variance, 0.0))
        return (
            Mark("batch", batch.mean, math.sqrt(batch.variance), "validation"),
            Mark("running", *running, "accent", is_dashed=True),
        )
    running = _mark("running", batch.after_running, "accent", is_dashed=True)
    return (_mark("batch", batch.after, "validation"), running) if batch.trainable else (running,)


def momentum_text(batch: ChannelBatch) -> str:
    """Return what this batch does to the running averages, and how soon they forget."""
    if not batch.trainable:
        return (
            f"The layer is frozen: no batch moves its running mean {_n(batch.running_mean)} and its running variance "
            f"{_n(batch.running_variance)}, whatever the momentum."
        )
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
    if not batch.trainable:
        return (
            "The layer is frozen and takes nothing from the batch: the drawing comes out the same, alone or in company."
        )
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


def bias_text(batch: ChannelBatch, bias: BiasBefore) -> str:
    """Return why no bias belongs before batch norm, or what it does before a frozen one, with the channel's numbers."""
    if not batch.trainable:
        return _frozen_bias_text(batch, bias)
    if bias.value is None:
        return (
            f"{bias.name} has no bias, and needs none: whatever were added to all values of a channel, the mean would "
            f"rise by as much and be subtracted again. The shift β = {_n(batch.shift)} does its work."
        )
    return (
        f"{bias.name} adds the bias {_n(bias.value)} to every value of this channel, so the mean is {_n(batch.mean)} "
        f"instead of {_n(batch.mean - bias.value)}. Step 3 subtracts it again: x − μ is the same with and without. The "
        f"bias costs memory and time and does nothing; β = {_n(batch.shift)} does its work.{_gradient_text(bias)}"
    )


def _frozen_bias_text(batch: ChannelBatch, bias: BiasBefore) -> str:
    factor = batch.scale / math.sqrt(batch.running_variance + batch.eps)
    if bias.value is None:
        return (
            f"{bias.name} has no bias. The layer is frozen and subtracts a running mean that stays what it is, so a "
            "bias would not be taken away again."
        )
    return (
        f"{bias.name} adds the bias {_n(bias.value)} to every value of this channel. The layer is frozen and subtracts "
        "a running mean that stays what it is: the bias matters here. It moves what comes out by "
        f"γ ÷ √(σ² + ε) · {_n(bias.value)} = {_n(factor * bias.value)}.{_gradient_text(bias)}"
    )


def _gradient_text(bias: BiasBefore) -> str:
    if bias.gradient is None:
        return ""
    said = f" Its gradient in the last batch was {number_text(bias.gradient, 2)}"
    if bias.shift_gradient is None:
        return f"{said}."
    least = abs(bias.gradient) < _NOTHING * abs(bias.shift_gradient)
    return f"{said}, that of β {number_text(bias.shift_gradient, 2)}{': nothing beside it' * least}."


def _mark(
    name: str, values: NDArray[np.float32], tint: Literal["validation", "accent"], *, is_dashed: bool = False
) -> Mark:
    return Mark(name, float(values.mean(dtype=np.float64)), float(values.std(dtype=np.float64)), tint, is_dashed)


def _n(value: float) -> str:
    return number_text(value)


def _minus(value: float) -> str:
    return f"+ {_n(-value)}" if value < 0 else f"− {_n(value)}"
