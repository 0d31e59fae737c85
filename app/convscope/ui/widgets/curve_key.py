"""One entry of a curve plot's legend: a piece of the line, its name, and its last value in large figures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from convscope.ui import theme

Line = Literal["train", "validation"]
NO_VALUE = "–"
_SIZES = (1.2, 1.1, 1.0, 0.9)  # of the figures, times the ordinary font


class CurveKey(QWidget):
    """Names a curve and shows its last value."""

    def __init__(self, line: Line, name: str, widest: Sequence[str], parent: QWidget | None = None) -> None:
        """Make the entry of the curve drawn in the theme's colour `line`, with room for the `widest` values."""
        super().__init__(parent)
        named = QLabel(name, self)
        named.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.value = _Figures(name, widest, self)
        self._head = QHBoxLayout()
        self._head.setSpacing(3)
        self._head.addWidget(_LineSample(line, self))
        self._head.addWidget(named, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._head)
        column.addWidget(self.value)

    def show_value(self, text: str | None) -> None:
        """Show a value; None shows that there is none yet."""
        self.value.show_text(text or NO_VALUE)

    def show_size(self, size: float) -> None:
        """Write the figures so many times as large as the ordinary font."""
        self.value.show_size(size)

    def width_at(self, size: float) -> int:
        """Return how wide the entry is with figures of a size."""
        return max(self._head.sizeHint().width(), self.value.width_at(size))


def fit(keys: Collection[CurveKey], width: int) -> None:
    """Write the figures of keys that share a width large, or as large as it allows, and all alike."""
    fitting = (size for size in _SIZES if sum(key.width_at(size) for key in keys) <= width)
    size = next(fitting, _SIZES[-1])
    for key in keys:
        key.show_size(size)


class _Figures(QWidget):
    """A value in bold figures, with room for the widest ones, so that nothing jumps.

    Not a QLabel: with another style sheet Qt gives that back the font which it had first.
    """

    def __init__(self, name: str, widest: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._name, self._widest, self._text = name, widest, NO_VALUE
        self._font = _bold(_SIZES[0])

    def text(self) -> str:
        """Return what is read."""
        return self._text

    def show_text(self, text: str) -> None:
        """Show another value."""
        if text != self._text:
            self._text = text
            known = text != NO_VALUE
            self.setForegroundRole(QPalette.ColorRole.WindowText if known else QPalette.ColorRole.PlaceholderText)
            self.setAccessibleName(f"{self._name} {text}")
            self.update()

    def show_size(self, size: float) -> None:
        """Write it so many times as large as the ordinary font."""
        self._font = _bold(size)
        self.setFixedSize(self.width_at(size), QFontMetrics(self._font).height())
        self.update()

    def width_at(self, size: float) -> int:
        """Return how wide the figures are in a size: the widest ones, or these if they are wider still."""
        metrics = QFontMetrics(_bold(size))
        return max(metrics.horizontalAdvance(text) for text in (*self._widest, self._text))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self._font)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._text)
        painter.end()


def _bold(size: float) -> QFont:
    font = QApplication.font()
    font.setPointSizeF(size * font.pointSizeF())
    font.setBold(True)
    return font


class _LineSample(QWidget):
    """A piece of a curve with its marker."""

    def __init__(self, line: Line, parent: QWidget) -> None:
        super().__init__(parent)
        self._line = line
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(18, 14)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        colour = colours.train if self._line == "train" else colours.validation
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        middle = QPointF(self.width() / 2, self.height() / 2)
        painter.drawLine(QPointF(2, middle.y()), QPointF(self.width() - 2, middle.y()))
        painter.setPen(QPen(colours.base, 1))
        painter.setBrush(colour)
        marker = QRectF(middle.x() - 5, middle.y() - 5, 10, 10)
        if self._line == "train":
            painter.drawEllipse(marker)
        else:
            painter.drawRect(marker.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()
