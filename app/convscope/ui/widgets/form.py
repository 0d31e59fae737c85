"""A form made from the settings of a value, with help, limits and reasons in place."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFormLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from convscope.core.settings import Described, Setting, settings_of
from convscope.ui import theme
from convscope.ui.widgets.setting_editors import Editor, editor_for


class SettingsForm(QWidget):
    """Edits any `Described` value, one row a setting; rows without effect are hidden.

    The form never changes the value: it announces a wish, and shows what it is then given.

    Signals:
        setting_changed(str, object): The user entered a valid value for the setting of this name.
    """

    setting_changed = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, _Row] = {}
        self._settings: tuple[Setting, ...] = ()
        self._shown: tuple[type[Described], str] | None = None
        self._layout = QFormLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setHorizontalSpacing(10)
        self._layout.setVerticalSpacing(5)
        self._layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self._layout.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

    def show_value(self, value: Described) -> None:
        """Show every setting of `value`; what is being typed stays if that setting has not changed."""
        shown = (type(value), getattr(value, "name", ""))  # two layers of one kind differ in their name
        if self._shown is None or self._shown[0] is not shown[0]:
            self._build(value)
        keep_typing = self._shown == shown
        self._shown = shown
        for setting in self._settings:
            row = self._rows[setting.name]
            row.editor.show_value(getattr(value, setting.name), keep_typing=keep_typing)
            visible = setting.shown(value)
            if self._layout.isRowVisible(row) != visible:
                self._layout.setRowVisible(row, visible)

    def editor(self, name: str) -> Editor:
        """Return the editor of a setting, to focus it or to replace its tooltip.

        Raises:
            KeyError: The value shown has no such setting.
        """
        return self._rows[name].editor

    def reason(self, name: str) -> str:
        """Return what is said to be wrong with the text in the row of a setting; empty when nothing is."""
        return self._rows[name].reason.text()

    def _build(self, value: Described) -> None:
        while self._layout.rowCount():
            self._layout.removeRow(0)
        self._settings = settings_of(value)
        self._rows = {setting.name: _Row(setting, self) for setting in self._settings}
        for row in self._rows.values():
            row.editor.entered.connect(lambda entered, row=row: self.setting_changed.emit(row.setting.name, entered))
            self._layout.addRow(self._label(row), row)

    def _label(self, row: _Row) -> QLabel:
        label = QLabel(row.setting.label, self)
        label.setBuddy(row.editor)
        label.setToolTip(row.setting.help)
        label.setStatusTip(row.setting.help)
        label.setMinimumHeight(row.editor.sizeHint().height())  # stays beside the editor when a reason opens below
        return label


class _Row(QWidget):
    """An editor, and below it the reason why its text is refused."""

    def __init__(self, setting: Setting, parent: QWidget) -> None:
        super().__init__(parent)
        self.setting = setting
        self.editor = editor_for(setting, self)
        self.reason = ReasonLabel(self)
        self.reason.setObjectName(f"reason_{setting.name}")
        self.editor.refused.connect(self._show_reason)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.editor)
        layout.addWidget(self.reason)

    def _show_reason(self, reason: str) -> None:
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))


class ReasonLabel(QLabel):
    """A wrapped sentence in the theme's warning colour."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sentence in the colour of the theme that is current now."""
        painter = QPainter(self)
        painter.setPen(theme.current().warning)
        painter.drawText(self.rect(), Qt.TextFlag.TextWordWrap, self.text())

    def minimumSizeHint(self) -> QSize:
        """Never ask for width: a long reason must not widen a dock."""
        return QSize(0, super().minimumSizeHint().height())
