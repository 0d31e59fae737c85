"""A projector's picture has room for what is looked at most."""

from __future__ import annotations

from typing import Any, cast

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convscope.core.layers import BatchNorm, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.unit import Unit
from convscope.ui import theme
from convscope.ui.panels.arithmetic import ArithmeticPanel
from convscope.ui.widgets.drawing_canvas import DrawingCanvas
from convscope.ui.window import MainWindow

from ..arithmetic.traced_session import StubSession

LAYERS = Network((1, 12, 12), (Conv2d(filters=8, kernel_size=3), BatchNorm(), Flatten(), Dense(units=10)))


@pytest.fixture
def wide(window: MainWindow, qtbot: QtBot, qapp: QApplication) -> MainWindow:
    theme.apply(qapp, "light")  # its style sheet makes fields as high as they are
    window.resize(1920, 1080)
    window.show()
    qtbot.waitExposed(window)
    QApplication.processEvents()  # it is arranged when its size is known
    return window


@pytest.fixture
def room(wide: MainWindow) -> QSize:
    return wide.panel("arithmetic_panel").size()


@pytest.mark.parametrize("unit", [Unit(0, (6, 4, 4)), Unit(1, (6, 4, 4)), Unit(4, (5,))])
def test_the_steps_of_a_value_are_seen_without_scrolling(qtbot: QtBot, room: QSize, unit: Unit) -> None:
    session = StubSession()
    session.show(LAYERS)
    panel = ArithmeticPanel(cast(Any, session), {})
    qtbot.addWidget(panel)
    panel.resize(room)
    panel.show()
    session.inspection.pin(unit)
    QApplication.processEvents()
    view = panel.view
    if unit.layer == 4:  # the remark below the ten classes may be scrolled to
        assert all(view.viewport().rect().contains(view.boxes(Unit(3, (n,)))[0].toRect()) for n in range(10))
    else:
        assert view.verticalScrollBar().maximum() == 0


def test_the_sheet_is_large_enough_to_draw_on(wide: MainWindow) -> None:
    canvas = wide.panel("drawing_panel").findChild(DrawingCanvas)
    assert canvas is not None
    assert min(canvas.width(), canvas.height()) >= 330
    assert wide.panel("cubes_panel").height() >= 250
    assert wide.panel("curves_panel").width() >= 500
