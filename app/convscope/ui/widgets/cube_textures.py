"""The pictures on the faces of data cubes: slices of the values, no finer than they are seen."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from convscope.ui import theme
from convscope.ui.widgets.cube_geometry import Cell, Cube, Cut
from convscope.ui.widgets.cube_values import Array, CubeValues, Flags

Picks = slice | NDArray[np.intp]
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
        before, self._values = self._values, values
        self._kept = {layer: kept for layer, kept in self._kept.items() if values.shares(before, layer)}

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

    def dropped(self, layer: int, cube: Cube) -> Flags | None:
        """Return which values of a cube's front dropout dropped; None where it drops nothing.  # (rows, columns)."""
        lost = self._values.dropped(layer)
        if lost is None:
            return None
        front = lost[cube.cut.channel] if lost.ndim == 3 else lost[:, None]
        return front[cube.cut.row :, : cube.cut.column + 1]

    def _made(self, layer: int, array: Array, key: _Key) -> Images:
        values = array if array.ndim == 3 else array[None, :, None]
        near, top, right = key.cut.channel, key.cut.row, key.cut.column
        channels = _picked(near, values.shape[0], key.finest[0])
        rows = _picked(top, values.shape[1], key.finest[1])
        columns = _picked(0, right + 1, key.finest[2])
        front = values[near, rows][:, columns]
        above = values[channels, top][:, columns]
        side = values[channels, :, right][:, rows].T
        ends = (front.size, front.size + above.size)
        flat = np.empty(ends[1] + side.size, np.float32)
        flat[: ends[0]], flat[ends[0] : ends[1]], flat[ends[1] :] = front.ravel(), above.ravel(), side.ravel()
        picked = np.arange(len(values))[channels]
        pixels = self._values.pixels(layer, flat, lambda: _channels(near, picked, front, above, side))
        lost = self._values.dropped(layer)
        if lost is not None:
            flags = lost if lost.ndim == 3 else lost[None, :, None]
            faces = (
                flags[near, rows][:, columns],
                flags[channels, top][:, columns],
                flags[channels, :, right][:, rows].T,
            )
            pixels = np.where(np.concatenate([face.ravel() for face in faces]), dropped_colour().rgb(), pixels)
            pixels = pixels.astype(np.uint32)
        parts = (pixels[: ends[0]], pixels[ends[0] : ends[1]], pixels[ends[1] :])
        images = [_image(part, *piece.shape) for part, piece in zip(parts, (front, above, side), strict=True)]
        return images[0], images[1], images[2]


def dropped_colour() -> QColor:
    """Return the colour of values that dropout set to zero: none that a value has."""
    return theme.current().border


def _channels(near: int, channels: NDArray[np.intp], front: Array, above: Array, side: Array) -> NDArray[np.intp]:
    """Return the channel of each value on the three faces."""
    parts = (np.full(front.size, near), np.repeat(channels, above.shape[1]), np.tile(channels, side.shape[0]))
    return np.concatenate(parts)


def _image(pixels: NDArray[np.uint32], height: int, width: int) -> QImage:
    """Return an image with a copy of opaque pixels, in the format that is drawn fastest."""
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


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
