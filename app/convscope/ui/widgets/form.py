"""A form made from the settings of a value, with help, limits and reasons in place."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from convscope.core.settings import Described, Setting, settings_of
from convscope.ui.widgets.setting_editors import Editor, editor_for
from convscope.ui.widgets.settling import settle
from convscope.ui.widgets.tinted_label import TintedLabel

SPACING = 8  # between a label, its editor and the next label


class SettingsForm(QWidget):
    """Edits any `Described` value, one row a setting, two beside each other where both fit.

    The form never changes the value: it announces a wish, and shows what it is then given. It has the settings of one
    group; by default those that are in none.

    Signals:
        setting_changed(str, object): The user entered a valid value for the setting of this name.
    """

    setting_changed = Signal(str, object)

    def __init__(self, parent: QWidget | None = None, *, group: str = "") -> None:
        super().__init__(parent)
        self._group = group
        self._rows: dict[str, _Row] = {}
        self._settings: tuple[Setting, ...] = ()
        self._visible: list[_Row] = []
        self._shown: tuple[type[Described], str] | None = None
        self._value: Described | None = None
        self._columns = 0  # of label and editor; nothing is laid out yet
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setHorizontalSpacing(SPACING)
        self._layout.setVerticalSpacing(5)

    def show_value(self, value: Described) -> None:
        """Show every setting of `value`; what is being typed stays if that setting has not changed.

        Text that was refused stays only if none of them has: after another change it would pass for the value.
        """
        shown = (type(value), getattr(value, "name", ""))  # two layers of one kind differ in their name
        if self._shown is None or self._shown[0] is not shown[0]:
            self._build(value)
        is_same, has_changed = self._shown == shown, value != self._value
        self._shown, self._value = shown, value
        for setting in self._settings:
            row = self._rows[setting.name]
            keep_typing = is_same and not (has_changed and row.reason.text())
            row.editor.show_value(getattr(value, setting.name), keep_typing=keep_typing)
        visible = [self._rows[setting.name] for setting in self._settings if setting.shown(value)]
        if visible != self._visible:
            self._visible = visible
            self._arrange(self._fitting_columns())

    def editor(self, name: str) -> Editor:
        """Return the editor of a setting, to focus it or to replace its tooltip.

        Raises:
            KeyError: The value shown has no such setting.
        """
        return self._rows[name].editor

    def focus_first(self) -> None:
        """Put the cursor into the first row that is shown."""
        if self._visible:
            self._visible[0].editor.setFocus(Qt.FocusReason.TabFocusReason)

    def show_remarks(self, remarks: Mapping[str, str]) -> None:
        """Show what is to be said of values that are allowed, by the settings' names, and of no other setting."""
        for name, row in self._rows.items():
            row.show_remark(remarks.get(name, ""))

    def reason(self, name: str) -> str:
        """Return what is said to be wrong with the text in the row of a setting; empty when nothing is."""
        return self._rows[name].reason.text()

    def _build(self, value: Described) -> None:
        for row in self._rows.values():
            row.editor.blockSignals(True)  # losing the focus ends the typing, but what it was about is gone
            for part in (row.label, row, row.words):
                part.hide()
                part.deleteLater()
        self._settings = tuple(setting for setting in settings_of(value) if setting.group == self._group)
        self._visible = []
        self._rows = {setting.name: _Row(setting, self) for setting in self._settings}
        for row in self._rows.values():
            row.editor.entered.connect(lambda entered, row=row: self.setting_changed.emit(row.setting.name, entered))

    def _fitting_columns(self) -> int:
        """Return 2 if two settings fit beside each other, else 1."""
        if len(self._visible) < 4:  # a short form reads better from top to bottom
            return 1
        return 2 if self._width(2) <= self.width() else 1

    def _width(self, columns: int) -> int:
        """Return how wide the form must be so that nothing is cut off in as many columns."""
        width = (columns - 1) * SPACING
        for column in range(columns):
            rows = self._visible[column::columns]
            labels = max((row.label.sizeHint().width() for row in rows), default=0)
            width += labels + SPACING + max((row.editor.sizeHint().width() for row in rows), default=0)
        return width

    def _arrange(self, columns: int) -> None:
        """Place the visible rows in as many columns, and hide the others."""
        self._columns = columns
        for row in self._rows.values():
            for part in (row.label, row, row.words):
                self._layout.removeWidget(part)
            for part in (row.label, row):
                part.setVisible(row in self._visible)
            row.words.setVisible(row in self._visible and row.says_something)
        for number, row in enumerate(self._visible):
            line, column = divmod(number, columns)
            line *= 1 + columns  # below it each of its settings may have words, for which a column is narrow
            self._layout.addWidget(row.label, line, 2 * column, Qt.AlignmentFlag.AlignTop)
            self._layout.addWidget(row, line, 2 * column + 1, Qt.AlignmentFlag.AlignTop)
            self._layout.addWidget(row.words, line + 1 + column, 0, 1, 2 * columns, Qt.AlignmentFlag.AlignTop)
        for column in range(2):
            self._layout.setColumnStretch(2 * column + 1, 1 if column < columns else 0)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the columns that fit."""
        super().resizeEvent(event)
        if (columns := self._fitting_columns()) != self._columns:
            self._arrange(columns)

    def minimumSizeHint(self) -> QSize:
        """Let the form become as narrow as one column, whatever it shows now."""
        return QSize(self._width(1), super().minimumSizeHint().height())


class _Row(QWidget):
    """An editor, and what stands around it in the form.

    Attributes:
        label: Its name, beside it.
        words: Below both: the reason why its text is refused, and a remark on its value.
    """

    def __init__(self, setting: Setting, parent: QWidget) -> None:
        super().__init__(parent)
        self.setting = setting
        self.editor = editor_for(setting, self)
        self.label = self._made_label(parent)
        self.words = QWidget(parent)
        self.reason, self._remark = (self._made_sentence(f"{kind}_{setting.name}") for kind in ("reason", "remark"))
        self.editor.refused.connect(lambda reason: self._say(self.reason, reason))
        _stack(self, self.editor)
        _stack(self.words, self.reason, self._remark)

    @property
    def says_something(self) -> bool:
        """Whether there is a reason or a remark."""
        return bool(self.reason.text() or self._remark.text())

    def show_remark(self, remark: str) -> None:
        """Say something of the value; nothing where `remark` is empty."""
        self._say(self._remark, remark)

    def _made_sentence(self, name: str) -> TintedLabel:
        sentence = TintedLabel("warning", self.words)
        sentence.setObjectName(name)
        sentence.hide()
        return sentence

    def _say(self, sentence: TintedLabel, text: str) -> None:
        sentence.show_text(text)
        if sentence.isHidden() == bool(text):
            sentence.setVisible(bool(text))
            self.words.setVisible(self.says_something and not self.isHidden())
            settle(self.words)

    def _made_label(self, parent: QWidget) -> QLabel:
        unit = f" ({self.setting.unit})" if self.setting.unit else ""
        label = QLabel(self.setting.label + unit, parent)
        label.setBuddy(self.editor)
        label.setToolTip(self.setting.help)
        label.setStatusTip(self.setting.help)
        label.setFixedHeight(self.editor.minimumHeight())  # stays beside the editor when a reason opens below it
        return label


def _stack(widget: QWidget, *parts: QWidget) -> None:
    """Put parts below each other into a widget."""
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(2)
    for part in parts:
        layout.addWidget(part)
