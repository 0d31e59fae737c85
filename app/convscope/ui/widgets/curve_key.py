"""One entry of a curve plot's legend: a piece of the line, its name, and its last value in large figures."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from convscope.ui import theme

Line = Literal["train", "validation"]
NO_VALUE = "–"
_WIDEST = "≈ 99.99 %"  # most of the time; more takes its room when it comes
_SIZES = (1.2, 1.1, 1.0, 0.9)  # of the figures, times the ordinary font


class CurveKey(QWidget):
    """Names a curve and shows its last value."""

    def __init__(self, line: Line, name: str, parent: QWidget | None = None) -> None:
        """Make the entry of the curve drawn in the theme's colour `line`."""
        super().__init__(parent)
        self._name = QLabel(name, self)
        self._name.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.value = QLabel(NO_VALUE, self)
        self.value.setAccessibleName(name)
        self._room = 1000  # pixels, until it is told
        row = QHBoxLayout()
        row.setSpacing(3)
        row.addWidget(_LineSample(line, self))
        row.addWidget(self._name, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.value)
        self._size_value()

    def show_value(self, text: str | None) -> None:
        """Show a value; None shows that there is none yet."""
        self.value.setText(text or NO_VALUE)
        needed = self.value.fontMetrics().horizontalAdvance(self.value.text())
        if needed > self.value.width():
            self.value.setFixedWidth(needed)

    def show_room(self, width: int) -> None:
        """Write the figures so that they fit into a width."""
        if width != self._room:
            self._room = width
            self._size_value()

    def _size_value(self) -> None:
        """Write the figures large, or as large as the width allows; so that nothing jumps, for the widest of them."""
        font = QApplication.font()
        usual = font.pointSizeF()
        for size in _SIZES:
            font.setPointSizeF(size * usual)
            font.setBold(True)
            metrics = QFontMetrics(font)
            if metrics.horizontalAdvance(_WIDEST) <= self._room:
                break
        self.value.setFont(font)
        self.value.setFixedSize(metrics.horizontalAdvance(_WIDEST), metrics.height())

    def changeEvent(self, event: QEvent) -> None:
        """Keep the figures large when the font changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationFontChange:
            self._size_value()


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
