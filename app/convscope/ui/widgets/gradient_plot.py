"""The size of each layer's gradient, or of its updates, through the run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.core.gradient_flow import FlowPoint
from convscope.ui import theme
from convscope.ui.widgets.gradient_data import Decades, Quantity, layer_colours, power_text, thinned
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.time_plot_data import spread

_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class GradientPlot(QWidget):
    """Shows a line for each layer over the epochs, on a logarithmic axis; the pointer reads values out."""

    def __init__(self, quantity: Quantity, parent: QWidget | None = None) -> None:
        """Make an empty plot of one of the two sizes."""
        super().__init__(parent)
        self.setObjectName(f"gradient_plot_{quantity.key}")
        self.setAccessibleName(f"{quantity.title}, over the run")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._quantity = quantity
        self._points: Sequence[FlowPoint] = ()
        self._axis = Decades.of(np.zeros(0), quantity.usual)
        self._pointer: float | None = None  # in pixels

    def show_points(self, points: Sequence[FlowPoint], axis: Decades) -> None:
        """Show the run until now."""
        self._points, self._axis = thinned(points), axis
        self.update()

    def readout(self) -> str:
        """Return the values at the pointer; empty where it is elsewhere."""
        if self._pointer is None or not self._points:
            return ""
        epoch = (self._pointer - self._room().left()) / self._room().width() * self._last
        point = min(self._points, key=lambda candidate: abs(candidate.epoch - epoch))
        sizes = self._quantity.of(point)
        values = ",  ".join(f"{name} {number_text(float(sizes[n]), 2)}" for n, name in enumerate(point.layers))
        return f"Epoch {number_text(point.epoch, 3)}:  {values}"

    @property
    def _last(self) -> float:
        return max(self._points[-1].epoch, 1e-9) if self._points else 1.0

    def _room(self) -> QRectF:
        metrics = QFontMetricsF(self.font())
        left, names = metrics.horizontalAdvance("10⁻¹⁰") + 6, self._name_width()
        top = metrics.height() + 4
        return QRectF(left, top, max(1.0, self.width() - left - names), max(1.0, self.height() - top - top))

    def _name_width(self) -> float:
        if not self._points or self.width() < 260:
            return 6.0
        metrics = QFontMetricsF(self.font())
        return max((metrics.horizontalAdvance(name) for name in self._points[-1].layers), default=0.0) + 12

    def _paint(self, painter: QPainter) -> None:
        room = self._room()
        self._paint_axes(painter, room)
        if not self._points:
            return
        layers = self._points[-1].layers
        sizes = np.stack([self._quantity.of(point) for point in self._points])  # (N, L)
        xs = [room.left() + point.epoch / self._last * room.width() for point in self._points]
        ends: list[float] = []
        for number, colour in enumerate(layer_colours(len(layers))):
            ys = [room.bottom() - self._axis.place(float(value)) * room.height() for value in sizes[:, number]]
            painter.setPen(QPen(colour, 2))
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(xs, ys, strict=True)]))
            if len(xs) == 1:
                painter.drawEllipse(QPointF(xs[0], ys[0]), 2, 2)
            ends.append(ys[-1])
        if self._name_width() > 6:
            self._paint_names(painter, room, layers, ends)
        if self._pointer is not None:
            self._paint_readout(painter, room)

    def _paint_names(self, painter: QPainter, room: QRectF, layers: Sequence[str], ends: list[float]) -> None:
        """Write the names beside the ends of the lines, moved apart where they would lie on each other."""
        line = QFontMetricsF(self.font()).height()
        for name, colour, y in zip(layers, layer_colours(len(layers)), self._name_places(ends), strict=True):
            painter.setPen(colour)
            painter.drawText(QRectF(room.right() + 5, y - line / 2, self.width() - room.right() - 5, line), _LEFT, name)

    def _name_places(self, ends: Sequence[float]) -> list[float]:
        """Return the middles of the names, closer to each other than a line where so many would not fit."""
        room, line = self._room(), QFontMetricsF(self.font()).height()
        low, high = room.top() - line / 2, room.bottom() + line / 2
        return spread(ends, min(0.92 * line, (high - low) / max(1, len(ends))), low, high)

    def _paint_axes(self, painter: QPainter, room: QRectF) -> None:
        colours, metrics = theme.current(), QFontMetricsF(self.font())
        line = metrics.height()
        tint = QColor(colours.accent)
        tint.setAlphaF(0.10)
        low, high = (room.bottom() - self._axis.place(end) * room.height() for end in self._quantity.usual)
        painter.fillRect(QRectF(room.left(), high, room.width(), low - high), tint)
        painter.setPen(colours.text)
        painter.drawText(QRectF(0, 0, self.width(), line), _LEFT, f"{self._quantity.title}  {self._quantity.symbol}")
        for power in self._axis.ticks(int(room.height() / (1.3 * line))):
            y = room.bottom() - self._axis.place(10.0**power) * room.height()
            painter.setPen(colours.border)
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(colours.muted)
            painter.drawText(QRectF(0, y - line / 2, room.left() - 4, line), _RIGHT, power_text(power))
        end = f"epoch {number_text(self._last, 3)}" if self._points else "epochs"
        painter.drawText(QRectF(room.left(), room.bottom() + 2, room.width(), line), _LEFT, "0")
        painter.drawText(QRectF(room.left(), room.bottom() + 2, room.width(), line), _RIGHT, end)

    def _paint_readout(self, painter: QPainter, room: QRectF) -> None:
        assert self._pointer is not None
        colours, text, metrics = theme.current(), self.readout(), QFontMetricsF(self.font())
        painter.setPen(QPen(colours.muted, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(self._pointer, room.top()), QPointF(self._pointer, room.bottom()))
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.width() - 12)
        box = QRectF(0, 0, metrics.horizontalAdvance(text) + 12, metrics.height() + 2)
        painter.fillRect(box, colours.card)
        painter.setPen(colours.text)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)

    def sizeHint(self) -> QSize:
        """Return a size at which the lines can be told apart."""
        return QSize(340, 200)

    def minimumSizeHint(self) -> QSize:
        """Return the least size that shows something."""
        return QSize(180, 80)

    def changeEvent(self, event: QEvent) -> None:
        """Draw in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read out the values at the pointer."""
        inside = self._room().left() <= event.position().x() <= self._room().right()
        self._pointer = event.position().x() if inside else None
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Read out nothing."""
        self._pointer = None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axes and lines."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter)
        painter.end()
