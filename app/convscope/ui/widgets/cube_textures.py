"""The pictures on the faces of data cubes: slices of the values, no finer than they are seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from convscope.ui import theme
from convscope.ui.colour_maps import image_of
from convscope.ui.widgets.cube_geometry import Cell, Cube, Cut
from convscope.ui.widgets.cube_values import Array, CubeValues

Images = tuple[QImage, QImage, QImage]  # front, top and side


@dataclass(frozen=True)
class _Key:
    """What pictures depend on besides the values."""

    cut: Cut
    finest: Cell
    dark: bool


class CubeTextures:
    """Makes the pictures of a cube when they are first drawn, and keeps them until values, cut or size are others."""

    def __init__(self) -> None:
        self._values = CubeValues()
        self._kept: dict[int, tuple[_Key, Images]] = {}

    def show_values(self, values: CubeValues) -> None:
        """Draw other values from now on."""
        self._values = values
        self._kept.clear()

    def images(self, layer: int, cube: Cube, ratio: float) -> Images | None:
        """Return the pictures of a layer's front, top and side; None where its values are not known.

        Args:
            layer: The layer.
            cube: Where it is drawn.
            ratio: Device pixels per logical pixel.
        """
        array = self._values.array(layer)
        if array is None:
            return None
        key = _Key(cube.cut, _finest(cube, ratio), theme.current().dark)
        kept = self._kept.get(layer)
        if kept is None or kept[0] != key:
            kept = self._kept[layer] = (key, self._made(layer, array, key))
        return kept[1]

    def _made(self, layer: int, array: Array, key: _Key) -> Images:
        values = array if array.ndim == 3 else array[None, :, None]
        near, top, right = key.cut.channel, key.cut.row, key.cut.column
        channels = _picked(near, values.shape[0], key.finest[0])
        rows = _picked(top, values.shape[1], key.finest[1])
        columns = _picked(0, right + 1, key.finest[2])
        slices = (
            values[near][np.ix_(rows, columns)],
            values[:, top][np.ix_(channels, columns)],
            values[:, :, right][np.ix_(channels, rows)].T,
        )
        of = (np.full(slices[0].shape, near), np.repeat(channels, len(columns)), np.tile(channels, len(rows)))
        flat = np.concatenate([part.ravel() for part in slices])
        pixels = self._values.pixels(layer, flat, np.concatenate([part.ravel() for part in of]))
        ends = np.cumsum([part.size for part in slices])[:-1]
        parts = zip(np.split(pixels, ends), slices, strict=True)
        front, above, side = (image_of(part.reshape(piece.shape)) for part, piece in parts)
        return front, above, side


def _finest(cube: Cube, ratio: float) -> Cell:
    """Return how many channels, rows and columns can be told apart; powers of two, so that turning changes few."""
    depth = max(abs(cube.depth.x), abs(cube.depth.y))
    lengths = (depth, cube.height, cube.width)
    most = [min(count, _power(length * ratio)) for count, length in zip(cube.sides, lengths, strict=True)]
    return most[0], most[1], most[2]


def _power(length: float) -> int:
    return 1 << max(0, int(np.ceil(np.log2(max(length, 1.0)))))


def _picked(start: int, end: int, most: int) -> NDArray[np.intp]:
    """Return the places from start to end, or as many evenly spaced ones."""
    count = end - start
    if count <= most:
        return np.arange(start, end)
    return start + (2 * np.arange(most) + 1) * count // (2 * most)
