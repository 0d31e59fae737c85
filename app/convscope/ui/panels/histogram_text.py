"""What is counted and what is said below a histogram: maps that never answer, and values that are no numbers."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convscope.core.histogram import Histogram
from convscope.ui.widgets.number_text import number_text

MOST_VALUES = 300_000  # some 10 ms on one core
_MOST_NAMES = 8


def dead_text(dead: NDArray[np.bool_], off: Collection[int], part: str) -> str:
    """Return which parts of a layer are 0 for every image by themselves.

    Args:
        dead: One flag for each part.
        off: Parts that are switched off, and so are 0 whatever is seen.
        part: What they are called: "map" or "unit".
    """
    numbers = [int(number) for number in np.flatnonzero(dead) if number not in off]
    text = f"No dead {part}s."
    if numbers:
        which = part if len(numbers) == 1 else f"{part}s"
        text = f"{len(numbers)} of {len(dead)} {part}s dead: {which} {_listed(numbers)}."
    return f"{text} Switched off: {_listed(sorted(off))}." if off else text


def _listed(numbers: Sequence[int]) -> str:
    names = ", ".join(str(number) for number in numbers[:_MOST_NAMES])
    return names if len(numbers) <= _MOST_NAMES else f"{names} and {len(numbers) - _MOST_NAMES} more"


def strange_text(found: Histogram) -> str:
    """Return how many values are no numbers; empty where all are."""
    if not found.non_finite:
        return ""
    return f"{found.non_finite:,} of {found.total:,} values are not finite: the weights have run away."


def biases_text(biases: NDArray[np.floating]) -> str:
    """Return between which values a layer's biases lie."""
    low, high = (number_text(float(one), 3) for one in (biases.min(), biases.max()))
    return f"{len(biases):,} biases: {low} to {high}"


def thinned(values: NDArray[Any]) -> NDArray[Any]:
    """Return all values, or of very many only some from all over the array: counting them must not be felt."""
    return values.reshape(-1)[:: _step(values)]


def thinned_text(values: NDArray[Any]) -> str:
    """Return which values are counted; empty where all are."""
    step = _step(values)
    return "" if step == 1 else f"Counted: one in {step:,} of {values.size:,} values."


def _step(values: NDArray[Any]) -> int:
    """Return a step that shares no factor with the sides, so that it meets every row, column and channel."""
    step = -(-values.size // MOST_VALUES)
    while step > 1 and math.gcd(step, values.size) > 1:
        step += 1
    return max(1, step)
