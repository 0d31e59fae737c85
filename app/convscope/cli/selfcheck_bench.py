"""What the checks of `convscope selfcheck` share: the open window, waiting with a limit, one line per check."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from convscope.cli.selfcheck_data import write_digits
from convscope.ui import background
from convscope.ui.application import make_application, make_window
from convscope.ui.preferences import Preferences
from convscope.ui.window import MainWindow

SECONDS = 20.0  # for whatever is waited for
ALL_SECONDS = 150.0  # for everything: when much fails, the later checks wait less

Kind = TypeVar("Kind", bound=QObject)


class CheckError(Exception):
    """Why a check failed, in one sentence."""


@dataclass
class Bench:
    """What the checks share.

    Attributes:
        folder: Where the checks may write.
        size: Width and height of the window.
        theme: "light" or "dark".
        screenshot: Where a picture of the window is wanted, None for nowhere.
        began: When the checks began, by the monotonic clock.
        failures: What the window reported or Python met unexpectedly.
    """

    folder: Path
    size: tuple[int, int] = (1280, 800)
    theme: str = "light"
    screenshot: Path | None = None
    began: float = field(default_factory=monotonic)
    failures: list[str] = field(default_factory=list)
    _window: MainWindow | None = None

    @property
    def window(self) -> MainWindow:
        """The open window."""
        if self._window is None:
            raise CheckError("The window is not open.")
        return self._window

    def open(self) -> None:
        """Open the window; the small data set is asked for at once, so that no large one is made."""
        make_application(self.theme)
        self._window = make_window(Preferences())
        self._window.session.failed.connect(lambda sentence, _: self.failures.append(sentence))
        self._window.resize(*self.size)
        self._window.show()
        self._window.session.change_dataset("folder", write_digits(self.folder / "digits"))

    def close(self) -> None:
        """Close the window without a question, if it is open."""
        if self._window is not None:
            self._window.session.note_saved()
            self._window.close()
            self._window.deleteLater()
            self._window = None
            QCoreApplication.sendPostedEvents()  # also lets the preferences be written before their folder goes
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # type: ignore[arg-type]

    def part(self, kind: type[Kind], name: str) -> Kind:
        """Return a visible part of the window by its object name."""
        found = self.window.findChild(kind, name)
        if found is None:
            raise CheckError(f"The window has no {name}.")
        if isinstance(found, QWidget) and not found.isVisible():
            raise CheckError(f"The {name} cannot be seen.")
        return found  # type: ignore[return-value]

    def trigger(self, name: str) -> None:
        """Do what a button or a menu entry does."""
        action = self.window.actions_by_name[name]
        if not action.isEnabled():
            raise CheckError(f"The {name} is not possible now.")
        action.trigger()

    def wait(self, done: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
        """Let the window live until `done` says so.

        Raises:
            CheckError: It took too long; `what` is what was waited for.
        """
        seconds = max(0.0, min(seconds, self.began + ALL_SECONDS - monotonic()))
        end = monotonic() + seconds
        while not done():
            if monotonic() > end:
                raise CheckError(f"{what} within {seconds:.0f} s.")
            live()

    def pixels(self, name: str) -> QImage:
        """Return what a part looks like."""
        return self.part(QWidget, name).grab().toImage()


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        title: What is checked, as the beginning of the sentence about a failure.
        act: Does it, and returns the sentence about success.
    """

    title: str
    act: Callable[[Bench], str]


def perform(checks: Sequence[Check], bench: Bench) -> int:
    """Do all checks, print a line for each, and return how many failed. The window is closed at the end."""
    failed = 0
    with _noticing(bench.failures):
        try:
            for check in checks:
                failed += not _performed(check, bench)
        finally:
            bench.close()
            background.end_all()
    return failed


def _performed(check: Check, bench: Bench) -> bool:
    try:
        line = f"ok   {check.act(bench)}"
    except CheckError as error:
        line = f"FAIL {check.title}: {error}"
    except Exception as error:
        traceback.print_exc()
        line = f"FAIL {check.title}: {type(error).__name__}: {error}"
    print(line, flush=True)
    return line.startswith("ok")


@contextmanager
def _noticing(failures: list[str]) -> Generator[None, None, None]:
    """Write down exceptions that Qt swallows or a thread ends with, besides showing them."""

    def note(kind: type[BaseException], error: BaseException | None, trace: Any) -> None:
        traceback.print_exception(kind, error, trace)
        failures.append(f"{kind.__name__}: {error}")

    before = sys.excepthook, threading.excepthook
    sys.excepthook = note
    threading.excepthook = lambda args: note(args.exc_type, args.exc_value, args.exc_traceback)
    handler = qInstallMessageHandler(_tell)
    try:
        yield
    finally:
        qInstallMessageHandler(handler)
        sys.excepthook, threading.excepthook = before


def live(milliseconds: int = 5) -> None:
    """Let the window live for a moment; unlike QTest.qWait, this lets Python's other threads work meanwhile."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop, loop.quit)
    loop.exec()


def _tell(kind: QtMsgType, _: object, text: str) -> None:
    """Print what Qt has to say, but not that there is no window manager."""
    if kind is not QtMsgType.QtDebugMsg and not text.startswith("This plugin does not support"):
        print(f"Qt: {text}", file=sys.stderr, flush=True)
