"""A label at the left end of a line and one at the right, whose texts change often."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

_GAP = 8  # pixels between them


class TwoEnds(QWidget):
    """Gives the right label the room that its text needs and the left one the rest.

    It asks for another height or width only when it is made: in a layout each new text of a label would have all
    layouts up to the window's made anew.
    """

    def __init__(self, left: QLabel, right: QLabel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._left, self._right = left, right
        for label in (left, right):
            label.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _place(self) -> None:
        needed = min(self._right.sizeHint().width(), self.width())
        free = max(0, self.width() - needed - _GAP)
        self._left.setGeometry(0, 0, free, self.height())
        self._right.setGeometry(self.width() - needed, 0, needed, self.height())

    def sizeHint(self) -> QSize:
        """Return the height of a line; the width is what there is."""
        return QSize(2 * _GAP, max(label.sizeHint().height() for label in (self._left, self._right)))

    def minimumSizeHint(self) -> QSize:
        """Return the same."""
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        """Place the labels anew when a text needs other room."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._place()
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the labels."""
        super().resizeEvent(event)
        self._place()
