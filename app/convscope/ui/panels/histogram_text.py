"""What is said below a histogram: maps that never answer, and values that are no numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convscope.core.histogram import Histogram
from convscope.ui.widgets.number_text import number_text

_MOST_NAMES = 8


def dead_text(dead: NDArray[np.bool_], part: str) -> str:
    """Return which parts of a layer are 0 for every image.

    Args:
        dead: One flag for each part.
        part: What they are called: "map" or "unit".
    """
    numbers = np.flatnonzero(dead)
    if not len(numbers):
        return f"No dead {part}s (0 for every image)."
    listed = ", ".join(str(number) for number in numbers[:_MOST_NAMES])
    more = f" and {len(numbers) - _MOST_NAMES} more" if len(numbers) > _MOST_NAMES else ""
    which = part if len(numbers) == 1 else f"{part}s"
    return f"{len(numbers)} of {len(dead)} {part}s dead, 0 for every image: {which} {listed}{more}."


def strange_text(found: Histogram) -> str:
    """Return how many values are no numbers; empty where all are."""
    if not found.non_finite:
        return ""
    return f"{found.non_finite:,} of {found.total:,} values are not finite: the weights have run away."


def biases_text(biases: NDArray[np.floating]) -> str:
    """Return between which values a layer's biases lie."""
    low, high = (number_text(float(one), 3) for one in (biases.min(), biases.max()))
    return f"{len(biases):,} biases: {low} to {high}"
