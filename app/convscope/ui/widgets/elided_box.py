"""A list to choose from whose present entry ends in dots where it has no room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QStylePainter, QWidget

_EDGE = 4  # pixels that styles leave free beside the text


class ElidedBox(QComboBox):
    """Does not cut a text that is too long in the middle of a letter; it is read whole when the pointer rests on it."""

    def __init__(self, help_text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._help = help_text
        self.setToolTip(help_text)

    def shown_text(self) -> str:
        """Return what can be read of the present entry."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, part, self).width() - _EDGE
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)

    def event(self, event: QEvent) -> bool:
        """Give the whole of an entry that does not fit in the tooltip."""
        if event.type() == QEvent.Type.ToolTip:
            whole = self.currentText()
            self.setToolTip(self._help if self.shown_text() == whole else f"{whole}\n{self._help}")
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box as any other, with the text that fits."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.shown_text()
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()
