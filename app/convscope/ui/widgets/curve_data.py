"""What a curve plot shows of a history, as numbers: series, ranges, thinning and read-outs."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convscope.core.history import EpochPoint, History
from convscope.core.number_text import loss_text

Numbers = NDArray[np.float64]

LEAST_LOGARITHM = -6.0  # a loss of 0, where float32 can say no more, has no logarithm
_PARTS = 30  # of a run that hardly began: enough for its course, few enough to be calm
_FIRST_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)  # epochs; so that single batches can be told apart at first


@dataclass(frozen=True, eq=False)
class Series:
    """Points of one curve, from left to right."""

    x: Numbers
    y: Numbers

    def __len__(self) -> int:
        """Return the number of points."""
        return self.x.size

    @property
    def last(self) -> float | None:
        """The value at the right end; None without points."""
        return float(self.y[-1]) if len(self) else None


@dataclass(frozen=True)
class Quantity:
    """One thing that is plotted over epochs.

    Attributes:
        name: Its object name.
        axis: What stands beside the vertical axis.
        invitation: What is read while there is nothing to plot.
        switch: The other way to look at it, as the text of a switch.
        switch_short: The same in one short word, for a button beside the legend.
        logarithmic: Whether that other way is a logarithmic scale; it is a close-up otherwise.
        text: A value as the user reads it.
        estimate: The mean of a few batches as the user reads it.
        widest: A value that takes as much room as any, most of the time.
    """

    name: str
    title: str
    axis: str
    invitation: str
    switch: str
    switch_short: str
    switch_help: str
    logarithmic: bool
    text: Callable[[float], str]
    estimate: Callable[[float], str]
    widest: float
    batches: Callable[[History], NDArray[Any]]
    train: Callable[[EpochPoint], float]
    validation: Callable[[EpochPoint], float]

    def curves(self, history: History) -> Curves:
        """Return the curves of this quantity in `history`."""
        epochs = [point.epoch for point in history.epochs]
        return Curves(
            batches=_finite(history.batch_epochs, self.batches(history)),
            train=_finite(epochs, [self.train(point) for point in history.epochs]),
            validation=_finite(epochs, [self.validation(point) for point in history.epochs]),
        )


@dataclass(frozen=True, eq=False)
class Curves:
    """One quantity of a history, without what is not finite."""

    batches: Series
    train: Series
    validation: Series

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to plot."""
        return not (len(self.batches) or len(self.train) or len(self.validation))

    @property
    def right_end(self) -> float:
        """The epoch at which the horizontal axis ends; it grows in steps, so that the picture rests between them."""
        last = max(
            (series.x.max() for series in (self.batches, self.train, self.validation) if len(series)), default=1.0
        )
        return next((step for step in _FIRST_STEPS if last <= step), float(math.ceil(last - 1e-6)))


@dataclass(frozen=True)
class Overlay:
    """A former run that is laid over the present one.

    Attributes:
        id: By which it is known again.
        name: What the user reads for it.
        colour: Which of the theme's colours of runs it has.
    """

    id: int
    name: str
    colour: int
    history: History


@dataclass(frozen=True, eq=False)
class OverlayCurves:
    """One quantity of a former run."""

    overlay: Overlay
    curves: Curves

    @cached_property
    def begun(self) -> Series:
        """Means of its batches, part by part, for a run that ended before its epochs made a line; else nothing."""
        batches = self.curves.batches
        if len(self.curves.train) > 1 or not len(batches):
            return Series(np.zeros(0), np.zeros(0))
        x, y = (np.array_split(values, min(len(batches), _PARTS)) for values in (batches.x, batches.y))
        return Series(np.array([part[-1] for part in x]), np.array([part.mean() for part in y]))


def spanned(curves: Curves, overlays: Sequence[OverlayCurves]) -> Curves:
    """Return points that reach as far as all curves together, as far as those are drawn; in no order."""
    if not overlays:
        return curves
    lines = [curves, *(overlay.curves for overlay in overlays)]
    train = _joined([*(line.train for line in lines), *(overlay.begun for overlay in overlays)])
    return Curves(curves.batches, train, _joined([line.validation for line in lines]))


def _joined(several: Sequence[Series]) -> Series:
    return Series(np.concatenate([series.x for series in several]), np.concatenate([series.y for series in several]))


def percent_text(value: float) -> str:
    """Return a percentage to the hundredth: one image of 10,000."""
    return f"{value:.2f} %"


LOSS = Quantity(
    name="loss_plot",
    title="Loss",
    axis="Loss",
    invitation="Press Train to see the loss fall",
    switch="Log scale",
    switch_short="Log",
    switch_help="Show the loss on a logarithmic scale: equal factors get equal heights, so late progress can be seen.",
    logarithmic=True,
    text=loss_text,
    estimate=lambda value: f"≈ {loss_text(value)}",
    widest=0.00123,
    batches=lambda history: history.batch_losses,
    train=lambda point: point.train_loss,
    validation=lambda point: point.validation_loss,
)
ACCURACY = Quantity(
    name="accuracy_plot",
    title="Accuracy",
    axis="Accuracy (%)",
    invitation="… and the accuracy rise",
    switch="Close-up",
    switch_short="Zoom",
    switch_help="Start the axis just below the lowest epoch instead of at 0 %, so that small differences can be seen.",
    logarithmic=False,
    text=percent_text,
    estimate=lambda value: f"≈ {value:.1f} %",  # of a thousand images or two
    widest=100.0,
    batches=lambda history: history.batch_accuracies * np.float32(100),
    train=lambda point: point.train_accuracy * 100,
    validation=lambda point: point.validation_accuracy * 100,
)


def vertical_range(quantity: Quantity, curves: Curves, switched: bool) -> tuple[float, float]:
    """Return the ends of the vertical axis; logarithms where `switched` on a logarithmic quantity."""
    if quantity.logarithmic:
        return _log_range(curves) if switched else _loss_range(curves)
    low = _close_up(curves) if switched else 0.0
    return low, 100 + 0.02 * (100 - low)  # so that a point at 100 % is whole


def logarithm(values: Numbers) -> Numbers:
    """Return decimal logarithms, none below `LEAST_LOGARITHM`."""
    return np.log10(np.maximum(values, 10.0**LEAST_LOGARITHM))


def even_ticks(low: float, high: float, most: int) -> list[float]:
    """Return the round numbers to label between two numbers: at most `most`, at equal distances, but two if may be.

    A single label tells nothing of an axis, so the outermost of the next finer ones stand where only one would.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        return []  # while a plot is painted nothing may be raised
    rough = (high - low) / max(1, most)
    unit = 10.0 ** math.floor(math.log10(rough))
    steps = [factor * unit for factor in (0.5, 1, 2, 5, 10)]
    place = next(place for place, step in enumerate(steps) if place and step >= rough)
    ticks, finer = (_multiples(low, high, steps[at]) for at in (place, place - 1))
    return [finer[0], finer[-1]] if len(ticks) < 2 <= most else ticks


def _multiples(low: float, high: float, step: float) -> list[float]:
    return [round(k * step, 12) for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """Return the round numbers to label between two decimal logarithms, at most `most` of them if that is possible."""
    if high - low <= 0.8:  # less than a decade or so: even steps
        return [value for value in even_ticks(10.0**low, 10.0**high, min(most, 5)) if value > 0]
    decades = range(math.floor(low), math.ceil(high) + 1)
    values: list[float] = []
    for factors in ((1, 2, 5), (1, 3), (1,)):
        values = [factor * 10.0**decade for decade in decades for factor in factors]
        values = [value for value in values if low <= math.log10(value) <= high]
        if len(values) <= most:
            break
    return values


def thinned(series: Series, low: float, high: float, columns: int) -> Series:
    """Return the part of a series between `low` and `high` with at most two points per column of pixels.

    Each column keeps its least and its greatest value, so that no peak is lost; the points just outside stay, too, so
    that lines run on to the edges. A series that is short enough is returned as it is.
    """
    first = max(0, int(np.searchsorted(series.x, low, "left")) - 1)
    last = min(len(series), int(np.searchsorted(series.x, high, "right")) + 1)
    if last - first <= 2 * columns:
        return series if last - first == len(series) else Series(series.x[first:last], series.y[first:last])
    x, y = series.x[first:last], series.y[first:last]
    starts = np.unique(np.searchsorted(x, np.linspace(low, high, columns + 1), "left"))
    starts = starts[starts < x.size]
    if starts[0] > 0:
        starts = np.concatenate(([0], starts))
    extremes = np.stack((np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)), axis=1)
    return Series(np.repeat(x[starts], 2), extremes.ravel())


@dataclass(frozen=True)
class Readout:
    """The values under the pointer.

    Attributes:
        x: Where they are, in epochs.
        title: Where they are, in words.
        values: What is read there, by the name of the curve.
        overlays: The validation values of former runs there.
    """

    x: float
    title: str
    values: tuple[tuple[str, float], ...]
    overlays: tuple[tuple[Overlay, float], ...] = ()


def readout(curves: Curves, x: float, overlays: Sequence[OverlayCurves] = ()) -> Readout | None:
    """Return the values of the finished epoch nearest to `x`, of the nearest batch before any epoch has ended."""
    lines = [curves, *(overlay.curves for overlay in overlays)]
    epochs = np.concatenate([series.x for line in lines for series in (line.train, line.validation)])
    if not epochs.size:
        return _batch_readout(curves.batches, x)
    epoch = float(epochs[np.argmin(np.abs(epochs - x))])
    named = (("Training", curves.train), ("Validation", curves.validation))
    found = tuple((name, value) for name, series in named if (value := _value_at(series, epoch)) is not None)
    theirs = ((line.overlay, _value_at(line.curves.validation, epoch)) for line in overlays)
    others = tuple((overlay, value) for overlay, value in theirs if value is not None)
    return Readout(epoch, f"Epoch {epoch:.0f}", found, others)


def _value_at(series: Series, x: float) -> float | None:
    here = np.flatnonzero(series.x == x)
    return float(series.y[here[0]]) if here.size else None


def _batch_readout(batches: Series, x: float) -> Readout | None:
    if not len(batches):
        return None
    nearest = int(np.argmin(np.abs(batches.x - x)))
    return Readout(float(batches.x[nearest]), f"Batch {nearest + 1:,}", (("Training", float(batches.y[nearest])),))


def _finite(x: Any, y: Any) -> Series:
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    finite = np.isfinite(y)
    return Series(x, y) if finite.all() else Series(x[finite], y[finite])


def _values(curves: Curves) -> Numbers:
    return np.concatenate((curves.batches.y, curves.train.y, curves.validation.y))


def _loss_range(curves: Curves) -> tuple[float, float]:
    top = 1.05 * float(_values(curves).max(initial=0.0))
    return 0.0, top if top > 0 else 1.0


def _log_range(curves: Curves) -> tuple[float, float]:
    values = logarithm(_values(curves))
    if not values.size:
        return -2.0, 0.5
    low, high = float(values.min()), float(values.max())
    margin = max(0.05 * (high - low), 0.05)
    return low - margin, high + margin


def _close_up(curves: Curves) -> float:
    lowest = min(float(curves.train.y.min(initial=100.0)), float(curves.validation.y.min(initial=100.0)))
    if not (len(curves.train) or len(curves.validation)):
        return 0.0
    return max(0.0, min(lowest - 0.1 * (100 - lowest), 99.0))
