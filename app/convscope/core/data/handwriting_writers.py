"""Writers drawn at random: which hand, which proportions, slant, tremor and pen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from convscope.core.data.handwriting_hands import POINTS, hands
from convscope.core.data.handwriting_ink import centred, fitted, rendered

Floats = NDArray[np.floating[Any]]


def written(digits: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return one image (N, 28, 28) of each digit, every one by another writer."""
    points, radii = (path.astype(np.float32) for path in _paths(digits, rng))
    points, radii = fitted(points, radii)
    count = len(digits)
    softness = rng.uniform(0.8, 1.3, count).astype(np.float32)
    darkness = np.float32(1) - rng.exponential(0.01, count).astype(np.float32).clip(0, 0.2)
    return centred(rendered(points, radii, softness, darkness))


def _paths(digits: NDArray[np.int64], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return the pen's path (N, P, 2), in digit heights, and half its width at each point (N, P)."""
    chosen = _chosen_hands(digits, rng)
    points = np.empty((len(digits), POINTS, 2), np.float32)
    for number in np.unique(chosen):
        members = np.flatnonzero(chosen == number)
        points[members] = _of_hand(int(number), len(members), rng)
    points = _proportioned(points, rng)
    points = _trembling(_bent(points, rng), rng)
    thickest = np.where(digits == 1, np.inf, 0.2 * np.ptp(points[..., 0], axis=1))  # else the rings of an 8 fill up
    return _slanted(points, rng), _pen(thickest, rng)


def _chosen_hands(digits: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    chosen = np.empty(len(digits), np.int64)
    for digit in range(10):
        numbers = [number for number, hand in enumerate(hands()) if hand.digit == digit]
        members = np.flatnonzero(digits == digit)
        chosen[members] = rng.choice(numbers, len(members), p=[hands()[number].share for number in numbers])
    return chosen


def _of_hand(number: int, count: int, rng: np.random.Generator) -> Floats:
    """Return paths of one hand: habits more or less marked, every stroke and every turn somewhat misplaced."""
    hand = hands()[number]
    habits = np.tensordot(rng.uniform(-0.15, 1.15, (count, 2)), hand.habits, 1)
    carelessness = rng.uniform(0.2, 1.0, (count, 1, 1))
    misplaced = rng.normal(0, 0.045, (count, len(hand.control), 2))
    shifted = rng.normal(0, 0.03, (count, hand.stroke[-1] + 1, 2))[:, hand.stroke]
    control = hand.control + habits + carelessness * (misplaced + shifted)
    return hand.basis @ control.astype(np.float32)


def _normal(rng: np.random.Generator, spread: float, *shape: int) -> Floats:
    return rng.standard_normal(shape, np.float32) * np.float32(spread)


def _proportioned(points: Floats, rng: np.random.Generator) -> Floats:
    """Make digits wide or narrow, their upper part large or small, their upper part wider or narrower."""
    count = len(points)
    x, y = points[..., 0] - 0.25, points[..., 1] - 0.5
    y = y + _normal(rng, 0.13, count, 1) * (1 - 4 * y**2)
    x = x * np.exp(0.05 + _normal(rng, 0.22, count, 1)) * (1 + _normal(rng, 0.2, count, 1) * y)
    return np.stack([x, y], axis=-1)


def _bent(points: Floats, rng: np.random.Generator) -> Floats:
    """Bend digits like rubber: waves across the plane, each of random direction, length, phase and height."""
    count = len(points)
    bent = points.copy()
    for waves in (0.6, 1.2):
        direction = _normal(rng, 2 * np.pi * waves / np.sqrt(2), count, 2, 1)
        phase = rng.uniform(0, 2 * np.pi, (count, 1)).astype(np.float32)
        height = _normal(rng, 0.025 / waves, count, 1, 2)
        bent += height * np.sin((points @ direction)[..., 0] + phase)[..., None]
    return bent


def _trembling(points: Floats, rng: np.random.Generator) -> Floats:
    """Let the hand shake: smooth noise along the path."""
    amount = rng.exponential(0.006, (len(points), 1, 1)).astype(np.float32).clip(0, 0.02)
    return points + amount * (_SMOOTH @ _normal(rng, 1, len(points), _SMOOTH.shape[1], 2))


def _slanted(points: Floats, rng: np.random.Generator) -> Floats:
    count = len(points)
    slant = 0.15 + _normal(rng, 0.3, count, 1)
    angle = _normal(rng, 0.1, count, 1)
    x, y = points[..., 0] - slant * points[..., 1], points[..., 1]
    cos, sin = np.cos(angle), np.sin(angle)
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)


def _pen(thickest: Floats, rng: np.random.Generator) -> Floats:
    """Return half the width of the line: the pen's, changed by the pressure along the path (N, P)."""
    count = len(thickest)
    pen = 0.076 * np.exp(_normal(rng, 0.32, count, 1)).clip(0.55, 1.8)
    pen = np.minimum(pen, thickest[:, None])
    pressure = 0.13 * _normal(rng, 1, count, _SMOOTH.shape[1]) @ _SMOOTH.T
    return pen * (1 + pressure.clip(-0.4, 0.4))


def _smoothing() -> Floats:
    """Return the matrix (P, P / 8 + 1) that joins values at every eighth point by straight lines."""
    places = np.arange(POINTS) / 8
    nodes = np.arange(POINTS // 8 + 1)
    return np.maximum(0, 1 - np.abs(places[:, None] - nodes)).astype(np.float32)


_SMOOTH = _smoothing()
