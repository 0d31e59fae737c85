"""The line that opens over a cell of a kernel to type its weight."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import QLineEdit, QWidget

from convscope.core.settings import Setting
from convscope.ui import theme
from convscope.ui.widgets.typed_field import TypedField

MOST = 1000.0  # far above what networks learn, far below what a few layers turn into infinity
WEIGHT = Setting("number", "The weight", "What the pixel below is multiplied with.", 0.0, -MOST, MOST, 0.1)


class CellEditor(QLineEdit):
    """Reads a weight; Enter and Tab go on to the next cell, Shift+Tab back, Esc gives up.

    Signals:
        entered(object): The user is done typing a valid value that differs from the one in force.
        refused(str): What is wrong with the text; empty when nothing is.
        moved(int): The cell that many places further shall be opened.
        closed(): Nothing shall be typed any more.
    """

    entered = Signal(object)
    refused = Signal(str)
    moved = Signal(int)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("kernel_cell_editor")
        self.setAccessibleName("Weight")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._field = TypedField(WEIGHT, self, self)
        self._field.entered.connect(self.entered)
        self._field.refused.connect(self._mark)

    def open(self, value: float, text: str = "") -> None:
        """Show a value to be replaced by typing, or what was typed already."""
        self._field.show_value(value)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.selectAll()
        if text:
            self.insert(text)

    def show_value(self, value: float) -> None:
        """Follow a value that changes meanwhile, unless another one is being typed."""
        if not self._field.being_typed:
            self._field.show_value(value)
            self.selectAll()

    def forget(self) -> None:
        """Take nothing of what is being typed."""
        self._field.show_value(self._field.value)

    def _mark(self, reason: str) -> None:
        colours = QPalette()  # what it does not set follows the theme
        if reason:
            colours.setColor(QPalette.ColorRole.Text, theme.current().error)
        self.setPalette(colours)
        self.setAccessibleDescription(reason)
        self.refused.emit(reason)

    def _take(self) -> bool:
        """Read the text as finished; say whether it is a value."""
        self._field.take()
        return not self._field.being_typed

    def sizeHint(self) -> QSize:
        """Leave room for the longest number that is written."""
        return QSize(self.fontMetrics().horizontalAdvance("−0.000123456") + 12, super().sizeHint().height())

    def focusNextPrevChild(self, forwards: bool) -> bool:
        """Go on to another cell at Tab, unless the text is wrong."""
        if self._take():
            self.moved.emit(1 if forwards else -1)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on at Enter, give up at Esc."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._take():
                self.moved.emit(1)
        elif event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take a valid value, forget any other, and close."""
        super().focusOutEvent(event)
        if self.isVisible() and event.reason() != Qt.FocusReason.PopupFocusReason:
            self._take()
            self.forget()
            self.hide()
