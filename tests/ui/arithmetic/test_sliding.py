"""The window slides over the map: by steps, as a film, and under the pointer."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSlider
from pytestqt.qtbot import QtBot

from convscope.core.arithmetic import explain
from convscope.core.arithmetic.breakdowns import ConvolutionBreakdown
from convscope.core.layers import Conv2d
from convscope.core.unit import Unit
from convscope.ui.colour_maps import ColourScale, colours
from convscope.ui.panels.arithmetic import ArithmeticPanel
from convscope.ui.widgets.slide_picture import cell_of

from .traced_session import NETWORK, StubSession, cell, press


def test_clicks_on_the_slide_pin_its_values(qtbot: QtBot, session: StubSession, panel: ArithmeticPanel) -> None:
    session.inspection.pin(Unit(0, (1, 6, 6)))
    qtbot.mouseClick(panel.slide_view, Qt.MouseButton.LeftButton, pos=cell(panel, 9, 3, of="result"))
    assert session.inspection.pinned == Unit(0, (1, 9, 3))
    qtbot.mouseClick(panel.slide_view, Qt.MouseButton.LeftButton, pos=cell(panel, 1, 2, of="source"))
    assert session.inspection.pinned == Unit(-1, (0, 1, 2))


@pytest.mark.parametrize("layer", [0, 3, 5, 6])
def test_steps_go_through_the_map_in_reading_order_and_fill_the_output(
    qtbot: QtBot, session: StubSession, panel: ArithmeticPanel, layer: int
) -> None:
    shape = session.network.shape_at(layer)
    assert shape is not None
    session.inspection.pin(Unit(layer, (1, 1, 1)))
    assert panel.slide_view.filled is None  # somebody clicked: the whole map is there
    press(qtbot, panel, "start")
    seen = [session.inspection.pinned]
    for _ in range(shape[2] + 1):
        press(qtbot, panel, "forward")
        seen.append(session.inspection.pinned)
        assert panel.slide_view.filled == len(seen)
    assert seen == [Unit(layer, (1, number // shape[2], number % shape[2])) for number in range(len(seen))]
    press(qtbot, panel, "back")
    assert session.inspection.pinned == seen[-2]
    session.inspection.pin(Unit(layer, (0, 1, 1)))
    assert panel.slide_view.filled is None


def test_arrows_step_through_a_film_and_another_map_ends_it(
    qtbot: QtBot, session: StubSession, panel: ArithmeticPanel
) -> None:
    session.inspection.pin(Unit(3, (1, 2, 3)))
    press(qtbot, panel, "play")
    for name, place in (("Right", (2, 4)), ("Down", (3, 4)), ("Up", (2, 4)), ("Left", (2, 3))):
        QTest.keyClick(panel.view, Qt.Key[f"Key_{name}"])
        assert session.inspection.pinned == Unit(3, (1, *place))
        assert panel.slide_view.filled == place[0] * 6 + place[1] + 1
        assert not panel.controls.playing
    press(qtbot, panel, "back")
    assert panel.slide_view.filled == 2 * 6 + 2 + 1
    QTest.keyClick(panel.view, Qt.Key.Key_PageDown)
    assert (session.inspection.pinned, panel.slide_view.filled) == (Unit(3, (2, 2, 2)), None)


def test_the_film_runs_over_the_whole_map_and_ends(qtbot: QtBot, session: StubSession, panel: ArithmeticPanel) -> None:
    slider = panel.findChild(QSlider, "slide_speed")
    assert slider is not None
    slider.setValue(100)
    pinned = []
    session.inspection.pin(Unit(3, (2, 5, 5)))  # the last place: it begins anew
    session.inspection.pinned_changed.connect(lambda: pinned.append(session.inspection.pinned))
    QTest.keyClick(panel.view, Qt.Key.Key_Space)
    assert panel.controls.playing
    assert pinned == [Unit(3, (2, 0, 0))]
    qtbot.waitUntil(lambda: not panel.controls.playing, timeout=20_000)
    places = [unit.index[1] * 6 + unit.index[2] for unit in pinned if unit is not None]
    assert places == sorted(places)
    assert pinned[-1] == Unit(3, (2, 5, 5))
    assert panel.slide_view.filled == 36


def test_a_value_that_is_pinned_elsewhere_ends_the_film(
    qtbot: QtBot, session: StubSession, panel: ArithmeticPanel
) -> None:
    session.inspection.pin(Unit(3, (2, 0, 0)))
    press(qtbot, panel, "play")
    assert panel.controls.playing
    session.inspection.pin(Unit(0, (0, 0, 0)))
    assert not panel.controls.playing
    press(qtbot, panel, "play")
    session.inspection.pin(None)
    assert not panel.controls.playing


def test_only_layers_with_a_window_have_a_slide(session: StubSession, panel: ArithmeticPanel) -> None:
    visible = []
    for layer in range(len(NETWORK.layers)):
        shape = session.network.shape_at(layer)
        assert shape is not None
        session.inspection.pin(Unit(layer, tuple(side - 1 for side in shape)))
        visible.append(panel.controls.isVisible())
        assert panel.slide_view.isVisible() == panel.controls.isVisible()
    assert visible == [True, False, False, True, False, True, True, False, False]


def point_at_source(panel: ArithmeticPanel, session: StubSession) -> Unit | None:
    """Point at row 2, column 2 of the slide's input and return which value of the network that is."""
    places = panel.slide_view.places()
    assert places is not None
    QTest.mouseMove(panel.slide_view, panel.slide_view.rect().center())
    QTest.mouseMove(panel.slide_view, cell_of(places.source, (6, 6), 2, 2).center().toPoint())
    return session.inspection.hovered


def channels_in_order(panel: ArithmeticPanel, count: int, middle: tuple[int, int]) -> list[int]:
    """Return the channels from top to bottom."""
    tops = {channel: panel.view.boxes(Unit(4, (channel, *middle)))[0] for channel in range(count)}
    return sorted(tops, key=lambda channel: (tops[channel].top(), tops[channel].left()))


def test_the_slide_shows_the_input_that_adds_most_which_stays_while_the_window_slides(
    qtbot: QtBot, session: StubSession, panel: ArithmeticPanel
) -> None:
    def most(unit: Unit) -> list[int]:
        found = explain(NETWORK, session.trace.weights, session.trace, unit)
        assert isinstance(found, ConvolutionBreakdown)
        return found.order.tolist()

    start = Unit(5, (4, 1, 1))
    session.inspection.pin(start)
    assert point_at_source(panel, session) == Unit(4, (most(start)[0], 2, 2))
    assert channels_in_order(panel, 3, (2, 2)) == most(start)
    shown = panel.slide_view._slide
    assert shown is not None
    changed = False
    for _ in range(4):
        press(qtbot, panel, "forward")
        pinned = session.inspection.pinned
        assert pinned is not None
        changed = changed or most(pinned) != most(start)
        assert panel.slide_view._slide is shown  # the same picture in the same colours
        row, column = (2 * place for place in pinned.index[1:])
        assert channels_in_order(panel, 3, (row, column)) == most(start)
    assert changed
    other = Unit(5, (4, 0, 0))
    session.inspection.pin(other)  # somewhere else: sorted anew
    assert point_at_source(panel, session) == Unit(4, (most(other)[0], 2, 2))


def test_a_tensor_has_one_scale_wherever_it_is_shown(session: StubSession, panel: ArithmeticPanel) -> None:
    for layer in (0, 3, 5, 6):
        session.inspection.pin(Unit(layer, (1, 1, 1)))
        slide = panel.slide_view._slide
        assert slide is not None
        assert slide.source_scale == ColourScale.of(session.trace.values(layer - 1))
        assert slide.result_scale == ColourScale.of(session.trace.values(layer))
    values = session.trace.values(4)
    session.inspection.pin(Unit(5, (4, 1, 1)))
    picture, slide = panel.view.viewport().grab().toImage(), panel.slide_view._slide
    assert slide is not None
    scale = slide.source_scale
    for channel in range(3):
        box = panel.view.boxes(Unit(4, (channel, 2, 2)))[0]
        colour = colours(values[channel, 2:3, 2:3], scale.low, scale.high, scale.kind)[0, 0]
        assert picture.pixel(box.topLeft().toPoint() + QPoint(3, 3)) == colour


def test_the_slide_points_at_nothing_in_a_network_whose_trace_has_not_come(
    session: StubSession, panel: ArithmeticPanel
) -> None:
    session.inspection.pin(Unit(0, (1, 6, 6)))
    session.network = NETWORK.replaced(0, Conv2d(filters=9, padding="same"))
    session.inspection.follow(session.network)
    session.network_changed.emit()
    session.inspection.pin(Unit(0, (8, 6, 6)))  # a filter that the shown trace knows nothing of
    panel.slide_view.source_hovered.emit((5, 5))
    assert session.inspection.hovered is None
    session.inspection.hover(Unit(0, (8, 6, 6)))
    session.show(session.network)
    panel.slide_view.source_hovered.emit((5, 5))
    assert session.inspection.hovered == Unit(-1, (0, 5, 5))


def test_keys_let_nothing_slide_that_is_not_seen(session: StubSession, panel: ArithmeticPanel) -> None:
    session.inspection.pin(Unit(0, (1, 6, 6)))
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    QTest.keyClick(panel, Qt.Key.Key_Space)
    assert not panel.controls.playing
