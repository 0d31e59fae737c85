"""Opening the window: log file, theme, first project, event loop."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from pathlib import Path
from typing import cast

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from convscope import __version__
from convscope.core.project import Project
from convscope.paths import log_folder
from convscope.ui import background, errors, theme
from convscope.ui.document import document_of
from convscope.ui.garbage import GarbageCollector
from convscope.ui.icons import icon
from convscope.ui.preferences import Preferences
from convscope.ui.session import Session
from convscope.ui.start_project import start_project
from convscope.ui.window import MainWindow

LOG_SIZE = 1_000_000  # bytes of a log file; one older is kept


def run(file: Path | None = None, *, reset: bool = False, theme: str | None = None, log_level: str = "INFO") -> int:
    """Open the window and return the exit status when it is closed.

    Args:
        file: A project or preset to open.
        reset: Forget the remembered arrangement of the window.
        theme: "system", "light" or "dark" for this time; by default what the user chose last.
        log_level: The least severe level that is logged.
    """
    app = make_application(theme)
    log_path = start_log(log_level)
    preferences = Preferences()
    if reset:
        preferences.forget_window()
    window = make_window(preferences, log_path)
    errors.install(lambda: window, log_path)
    collect_garbage(window)
    window.open()
    if file is not None:
        QTimer.singleShot(0, window, lambda: window.files.read(file))
    status = app.exec()
    background.end_all()
    return status


def make_application(choice: str | None = None) -> QApplication:
    """Return the application, made if there is none, in the chosen theme."""
    if sys.platform == "win32":
        import torch  # noqa: F401 -- after Qt its libraries cannot be loaded there (pytorch issue 166628)

    app = cast(QApplication, QApplication.instance() or QApplication(sys.argv[:1]))
    app.setApplicationName("convscope")
    app.setApplicationDisplayName("Convscope")
    app.setApplicationVersion(__version__)
    theme.apply(app, choice or Preferences().theme)  # type: ignore[arg-type]
    app.setWindowIcon(icon("conv2d"))
    app.aboutToQuit.connect(background.end_all)
    return app


def make_window(preferences: Preferences, log_path: Path | None = None, project: Project | None = None) -> MainWindow:
    """Return the main window, not yet shown, on a project, by default the one the program opens with."""
    session = Session(document_of(project or start_project()))
    session.select(0)  # the first layer's maps say more than the input, which stands beside the canvas anyway
    return MainWindow(session, preferences, log_path)


def collect_garbage(window: MainWindow) -> None:
    """Collect on the window's thread from now on, as long as the program runs."""
    collector = GarbageCollector(window)
    window.session.devices_changed.connect(collector.keep_what_is_loaded)  # PyTorch is there


def start_log(level: str = "INFO") -> Path:
    """Log into the user's log folder, and return the file."""
    path = log_folder() / "convscope.log"
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=LOG_SIZE, backupCount=1, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    logging.getLogger(__name__).info("Convscope %s starts, Python %s", __version__, sys.version.split()[0])
    return path
