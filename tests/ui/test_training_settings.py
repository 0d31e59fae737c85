"""Settings of a run as the session uses them: first weights, early stopping, and what changes while it goes on."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.settings import SettingError, settings_of
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import initial_weights
from convscope.ui.document import Document
from convscope.ui.run_state import RunState
from convscope.ui.session import Session
from convscope.ui.widgets.setting_text import text_of, value_of

NETWORK = Network(layers=(Conv2d(4, 5, 2), Activation(), Flatten(), Dense(10)))
LONG = 15_000  # milliseconds; a busy machine may take long to load torch
# Weights that do not move: the validation loss is the same after every epoch.
STILL = TrainingConfig(optimizer="sgd", learning_rate=1e-8, batch_size=20, epochs=9, patience=2)


@pytest.fixture
def session(open_session: Callable[[Document], Session]) -> Session:
    return open_session(Document(NETWORK, config=TrainingConfig(batch_size=20, epochs=2)))


def until(qtbot, session: Session, state: RunState) -> None:
    qtbot.waitUntil(lambda: session.run_state is state, timeout=LONG)


def change(session: Session, **changes: object) -> None:
    session.edit("Change a setting", config=dataclasses.replace(session.config, **changes))


def test_other_first_weights_wait_until_the_weights_are_reset(session: Session):
    before = session.weights
    change(session, initialisation="he", seed=4)
    assert session.weights is before
    session.reset_weights()
    expected = initial_weights(session.network, 4, "he")
    for key, array in expected.items():
        np.testing.assert_array_equal(session.weights[key], array, err_msg=key)
    session.undo_stack.undo()
    for key, array in before.items():
        np.testing.assert_array_equal(session.weights[key], array, err_msg=key)


def test_a_new_layer_gets_first_weights_of_the_chosen_kind(session: Session):
    change(session, initialisation="zeros")
    session.edit("Add dense", network=session.network.inserted(3, Dense(units=5)))
    assert not session.weights["dense_2.weight"].any()
    assert session.weights["conv_1.weight"].any()


def test_a_run_that_no_longer_gets_better_says_so_and_goes_on_when_asked(session: Session, qtbot):
    messages: list[str] = []
    session.message_shown.connect(messages.append)
    session.edit("Settings", config=STILL)
    session.train()
    until(qtbot, session, RunState.FINISHED)
    done = len(session.history.epochs)
    assert done < 9
    assert session.progress is not None
    assert session.progress.note in messages
    assert session.progress.note.startswith(f"Stopped after epoch {done}: the validation loss has not fallen for 2 ")
    change(session, patience=0, epochs=2)
    assert session.run_state is RunState.FINISHED
    session.train()
    until(qtbot, session, RunState.RUNNING)
    until(qtbot, session, RunState.FINISHED)
    assert [point.epoch for point in session.history.epochs] == list(range(1, done + 3))
    assert session.progress.note == ""


def test_augmentation_and_weight_decay_change_while_a_run_goes_on(session: Session, qtbot):
    change(session, epochs=10_000)
    session.train()
    until(qtbot, session, RunState.RUNNING)
    change(session, noise=0.2, weight_decay=0.01, initialisation="glorot")
    assert session.run_state is RunState.RUNNING
    session.pause()
    until(qtbot, session, RunState.PAUSED)
    session.step_batch()
    until(qtbot, session, RunState.RUNNING)
    until(qtbot, session, RunState.PAUSED)
    change(session, seed=3)
    assert session.run_state is RunState.IDLE


@pytest.mark.parametrize(("name", "word"), [("train_size", "all"), ("validation_size", "usual"), ("patience", "off")])
def test_zero_reads_as_what_it_means_and_can_be_typed_so(name: str, word: str):
    setting = next(setting for setting in settings_of(TrainingConfig) if setting.name == name)
    assert text_of(setting, 0) == word
    assert text_of(setting, 12) == "12"
    assert value_of(setting, word.upper()) == value_of(setting, "0") == 0
    with pytest.raises(SettingError):
        value_of(setting, "none")
