"""The drawing panel with a session that notes what is asked of it."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convscope.ui import icons, theme
from convscope.ui.panels.drawing import DrawingPanel

from .stub_session import NAMES, StubSession


@pytest.fixture
def session(qapp: QApplication) -> StubSession:
    theme.apply(qapp, "light")
    return StubSession()


@pytest.fixture
def actions(session: StubSession) -> dict[str, QAction]:
    made = {f"action_{name}": QAction(icons.icon("undo"), name, session) for name in NAMES}
    for name, action in made.items():
        action.setToolTip(f"Help on {name}")
    return made


@pytest.fixture
def panel(session: StubSession, actions: dict[str, QAction], qtbot: QtBot) -> DrawingPanel:
    widget = DrawingPanel(session, actions)  # pyright: ignore[reportArgumentType]
    qtbot.addWidget(widget)
    widget.resize(360, 600)
    widget.show()
    return widget
