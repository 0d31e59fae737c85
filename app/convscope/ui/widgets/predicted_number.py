"""A predicted number beside the one it should be: on a line, with the error and its square."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.core.data.dataset import Quantity
from convscope.ui import theme
from convscope.ui.widgets.number_text import number_text

_HINT = "The prediction is being computed."
_LARGE = 2.2  # times the font
_TINT = 0.18  # opacity of a prediction that is taken apart
_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter


class PredictedNumber(QWidget):
    """Shows one predicted number in large, and on a line how far it is from the target.

    Signals:
        pointed: The user points at the prediction, or no longer; carries whether.
        chosen: The user clicked it.
    """

    pointed = Signal(bool)
    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("predicted_number")
        self.setAccessibleName("Prediction")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._quantity = Quantity("prediction", "")
        self._value: float | None = None
        self._target: float | None = None
        self._message = _HINT
        self._is_pointed = self._is_marked = False

    @property
    def text(self) -> str:
        """What is shown, in words."""
        if self._value is None:
            return self._message
        return f"{self._quantity.name.capitalize()}: {self._written(self._value)}. {self.error_text}".strip()

    @property
    def error_text(self) -> str:
        """How far the prediction is from the target, and the loss; empty where the target is not known."""
        if self._value is None or self._target is None:
            return ""
        error = self._value - self._target
        return (
            f"target {self._written(self._target)}, error {number_text(error, 3)}, "
            f"squared {number_text(error * error, 3)}"
        )

    def show_prediction(self, quantity: Quantity, value: float, target: float | None) -> None:
        """Show a prediction and, where it is known, what it should be."""
        if not math.isfinite(value):
            self.show_message("The network's answer is not a number: its weights have grown beyond all bounds.")
            return
        self._quantity, self._value, self._target, self._message = quantity, value, target, ""
        self._tell()

    def show_message(self, text: str) -> None:
        """Show a sentence in place of a prediction."""
        self._value, self._message = None, text
        self._tell()

    def show_marks(self, *, pointed: bool, marked: bool) -> None:
        """Ring the prediction where it is pointed at anywhere in the window, and tint it where it is taken apart."""
        if (pointed, marked) != (self._is_pointed, self._is_marked):
            self._is_pointed, self._is_marked = pointed, marked
            self.update()

    def _tell(self) -> None:
        self.setAccessibleDescription(self.text)
        self.update()

    def _written(self, value: float) -> str:
        return f"{number_text(value, 3)} {self._quantity.unit}".strip()

    def _range(self) -> tuple[float, float]:
        """Return the ends of the line: around prediction and target, and from 0 where that is near."""
        values = [value for value in (self._value, self._target) if value is not None]
        low, high = min(0.0, *values), max(0.0, *values)
        room = 0.15 * (high - low) or 1.0
        return (low - room if low < 0 else 0.0), (high + room if high > 0 else 0.0)

    def _paint_line(self, painter: QPainter, area: QRectF) -> None:
        colours, low_high = theme.current(), self._range()
        assert self._value is not None
        line = painter.fontMetrics().height()
        y = area.top() + 1.6 * line
        painter.setPen(QPen(colours.muted, 1))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        at = _place(area, low_high, self._value)
        if self._target is not None:
            goal = _place(area, low_high, self._target)
            painter.setPen(QPen(colours.warning, 3))
            painter.drawLine(QPointF(at, y), QPointF(goal, y))
            self._paint_mark(painter, goal, y, f"target {self._written(self._target)}", area, colours.text, below=True)
        self._paint_mark(painter, at, y, f"predicted {self._written(self._value)}", area, colours.accent, below=False)

    def _paint_mark(
        self, painter: QPainter, x: float, y: float, text: str, area: QRectF, colour: QColor, *, below: bool
    ) -> None:
        line, way = painter.fontMetrics().height(), 1 if below else -1
        tip = [QPointF(0, 0), QPointF(-6, way * 9), QPointF(6, way * 9)]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([QPointF(x, y) + point for point in tip]))
        width = painter.fontMetrics().horizontalAdvance(text) + 2
        left = min(max(x - width / 2, area.left()), area.right() - width)
        top = y + 10 if below else y - 10 - line
        painter.setPen(colour)
        painter.drawText(QRectF(left, top, width, line), _CENTRE, text)

    def _paint_frame(self, painter: QPainter) -> None:
        accent = QColor(theme.current().accent)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._is_marked:
            tint = QColor(accent)
            tint.setAlphaF(_TINT)
            painter.setBrush(tint)
        painter.setPen(QPen(accent, 1.5) if self._is_pointed else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(frame, 4, 4)

    def sizeHint(self) -> QSize:
        """Return room for the number in large, the line and the error."""
        line = self.fontMetrics().height()
        return QSize(16 * line, round((_LARGE + 8) * line))

    def minimumSizeHint(self) -> QSize:
        """Return room for the line and the error."""
        line = self.fontMetrics().height()
        return QSize(12 * line, 7 * line)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the prediction."""
        self.pointed.emit(self._value is not None)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self.pointed.emit(False)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the prediction."""
        if event.button() == Qt.MouseButton.LeftButton and self._value is not None:
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose the prediction with Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._value is not None:
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the number, the line and the error, or the message."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(10, 6, -10, -6)
        if self._value is None:
            painter.setPen(theme.current().muted)
            painter.drawText(area, int(_CENTRE) | int(Qt.TextFlag.TextWordWrap), self._message)
            return
        self._paint_frame(painter)
        line = painter.fontMetrics().height()
        plain, large = painter.font(), QFont(painter.font())
        large.setPointSizeF(_LARGE * large.pointSizeF())
        large.setBold(True)
        high = min(max(area.height() - 6.4 * line, 0.0), 1.6 * _LARGE * line)
        if high >= _LARGE * line:
            painter.setFont(large)
            painter.setPen(theme.current().accent)
            painter.drawText(QRectF(area.left(), area.top(), area.width(), high), _CENTRE, self._written(self._value))
        painter.setFont(plain)
        rest = area.adjusted(0, high, 0, 0)
        self._paint_line(painter, rest)
        painter.setPen(theme.current().text)
        error = self.error_text or "Your own numbers have no target, so there is no loss."
        below = rest.adjusted(0, 3.6 * line, 0, 0)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignHCenter) | int(Qt.TextFlag.TextWordWrap), error)


def _place(area: QRectF, ends: tuple[float, float], value: float) -> float:
    low, high = ends
    return area.left() + area.width() * (value - low) / ((high - low) or 1.0)
