"""The bars of a prediction as values: which classes are shown, and in what words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convscope.core.probability_text import probability_text

SHOWN = 10  # classes at most; of more, the likeliest


@dataclass(frozen=True)
class Bar:
    """One class: its name, how likely it is (0 to 1), whether it wins, whether it is the image's label, its number.

    Attributes:
        other: How likely it is in training where both modes are shown, else None.
        other_wins: Whether it wins there.
    """

    name: str
    probability: float
    wins: bool
    expected: bool
    number: int
    other: float | None = None
    other_wins: bool = False

    @property
    def percent(self) -> str:
        """The probability in percent; neither 0 nor 100 unless it is (nearly) exactly that."""
        return probability_text(self.probability)

    @property
    def share(self) -> float:
        """How far the bar reaches, 0 to 1: as exactly as the percent is written, so that alike bars look alike."""
        return round(self.probability, 3)

    @property
    def other_share(self) -> float:
        """How far the bar of training reaches."""
        return round(self.other or 0.0, 3)

    @property
    def appearance(self) -> tuple[object, ...]:
        """What is seen of the bar; two of one class that appear the same need not be drawn anew."""
        in_training = None if self.other is None else (probability_text(self.other), self.other_share, self.other_wins)
        return self.percent, self.share, self.wins, in_training

    def described(self, *, exactly: bool = False) -> str:
        """Return how likely the class is, in both modes where both are shown; in percent or to six digits."""
        shares = self.probability, self.other or 0.0
        first, second = (f"{share:.6g}" if exactly else probability_text(share) for share in shares)
        return first if self.other is None else f"{first} in inference, {second} in training"


def bars_of(
    probabilities: NDArray[np.floating],
    class_names: Sequence[str],
    expected: int | None = None,
    other: NDArray[np.floating] | None = None,
) -> tuple[Bar, ...]:
    """Return a bar for each class; of more than `SHOWN` the likeliest, and the expected one, likeliest first."""
    order = list(range(len(probabilities)))
    winner = int(np.argmax(probabilities))
    second = None if other is None else int(np.argmax(other))
    if len(order) > SHOWN:
        order = np.argsort(-probabilities, kind="stable")[:SHOWN].tolist()
        if expected is not None and expected not in order and 0 <= expected < len(probabilities):
            order[-1] = expected
        if second is not None and second not in order:
            order[-2] = second
    return tuple(
        Bar(
            _name(class_names, index),
            float(probabilities[index]),
            index == winner,
            index == expected,
            index,
            None if other is None else float(other[index]),
            index == second,
        )
        for index in order
    )


def _name(class_names: Sequence[str], index: int) -> str:
    return class_names[index] if index < len(class_names) else str(index)
