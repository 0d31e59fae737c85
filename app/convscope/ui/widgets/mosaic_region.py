"""What of a layer belongs to the pinned value: boxes that lie alike in all tiles, painted row by row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from math import ceil
from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from convscope.ui import theme
from convscope.ui.painting import begin_on_a_pixel, is_vector, square_pen

_LEAST_OUTLINED = 4.0  # logical pixels of a box: an outline must leave something of it to be seen
_FEW = 64  # boxes that may have thick outlines; those of 512 take Qt a millisecond
_TINT = 0.16  # of the region: the colours below must keep their meaning
_PICTURED = 6  # boxes of a row from which a picture of them is faster: Qt needs a microsecond for each
_MOST = 32  # pictures that are kept

Box = tuple[int, int, int, int]  # x, y, width and height in device pixels
TileRow = tuple[int, tuple[int, ...]]  # how far it lies below the first one, and its tiles right of the first column


class RowPictures(dict[Any, QPixmap]):
    """Pictures of rows of boxes; regions of the same size look alike wherever they lie."""

    def keep(self, key: Any, picture: QPixmap) -> QPixmap:
        """Keep a picture, and return it."""
        if len(self) >= _MOST:
            self.clear()
        self[key] = picture
        return picture


class RegionBoxes:
    """The values that belong to the pinned one, tinted and outlined.

    Attributes:
        boxes: Of the first tile, the uppermost and leftmost first.
        rows: Which tiles have them.
    """

    def __init__(self, boxes: Sequence[Box], rows: Sequence[TileRow], ratio: float, margin: float) -> None:
        """Make them.

        Args:
            boxes: See above; not empty unless `rows` is.
            rows: See above.
            ratio: Device pixels per logical pixel.
            margin: Logical pixels before the first tile.
        """
        self.boxes, self.rows = boxes, rows
        self._ratio, self._margin = ratio, margin

    def paint(self, painter: QPainter, pictures: RowPictures) -> None:
        """Paint the boxes on the maps; rows of many are taken from pictures."""
        if not self.rows:
            return
        painter.save()
        painter.translate(self._margin, self._margin)
        painter.scale(1 / self._ratio, 1 / self._ratio)
        vector = is_vector(painter)
        if not vector:
            begin_on_a_pixel(painter)
        self._begin(painter)
        pictured, picture = (), QPixmap()
        corner = QPoint(self.boxes[0][0], self.boxes[0][1]) - QPoint(self._beyond, self._beyond)
        for down, across in self.rows:
            if vector or len(across) * len(self.boxes) < _PICTURED:
                painter.translate(0, down)
                painter.drawRects(_rects(self.boxes, across))
                painter.translate(0, -down)
                continue
            if across is not pictured:
                pictured, picture = across, self._picture(across, pictures)
            painter.drawPixmap(corner + QPoint(across[0], down), picture)
        painter.restore()

    @property
    def _beyond(self) -> int:
        """How many pixels around a box its outline may take."""
        return ceil(2 * self._ratio)

    def _picture(self, across: tuple[int, ...], pictures: RowPictures) -> QPixmap:
        """Return a row as a picture, with the outlines around it."""
        x, y, *_ = self.boxes[0]
        boxes = tuple((left - x, top - y, width, height) for left, top, width, height in self.boxes)
        tiles = tuple(right - across[0] for right in across)
        key = theme.current().dark, self._ratio, self._width, boxes, tiles
        return pictures.get(key) or pictures.keep(key, self._drawn(_rects(boxes, tiles)))

    def _drawn(self, boxes: list[QRect]) -> QPixmap:
        beyond = self._beyond
        picture = QPixmap((boxes[0] | boxes[-1]).adjusted(-beyond, -beyond, beyond, beyond).size())
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.translate(beyond, beyond)
        self._begin(painter)
        painter.drawRects(boxes)
        painter.end()
        return picture

    @cached_property
    def _width(self) -> float:
        """The outlines' width in logical pixels; 0 for none."""
        if min(self.boxes[0][2:]) < _LEAST_OUTLINED * self._ratio:  # all boxes are alike but for a pixel
            return 0.0
        return 1.5 if sum(len(across) for _, across in self.rows) * len(self.boxes) <= _FEW else 1.0

    def _begin(self, painter: QPainter) -> None:
        accent, width = theme.current().accent, self._width
        tint = QColor(accent)
        tint.setAlphaF(_TINT)
        painter.setBrush(tint)
        painter.setPen(square_pen(accent, width * self._ratio) if width else Qt.PenStyle.NoPen)


def _rects(boxes: Sequence[Box], tiles: Sequence[int]) -> list[QRect]:
    return [QRect(x + right, y, width, height) for right in tiles for x, y, width, height in boxes]
