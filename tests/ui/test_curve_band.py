"""A place marked in a curve plot lies over its epochs, is labelled inside the plot, and follows the zoom."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convscope.core.diagnosis import Place
from convscope.core.history import EpochPoint, History
from convscope.ui import theme
from convscope.ui.widgets.curve_data import LOSS
from convscope.ui.widgets.curve_plot import CurvePlot

PLACE = Place(4, 9, "turned in epoch 4")


@pytest.fixture
def plot(qtbot: QtBot, qapp: QApplication) -> CurvePlot:
    theme.apply(qapp, "light")
    plot = CurvePlot(LOSS)
    qtbot.addWidget(plot)
    plot.resize(420, 240)
    points = tuple(EpochPoint(epoch, 1 / epoch, 0.9, 1 / epoch, 0.9, 0.001, 1.0) for epoch in range(1, 11))
    plot.show_history(History(epochs=points))
    return plot


def shown(plot: CurvePlot, qtbot: QtBot) -> Any:
    plot.show()
    qtbot.waitUntil(lambda: plot.canvas is not None)
    QApplication.processEvents()  # gives the axes their place
    canvas: Any = plot.canvas
    qtbot.waitUntil(lambda: canvas.view.width() > 100)
    return canvas


def tint(plot: CurvePlot, canvas: Any, epoch: float) -> str:
    """Return the colour of the background above the curves at an epoch."""
    place = canvas.mapFromScene(canvas.view.mapViewToScene(QPointF(epoch, 0.5)))
    return canvas.grab().toImage().pixelColor(place).name()


def test_a_place_told_before_the_axes_exist_is_marked_as_soon_as_they_do(plot: CurvePlot, qtbot: QtBot) -> None:
    plot.show_place(PLACE)
    canvas = shown(plot, qtbot)
    assert canvas.band.region.getRegion() == (4, 9)
    assert canvas.band.label.isVisible()
    assert canvas.band.label.text() == "turned in epoch 4"


def test_the_epochs_of_the_place_are_tinted_and_the_others_are_not(plot: CurvePlot, qtbot: QtBot) -> None:
    canvas = shown(plot, qtbot)
    plain = tint(plot, canvas, 6.3)
    plot.show_place(PLACE)
    faint, beside = tint(plot, canvas, 6.3), tint(plot, canvas, 9.5)
    plot.show_place(PLACE, strongly=True)
    strong = tint(plot, canvas, 6.3)
    assert beside == plain
    assert len({plain, faint, strong}) == 3
    plot.show_place(None)
    assert tint(plot, canvas, 6.3) == plain
    assert not canvas.band.label.isVisible()


@pytest.mark.parametrize("place", [PLACE, Place(9.9, 10, "no number from here on"), Place(1, 1.2, "at the very left")])
def test_the_label_stays_inside_the_plot(plot: CurvePlot, qtbot: QtBot, place: Place) -> None:
    canvas = shown(plot, qtbot)
    plot.show_place(place)
    area, label = canvas.view.sceneBoundingRect(), canvas.band.label.geometry()
    assert area.left() <= label.left()
    assert label.right() <= area.right()
    assert area.top() <= label.top()


def test_the_label_goes_when_the_place_is_zoomed_away_and_comes_back(plot: CurvePlot, qtbot: QtBot) -> None:
    plot.show_place(PLACE)
    canvas = shown(plot, qtbot)
    canvas.view.setXRange(0, 3, padding=0)
    assert not canvas.band.label.isVisible()
    plot.view_all()
    assert canvas.band.label.isVisible()


def test_the_band_takes_the_colour_of_another_theme(plot: CurvePlot, qtbot: QtBot, qapp: QApplication) -> None:
    plot.show_place(PLACE)
    canvas = shown(plot, qtbot)
    light = canvas.band.region.brush.color().name()
    theme.apply(qapp, "dark")
    assert light == theme.LIGHT.accent.name()
    assert canvas.band.region.brush.color().name() == theme.DARK.accent.name()
