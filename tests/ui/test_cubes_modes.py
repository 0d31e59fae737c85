"""Data cubes in training: a second row that follows the first, and dropped values in a colour of their own."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.layers import Conv2d, Dense, Dropout, Flatten
from convscope.core.mode import Mode
from convscope.core.network import Network
from convscope.core.unit import Unit
from convscope.ui import background, theme
from convscope.ui.document import Document
from convscope.ui.panels.cubes import CubesPanel
from convscope.ui.session import Session
from convscope.ui.widgets.cube_geometry import Angle, Cube, Cut, Point
from convscope.ui.widgets.cube_textures import CubeTextures, dropped_colour
from convscope.ui.widgets.cube_values import CubeValues
from convscope.ui.widgets.cube_view import CubeView
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.prediction_pair import NAMES, pair_colours

NETWORK = Network(layers=(Conv2d(8, 5, 2), Dropout(rate=0.5, mode="maps"), Flatten(), Dense(units=10)))
LINE = Drawing((Stroke(((0.3, 0.2), (0.5, 0.8)), 0.08, False),))
LONG = 15_000


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(Document(NETWORK, drawing=LINE))
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.start()
    yield session
    session.close()
    assert background.end_all()
    session.deleteLater()


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> CubesPanel:
    panel = CubesPanel(session, {})
    qtbot.addWidget(panel)
    panel.resize(800, 400)
    session.select(1)
    panel.show()
    return panel


def rows(panel: CubesPanel) -> tuple[CubeView, CubeView]:
    found = {view.objectName(): view for view in panel.findChildren(CubeView)}
    return found["cube_view"], found["cube_view_training"]


def distance(one: QColor, other: QColor) -> int:
    return abs(one.red() - other.red()) + abs(one.green() - other.green()) + abs(one.blue() - other.blue())


def split(qtbot: QtBot, session: Session) -> None:
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.show_split(True)


def test_the_names_of_both_rows_have_the_colours_of_the_theme(
    qapp: QApplication, qtbot: QtBot, session: Session, panel: CubesPanel
) -> None:
    split(qtbot, session)
    names = [label for label in panel.findChildren(QLabel) if label.text() in NAMES]
    assert len(names) == len(NAMES)
    for choice in ("dark", "light"):
        theme.apply(qapp, choice)
        for name, colour in zip(names, pair_colours(), strict=True):
            picture = name.grab().toImage()
            pixels = [picture.pixelColor(x, y) for x in range(picture.width()) for y in range(picture.height())]
            assert min(map(distance, pixels, repeat(colour))) < 60  # in the middle of a stroke


def test_inference_stands_above_training(qtbot: QtBot, session: Session, panel: CubesPanel) -> None:
    upper, lower = rows(panel)
    assert not lower.isVisible()
    assert upper.height() > panel.height() / 2  # all the room there is
    split(qtbot, session)
    assert lower.isVisible()
    assert upper.scene.values.array(1) is session.trace.outputs[1]
    assert lower.scene.values.array(1) is session.other_trace.outputs[1]
    assert upper.scene.values.scale(1) == lower.scene.values.scale(1)  # the same colours
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.change_mode(Mode.TRAINING)
    assert upper.scene.values.array(1) is session.other_trace.outputs[1]  # inference stays above
    session.show_split(False)
    assert not lower.isVisible()


def test_both_rows_are_turned_zoomed_cut_and_opened_together(qtbot: QtBot, session: Session, panel: CubesPanel) -> None:
    split(qtbot, session)
    upper, lower = rows(panel)
    panel.resize(400, 400)  # less than the row needs
    for leader, follower, turn in ((upper, lower, 0.1), (lower, upper, -0.1)):
        leader.show_angle(Angle().turned(turn, turn))
        leader.zoom(4)
        leader.show_slice(3)
        leader.horizontalScrollBar().setValue(17)
        assert follower.scene.angle == leader.scene.angle
        assert follower.scene.zoom == leader.scene.zoom
        assert follower.cut() == leader.cut()
        assert follower.horizontalScrollBar().value() == 17
    lower.toggle_fan()
    assert upper.opening.is_open
    qtbot.keyClick(upper, Qt.Key.Key_Escape)
    assert not lower.opening.is_open


def test_a_value_of_the_second_row_is_pinned_and_read_in_both(
    qtbot: QtBot, session: Session, panel: CubesPanel
) -> None:
    split(qtbot, session)
    upper, lower = rows(panel)
    lower.unit_pinned.emit(Unit(1, (2, 3, 4)))
    assert session.inspection.pinned == Unit(1, (2, 3, 4))
    assert session.mode is Mode.TRAINING  # whose numbers are now taken apart
    lower.unit_hovered.emit(Unit(1, (2, 3, 4)))
    assert panel.caption().endswith("in train()")
    upper.unit_pinned.emit(Unit(1, (2, 3, 4)))
    assert session.mode is Mode.INFERENCE
    assert all(view.scene.marks.pinned == Unit(1, (2, 3, 4)) for view in rows(panel))


def test_another_network_keeps_both_rows(qtbot: QtBot, session: Session, panel: CubesPanel) -> None:
    split(qtbot, session)
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.edit("Change rate", network=NETWORK.replaced(1, Dropout(rate=0.9)))
    upper, lower = rows(panel)
    assert lower.isVisible()
    assert upper.scene.items == lower.scene.items


def test_a_value_keeps_being_pointed_at_when_a_layer_comes_before_it(
    qtbot: QtBot, session: Session, panel: CubesPanel
) -> None:
    split(qtbot, session)
    session.inspection.hover(Unit(2, (1000,)))
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.edit("Duplicate", network=NETWORK.duplicated(1))
    assert session.inspection.hovered == Unit(3, (1000,))
    assert panel.caption().startswith("flatten_1, unit 1000:")
    assert panel.caption().endswith("in train()")


def test_the_caption_reads_both_rows_of_the_present_drawing(qtbot: QtBot, session: Session, panel: CubesPanel) -> None:
    split(qtbot, session)
    session.inspection.hover(Unit(0, (0, 5, 5)))
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.edit("Draw", drawing=Drawing((Stroke(((0.6, 0.2), (0.2, 0.8)), 0.08, False),)))
    value = number_text(float(session.other_trace.outputs[0][0, 5, 5]))
    assert panel.caption() == f"conv_1, map 0, row 5, column 5:  {value} in eval(),  {value} in train()"


def test_dropped_maps_have_their_colour_on_every_face() -> None:
    array = np.ones((3, 4, 5), np.float32)
    lost = np.zeros(array.shape, np.bool_)
    lost[1] = True
    textures = CubeTextures()
    textures.show_values(CubeValues({0: array}, dropped={0: lost}))
    cube = Cube((3, 4, 5), 0, 0, 50, 40, Point(30, -30), Cut(0, 0, 4))
    images = textures.images([(0, cube)], 1.0)[0]
    assert images is not None
    front, top, side = images
    grey = dropped_colour().name()
    assert grey not in {front.pixelColor(x, y).name() for x in range(5) for y in range(4)}
    assert [top.pixelColor(2, channel).name() == grey for channel in range(3)] == [False, True, False]
    assert [side.pixelColor(channel, 2).name() == grey for channel in range(3)] == [False, True, False]


def test_crosses_are_drawn_on_a_dropped_front(qtbot: QtBot, session: Session, panel: CubesPanel) -> None:
    upper, _ = rows(panel)
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.change_mode(Mode.TRAINING)
    mask = session.trace.masks["dropout_1"][:, 0, 0]
    pictures = []
    for channel in (int(np.argmin(mask)), int(np.argmax(mask))):
        upper.show_cut(upper.cut().moved(0, channel))
        place = upper.scene.row.place(1)
        assert place is not None
        assert place.cube is not None
        box = place.cube
        image = upper.grab().toImage()
        pictures.append([image.pixelColor(int(box.x + share * box.width), int(box.y + share * box.height)).name()
                         for share in np.linspace(0.2, 0.8, 7)])  # fmt: skip
    dropped, kept = pictures
    assert dropped_colour().name() not in kept
    assert set(dropped) != set(kept)
