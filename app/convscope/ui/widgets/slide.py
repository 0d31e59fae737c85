"""A window on its way over a map, as a value: which input places make which output place, in reading order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convscope.core.layers.window import Window
from convscope.core.receptive_field import touched
from convscope.ui.colour_maps import ColourScale

Array = NDArray[np.floating[Any]]
SLOWEST = 0.5  # positions a second
WHOLE = 2.0  # seconds that the whole map takes at the fastest


@dataclass(frozen=True, eq=False)
class Slide:
    """An input map, the window that slides over it, and the output map that it makes.

    Attributes:
        source: The input map.  # (H, W)
        result: The output map.  # (h, w)
        rows: Rows of the input below the window, by row of the output; those outside lie in the padding.  # (h, kh)
        columns: The same for columns.  # (w, kw)
        pads: Rows added above and below, columns added left and right.
        source_scale: What the input's colours stand for.
        result_scale: What the output's colours stand for.
        source_name: What the input map is called.
        result_name: What the output map is called.
    """

    source: Array
    result: Array
    rows: NDArray[np.int_]
    columns: NDArray[np.int_]
    pads: tuple[tuple[int, int], tuple[int, int]]
    source_scale: ColourScale
    result_scale: ColourScale
    source_name: str = "input"
    result_name: str = "output"

    @classmethod
    def of(
        cls,
        window: Window,
        source: Array,
        result: Array,
        *,
        scales: tuple[ColourScale, ColourScale] | None = None,
        names: tuple[str, str] = ("input", "output"),
    ) -> Slide:
        """Return the slide of a window over one map.

        Args:
            window: Kernel, stride, padding and dilation, exactly as the layer has them.
            source: The input map.  # (H, W)
            result: The output map.  # (h, w)
            scales: Of the two maps' colours; their own ones if there are none.
            names: What the two maps are called.
        """
        sides = (source.shape[0], source.shape[1])
        directions = zip(result.shape, window.along(sides), strict=True)
        rows, columns = (touched(np.arange(count), along) for count, along in directions)
        own = scales or (ColourScale.of(source), ColourScale.of(result))
        return cls(source, result, rows, columns, window.pads(sides), *own, *names)

    @property
    def count(self) -> int:
        """How many positions the window takes."""
        return self.result.size

    def place(self, position: int) -> tuple[int, int]:
        """Return row and column of the output that a position makes."""
        row, column = divmod(min(max(position, 0), self.count - 1), self.result.shape[1])
        return row, column

    def position(self, row: int, column: int) -> int:
        """Return at which position the window makes a place of the output."""
        return row * self.result.shape[1] + column

    def box(self, position: int) -> tuple[int, int, int, int]:
        """Return the window's top, left, height and width on the input; it may begin and end in the padding."""
        row, column = self.place(position)
        rows, columns = self.rows[row], self.columns[column]
        top, left = int(rows[0]), int(columns[0])
        return top, left, int(rows[-1]) + 1 - top, int(columns[-1]) + 1 - left


def rate_of(share: float, count: int) -> float:
    """Return how many positions a second a speed is: 0 is one in two seconds, 1 the whole map in two seconds.

    Args:
        share: 0 to 1; between the ends each step multiplies the rate by the same factor.
        count: Positions of the whole map.
    """
    fastest = max(count / WHOLE, SLOWEST)
    return SLOWEST * (fastest / SLOWEST) ** share


def rate_text(rate: float, count: int) -> str:
    """Return a speed in words."""
    if rate < 1:
        return f"{1 / rate:.2g} s a position"
    if count / rate < 20:
        return f"whole map in {count / rate:.2g} s"
    return f"{rate:.0f} a second"
