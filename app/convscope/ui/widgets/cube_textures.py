"""The pictures on the faces of data cubes: slices of the values, no finer than they are seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from convscope.ui import theme
from convscope.ui.colour_maps import colours_of_many
from convscope.ui.widgets.cube_geometry import Cell, Cube, Cut, sides_of
from convscope.ui.widgets.cube_values import Array, CubeValues, Flags

Picks = slice | NDArray[np.intp]
Pixels = NDArray[np.uint32]
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
        self._sheets: dict[int, tuple[_Sheet, _Sheet, _Sheet]] = {}  # of the same layers, to be drawn on again
        self._keys: dict[int, tuple[tuple[Cube, float, bool], _Key]] = {}

    def show_values(self, values: CubeValues) -> None:
        """Draw other values from now on."""
        before, self._values = self._values, values
        self._kept = {layer: kept for layer, kept in self._kept.items() if values.shares(before, layer)}
        self._sheets = {layer: sheets for layer, sheets in self._sheets.items() if values.array(layer) is not None}

    def images(self, cubes: Sequence[tuple[int, Cube]], ratio: float) -> list[Images | None]:
        """Return the pictures of front, top and side of several layers; None where the values are not known.

        Args:
            cubes: Layers, and where they are drawn.
            ratio: Device pixels per logical pixel.
        """
        missing = list[_Faces]()
        for layer, cube in cubes:
            array, key = self._values.array(layer), self._key(layer, cube, ratio)
            if array is not None and (layer not in self._kept or self._kept[layer][0] != key):
                missing.append(_Faces(layer, key, array, self._values.dropped(layer)))
        # All in one go: the colours of many small faces take twice as long one by one.
        pixels = colours_of_many([self._values.coloured(each.layer, each.flat, each.channels) for each in missing])
        for each, colours in zip(missing, pixels, strict=True):
            sheets = self._sheets[each.layer] = each.drawn(colours, self._sheets.get(each.layer, ()))
            self._kept[each.layer] = each.key, (sheets[0].image, sheets[1].image, sheets[2].image)
        return [self._kept[layer][1] if layer in self._kept else None for layer, _ in cubes]

    def _key(self, layer: int, cube: Cube, ratio: float) -> _Key:
        """Return what the pictures of a cube depend on; the same object while nothing changes."""
        of = (cube, ratio, theme.current().dark)
        known = self._keys.get(layer)
        if known is None or known[0][0] is not cube or known[0][1:] != of[1:]:
            known = self._keys[layer] = of, _Key(cube.cut, _finest(cube, ratio), of[2])
        return known[1]

    def dropped(self, layer: int, cube: Cube) -> Flags | None:
        """Return which values of a cube's front dropout dropped; None where it drops nothing.  # (rows, columns)."""
        lost = self._values.dropped(layer)
        if lost is None:
            return None
        front = lost[cube.cut.channel] if lost.ndim == 3 else lost[:, None]
        return front[cube.cut.row :, : cube.cut.column + 1]


class _Faces:
    """The values on the three faces of one cube."""

    def __init__(self, layer: int, key: _Key, array: Array, dropped: Flags | None) -> None:
        self.layer, self.key = layer, key
        self._shape = sides_of(array.shape)
        near, top, right = key.cut.channel, key.cut.row, key.cut.column
        self._near, self._top, self._right = near, top, right
        self._channels = _picked(near, self._shape[0], key.finest[0])
        self._rows = _picked(top, self._shape[1], key.finest[1])
        self._columns = _picked(0, right + 1, key.finest[2])
        self._faces = self._of(array)
        self._dropped = dropped
        self.flat = _joined(self._faces)

    def channels(self) -> NDArray[np.intp]:
        """Return the channel of each value."""
        front, above, side = self._faces
        picked = np.arange(self._shape[0])[self._channels]
        parts = (np.full(front.size, self._near), np.repeat(picked, above.shape[1]), np.tile(picked, side.shape[0]))
        return np.concatenate(parts)

    def drawn(self, pixels: Pixels, before: Sequence[_Sheet]) -> tuple[_Sheet, _Sheet, _Sheet]:
        """Return the pictures of the faces with the colours of all values, on the sheets of before if they fit."""
        if self._dropped is not None:
            lost = _joined(self._of(self._dropped))
            pixels = np.where(lost, np.uint32(dropped_colour().rgb()), pixels)
        shapes = [face.shape for face in self._faces]
        if shapes != [sheet.pixels.shape for sheet in before]:
            before = [_Sheet(*shape) for shape in shapes]
        start = 0
        for sheet in before:
            sheet.pixels.ravel()[:] = pixels[start : start + sheet.pixels.size]
            start += sheet.pixels.size
        return before[0], before[1], before[2]

    def _of(self, array: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Return what lies on the front, on the top and on the side."""
        values = array if array.ndim == 3 else array[None, :, None]
        return (
            values[self._near, self._rows][:, self._columns],
            values[self._channels, self._top][:, self._columns],
            values[self._channels, :, self._right][:, self._rows].T,
        )


def dropped_colour() -> QColor:
    """Return the colour of values that dropout set to zero: none that a value has."""
    return theme.current().border


def _joined(faces: tuple[NDArray[Any], ...]) -> NDArray[Any]:
    return np.concatenate([face.ravel() for face in faces])


class _Sheet:
    """An image in the format that is drawn fastest, and the memory in which its opaque pixels lie."""

    def __init__(self, height: int, width: int) -> None:
        self.pixels = np.zeros((height, width), np.uint32)
        self.image = QImage(self.pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)


def _finest(cube: Cube, ratio: float) -> Cell:
    """Return how many channels, rows and columns can be told apart; powers of two, so that turning changes few."""
    depth = max(abs(cube.depth.x), abs(cube.depth.y))
    lengths = (depth, cube.height, cube.width)
    most = [min(count, _power(length * ratio)) for count, length in zip(cube.sides, lengths, strict=True)]
    return most[0], most[1], most[2]


def _power(length: float) -> int:
    return 1 << max(0, ceil(length) - 1).bit_length()


def _picked(start: int, end: int, most: int) -> Picks:
    """Return the places from start to end, or as many evenly spaced ones."""
    count = end - start
    if count <= most:
        return slice(start, end)
    return start + (2 * np.arange(most) + 1) * count // (2 * most)
