"""The form edits every kind of setting, refuses what is wrong in place and never disturbs a user who types."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAction, QFocusEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from convscope.core import settings
from convscope.core.settings import Described, Setting, SettingError
from convscope.ui.widgets.form import SettingsForm
from convscope.ui.widgets.setting_editors import StepEditor
from convscope.ui.widgets.setting_text import stepped, text_of, value_of
from convscope.ui.widgets.tinted_label import TintedLabel


@dataclass(frozen=True)
class Sample(Described):
    """One setting of each kind."""

    name: str = ""
    title: str = settings.text("plain", label="Title", help="A line of text.")
    bias: bool = settings.switch(True, label="Bias", help="On or off.")
    filters: int = settings.integer(16, label="Filters", help="How many.", low=1, high=100)
    rate: float = settings.number(0.001, label="Rate", help="How fast.", low=1e-8, high=100, step=0.001)
    momentum: float = settings.number(0.9, label="Momentum", help="How lazy.", low=0, high=0.9999, step=0.05)
    mode: str = settings.choice("one", {"one": "The first", "two": "The second"}, label="Mode", help="Which.")
    kernel: Any = settings.size(3, label="Kernel", help="How large.", low=1, high=64)
    padding: Any = settings.padding("valid", label="Padding", help="How wide.", low=0, high=64)
    target: Any = settings.shape((24, 7, 7), label="Target", help="How laid out.", low=1, high=1000)
    slope: float = settings.number(
        0.1, label="Slope", help="How steep.", low=-1, high=1, step=0.1, shown=lambda sample: sample.mode == "two"
    )


@dataclass(frozen=True)
class Other(Described):
    """A value with other settings."""

    units: int = settings.integer(10, label="Units", help="How many.", low=1, high=100)


class Edited(QWidget):
    """A form whose wishes come true, as in a panel, and which remembers them."""

    def __init__(self) -> None:
        super().__init__()
        self.value: Described = Sample()
        self.wishes: list[tuple[str, Any]] = []
        self.form = SettingsForm(self)
        QVBoxLayout(self).addWidget(self.form)
        self.form.setting_changed.connect(self._change)
        self.form.show_value(self.value)

    def _change(self, name: str, entered: Any) -> None:
        self.wishes.append((name, entered))
        self.value = dataclasses.replace(self.value, **{name: entered})
        self.form.show_value(self.value)


@pytest.fixture
def edited(qtbot: QtBot) -> Edited:
    widget = Edited()
    qtbot.addWidget(widget)
    widget.resize(320, 500)
    with qtbot.waitActive(widget):
        widget.show()
        widget.activateWindow()
    return widget


def line_of(editor: QWidget) -> QLineEdit:
    line = editor if isinstance(editor, QLineEdit) else editor.findChild(QLineEdit)
    assert isinstance(line, QLineEdit)
    return line


def type_text(qtbot: QtBot, edited: Edited, name: str, text: str) -> QWidget:
    editor = edited.form.editor(name)
    editor.setFocus()
    line_of(editor).selectAll()
    qtbot.keyClicks(editor, text)
    return editor


def shown_text(edited: Edited, name: str) -> str:
    return line_of(edited.form.editor(name)).text()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("title", "a name", "a name"),
        ("filters", "64", 64),
        ("rate", "1e-5", 1e-5),
        ("rate", "0,02", 0.02),
        ("kernel", "5", 5),
        ("kernel", "3x5", (3, 5)),
        ("kernel", "3 × 5", (3, 5)),
        ("kernel", "4×4", 4),
        ("padding", "same", "same"),
        ("padding", "2", 2),
        ("padding", "1x2", (1, 2)),
        ("target", "14×6×14", (14, 14, 6)),
        ("target", "1000", (1000,)),
    ],
)
def test_a_typed_value_is_announced_once_when_entered(qtbot: QtBot, edited: Edited, name: str, text: str, value: Any):
    editor = type_text(qtbot, edited, name, text)
    assert edited.wishes == []
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert edited.wishes == [(name, value)]


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("filters", "101", "Filters must be between 1 and 100, not 101."),
        ("filters", "", "Filters needs a value."),
        ("filters", "3,5", "Filters must be a whole number, not '3,5'."),
        ("rate", "fast", "Rate must be a number, not 'fast'."),
        ("rate", "nan", "Rate must be a number, not nan."),
        ("kernel", "3x5x7", "Kernel must be a number or height × width, not (3, 5, 7)."),
        ("padding", "sam", 'Padding must be a number or height × width or "valid" or "same", not \'sam\'.'),
        ("target", "7×7", "Target must be one or three numbers, not (7, 7)."),
    ],
)
def test_wrong_text_shows_its_reason_and_changes_nothing(
    qtbot: QtBot, edited: Edited, name: str, text: str, reason: str
):
    before = shown_text(edited, name)
    editor = type_text(qtbot, edited, name, text or "\b")
    assert edited.form.reason(name) == reason
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert (edited.wishes, shown_text(edited, name)) == ([], text)
    assert edited.form.reason(name) == reason
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert (shown_text(edited, name), edited.form.reason(name)) == (before, "")


@pytest.mark.parametrize(("name", "text"), [("filters", "abc"), ("padding", "foo"), ("target", "7×7")])
def test_wrong_text_that_is_left_gives_way_to_the_value_in_force(qtbot: QtBot, edited: Edited, name: str, text: str):
    before = shown_text(edited, name)
    editor = type_text(qtbot, edited, name, text)
    for reason in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
        QApplication.sendEvent(editor, QFocusEvent(QEvent.Type.FocusOut, reason))
    assert shown_text(edited, name) == text  # a menu or another window only interrupts
    edited.form.editor("bias").setFocus()
    assert (edited.wishes, shown_text(edited, name), edited.form.reason(name)) == ([], before, "")


def test_wrong_text_gives_way_when_another_setting_is_undone(qtbot: QtBot, edited: Edited):
    type_text(qtbot, edited, "padding", "foo")
    edited.form.show_value(edited.value)  # nothing has changed
    assert shown_text(edited, "padding") == "foo"
    edited.form.show_value(dataclasses.replace(edited.value, kernel=5))
    assert (shown_text(edited, "padding"), edited.form.reason("padding")) == ("valid", "")


def test_the_reason_is_visible_while_the_text_is_wrong(qtbot: QtBot, edited: Edited):
    type_text(qtbot, edited, "filters", "999")
    label = edited.form.findChild(TintedLabel, "reason_filters")
    assert isinstance(label, TintedLabel)
    assert label.isVisible()
    assert label.height() >= label.fontMetrics().height()
    type_text(qtbot, edited, "filters", "99")
    assert not label.isVisible()


@pytest.mark.parametrize("width", [200, 420])
def test_a_reason_takes_the_width_of_the_form(qtbot: QtBot, edited: Edited, width: int):
    edited.resize(width, 500)
    type_text(qtbot, edited, "padding", "foo")
    QApplication.processEvents()
    label = edited.form.findChild(TintedLabel, "reason_padding")
    assert isinstance(label, TintedLabel)
    assert label.isVisible()
    assert label.width() == edited.form.width()
    assert label.mapTo(edited.form, QPoint()).y() > edited.form.editor("padding").mapTo(edited.form, QPoint()).y()


def test_arrows_switches_and_lists_announce_at_once(qtbot: QtBot, edited: Edited):
    qtbot.keyClick(edited.form.editor("filters"), Qt.Key.Key_Up)
    qtbot.keyClick(edited.form.editor("kernel"), Qt.Key.Key_Down)
    qtbot.keyClick(edited.form.editor("rate"), Qt.Key.Key_Up)
    qtbot.keyClick(edited.form.editor("bias"), Qt.Key.Key_Space)
    qtbot.keyClick(edited.form.editor("mode"), Qt.Key.Key_Down)
    qtbot.keyClick(edited.form.editor("padding"), Qt.Key.Key_Down)
    assert edited.wishes == [
        ("filters", 17),
        ("kernel", 2),
        ("rate", 0.002),
        ("bias", False),
        ("mode", "two"),
        ("padding", "same"),
    ]


def test_a_click_on_the_upper_arrow_adds_one(qtbot: QtBot, edited: Edited):
    editor = edited.form.editor("filters")
    qtbot.mouseClick(editor, Qt.MouseButton.LeftButton, pos=QPoint(editor.width() - 6, 5))
    assert edited.wishes == [("filters", 17)]


def test_show_value_never_announces(edited: Edited):
    changed = Sample(
        title="x", bias=False, filters=3, rate=1, mode="two", kernel=(2, 3), padding=4, target=(9,), slope=0.5
    )
    edited.form.show_value(changed)
    edited.form.show_value(Other())
    assert edited.wishes == []


def test_what_is_being_typed_survives_a_change_elsewhere(qtbot: QtBot, edited: Edited):
    editor = type_text(qtbot, edited, "filters", "64")
    line_of(editor).setCursorPosition(1)
    edited.form.show_value(dataclasses.replace(edited.value, bias=False))
    assert (shown_text(edited, "filters"), line_of(editor).cursorPosition()) == ("64", 1)
    assert editor.hasFocus()
    bias = edited.form.editor("bias")
    assert isinstance(bias, QCheckBox)
    assert not bias.isChecked()


def test_focus_and_editors_stay_through_an_edit(qtbot: QtBot, edited: Edited):
    editor = edited.form.editor("filters")
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_Up)
    assert edited.form.editor("filters") is editor
    assert editor.hasFocus()
    assert shown_text(edited, "filters") == "17"


def test_a_change_of_the_typed_setting_itself_wins(qtbot: QtBot, edited: Edited):
    type_text(qtbot, edited, "filters", "64")
    edited.form.show_value(dataclasses.replace(edited.value, filters=5))
    assert shown_text(edited, "filters") == "5"


def test_another_layer_of_the_same_kind_does_not_inherit_what_was_typed(qtbot: QtBot, edited: Edited):
    type_text(qtbot, edited, "filters", "999")
    edited.form.show_value(Sample(name="other"))
    assert (shown_text(edited, "filters"), edited.form.reason("filters")) == ("16", "")


def test_rows_without_effect_are_hidden(edited: Edited):
    assert not edited.form.editor("slope").isVisible()
    edited.form.show_value(Sample(mode="two"))
    assert edited.form.editor("slope").isVisible()


def test_another_structure_replaces_the_rows(edited: Edited):
    edited.form.show_value(Other())
    assert shown_text(edited, "units") == "10"
    with pytest.raises(KeyError):
        edited.form.editor("filters")


def test_what_was_typed_for_a_value_that_is_gone_is_forgotten(qtbot: QtBot, edited: Edited):
    type_text(qtbot, edited, "filters", "64")
    edited.form.show_value(Other())
    assert edited.wishes == []


def test_a_destroyed_form_ends_quietly(qtbot: QtBot, edited: Edited):
    editor = type_text(qtbot, edited, "filters", "64")
    edited.form.deleteLater()
    qtbot.waitUntil(lambda: not shiboken6.isValid(editor))  # an error on the way fails the test


@pytest.mark.parametrize("name", ["filters", "rate", "kernel", "padding", "mode"])
def test_the_wheel_changes_only_an_editor_that_has_the_focus(
    qtbot: QtBot, edited: Edited, name: str, turn_wheel: Callable[[QWidget], bool]
):
    edited.form.editor("bias").setFocus()
    turn_wheel(edited.form.editor(name))
    assert edited.wishes == []
    edited.form.editor(name).setFocus()
    turn_wheel(edited.form.editor(name))
    assert [wish for wish, _ in edited.wishes] == [name]


def test_undo_reaches_the_window_unless_something_is_being_typed(qtbot: QtBot, edited: Edited):
    undo = QAction(edited)
    undo.setShortcut(QKeySequence.StandardKey.Undo)
    undone: list[bool] = []
    undo.triggered.connect(lambda: undone.append(True))
    edited.addAction(undo)
    editor = edited.form.editor("filters")
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_Up)
    qtbot.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert len(undone) == 1
    type_text(qtbot, edited, "filters", "5")
    qtbot.keyClick(editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert (len(undone), shown_text(edited, "filters")) == (1, "17")


def test_the_padding_list_opens_at_the_value_in_force(edited: Edited):
    box = edited.form.editor("padding")
    assert isinstance(box, QComboBox)
    edited.form.show_value(Sample(padding="same"))
    assert box.currentText() == "same"
    assert box.currentIndex() == box.findText("same")
    edited.form.show_value(Sample(padding=(1, 2)))
    assert box.currentText() == "1×2"
    assert box.currentIndex() == -1


def test_every_editor_is_named_and_explained(edited: Edited):
    for setting in settings.settings_of(Sample):
        editor = edited.form.editor(setting.name)
        assert editor.objectName() == f"setting_{setting.name}"
        assert editor.accessibleName() == setting.label
        assert setting.help == editor.toolTip() == editor.statusTip()


RATE, MOMENTUM = (setting for setting in settings.settings_of(Sample) if setting.name in ("rate", "momentum"))


@pytest.mark.parametrize(
    ("setting", "value", "steps", "result"),
    [
        (RATE, 0.001, 1, 0.002),
        (RATE, 0.001, -1, 0.0005),
        (RATE, 0.003, 1, 0.005),
        (RATE, 0.003, -1, 0.002),
        (RATE, 0.007, 1, 0.01),
        (RATE, 1e-8, -1, 1e-8),
        (RATE, 0.001, 3, 0.01),
        (MOMENTUM, 0.9, 1, 0.95),
        (MOMENTUM, 0.95, 1, 0.9999),
        (MOMENTUM, 0.9999, -1, 0.95),
        (MOMENTUM, 0.0, -1, 0.0),
    ],
)
def test_numbers_step_to_round_values_within_their_limits(setting: Setting, value: float, steps: int, result: float):
    assert stepped(setting, value, steps) == pytest.approx(result, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("value", [1e-8, 1e-5, 0.001, 0.25, 3.0, 100.0])
def test_a_number_is_read_as_it_is_written(value: float):
    assert value_of(RATE, text_of(RATE, value)) == value


def test_numbers_below_zero_have_a_minus_sign_and_may_be_typed_with_a_hyphen() -> None:
    bias = Setting("number", "The bias", "Added to every value.", 0.0, -10.0, 10.0, 0.1)
    assert text_of(bias, -0.0174734) == "−0.0174734"
    assert text_of(bias, -1e-7) == "−1e-7"
    assert [value_of(bias, text) for text in ("-0.5", "−0.5", " −0,5 ", "−2e−1")] == [-0.5, -0.5, -0.5, -0.2]


def test_a_field_has_room_for_a_sign_and_four_decimals(qtbot: QtBot) -> None:
    editor = StepEditor(Setting("number", "Shift", "Is added.", 0.0, -1e6, 1e6, 0.1))
    qtbot.addWidget(editor)
    editor.resize(editor.minimumSizeHint())
    editor.show_value(-0.0458)
    editor.show()
    line = editor.findChild(QLineEdit)
    assert line is not None
    assert line.text() == "−0.0458"
    margin = 2 * 2  # which QLineEdit leaves beside its text, and tells nobody
    assert line.fontMetrics().horizontalAdvance(line.text()) + 1 <= line.contentsRect().width() - margin


def test_a_long_number_keeps_its_digits_until_it_is_changed(qtbot: QtBot, edited: Edited):
    edited.form.show_value(Sample(momentum=1 / 3))
    editor = edited.form.editor("momentum")
    editor.setFocus()
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert (shown_text(edited, "momentum"), edited.wishes) == ("0.333333", [])


def test_text_is_checked_like_any_other_value():
    with pytest.raises(SettingError, match="between 1 and 100"):
        value_of(settings.settings_of(Other)[0], "1,000")
