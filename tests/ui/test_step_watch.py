"""A run in slow motion from the session: one stage for each wish, and then on from where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from convscope.core.data.progress import finished
from convscope.core.data.sources import loading
from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig
from convscope.core.training_step import Stage
from convscope.core.weights import Weights
from convscope.ui import background
from convscope.ui.document import Document
from convscope.ui.run_state import RunState
from convscope.ui.session import Session

NETWORK = Network((1, 28, 28), (Conv2d(filters=3, kernel_size=7, stride=3), Activation(), Flatten(), Dense(units=10)))
CONFIG = TrainingConfig(train_size=200, validation_size=100, batch_size=50, epochs=1)
LONG = 20_000  # milliseconds; a busy machine may take long to load torch


@pytest.fixture
def session(qtbot, monkeypatch: pytest.MonkeyPatch, digits_folder: Path) -> Iterator[Session]:
    monkeypatch.setattr(Session, "_ask", lambda self: None)
    session = Session(Document(NETWORK, config=CONFIG))
    session._dataset = finished(loading("folder", folder=digits_folder))
    yield session
    session.close()
    assert background.end_all()


def stepped(qtbot, session: Session, count: int = 1) -> list[Stage | None]:
    """Do so many stages, and return what stage is shown after each."""
    found: list[Stage | None] = []
    for _ in range(count):
        with qtbot.waitSignal(session.step_watch.step_changed, timeout=LONG):
            session.step_stage()
        qtbot.waitUntil(lambda: session.run_state is RunState.PAUSED, timeout=LONG)
        found.append(session.step_watch.details.stage if session.step_watch.details else None)
    return found


def same(one: Weights, other: Weights) -> bool:
    return all(np.array_equal(array, other[key]) for key, array in one.items())


def test_every_wish_does_one_stage_and_the_update_changes_the_weights(qtbot, session: Session):
    start = session.weights
    assert stepped(qtbot, session, 3) == [Stage.FORWARD, Stage.LOSS, Stage.BACKWARD]
    assert same(session.weights, start)
    assert session.gradients.keys() == start.keys()
    assert len(session.history) == 0
    assert stepped(qtbot, session) == [Stage.UPDATE]
    assert not same(session.weights, start)
    assert len(session.history) == 1
    assert stepped(qtbot, session) == [Stage.FORWARD]


def test_training_goes_on_amid_a_batch_to_the_same_weights(qtbot, session: Session):
    stepped(qtbot, session, 6)
    session.train()
    qtbot.waitUntil(lambda: session.run_state is RunState.FINISHED, timeout=LONG)
    assert session.step_watch.details is None
    slowly, losses = session.weights, session.history.batch_losses
    session.undo_stack.clear()
    session.reset_weights()
    session.train()
    qtbot.waitUntil(lambda: session.run_state is RunState.FINISHED, timeout=LONG)
    np.testing.assert_array_equal(session.history.batch_losses, losses)
    assert same(session.weights, slowly)


def test_one_batch_completes_the_batch_that_was_begun(qtbot, session: Session):
    stepped(qtbot, session, 2)
    session.step_batch()
    qtbot.waitUntil(lambda: session.run_state is RunState.PAUSED and len(session.history) == 1, timeout=LONG)
    assert session.step_watch.details is None
    assert session.progress is not None
    assert session.progress.step == 1


def test_after_the_last_batch_the_validation_comes_by_itself(qtbot, session: Session):
    stages = stepped(qtbot, session, 16)
    assert stages == 4 * list(Stage)
    assert len(session.history.epochs) == 0
    session.step_stage()
    qtbot.waitUntil(lambda: session.run_state is RunState.FINISHED, timeout=LONG)
    assert len(session.history.epochs) == 1
    assert stepped(qtbot, session) == [Stage.FORWARD]  # of another epoch


def test_an_edit_and_a_stop_end_the_slow_motion(qtbot, session: Session):
    stepped(qtbot, session, 2)
    session.edit("Remove", network=session.network.removed(1))
    assert session.step_watch.details is None
    assert session.run_state is RunState.IDLE
    stepped(qtbot, session, 4)
    assert len(session.step_watch.flow.points) == 1
    session.stop()
    assert session.step_watch.details is not None  # it may still be looked at
    stepped(qtbot, session)
    assert session.step_watch.flow.points == ()
    stepped(qtbot, session)
    with qtbot.waitSignal(session.step_watch.step_changed):
        session.stop()
    assert session.step_watch.details is None  # nothing follows upon half a step
