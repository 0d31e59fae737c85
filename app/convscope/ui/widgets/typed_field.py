"""The line a setting is typed in: what was entered, what is wrong with it, and what Esc brings back."""

from __future__ import annotations

from typing import Any

import shiboken6
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

from convscope.core.settings import Setting, SettingError
from convscope.ui.widgets.setting_text import stepped, text_of, value_of

_INTERRUPTIONS = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)


class TypedField(QObject):
    """Reads a setting from the line that an editor is typed in.

    A value counts when the user is done with it (Enter, Tab, a click elsewhere); until then the text may be wrong.
    Esc restores the value in force, and so does going elsewhere where the text is wrong.

    Attributes:
        value: What was shown or entered last; always valid.

    Signals:
        entered(object): The user is done typing a valid value that differs from the one in force.
        refused(str): What is wrong with the text now; empty when nothing is.
    """

    entered = Signal(object)
    refused = Signal(str)

    def __init__(self, setting: Setting, owner: QWidget, line: QLineEdit) -> None:
        super().__init__(owner)
        self.setting = setting
        self.value: Any = setting.default
        self._owner = owner  # gets the keys; the line inside a spin box or combo box does not
        self._line = line
        self._line.setText(text_of(setting, self.value))
        self._text = self._line.text()
        line.textEdited.connect(self._check)
        owner.installEventFilter(self)

    @property
    def being_typed(self) -> bool:
        """Whether the text differs from the value in force."""
        return self._line.text() != self._text

    def show_value(self, value: Any, *, keep_typing: bool = False) -> None:
        """Show a value, but leave alone what is being typed if the value is the one already in force."""
        if keep_typing and value == self.value and self._owner.hasFocus():
            return
        self._set(value)

    def step(self, steps: int) -> None:
        """Change the value as if the arrows had been pressed."""
        value = self._read()
        changed = stepped(self.setting, self.value if value is None else value, steps)
        if changed != self.value:
            self._enter(changed)

    def take(self) -> None:
        """Read the text as finished."""
        if not shiboken6.isValid(self._line):
            return  # an editor that is destroyed loses the focus after its line is gone
        if self.being_typed and (value := self._read()) is not None:
            if value != self.value:
                self._enter(value)
            else:
                self._set(value)

    def _enter(self, value: Any) -> None:
        self._set(value)
        self.entered.emit(value)

    def _set(self, value: Any) -> None:
        self.value = value
        self._text = text_of(self.setting, value)
        if self._line.text() != self._text:
            cursor, at_end = self._line.cursorPosition(), self._line.cursorPosition() == len(self._line.text())
            self._line.setText(self._text)
            self._line.setCursorPosition(len(self._text) if at_end else cursor)
        self.refused.emit("")

    def _check(self) -> None:
        self.refused.emit(self._reason())

    def _reason(self) -> str:
        try:
            value_of(self.setting, self._line.text())
        except SettingError as error:
            return str(error)
        return ""

    def _read(self) -> Any:
        try:
            return value_of(self.setting, self._line.text())
        except SettingError:
            return None

    def _leave(self, event: QFocusEvent) -> None:
        """Put the value in force back where something else was left; a menu or another window only interrupts."""
        if event.reason() not in _INTERRUPTIONS and shiboken6.isValid(self._line) and self._reason():
            self._set(self.value)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Restore at Esc and where wrong text is left; leave undo to the window when nothing typed can be undone."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            undoes = event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo)
            if undoes and not self.being_typed:  # the line would take Ctrl+Z with nothing to undo
                event.ignore()
                return True
        if event.type() == QEvent.Type.FocusOut and isinstance(event, QFocusEvent):
            self._leave(event)
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            restored = self.being_typed
            self._set(self.value)
            return restored
        return False
