"""The hands that digits are written in: the spline through the points of each glyph's strokes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from convscope.core.data.handwriting_glyphs import GLYPHS

POINTS = 80  # sampled along one digit: about 0.7 pixels apart at most, so that discs on them merge into a line

_TOKEN = re.compile(r"(-?\d+),(-?\d+)(?:[~](-?\d+),(-?\d+))?(?:[\^](-?\d+),(-?\d+))?(!?)")


@dataclass(frozen=True, eq=False)
class Hand:
    """One way to write one digit.

    Attributes:
        digit: Which digit.
        name: What is special about it.
        share: How many of the digit's writers use it, as a fraction.
        control: The points given, in digit heights.  # (K, 2)
        habits: Where the first and the second habit move them.  # (2, K, 2)
        stroke: The number of the stroke of each control point.  # (K,)
        basis: Points along the strokes are `basis @ control`.  # (POINTS, K)
    """

    digit: int
    name: str
    share: float
    control: NDArray[np.float32]
    habits: NDArray[np.float32]
    stroke: NDArray[np.int64]
    basis: NDArray[np.float32]


@cache
def hands() -> tuple[Hand, ...]:
    """Return all hands of all digits, in the order of the digits."""
    found: list[Hand] = []
    for digit, ways in GLYPHS.items():
        total = sum(share for share, _, _ in ways)
        found += [_hand(digit, name, share / total, strokes) for share, name, strokes in ways]
    return tuple(found)


def _hand(digit: int, name: str, share: float, strokes: tuple[str, ...]) -> Hand:
    tokens = [(number, *_numbers(token)) for number, text in enumerate(strokes) for token in text.split()]
    values = np.array([token[1] for token in tokens]) / 100  # (K, 6)
    stroke = np.array([token[0] for token in tokens])
    sharp = np.array([token[2] for token in tokens])
    control, habits = values[:, :2], np.stack([values[:, 2:4], values[:, 4:6]])
    basis = _basis(control, _pieces(stroke, sharp))
    return Hand(digit, name, share, control.astype(np.float32), habits.astype(np.float32), stroke, basis)


def _numbers(token: str) -> tuple[list[float], bool]:
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise ValueError(f"“{token}” is not a point of a stroke.")
    *numbers, sharp = match.groups(default="")
    return [float(number or 0) for number in numbers], sharp == "!"


def _pieces(stroke: NDArray[np.int64], sharp: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first and last control point of each smooth piece: strokes, cut where the pen turns sharply."""
    pieces: list[tuple[int, int]] = []
    first = 0
    for last in range(1, len(stroke)):
        ends = last + 1 == len(stroke) or stroke[last + 1] != stroke[last]
        if stroke[last] != stroke[first]:
            first = last
        elif ends or sharp[last]:
            pieces.append((first, last))
            first = last
    return pieces


def _basis(control: NDArray[np.float64], pieces: list[tuple[int, int]]) -> NDArray[np.float32]:
    steps = np.hypot(*np.diff(control, axis=0).T)
    lengths = np.array([steps[first:last].sum() for first, last in pieces])
    shares = np.maximum(np.floor(lengths / lengths.sum() * POINTS), 2).astype(int)
    shares[np.argmax(lengths)] += POINTS - shares.sum()
    rows = np.zeros((POINTS, len(control)))
    start = 0
    for (first, last), count in zip(pieces, shares, strict=True):
        rows[start : start + count, first : last + 1] = _spline(steps[first:last], count)
        start += count
    return rows.astype(np.float32)


def _spline(steps: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return weights of the knots at `count` places along a cubic Hermite spline with knots `steps` apart.

    The slope at a knot is that of the parabola through it and its neighbours (Catmull-Rom with unequal steps).
    """
    knots = np.concatenate([[0.0], np.cumsum(steps)])
    slopes = _slopes(knots)  # (K, K)
    places = np.linspace(0.0, float(knots[-1]), count)
    left = np.clip(np.searchsorted(knots, places, side="right") - 1, 0, len(steps) - 1)
    step = steps[left][:, None]
    t = (places - knots[left])[:, None] / step
    one = np.eye(len(knots))
    return (
        (1 + 2 * t) * (1 - t) ** 2 * one[left]
        + t * (1 - t) ** 2 * step * slopes[left]
        + t**2 * (3 - 2 * t) * one[left + 1]
        + t**2 * (t - 1) * step * slopes[left + 1]
    )


def _slopes(knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the matrix that turns values at the knots into slopes there."""
    size = len(knots)
    secants = np.diff(np.eye(size), axis=0) / np.diff(knots)[:, None]  # (K - 1, K)
    if size == 2:
        return np.repeat(secants, 2, axis=0)
    before, after = np.diff(knots)[:-1, None], np.diff(knots)[1:, None]
    inner = (after * secants[:-1] + before * secants[1:]) / (before + after)
    first = 2 * secants[:1] - inner[:1]
    last = 2 * secants[-1:] - inner[-1:]
    return np.concatenate([first, inner, last])
