"""Failures reach the log and one dialog, from whatever thread, and never pile up."""

from __future__ import annotations

import logging
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from PySide6.QtCore import QThread, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QLabel, QLayout, QMainWindow, QPlainTextEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

import convscope
from convscope.ui import errors
from convscope.ui.widgets.error_dialog import ErrorDialog


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def reporter(window: QMainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[errors.ErrorReporter]:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # pytest's hooks come back after the test
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    yield errors.install(lambda: window, tmp_path / "convscope.log")
    errors.uninstall()


def dialogs(window: QWidget) -> list[ErrorDialog]:
    return [dialog for dialog in window.findChildren(ErrorDialog) if dialog.isVisible()]


def only_dialog(window: QWidget) -> ErrorDialog:
    (dialog,) = dialogs(window)
    return dialog


def sentences(dialog: ErrorDialog) -> str:
    label = dialog.findChild(QLabel, "error_sentences")
    assert label is not None
    return label.text()


def press(dialog: ErrorDialog, name: str) -> None:
    button = dialog.findChild(QPushButton, name)
    assert button is not None
    assert button.isVisible()
    button.click()


def fail(message: str) -> None:
    """Hand an exception to the hook as Python does."""
    try:
        raise ValueError(message)
    except ValueError:
        sys.excepthook(*sys.exc_info())  # pyright: ignore[reportArgumentType]


class Worker(QThread):
    """Raises on its own thread, and notes which thread the hook ran on."""

    def run(self) -> None:
        fail("broken on a worker")


def test_an_exception_on_a_worker_thread_is_shown_by_the_gui_thread(
    window: QMainWindow, reporter: errors.ErrorReporter, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[QThread] = []
    add = ErrorDialog.add

    def noted(self: ErrorDialog, failure: Any) -> None:
        threads.append(QThread.currentThread())
        add(self, failure)

    monkeypatch.setattr(ErrorDialog, "add", noted)
    worker = Worker(window)
    worker.start()
    assert worker.wait(5000)
    assert dialogs(window) == []  # the hook itself shows nothing
    qtbot.waitUntil(lambda: len(dialogs(window)) == 1)
    assert threads == [QApplication.instance().thread()]  # pyright: ignore[reportOptionalMemberAccess]
    assert errors.UNEXPECTED in sentences(only_dialog(window))
    assert "broken on a worker" in only_dialog(window).copied_text()


def test_an_exception_of_a_python_thread_is_shown_too(
    window: QMainWindow, reporter: errors.ErrorReporter, qtbot: QtBot
) -> None:
    thread = threading.Thread(target=lambda: [].pop())
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(dialogs(window)) == 1)
    assert "IndexError" in only_dialog(window).copied_text()


def test_further_failures_join_the_open_dialog(
    window: QMainWindow, reporter: errors.ErrorReporter, qtbot: QtBot
) -> None:
    for message in ("first", "second", "second"):
        fail(message)
    qtbot.waitUntil(lambda: any("(3 times)" in sentences(dialog) for dialog in dialogs(window)))
    errors.show_error(window, "The file is damaged.")
    text = only_dialog(window).copied_text()
    assert text.count("ValueError: first") == 1
    assert text.count("ValueError: second") == 1  # counted, not repeated
    assert sentences(only_dialog(window)).endswith("The file is damaged.")


def test_a_failure_that_repeats_when_its_dialog_closes_stays_closed(window: QMainWindow, qtbot: QtBot) -> None:
    now = [100.0]
    reporter = errors.ErrorReporter(lambda: window, parent=window, clock=lambda: now[0])

    def paint() -> None:  # always the same exception, as a paint event raises it
        error = ValueError("in painting")
        reporter.report(ValueError, error, None)
        QApplication.processEvents()

    paint()
    now[0] += 30  # read for half a minute
    only_dialog(window).reject()
    for _ in range(5):
        now[0] += 1
        paint()
    assert dialogs(window) == []
    now[0] += 10  # the user tries again what failed
    paint()
    assert len(dialogs(window)) == 1


def test_a_repeated_failure_does_not_fill_the_log(
    window: QMainWindow, reporter: errors.ErrorReporter, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        for _ in range(120):
            fail("again")
    assert len(caplog.records) == 3  # the 1st, 10th and 100th time
    assert "ValueError: again" in caplog.records[0].getMessage()
    assert "100th" in caplog.records[2].getMessage()
    qtbot.waitUntil(lambda: len(dialogs(window)) == 1)


def test_an_expected_failure_is_one_sentence(window: QMainWindow, qtbot: QtBot) -> None:
    errors.show_error(window, "“seven.safetensors” is not a Convscope file.")
    dialog = only_dialog(window)
    assert sentences(dialog) == "“seven.safetensors” is not a Convscope file."
    assert not dialog.findChild(QPushButton, "show_details").isVisible()  # pyright: ignore[reportOptionalMemberAccess]
    assert not dialog.findChild(QPushButton, "open_log").isVisible()  # pyright: ignore[reportOptionalMemberAccess]
    dialog.reject()
    assert dialogs(window) == []


def test_details_are_shown_and_copied_on_request(window: QMainWindow, qtbot: QtBot) -> None:
    errors.show_error(window, "The download failed.", OSError("connection reset"))
    dialog = only_dialog(window)
    details = dialog.findChild(QPlainTextEdit, "error_details")
    assert details is not None
    assert not details.isVisible()
    press(dialog, "show_details")
    assert details.isVisible()
    assert "OSError: connection reset" in details.toPlainText()
    press(dialog, "copy_details")
    copied = QApplication.clipboard().text()
    assert "The download failed." in copied
    assert "OSError: connection reset" in copied
    assert f"Convscope: {convscope.__version__}" in copied
    press(dialog, "show_details")
    assert not details.isVisible()


def test_the_log_can_be_opened(
    window: QMainWindow, reporter: errors.ErrorReporter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    errors.show_error(window, "Something.")
    press(only_dialog(window), "open_log")
    assert [url.toLocalFile() for url in opened] == [str(tmp_path / "convscope.log")]


def test_a_failure_without_a_window_is_shown_and_goes_when_closed(qtbot: QtBot) -> None:
    errors.show_error(None, "No window yet.")
    (dialog,) = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, ErrorDialog)]
    assert dialog.isVisible()
    dialog.reject()


def test_a_long_sentence_is_shown_to_its_end(window: QMainWindow) -> None:
    errors.show_error(window, "The mirror https://example.org/a/long/address answered with 503. " * 6 + "Try later.")
    dialog = only_dialog(window)
    label = dialog.sentences
    cast(QLayout, dialog.layout()).activate()
    assert label.height() >= label.heightForWidth(label.width())
    dialog.close()


def test_many_sentences_do_not_outgrow_the_screen(window: QMainWindow) -> None:
    for number in range(9):
        errors.show_error(window, f"Failure {number}.")
    dialog = only_dialog(window)
    assert "Failure 3." in sentences(dialog)
    assert "Failure 4." not in sentences(dialog)
    assert "5 more" in sentences(dialog)
    assert "Failure 8." in dialog.copied_text()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("class W(QWidget):\n    def paintEvent(self, event): raise ValueError('seen')", id="painting"),
        pytest.param(
            "class W(QWidget):\n    def showEvent(self, event): QTimer.singleShot(0, self, lambda: int('seen'))",
            id="slot",
        ),
    ],
)
def test_a_real_program_survives_and_tells(fault: str, tmp_path: Path) -> None:
    program = f"""
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from convscope.ui import errors
from convscope.ui.widgets.error_dialog import ErrorDialog
{fault}
app = QApplication([])
window = W()
errors.install(lambda: window)
window.show()
def look():
    found = [d for d in window.findChildren(ErrorDialog) if d.isVisible()]
    if found:
        print("shown", len(found), "seen" in found[0].copied_text())
        app.quit()
poll = QTimer(interval=20)
poll.timeout.connect(look)
poll.start()
app.exec()
"""
    app_folder = Path(convscope.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=app_folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() == "shown 1 True", done.stderr
    assert done.returncode == 0


def test_ctrl_c_ends_the_program_without_a_dialog(
    window: QMainWindow, reporter: errors.ErrorReporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    quits: list[bool] = []
    monkeypatch.setattr(QApplication, "quit", lambda: quits.append(True))
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        sys.excepthook(*sys.exc_info())  # pyright: ignore[reportArgumentType]
    QApplication.processEvents()
    assert quits == [True]
    assert dialogs(window) == []
