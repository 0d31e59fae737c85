"""One answer to an image: the bar of a class, the tick of the known label, and the winner in large."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPolygonF

from convscope.ui import theme
from convscope.ui.widgets.prediction_data import Bar
from convscope.ui.widgets.prediction_words import write_fitted

_HUGE, _HUGEST = 0.4, 9.0  # font of a winner beside the bars, times the ordinary one: for each line of room, at most
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_HIGH = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
_LOW = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom)


def paint_track(painter: QPainter, bar: Bar, track: QRectF, faint: QColor) -> None:
    """Draw how likely a class is; any share above nothing can be seen."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faint)
    painter.drawRoundedRect(track, 2, 2)
    painter.setBrush(theme.current().accent if bar.wins else theme.current().muted)
    end = track.left() + max(track.width() * min(bar.share, 1.0), 2.0 if bar.share > 0 else 0.0)
    painter.drawRoundedRect(QRectF(track.topLeft(), QPointF(end, track.bottom())), 2, 2)


def paint_tick(painter: QPainter, area: QRectF, colour: QColor) -> None:
    """Mark the class that the image is known to be of."""
    side = min(area.width(), area.height()) * 0.6
    corner = QPointF(area.left(), area.center().y() - side / 2)
    points = [QPointF(0.0, 0.55), QPointF(0.35, 0.9), QPointF(0.95, 0.1)]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 2))
    painter.drawPolyline(QPolygonF([corner + point * side for point in points]))


def paint_winner(painter: QPainter, area: QRect, bars: Sequence[Bar], font: QFont) -> None:
    """Write the likeliest class and how likely it is, as large as the area allows."""
    winner = next((bar for bar in bars if bar.wins), None)
    if winner is None or area.isEmpty():
        return
    painter.setPen(theme.current().accent)
    lines = area.height() / QFontMetrics(font).height()
    if lines > 3:  # beside the bars
        scale = min(_HUGE * lines, _HUGEST)
        middle = area.top() + round(area.height() * 0.55)
        upper = QRectF(area.left(), area.top(), area.width(), middle - area.top())
        lower = QRectF(area.left(), middle, area.width(), area.bottom() - middle)
        write_fitted(painter, upper, winner.name, font, scale, _LOW)
        write_fitted(painter, lower, winner.percent, font, scale / 2.5, _HIGH)
        return
    left = QRectF(area.adjusted(2, 0, -area.width() // 2, 0))
    right = QRectF(area.adjusted(area.width() // 2, 0, -2, 0))
    write_fitted(painter, left, winner.name, font, 1.9, _LEFT)
    write_fitted(painter, right, winner.percent, font, 1.5, _RIGHT)
