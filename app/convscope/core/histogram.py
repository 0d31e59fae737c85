"""How values are spread: counted into bins that grow with them, so that they need not be kept."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 64
_FINEST = 2.0**-40  # width of a bin relative to the greatest value: their numbers must stay whole numbers


@dataclass(frozen=True, eq=False)
class Histogram:
    """How many values lie where.

    Attributes:
        edges: Ascending; a bin holds its lower edge. Where values lie on either side of 0, that is one.  # (n + 1,)
        counts: # (n,)
        total: How many values there were, those that are not finite with them.
        zeros_share: The share of all values that is exactly 0, 0 to 1.
        low: The least finite value; NaN where there is none, as are the next three.
        high: The greatest.
        mean: Of the finite values.
        std: Their standard deviation, divided by their number.
        non_finite: How many values are infinite or no number.
    """

    edges: NDArray[np.float64]
    counts: NDArray[np.int64]
    total: int
    zeros_share: float
    low: float
    high: float
    mean: float
    std: float
    non_finite: int


def histogram(values: NDArray[np.floating], bins: int = BINS) -> Histogram:
    """Return how values are spread.

    Args:
        values: Of any shape; there may be none.
        bins: The most bins there may be, at least 2, for none reaches across 0. Their width is a power of two, so there
            are at least half as many, unless the values are equal or nearly so.
    """
    counter = Counter(bins)
    counter.add(values)
    return counter.counted()


class Counter:
    """Counts values that come in portions. When some lie outside the bins, each two bins become one of double width."""

    def __init__(self, bins: int = BINS) -> None:
        self._bins = bins
        self._width = 0.0
        self._first = 0  # number of the first bin; bin k reaches from k·width to (k + 1)·width
        self._counts = np.zeros(0, np.int64)
        self._low, self._high = math.inf, -math.inf
        self._finite = self._zeros = self._non_finite = 0
        self._mean = self._squares = 0.0  # of the finite values, and the sum of their squared distances to the mean

    def add(self, values: NDArray[np.floating]) -> None:
        """Count more values."""
        flat = np.asarray(values, np.float64).ravel()
        if flat.size and not math.isfinite(float(flat.min()) + float(flat.max())):
            finite = flat[np.isfinite(flat)]
            self._non_finite += flat.size - finite.size
            flat = finite
        if flat.size:
            self._zeros += flat.size - int(np.count_nonzero(flat))
            self._low, self._high = min(self._low, float(flat.min())), max(self._high, float(flat.max()))
            self._add_moments(flat)
            self._make_room()
            places = np.floor(flat / self._width).astype(np.int64) - self._first
            self._counts += np.bincount(places, minlength=len(self._counts))

    def counted(self) -> Histogram:
        """Return what has been counted so far."""
        if not self._finite:
            edges, low, high = np.array([0.0, 1.0]), math.nan, math.nan
        elif self._low == self._high:
            low = high = self._low
            edges = np.array([low - max(0.5, abs(low) / 2), low + max(0.5, abs(low) / 2)])
        else:
            low, high = self._low, self._high
            edges = np.arange(self._first, self._first + len(self._counts) + 1).astype(np.float64) * self._width
        counts = self._counts.copy() if len(edges) == len(self._counts) + 1 else np.array([self._finite])
        for array in (edges, counts):
            array.flags.writeable = False
        total = self._finite + self._non_finite
        return Histogram(
            edges=edges,
            counts=counts,
            total=total,
            zeros_share=self._zeros / total if total else 0.0,
            low=low,
            high=high,
            mean=self._mean if self._finite else math.nan,
            std=math.sqrt(self._squares / self._finite) if self._finite else math.nan,
            non_finite=self._non_finite,
        )

    def _add_moments(self, values: NDArray[np.float64]) -> None:
        """Join mean and squares of more values to those so far (Chan, Golub and LeVeque, 1979)."""
        mean, squares, count = float(values.mean()), float(values.var()) * values.size, self._finite + values.size
        gap = mean - self._mean
        self._squares += squares + gap * gap * self._finite * values.size / count
        self._mean += gap * values.size / count
        self._finite = count

    def _make_room(self) -> None:
        """Widen the bins until all values so far fit."""
        width = max(self._width, self._narrowest())
        while math.floor(self._high / width) - math.floor(self._low / width) >= self._bins:
            width *= 2
        first, last = math.floor(self._low / width), math.floor(self._high / width)
        counts = np.zeros(last - first + 1, np.int64)
        if len(self._counts):
            old = np.arange(self._first, self._first + len(self._counts))
            np.add.at(counts, np.floor(old * (self._width / width)).astype(np.int64) - first, self._counts)
        self._width, self._first, self._counts = width, first, counts

    def _narrowest(self) -> float:
        """Return the least width worth trying for the values so far, a power of two."""
        greatest = max(abs(self._low), abs(self._high))
        wanted = max((self._high - self._low) / self._bins, greatest * _FINEST, float(np.finfo(np.float32).tiny))
        return 2.0 ** math.floor(math.log2(wanted))
