"""A window on a small network, as a start of the program makes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convscope.ui.application import make_window
from convscope.ui.preferences import Preferences
from convscope.ui.session import Session
from convscope.ui.window import MainWindow

from .shown_window import NETWORK, Maker, project


@pytest.fixture
def make(answers: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """Return what makes a window on a small network, as a start of the program does, without loading torch."""
    monkeypatch.setattr(Session, "_ask", lambda _: None)  # no trace is looked at here
    windows: list[MainWindow] = []

    def made() -> MainWindow:
        window = make_window(Preferences(), None, project(NETWORK))
        windows.append(window)
        return window

    yield made
    for window in windows:
        window.close()
        window.deleteLater()


@pytest.fixture
def window(make: Maker) -> MainWindow:
    return make()


@pytest.fixture
def shown(window: MainWindow, qtbot: QtBot) -> MainWindow:
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    QApplication.processEvents()
    return window
