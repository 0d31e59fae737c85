"""Feature maps in training: side by side with inference, and with what dropout set to zero crossed out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.layers import Conv2d, Dense, Dropout, Flatten
from convscope.core.mode import Mode
from convscope.core.network import Network
from convscope.core.unit import Unit
from convscope.ui import background, theme
from convscope.ui.colour_maps import ColourScale
from convscope.ui.document import Document
from convscope.ui.panels.maps import MapsPanel
from convscope.ui.session import Session
from convscope.ui.widgets.mosaic import Mosaic
from convscope.ui.widgets.mosaic_layout import Place
from convscope.ui.widgets.mosaic_maps import Maps

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
def panel(qtbot: QtBot, session: Session) -> MapsPanel:
    panel = MapsPanel(session, {})
    qtbot.addWidget(panel)
    panel.resize(700, 400)
    session.select(1)
    panel.show()
    return panel


def mosaics(panel: MapsPanel) -> dict[str, Mosaic]:
    return {one.accessibleName().removeprefix("Feature maps: "): one for one in panel.findChildren(Mosaic)}


def values(mosaic: Mosaic) -> np.ndarray:
    assert mosaic.maps is not None
    return mosaic.maps.values[:, 0]


def test_both_modes_stand_side_by_side(qtbot: QtBot, session: Session, panel: MapsPanel) -> None:
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.show_split(True)
    shown = mosaics(panel)
    assert shown["eval()"].isVisible()
    np.testing.assert_array_equal(values(shown["eval()"]), session.trace.outputs[1])
    np.testing.assert_array_equal(values(shown["train()"]), session.other_trace.outputs[1])
    assert {"eval()", "train()"} <= {label.text() for label in panel.findChildren(QLabel) if label.isVisible()}
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.show_split(False)
    assert not shown["eval()"].isVisible()


def test_a_value_is_read_in_both(qtbot: QtBot, session: Session, panel: MapsPanel) -> None:
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.show_split(True)
    session.inspection.pin(Unit(1, (3, 2, 2)))
    assert panel._comparison.caption().startswith("Map 3, row 2, column 2:  eval() ")
    assert ",  train() " in panel._comparison.caption()


def test_the_mode_whose_value_was_clicked_is_taken_apart(qtbot: QtBot, session: Session, panel: MapsPanel) -> None:
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.show_split(True)
    for name, mode in (("train()", Mode.TRAINING), ("eval()", Mode.INFERENCE)):
        mosaic = mosaics(panel)[name]
        qtbot.waitUntil(lambda shown=mosaic: not shown.cell_rect(Place(2, 0, 3, 3)).isEmpty(), timeout=LONG)
        place = mosaic.cell_rect(Place(2, 0, 3, 3)).center().toPoint()
        qtbot.mouseClick(mosaic, Qt.MouseButton.LeftButton, pos=place)
        assert session.mode is mode
        assert session.inspection.pinned == Unit(1, (2, 3, 3))


def test_dropped_maps_are_named_and_those_that_stay_are_not(qtbot: QtBot, session: Session, panel: MapsPanel) -> None:
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.change_mode(Mode.TRAINING)
    mask = session.trace.masks["dropout_1"][:, 0, 0]
    assert 0 < (mask == 0).sum() < 8
    mosaic = mosaics(panel)["Feature maps"]
    for tile, factor in enumerate(mask):
        assert ("dropped in this step" in mosaic.described_tile(tile)) == (factor == 0)
    session.select(0)
    assert "dropped" not in mosaic.described_tile(0)


def test_a_held_map_stays_in_its_mode(qtbot: QtBot, session: Session, panel: MapsPanel) -> None:
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.change_mode(Mode.TRAINING)
    before = values(mosaics(panel)["Feature maps"]).copy()
    qtbot.keyClick(panel, Qt.Key.Key_H)
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.resample()
    np.testing.assert_array_equal(values(mosaics(panel)["Feature maps"]), before)


@pytest.mark.parametrize("size", [(400, 300), (60, 40), (9, 9)])
def test_dropped_cells_and_no_others_are_crossed_out(qtbot: QtBot, size: tuple[int, int]) -> None:
    mosaic = Mosaic()
    qtbot.addWidget(mosaic)
    mosaic.resize(*size)
    mosaic.show()
    array = np.full((2, 4, 6), 1.0, np.float32)
    dropped = np.zeros(array.shape, np.bool_)
    dropped[0, 1, 2] = dropped[1] = True
    scale = ColourScale(0, 1, "sequential")
    pictures = []
    for flags in (None, dropped):
        mosaic.show_maps(Maps.of(array, scale, dropped=flags))
        pictures.append(mosaic.grab().toImage())
    plain, crossed = pictures
    muted = theme.current().muted.name()

    def changed(place: Place) -> set[str]:
        box = mosaic.cell_rect(place).toRect()
        pixels = [(x, y) for x in range(box.left(), box.right()) for y in range(box.top(), box.bottom())]
        return {crossed.pixelColor(*one).name() for one in pixels if plain.pixelColor(*one) != crossed.pixelColor(*one)}

    if size[0] > 50:
        assert changed(Place(0, 0, 1, 2)) == changed(Place(1, 0, 2, 3)) == {muted}
        assert changed(Place(0, 0, 1, 3)) == changed(Place(0, 0, 0, 2)) == set()
    assert mosaic.described(Place(0, 0, 1, 2), 0.0).endswith("0, dropped in this step")
    assert mosaic.described(Place(0, 0, 1, 3), 1.0).endswith("1, kept in this step")
