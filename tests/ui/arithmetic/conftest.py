"""The arithmetic panel beside a network whose image has been traced."""

from __future__ import annotations

from typing import Any, cast

import pytest
from pytestqt.qtbot import QtBot

from convscope.ui.panels.arithmetic import ArithmeticPanel

from .traced_session import StubSession


@pytest.fixture
def session() -> StubSession:
    return StubSession()


@pytest.fixture
def panel(qtbot: QtBot, session: StubSession) -> ArithmeticPanel:
    widget = ArithmeticPanel(cast(Any, session), {})
    qtbot.addWidget(widget)
    widget.resize(900, 400)
    widget.show()
    return widget
