"""What is marked on a data cube: the value pointed at, the pinned one, and the region that goes with it."""

from __future__ import annotations

from itertools import product

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from convscope.core.receptive_field import Region
from convscope.ui import theme
from convscope.ui.widgets.cube_geometry import Box, Cell, Cube, Face, Point, cell_box
from convscope.ui.widgets.mosaic_marks import runs

MOST_BOXES = 300  # a region with more gaps is marked by the box around it
_TINT = 0.22  # opacity
_RING = 4.5  # logical pixels, least radius


def region_boxes(region: Region, cube: Cube) -> list[Box]:
    """Return the boxes without gaps that make up a region; none for an empty one."""
    flags = (region.channels, region.rows, region.columns)
    if cube.sides[0] == 1 and len(region.channels) > 1:  # a vector, whose numbers lie below each other
        flags = (region.rows, region.channels, region.columns)
    stretches = [[slice(*run) for run in runs(part)] for part in flags]
    if np.prod([len(part) for part in stretches]) > MOST_BOXES:
        stretches = [[slice(part[0].start, part[-1].stop)] for part in stretches]
    return [(a, b, c) for a, b, c in product(*stretches)]


def draw_region(painter: QPainter, cube: Cube, boxes: list[Box]) -> None:
    """Tint a region where it is seen, and draw the edges of what lies inside the cube."""
    accent = theme.current().accent
    tint = QColor(accent)
    tint.setAlphaF(_TINT)
    for box in boxes:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(accent, 1, Qt.PenStyle.DotLine))
        for face in cube.box_faces(box):
            painter.drawPolygon(polygon(face))
        painter.setBrush(tint)
        painter.setPen(QPen(accent, 1.2))
        for face in cube.seen_faces(box):
            painter.drawPolygon(polygon(face))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def draw_ring(painter: QPainter, cube: Cube, cell: Cell, *, strong: bool) -> None:
    """Draw a ring around a value; dashed around one that lies inside the cube."""
    seen = cube.seen_faces(cell_box(cell))
    colours = theme.current()
    style = Qt.PenStyle.SolidLine if seen else Qt.PenStyle.DashLine
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(colours.base, 5 if strong else 3.5), QPen(colours.accent, 2.5 if strong else 1.5, style)):
        painter.setPen(pen)
        if seen and min(_length(seen[0].across), _length(seen[0].down)) >= 2 * _RING:
            for face in seen:
                painter.drawPolygon(polygon(face))
        else:
            painter.drawEllipse(QPointF(*cube.centre(cell)), _RING, _RING)


def polygon(face: Face) -> QPolygonF:
    """Return the outline of a face."""
    return QPolygonF([QPointF(x, y) for x, y in face.corners])


def _length(way: Point) -> float:
    return max(abs(way.x), abs(way.y))
