"""A data cube opened like a fan: its maps slide out of it and lie side by side."""

from __future__ import annotations

from functools import cached_property
from itertools import product

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen

from convscope.core.receptive_field import Region
from convscope.ui import theme
from convscope.ui.painting import draw_part
from convscope.ui.widgets.cube_geometry import Cube
from convscope.ui.widgets.cube_marks import ring_pens
from convscope.ui.widgets.mosaic_layout import Layout
from convscope.ui.widgets.mosaic_layout import Place as Spot
from convscope.ui.widgets.mosaic_maps import Maps

_LAG = 0.5  # how much later the last map starts than the first, as a share of the time each of them needs
_MOST_PIECES = 800  # that can be moved thirty times a second
_MOST_OUTLINED = 256  # smaller ones would be nothing but outlines


class Fan:
    """The maps of one cube on their way from the cube to their places in a room."""

    def __init__(self, maps: Maps, cube: Cube, room: QRectF, font: QFont, ratio: float) -> None:
        """Arrange the maps.

        Args:
            maps: What lies in the cube.
            cube: Where it stands, in the coordinates of the room.
            room: Where the open maps have their place.
            font: For their numbers.
            ratio: Device pixels per logical pixel.
        """
        self._maps = maps
        self._cube = cube
        self._room = room
        self._font = font
        self._ratio = ratio
        self._layout: Layout = maps.layout((int(room.width() * ratio), int(room.height() * ratio)), ratio)

    def __len__(self) -> int:
        return len(self._maps)

    @cached_property
    def _picture(self) -> QImage:
        return self._maps.picture(self._layout, self._font, self._ratio)

    def paint(self, painter: QPainter, t: float) -> None:
        """Draw the maps at a moment of the opening.

        Args:
            painter: In the coordinates of the room.
            t: 0 all in the cube, 1 all in their places.
        """
        if t >= 1:
            corner = QPointF(self._layout.columns.start, self._layout.rows.start) / self._ratio
            painter.drawImage(self._room.topLeft() + corner, self._picture)
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.current().muted, 1))
        outlined = len(self) <= _MOST_OUTLINED
        for first, last in reversed(self._pieces):
            share = _smooth((1 + _LAG) * t - _LAG * first / len(self))
            start = self._closed(first).united(self._closed(last))
            target = _between(start, self.tile_rect(first).united(self.tile_rect(last)), share)
            draw_part(painter, target, self._picture, self._source(first).united(self._source(last)))
            if outlined:
                painter.drawRect(target)

    @cached_property
    def _pieces(self) -> list[tuple[int, int]]:
        """What moves together, by its first and last map: single maps, or whole lines of them where they are many."""
        step = 1 if len(self) <= _MOST_PIECES else self._layout.columns.tiles
        return [(first, min(first + step, len(self)) - 1) for first in range(0, len(self), step)]

    def tile_rect(self, tile: int) -> QRectF:
        """Return where a map lies when the fan is open."""
        x, y, width, height = (side / self._ratio for side in self._layout.tile_box(tile))
        return QRectF(self._room.x() + x, self._room.y() + y, width, height)

    def find(self, x: float, y: float) -> tuple[int, ...] | None:
        """Return the index of the value at a point of the open fan; None where none is."""
        place = (np.array([x - self._room.x(), y - self._room.y()]) * self._ratio).astype(int)
        spot = self._layout.find(int(place[0]), int(place[1]))
        if spot is None:
            return None
        return (spot.tile,) if self._maps.is_vector else (spot.tile, spot.row, spot.column)

    def cell_rect(self, index: tuple[int, ...]) -> QRectF:
        """Return where a value lies in the open fan."""
        tile, row, column = index if len(index) == 3 else (index[0], 0, 0)
        x, y, width, height = (side / self._ratio for side in self._layout.cell_box(Spot(tile, 0, row, column)))
        return QRectF(self._room.x() + x, self._room.y() + y, width, height)

    def draw_region(self, painter: QPainter, region: Region) -> None:
        """Tint a region in every map that it touches."""
        if region.empty:
            return
        accent = theme.current().accent
        tint = QColor(accent)
        tint.setAlphaF(0.25)
        painter.setPen(QPen(accent, 1.2))
        painter.setBrush(tint)
        tiles = np.flatnonzero(region.channels).tolist()
        parts = list(product(*region.runs[1:]))
        if len(tiles) * len(parts) > _MOST_PIECES:
            _, rows, columns = region.box
            parts = [((rows.start, rows.stop), (columns.start, columns.stop))]
        for tile, ((top, bottom), (left, right)) in product(tiles, parts):
            painter.drawRect(self.cell_rect((tile, top, left)).united(self.cell_rect((tile, bottom - 1, right - 1))))
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def draw_ring(self, painter: QPainter, index: tuple[int, ...], *, strong: bool) -> None:
        """Draw a ring around a value."""
        box = self.cell_rect(index)
        grown = max(0.0, 9 - min(box.width(), box.height())) / 2
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in ring_pens(strong=strong):
            painter.setPen(pen)
            painter.drawRect(box.adjusted(-grown, -grown, grown, grown))

    def _closed(self, tile: int) -> QRectF:
        """Return where a map lies in the cube."""
        cube = self._cube
        if self._maps.is_vector:
            return QRectF(QPointF(*cube.corner(0, tile, 0)), QPointF(*cube.corner(0, tile + 1, 1)))
        return QRectF(QPointF(*cube.corner(tile, 0, 0)), QPointF(*cube.corner(tile, cube.sides[1], cube.sides[2])))

    def _source(self, tile: int) -> QRectF:
        x, y, width, height = self._layout.tile_box(tile)
        return QRectF(x - self._layout.columns.start, y - self._layout.rows.start, width, height)


def _smooth(t: float) -> float:
    t = min(max(t, 0.0), 1.0)
    return t * t * (3 - 2 * t)


def _between(start: QRectF, end: QRectF, share: float) -> QRectF:
    x, y, width, height = (
        a + (b - a) * share
        for a, b in zip(start.getRect(), end.getRect(), strict=True)  # pyright: ignore[reportArgumentType]
    )
    return QRectF(x, y, width, height)
