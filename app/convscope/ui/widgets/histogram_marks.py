"""Means and standard deviations above a histogram: a dot with an arm on either side, and a line down to the axis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from convscope.ui import theme
from convscope.ui.widgets.number_text import number_text

_ARM = 11.0  # pixels of height below the name
_CAP = 4.0  # half the height of an arm's end
_DOT = 3.5
_ROUNDING = 1e-6  # of a standard deviation: what float32 leaves of 0


@dataclass(frozen=True)
class Mark:
    """Where some values lie: their mean and standard deviation.

    Attributes:
        name: What they are called beside the mark.
        tint: A colour of the theme.
        is_dashed: Tells the line apart from others without colour.
    """

    name: str
    mean: float
    std: float
    tint: Literal["validation", "accent"]
    is_dashed: bool = False

    @property
    def text(self) -> str:
        """What is written above it; a mean that is 0 but for rounding is 0."""
        mean = 0.0 if abs(self.mean) < _ROUNDING * self.std else self.mean
        return f"{self.name}: {number_text(mean, 2)} ± {number_text(self.std, 2)}"


def marks_height(marks: Sequence[Mark], metrics: QFontMetricsF) -> float:
    """Return how much room marks need above the bars."""
    return len(marks) * (metrics.height() + _ARM)


def paint_marks(painter: QPainter, marks: Sequence[Mark], room: QRectF, x: Callable[[float], float]) -> None:
    """Paint one mark below the other above the bars, each under its name and figures.

    Args:
        painter: In the font of the names.
        marks: What to paint.
        room: Where the bars lie; the marks stand above it.
        x: The place of a value.
    """
    metrics = QFontMetricsF(painter.font())
    each, top = metrics.height() + _ARM, room.top() - marks_height(marks, metrics)
    for number, mark in enumerate(marks):
        _paint_mark(painter, mark, top + (number + 1) * each - _ARM / 2 - 1, room, x)
    plate = QColor(theme.current().window)
    plate.setAlphaF(0.85)  # so that a line to the axis leaves the names readable
    for number, mark in enumerate(marks):
        box = QRectF(room.left(), top + number * each, metrics.horizontalAdvance(mark.text) + 2, metrics.height() - 2)
        painter.fillRect(box, plate)
        painter.setPen(getattr(theme.current(), mark.tint))
        painter.drawText(QPointF(room.left(), box.top() + metrics.ascent()), mark.text)


def _paint_mark(painter: QPainter, mark: Mark, y: float, room: QRectF, x: Callable[[float], float]) -> None:
    colour = getattr(theme.current(), mark.tint)
    left, middle, right = (
        min(max(x(value), room.left()), room.right())
        for value in (mark.mean - mark.std, mark.mean, mark.mean + mark.std)
    )
    painter.setPen(QPen(colour, 2))
    painter.drawLine(QPointF(left, y), QPointF(right, y))
    for end in (left, right):
        painter.drawLine(QPointF(end, y - _CAP), QPointF(end, y + _CAP))
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(middle, y), _DOT, _DOT)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour, 1.5, Qt.PenStyle.DashLine if mark.is_dashed else Qt.PenStyle.SolidLine))
    painter.drawLine(QPointF(middle, y), QPointF(middle, room.bottom()))
