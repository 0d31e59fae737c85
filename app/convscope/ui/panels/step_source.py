"""The arrays of a layer as a table of kernels with gradients, and which weight each place of it is."""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt, prod

import numpy as np
from numpy.typing import NDArray

from convscope.core.arithmetic.joined import flattened_maps
from convscope.core.layers import Layer
from convscope.core.network import Network
from convscope.core.training_step import StepDetails
from convscope.ui.widgets.kernel_places import Spot
from convscope.ui.widgets.kernel_values import KernelValues
from convscope.ui.widgets.number_text import number_text

_ROWS = {"batch_norm": (("weight", "γ"), ("bias", "β")), "activation": (("weight", "slope"),)}

Place = tuple[str, tuple[int, ...]]  # name of an array, and index in it
Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class StepTable:
    """What is shown of a layer's weights in a step, and how its places and the weights belong together.

    Attributes:
        layer: The layer.
        details: The step.
        values: The table.
        shape: Of the array that the table shows, as torch has it; of a row where it shows several arrays.
        has_maps: The inputs of a dense layer have places in maps.
    """

    layer: Layer
    details: StepDetails
    values: KernelValues
    shape: tuple[int, ...]
    has_maps: bool = False

    def place(self, spot: Spot) -> Place:
        """Return which weight lies at a place of the table."""
        if self._rows:
            key, _ = self._rows[spot.filter % len(self._rows)]
            return f"{self.layer.name}.{key}", (spot.channel,)
        flat = int(np.ravel_multi_index((spot.filter, spot.channel, spot.row, spot.column), self.values.shape))
        return f"{self.layer.name}.weight", tuple(int(n) for n in np.unravel_index(flat, self.shape))

    def spot(self, place: Place) -> Spot | None:
        """Return where a weight lies in the table; None where that does not show it."""
        key, index = place
        names = [f"{self.layer.name}.{name}" for name, _ in self._rows] or [f"{self.layer.name}.weight"]
        if key not in names:
            return None
        if self._rows:
            return Spot(names.index(key), index[0], 0, 0)
        flat = int(np.ravel_multi_index(index, self.shape))
        return Spot(*(int(n) for n in np.unravel_index(flat, self.values.shape)))

    def name(self, place: Place) -> str:
        """Return what a weight is called."""
        key, index = place
        layer, _, array = key.partition(".")
        if self._rows:
            return f"{dict(self._rows)[array]} of {layer}, channel {index[0]}"
        return f"weight of {layer}, {self._where(index)}"

    def _where(self, index: tuple[int, ...]) -> str:
        if len(index) == 2:
            where = ""
            if self.has_maps:
                channel, row, column = np.unravel_index(index[1], self.values.shape[1:])
                where = f" (channel {channel}, row {row}, column {column})"
            return f"unit {index[0]}, input {index[1]}{where}"
        number, channel, row, column = index
        return f"filter {number}, channel {channel}, row {row}, column {column}"

    def described(self, spot: Spot) -> str:
        """Return what is said of a weight: what it is, its value and its gradient."""
        place = key, index = self.place(spot)
        name = self.name(place) if self._rows else self._where(index)  # in one line; the layer stands above
        text = f"{name[0].upper()}{name[1:]}: {number_text(float(self._weights[key][index]))}"
        gradient = self.details.gradients.get(key)
        return f"{text}, gradient {number_text(float(gradient[index]))}" if gradient is not None else text

    def largest(self) -> Place | None:
        """Return the weight of the layer with the largest gradient; None before there are gradients."""
        keys = [f"{self.layer.name}.{name}" for name, _ in self._rows] or [f"{self.layer.name}.weight"]
        found = {key: index for key in keys if (index := self.details.largest_gradient(key)) is not None}
        if not found:
            return None
        return max(found.items(), key=lambda item: abs(float(self.details.gradients[item[0]][item[1]])))

    @property
    def _weights(self) -> dict[str, Array]:
        return {**self.details.before, **self.details.after}

    @property
    def _rows(self) -> tuple[tuple[str, str], ...]:
        return _ROWS.get(self.layer.kind, ())


def step_table(network: Network, index: int, details: StepDetails) -> StepTable | None:
    """Return the table of a layer's weights, with gradients once there are some; None where the layer has none."""
    layer = network.layers[index]
    weights = {**details.before, **details.after}
    if layer.kind in _ROWS:
        return _rows_table(layer, details, weights)
    array, gradient = weights.get(f"{layer.name}.weight"), details.gradients.get(f"{layer.name}.weight")
    if array is None:
        return None
    shape, has_maps = array.shape, False
    if layer.kind == "dense":
        maps = flattened_maps(network, index)
        has_maps = maps is not None and prod(maps) == shape[1]
        shape = (shape[0], *(maps if maps is not None and has_maps else folded(shape[1])))
    pictures = [None if values is None else values.reshape(shape) for values in (array, gradient)]
    assert pictures[0] is not None
    return StepTable(layer, details, KernelValues(pictures[0], pictures[1]), array.shape, has_maps)


def folded(inputs: int) -> tuple[int, int, int]:
    """Return (1, rows, columns) of a picture of so many numbers, as near to a square as leaves none over."""
    rows = next(rows for rows in range(isqrt(inputs), 0, -1) if inputs % rows == 0)
    return 1, rows, inputs // rows


def _rows_table(layer: Layer, details: StepDetails, weights: dict[str, Array]) -> StepTable | None:
    rows = {f"{layer.name}.{name}": symbol for name, symbol in _ROWS[layer.kind]}
    arrays = [weights[key].reshape(-1) for key in rows if key in weights]
    if len(arrays) < len(rows):
        return None
    names = list(rows.values())
    slopes = [details.gradients[key].reshape(-1) for key in rows if key in details.gradients]
    if len(slopes) == len(rows):
        arrays, names = arrays + slopes, names + [f"∇{name}" for name in names]
    table = np.stack(arrays)[:, :, None, None]  # (rows, channels, 1, 1)
    return StepTable(layer, details, KernelValues(table, own_scales=True, row_names=tuple(names)), arrays[0].shape)
