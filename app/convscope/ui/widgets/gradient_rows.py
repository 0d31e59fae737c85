"""Each layer's gradient and update of the last step as bars on logarithmic axes."""

from __future__ import annotations

from collections.abc import Set

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.core.gradient_flow import FlowPoint
from convscope.ui import theme
from convscope.ui.widgets.gradient_data import QUANTITIES, Decades, Quantity, layer_colours, power_text
from convscope.ui.widgets.number_text import number_text

_ROW = 17  # pixels, at least
_LOW = 120  # pixels of height below which the axes have no numbers, for that the rows are seen
_TALLEST = 40
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)


class GradientRows(QWidget):
    """Shows a row for each layer, from the input down to the output."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty picture."""
        super().__init__(parent)
        self.setObjectName("gradient_rows")
        self.setAccessibleName("Gradients and updates of the last step")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self._point: FlowPoint | None = None
        self._marked: Set[str] = frozenset()
        self._axes = [Decades.of(np.zeros(0), quantity.usual) for quantity in QUANTITIES]

    @property
    def point(self) -> FlowPoint | None:
        """What is shown."""
        return self._point

    def show_point(self, point: FlowPoint | None, axes: list[Decades], marked: Set[str] = frozenset()) -> None:
        """Show the sizes of a step.

        Args:
            point: None shows nothing.
            axes: For gradients and updates.
            marked: Names of layers in trouble.
        """
        self._point, self._axes, self._marked = point, axes, marked
        self._fit()
        self.setAccessibleDescription(self._spoken())
        self.update()

    def _fit(self) -> None:
        rows = 0 if self._point is None else len(self._point.layers)
        self.setMinimumHeight(int(self._head) + rows * _ROW + 2)

    def _spoken(self) -> str:
        if self._point is None:
            return ""
        sizes = [quantity.of(self._point) for quantity in QUANTITIES]
        return "; ".join(
            f"{name}: gradient {number_text(float(sizes[0][n]), 3)}, update {number_text(float(sizes[1][n]), 3)}"
            for n, name in enumerate(self._point.layers)
        )

    @property
    def _head(self) -> float:
        return (1 if self._is_low else 2) * QFontMetricsF(self.font()).height() + 4

    @property
    def _is_low(self) -> bool:
        parent = self.parentWidget()
        return parent is not None and parent.height() < _LOW

    def _name_width(self, point: FlowPoint) -> float:
        metrics = QFontMetricsF(self.font())
        return max((metrics.horizontalAdvance(name) for name in point.layers), default=0.0) + 24

    def _paint(self, painter: QPainter, point: FlowPoint) -> None:
        colours, names = layer_colours(len(point.layers)), self._name_width(point)
        height = min(_TALLEST, (self.height() - self._head - 4) / max(1, len(point.layers)))
        for number, name in enumerate(point.layers):
            top = self._head + number * height
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours[number])
            painter.drawEllipse(QRectF(3, top + height / 2 - 5, 10, 10))
            marked = name in self._marked
            painter.setPen(theme.current().warning if marked else theme.current().text)
            painter.drawText(QRectF(18, top, names - 18, height), _LEFT, name)
        width = (self.width() - names) / 2
        for place, (quantity, axis) in enumerate(zip(QUANTITIES, self._axes, strict=True)):
            room = QRectF(names + place * width + 4, 0, width - 8, self._head + height * len(point.layers))
            self._paint_bars(painter, quantity, axis, room, colours, height)

    def _paint_bars(
        self, painter: QPainter, quantity: Quantity, axis: Decades, room: QRectF, colours: list[QColor], height: float
    ) -> None:
        assert self._point is not None
        metrics = QFontMetricsF(self.font())
        number_room = metrics.horizontalAdvance("8.8·10⁻¹⁰")
        bars = QRectF(room.left(), self._head, max(1.0, room.width() - number_room - 6), room.height() - self._head)
        painter.setPen(theme.current().text)
        painter.drawText(QRectF(room.left(), 0, room.width(), metrics.height()), _LEFT, quantity.symbol)
        self._paint_usual(painter, quantity, axis, bars)
        for power in axis.ticks(int(bars.width() / (1.6 * metrics.horizontalAdvance("10⁻¹⁰")))):
            x = bars.left() + axis.place(10.0**power) * bars.width()
            painter.setPen(theme.current().border)
            painter.drawLine(QPointF(x, bars.top()), QPointF(x, bars.bottom()))
            if not self._is_low:
                painter.setPen(theme.current().muted)
                box = QRectF(x - 30, metrics.height(), 60, metrics.height())
                painter.drawText(box, _CENTRE, power_text(power))
        for number, value in enumerate(quantity.of(self._point)):
            top = bars.top() + number * height
            bar = QRectF(bars.left(), top + height * 0.2, axis.place(float(value)) * bars.width(), height * 0.6)
            painter.fillRect(bar, colours[number])
            painter.setPen(theme.current().text)
            text = number_text(float(value), 2)
            painter.drawText(QRectF(bars.right() + 6, top, number_room, height), _LEFT, text)

    def _paint_usual(self, painter: QPainter, quantity: Quantity, axis: Decades, bars: QRectF) -> None:
        """Tint the range in which networks that learn are."""
        tint = QColor(theme.current().accent)
        tint.setAlphaF(0.10)
        low, high = (bars.left() + axis.place(end) * bars.width() for end in quantity.usual)
        painter.fillRect(QRectF(low, bars.top(), high - low, bars.height()), tint)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for as much height as the rows need here."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """Return a size at which the bars can be compared."""
        return QSize(420, 180)

    def minimumSizeHint(self) -> QSize:
        """Return the least size at which they can."""
        return QSize(280, 60)

    def changeEvent(self, event: QEvent) -> None:
        """Draw in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._point is not None:
            painter.setPen(QPen())
            self._paint(painter, self._point)
        painter.end()
