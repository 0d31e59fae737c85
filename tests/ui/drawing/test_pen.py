"""Drawing changes what the network sees at once, and the prediction follows."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.layers import Dense, Flatten
from convscope.core.network import Network
from convscope.ui import theme
from convscope.ui.panels.drawing import DrawingPanel

from .stub_session import LEFT, LINE, StubSession, at, draw_line


def test_each_move_is_previewed_and_the_stroke_becomes_one_edit(panel, session):
    QTest.mousePress(panel.canvas, LEFT, pos=at(panel, 0.2, 0.5))
    QTest.mouseMove(panel.canvas, at(panel, 0.8, 0.5))
    assert len(session.previews[-1].strokes[0].points) == 2
    assert session.edits == []
    assert panel.network_input.accessibleDescription().endswith("28×28×1")
    assert panel.canvas.pen_is_down
    QTest.mouseRelease(panel.canvas, LEFT, pos=at(panel, 0.8, 0.5))
    assert session.edits == ["Draw"]
    assert session.drawing == session.previews[-1]
    draw_line(panel)
    assert len(session.previews[-1].strokes) == 2
    assert len(session.drawing.strokes) == 2


def test_what_the_network_sees_follows_the_pen(panel, session):
    area = panel.network_input.image_area()
    spot = panel.network_input.mapTo(panel, area.center().toPoint() + QPoint(0, round(area.height() / 56)))
    assert panel.grab().toImage().pixelColor(spot).name() == theme.current().paper.name()
    QTest.mousePress(panel.canvas, LEFT, pos=at(panel, 0.2, 0.5))
    QTest.mouseMove(panel.canvas, at(panel, 0.8, 0.5))
    assert panel.grab().toImage().pixelColor(spot).name() == theme.current().ink.name()
    QTest.mouseRelease(panel.canvas, LEFT, pos=at(panel, 0.8, 0.5))


def test_the_prediction_is_shown_while_the_pen_is_down_and_goes_when_all_is_cleared(panel, session, actions):
    assert panel.bars.message.startswith("Draw something")
    QTest.mousePress(panel.canvas, LEFT, pos=at(panel, 0.2, 0.5))
    session.answer(0, 0, 0, 0, 0, 0, 0, 0.75, 0.25, 0)
    assert [bar.percent for bar in panel.bars.bars if bar.wins] == ["75.0 %"]
    QTest.mouseRelease(panel.canvas, LEFT, pos=at(panel, 0.2, 0.5))
    actions["action_clear_drawing"].trigger()
    assert panel.bars.bars == ()
    session.answer(*[0.1] * 10)  # a late answer to what is no longer there
    assert panel.bars.bars == ()


def test_a_network_that_cannot_work_says_why(panel, session):
    session.edit("Draw", drawing=Drawing((LINE,)))
    session.network_changed.emit()
    assert panel.bars.message.startswith("One moment")
    session.network = Network(layers=(Flatten(name="flatten_1"), Dense(name="dense_1", units=3)))
    session.network_changed.emit()
    problem = session.network.report.problem
    assert problem is not None
    assert panel.bars.message == problem.message


def test_undo_clear_and_escape(panel, session, actions):
    undo, clear = actions["action_undo_stroke"], actions["action_clear_drawing"]
    assert not undo.isEnabled()
    assert not clear.isEnabled()
    draw_line(panel)
    draw_line(panel)
    undo.trigger()
    assert len(session.drawing.strokes) == 1
    QTest.mousePress(panel.canvas, LEFT, pos=at(panel, 0.2, 0.2))
    QTest.keyClick(panel.canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(panel.canvas, LEFT, pos=at(panel, 0.2, 0.2))
    assert session.previews[-1] == session.drawing
    clear.trigger()
    assert session.drawing.is_empty
    assert not clear.isEnabled()
    assert session.edits == ["Draw", "Draw", "Undo stroke", "Clear drawing"]


def test_pen_width_and_eraser_are_used(panel, session):
    panel.tools.pen.slider.setValue(5)
    draw_line(panel)
    assert session.drawing.strokes[-1].width == 0.05
    QTest.mouseClick(panel.tools.pen.eraser, LEFT)
    draw_line(panel)
    assert session.drawing.strokes[-1] == Stroke(session.drawing.strokes[0].points, 0.1, eraser=True)
    assert session.edits[-1] == "Erase"
    QTest.keyClick(panel.canvas, Qt.Key.Key_E)
    assert panel.tools.pen.pen.isChecked()
    assert not panel.canvas.eraser


def test_a_hidden_panel_draws_what_it_missed_when_it_is_shown(panel, session):
    panel.hide()
    session.edit("Draw", drawing=Drawing((LINE,)))
    session.answer(1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert panel.bars.bars == ()
    panel.show()
    assert panel.bars.bars[0].percent == "100.0 %"
    spot = panel.canvas.mapTo(panel, at(panel, 0.3, 0.5))
    assert panel.grab().toImage().pixelColor(spot).name() == theme.current().ink.name()


def test_undone_while_the_pen_is_down_the_stroke_is_dropped(panel, session):
    draw_line(panel)
    QTest.mousePress(panel.canvas, LEFT, pos=at(panel, 0.2, 0.2))
    session.edit("Undo", drawing=Drawing())
    assert not panel.canvas.pen_is_down
    QTest.mouseRelease(panel.canvas, LEFT, pos=at(panel, 0.2, 0.2))
    assert session.drawing.is_empty


def test_a_network_without_weights_says_so_in_the_place_of_a_prediction(panel: DrawingPanel, session: StubSession):
    session.waiting = "This network has no weights yet."
    session.network_changed.emit()
    assert panel.bars.message == "This network has no weights yet."
    session.waiting = "Computing conv_1…"
    session.computing_changed.emit()
    assert panel.bars.message == "Computing conv_1…"
    session.waiting = ""
    session.edit("Draw", drawing=Drawing((Stroke(((0.3, 0.2), (0.5, 0.8)), 0.08, False),)))
    session.answer(0.1, 0.9)
    assert panel.bars.message == ""
    session.computing_changed.emit()  # of a later picture: the last prediction stays meanwhile
    assert [bar.wins for bar in panel.bars.bars] == [False, True]


def test_both_modes_are_shown_side_by_side(panel: DrawingPanel, session: StubSession) -> None:
    inference, training = (np.eye(10, dtype=np.float32)[winner] for winner in (3, 5))
    session.trace = SimpleNamespace(probabilities=inference)
    session.is_split, session.both_traces = True, (session.trace, SimpleNamespace(probabilities=training))
    session.edit("Draw", drawing=Drawing((LINE,)))
    session.trace_changed.emit()
    assert [(bar.wins, bar.other_wins) for bar in panel.bars.bars][3:6] == [
        (True, False),
        (False, False),
        (False, True),
    ]
