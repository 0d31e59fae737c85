"""What the plot of the prediction through training shows, as values: which lines there are, which are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from convscope.core.number_text import number_text
from convscope.core.probability_text import WIDEST, probability_text
from convscope.ui.widgets.curve_data import even_ticks

MOST_NAMED = 5  # classes whose lines are thick and have their names beside them
_WORTH_NAMING = 0.2  # a class that never comes so far is one of the many at the bottom
_MARGIN = 0.06  # of the heights of all predicted numbers, above and below


@dataclass(frozen=True, eq=False)
class PredictionCourse:
    """The answers of a network that tells classes apart at some moments of its training.

    Attributes:
        positions: When they were given, in epochs, in order.  # (N,)
        answers: The probabilities.  # (N, classes)
        names: Of the classes.
        label: The class that is right; None where nobody knows.
    """

    positions: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    answers: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    names: Sequence[str] = ()
    label: int | None = None
    _with: ClassVar[str] = "with "  # in a sentence between a name and its answer

    def __len__(self) -> int:
        """Return the number of moments."""
        return len(self.positions)

    def named(self) -> tuple[int, ...]:
        """Return the classes to name: the right one, the last answer, and what else came far, the strongest first."""
        if not len(self):
            return ()
        peaks = self.answers.max(axis=0)
        peaks[int(self.answers[-1].argmax())] = 2
        if self.label is not None and self.label < len(peaks):
            peaks[self.label] = 3
        ranked = np.argsort(-peaks, kind="stable")[:MOST_NAMED]
        return tuple(int(number) for number in ranked if peaks[number] >= _WORTH_NAMING)

    def nearest(self, position: float) -> int:
        """Return the number of the moment nearest to a position; there must be one."""
        return int(np.argmin(np.abs(self.positions - position)))

    def strongest(self, moment: int, count: int = 3) -> list[tuple[int, float]]:
        """Return the classes with the highest probabilities at a moment, and these."""
        answer = self.answers[moment]
        return [(int(number), float(answer[number])) for number in np.argsort(-answer, kind="stable")[:count]]

    def name(self, number: int) -> str:
        """Return the name of a class."""
        return self.names[number] if number < len(self.names) else str(number)

    def described(self, moment: int) -> str:
        """Return a moment in a sentence."""
        answers = ", ".join(f"{self.name(k)} {self._with}{self.text(p)}" for k, p in self.strongest(moment))
        return f"{epoch_text(float(self.positions[moment]))}: {answers}"

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the greatest height of the plot."""
        return 0.0, 1.0

    @property
    def widest(self) -> str:
        """What is as wide as any answer that is read."""
        return WIDEST

    def text(self, answer: float) -> str:
        """Return an answer as it is read."""
        return probability_text(answer)

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """Return the heights to label, at most so many, and how."""
        steps = 4 if most > 4 else 2
        return [(step / steps, f"{100 * step // steps} %") for step in range(steps + 1)]


@dataclass(frozen=True, eq=False)
class NumberCourse(PredictionCourse):
    """The numbers that a network predicted at some moments of its training, and the one that is wanted, if known.

    `answers` has a column for each number, and the last of them may be what is wanted; `names` says what they are.

    Attributes:
        unit: Of the numbers; empty for none.
    """

    unit: str = ""
    _with: ClassVar[str] = ""

    @classmethod
    def of(
        cls,
        positions: NDArray[np.float64],
        predicted: NDArray[np.float32],
        names: Sequence[str],
        wanted: float | None = None,
        unit: str = "",
    ) -> NumberCourse:
        """Return the course of what was predicted.

        Args:
            positions: See `PredictionCourse`.
            predicted: # (N, numbers)
            names: Of the numbers, where there are several.
            wanted: What a single number should be; None where nobody knows.
            unit: Of all of them.
        """
        if predicted.shape[1] > 1:
            return cls(positions, predicted, names, unit=unit)
        if wanted is None:
            return cls(positions, predicted, ("predicted",), unit=unit)
        lines = np.hstack([predicted, np.full_like(predicted, wanted)])
        return cls(positions, lines, ("predicted", "wanted"), unit=unit)

    def named(self) -> tuple[int, ...]:
        """Return the first numbers."""
        return tuple(range(min(MOST_NAMED, self.answers.shape[1])))

    def strongest(self, moment: int, count: int = 3) -> list[tuple[int, float]]:
        """Return the first numbers at a moment, with their places."""
        return [(number, float(answer)) for number, answer in enumerate(self.answers[moment, :count])]

    @property
    def ends(self) -> tuple[float, float]:
        """Some more than what is between the least and the greatest number."""
        known = self.answers[np.isfinite(self.answers)].astype(np.float64)
        if not known.size:
            return 0.0, 1.0
        low, high = float(known.min()), float(known.max())
        margin = _MARGIN * (high - low) or max(_MARGIN * abs(high), 1e-6)
        return low - margin, high + margin

    @property
    def widest(self) -> str:
        """The longest of the numbers at both ends."""
        return max((self.text(end) for end in self.ends), key=len)

    def text(self, answer: float) -> str:
        """Return a number with its unit."""
        return f"{number_text(answer)} {self.unit}".rstrip() if np.isfinite(answer) else number_text(answer)

    def ticks(self, most: int) -> list[tuple[float, str]]:
        """Return round numbers."""
        return [(tick, self.text(tick)) for tick in even_ticks(*self.ends, most)]


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
