"""Numbers on a mosaic: which tile it is, and the values themselves where cells are large enough."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from convscope.ui import theme
from convscope.ui.widgets.mosaic_layout import Layout, Place
from convscope.ui.widgets.number_text import cell_text

MOST_VALUES = 150  # each costs about 20 µs, and must not make the pen late
_SMALLEST_FONT = 9.0  # points
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)


def draw_tile_numbers(painter: QPainter, layout: Layout, ratio: float) -> None:
    """Write its number into the upper left corner of each tile that has room for it.

    Args:
        painter: Its origin is the layout's.
        layout: Where the tiles lie.
        ratio: Of the layout's pixels to the painter's units.
    """
    painter.setFont(_font(painter.font(), 0.85))
    metrics = QFontMetricsF(painter.font())
    height, digit = metrics.height(), metrics.horizontalAdvance("0")
    room = min(layout.columns.tile_length, layout.rows.tile_length) / ratio
    cells = layout.rows.parts * layout.rows.values == 1  # of a vector, where the number must leave the colour room
    if room < (3.2 if cells else 2.2) * height:
        return
    plate = QColor(theme.current().window)
    plate.setAlphaF(0.82)
    names = [str(tile) for tile in range(layout.count)]
    boxes = [
        QRectF(box[0] / ratio, box[1] / ratio, digit * (len(name) + 1), height * 0.92)
        for name, box in zip(names, layout.tile_boxes, strict=True)
    ]
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(plate)
    painter.drawRects(boxes)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(theme.current().text)
    for name, box in zip(names, boxes, strict=True):
        painter.drawText(box, _CENTRE, name)


def draw_cell_values(
    painter: QPainter, layout: Layout, ratio: float, values: NDArray[np.floating[Any]], pixels: NDArray[np.uint32]
) -> None:
    """Write every value into its cell, if there are few and the cells are large.

    Args:
        painter: Its origin is the layout's.
        layout: Where the values lie.
        ratio: Of the layout's pixels to the painter's units.
        values: # (tiles, parts, height, width)
        pixels: Their colours, of the same shape.
    """
    painter.setFont(_font(painter.font(), 0.9))
    metrics = QFontMetricsF(painter.font())
    cell = min(layout.columns.pixel, 1.6 * layout.rows.pixel) / ratio
    if values.size > MOST_VALUES or cell < metrics.horizontalAdvance("−0.00") + 2:
        return
    shift = QPointF(0, metrics.height() * 0.3 if values[0].size == 1 and len(values) > 1 else 0)  # below its number
    for index in np.ndindex(values.shape):
        x, y, width, height = (side / ratio for side in layout.cell_box(Place(*index)))
        painter.setPen(theme.ink_on(int(pixels[index])))
        box = QRectF(x, y, width, height).translated(shift)
        painter.drawText(box, _CENTRE, cell_text(float(values[index])))


def draw_sentence(painter: QPainter, room: QRectF, text: str, colour: QColor) -> None:
    """Write a sentence into the middle of a room that has nothing else to show."""
    painter.setPen(colour)
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(room.adjusted(16, 8, -16, -8), int(flags), text)


def _font(font: QFont, factor: float) -> QFont:
    result = QFont(font)
    result.setPointSizeF(max(_SMALLEST_FONT, font.pointSizeF() * factor))
    return result
