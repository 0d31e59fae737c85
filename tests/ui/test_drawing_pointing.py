"""What is pointed at in the drawing panel is so everywhere, and the receptive field lights up on the drawing."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from convscope.core.data.drawing import Drawing, Picture, Stroke, network_image
from convscope.core.layers import Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.unit import Unit
from convscope.ui.inspection import Inspection
from convscope.ui.panels.drawing_pointing import DrawingPointing
from convscope.ui.widgets.drawing_canvas import DrawingCanvas
from convscope.ui.widgets.network_input import NetworkInput
from convscope.ui.widgets.prediction_bars import PredictionBars

NETWORK = Network((1, 28, 28), (Conv2d(filters=2, kernel_size=5), Flatten(), Dense(units=10)))
SAMPLE = Drawing(picture=Picture(np.full((1, 28, 28), 99, np.uint8), exact=True))
LEFT = Qt.MouseButton.LeftButton


class StubSession(QObject):
    drawing_changed = Signal()

    def __init__(self, network: Network = NETWORK) -> None:
        super().__init__()
        self.network = network
        self.inspection = Inspection(network, self)
        self.drawing = SAMPLE

    def draw(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.drawing_changed.emit()


class Parts(QWidget):
    """The three widgets in a window, joined to a session."""

    def __init__(self, session: StubSession) -> None:
        super().__init__()
        self.resize(800, 400)
        self.session, self.inspection = session, session.inspection
        self.canvas, self.image, self.bars = DrawingCanvas(self), NetworkInput(self), PredictionBars(self)
        self.canvas.setGeometry(0, 0, 300, 300)
        self.image.setGeometry(300, 0, 250, 300)
        self.bars.setGeometry(560, 0, 220, 300)
        self.image.show_image(network_image(session.drawing, session.network.input_shape))
        self.bars.show_prediction(np.linspace(0, 0.2, 10))
        self.pointing = DrawingPointing(cast(Any, session), self.canvas, self.image, self.bars, self)

    def pixel(self, row: int, column: int) -> Any:
        area = self.image.image_area()
        return (area.topLeft() + QPointF(column + 0.5, row + 0.5) * (area.width() / 28)).toPoint()


@pytest.fixture
def parts(qtbot: QtBot) -> Parts:
    widget = Parts(StubSession())
    qtbot.addWidget(widget)
    widget.show()
    return widget


def test_pixels_and_classes_are_values_of_the_network(qtbot: QtBot, parts: Parts) -> None:
    for column in (5, 20):
        QTest.mouseMove(parts.image, parts.pixel(3, column))
    assert parts.inspection.hovered == Unit(-1, (0, 3, 20))
    qtbot.mouseClick(parts.image, LEFT, pos=parts.pixel(3, 20))
    assert parts.inspection.pinned == Unit(-1, (0, 3, 20))
    place = parts.bars.bar_rows()[7].center().toPoint()
    QTest.mouseMove(parts.bars, place)
    qtbot.mouseClick(parts.bars, LEFT, pos=place)
    assert parts.inspection.hovered == parts.inspection.pinned == Unit(3, (7,))


def test_a_further_click_takes_the_next_channel_of_a_coloured_pixel(qtbot: QtBot) -> None:
    session = StubSession(Network((3, 28, 28), NETWORK.layers))
    parts = Parts(session)
    qtbot.addWidget(parts)
    parts.show()
    pinned = []
    for _ in range(4):
        qtbot.mouseClick(parts.image, LEFT, pos=parts.pixel(3, 20))
        pinned.append(parts.inspection.pinned)
    assert [unit.index[0] for unit in pinned if unit is not None] == [0, 1, 2, 0]


def test_the_receptive_field_lights_up_on_a_sample_where_it_is(parts: Parts) -> None:
    parts.inspection.pin(Unit(0, (1, 7, 14)))
    assert parts.canvas.field is not None
    assert parts.canvas.field.getRect() == pytest.approx((14 / 28, 7 / 28, 5 / 28, 5 / 28))
    parts.inspection.pin(Unit(3, (4,)))
    assert parts.canvas.field == QRectF(0, 0, 1, 1)
    parts.inspection.pin(None)
    assert parts.canvas.field is None


def test_pixels_that_a_dilated_window_leaves_out_are_not_tinted(qtbot: QtBot) -> None:
    parts = Parts(StubSession(Network((1, 28, 28), (Conv2d(kernel_size=(3, 5), dilation=(3, 2)),))))
    qtbot.addWidget(parts)
    parts.show()
    sheet = parts.canvas.sheet
    spots = {(row, column): sheet.topLeft() + QPoint(*(round((at + 0.5) * sheet.width() / 28) for at in (column, row)))
             for row in range(9, 18) for column in range(8, 19)}  # fmt: skip
    before = parts.canvas.grab().toImage()
    parts.inspection.pin(Unit(0, (0, 10, 9)))
    after = parts.canvas.grab().toImage()
    tinted = {spot for spot, place in spots.items() if before.pixel(place) != after.pixel(place)}
    assert tinted == {(row, column) for row in (10, 13, 16) for column in (9, 11, 13, 15, 17)}
    assert parts.canvas.field is not None
    assert parts.canvas.field.getRect() == pytest.approx((9 / 28, 10 / 28, 9 / 28, 7 / 28))


def test_it_follows_a_drawing_to_where_its_ink_lies(parts: Parts) -> None:
    parts.inspection.pin(Unit(0, (0, 12, 12)))  # around the middle of the image
    parts.session.draw(Drawing((Stroke(((0.2, 0.15), (0.3, 0.35)), 0.04),)))
    field = parts.canvas.field
    assert field is not None
    assert field.contains(QPointF(0.25, 0.25))  # the middle of the ink
    assert field.width() < 0.1
    parts.session.draw(Drawing())
    assert parts.canvas.field is None


def test_it_is_out_of_the_way_while_the_pen_is_down(parts: Parts) -> None:
    parts.inspection.pin(Unit(0, (0, 12, 12)))
    centre = parts.canvas.sheet.center()
    parts.canvas.stroke_moved.connect(lambda stroke: parts.session.drawing_changed.emit())
    QTest.mousePress(parts.canvas, LEFT, pos=centre)
    assert parts.canvas.field is None
    QTest.mouseRelease(parts.canvas, LEFT, pos=centre)
    assert parts.canvas.field is not None


def test_what_a_pixel_reaches_is_marked_among_the_classes(parts: Parts) -> None:
    before = parts.bars.grab().toImage()
    parts.inspection.pin(Unit(-1, (0, 14, 14)))
    assert parts.bars.grab().toImage() == before
    parts.inspection.show_forwards(True)
    assert parts.bars.grab().toImage() != before


def test_a_hidden_panel_catches_up(parts: Parts) -> None:
    parts.hide()
    parts.inspection.pin(Unit(0, (1, 7, 14)))
    assert parts.canvas.field is None
    parts.show()
    parts.pointing.catch_up()
    assert parts.canvas.field is not None
