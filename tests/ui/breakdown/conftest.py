"""The view of a breakdown, as wide as in a panel."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from convscope.ui.widgets.breakdown_view import BreakdownView


@pytest.fixture
def view(qtbot: QtBot) -> BreakdownView:
    widget = BreakdownView()
    qtbot.addWidget(widget)
    widget.resize(620, 240)
    widget.show()
    return widget
