"""The progress of a run, as numbers, as words and on its bar."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from convscope.ui.run_state import RunProgress, RunState, allowed_actions
from convscope.ui.widgets.run_progress import RunProgressView, duration_text, progress_text

STARTS = {"action_train", "action_step_stage", "action_step_batch", "action_step_epoch"}
HALF_WAY = RunProgress(step=340, steps=938, epoch=2, epochs=5, examples_per_second=7412.3, seconds_left=41.7)


@pytest.fixture
def view(qtbot: QtBot) -> RunProgressView:
    view = RunProgressView()
    qtbot.addWidget(view)
    view.show()
    return view


def test_everything_is_said_in_one_line() -> None:
    assert progress_text(HALF_WAY) == "Epoch 2 of 5 · 340 of 938 batches · 7,400 examples/s · 0:42 left"


def test_what_is_not_known_is_not_said() -> None:
    assert progress_text(RunProgress(0, 938, 1, 5)) == "Epoch 1 of 5 · 0 of 938 batches"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "0:00"), (41.7, "0:42"), (725, "12:05"), (3723, "1:02:03"), (3599.8, "1:00:00")]
)
def test_durations_read_like_a_clock(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("progress", "fraction"),
    [
        (RunProgress(0, 100, 1, 4), 0),
        (RunProgress(50, 100, 3, 4), 0.625),
        (RunProgress(100, 100, 4, 4), 1),
        (RunProgress(0, 0, 1, 4), 0),
    ],
)
def test_the_fraction_counts_all_epochs(progress: RunProgress, fraction: float) -> None:
    assert progress.fraction == pytest.approx(fraction)


def test_a_running_run_is_shown(view: RunProgressView) -> None:
    view.show_run(RunState.RUNNING, HALF_WAY, rate="Learning rate in epoch 2: 0.0006")
    assert view.state.text() == "Training"
    assert view.epoch.text() == "Epoch 2 of 5 · 0:42 left"
    assert view.batch.text() == "340 of 938 batches"
    assert view.speed.text() == "7,400 examples/s"
    assert view.bar.value() / view.bar.maximum() == pytest.approx((938 + 340) / (5 * 938), abs=1e-3)
    assert view.rate.isVisible()
    assert not view.problem.isVisible()


def test_a_paused_run_has_no_speed(view: RunProgressView) -> None:
    view.show_run(RunState.PAUSED, HALF_WAY)
    assert view.state.text() == "Paused"
    assert view.epoch.text() == "Epoch 2 of 5"
    assert view.speed.text() == ""
    assert not view.rate.isVisible()


def test_loading_moves_the_bar_and_its_end_stops_it(view: RunProgressView) -> None:
    view.show_run(RunState.LOADING, None)
    assert view.bar.maximum() == 0
    view.show_run(RunState.IDLE, None)
    assert (view.bar.value(), view.epoch.text(), view.batch.text()) == (0, "", "")
    assert view.bar.maximum() > 0


def test_a_problem_is_said(view: RunProgressView) -> None:
    view.show_run(RunState.IDLE, None, problem="Nothing fits.")
    assert view.state.text() == "Cannot train yet"
    assert view.problem.isVisible()
    assert view.problem.text() == "Nothing fits."


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (RunState.IDLE, STARTS | {"action_reset_weights"}),
        (RunState.LOADING, {"action_stop"}),
        (RunState.RUNNING, {"action_pause", "action_stop", "action_reset_weights"}),
        (RunState.PAUSED, STARTS | {"action_stop", "action_reset_weights"}),
        (RunState.FINISHED, STARTS | {"action_reset_weights"}),
        (RunState.FAILED, STARTS | {"action_reset_weights"}),
    ],
)
def test_each_state_allows_what_makes_sense(state: RunState, allowed: set[str]) -> None:
    assert allowed_actions(state) == allowed
    assert allowed_actions(state, trainable=False) == allowed - STARTS


def test_active_states_are_those_that_can_go_on() -> None:
    assert {state for state in RunState if state.is_active} == {RunState.LOADING, RunState.RUNNING, RunState.PAUSED}
