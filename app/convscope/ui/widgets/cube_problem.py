"""What stands in a row of data cubes where a layer cannot work."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from convscope.ui import theme
from convscope.ui.widgets.cube_layout import Place


def draw_problem(painter: QPainter, place: Place) -> None:
    """Draw a red gap where a cube should stand, with the sentence that says why there is none."""
    colours = theme.current()
    fill = QColor(colours.error)
    fill.setAlphaF(0.10)
    painter.setPen(QPen(colours.error, 1.5, Qt.PenStyle.DashLine))
    painter.setBrush(fill)
    box = QRectF(place.left, place.top, place.right - place.left, place.bottom - place.top)
    painter.drawRoundedRect(box, 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    bold = QFont(painter.font())
    bold.setBold(True)
    plain = QFont(painter.font())
    inside = box.adjusted(8, 6, -8, -6)
    painter.setFont(bold)
    heading = painter.boundingRect(inside, int(Qt.AlignmentFlag.AlignLeft), place.item.name)
    painter.setPen(colours.error)
    painter.drawText(heading, int(Qt.AlignmentFlag.AlignLeft), place.item.name)
    painter.setFont(plain)
    painter.setPen(colours.text)
    inside.setTop(heading.bottom() + 2)
    painter.drawText(inside, int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap), place.item.problem)
