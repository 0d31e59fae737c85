"""The curve of an activation function with the point that a value takes on it, and the slope there."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from convscope.core.arithmetic.breakdowns import ActivationBreakdown
from convscope.ui import theme
from convscope.ui.widgets.breakdown_block import CENTRE, Block, write
from convscope.ui.widgets.number_grid import Look
from convscope.ui.widgets.number_text import number_text

_HEIGHT, _WIDEST = 144.0, 290.0  # pixels
_MARGIN = 10.0
_AWAY = 9.0  # pixels from the point to its label


class CurveBlock(Block):
    """Axes through zero, the curve, a dashed tangent and the point with lines to both axes."""

    height = _HEIGHT
    width = _WIDEST

    def __init__(self, breakdown: ActivationBreakdown) -> None:
        self._b = breakdown
        self._area = QRectF()
        keep = np.isfinite(breakdown.curve_y)
        self._x, self._y = breakdown.curve_x[keep], breakdown.curve_y[keep]

    def fit(self, look: Look, width: float) -> None:
        """Take some of the width."""
        self._area = QRectF(_MARGIN, _MARGIN, min(width, _WIDEST) - 2 * _MARGIN, _HEIGHT - 2 * _MARGIN)

    def paint(self, painter: QPainter, look: Look, seen: QRectF) -> None:
        """Paint all of it."""
        if len(self._x) < 2:
            return
        shown = theme.current()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self._area.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN))
        painter.setPen(QPen(shown.border, 1.5))
        zero = self._at(0.0, 0.0)
        painter.drawLine(QPointF(self._area.left(), zero.y()), QPointF(self._area.right(), zero.y()))
        painter.drawLine(QPointF(zero.x(), self._area.top()), QPointF(zero.x(), self._area.bottom()))
        painter.setPen(QPen(shown.text, 2))
        points = [self._at(x, y) for x, y in zip(self._x.tolist(), self._y.tolist(), strict=True)]
        painter.drawPolyline(QPolygonF(points))
        if math.isfinite(self._b.x) and math.isfinite(self._b.value):
            self._paint_point(painter, look)
        painter.restore()

    def _paint_point(self, painter: QPainter, look: Look) -> None:
        b, shown = self._b, theme.current()
        point = self._at(b.x, b.value)
        painter.setPen(QPen(shown.muted, 1, Qt.PenStyle.DotLine))
        painter.drawLine(point, self._at(b.x, 0))
        painter.drawLine(point, self._at(0, b.value))
        if math.isfinite(b.slope):
            reach = float(self._x[-1] - self._x[0])
            ends = [self._at(b.x + way * reach, b.value + way * reach * b.slope) for way in (-1, 1)]
            line = QLineF(ends[0], ends[1])
            unit = line.unitVector()
            way = QPointF(unit.dx(), unit.dy()) * 45
            painter.setPen(QPen(shown.accent, 2, Qt.PenStyle.DashLine))
            painter.drawLine(point - way, point + way)
        painter.setPen(QPen(shown.base, 2))
        painter.setBrush(shown.accent)
        painter.drawEllipse(point, 5, 5)
        text = f"({number_text(b.x, 3)}, {number_text(b.value, 3)})"
        box = self._label_box(point, QSizeF(look.width(text, look.small) + 6, look.small_line))
        painter.fillRect(box, shown.base)
        write(painter, box, text, look.small, shown.accent, CENTRE)

    def _label_box(self, point: QPointF, size: QSizeF) -> QRectF:
        """Return where the point's label crosses as little as possible of the axes and the curve."""
        width, height = size.toTuple()
        lefts = (_AWAY, -width - _AWAY, -width / 2)
        tops = (-height - _AWAY, _AWAY, -height / 2)
        boxes = [QRectF(point + QPointF(left, top), size) for top in tops for left in lefts]
        boxes = [box for box in boxes if not box.contains(point)]
        return min((self._inside(box) for box in boxes), key=lambda box: self._crossed(box, point))

    def _inside(self, box: QRectF) -> QRectF:
        area = self._area.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
        left = min(max(box.left(), area.left()), area.right() - box.width())
        return QRectF(QPointF(left, min(max(box.top(), area.top()), area.bottom() - box.height())), box.size())

    def _crossed(self, box: QRectF, point: QPointF) -> int:
        """Return how much a label would hide: an axis counts as much as a long piece of the curve."""
        zero = self._at(0.0, 0.0)
        axes = (box.left() < zero.x() < box.right()) + (box.top() < zero.y() < box.bottom())
        curve = sum(box.contains(self._at(x, y)) for x, y in zip(self._x.tolist(), self._y.tolist(), strict=True))
        return 20 * axes + curve + 100 * box.adjusted(-4, -4, 4, 4).contains(point)

    def _at(self, x: float, y: float) -> QPointF:
        """Return where a point of the plane lies."""
        low, high = min(float(self._y.min()), 0.0), max(float(self._y.max()), 0.0)
        across = (x - float(self._x[0])) / (float(self._x[-1] - self._x[0]) or 1.0)
        up = (y - low) / ((high - low) or 1.0)
        across, up = (min(max(part, -50.0), 50.0) for part in (across, up))
        return QPointF(self._area.left() + across * self._area.width(), self._area.bottom() - up * self._area.height())
