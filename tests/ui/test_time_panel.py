"""The panel of the time machine: its slider, playing, and the prediction through training."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QSlider, QToolButton, QWidget

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.number_text import number_text
from convscope.core.presets import preset
from convscope.core.time_machine import WeightsThroughTime
from convscope.core.trace import trace
from convscope.core.training_config import TrainingConfig
from convscope.ui.document import Document
from convscope.ui.panels.time import TimePanel
from convscope.ui.run_state import RunState
from convscope.ui.session import Session
from convscope.ui.time_predictions import coarse_to_fine
from convscope.ui.widgets.time_controls import TimeControls
from convscope.ui.widgets.time_plot import TimePlot
from convscope.ui.widgets.time_plot_data import epoch_text
from convscope.ui.widgets.tinted_label import TintedLabel

NETWORK = Network(layers=(Conv2d(4, 5, 2), Activation(), Flatten(), Dense(10)))
LINE = Drawing((Stroke(((0.3, 0.2), (0.5, 0.8)), 0.08, False),))
DOT = Drawing((Stroke(((0.5, 0.5), (0.55, 0.5)), 0.2, False),))
LONG = 15_000  # milliseconds; a busy machine may take long to load torch
BATCHES = 5
Found = TypeVar("Found", bound=QWidget)


@pytest.fixture
def session(open_session: Callable[[Document], Session]) -> Session:
    return open_session(Document(NETWORK, config=TrainingConfig(batch_size=20, epochs=1), drawing=LINE))


@pytest.fixture
def panel(session: Session, qtbot) -> TimePanel:
    panel = TimePanel(session, {})
    qtbot.addWidget(panel)
    panel.resize(600, 320)
    panel.show()
    return panel


@pytest.fixture
def trained(panel: TimePanel, session: Session, qtbot) -> TimePanel:
    step(session, qtbot, BATCHES)
    return panel


def found(panel: TimePanel, kind: type[Found], name: str) -> Found:
    widget = panel.findChild(kind, name)
    assert widget is not None
    return widget


def step(session: Session, qtbot, batches: int) -> None:
    for _ in range(batches):
        session.step_batch()
        qtbot.waitUntil(lambda: session.run_state is RunState.PAUSED, timeout=LONG)


def slider(panel: TimePanel) -> QSlider:
    return found(panel, QSlider, "time_slider")


def where(panel: TimePanel) -> str:
    return found(panel, TintedLabel, "time_where").text()


def plot(panel: TimePanel) -> TimePlot:
    return found(panel, TimePlot, "time_plot")


def until_complete(panel: TimePanel, session: Session, qtbot) -> None:
    """Wait until the plot has every kept moment of the present drawing."""

    def complete() -> bool:
        course = plot(panel).course
        moments = session.time_machine.moments
        if len(course) != len(moments) or not len(course):
            return False
        wanted = trace(session.network, moments[-1].weights, session.image).probabilities
        return wanted is not None and np.allclose(course.answers[-1], wanted, atol=1e-6)

    qtbot.waitUntil(complete, timeout=LONG)


def test_before_any_run_it_says_what_to_do(panel: TimePanel):
    assert "Press Train" in where(panel)
    assert not panel.controls.isEnabled()
    assert "appears here" in plot(panel).message


def test_the_slider_has_every_moment_and_its_end_is_now(trained: TimePanel, session: Session):
    assert slider(trained).maximum() == BATCHES
    assert slider(trained).value() == BATCHES
    assert where(trained).startswith("Now · 6 moments kept in ")
    slider(trained).setValue(2)
    assert session.time_machine.shown == session.time_machine.positions[2]
    assert where(trained).startswith(f"{epoch_text(session.time_machine.positions[2])}, moment 3 of 6 · ")
    slider(trained).setValue(BATCHES)
    assert session.time_machine.shown is None


def test_keys_go_through_the_run(trained: TimePanel, session: Session, qtbot):
    machine = session.time_machine
    bar = slider(trained)
    for key, index in (
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Right, 2),
        (Qt.Key.Key_Left, 1),
        (Qt.Key.Key_End, None),
    ):
        qtbot.keyClick(bar, key)
        assert machine.index == index


def test_a_page_is_a_tenth_of_the_run(qtbot):
    controls = TimeControls()
    qtbot.addWidget(controls)
    controls.show_moments(199, 199, "Now")
    chosen: list[int] = []
    controls.moment_chosen.connect(chosen.append)
    qtbot.keyClick(controls.slider, Qt.Key.Key_PageDown)
    assert chosen == [179]


def test_now_returns(trained: TimePanel, session: Session, qtbot):
    button = found(trained, QPushButton, "time_now")
    assert not button.isEnabled()
    slider(trained).setValue(0)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.time_machine.shown is None
    assert slider(trained).value() == BATCHES
    assert not button.isEnabled()


def test_after_a_change_by_hand_the_end_of_the_run_can_be_looked_at(trained: TimePanel, session: Session):
    session.edit("Change kernel", weights={**session.weights, "dense_1.bias": np.ones(10, np.float32)})
    assert slider(trained).maximum() == BATCHES + 1
    slider(trained).setValue(BATCHES)
    assert session.time_machine.shown == session.time_machine.positions[-1]


def test_playing_goes_from_the_start_to_now_and_stops_there(trained: TimePanel, session: Session, qtbot):
    box = found(trained, QComboBox, "time_speed")
    box.setCurrentText("4×")
    seen: list[float | None] = []
    session.time_machine.changed.connect(lambda: seen.append(session.time_machine.shown))
    qtbot.mouseClick(found(trained, QToolButton, "time_play"), Qt.MouseButton.LeftButton)
    assert trained.controls.is_playing
    qtbot.waitUntil(lambda: not trained.controls.is_playing, timeout=LONG)
    assert seen[0] == 0
    assert seen[-1] is None
    assert seen[:-1] == sorted(place for place in seen if place is not None)


def test_space_plays_and_pauses_and_hiding_pauses(trained: TimePanel, qtbot):
    qtbot.keyClick(slider(trained), Qt.Key.Key_Space)
    assert trained.controls.is_playing
    qtbot.keyClick(slider(trained), Qt.Key.Key_Space)
    assert not trained.controls.is_playing
    trained.controls.toggle()
    trained.hide()
    assert not trained.controls.is_playing


def test_taking_the_slider_pauses(trained: TimePanel):
    trained.controls.toggle()
    slider(trained).setSliderDown(True)
    assert not trained.controls.is_playing


def test_the_prediction_is_torchs_at_every_moment(trained: TimePanel, session: Session, qtbot):
    until_complete(trained, session, qtbot)
    course = plot(trained).course
    for moment, answer in zip(session.time_machine.moments, course.answers, strict=True):
        expected = trace(NETWORK, moment.weights, session.image).probabilities
        assert expected is not None
        np.testing.assert_allclose(answer, expected, atol=1e-6)
    np.testing.assert_array_equal(course.positions, session.time_machine.positions)


def test_while_training_goes_on_only_new_moments_are_computed(trained: TimePanel, session: Session, qtbot):
    until_complete(trained, session, qtbot)
    before = [id(array) for array in trained.predictions.answers.values()]
    step(session, qtbot, 1)
    until_complete(trained, session, qtbot)
    after = [id(array) for array in trained.predictions.answers.values()]
    assert after[: len(before)] == before
    assert len(after) == len(before) + 1


def test_another_drawing_is_answered_anew(trained: TimePanel, session: Session, qtbot):
    until_complete(trained, session, qtbot)
    before = plot(trained).course.answers
    session.edit("Draw", drawing=DOT)
    until_complete(trained, session, qtbot)
    assert np.abs(plot(trained).course.answers - before).max() > 1e-3


def test_an_empty_drawing_asks_for_one(trained: TimePanel, session: Session, qtbot):
    until_complete(trained, session, qtbot)
    session.edit("Clear drawing", drawing=Drawing())
    assert plot(trained).message == "Draw something to see what it was taken for on the way."


def test_a_click_in_the_plot_looks_at_that_moment(trained: TimePanel, session: Session, qtbot):
    until_complete(trained, session, qtbot)
    picture = plot(trained).picture()
    assert picture is not None
    place = picture.area.center()
    place.setX(picture.x_of(session.time_machine.positions[3]))
    qtbot.mouseClick(plot(trained), Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert session.time_machine.index == 3
    assert slider(trained).value() == 3


def test_another_network_has_no_past(trained: TimePanel, session: Session, qtbot):
    until_complete(trained, session, qtbot)
    session.edit("Change filters", network=session.network.replaced(0, Conv2d(6, 3, 2)))
    assert "Undo brings them back" in where(trained)
    assert not trained.controls.isEnabled()
    assert plot(trained).message
    session.undo_stack.undo()
    until_complete(trained, session, qtbot)
    assert trained.controls.isEnabled()


def test_a_network_that_cannot_work_says_so(trained: TimePanel, session: Session):
    session.edit("Change kernel", network=session.network.replaced(0, Conv2d(6, 50)))
    problem = session.network.report.problem
    assert problem is not None
    assert plot(trained).message == problem.located


def test_a_large_network_gets_a_sentence(panel: TimePanel, session: Session):
    session.edit("Choose", network=preset("vgg-16").network)
    assert "too large" in plot(panel).message


def test_weights_that_do_not_fit_are_not_kept_and_it_says_so(
    panel: TimePanel, session: Session, qtbot, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("convscope.ui.time_machine.WeightsThroughTime", lambda: WeightsThroughTime(1000))
    step(session, qtbot, 2)
    assert session.time_machine.is_too_large
    assert "are not kept" in where(panel)
    assert "too large" in plot(panel).message
    assert not panel.controls.isEnabled()


def test_a_predicted_number_is_followed_to_the_wanted_one(panel: TimePanel, session: Session, qtbot):
    with qtbot.waitSignal(session.dataset_changed, timeout=LONG):
        session.load_preset(preset("height-mlp"))
    assert "appears here" in plot(panel).message
    step(session, qtbot, 3)
    moments = session.time_machine.moments
    qtbot.waitUntil(lambda: len(plot(panel).course) == len(moments) == 4, timeout=LONG)
    predicted, wanted = plot(panel).course.answers.T
    expected = [trace(session.network, moment.weights, session.image).logits for moment in moments]
    np.testing.assert_allclose(predicted, np.array(expected)[:, 0], atol=1e-6)
    assert wanted == pytest.approx([session.drawing.target] * 4)
    assert plot(panel).accessibleDescription().endswith(f"wanted {number_text(float(wanted[0]))} m")


def test_an_answer_to_other_numbers_is_computed(panel: TimePanel, session: Session, qtbot):
    with qtbot.waitSignal(session.dataset_changed, timeout=LONG):
        session.load_preset(preset("height-mlp"))
    step(session, qtbot, 1)
    qtbot.waitUntil(lambda: len(plot(panel).course) == 2, timeout=LONG)
    session.edit("Change numbers", drawing=Drawing(numbers=(0.3, -1.1)))
    qtbot.waitUntil(lambda: plot(panel).course.names == ("predicted",), timeout=LONG)
    expected = trace(session.network, session.time_machine.moments[-1].weights, session.image).logits
    assert expected is not None
    qtbot.waitUntil(lambda: bool(np.allclose(plot(panel).course.answers[-1], expected, atol=1e-6)), timeout=LONG)


def test_a_hidden_panel_computes_nothing_and_catches_up(panel: TimePanel, session: Session, qtbot):
    panel.hide()
    step(session, qtbot, 2)
    assert slider(panel).maximum() == 0
    assert not len(plot(panel).course)
    panel.show()
    assert slider(panel).maximum() == 2
    until_complete(panel, session, qtbot)


def test_moments_come_from_coarse_to_fine(trained: TimePanel, session: Session):
    moments = session.time_machine.moments  # 6 of them
    assert [moments.index(moment) for moment in coarse_to_fine(moments)] == [0, 5, 4, 2, 1, 3]
    assert coarse_to_fine(moments[:1]) == moments[:1]
    assert coarse_to_fine(moments[:2]) == moments[:2]
