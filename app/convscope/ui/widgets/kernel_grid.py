"""The kernels of a layer: a row of them for each filter, one kernel for each input channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from convscope.ui.colour_maps import ColourScale
from convscope.ui.widgets.mosaic import Mosaic
from convscope.ui.widgets.mosaic_layout import Place
from convscope.ui.widgets.mosaic_maps import Maps
from convscope.ui.widgets.number_text import number_text

Array = NDArray[np.floating[Any]]
Channel = Literal["all", "mean"] | int


@dataclass(frozen=True, eq=False)
class Kernels:
    """Weights of a convolution or of a dense layer, and how they are read.

    Attributes:
        weights: (filters, channels, height, width), or (units, inputs) as a matrix with one row for each unit.
        biases: None for a layer without.  # (filters,)
        filter_name: What one row of `weights` is called.
        channel: Which input channel's kernels are shown; "mean" shows the mean over all channels.
        own_scales: Every filter has a scale of its own.
    """

    weights: Array
    biases: Array | None = None
    filter_name: str = "Filter"
    channel: Channel = "all"
    own_scales: bool = False

    @property
    def is_matrix(self) -> bool:
        """Whether the weights have no places in a picture to be shown at."""
        return self.weights.ndim == 2

    def maps(self) -> Maps:
        """Return what a mosaic shows, in signed colours centred on zero."""
        if self.is_matrix:
            shown = self.weights[None]
        elif self.channel == "all":
            shown = self.weights
        elif self.channel == "mean":
            shown = self.weights.mean(axis=1, keepdims=True)
        else:
            shown = self.weights[:, self.channel : self.channel + 1]
        scale = None if self.own_scales and not self.is_matrix else ColourScale.signed(shown)
        return Maps.of(shown, scale, signed=True, stretched=self.is_matrix)

    def described(self, place: Place, value: float) -> str:
        """Return what is said of one weight, with the bias that goes with it."""
        if self.is_matrix:
            return f"{self._with_bias(place.row)}, input {place.column}:  {number_text(value)}"
        channel = place.part if self.channel == "all" else self.channel
        where = f"mean of {self.weights.shape[1]} channels" if channel == "mean" else f"channel {channel}"
        spot = f"row {place.row}, column {place.column}"
        return f"{self._with_bias(place.tile)}, {where}, {spot}:  {number_text(value)}"

    def summary(self) -> str:
        """Return how many filters or units there are, and of what size."""
        name = f"{len(self.weights)} {self.filter_name.lower()}s"
        if self.is_matrix:
            return f"{name} (rows) of {self.weights.shape[1]:,} inputs (columns)"
        channels, height, width = self.weights.shape[1:]
        return f"{name} of {height}×{width}×{channels}"

    def described_filter(self, tile: int) -> str:
        """Return what is said of a filter as a whole."""
        if self.is_matrix:
            return self.summary()
        own = self.weights[tile]
        return f"{self._with_bias(tile)}:  {number_text(float(own.min()), 3)} to {number_text(float(own.max()), 3)}"

    def _with_bias(self, tile: int) -> str:
        if self.biases is None:
            return f"{self.filter_name} {tile}"
        return f"{self.filter_name} {tile} (bias {number_text(float(self.biases[tile]), 3)})"


class KernelGrid(Mosaic):
    """Shows kernels; see `Mosaic` for what the user can do with them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kernels: Kernels | None = None
        self.setAccessibleName("Kernels")

    def show_kernels(self, kernels: Kernels) -> None:
        """Take the names of filters and channels and the biases from here on."""
        self._kernels = kernels
        self.tile_name = kernels.filter_name.lower()

    def caption(self) -> str:
        """Return what is to be said of the weight under the pointer, else of the selected filter or of all."""
        usual = super().caption()
        if self._kernels is None or self.hovered is not None or self.zoomed or self.hasFocus():
            return usual
        hint = "" if self._kernels.is_matrix else "; double-click to enlarge"
        return f"{self._kernels.summary()}{hint}." if self.maps else ""

    def described(self, place: Place, value: float) -> str:
        """Return what the caption says of one weight."""
        return super().described(place, value) if self._kernels is None else self._kernels.described(place, value)

    def described_tile(self, tile: int) -> str:
        """Return what the caption says of one filter."""
        return super().described_tile(tile) if self._kernels is None else self._kernels.described_filter(tile)
