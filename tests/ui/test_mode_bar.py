"""The bar of the training mode: when it is there, what it says, and that its steps stop when nobody sees them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.layers import BatchNorm, Conv2d, Dense, Dropout, Flatten
from convscope.core.mode import Mode
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.ui import background
from convscope.ui.actions import make_actions
from convscope.ui.document import Document
from convscope.ui.mode_bar import ModeBar
from convscope.ui.session import Session

NETWORK = Network(layers=(Conv2d(4, 5, 2), Flatten(), Dropout(rate=0.9), Dense(units=10)))
LINE = Drawing((Stroke(((0.3, 0.2), (0.5, 0.8)), 0.08, False),))
LONG = 15_000


class Place(QMainWindow):
    """A window with nothing but the bar."""

    def __init__(self) -> None:
        super().__init__()
        self.session = Session(Document(NETWORK, drawing=LINE), self)
        self.actions_by_name = make_actions(self)
        self.bar = ModeBar(self.session, self.actions_by_name, self)
        self.addToolBar(self.bar)

    def press(self, name: str) -> None:
        self.actions_by_name[f"action_{name}"].trigger()


@pytest.fixture
def place(qtbot: QtBot) -> Iterator[Place]:
    place = Place()
    qtbot.addWidget(place)
    with qtbot.waitExposed(place):
        place.show()
    with qtbot.waitSignal(place.session.trace_changed, timeout=LONG):
        place.session.start()
    yield place
    place.session.close()
    assert background.end_all()


def test_it_is_there_while_training_is_seen(place: Place) -> None:
    assert not place.bar.isVisible()
    place.press("training_mode")
    assert place.session.mode is Mode.TRAINING
    assert place.bar.isVisible()
    place.press("split_modes")
    assert place.session.is_split
    place.press("training_mode")
    assert place.bar.isVisible()  # both are still seen
    place.press("split_modes")
    assert (place.session.mode, place.session.is_split) == (Mode.INFERENCE, False)
    assert not place.bar.isVisible()


def test_it_says_whether_the_two_agree_and_why_not(qtbot: QtBot, place: Place) -> None:
    place.press("training_mode")
    qtbot.waitUntil(lambda: "dropout_1 drops 90 % of the values" in place.bar.sentence, timeout=LONG)
    pair = place.session.both_traces
    assert pair is not None
    inference, training = pair
    assert (inference.mode, training.mode) == (Mode.INFERENCE, Mode.TRAINING)
    assert training is place.session.trace
    assert place.session.other_trace is None  # not side by side
    place.session.edit("Let go", network=NETWORK.replaced(2, Dropout(rate=0)))
    qtbot.waitUntil(lambda: place.bar.sentence.startswith("They agree"), timeout=LONG)


def test_a_batch_size_of_1_is_said_to_leave_the_drawing_alone(qtbot: QtBot, place: Place) -> None:
    session = place.session
    session.edit("Norm", network=NETWORK.inserted(1, BatchNorm()))
    place.press("split_modes")
    qtbot.waitUntil(lambda: "load data to give it company" in place.bar.sentence, timeout=LONG)
    session.edit("Change batch size", config=dataclasses.replace(session.config, batch_size=1))
    qtbot.waitUntil(lambda: "(the batch size is 1)" in place.bar.sentence, timeout=LONG)


def test_an_empty_sheet_and_a_problem_are_said(qtbot: QtBot, place: Place) -> None:
    place.press("split_modes")
    place.session.edit("Clear", drawing=Drawing())
    qtbot.waitUntil(lambda: place.bar.sentence.startswith("Draw something"), timeout=LONG)
    place.session.edit("Break", network=NETWORK.removed(1))
    qtbot.waitUntil(lambda: "problem" in place.bar.sentence, timeout=LONG)


def test_predicted_numbers_are_compared(qtbot: QtBot, place: Place) -> None:
    session = place.session
    place.press("training_mode")
    with qtbot.waitSignal(session.dataset_changed, timeout=LONG):
        session.load_preset(preset("height-mlp"))
    session.edit("Choose row", drawing=Drawing(numbers=(-0.96, -1.36), target=0.96))
    qtbot.waitUntil(lambda: session.both_traces is not None, timeout=LONG)
    qtbot.waitUntil(lambda: place.bar.sentence.startswith("They agree"), timeout=LONG)
    prediction = f"{float(session.trace.logits[0]):.3g} m".replace("-", "−")
    assert place.bar.sentence.startswith(f"They agree: {prediction}. Nothing in this network works in another way")


def test_a_network_of_numbers_with_a_problem_says_so(qtbot: QtBot, place: Place) -> None:
    place.press("training_mode")
    numbers = preset("height-mlp").network
    place.session.edit("Break", network=numbers.replaced(3, Dense(units=2)))
    qtbot.waitUntil(lambda: "has a problem" in place.bar.sentence, timeout=LONG)


def test_a_large_network_stays_in_inference_and_says_so(qtbot: QtBot, place: Place) -> None:
    place.press("training_mode")
    place.session.edit("Choose", network=preset("vgg-16").network)
    qtbot.waitUntil(lambda: "always seen in inference" in place.bar.sentence, timeout=LONG)


def test_another_step_is_drawn_by_key_and_by_itself(qtbot: QtBot, place: Place) -> None:
    assert not place.actions_by_name["action_resample"].isEnabled()
    place.press("training_mode")
    place.press("resample")
    assert place.session.mask_seed == 1
    place.press("resample_running")
    qtbot.waitUntil(lambda: place.session.mask_seed > 2, timeout=LONG)


def test_steps_rest_while_nobody_sees_them(qtbot: QtBot, place: Place) -> None:
    place.press("training_mode")
    place.press("resample_running")
    timer = place.bar._timer
    assert timer.isActive()
    place.hide()
    assert not timer.isActive()
    place.show()
    assert timer.isActive()
    place.press("training_mode")
    assert not timer.isActive()
    assert not place.actions_by_name["action_resample_running"].isChecked()


def test_a_mode_changed_elsewhere_is_shown(place: Place) -> None:
    place.session.change_mode(Mode.TRAINING)
    assert place.actions_by_name["action_training_mode"].isChecked()
    place.session.show_split(True)
    assert place.actions_by_name["action_split_modes"].isChecked()


def test_a_remembered_arrangement_brings_no_bar_without_its_mode(qtbot: QtBot, place: Place) -> None:
    place.press("training_mode")
    state = place.saveState()
    place.press("training_mode")
    place.restoreState(state)
    place.bar.show_mode()
    assert not place.bar.isVisible()
