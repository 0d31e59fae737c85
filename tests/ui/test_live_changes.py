"""Changes that a run takes over while it goes on: undone, redone, and beside the run itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from convscope.core.layers import BatchNorm, Conv2d, Dense, Dropout, Flatten
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig
from convscope.ui import document
from convscope.ui.document import Document
from convscope.ui.run_state import RunState
from convscope.ui.session import Session

NETWORK = Network(layers=(Conv2d(2, 5, 3), BatchNorm(), Flatten(), Dropout(0.2), Dense(10)))
LONG = 40_000  # milliseconds; a busy machine may take long to load torch


@pytest.fixture
def session(open_session: Callable[[Document], Session]) -> Session:
    return open_session(Document(NETWORK, config=TrainingConfig(batch_size=50, epochs=2)))


def until(qtbot: QtBot, session: Session, state: RunState) -> None:
    qtbot.waitUntil(lambda: session.run_state is state, timeout=LONG)


def another_batch(qtbot: QtBot, session: Session) -> None:
    with qtbot.waitSignal(session.history_changed, timeout=LONG, check_params_cb=lambda: len(session.history) > 0):
        session.step_batch()
    until(qtbot, session, RunState.PAUSED)


@pytest.mark.parametrize(
    ("name", "settings"),
    [("dropout_1", ({"rate": 0.3}, {"rate": 0.5})), ("batch_norm_1", ({"momentum": 0.2}, {"momentum": 1}))],
)
def test_undo_of_a_dragged_setting_keeps_what_was_learned_since(
    session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, name: str, settings: tuple[dict[str, Any], ...]
) -> None:
    monkeypatch.setattr(document, "MERGE_SECONDS", 60)  # a busy machine may be slow between two values
    another_batch(qtbot, session)
    place = NETWORK.index_of(name)
    for values in settings:
        session.edit(f"Change {name}", network=NETWORK.replaced(place, NETWORK.layers[place].changed(**values)))
        another_batch(qtbot, session)
    assert session.undo_stack.count() == 1
    dragged = session.network
    for step, network in ((session.undo_stack.undo, NETWORK), (session.undo_stack.redo, dragged)):
        learned = session.weights
        step()
        assert (session.network, session.run_state) == (network, RunState.PAUSED)
        for key, array in session.weights.items():
            np.testing.assert_array_equal(array, learned[key])
        another_batch(qtbot, session)
    assert [len(run.history) for run in session.runs] == [5]


def test_restoring_the_run_that_goes_on_lets_it_go_on(session: Session, qtbot: QtBot) -> None:
    another_batch(qtbot, session)
    steps = session.undo_stack.count()
    assert not session.restore_run(1)
    assert (session.goes_on, session.run_state, session.undo_stack.count()) == (1, RunState.PAUSED, steps)
    session.train()
    until(qtbot, session, RunState.FINISHED)
    assert not session.restore_run(1)
    assert session.goes_on == 1  # Train makes it longer
