"""One editor for each kind of setting: a check box, a list, or a field with arrows that says what is wrong."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import QAbstractSpinBox, QCheckBox, QComboBox, QLineEdit, QSizePolicy, QWidget

from convscope.core.settings import Setting
from convscope.ui.widgets.setting_text import stepped
from convscope.ui.widgets.typed_field import TypedField
from convscope.ui.widgets.wheel import WheelGuard

ARROWS = 30  # width of the arrows and the frame of a field
PADDING = 8  # pixels above and below the text of an editor, together


class StepEditor(QAbstractSpinBox):
    """A field with arrows for a whole number, a number or a size.

    Not a QSpinBox, which swallows wrong keys without a word, knows two decimals and ends at 2³¹.

    Signals:
        entered(object): A valid value was entered or stepped to.
        refused(str): What is wrong with the text; empty when nothing is.
    """

    entered = Signal(object)
    refused = Signal(str)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = TypedField(setting, self, _line(self))
        self.field.entered.connect(self.entered)
        self.field.refused.connect(self.refused)
        self.editingFinished.connect(self.field.take)
        WheelGuard(self)

    def show_value(self, value: Any, *, keep_typing: bool = False) -> None:
        """Show a value."""
        self.field.show_value(value, keep_typing=keep_typing)

    def sizeHint(self) -> QSize:
        """Leave room for the widest value that is likely, however long its limits are."""
        setting = self.field.setting
        longest = max((f"{end or 0:.0f}" for end in (setting.high, setting.low)), key=len)[:8]
        text = longest.replace("-", "−").rjust(5, "0")  # its digits may as well stand behind a point
        return QSize(self.fontMetrics().horizontalAdvance(text) + ARROWS, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Never cut a value off."""
        return self.sizeHint()

    def stepBy(self, steps: int) -> None:
        """Enter the value some presses of an arrow away."""
        self.field.step(steps)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Disable the arrow that leads beyond a limit."""
        enabled = QAbstractSpinBox.StepEnabledFlag.StepNone
        setting, value = self.field.setting, self.field.value
        if stepped(setting, value, 1) != value:
            enabled |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        if stepped(setting, value, -1) != value:
            enabled |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        return enabled

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let any text be typed: what is wrong with it is said, not swallowed."""
        return QValidator.State.Acceptable, text, position


class PaddingEditor(QComboBox):
    """A field for padding: "valid", "same", a number or height × width.

    Signals:
        entered(object): A valid value was entered or chosen.
        refused(str): What is wrong with the text; empty when nothing is.
    """

    entered = Signal(object)
    refused = Signal(str)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.addItems(["valid", "same", "1", "2"])
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setCompleter(None)  # pyright: ignore[reportArgumentType]  # it would turn a typed "s" into "same" before the user is done
        self.field = TypedField(setting, self, _line(self))
        self.field.entered.connect(self.entered)
        self.field.refused.connect(self.refused)
        _line(self).editingFinished.connect(self.field.take)
        self.activated.connect(self.field.take)
        _let_shrink(self)

    def show_value(self, value: Any, *, keep_typing: bool = False) -> None:
        """Show a value."""
        self.field.show_value(value, keep_typing=keep_typing)
        text = _line(self).text()
        listed = self.findText(text)
        if not self.field.being_typed and listed != self.currentIndex():  # the list opens at the value in force
            self.setCurrentIndex(listed)
            self.setEditText(text)

    def sizeHint(self) -> QSize:
        """Leave room for the longest word in the list, or for 11×11."""
        return QSize(self.fontMetrics().horizontalAdvance("00000") + ARROWS + 8, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Never cut a value off."""
        return self.sizeHint()


class TextEditor(QLineEdit):
    """A field for text or a shape.

    Signals:
        entered(object): A valid value was entered.
        refused(str): What is wrong with the text; empty when nothing is.
    """

    entered = Signal(object)
    refused = Signal(str)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = TypedField(setting, self, self)
        self.field.entered.connect(self.entered)
        self.field.refused.connect(self.refused)
        self.editingFinished.connect(self.field.take)

    def show_value(self, value: Any, *, keep_typing: bool = False) -> None:
        """Show a value."""
        self.field.show_value(value, keep_typing=keep_typing)


class SwitchEditor(QCheckBox):
    """A check box for a setting that is on or off.

    Signals:
        entered(object): It was switched by the user.
        refused(str): Never; it has no wrong state.
    """

    entered = Signal(object)
    refused = Signal(str)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setChecked(setting.default)
        self.clicked.connect(lambda: self.entered.emit(self.isChecked()))

    def show_value(self, value: bool, *, keep_typing: bool = False) -> None:
        """Show a value."""
        self.setChecked(value)


class ChoiceEditor(QComboBox):
    """A list of the values allowed, by their labels.

    Signals:
        entered(object): A value was chosen by the user.
        refused(str): Never; it has no wrong state.
    """

    entered = Signal(object)
    refused = Signal(str)

    def __init__(self, setting: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = setting.default
        for value, label in setting.choices:
            self.addItem(label, value)
        self.show_value(setting.default)
        self.activated.connect(self._enter)
        _let_shrink(self)

    def show_value(self, value: str, *, keep_typing: bool = False) -> None:
        """Show a value."""
        self._value = value
        self.setCurrentIndex(self.findData(value))

    def _enter(self) -> None:
        if self.currentData() != self._value:
            self._value = self.currentData()
            self.entered.emit(self._value)


Editor = StepEditor | PaddingEditor | TextEditor | SwitchEditor | ChoiceEditor


def editor_for(setting: Setting, parent: QWidget | None = None) -> Editor:
    """Return an editor that suits the setting, with its help and a name for scripts."""
    match setting.kind:
        case "switch":
            editor: Editor = SwitchEditor(setting, parent)
        case "choice":
            editor = ChoiceEditor(setting, parent)
        case "padding":
            editor = PaddingEditor(setting, parent)
        case "text" | "shape":
            editor = TextEditor(setting, parent)
        case _:
            editor = StepEditor(setting, parent)
    editor.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    editor.setMinimumHeight(editor.fontMetrics().height() + PADDING)  # one height for all: Fusion gives each its own
    editor.setObjectName(f"setting_{setting.name}")
    editor.setAccessibleName(setting.label)
    editor.setAccessibleDescription(setting.help)
    editor.setToolTip(setting.help)
    editor.setStatusTip(setting.help)
    return editor


def _line(editor: QAbstractSpinBox | QComboBox) -> QLineEdit:
    line = editor.lineEdit()
    assert line is not None  # a combo box has one because it was made editable
    return line


def _let_shrink(box: QComboBox) -> None:
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(6)
    WheelGuard(box)
