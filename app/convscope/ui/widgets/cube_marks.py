"""What is marked on a data cube: the value pointed at, the pinned one, and the region that goes with it."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from convscope.core.receptive_field import Region
from convscope.ui import theme
from convscope.ui.widgets.cube_geometry import Box, Cell, Cube, Face, Point, cell_box

MOST_BOXES = 300  # a region with more gaps is marked by the box around it
_TINT = 0.22  # opacity
_LEAST_CROSS = 3.0  # logical pixels of a cell; the colour says enough where it is smaller
_MOST_CROSSES = 1500  # that are drawn within a frame
_RING = 4.5  # logical pixels, least radius


def region_boxes(region: Region, cube: Cube) -> list[Box]:
    """Return the boxes without gaps that make up a region; none for an empty one."""
    channels, rows, columns = ([slice(*run) for run in runs] for runs in region.runs)
    if len(channels) * len(rows) * len(columns) > MOST_BOXES:
        channels, rows, columns = ([side] for side in region.box)
    if cube.sides[0] == 1 and len(region.channels) > 1:  # a vector, whose numbers lie below each other
        channels, rows = rows, channels
    return list(product(channels, rows, columns))


def draw_region(painter: QPainter, cube: Cube, boxes: list[Box]) -> None:
    """Draw the edges of a region, also of what lies inside the cube, and tint it where it is seen."""
    accent = theme.current().accent
    tint = QColor(accent)
    tint.setAlphaF(_TINT)
    painter.setPen(QPen(accent, 1, Qt.PenStyle.DotLine))
    edges = (edge for box in boxes for edge in cube.edges(box, fronts=not cube.shows_front(box)))
    painter.drawLines([QLineF(*edge) for edge in edges])
    outlines = [polygon(face) for box in boxes for face in cube.seen_faces(box)]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # of edges that are drawn over; it takes longest
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tint)
    for outline in outlines:
        painter.drawPolygon(outline)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(accent, 1))  # Qt draws a wider one that is not upright in three times as long
    for outline in outlines:
        painter.drawPolygon(outline)


def draw_ring(painter: QPainter, cube: Cube, cell: Cell, *, strong: bool) -> None:
    """Draw a ring around a value; dashed around one that lies inside the cube."""
    seen = cube.seen_faces(cell_box(cell))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    large = bool(seen) and min(_length(seen[0].across), _length(seen[0].down)) >= 2 * _RING
    outlines = [polygon(face) for face in seen] if large else []
    middle = QPointF() if large else QPointF(*cube.centre(cell))
    for pen in ring_pens(Qt.PenStyle.SolidLine if seen else Qt.PenStyle.DashLine, strong=strong):
        painter.setPen(pen)
        for outline in outlines:
            painter.drawPolygon(outline)
        if not large:
            painter.drawEllipse(middle, _RING, _RING)


def ring_pens(style: Qt.PenStyle = Qt.PenStyle.SolidLine, *, strong: bool) -> tuple[QPen, QPen]:
    """Return with what a ring is drawn, one after the other: it is seen on any colour."""
    colours = theme.current()
    return QPen(colours.base, 5 if strong else 3.5), QPen(colours.accent, 2.5 if strong else 1.5, style)


def draw_crosses(painter: QPainter, front: Face, dropped: NDArray[np.bool_]) -> None:
    """Cross out the values of a front that dropout set to zero: all of it at once, or those cells that are not tiny."""
    rows, columns = dropped.shape
    if not dropped.any():
        return
    if dropped.all():
        rows, columns, dropped = 1, 1, np.ones((1, 1), np.bool_)
    wide, high = front.across.x / columns, front.down.y / rows
    if min(wide, high) < _LEAST_CROSS or np.count_nonzero(dropped) > _MOST_CROSSES:
        return
    left, top = front.origin
    lines: list[QLineF] = []
    for row, column in np.argwhere(dropped).tolist():
        x, y = left + column * wide, top + row * high
        lines += (QLineF(x, y, x + wide, y + high), QLineF(x + wide, y, x, y + high))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(theme.current().muted, 1))
    painter.drawLines(lines)


def polygon(face: Face) -> QPolygonF:
    """Return the outline of a face."""
    return QPolygonF([QPointF(*corner) for corner in face.corners])


def _length(way: Point) -> float:
    return max(abs(way.x), abs(way.y))
