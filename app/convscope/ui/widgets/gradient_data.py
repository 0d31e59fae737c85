"""What is shown of gradients and updates: sizes on a logarithmic axis, and a colour for each layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from convscope.core.gradient_flow import FlowPoint
from convscope.ui import theme

SMALLEST = 1e-12  # what is smaller stands at the axis' lower end
_LONGEST = 160  # points of a line; more would be drawn within the same pixels

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Quantity:
    """One of the two sizes that are shown.

    Attributes:
        key: "gradients" or "updates".
        symbol: As a formula.
        title: In words.
        usual: Where it lies in networks that learn, as the two ends.
    """

    key: str
    symbol: str
    title: str
    usual: tuple[float, float]

    def of(self, point: FlowPoint) -> Floats:
        """Return the sizes of a point.  # (L,)."""
        return point.gradients if self.key == "gradients" else point.relative_updates


# The usual ranges are those of the lectures' networks that learn, over their first epochs.
GRADIENTS = Quantity("gradients", "‖g‖", "Gradient", (0.01, 5.0))
UPDATES = Quantity("updates", "‖Δw‖ / ‖w‖", "Update, of the weights", (0.0005, 0.05))
QUANTITIES = (GRADIENTS, UPDATES)


@dataclass(frozen=True)
class Decades:
    """A logarithmic axis from one power of ten to another."""

    low: int
    high: int

    @classmethod
    def of(cls, values: Floats, usual: tuple[float, float]) -> Decades:
        """Return the least axis of whole decades that holds the values and what is usual."""
        finite = values[np.isfinite(values)]
        shown = np.concatenate((np.maximum(finite, SMALLEST), usual))
        return cls(math.floor(math.log10(shown.min()) + 1e-9), math.ceil(math.log10(shown.max()) - 1e-9))

    def place(self, value: float) -> float:
        """Return where a value lies, from 0 at the low end to 1; infinity and what is no number lie at 1."""
        if not math.isfinite(value):
            return 1.0
        power = math.log10(max(value, SMALLEST))
        return min(max((power - self.low) / (self.high - self.low), 0.0), 1.0)

    def ticks(self, most: int) -> list[int]:
        """Return the powers of ten to be labelled, so many at most."""
        step = max(1, math.ceil((self.high - self.low + 1) / max(2, most)))
        return list(range(self.low, self.high + 1, step))


def thinned(points: Sequence[FlowPoint]) -> Sequence[FlowPoint]:
    """Return as many points as a line needs; the newest is among them."""
    step = -(-len(points) // _LONGEST) if points else 1
    return points[::-1][::step][::-1]


def layer_colours(count: int) -> list[QColor]:
    """Return a colour for each layer, from blue at the input by way of violet to orange at the output."""
    lightness = 0.68 if theme.current().dark else 0.42
    return [
        QColor.fromHslF((0.58 + 0.5 * number / max(1, count - 1)) % 1.0, 0.75, lightness) for number in range(count)
    ]


def power_text(power: int) -> str:
    """Return a power of ten as it stands beside an axis."""
    return "1" if power == 0 else "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
