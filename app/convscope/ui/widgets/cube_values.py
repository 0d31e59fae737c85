"""The values of a row of data cubes, and which colour each of them has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convscope.core.unit import Unit
from convscope.ui.colour_maps import ColourScale, Floats, finite_range
from convscope.ui.widgets.mosaic_maps import Maps

Array = NDArray[np.floating[Any]]
Flags = NDArray[np.bool_]
Scaling = Literal["layer", "map", "network"]


class CubeValues:
    """What every layer holds now; scales are found when a layer is drawn, for most are seen and large ones are not."""

    def __init__(
        self,
        arrays: Mapping[int, Array] | None = None,
        scaling: Scaling = "layer",
        before: CubeValues | None = None,
        *,
        beside: Mapping[int, Array] | None = None,
        dropped: Mapping[int, Flags] | None = None,
    ) -> None:
        """Take the values as they are.

        Args:
            arrays: By layer, −1 for the image, the number of layers for the probabilities.  # (C, H, W) or (N,)
            scaling: Whether colours compare the values of a map, of a layer, or of the network.
            before: Other values, whose scales serve again for the same arrays.
            beside: What the same layers hold in the row beside this one, with which they share their scales.
            dropped: Which values of a layer dropout set to zero, of the shape of its array.
        """
        self._arrays = dict(arrays or {})
        self._beside = dict(beside or {})
        self._dropped = dict(dropped or {})
        self._scaling: Scaling = scaling
        kept = before._scales if before is not None else {}
        self._scales = {layer: scale for layer, scale in kept.items() if self.shares(before, layer)}
        self._shared: tuple[float, float] | None = None

    def shares(self, other: CubeValues | None, layer: int) -> bool:
        """Say whether a layer looks the same as among other values, without comparing these."""
        if other is None or self._scaling == "network" or self._scaling != other._scaling:
            return False
        if layer not in self._arrays or self._beside.get(layer) is not other._beside.get(layer):
            return False
        return self._arrays[layer] is other._arrays.get(layer)

    def array(self, layer: int) -> Array | None:
        """Return what a layer holds; None where that is not known."""
        return self._arrays.get(layer)

    def dropped(self, layer: int) -> Flags | None:
        """Return which values of a layer dropout set to zero; None where it drops nothing."""
        return self._dropped.get(layer)

    def value(self, layer: int, index: tuple[int, ...]) -> float | None:
        """Return one value; None where it is not known, or is of another network's layer."""
        array = self._arrays.get(layer)
        fits = array is not None and Unit(layer, index).fits(array.shape)
        return float(array[index]) if array is not None and fits else None

    def scale(self, layer: int) -> ColourScale:
        """Return what the colours of a layer stand for where they compare more than one map."""
        if layer not in self._scales:
            own = _joined([ColourScale.of(array) for array in self._both(layer)])
            low, high = self._network_range() if self._scaling == "network" else (own.low, own.high)
            low = low if own.kind == "diverging" else 0.0
            self._scales[layer] = ColourScale(min(low, 0.0), max(high, 0.0), own.kind)
        return self._scales[layer]

    def map_scale(self, layer: int, channel: int) -> ColourScale:
        """Return what the colours of one map stand for."""
        if not self._by_map(layer):
            return self.scale(layer)
        own = _joined([ColourScale.of(array[channel]) for array in self._both(layer)])
        return ColourScale(own.low, own.high, self.scale(layer).kind)

    def coloured(
        self, layer: int, values: Array, channels: Callable[[], NDArray[np.intp]] | None = None
    ) -> tuple[Floats, ColourScale]:
        """Return some of a layer's values with the scale of their colours.

        Args:
            layer: Where they come from.
            values: Any of them.
            channels: Tells the channel of each value, if asked; not needed for a vector.

        Returns:
            The values, as shares of the greatest of their map where maps are not compared; and their scale.
        """
        scale = self.scale(layer)
        if channels is None or not self._by_map(layer):
            return values, scale
        return values / self._reaches(layer, channels()), ColourScale(0.0, 1.0, scale.kind)

    def maps(self, layer: int) -> Maps | None:
        """Return the maps of a layer, to be shown side by side in the same colours; None where they are not known."""
        array = self._arrays.get(layer)
        if array is None:
            return None
        scale = None if self._by_map(layer) else self.scale(layer)
        return Maps.of(array, scale, beside=self._beside.get(layer), dropped=self._dropped.get(layer))

    def _both(self, layer: int) -> list[Array]:
        """Return what a layer holds in this row, and in the one beside it."""
        beside = self._beside.get(layer)
        return [self._arrays[layer], *([] if beside is None else [beside])]

    def _by_map(self, layer: int) -> bool:
        return self._scaling == "map" and self._arrays[layer].ndim == 3

    def _reaches(self, layer: int, channels: NDArray[np.intp]) -> Floats:
        """Return the greatest magnitude of the map of each channel; 1 where all is zero."""
        needed, places = np.unique(channels, return_inverse=True)
        both = self._both(layer)
        found = np.array([max(_reach(array[int(c)]) for array in both) for c in needed], np.float32)
        found[found == 0] = 1
        return found[places]

    def _network_range(self) -> tuple[float, float]:
        if self._shared is None:
            ranges = [finite_range(array) for array in (*self._arrays.values(), *self._beside.values())]
            self._shared = min(low for low, _ in ranges), max(high for _, high in ranges)
        return self._shared


def _joined(scales: list[ColourScale]) -> ColourScale:
    """Return a scale that holds all values of several."""
    if len(scales) == 1:
        return scales[0]
    kind = "diverging" if any(scale.kind == "diverging" for scale in scales) else scales[0].kind
    return ColourScale(min(scale.low for scale in scales), max(scale.high for scale in scales), kind)


def _reach(values: Array) -> float:
    return max(map(abs, finite_range(values)))
