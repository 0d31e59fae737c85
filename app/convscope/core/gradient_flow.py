"""How large gradients and updates are in every layer through a run, and what that says about its course.

A reading must not change its mind from one batch to the next. So each layer is judged by its last reports together: a
trouble is named once most of them agree, and withdrawn once hardly any does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convscope.core.network import Network
from convscope.core.weights import Weights

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST_POINTS = 600  # of the history; beyond, every other one is forgotten
WINDOW = 12  # reports that are judged together
FEWEST = 5  # reports, below which nothing is said
NAMED = 0.9  # share of the window from which a trouble is named
WITHDRAWN = 0.1  # share of the window up to which one that was named is withdrawn

# Measured on the lectures' networks: the first layer of sigmoid-deep has a twentieth of the last one's gradient and
# moves by 10⁻⁵ of its length a step; of those that learn, no layer has less than a sixth and moves by less than 10⁻³.
FAINT = 0.1  # of the largest gradient among the later layers
FAINT_UPDATE = 1e-4  # of the weights
NOTHING = 1e-7  # of the largest gradient: what Adam's memory alone still moves has no direction any more
HUGE_GRADIENT = 100.0  # the networks that learn stay below 5
HUGE_UPDATE = 0.5  # of the weights, in one step
MANY_DEAD = 0.4  # of a layer's units; of ReLU layers that learn, up to 0.3 rest for good


class Trouble(Enum):
    """What is wrong with the gradients of a layer."""

    VANISHING = "Vanishing gradients"
    EXPLODING = "Exploding gradients"
    ALL_ZERO = "All weights are 0"
    DEAD = "Dead units"


@dataclass(frozen=True, eq=False)
class FlowPoint:
    """The sizes of one step, layer by layer, those with weights to train from the input to the output.

    Attributes:
        epoch: When the step was made, in epochs.
        layers: Their names.
        gradients: Length of each layer's gradient, ‖g‖.  # (L,)
        updates: Length of what the step added, ‖Δw‖.  # (L,)
        weights: Length of the weights, ‖w‖.  # (L,)
        silent: By the name of an activation layer, which channels or units were 0 for every image of the batch.
    """

    epoch: float
    layers: tuple[str, ...]
    gradients: Floats
    updates: Floats
    weights: Floats
    silent: Mapping[str, Flags] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def relative_updates(self) -> Floats:
        """By which part of its length each layer's weights moved, ‖Δw‖ / ‖w‖; infinite from zero.  # (L,)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.updates == 0, 0.0, self.updates / self.weights)

    @cached_property
    def vanishing(self) -> Flags:
        """Whether hardly anything of what reaches later layers reaches one, and it hardly moves.  # (L,)."""
        gradients, moved = _finite(self.gradients), self.relative_updates
        later = np.maximum.accumulate(gradients[::-1])[::-1]
        later = np.append(later[1:], 0.0)  # of the layers behind each
        faint = (gradients < FAINT * later) & (moved < FAINT_UPDATE)
        return np.isfinite(self.gradients) & (faint | ((gradients <= NOTHING * later) & (later > 0)))

    @cached_property
    def all_zero(self) -> Flags:
        """Whether a layer's weights are 0 and nothing moves them, for every layer.  # (L,)."""
        return (self.weights == 0) & (self.gradients == 0)

    @cached_property
    def exploding(self) -> Flags:
        """Whether a layer's gradient or its step is beyond all measure.  # (L,)."""
        finite = np.isfinite(self.gradients) & np.isfinite(self.updates)
        steps = np.where(self.weights > 0, self.relative_updates, 0.0)
        with np.errstate(invalid="ignore"):
            return ~finite | (self.gradients > HUGE_GRADIENT) | (steps > HUGE_UPDATE)


def flow_point(
    network: Network,
    epoch: float,
    gradients: Weights,
    updates: Weights,
    weights: Weights,
    silent: Mapping[str, Flags] | None = None,
) -> FlowPoint:
    """Return the sizes of a step; a layer that no gradient reaches has one of 0.

    Args:
        network: The trained one; of its layers, dense ones and convolutions that are not frozen count.
        epoch: When the step was made.
        gradients: Of the batch's mean loss.
        updates: What the step added.
        weights: After it.
        silent: See `FlowPoint`.
    """
    names = tuple(
        layer.name
        for layer in network.layers
        if layer.kind in ("conv2d", "dense") and layer.enabled and layer.trainable and f"{layer.name}.weight" in weights
    )
    steps, moved, sizes = (
        np.array([_length(arrays, name) for name in names]) for arrays in (gradients, updates, weights)
    )
    return FlowPoint(epoch, names, steps, moved, sizes, MappingProxyType(dict(silent or {})))


@dataclass(frozen=True)
class FlowFinding:
    """A trouble and where it is.

    Attributes:
        trouble: What it is.
        layer: The name of the layer.
        sentence: Both in words, with the numbers that led to it.
    """

    trouble: Trouble
    layer: str
    sentence: str


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """The sizes of a run until now, and what they say.

    Attributes:
        points: In order, thinned evenly; the newest is always there.
        recent: The newest ones, none left out.
        findings: What is named now, the worst trouble first.
    """

    points: tuple[FlowPoint, ...] = ()
    recent: tuple[FlowPoint, ...] = ()
    findings: tuple[FlowFinding, ...] = ()
    _stride: int = 1  # of so many points one is kept
    _taken: int = 0

    def extended(self, point: FlowPoint) -> GradientFlow:
        """Return this with one more point; a point of other layers begins anew."""
        if self.recent and self.recent[-1].layers != point.layers:
            return GradientFlow().extended(point)
        recent = (*self.recent, point)[-WINDOW:]
        former = {(finding.trouble, finding.layer) for finding in self.findings}
        kept, stride = self._kept(), self._stride
        if len(kept) >= MOST_POINTS:
            kept, stride = kept[::2], 2 * stride
        return GradientFlow((*kept, point), recent, tuple(_findings(recent, former)), stride, self._taken + 1)

    def failed(self) -> GradientFlow:
        """Return this after a loss that was no number: the layer that moved most has exploded, if none is named.

        Where only layers are trained that have no sizes here, as batch norm, there is none to name.
        """
        if not self.recent or any(finding.trouble is Trouble.EXPLODING for finding in self.findings):
            return self
        last = self.recent[-1]
        if not last.layers:
            return self
        worst = int(np.nan_to_num(last.relative_updates, nan=np.inf).argmax())
        return replace(self, findings=(_exploding(last, worst), *self.findings))

    def _kept(self) -> tuple[FlowPoint, ...]:
        """Return the points without the newest where that is only there because it was."""
        return self.points if (self._taken - 1) % self._stride == 0 else self.points[:-1]


def _findings(recent: tuple[FlowPoint, ...], former: set[tuple[Trouble, str]]) -> Iterable[FlowFinding]:
    last = recent[-1]
    yield from _judged(Trouble.EXPLODING, recent, former, lambda point: point.exploding, _exploding)
    yield from _judged(Trouble.ALL_ZERO, recent, former, lambda point: point.all_zero, _all_zero)
    for name in last.silent:
        dead = np.all([point.silent[name] for point in recent], axis=0)
        enough = MANY_DEAD * (0.6 if (Trouble.DEAD, name) in former else 1.0)
        if len(recent) == WINDOW and dead.mean() >= enough:
            yield _dead(name, int(dead.sum()), dead.size)
    yield from _judged(Trouble.VANISHING, recent, former, lambda point: point.vanishing, _vanishing)


def _judged(
    trouble: Trouble,
    recent: tuple[FlowPoint, ...],
    former: set[tuple[Trouble, str]],
    judge: Callable[[FlowPoint], Flags],
    tell: Callable[[FlowPoint, int], FlowFinding],
) -> Iterable[FlowFinding]:
    """Yield what is named of one trouble, from the input to the output, each with the numbers that last showed it."""
    judged = np.array([judge(point) for point in recent])  # (N, L)
    for number, name in enumerate(recent[-1].layers):
        suffered = judged[:, number]
        if _holds(float(suffered.mean()), len(recent), (trouble, name) in former):
            yield tell(recent[int(suffered.nonzero()[0][-1])], number)


def _holds(share: float, count: int, before: bool) -> bool:
    return share > WITHDRAWN if before else count >= FEWEST and share >= NAMED


def _vanishing(point: FlowPoint, number: int) -> FlowFinding:
    name, gradient, moved = point.layers[number], point.gradients[number], float(point.relative_updates[number])
    later = _finite(point.gradients[number + 1 :])
    behind, largest = point.layers[number + 1 + int(later.argmax())], float(later.max())
    if gradient <= NOTHING * largest:
        sentence = f"No gradient reaches {name}: it cannot learn."
    else:
        step = "a step does not move its weights at all: it does not learn"
        if moved > 0:
            step = f"a step moves its weights by only {_part(moved)} of their length: it hardly learns"
        sentence = f"The gradient of {name} is {_times(largest / gradient)} smaller than that of {behind}, and {step}."
    return FlowFinding(Trouble.VANISHING, name, sentence)


def _all_zero(point: FlowPoint, number: int) -> FlowFinding:
    name = point.layers[number]
    sentence = (
        f"All weights of {name} are 0 and get no gradient, behind ReLU and leaky ReLU alike: it cannot learn. First "
        "weights must be small random numbers."
    )
    return FlowFinding(Trouble.ALL_ZERO, name, sentence)


def _exploding(point: FlowPoint, number: int) -> FlowFinding:
    name, gradient, moved = point.layers[number], point.gradients[number], point.relative_updates[number]
    if not (np.isfinite(gradient) and np.isfinite(moved)):
        what = f"The gradient of {name} is beyond all numbers"
    elif moved > HUGE_UPDATE / 5:
        what = f"A step moves the weights of {name} by {_part(float(moved))} of their length"
    elif gradient > HUGE_GRADIENT:
        what = f"The gradient of {name} has a length of {gradient:,.0f}"
    else:  # between this report and the loss that was no number, it has grown further
        what = f"The weights of {name} moved most before the loss became no number"
    return FlowFinding(Trouble.EXPLODING, name, f"{what}: such steps leap out of the valley.")


def _dead(name: str, dead: int, units: int) -> FlowFinding:
    last = f"the last {WINDOW} batches that were looked at"
    if dead == units:
        sentence = f"All {units:,} outputs of {name} were 0 for every image of {last}: nothing passes any more."
    else:
        sentence = (
            f"{dead:,} of the {units:,} outputs of {name} were 0 for every image of {last}: no gradient passes "
            "them, so they stay so."
        )
    return FlowFinding(Trouble.DEAD, name, sentence)


def _length(arrays: Mapping[str, NDArray[Any]], name: str) -> float:
    squares = 0.0
    for key in ("weight", "bias"):
        array = arrays.get(f"{name}.{key}")
        if array is not None:
            flat = array.reshape(-1)
            with np.errstate(over="ignore", invalid="ignore"):
                squares += float(np.dot(flat, flat))  # in single precision, ten times faster; enough for a size
    return float(np.sqrt(squares))


def _finite(sizes: Floats) -> Floats:
    return np.where(np.isfinite(sizes), sizes, 0.0)


def _times(factor: float) -> str:
    return f"{factor:,.0f} times" if factor < 1e6 else "over a million times"


def _part(part: float) -> str:
    """Return a part above 0 of a length in words."""
    if part >= 0.1:
        return f"{part:.2g} times" if part >= 1 else f"{100 * part:.0f} %"
    return f"1 / {float(f'{1 / part:.1g}'):,.0f}"
