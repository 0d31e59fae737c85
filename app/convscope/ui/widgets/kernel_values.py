"""The weights of a layer as a table of kernels: their colours, and what is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convscope.ui.colour_maps import ColourScale, colours
from convscope.ui.widgets.kernel_places import Spot
from convscope.ui.widgets.number_text import number_text

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class KernelValues:
    """What a table of kernels shows.

    Attributes:
        weights: # (filters, channels, height, width)
        gradients: Shown beside the weights; None for none.  # of the same shape
        biases: None for a layer without.  # (filters,)
        own_scales: Every row has a scale of its own.
        row_names: What the rows are, where they are no filters.
    """

    weights: Array
    gradients: Array | None = None
    biases: Array | None = None
    own_scales: bool = False
    row_names: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """(filters, channels, height, width)."""
        filters, channels, height, width = self.weights.shape
        return filters, channels, height, width

    @property
    def arrays(self) -> tuple[Array, ...]:
        """What lies side by side: the weights, and their gradients where there are any."""
        return (self.weights,) if self.gradients is None else (self.weights, self.gradients)

    def pixels(self, rows: slice, channels: slice) -> NDArray[np.uint32]:
        """Return the colours of some of the kernels.  # (filters, channels, parts, height, width)."""
        coloured = [self._coloured(part, rows, channels) for part in range(len(self.arrays))]
        return np.stack(coloured, axis=2)

    def value(self, spot: Spot) -> float:
        """Return one value."""
        return float(self.arrays[spot.part][spot.filter, spot.channel, spot.row, spot.column])

    def scale(self, part: int, row: int) -> ColourScale:
        """Return what the colours of the weights (part 0) or gradients (1) of one row stand for."""
        return ColourScale.signed(self.arrays[part][row]) if self.own_scales else self._scales[part]

    def row_name(self, row: int) -> str:
        """Return the heading of a row."""
        return self.row_names[row] if self.row_names else str(row)

    def row_title(self, row: int) -> str:
        """Return what a row is called where it stands alone."""
        return self.row_names[row] if self.row_names else f"Filter {row}"

    def scale_text(self, part: int, row: int) -> str:
        """Return for which values the scale of a row holds."""
        what = ("weights", "gradients")[part]
        if not self.own_scales:
            return what
        return self.row_names[row] if self.row_names else f"{what} of filter {row}"

    def summary(self) -> str:
        """Return how many there are, and of what size."""
        filters, channels, height, width = self.shape
        if self.row_names:
            return f"{', '.join(self.row_names)} of {_counted(channels, 'channel')}."
        return f"{_counted(filters, 'filter')} of {height}×{width}×{channels}; click a kernel to open it."

    def described(self, spot: Spot) -> str:
        """Return what is said of one weight."""
        weight = number_text(float(self.weights[spot.filter, spot.channel, spot.row, spot.column]))
        if self.row_names:
            return f"{self.row_name(spot.filter)} of channel {spot.channel}:  {weight}"
        text = f"{self.kernel_name(spot.filter, spot.channel)}, row {spot.row}, column {spot.column}:  {weight}"
        if self.gradients is None:
            return text
        gradient = float(self.gradients[spot.filter, spot.channel, spot.row, spot.column])
        return f"{text}, gradient {number_text(gradient)}"

    def kernel_name(self, number: int, channel: int) -> str:
        """Return what one kernel is called."""
        bias = "" if self.biases is None else f" (bias {number_text(float(self.biases[number]), 3)})"
        return f"Filter {number}{bias}, channel {channel}"

    @cached_property
    def _scales(self) -> tuple[ColourScale, ...]:
        return tuple(ColourScale.signed(array) for array in self.arrays)

    def _coloured(self, part: int, rows: slice, channels: slice) -> NDArray[np.uint32]:
        shown = self.arrays[part][rows, channels]
        if not self.own_scales:
            scale = self._scales[part]
            return colours(shown, scale.low, scale.high, scale.kind)
        whole = self.arrays[part][rows]
        with np.errstate(invalid="ignore"):
            reach = np.where(np.isfinite(whole), np.abs(whole), 0).max(axis=(1, 2, 3), keepdims=True)
            return colours(shown / np.where(reach > 0, reach, 1), -1, 1, "diverging")


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"
