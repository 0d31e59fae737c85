"""Where every failure ends: in the log, and in one dialog that says what happened."""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from convscope.ui.widgets.error_dialog import ErrorDialog, Failure

UNEXPECTED = (
    "Something went wrong that Convscope was not prepared for. What you made is still here; save it, and send the "
    "details to those who look after the program."
)
QUIET_SECONDS = 2.0  # a failure that comes back this soon after it was dismissed comes from painting, not from the user
_MOST_KNOWN = 200

_log = logging.getLogger(__name__)
_reporter: ErrorReporter | None = None
_without_window: list[ErrorDialog] = []  # nothing else would keep a dialog that no window owns


class ErrorReporter(QObject):
    """Takes unexpected exceptions from any thread and shows them on the GUI thread.

    Signals:
        failed(object): A `Failure` was reported, on whatever thread; it is received on the GUI thread.
    """

    failed = Signal(object)

    def __init__(
        self,
        window_getter: Callable[[], QWidget | None],
        log_path: Path | None = None,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make a reporter; `clock` gives seconds."""
        super().__init__(parent)
        self.log_path = log_path
        self._window_getter = window_getter
        self._clock = clock
        self._counts: dict[Failure, int] = {}
        self._last_seen: dict[Failure, float] = {}
        self._closed_at = float("-inf")
        # Queued on the GUI thread, too: a dialog opened inside a paint event would paint before that one has ended.
        self.failed.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def report(self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        """Log an exception and show it soon; any thread may call this, for it touches no widget."""
        failure = Failure(UNEXPECTED, "".join(traceback.format_exception(kind, error, trace)).rstrip())
        self._write(failure)
        self.failed.emit(failure)

    def _write(self, failure: Failure) -> None:
        """Log a failure; one that comes again and again, as from painting, at its 10th, 100th… time only."""
        if len(self._counts) >= _MOST_KNOWN:
            self._counts.clear()
        count = self._counts[failure] = self._counts.get(failure, 0) + 1
        if count == 1:
            _log.error("Unexpected, on thread %s\n%s", threading.current_thread().name, failure.details)
            if sys.stderr is not None:  # a program without a console has none
                print(failure.details, file=sys.stderr)
        elif str(count).strip("0") == "1":
            _log.error("For the %dth time: %s", count, failure.details.rpartition("\n")[2])

    def _show(self, failure: Failure) -> None:
        if QCoreApplication.closingDown():
            return
        window = self._window_getter()
        dialog = _open_dialog(window)
        if dialog is None:
            if self._is_repeated(failure):
                return
            dialog = _new_dialog(window)
            dialog.finished.connect(self._note_closing)
        if len(self._last_seen) >= _MOST_KNOWN:
            self._last_seen.clear()
        self._last_seen[failure] = self._clock()
        dialog.add(failure)

    def _is_repeated(self, failure: Failure) -> bool:
        """Whether a failure only comes back because its dialog was closed, so that it would never stay closed."""
        if failure not in self._last_seen:
            return False
        now, before = self._clock(), max(self._last_seen[failure], self._closed_at)
        self._last_seen[failure] = now
        return now - before < QUIET_SECONDS

    def _note_closing(self) -> None:
        self._closed_at = self._clock()


def install(window_getter: Callable[[], QWidget | None], log_path: Path | None = None) -> ErrorReporter:
    """Send exceptions that nothing catches, on any thread, to the log and to one dialog.

    Args:
        window_getter: Gives the window that the dialog belongs to, or None while there is none.
        log_path: The log file that the dialog offers to open.
    """
    global _reporter
    uninstall()
    _reporter = ErrorReporter(window_getter, log_path, QCoreApplication.instance())
    sys.excepthook = _on_exception
    threading.excepthook = _on_thread_exception
    return _reporter


def uninstall() -> None:
    """Give exceptions back to Python."""
    global _reporter
    if _reporter is not None:
        sys.excepthook, threading.excepthook = sys.__excepthook__, threading.__excepthook__
        _reporter.deleteLater()
        _reporter = None


def show_error(parent: QWidget | None, sentence: str, details: object = "") -> None:
    """Show a failure that was expected, such as a file that cannot be read. To be called on the GUI thread.

    Args:
        parent: Where it happened; the dialog belongs to the window of this widget.
        sentence: What is wrong, where, and what to do.
        details: What helps to find the cause, to be copied: a text, or the exception, or None.
    """
    if isinstance(details, BaseException):
        details = "".join(traceback.format_exception(details)).rstrip()
    failure = Failure(sentence, str(details or ""))
    _log.warning("%s\n%s", failure.sentence, failure.details)
    window = parent.window() if parent is not None else None
    (_open_dialog(window) or _new_dialog(window)).add(failure)


def _on_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):  # Ctrl+C in the console is a wish, not a failure
        QApplication.quit()
    elif _reporter is not None:
        _reporter.report(kind, error, trace)


def _on_thread_exception(args: Any) -> None:
    if not issubclass(args.exc_type, SystemExit) and _reporter is not None:
        _reporter.report(args.exc_type, args.exc_value, args.exc_traceback)


def _open_dialog(window: QWidget | None) -> ErrorDialog | None:
    places = [window] if window is not None else QApplication.topLevelWidgets()
    found = (place if isinstance(place, ErrorDialog) else place.findChild(ErrorDialog) for place in places)
    return next((dialog for dialog in found if dialog is not None and dialog.isVisible()), None)


def _new_dialog(window: QWidget | None) -> ErrorDialog:
    dialog = ErrorDialog(_reporter.log_path if _reporter is not None else None, window)
    if window is None:
        _without_window.append(dialog)
        dialog.finished.connect(_without_window.clear)
    return dialog
