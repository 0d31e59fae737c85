"""The moment that is looked at stands in the curves as a line; a click or a drag chooses another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convscope.core.history import History
from convscope.ui import theme
from convscope.ui.widgets.curve_data import LOSS
from convscope.ui.widgets.curve_plot import CurvePlot

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def plot(qtbot: QtBot, qapp: QApplication) -> CurvePlot:
    theme.apply(qapp, "light")
    plot = CurvePlot(LOSS)
    qtbot.addWidget(plot)
    plot.resize(500, 320)
    x = np.arange(1, 41) / 10
    plot.show_history(History(x, np.linspace(2, 0.5, 40, dtype=np.float32), np.ones(40, np.float32)))
    plot.show()
    qtbot.waitUntil(lambda: plot.canvas is not None)
    QApplication.processEvents()  # gives the axes their place
    return plot


@pytest.fixture
def chosen(plot: CurvePlot) -> list[float | None]:
    """Return what is chosen, which the plot then shows, as its panel does."""
    places: list[float | None] = []
    plot.position_chosen.connect(places.append)
    plot.position_chosen.connect(plot.show_position)
    return places


def canvas_of(plot: CurvePlot) -> Any:
    assert plot.canvas is not None
    return plot.canvas


def place_of(plot: CurvePlot, epoch: float, loss: float = 1.0) -> QPoint:
    canvas = canvas_of(plot)
    return canvas.mapFromScene(canvas.view.mapViewToScene(QPointF(epoch, loss)))


def test_there_is_a_line_while_the_past_is_looked_at(plot: CurvePlot):
    line = canvas_of(plot).cursor_line.line
    assert not line.isVisible()
    plot.show_position(1.5)
    assert line.isVisible()
    assert line.value() == 1.5
    plot.show_position(None)
    assert not line.isVisible()


def test_a_line_asked_for_before_there_are_axes_is_there_with_them(qtbot: QtBot, qapp: QApplication):
    plot = CurvePlot(LOSS)
    qtbot.addWidget(plot)
    plot.show_position(0.5)
    plot.make_canvas()
    assert canvas_of(plot).cursor_line.position == 0.5


def test_a_click_chooses_a_moment(plot: CurvePlot, chosen: list[float | None], qtbot: QtBot):
    qtbot.mouseClick(canvas_of(plot).viewport(), LEFT, pos=place_of(plot, 1.5))
    assert chosen == [pytest.approx(1.5, abs=0.02)]


def test_moving_the_view_and_a_click_on_the_axis_choose_nothing(
    plot: CurvePlot, chosen: list[float | None], qtbot: QtBot
):
    viewport = canvas_of(plot).viewport()
    qtbot.mousePress(viewport, LEFT, pos=place_of(plot, 2))
    QTest.mouseMove(viewport, place_of(plot, 1))
    qtbot.mouseRelease(viewport, LEFT, pos=place_of(plot, 1))
    qtbot.mouseClick(viewport, LEFT, pos=QPoint(4, 100))
    qtbot.mouseClick(viewport, Qt.MouseButton.RightButton, pos=place_of(plot, 2))
    assert chosen == []


@pytest.mark.parametrize("before", [None, 3.0])
def test_a_double_click_leaves_the_moment_as_it_was(
    plot: CurvePlot, chosen: list[float | None], qtbot: QtBot, before: float | None
):
    plot.show_position(before)
    viewport, place = canvas_of(plot).viewport(), place_of(plot, 1.5)
    qtbot.mouseClick(viewport, LEFT, pos=place)
    qtbot.mouseDClick(viewport, LEFT, pos=place)
    qtbot.mouseRelease(viewport, LEFT, pos=place)
    assert chosen[-1] == before
    assert canvas_of(plot).cursor_line.position == before


def test_dragging_the_line_chooses_every_moment_on_the_way(plot: CurvePlot, chosen: list[float | None], qtbot: QtBot):
    plot.show_position(3.0)
    canvas = canvas_of(plot)
    x_range = canvas.view.viewRange()[0]
    QTest.mouseMove(canvas.viewport(), place_of(plot, 3.0))
    qtbot.mousePress(canvas.viewport(), LEFT, pos=place_of(plot, 3.0))
    for epoch in (2.9, 2.5, 2.0, 1.5):
        _drag(canvas, place_of(plot, epoch))
    qtbot.mouseRelease(canvas.viewport(), LEFT, pos=place_of(plot, 1.5))
    assert chosen[-1] == pytest.approx(1.5, abs=0.05)
    assert sorted((place for place in chosen if place is not None), reverse=True) == chosen
    assert canvas.view.viewRange()[0] == x_range


def _drag(canvas: Any, place: QPoint) -> None:
    point = QPointF(place)
    everywhere = QPointF(canvas.viewport().mapToGlobal(place))
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, point, everywhere, none, LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(canvas.viewport(), event)


def test_its_colour_is_the_theme_s(plot: CurvePlot, qapp: QApplication):
    line = canvas_of(plot).cursor_line.line
    assert line.pen.color() == theme.LIGHT.accent
    theme.apply(qapp, "dark")
    assert line.pen.color() == theme.DARK.accent
    theme.apply(qapp, "light")
