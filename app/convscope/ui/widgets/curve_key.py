"""One entry of a curve plot's legend: a piece of the line, its name, and its last value in large figures."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from convscope.ui import theme

Line = Literal["train", "validation"]
NO_VALUE = "–"
_WIDEST = "≈ 100.00 %"


class CurveKey(QWidget):
    """Names a curve and shows its last value."""

    def __init__(self, line: Line, name: str, parent: QWidget | None = None) -> None:
        """Make the entry of the curve drawn in the theme's colour `line`."""
        super().__init__(parent)
        self._name = QLabel(name, self)
        self._name.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.value = QLabel(NO_VALUE, self)
        self.value.setAccessibleName(name)
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

    def _size_value(self) -> None:
        font = QApplication.font()
        font.setPointSizeF(font.pointSizeF() * 1.2)
        font.setBold(True)
        self.value.setFont(font)
        metrics = self.value.fontMetrics()
        self.value.setFixedSize(metrics.horizontalAdvance(_WIDEST), metrics.height())  # so that nothing jumps

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
