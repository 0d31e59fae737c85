"""The status bar says what the session says, until something else holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMainWindow

from convscope.core.layers import BatchNorm, Dense, Flatten
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.training_config import TrainingConfig
from convscope.ui import background
from convscope.ui.document import Document
from convscope.ui.run_state import RunState
from convscope.ui.session import Session
from convscope.ui.status import StatusBar

LONG = 15_000  # milliseconds; a busy machine may take long to load torch


@pytest.fixture
def loaded(qtbot, digits_folder: Path) -> Iterator[Session]:
    session = Session(Document(preset("softmax").network, config=TrainingConfig(batch_size=20, epochs=2)))
    with qtbot.waitSignal(session.dataset_changed, timeout=LONG):
        session.change_dataset("folder", digits_folder)
    yield session
    session.close()
    assert background.end_all()
    session.deleteLater()


def test_a_batch_of_one_behind_batch_norm_is_told_without_a_failure(loaded: Session, qtbot) -> None:
    lone = Network(layers=(Flatten(), Dense(units=5), BatchNorm(), Dense(units=10)))
    loaded.edit("Normalise", network=lone, config=dataclasses.replace(loaded.config, batch_size=1))
    with qtbot.assertNotEmitted(loaded.failed), qtbot.waitSignal(loaded.message_shown) as told:
        loaded.train()
    assert "batch size of at least 2" in told.args[0]
    assert loaded.run_state is RunState.IDLE


def test_what_was_said_before_a_run_goes_when_it_begins(loaded: Session, qtbot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    status = StatusBar(loaded, window)
    loaded.load_preset(preset("softmax"))
    assert "the weights are new" in status.currentMessage()
    loaded.step_batch()
    assert status.currentMessage() == ""
    qtbot.waitUntil(lambda: loaded.run_state is RunState.PAUSED, timeout=LONG)
    loaded.stop()
    assert status.currentMessage() == ""


def test_that_an_edit_ended_the_run_is_read_after_the_edit(loaded: Session, qtbot) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    status = StatusBar(loaded, window)
    loaded.step_batch()
    qtbot.waitUntil(lambda: loaded.run_state is RunState.PAUSED, timeout=LONG)
    loaded.edit("Remove a bias", network=loaded.network.replaced(1, Dense(units=10, bias=False)))
    assert "the training run was ended" in status.currentMessage()
    qtbot.waitUntil(lambda: not status._is_new)
    loaded.undo_stack.undo()
    assert status.currentMessage() == ""
