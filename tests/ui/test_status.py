"""The status bar says what the session says, until something else holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QMainWindow

from convscope.core.layers import BatchNorm, Dense, Flatten
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.training_config import TrainingConfig
from convscope.ui.document import Document
from convscope.ui.run_state import RunState
from convscope.ui.session import Session
from convscope.ui.status import StatusBar

LONG = 15_000  # milliseconds; a busy machine may take long to load torch


@pytest.fixture
def loaded(open_session: Callable[[Document], Session]) -> Session:
    return open_session(Document(preset("softmax").network, config=TrainingConfig(batch_size=20, epochs=2)))


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


def test_layers_with_new_weights_are_named_before_what_else_happened(loaded: Session, qtbot) -> None:
    layers = (Flatten(), Dense(units=5), BatchNorm(), Dense(units=10))
    loaded.edit("Take another network", network=Network(layers=layers))
    names = [layer.name for layer in loaded.network.layers]
    loaded.step_batch()
    qtbot.waitUntil(lambda: loaded.run_state is RunState.PAUSED, timeout=LONG)
    messages: list[str] = []
    loaded.message_shown.connect(messages.append)
    loaded.edit("Change units", network=loaded.network.replaced(1, Dense(units=7, name=names[1])))
    assert messages[-1] == f"New weights were drawn for {names[1]}, {names[2]}, {names[3]}. The run ended."


@pytest.mark.parametrize(("width", "fits"), [(1600, True), (420, False)])
def test_a_message_that_does_not_fit_ends_in_an_ellipsis_and_is_told_whole(
    loaded: Session, qtbot, width: int, fits: bool
) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    status = StatusBar(loaded, window)
    window.setStatusBar(status)
    window.resize(width, 200)
    window.show()
    text = "New weights were drawn for conv_1, batch_norm_1, conv_2, batch_norm_2, dense_1, dense_2. The run ended."
    loaded.message_shown.emit(text)
    QApplication.processEvents()
    assert (status.shown_text() == text) is fits
    assert text.startswith(status.shown_text().rstrip("…"))
    assert status.shown_text().endswith("…") is not fits
    QApplication.sendEvent(status, QHelpEvent(QEvent.Type.ToolTip, QPoint(9, 9), status.mapToGlobal(QPoint(9, 9))))
    assert status.toolTip() == ("" if fits else text)
