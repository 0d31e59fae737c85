"""What the plot of the prediction through training shows, as values: which classes are named, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convscope.core.probability_text import probability_text

MOST_NAMED = 5  # classes whose lines are thick and have their names beside them
_WORTH_NAMING = 0.2  # a class that never comes so far is one of the many at the bottom


@dataclass(frozen=True, eq=False)
class PredictionCourse:
    """The answers of a network at some moments of its training.

    Attributes:
        positions: When they were given, in epochs, in order.  # (N,)
        probabilities: What was answered.  # (N, classes)
        names: Of the classes.
        label: The class that is right; None where nobody knows.
    """

    positions: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    probabilities: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    names: Sequence[str] = ()
    label: int | None = None

    def __len__(self) -> int:
        """Return the number of moments."""
        return len(self.positions)

    def named(self) -> tuple[int, ...]:
        """Return the classes to name: the right one, the last answer, and what else came far, the strongest first."""
        if not len(self):
            return ()
        peaks = self.probabilities.max(axis=0)
        peaks[int(self.probabilities[-1].argmax())] = 2
        if self.label is not None and self.label < len(peaks):
            peaks[self.label] = 3
        ranked = np.argsort(-peaks, kind="stable")[:MOST_NAMED]
        return tuple(int(number) for number in ranked if peaks[number] >= _WORTH_NAMING)

    def nearest(self, position: float) -> int:
        """Return the number of the moment nearest to a position; there must be one."""
        return int(np.argmin(np.abs(self.positions - position)))

    def strongest(self, moment: int, count: int = 3) -> list[tuple[int, float]]:
        """Return the classes with the highest probabilities at a moment, and these."""
        answer = self.probabilities[moment]
        return [(int(number), float(answer[number])) for number in np.argsort(-answer, kind="stable")[:count]]

    def name(self, number: int) -> str:
        """Return the name of a class."""
        return self.names[number] if number < len(self.names) else str(number)

    def described(self, moment: int) -> str:
        """Return a moment in a sentence."""
        answers = ", ".join(f"{self.name(k)} with {probability_text(p)}" for k, p in self.strongest(moment))
        return f"{epoch_text(float(self.positions[moment]))}: {answers}"


def epoch_text(position: float) -> str:
    """Return where a run was: the start, or an epoch with as many decimals as tell moments apart."""
    return "Start" if position == 0 else f"Epoch {position:.{3 if position < 0.1 else 2}f}"


def bends(heights: NDArray[np.floating[Any]], least: float) -> NDArray[np.intp]:
    """Return the points that a line needs: both ends, and those that are not as high as a neighbour.

    Args:
        heights: Of the points, from left to right.  # (N,)
        least: A difference that is seen.
    """
    differs = np.abs(np.diff(heights)) > least
    return np.flatnonzero(np.append(True, differs) | np.append(differs, True))


def dashes(points: NDArray[np.float64], length: float, gap: float) -> NDArray[np.float64]:
    """Return the straight pieces of a dashed line through points, each as x and y of both ends.  # (N, 2) to (M, 4).

    Args:
        points: In order.
        length: Of a dash along the line.
        gap: Between two dashes.
    """
    walked = np.append(0.0, np.cumsum(np.hypot(*np.diff(points, axis=0).T)))
    begins = np.arange(0.0, walked[-1], length + gap)
    places = np.unique(np.concatenate([walked, begins, np.minimum(begins + length, walked[-1])]))
    ends = np.stack([np.interp(places, walked, side) for side in points.T], axis=1)
    inked = ((places[:-1] + places[1:]) / 2) % (length + gap) < length
    return np.concatenate([ends[:-1], ends[1:]], axis=1)[inked]


def spread(wanted: Sequence[float], height: float, low: float, high: float) -> list[float]:
    """Return middles for labels of one height as near to the wanted ones as they can be without covering each other.

    Args:
        wanted: Middles, in any order.
        height: Of a label.
        low: Where the first may begin.
        high: Where the last must end, if all fit.
    """
    order = sorted(range(len(wanted)), key=lambda number: wanted[number])
    places = [0.0] * len(wanted)
    end = low
    for number in order:  # down, none above the end of the one before
        places[number] = max(wanted[number], end + height / 2)
        end = places[number] + height / 2
    end = max(high, low + height * len(wanted))
    for number in reversed(order):  # and up again where they went too far
        places[number] = min(places[number], end - height / 2)
        end = places[number] - height / 2
    return places
