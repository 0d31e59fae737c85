"""The weights of a dense layer: a picture for each unit, where its inputs have places in maps, else one matrix."""

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
class UnitWeights:
    """Weights of a dense layer, and how they are read.

    Attributes:
        weights: (units, channels, height, width), or (units, inputs) as a matrix with one row for each unit.
        biases: None for a layer without.  # (units,)
        channel: Which input channel's weights are shown; "mean" shows the mean over all channels.
        own_scales: Every unit has a scale of its own.
        are_gradients: They are not the weights but their gradients.
    """

    weights: Array
    biases: Array | None = None
    channel: Channel = "all"
    own_scales: bool = False
    are_gradients: bool = False

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
        number = f"{'gradient ' * self.are_gradients}{number_text(value)}"
        if self.is_matrix:
            return f"{self._with_bias(place.row)}, input {place.column}:  {number}"
        channel = place.part if self.channel == "all" else self.channel
        where = f"mean of {self.weights.shape[1]} channels" if channel == "mean" else f"channel {channel}"
        spot = f"row {place.row}, column {place.column}"
        return f"{self._with_bias(place.tile)}, {where}, {spot}:  {number}"

    def summary(self) -> str:
        """Return how many units there are, and of what size."""
        count = f"{'Gradients of ' * self.are_gradients}{len(self.weights)} units"
        if self.is_matrix:
            return f"{count} (rows) of {self.weights.shape[1]:,} inputs (columns)"
        channels, height, width = self.weights.shape[1:]
        return f"{count} of {height}×{width}×{channels}"

    def described_unit(self, tile: int) -> str:
        """Return what is said of a unit as a whole."""
        if self.is_matrix:
            return self.summary()
        own = self.weights[tile]
        return f"{self._with_bias(tile)}:  {number_text(float(own.min()), 3)} to {number_text(float(own.max()), 3)}"

    def _with_bias(self, tile: int) -> str:
        bias = "" if self.biases is None else f" (bias {number_text(float(self.biases[tile]), 3)})"
        return f"Unit {tile}{bias}"


class UnitMosaic(Mosaic):
    """Shows the weights of units; see `Mosaic` for what the user can do with them."""

    tile_name = "unit"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._units: UnitWeights | None = None
        self.setAccessibleName("Weights of the units")

    def show_units(self, units: UnitWeights) -> None:
        """Take the names of units and channels and the biases from here on."""
        self._units = units

    def caption(self) -> str:
        """Return what is to be said of the weight under the pointer, else of the selected unit or of all."""
        usual = super().caption()
        if self._units is None or self.hovered is not None or self.zoomed or self.hasFocus():
            return usual
        hint = "" if self._units.is_matrix else "; double-click to enlarge"
        return f"{self._units.summary()}{hint}." if self.maps else ""

    def described(self, place: Place, value: float) -> str:
        """Return what the caption says of one weight."""
        return super().described(place, value) if self._units is None else self._units.described(place, value)

    def described_tile(self, tile: int) -> str:
        """Return what the caption says of one unit."""
        return super().described_tile(tile) if self._units is None else self._units.described_unit(tile)
