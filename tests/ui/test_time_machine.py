"""Looking back at the moments of a run: what the session shows of them, and what brings it back to the present."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.trace import trace
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import Weights, frozen
from convscope.ui.document import Document
from convscope.ui.run_state import RunState
from convscope.ui.session import Session

NETWORK = Network(layers=(Conv2d(4, 5, 2), Activation(), Flatten(), Dense(10)))
LINE = Drawing((Stroke(((0.3, 0.2), (0.5, 0.8)), 0.08, False),))
LONG = 15_000  # milliseconds; a busy machine may take long to load torch
BATCHES = 4


@pytest.fixture
def session(open_session: Callable[[Document], Session]) -> Session:
    return open_session(Document(NETWORK, config=TrainingConfig(batch_size=20, epochs=1), drawing=LINE))


@pytest.fixture
def trained(session: Session, qtbot) -> Session:
    """Return a session that has trained on a few batches, one moment each."""
    step(session, qtbot, BATCHES)
    return session


def step(session: Session, qtbot, batches: int) -> None:
    for _ in range(batches):
        session.step_batch()
        qtbot.waitUntil(lambda: session.run_state is RunState.PAUSED, timeout=LONG)


def wait_for_trace(session: Session, qtbot) -> None:
    qtbot.waitUntil(lambda: session.trace is not None and session.trace.weights is session.shown_weights, timeout=LONG)


def answer(session: Session, weights: Weights) -> np.ndarray:
    probabilities = trace(NETWORK, weights, session.image).probabilities
    assert probabilities is not None
    return probabilities


def test_a_run_is_kept_from_its_start_to_now(session: Session, qtbot):
    start = session.weights
    step(session, qtbot, BATCHES)
    machine = session.time_machine
    assert machine.positions == (0.0, *session.history.batch_epochs.tolist())
    assert machine.moments[0].weights is start
    assert machine.moments[-1].weights is session.weights
    assert machine.shown is None
    assert machine.size == sum(array.nbytes for m in machine.moments for array in m.weights.values())


def test_looking_back_shows_the_weights_and_the_answer_of_that_moment(trained: Session, qtbot):
    machine, present = trained.time_machine, trained.weights
    with qtbot.waitSignals([machine.changed, trained.weights_changed]):
        machine.look_at(machine.positions[1])
    past = machine.moments[1].weights
    assert machine.shown == machine.positions[1]
    assert trained.shown_weights is past
    assert trained.weights is present
    wait_for_trace(trained, qtbot)
    np.testing.assert_allclose(trained.trace.probabilities, answer(trained, past), rtol=1e-5)
    machine.look_at(None)
    wait_for_trace(trained, qtbot)
    np.testing.assert_allclose(trained.trace.probabilities, answer(trained, present), rtol=1e-5)


def test_what_training_leaves_alone_is_kept_once(session: Session, qtbot):
    session.edit("Freeze conv_1", network=NETWORK.replaced(0, Conv2d(4, 5, 2, trainable=False)))
    step(session, qtbot, BATCHES)
    moments = session.time_machine.moments
    assert len({id(moment.weights["conv_1.weight"]) for moment in moments}) == 1
    assert len({id(moment.weights["dense_1.weight"]) for moment in moments}) == len(moments)
    frozen_bytes = sum(moments[0].weights[key].nbytes for key in ("conv_1.weight", "conv_1.bias"))
    dense_bytes = sum(moments[0].weights[key].nbytes for key in ("dense_1.weight", "dense_1.bias"))
    assert session.time_machine.size == frozen_bytes + len(moments) * dense_bytes


def test_gradients_are_only_those_of_the_present(trained: Session):
    assert trained.shown_gradients is trained.gradients
    assert len(trained.gradients) > 0
    trained.time_machine.look_at(0)
    assert len(trained.shown_gradients) == 0


def test_a_position_between_moments_is_the_nearest(trained: Session):
    positions = trained.time_machine.positions
    trained.time_machine.look_at(0.8 * positions[1] + 0.2 * positions[2])
    assert trained.time_machine.shown == positions[1]
    assert trained.time_machine.index == 1


def test_the_last_moment_is_the_present(trained: Session):
    trained.time_machine.look_at(0)
    trained.time_machine.look_at(99)
    assert trained.time_machine.shown is None


def test_the_document_and_what_is_saved_are_untouched(trained: Session):
    before = trained.weights
    trained.note_saved()
    steps = trained.undo_stack.count()
    trained.time_machine.look_at(0)
    assert trained.project().weights is before
    assert not trained.modified
    assert trained.undo_stack.count() == steps


def test_drawing_on_is_seen_as_at_that_moment(trained: Session, qtbot):
    trained.time_machine.look_at(0)
    trained.edit("Draw", drawing=Drawing((Stroke(((0.2, 0.2), (0.8, 0.2)), 0.1, False),)))
    assert trained.time_machine.shown == 0
    start = trained.time_machine.moments[0].weights
    qtbot.waitUntil(lambda: trained.trace.image is trained.image and trained.trace.weights is start, timeout=LONG)


def test_training_on_returns_to_the_present(trained: Session, qtbot):
    trained.time_machine.look_at(0)
    trained.step_batch()
    assert trained.time_machine.shown is None
    qtbot.waitUntil(lambda: len(trained.time_machine.moments) == BATCHES + 2, timeout=LONG)
    qtbot.waitUntil(lambda: trained.run_state is RunState.PAUSED, timeout=LONG)


def test_one_may_look_back_while_training_goes_on(trained: Session, qtbot):
    trained.edit("Change epochs", config=dataclasses.replace(trained.config, epochs=1000))
    trained.train()
    start = trained.time_machine.moments[0]
    trained.time_machine.look_at(0)
    before = trained.time_machine.positions[-1]
    qtbot.waitUntil(lambda: trained.time_machine.positions[-1] > before, timeout=LONG)
    assert trained.shown_weights is start.weights
    assert trained.weights is not start.weights
    wait_for_trace(trained, qtbot)
    trained.stop()
    assert trained.time_machine.shown == 0


def test_changing_a_kernel_returns_to_the_present_and_can_be_undone(trained: Session):
    machine, present = trained.time_machine, trained.weights
    machine.look_at(0)
    kernels = present["conv_1.weight"].copy()
    kernels[0] = 1
    trained.edit("Change kernel", weights=frozen({**present, "conv_1.weight": kernels}))
    assert machine.shown is None
    assert trained.shown_weights["conv_1.bias"] is present["conv_1.bias"]
    assert not machine.ends_now
    machine.look_at(machine.positions[-1])  # what the run ended with is the past now
    assert trained.shown_weights is machine.moments[-1].weights
    trained.undo_stack.undo()
    assert machine.shown is None
    assert machine.ends_now
    assert len(machine.moments) == BATCHES + 1


def test_painting_a_kernel_returns_to_the_present(trained: Session):
    trained.time_machine.look_at(0)
    trained.preview_weights({"dense_1.bias": np.zeros(10, np.float32)})
    assert trained.time_machine.shown is None


def test_resetting_the_weights_closes_the_past_and_undo_opens_it(trained: Session):
    machine, moments = trained.time_machine, trained.time_machine.moments
    machine.look_at(0)
    trained.reset_weights()
    assert machine.shown is None
    assert machine.positions == ()
    machine.look_at(0)
    assert machine.shown is None
    trained.undo_stack.undo()
    assert machine.moments == moments
    assert machine.ends_now


def test_the_past_of_another_network_cannot_be_looked_at_until_undo(trained: Session, qtbot):
    machine, moments = trained.time_machine, trained.time_machine.moments
    machine.look_at(0)
    trained.edit("Change filters", network=trained.network.replaced(0, Conv2d(6, 3, 2)))
    assert machine.shown is None
    assert machine.moments == ()
    wait_for_trace(trained, qtbot)
    trained.undo_stack.undo()
    assert machine.moments == moments
    machine.look_at(0)
    wait_for_trace(trained, qtbot)
    assert trained.trace.network is NETWORK


def test_a_new_run_takes_the_place_of_the_former_one(trained: Session, qtbot):
    former = set(trained.time_machine.moments)
    trained.stop()
    trained.time_machine.look_at(0)
    step(trained, qtbot, 1)
    machine = trained.time_machine
    assert len(machine.moments) == 2
    assert former.isdisjoint(machine.moments)
    assert machine.positions[0] == 0


def test_a_run_that_cannot_start_leaves_the_past_as_it_was(trained: Session, qtbot):
    machine, moments = trained.time_machine, trained.time_machine.moments
    trained.edit("Take too many images", config=dataclasses.replace(trained.config, train_size=1_000_000))
    with qtbot.waitSignal(trained.failed, timeout=LONG):
        trained.train()
    assert machine.moments == moments


def test_opening_a_file_forgets_the_past(trained: Session):
    project = trained.project()
    trained.time_machine.look_at(0)
    trained.open_project(project)
    assert trained.time_machine.shown is None
    assert trained.time_machine.moments == ()
    assert trained.time_machine.size == 0


def test_a_moment_that_was_thinned_out_stays_in_view(trained: Session):
    machine = trained.time_machine
    machine.look_at(machine.positions[1])
    shown = trained.shown_weights
    document = Document(NETWORK, trained.weights, history=trained.history)
    for number in range(400):
        history = document.history.extended(([1.0 + number], [1.0], [0.5]))
        document = dataclasses.replace(document, weights=frozen(dict(document.weights)), history=history)
        machine.keep(document)
    assert machine.shown not in machine.positions
    assert trained.shown_weights is shown
    assert machine.index == 0
