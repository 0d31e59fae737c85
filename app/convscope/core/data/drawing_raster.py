"""Pen strokes as ink on a grid of pixels: smoothed, antialiased and quick enough to follow a moving pen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ink = NDArray[np.float32]  # 0 is paper, 1 is ink
Points = Sequence[tuple[float, float]]  # (x, y) in units of the canvas side, y downwards
_CHUNK = 512  # dots worked out at once, so that a long stroke needs little memory


def curve(points: Points, first: int = 0) -> NDArray[np.float64]:
    """Return the smoothed path of a pen as quadratic Bézier segments, one for each point.

    A segment runs from the middle of one stretch of the pen to the middle of the next and is pulled to the point
    between them; the first and the last are straight. All but the last stay the same when points are added, which is
    why a moving pen needs only its newest segments drawn.

    Args:
        points: Where the pen was, at least one.
        first: Number of leading segments to leave out.

    Returns:
        Start, control and end of each segment.  # (N - first, 3, 2)
    """
    near = max(first - 1, 0)
    pen = np.asarray(points[near:], dtype=np.float64).reshape(-1, 2)
    middles = (pen[:-1] + pen[1:]) / 2
    starts = np.concatenate((pen[:1], middles)) if first == 0 else middles
    ends = np.concatenate((middles, pen[-1:]))[-len(starts) :]
    controls = pen[-len(starts) :].copy()
    if first == 0:
        controls[0] = (starts[0] + ends[0]) / 2
    controls[-1] = (starts[-1] + ends[-1]) / 2
    return np.stack((starts, controls, ends), axis=1)


class StrokeRaster:
    """The ink of one stroke on a square grid; it can be extended while the pen moves.

    Attributes:
        points: What the pen has drawn so far.
    """

    def __init__(self, side: int, width: float) -> None:
        """Start a stroke without points.

        Args:
            side: Pixels along one side of the grid.
            width: Of the pen, as a fraction of the side.
        """
        self._side = side
        self._radius = max(width * side, 1.0) / 2
        self._reach = math.ceil(self._radius + 0.5)  # pixels a dot's ink reaches beyond the pixel of its centre
        self._margin = 2 * self._reach + 3  # around the grid: dots on its edge need no clipping
        padded = side + 2 * self._margin
        self._settled = np.zeros((padded, padded), np.float32)  # all segments but the last
        self._tip = np.zeros((0, 2))  # the dots of that one, which changes when the pen moves on
        self.points: tuple[tuple[float, float], ...] = ()

    def extend(self, points: tuple[tuple[float, float], ...]) -> None:
        """Follow the pen to `points`, at least one, which begin with the points there were."""
        done = max(len(self.points) - 1, 0)
        dots, counts = _along(curve(points, done) * self._side, math.sqrt(0.4 * self._radius))
        tip = len(dots) - int(counts[-1])
        self._dot(self._settled, dots[:tip])
        self._tip, self.points = dots[tip:].copy(), points

    @property
    def cover(self) -> Ink:
        """How much of each pixel the stroke covers, 0 to 1.  # (side, side)."""
        cover = self._settled
        if self.points:
            cover = cover.copy()
            self._dot(cover, self._tip)
        inside = slice(self._margin, self._margin + self._side)
        return cover[inside, inside]

    def _dot(self, cover: Ink, centres: NDArray[np.float64]) -> None:
        near = ((centres > -self._reach) & (centres < self._side + self._reach)).all(axis=1)
        centres = centres[near]
        for start in range(0, len(centres), _CHUNK):
            self._dot_some(cover, centres[start : start + _CHUNK])

    def _dot_some(self, cover: Ink, centres: NDArray[np.float64]) -> None:
        corners = np.floor(centres).astype(np.int64) - self._reach
        size = 2 * self._reach + 1
        gaps = corners[:, :, None] + np.arange(size) + 0.5 - centres[:, :, None]  # (N, 2, size)
        squares = np.square(gaps, dtype=np.float32, casting="same_kind")
        distances = np.sqrt(squares[:, 1, :, None] + squares[:, 0, None, :])  # (N, size, size)
        inks = np.clip(np.float32(self._radius + 0.5) - distances, 0, 1)
        for ink, (x, y) in zip(inks, (corners + self._margin).tolist(), strict=True):
            patch = cover[y : y + size, x : x + size]
            np.maximum(patch, ink, out=patch)


def _along(segments: NDArray[np.float64], spacing: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return points along quadratic segments, at most about `spacing` apart, and how many there are of each.

    (N, 3, 2) -> (M, 2), (N,).

    A row of round dots has scalloped edges; at the spacing used here, √(0.4·radius), they are 0.05 of a pixel deep.
    """
    legs = np.linalg.norm(np.diff(segments, axis=1), axis=2).sum(axis=1)
    counts = np.ceil(legs / spacing).astype(np.int64) + 1
    which = np.repeat(np.arange(len(segments)), counts)
    place = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    t = (place / np.maximum(counts - 1, 1)[which])[:, None]
    start, control, end = segments[which, 0], segments[which, 1], segments[which, 2]
    return (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end, counts


@dataclass(frozen=True)
class Placement:
    """Where on the canvas the pixels of the network's image come from; all in units of the canvas side.

    Attributes:
        left: Left edge of the image's first column.
        top: Upper edge of its first row.
        step: Side of one pixel.
    """

    left: float
    top: float
    step: float

    def box(self, rows: slice, columns: slice) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of some rows and columns of the image."""
        left, right = (self.left + edge * self.step for edge in (columns.start, columns.stop))
        top, bottom = (self.top + edge * self.step for edge in (rows.start, rows.stop))
        return left, top, right, bottom


def resampled(ink: Ink, size: int, centre: float, scale: float) -> Ink:
    """Return rows of pixels resampled to `size` rows by averaging areas.  # (H, W) -> (size, W).

    The areas are differences of running sums. A product of matrices would do the same, but NumPy spreads one of this
    size over threads, and while a network trains it then waits for the other's turn: 50 ms in place of 0.1.

    Args:
        ink: Paper lies beyond its edges.
        size: Rows of the result.
        centre: Position in `ink`, in rows from its top edge, that comes to the centre of row `size // 2`.
        scale: Rows of `ink` per row of the result; below 1 it interpolates.
    """
    reach = max(scale, 1.0) / 2
    middles = centre + (np.arange(size) - size // 2) * scale
    sums = np.zeros((len(ink) + 1, ink.shape[1]))
    np.cumsum(ink, axis=0, out=sums[1:])

    def sum_above(edges: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        edges = np.clip(edges, 0, len(ink))
        whole = np.minimum(edges.astype(np.intp), len(ink) - 1)
        return sums[whole] + (edges - whole)[:, None] * ink[whole]

    return ((sum_above(middles + reach) - sum_above(middles - reach)) / (2 * reach)).astype(np.float32)
