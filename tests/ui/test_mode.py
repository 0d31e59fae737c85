"""Seeing the network in training and in inference: what the session traces, and what stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten
from convscope.core.mode import Mode
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig
from convscope.ui import background
from convscope.ui.document import Document
from convscope.ui.session import Session

NETWORK = Network(
    layers=(Conv2d(4, 5, 2), BatchNorm(), Activation(), Flatten(), Dropout(rate=0.5), Dense(units=10)),
)
LINE = Drawing((Stroke(((0.3, 0.2), (0.5, 0.8)), 0.08, False),))
LONG = 15_000  # milliseconds; a busy machine may take long to load torch


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(Document(NETWORK, config=TrainingConfig(batch_size=20, epochs=1), drawing=LINE))
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.start()
    yield session
    session.close()
    assert background.end_all()
    session.deleteLater()


@pytest.fixture
def loaded(session: Session, qtbot: QtBot, digits_folder: Path) -> Session:
    with qtbot.waitSignal(session.dataset_changed, timeout=LONG):
        session.change_dataset("folder", digits_folder)
    return session


def seen_in(qtbot: QtBot, session: Session, mode: Mode) -> None:
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.change_mode(mode)


def test_a_session_begins_in_inference(session: Session) -> None:
    assert session.mode is Mode.INFERENCE
    assert session.trace.mode is Mode.INFERENCE
    assert session.other_trace is None


def test_the_mode_is_a_way_of_looking(qtbot: QtBot, loaded: Session) -> None:
    seen_in(qtbot, loaded, Mode.TRAINING)
    assert loaded.trace.mode is Mode.TRAINING
    assert not loaded.modified
    assert loaded.undo_stack.count() == 0
    seen_in(qtbot, loaded, Mode.INFERENCE)
    assert loaded.trace.mode is Mode.INFERENCE


def test_the_drawing_shares_its_batch_with_training_images(qtbot: QtBot, loaded: Session) -> None:
    seen_in(qtbot, loaded, Mode.TRAINING)
    assert loaded.trace.batch == 20
    assert loaded.trace.batch_statistics["batch_norm_1"].count == 20 * 12 * 12
    with qtbot.waitSignal(loaded.trace_changed, timeout=LONG):
        loaded.edit("Change batch size", config=TrainingConfig(batch_size=8, epochs=1))
    assert loaded.trace.batch == 8


def test_without_data_the_drawing_is_a_batch_of_its_own(qtbot: QtBot, session: Session) -> None:
    seen_in(qtbot, session, Mode.TRAINING)
    assert session.trace.batch == 1


def test_data_that_come_later_join_the_batch(qtbot: QtBot, session: Session, digits_folder: Path) -> None:
    seen_in(qtbot, session, Mode.TRAINING)
    session.change_dataset("folder", digits_folder)
    qtbot.waitUntil(lambda: session.trace.batch == 20, timeout=LONG)


def test_resampling_shows_another_step(qtbot: QtBot, loaded: Session) -> None:
    seen_in(qtbot, loaded, Mode.TRAINING)
    before = loaded.trace
    with qtbot.waitSignals([loaded.mode_changed, loaded.trace_changed], timeout=LONG):
        loaded.resample()
    assert loaded.mask_seed == before.seed + 1 == loaded.trace.seed
    assert not np.array_equal(before.masks["dropout_1"], loaded.trace.masks["dropout_1"])
    means = [trace.batch_statistics["batch_norm_1"].mean for trace in (before, loaded.trace)]
    assert not np.array_equal(*means)  # of other companions


def test_both_modes_are_seen_side_by_side_of_the_same_drawing(qtbot: QtBot, loaded: Session) -> None:
    with qtbot.waitSignal(loaded.trace_changed, timeout=LONG):
        loaded.show_split(True)
    assert (loaded.trace.mode, loaded.other_trace.mode) == (Mode.INFERENCE, Mode.TRAINING)
    assert loaded.trace.image is loaded.other_trace.image
    seen_in(qtbot, loaded, Mode.TRAINING)
    assert (loaded.trace.mode, loaded.other_trace.mode) == (Mode.TRAINING, Mode.INFERENCE)
    with qtbot.waitSignal(loaded.mode_changed):
        loaded.show_split(False)
    assert loaded.other_trace is None


def test_a_preview_of_the_pen_is_traced_in_both(qtbot: QtBot, loaded: Session) -> None:
    loaded.show_split(True)
    with qtbot.waitSignal(loaded.trace_changed, timeout=LONG):
        loaded.preview_drawing(Drawing())
    qtbot.waitUntil(lambda: loaded.trace.image is loaded.image, timeout=LONG)
    assert loaded.other_trace.image is loaded.image


def test_what_needs_inference_finds_it_in_any_mode(qtbot: QtBot, loaded: Session) -> None:
    assert loaded.inference_trace is loaded.trace
    seen_in(qtbot, loaded, Mode.TRAINING)
    assert loaded.inference_trace.mode is Mode.INFERENCE
    assert loaded.inference_trace.image is loaded.image
