"""The session remembers its runs, brings them back, and repeats them with the same numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest

from convscope.core.history import History
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.run_text import changes_meanwhile
from convscope.core.runs import RunRecord, bounded
from convscope.core.snapshot import Snapshot
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import Weights, frozen
from convscope.ui import session_runs
from convscope.ui.document import Document
from convscope.ui.run_state import RunState
from convscope.ui.session import Session

NETWORK = Network(layers=(Conv2d(2, 5, 3), Activation(), Flatten(), Dropout(0.2), Dense(10)))
LONG = 40_000  # milliseconds; a busy machine may take long to load torch


@pytest.fixture
def session(open_session: Callable[[Document], Session]) -> Session:
    return open_session(Document(NETWORK, config=TrainingConfig(batch_size=50, epochs=2)))


def until(qtbot, session: Session, state: RunState) -> None:
    qtbot.waitUntil(lambda: session.run_state is state, timeout=LONG)


def trained(qtbot, session: Session) -> RunRecord:
    """Train until all epochs are done, and return the run's record."""
    session.train()
    until(qtbot, session, RunState.FINISHED)
    return session.runs[-1]


def another_batch(qtbot, session: Session) -> None:
    """Train on the next batch, or on the rest of one that was begun."""
    with qtbot.waitSignal(session.history_changed, timeout=LONG, check_params_cb=lambda: len(session.history) > 0):
        session.step_batch()
    until(qtbot, session, RunState.PAUSED)


def figures(history: History) -> list[tuple[float, ...]]:
    """Return all that was measured at the ends of epochs but the time."""
    return [
        (point.epoch, point.train_loss, point.train_accuracy, point.validation_loss, point.validation_accuracy)
        for point in history.epochs
    ]


def assert_same(one: Weights, other: Weights) -> None:
    assert one.keys() == other.keys()
    for key, array in one.items():
        np.testing.assert_array_equal(array, other[key])


def test_a_run_is_remembered_with_all_that_made_it(session: Session, qtbot):
    config = session.config
    run = trained(qtbot, session)
    assert (run.id, run.label, run.network, run.config) == (1, "Run 1", NETWORK, config)
    assert (run.title, run.origin, run.problem) == ("1 convolution, 1 dense layer, dropout", "", "")
    assert session.dataset is not None
    assert (run.dataset_id, run.dataset_title) == (session.dataset.id, session.dataset.title)
    assert run.history is session.history
    assert run.weights is session.weights  # shared, not copied
    assert run.summary.epochs == 2
    assert session.present_run is run


def test_the_record_is_there_from_the_first_batch_and_follows_the_run(session: Session, qtbot):
    session.step_batch()
    until(qtbot, session, RunState.PAUSED)
    assert [len(run.history) for run in session.runs] == [1]
    with qtbot.waitSignal(session.runs_changed, timeout=LONG):  # at the end of an epoch
        session.step_epoch()
    until(qtbot, session, RunState.PAUSED)
    assert [(run.id, run.summary.epochs, len(run.history)) for run in session.runs] == [(1, 1, 12)]


def test_training_again_after_the_last_epoch_is_the_same_run(session: Session, qtbot):
    trained(qtbot, session)
    run = trained(qtbot, session)
    assert [run.id for run in session.runs] == [1]
    assert run.summary.epochs == 4
    assert run.config_again().epochs == 4


def test_after_stop_the_next_run_is_another_one_that_begins_where_the_first_ended(session: Session, qtbot):
    first = trained(qtbot, session)
    session.stop()
    assert session.present_run is first
    second = trained(qtbot, session)
    assert [run.id for run in session.runs] == [1, 2]
    assert second.origin == "the weights of Run 1"
    assert second.colour != first.colour
    session.edit("Change bias", weights=frozen({**session.weights, "dense_1.bias": np.ones(10, np.float32)}))
    third = trained(qtbot, session)
    assert third.origin == "other weights, trained or changed before"
    session.reset_weights()
    assert session.present_run is None
    assert trained(qtbot, session).origin == ""


def test_a_run_that_never_began_leaves_no_record(session: Session, qtbot):
    session.edit("Want too many", config=dataclasses.replace(session.config, train_size=100_000))
    with qtbot.waitSignal(session.failed, timeout=LONG):
        session.train()
    assert session.runs == ()


def test_a_run_whose_loss_became_no_number_says_so(session: Session, qtbot):
    session.edit("Learn by a straight line", network=Network(layers=(Flatten(), Dense(50), Dense(50), Dense(10))))
    session.edit("Go mad", config=TrainingConfig(optimizer="sgd", learning_rate=100, epochs=50))
    with qtbot.waitSignal(session.failed, timeout=LONG) as failure:
        session.train()
    until(qtbot, session, RunState.FAILED)
    assert failure.args is not None
    assert session.runs[-1].problem == failure.args[0] == session.run_problem != ""
    session.edit("Change learning rate", config=dataclasses.replace(session.config, learning_rate=0.01))
    assert session.run_problem == failure.args[0]
    session.reset_weights()
    assert session.run_problem == ""


def test_what_a_diverged_run_left_is_to_be_reset_not_trained_slower(session: Session, qtbot):
    session.edit("Learn by a straight line", network=Network(layers=(Flatten(), Dense(50), Dense(50), Dense(10))))
    session.edit("Go mad", config=TrainingConfig(optimizer="sgd", learning_rate=100, epochs=50))
    with qtbot.waitSignal(session.failed, timeout=LONG):
        session.train()
    until(qtbot, session, RunState.FAILED)
    with qtbot.waitSignal(session.failed, timeout=LONG) as failure:
        session.train()
    assert failure.args is not None
    assert "Press Reset weights, then Train with a learning rate of 10 instead of 100." in failure.args[0]
    until(qtbot, session, RunState.FAILED)
    assert session.runs[-1].problem == failure.args[0] == session.run_problem
    session.edit("Slower", config=dataclasses.replace(session.config, learning_rate=0.01))
    with qtbot.waitSignal(session.failed, timeout=LONG) as failure:
        session.train()
    assert failure.args is not None
    assert failure.args[0].endswith("Press Reset weights, then Train.")


def test_new_weights_that_diverge_are_not_said_to_be_old(session: Session, qtbot):
    wide = Network(layers=(Flatten(), Dense(50), Dense(50), Dense(10)))
    session.edit("Learn by a straight line", network=wide)
    session.edit("Go mad", config=TrainingConfig(optimizer="sgd", learning_rate=100, epochs=50))
    for layers in (wide.layers, (Flatten(), Dense(51, name="dense_1"), Dense(51, name="dense_2"), Dense(10))):
        session.edit("Another width", network=dataclasses.replace(wide, layers=layers))
        with qtbot.waitSignal(session.failed, timeout=LONG) as failure:
            session.train()
        until(qtbot, session, RunState.FAILED)
        assert failure.args is not None
        assert "the steps were too large" in failure.args[0]


def test_a_run_of_nothing_but_batch_norm_tells_why_it_failed(session: Session, qtbot):
    layers = (Flatten(), Dense(20, trainable=False), BatchNorm(), Dense(10, trainable=False))
    session.edit("Freeze", network=Network(layers=layers))
    rates = TrainingConfig(optimizer="sgd", learning_rate=100, schedule="exponential", decay=0.5, epochs=50)
    session.edit("Go mad", config=dataclasses.replace(rates, batch_size=50, weight_decay=1))
    with qtbot.waitSignal(session.failed, timeout=LONG) as failure:
        session.train()
    until(qtbot, session, RunState.FAILED)
    assert failure.args is not None
    assert session.runs[-1].problem == failure.args[0] != ""
    assert session.diverged


def test_settings_changed_meanwhile_are_noted_beside_those_it_began_with(session: Session, qtbot):
    session.step_batch()
    until(qtbot, session, RunState.PAUSED)
    began = session.config
    session.edit("Change learning rate", config=dataclasses.replace(began, learning_rate=0.01))
    another_batch(qtbot, session)
    assert session.runs[0].config == began
    assert session.runs[0].latest == session.config


def test_settings_with_which_nothing_was_trained_are_not_noted(session: Session, qtbot):
    session.step_batch()
    until(qtbot, session, RunState.PAUSED)
    began = session.config
    session.edit("Change learning rate", config=dataclasses.replace(began, learning_rate=100))
    assert session.runs[0].latest is None
    session.undo_stack.undo()
    another_batch(qtbot, session)
    assert session.runs[0].latest is None
    session.edit("Change learning rate", config=dataclasses.replace(began, learning_rate=100))
    session.stop()
    session.restore_run(1)
    assert session.config == began
    another_batch(qtbot, session)
    assert [run.latest for run in session.runs] == [None, None]


def test_a_dropout_rate_changed_meanwhile_lets_the_run_go_on(session: Session, qtbot):
    another_batch(qtbot, session)
    dropped = session.network.index_of("dropout_1")
    faster = session.network.replaced(dropped, Dropout(0.5))
    session.edit("Change rate of dropout_1", network=faster)
    assert session.run_state is RunState.PAUSED
    assert not session.history_is_former
    assert session.time_machine.moments
    assert session.runs[0].latest_network is None  # nothing was trained with it
    another_batch(qtbot, session)
    [run] = session.runs
    assert (len(run.history), run.network, run.latest_network) == (2, NETWORK, faster)
    assert changes_meanwhile(run) == ["dropout_1 rate 0.2 → 0.5"]
    session.undo_stack.undo()
    assert session.network == NETWORK
    another_batch(qtbot, session)
    assert len(session.runs[0].history) == 3
    assert session.runs[0].network_now == NETWORK
    session.undo_stack.redo()
    session.stop()
    assert session.network == faster


def test_restoring_brings_back_a_rate_that_was_changed_meanwhile(session: Session, qtbot):
    another_batch(qtbot, session)
    faster = session.network.replaced(session.network.index_of("dropout_1"), Dropout(0.5))
    session.edit("Change rate of dropout_1", network=faster)
    another_batch(qtbot, session)
    session.load_preset(preset("softmax"))
    assert session.restore_run(1)
    assert session.network == faster
    steps = session.undo_stack.count()
    assert not session.restore_run(1)  # all of it is there
    assert session.undo_stack.count() == steps


def test_a_layer_of_another_size_still_ends_the_run(session: Session, qtbot):
    another_batch(qtbot, session)
    session.edit("Widen", network=session.network.replaced(0, Conv2d(3, 5, 3)))
    assert session.run_state is RunState.IDLE
    assert session.history_is_former


def test_a_run_that_stops_amid_its_first_batch_leaves_no_record(session: Session, qtbot):
    with qtbot.waitSignal(session.step_watch.step_changed, timeout=LONG):
        session.step_stage()
    until(qtbot, session, RunState.PAUSED)
    session.edit("Change learning rate", config=dataclasses.replace(session.config, learning_rate=0.01))
    assert session.runs == ()
    session.stop()
    assert session.runs == ()
    another_batch(qtbot, session)
    assert [(run.id, len(run.history)) for run in session.runs] == [(1, 1)]


def test_settings_changed_amid_the_first_batch_are_those_it_went_on_with(session: Session, qtbot):
    with qtbot.waitSignal(session.step_watch.step_changed, timeout=LONG):
        session.step_stage()
    until(qtbot, session, RunState.PAUSED)
    began = session.config
    session.edit("Change learning rate", config=dataclasses.replace(began, learning_rate=0.01))
    another_batch(qtbot, session)
    assert [(run.config, run.latest) for run in session.runs] == [(began, session.config)]


def test_figures_of_an_earlier_batch_are_not_taken_for_those_of_the_newest(session: Session, qtbot):
    layers = (Flatten(), Dense(20), BatchNorm(), Dense(10))
    session.edit("Normalise", network=Network(layers=layers))
    another_batch(qtbot, session)
    assert session._run is not None
    with qtbot.waitSignal(session._run.snapshot_taken, timeout=LONG) as taken:
        session.step_batch()
    until(qtbot, session, RunState.PAUSED)
    assert taken.args is not None
    foreseen: Snapshot = taken.args[0]
    course = session.batch_norm_course.of("batch_norm_1", 0)
    assert course is not None
    assert course.positions.tolist() == session.history.batch_epochs.tolist()
    later = foreseen.batch_epochs + 0.1
    session._run.snapshot_taken.emit(dataclasses.replace(foreseen, step=3, batch_epochs=later, flow=None))
    assert len(session.history) == 3
    assert len(session.batch_norm_course) == 2


def test_undo_leaves_records_alone(session: Session, qtbot):
    run = trained(qtbot, session)
    session.reset_weights()
    session.undo_stack.undo()
    assert session.runs == (run,)
    assert session.present_run is run


def test_restoring_brings_back_everything_in_one_step_that_can_be_undone(session: Session, qtbot):
    run = trained(qtbot, session)
    session.load_preset(preset("softmax"))
    before = (session.network, session.weights, session.config, session.history)
    steps = session.undo_stack.count()
    session.restore_run(run.id)
    assert session.undo_stack.count() == steps + 1
    assert (session.network, session.config, session.history) == (run.network, run.config, run.history)
    assert_same(session.weights, run.weights)
    assert session.present_run is run
    session.undo_stack.undo()
    assert (session.network, session.config, session.history) == (before[0], before[2], before[3])
    assert_same(session.weights, before[1])
    assert session.present_run is None


def test_training_again_gives_the_same_numbers(session: Session, qtbot):
    first = trained(qtbot, session)
    session.load_preset(preset("softmax"))
    session.train_again(first.id)
    qtbot.waitUntil(lambda: session.run_state is RunState.FINISHED and len(session.runs) == 2, timeout=LONG)
    again = session.runs[-1]
    assert again.id == 2
    assert figures(again.history) == figures(first.history)
    np.testing.assert_array_equal(again.history.batch_losses, first.history.batch_losses)
    assert_same(again.weights, first.weights)


def test_training_again_loads_the_data_that_the_run_had(session: Session, qtbot):
    first = trained(qtbot, session)
    with qtbot.waitSignal(session.dataset_changed, timeout=4 * LONG):
        session.change_dataset("generated")
    session.train_again(first.id)
    assert session.run_state is RunState.LOADING
    qtbot.waitUntil(lambda: session.run_state is RunState.FINISHED and len(session.runs) == 2, timeout=LONG)
    assert session.runs[-1].dataset_id == first.dataset_id
    assert figures(session.runs[-1].history) == figures(first.history)


def test_what_the_user_says_of_a_run_is_kept(session: Session, qtbot):
    run = trained(qtbot, session)
    with qtbot.waitSignal(session.runs_changed, timeout=1000):
        session.describe_run(1, name="  The\nfirst one ", note=" Good ", colour=3)
    run = session.runs[0]
    assert (run.name, run.note, run.colour, run.label) == ("The first one", "Good", 3, "The first one")
    session.describe_run(1, name="Run 1")
    assert session.runs[0].name == ""
    with qtbot.assertNotEmitted(session.runs_changed):
        session.describe_run(1, name="", note="Good")
        session.describe_run(9, name="Nobody")


def test_overlays_are_chosen_and_deleted_runs_are_forgotten(session: Session, qtbot):
    trained(qtbot, session)
    session.stop()
    trained(qtbot, session)
    session.show_runs({1, 2, 7})
    assert [run.shown for run in session.runs] == [True, True]
    session.show_runs({2})
    assert [run.shown for run in session.runs] == [False, True]
    weights, history = session.weights, session.history
    session.delete_runs({2})
    assert [run.id for run in session.runs] == [1]
    assert session.weights is weights
    assert session.history is history
    assert session.present_run is None
    trained(qtbot, session)  # the run goes on, for nobody
    assert [run.id for run in session.runs] == [1]


def test_memory_is_bounded_and_what_goes_on_is_spared(session: Session, qtbot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(session_runs, "bounded", partial(bounded, weight_bytes=0))
    trained(qtbot, session)
    session.stop()
    assert session.runs[0].has_weights  # it is the present one
    trained(qtbot, session)
    assert [run.has_weights for run in session.runs] == [False, True]
    assert session.runs[0].summary.epochs == 2
    with qtbot.assertNotEmitted(session.history_changed):
        session.restore_run(1)
