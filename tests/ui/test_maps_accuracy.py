"""The accuracy without some maps: measured in the background, comparable, and never in the way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QWidget

from convscope.core.data.progress import Progress, finished
from convscope.core.data.sources import loading
from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.module import build_module, load_weights
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig
from convscope.ui import background
from convscope.ui.document import Document
from convscope.ui.panels import maps_accuracy
from convscope.ui.panels.maps_accuracy import AccuracyLine
from convscope.ui.run_state import RunState
from convscope.ui.session import Session

NETWORK = Network((1, 28, 28), (Conv2d(filters=3, kernel_size=7, stride=3), Activation(), Flatten(), Dense(units=10)))
CONV = NETWORK.layers[0].name
LONG = 20_000  # milliseconds; a busy machine may take long to load torch


@pytest.fixture
def session(qtbot, monkeypatch: pytest.MonkeyPatch, digits_folder: Path) -> Iterator[Session]:
    monkeypatch.setattr(Session, "_ask", lambda _: None)
    session = Session(Document(NETWORK, config=TrainingConfig(batch_size=100, train_size=200, validation_size=150)))
    session._dataset = finished(loading("folder", folder=digits_folder))
    yield session
    session.close()
    assert background.end_all()


@pytest.fixture
def frame(qtbot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(600, 60)
    return widget


@pytest.fixture
def line(session: Session, frame: QWidget) -> AccuracyLine:
    widget = AccuracyLine(session, frame)
    widget.resize(600, 60)
    frame.show()
    return widget


def text(line: AccuracyLine) -> str:
    return line._text.text()


def button(line: AccuracyLine, name: str) -> QAbstractButton:
    found = line.findChild(QAbstractButton, name)
    assert found is not None
    return found


def switch(session: Session, *off: int) -> None:
    session.edit("Switch map off", switched_off=frozenset((CONV, channel) for channel in off))


def torchs_accuracy(session: Session, off: tuple[int, ...]) -> float:
    """Return the accuracy with the first layer's maps set to zero by hand."""
    assert session.dataset is not None
    config = session.config
    _, examples = session.dataset.split(config.train_size, config.validation_size, held_out=config.held_out)
    module = build_module(NETWORK).eval()
    load_weights(module, session.weights)
    x = module.operations[0](torch.tensor(examples.images) / 255)
    x[:, list(off)] = 0
    for operation in list(module.operations)[1:]:
        x = operation(x)
    return float(np.mean(x.argmax(1).numpy() == examples.labels))


def test_both_accuracies_are_torchs(qtbot, session: Session, line: AccuracyLine) -> None:
    assert not line.isVisible()
    switch(session, 2)
    assert line.isVisible()
    assert f"Without {CONV} map 2" in text(line)
    qtbot.waitUntil(lambda: "All maps" in text(line), timeout=LONG)
    whole, rest = (100 * torchs_accuracy(session, off) for off in ((), (2,)))
    assert text(line) == f"All maps: {whole:.1f} %. Without {CONV} map 2: {rest:.1f} % of 150 validation images."
    switch(session, 0, 1, 2)
    qtbot.waitUntil(lambda: "All maps" in text(line), timeout=LONG)
    rest = 100 * torchs_accuracy(session, (0, 1, 2))
    assert f"Without {CONV} map 0 and 2 more: {rest:.1f} %" in text(line)


def test_new_weights_are_measured_anew(qtbot, session: Session, line: AccuracyLine) -> None:
    switch(session, 1)
    qtbot.waitUntil(lambda: "All maps" in text(line), timeout=LONG)
    session.reset_weights()
    session.edit("Change seed", config=TrainingConfig(validation_size=100))
    assert "measuring" in text(line)
    qtbot.waitUntil(lambda: "of 100 validation images" in text(line), timeout=LONG)


def test_all_maps_are_switched_on_by_one_button(qtbot, session: Session, line: AccuracyLine) -> None:
    switch(session, 0, 1)
    qtbot.mouseClick(button(line, "all_maps_on"), Qt.MouseButton.LeftButton)
    assert session.switched_off == frozenset()
    assert not line.isVisible()


def test_a_measurement_can_be_cancelled_and_taken_up_again(qtbot, session: Session, line: AccuracyLine) -> None:
    switch(session, 2)
    qtbot.mouseClick(button(line, "accuracy_button"), Qt.MouseButton.LeftButton)
    assert "has not been measured" in text(line)
    assert not line._job.is_running
    assert button(line, "accuracy_button").text() == "Measure"
    qtbot.mouseClick(button(line, "accuracy_button"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "All maps" in text(line), timeout=LONG)
    assert not button(line, "accuracy_button").isVisible()


def test_nothing_is_measured_while_a_run_uses_all_maps(session: Session, line: AccuracyLine) -> None:
    session._run_state = RunState.RUNNING
    switch(session, 2)
    assert "Training uses all maps" in text(line)
    assert not line._pause.isActive()
    session._run_state = RunState.PAUSED
    session.run_state_changed.emit()
    assert "measuring" in text(line)
    line.window().hide()
    assert not line._pause.isActive()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: setattr(s, "_dataset", None), "Choose a data set"),
        (lambda s: s.edit("Break", network=NETWORK.replaced(3, Dense(units=7))), "the network has a problem"),
        (
            lambda s: s.edit("Colours", network=NETWORK.for_data((3, 28, 28), 10)),
            "but the network takes 28×28×3",
        ),
    ],
)
def test_why_there_is_no_accuracy(session: Session, line: AccuracyLine, change, words: str) -> None:
    change(session)
    switch(session, 2)
    assert words in text(line)


def test_a_failure_is_said_in_the_line(qtbot, session: Session, line: AccuracyLine, monkeypatch) -> None:
    def broken(*_):
        yield Progress("Classifying images", 0, 2)
        raise ValueError("The images are 3×3×1.")

    monkeypatch.setattr(maps_accuracy, "_course", broken)
    switch(session, 2)
    qtbot.waitUntil(lambda: "could not be measured: The images" in text(line), timeout=LONG)
