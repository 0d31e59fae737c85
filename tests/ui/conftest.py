"""Tests of the window fail when they leave a thread, a running timer or a window behind."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, Qt, QThread, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from convscope.ui import background
from convscope.ui.document import Document
from convscope.ui.session import Session

# tqdm starts one daemon thread for all progress bars of a process and keeps it.
_KEPT_BY_LIBRARIES = ("TMonitor",)

gc.disable()  # a worker that collects may destroy Qt objects; what is left of a test is collected after it

_FAILED = pytest.StashKey[bool]()
_started: weakref.WeakSet[Any] = weakref.WeakSet()


def _recorded(start: Callable[..., Any]) -> Callable[..., Any]:
    def start_and_record(self: Any, *args: Any) -> None:
        _started.add(self)
        start(self, *args)

    return start_and_record


# Qt keeps no list of its threads and timers, so the ones that Python starts are noted as they start.
QThread.start = _recorded(QThread.start)
QTimer.start = _recorded(QTimer.start)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed: its traceback keeps widgets alive, which are then no leftovers."""
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


class Answers(QObject):
    """Presses a button in every question that opens, as a person does, and notes what was asked.

    Attributes:
        button: What is pressed.
        asked: The questions, each with what else was said.
    """

    def __init__(self) -> None:
        super().__init__()
        self.button = QMessageBox.StandardButton.Discard
        self.asked: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QMessageBox):
            self.asked.append(f"{watched.text()} {watched.informativeText()}".strip())
            QTimer.singleShot(0, watched, lambda: watched.button(self.button).click())
        return False


@pytest.fixture
def answers(qtbot: QtBot) -> Iterator[Answers]:
    """Answer every question, by Discard until told otherwise."""
    answers = Answers()
    application = QCoreApplication.instance()
    assert application is not None
    application.installEventFilter(answers)
    yield answers
    application.removeEventFilter(answers)


@pytest.fixture(autouse=True, scope="session")
def clipboard_left_empty() -> Iterator[None]:
    """Empty the clipboard at the end: without a screen, data of ours on it take Python down when it exits."""
    yield
    if QApplication.instance() is not None:
        QApplication.clipboard().clear()


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Name and fail on each running thread, running timer and window that a test leaves behind."""
    watch = _Watch()
    yield
    left = watch.ended()
    if left and not request.node.stash.get(_FAILED, False):
        pytest.fail("The test left behind: " + "; ".join(left), pytrace=False)


class _Watch:
    """Knows what was there when a test began, and what of the rest is still there when it has ended."""

    def __init__(self) -> None:
        self._python_threads = set(threading.enumerate())
        self._qt_objects = {_address(thing) for thing in [*_windows(), *_started] if shiboken6.isValid(thing)}

    def ended(self) -> list[str]:
        """Return a description of each leftover; threads and timers are stopped so that later tests run undisturbed."""
        if not self._left():
            return []
        gc.collect()  # what only a reference cycle keeps is not left behind
        return [_stopped(thing) for thing in self._left()]

    def _left(self) -> list[Any]:
        _finish_deletions()
        qt = [*_windows(), *filter(_is_running, list(_started))]
        return [thing for thing in qt if _address(thing) not in self._qt_objects] + self._left_python_threads()

    def _left_python_threads(self) -> list[threading.Thread]:
        new = [thread for thread in threading.enumerate() if thread not in self._python_threads]
        # A dummy stands for a thread that Qt or OpenMP started, and stays after that thread's end.
        return [
            thread
            for thread in new
            if not isinstance(thread, threading._DummyThread) and type(thread).__name__ not in _KEPT_BY_LIBRARIES
        ]


def _finish_deletions() -> None:
    if QCoreApplication.instance():
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        QCoreApplication.processEvents()


def _windows() -> list[QWidget]:
    # A window with a parent (a menu, a combo box's list) goes with the parent.
    return [widget for widget in QApplication.topLevelWidgets() if widget.parent() is None and not _is_qt_own(widget)]


def _is_qt_own(widget: QWidget) -> bool:
    return widget.metaObject().className() == "QTipLabel"  # the one tooltip of the program, hidden and kept by Qt


def _is_running(thing: Any) -> bool:
    if not shiboken6.isValid(thing):
        return False
    if isinstance(thing, QThread):
        return not thing.wait(1000)  # one that was told to end may finish its batch first
    return thing.isActive()


def _address(thing: Any) -> int:
    return shiboken6.getCppPointer(thing)[0]


def _stopped(thing: Any) -> str:
    described = f"{type(thing).__name__} {_name(thing)!r}"
    if isinstance(thing, QThread):
        thing.requestInterruption()
        thing.quit()
        thing.wait(5000)
        return f"running thread {described}"
    if isinstance(thing, QTimer):
        thing.stop()
        return f"running timer {described} of {thing.parent()!r}"
    if isinstance(thing, QWidget):
        thing.deleteLater()
        return f"window {described}"
    return f"running thread {described}"


def _name(thing: Any) -> str:
    return thing.name if isinstance(thing, threading.Thread) else thing.objectName() or thing.metaObject().className()


@pytest.fixture
def turn_wheel() -> Callable[[QWidget], bool]:
    """Turn the wheel over a widget; say whether it used it, or left it to what it lies in."""

    def turn(widget: QWidget) -> bool:
        middle = QPointF(widget.rect().center())
        buttons, modifiers = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
        phase, down = Qt.ScrollPhase.NoScrollPhase, QPoint(0, -120)
        event = QWheelEvent(middle, widget.mapToGlobal(middle), QPoint(), down, buttons, modifiers, phase, False)
        QApplication.sendEvent(widget, event)
        return event.isAccepted()

    return turn


@pytest.fixture
def open_session(qtbot: QtBot, digits_folder: Path) -> Iterator[Callable[[Document], Session]]:
    """Open sessions that have loaded a few digits, and close them in the end."""
    opened = list[Session]()

    def open_one(document: Document) -> Session:
        session = Session(document)
        opened.append(session)
        with qtbot.waitSignal(session.dataset_changed, timeout=15_000):
            session.change_dataset("folder", digits_folder)
        return session

    yield open_one
    for session in opened:
        session.close()
    assert background.end_all()
    for session in opened:
        session.deleteLater()
