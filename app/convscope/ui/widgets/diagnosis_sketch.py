"""Both losses over the epochs in a small picture, with the place that a reading speaks of."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.core.diagnosis import Place
from convscope.core.history import History
from convscope.core.number_text import loss_text
from convscope.ui import theme
from convscope.ui.widgets.curve_data import LOSS, Curves, Series

_DOTS = 30  # epochs up to which each has a marker
_HIGHEST = 20.0  # medians; a first epoch that blew up would press all others flat
_NAMED = 400  # pixels of width from which there is room to name the curves
_ALPHA = {False: 34, True: 75}  # of the band, by whether it is pointed at


class DiagnosisSketch(QWidget):
    """Draws what the loss plot shows of the finished epochs, where there is no room for the plot itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curves: Curves = LOSS.curves(History())
        self._place: Place | None = None
        self._strongly = False
        self.setObjectName("diagnosis_sketch")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._describe()

    def show_history(self, history: History, place: Place | None) -> None:
        """Draw the finished epochs of a run, and mark some of them."""
        self._curves, self._place = LOSS.curves(History(epochs=history.epochs)), place
        self._describe()
        self.update()

    def emphasise(self, strongly: bool) -> None:
        """Mark the place more, or no more, than otherwise."""
        if strongly != self._strongly:
            self._strongly = strongly
            self.update()

    def _describe(self) -> None:
        place = self._place
        marked = f", marked from epoch {place.first:.3g} to {place.last:.3g}: {place.label}" if place else ""
        self.setAccessibleName(f"Loss of training and validation over the epochs{marked}")

    def _paint_band(self, painter: QPainter, area: QRectF, top: float) -> None:
        if self._place is None:
            return
        left, right = (self._at(area, top, x, 0).x() for x in (self._place.first, self._place.last))
        colour = QColor(theme.current().accent)
        pen = QPen(colour, 2 if self._strongly else 1, Qt.PenStyle.DashLine)
        colour.setAlpha(_ALPHA[self._strongly])
        painter.fillRect(QRectF(left, area.top(), max(2.0, right - left), area.height()), colour)
        painter.setPen(pen)
        for x in (left, right):
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _paint_line(self, painter: QPainter, area: QRectF, top: float, series: Series, colour: QColor) -> None:
        points = [self._at(area, top, x, y) for x, y in zip(series.x.tolist(), series.y.tolist(), strict=True)]
        painter.setPen(QPen(colour, 2.25))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        if len(points) > _DOTS:
            return
        painter.setPen(QPen(theme.current().base, 1))
        painter.setBrush(colour)
        for point in points:  # round and square as in the plot, told apart without colour
            if series is self._curves.train:
                painter.drawEllipse(point, 3.5, 3.5)
            else:
                painter.drawRect(QRectF(point.x() - 3, point.y() - 3, 6, 6))

    def _paint_text(self, painter: QPainter, area: QRectF, top: float) -> None:
        shown, line = theme.current(), self.fontMetrics().height()
        painter.setPen(shown.muted)
        below = QRectF(area.left(), area.bottom() + 1, area.width(), line)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"epoch {self._curves.right_end:g}")
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, f"loss 0 to {loss_text(top)}")
        if area.width() >= _NAMED:
            middle = below.center().x()
            for name, colour, left in (
                ("● training", shown.train, middle - 90),
                ("■ validation", shown.validation, middle),
            ):
                painter.setPen(colour)
                painter.drawText(QRectF(left, below.top(), 100, line), Qt.AlignmentFlag.AlignLeft, name)
        if self._place is None:
            return
        middle = self._at(area, top, (self._place.first + self._place.last) / 2, 0).x()
        width = self.fontMetrics().horizontalAdvance(self._place.label) + 8
        left = min(middle - width / 2, area.right() - width)
        box = QRectF(max(left, area.left()), area.top() + 2, width, line + 2)
        painter.fillRect(box, shown.base)
        painter.setPen(shown.accent)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._place.label)

    def _at(self, area: QRectF, top: float, x: float, y: float) -> QPointF:
        across, up = x / self._curves.right_end, min(y / top, 1.0)
        height = area.height() - self.fontMetrics().height()  # above the highest there is room for words
        return QPointF(area.left() + across * area.width(), area.bottom() - up * height)

    def _top(self) -> float:
        values = np.concatenate((self._curves.train.y, self._curves.validation.y))
        return float(min(values.max(), _HIGHEST * np.median(values))) or 1.0

    def sizeHint(self) -> QSize:
        """Return a size at which a turn is easily seen."""
        return QSize(260, 150)

    def minimumSizeHint(self) -> QSize:
        """Return the least size at which it is seen at all."""
        return QSize(160, 74)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint axes, band, curves and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 1, -6, -self.fontMetrics().height() - 3)
        painter.fillRect(area, theme.current().base)
        if len(self._curves.train):
            top = self._top()
            self._paint_band(painter, area, top)
            self._paint_line(painter, area, top, self._curves.validation, theme.current().validation)
            self._paint_line(painter, area, top, self._curves.train, theme.current().train)
            self._paint_text(painter, area, top)
        painter.setPen(QPen(theme.current().border, 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.bottomLeft(), area.topLeft())
