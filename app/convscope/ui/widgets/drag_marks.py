"""What is seen while a card is dragged: a picture of it, and the line where it would land."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from convscope.ui import theme

MARGIN = 8  # between the cards and the edge of their column
ASIDE = 14  # by which a dragged card leaves the row of the others


class CardGhost(QWidget):
    """A picture of the dragged card below the pointer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture = QPixmap()
        self._grip = QPoint()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def carry(self, picture: QPixmap, grip: QPoint) -> None:
        """Show a picture, held at the point `grip` of it."""
        self._picture, self._grip = picture, grip
        self.resize(picture.deviceIndependentSize().toSize())
        self.raise_()
        self.show()

    def follow(self, place: QPoint) -> None:
        """Move the grip to a place of the column."""
        self.move(MARGIN + ASIDE, place.y() - self._grip.y())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture."""
        painter = QPainter(self)
        painter.setOpacity(0.93)
        painter.drawPixmap(0, 0, self._picture)


class DropLine(QWidget):
    """The line at which a dragged layer would be inserted."""

    THICKNESS = 10

    def __init__(self, column: QWidget) -> None:
        super().__init__(column)
        self._column = column
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_at(self, y: int | None) -> None:
        """Show the line at a height of the column, or hide it."""
        if y is not None:
            half = self.THICKNESS // 2
            width = self._column.width() - 2 * MARGIN + 2 * half
            self.setGeometry(MARGIN - half, y - half, width, 2 * half)
            self.raise_()
        self.setVisible(y is not None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a line that ends in two dots."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = theme.current().accent
        middle = self.height() / 2
        painter.setPen(QPen(colour, 3))
        painter.drawLine(round(middle), round(middle), self.width() - round(middle), round(middle))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        for x in (middle, self.width() - middle):
            painter.drawEllipse(QRect(round(x - middle + 1), 1, self.height() - 2, self.height() - 2))
