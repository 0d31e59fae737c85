"""What a histogram plot draws, computed without drawing: bars of the same width, and the axes around them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from convscope.core.histogram import Histogram
from convscope.ui.widgets.curve_data import even_ticks, log_ticks

_LEAST_SHARE = 1e-7  # below it no count of values that the program looks at can lie
_MOST_BINS = 2**20  # on either side of 0; far more than can be seen


@dataclass(frozen=True, eq=False)
class Bars:
    """The shares of the values that lie in bins of one width; bin k reaches from k·width to (k + 1)·width.

    Attributes:
        first: Number of the first bin.
        shares: 0 to 1.  # (bins,)
    """

    first: int
    shares: NDArray[np.float64]

    def at(self, number: int) -> float:
        """Return the share of a bin by its number, 0 outside of all."""
        place = number - self.first
        return float(self.shares[place]) if 0 <= place < len(self.shares) else 0.0


@dataclass(frozen=True, eq=False)
class Frame:
    """Bars that can be compared, and the range of both axes.

    Attributes:
        width: Of every bin.
        series: One for each histogram; None for one without values.
        low: Where the horizontal axis begins.
        high: Where it ends.
        floor: Share at the lower end of a logarithmic axis.
        top: Share at the upper end.
        logarithmic: Whether shares grow tenfold, not by addition, on the vertical axis.
    """

    width: float
    series: tuple[Bars | None, ...]
    low: float
    high: float
    floor: float
    top: float
    logarithmic: bool

    def heights(self, shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how high shares reach, 0 to 1."""
        if not self.logarithmic:
            return shares / self.top
        return np.log(np.maximum(shares / self.floor, 1.0)) / math.log(self.top / self.floor)

    def x_ticks(self, most: int) -> list[float]:
        """Return the values to label."""
        return even_ticks(self.low, self.high, most)

    def y_ticks(self, most: int) -> list[float]:
        """Return the shares to label."""
        if self.logarithmic:
            ticks = log_ticks(math.log10(self.floor), math.log10(self.top), most)
            return ticks[:: -(-len(ticks) // most)]  # every decade would be too many
        return even_ticks(0, self.top, most)


def framed(histograms: Sequence[Histogram | None], *, logarithmic: bool) -> Frame | None:
    """Return what is drawn of some histograms; None where none has values.

    The widths of their bins are powers of two, so the finer ones are merged into the coarsest without error.
    """
    usable = [one if one is not None and one.counts.sum() else None for one in histograms]
    present = [one for one in usable if one is not None]
    if not present:
        return None
    widths = [_width(one) for one in present if len(one.counts) > 1]
    width = max(widths) if widths else _width(present[0])
    reach = max(abs(end) for one in present for end in (one.low, one.high))
    if reach > _MOST_BINS * width:  # values that are all the same lie far from much smaller ones
        width *= 2.0 ** math.ceil(math.log2(reach) - math.log2(_MOST_BINS * width))
    series = tuple(None if one is None else _merged(one, width) for one in usable)
    drawn = [bars for bars in series if bars is not None]
    first, last = min(bars.first for bars in drawn), max(bars.first + len(bars.shares) for bars in drawn)
    shares = np.concatenate([bars.shares[bars.shares > 0] for bars in drawn])
    top, least = float(shares.max()), max(_LEAST_SHARE, float(shares.min()))
    return Frame(width, series, first * width, last * width, least / 2, 1.05 * top, logarithmic)


def reaching(frame: Frame, values: Sequence[float]) -> Frame:
    """Return the frame widened so that some values lie in it, but never to more than twice its width for one side."""
    room, width = frame.high - frame.low, frame.width
    near = [value for value in values if frame.low - room <= value <= frame.high + room]
    low = min([frame.low, *(math.floor(value / width) * width for value in near)])
    high = max([frame.high, *((math.floor(value / width) + 1) * width for value in near)])
    return replace(frame, low=low, high=high)


def _width(histogram: Histogram) -> float:
    return float(histogram.edges[1] - histogram.edges[0])


def _merged(histogram: Histogram, width: float) -> Bars:
    single = len(histogram.counts) == 1
    middles = np.array([histogram.low]) if single else (histogram.edges[:-1] + histogram.edges[1:]) / 2
    numbers = np.floor(middles / width).astype(np.int64)
    shares = np.bincount(numbers - numbers[0], weights=histogram.counts) / histogram.total
    return Bars(int(numbers[0]), shares)
