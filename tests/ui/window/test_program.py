"""What the window does for the whole program: theme, undo, dialogs, failures, messages and the log."""

from __future__ import annotations

import logging

import pytest
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QDesktopServices, QStatusTipEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from convscope.ui import background, theme
from convscope.ui.application import make_application, make_window, start_log
from convscope.ui.preferences import Preferences
from convscope.ui.widgets.error_dialog import ErrorDialog
from convscope.ui.window import MainWindow

from .shown_window import LINE, NETWORK, Maker, action, project


def test_the_theme_is_switched_and_remembered(shown: MainWindow, qapp: QApplication) -> None:
    try:
        for choice, colours in (("dark", theme.DARK), ("light", theme.LIGHT)):
            action(shown, f"theme_{choice}").trigger()
            assert theme.current() == colours
            for widget in (shown, shown.panel("maps_panel"), shown.findChild(QWidget, "loss_plot")):
                assert widget is not None
                assert widget.palette().window().color() == colours.window
            assert Preferences().theme == choice
            assert action(shown, f"theme_{choice}").isChecked()
            corner = shown.menuBar().grab().toImage().pixelColor(shown.menuBar().width() - 3, 3)
            assert (corner.lightness() < 128) is colours.dark
    finally:
        theme.apply(qapp, "light")


def test_undo_and_redo_say_what_they_do(window: MainWindow) -> None:
    undo, redo = action(window, "undo"), action(window, "redo")
    assert not undo.isEnabled()
    assert not redo.isEnabled()
    session = window.session
    session.edit("Draw", drawing=LINE)
    session.edit("Remove conv_1", network=session.network.removed(0))
    assert (undo.text(), undo.isEnabled(), redo.isEnabled()) == ("&Undo: Remove conv_1", True, False)
    undo.trigger()
    assert session.network is NETWORK
    assert (undo.text(), redo.text()) == ("&Undo: Draw", "&Redo: Remove conv_1")
    undo.trigger()
    assert session.drawing.is_empty
    assert (undo.text(), undo.isEnabled()) == ("&Undo", False)
    redo.trigger()
    redo.trigger()
    assert session.drawing == LINE
    assert len(session.network.layers) == 3
    assert (redo.text(), redo.isEnabled()) == ("&Redo", False)


@pytest.mark.parametrize(("name", "title"), [("about", "About Convscope"), ("shortcuts", "Keyboard shortcuts")])
def test_dialogs_open_and_close_and_do_not_pile_up(shown: MainWindow, name: str, title: str) -> None:
    seen: list[str] = []

    def close() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        seen.append(dialog.windowTitle())
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    for _ in range(3):
        QTimer.singleShot(0, shown, close)
        action(shown, name).trigger()
    assert seen == [title] * 3
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert shown.findChildren(QDialog) == []


def test_a_failure_is_one_dialog_with_details(shown: MainWindow) -> None:
    shown.session.failed.emit("The data cannot be read.", ValueError("magic 7"))
    shown.session.failed.emit("And again.", None)
    (dialog,) = shown.findChildren(ErrorDialog)
    assert "The data cannot be read." in dialog.sentences.text()
    assert "And again." in dialog.sentences.text()
    assert "magic 7" in dialog.copied_text()
    dialog.close()


def test_messages_stand_in_the_status_bar(shown: MainWindow) -> None:
    shown.session.message_shown.emit("Something happened.")
    assert shown.statusBar().currentMessage() == "Something happened."


def test_a_message_outlasts_what_the_pointer_passes_over(shown: MainWindow) -> None:
    hint = QStatusTipEvent("What this button does.")
    QApplication.sendEvent(shown, hint)
    assert shown.statusBar().currentMessage() == "What this button does."
    shown.session.message_shown.emit("New weights were drawn for conv_1.")
    QApplication.sendEvent(shown, hint)
    QApplication.sendEvent(shown, QStatusTipEvent(""))
    assert shown.statusBar().currentMessage() == "New weights were drawn for conv_1."
    QApplication.processEvents()  # what is said together with a step stays
    shown.session.undo_stack.indexChanged.emit(0)  # another step, of which nothing is said
    QApplication.sendEvent(shown, hint)
    assert shown.statusBar().currentMessage() == "What this button does."


def test_the_log_file_is_written_and_opened(make: Maker, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    window = make()
    assert not action(window, "open_log").isEnabled()
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    root.handlers.clear()
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    try:
        path = start_log("info")
        logging.getLogger("convscope.test").info("an entry")
        logged = make_window(Preferences(), path, project(NETWORK))
        action(logged, "open_log").trigger()
        logged.close()
        logged.deleteLater()
        assert "an entry" in path.read_text(encoding="utf-8")
        assert opened == [str(path)]
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:], root.level = before, level


def test_the_application_is_made_once_and_in_the_wanted_theme(qapp: QApplication) -> None:
    try:
        assert make_application("dark") is qapp
        assert theme.current() == theme.DARK
        assert qapp.applicationDisplayName() == "Convscope"
        assert not qapp.windowIcon().isNull()
    finally:
        theme.apply(qapp, "light")


def test_no_thread_is_started_before_the_window_is_shown(make: Maker) -> None:
    make()
    assert background.alive() == ()
