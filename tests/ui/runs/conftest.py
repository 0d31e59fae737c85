"""The panel of runs, wide enough for all columns."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convscope.ui import background, theme
from convscope.ui.panels.runs import RunsPanel

from .made_runs import RunsSession


@pytest.fixture
def session(qapp: QApplication, qtbot: QtBot) -> Iterator[RunsSession]:
    theme.apply(qapp, "light")
    session = RunsSession()
    yield session
    session.close()
    assert background.end_all()
    session.deleteLater()


@pytest.fixture
def panel(session: RunsSession, qtbot: QtBot) -> RunsPanel:
    panel = RunsPanel(session, {})
    qtbot.addWidget(panel)
    panel.resize(1100, 300)
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isVisible)
    return panel
