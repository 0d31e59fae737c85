"""A network that is too large for its weights to be drawn in passing: without them, on request, saved and opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from convscope.core.data.drawing import Drawing, Stroke, network_image
from convscope.core.layers import Activation, Dense, Flatten
from convscope.core.network import Network
from convscope.core.presets import Preset, preset
from convscope.core.project import Project, load, save
from convscope.core.trace import trace
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import check_weights, frozen, initial_weights
from convscope.ui import background, large_tracing
from convscope.ui.document import Document
from convscope.ui.run_state import RunState
from convscope.ui.session import Session

SMALL = Network(layers=(Flatten(), Dense(8), Dense(10)))
LARGE = Network(layers=(Flatten(), Dense(16_384), Activation(), Dense(400), Dense(10)))
LINE = Drawing((Stroke(((0.3, 0.2), (0.5, 0.8)), 0.08, False),))
LONG = 30_000  # milliseconds; a busy machine may take long to load torch


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(Document(SMALL, config=TrainingConfig(batch_size=20, epochs=1, seed=2)))
    yield session
    session.close()
    assert background.end_all()
    session.deleteLater()


@pytest.fixture
def large(session: Session) -> Session:
    session.load_preset(Preset("large", "Large", network=LARGE, training=TrainingConfig(seed=2)))
    return session


@pytest.fixture
def drawn(large: Session, qtbot: QtBot) -> Session:
    draw(large, qtbot)
    return large


def draw(session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.draw_and_run()


def test_a_large_network_is_there_without_weights_and_says_what_to_do(large: Session):
    assert large.network == LARGE
    assert large.weights == {}
    assert large.lacks_weights
    assert large.waiting == "This network has no weights yet. Choose Training → Draw random weights and run."
    assert large.computing is None


def test_nothing_is_traced_without_weights(large: Session, qtbot: QtBot):
    large.start()
    large.edit("Draw", drawing=LINE)
    with qtbot.waitSignal(large.devices_changed, timeout=LONG):  # torch is loaded all the same, for training
        pass
    assert large.trace is None
    assert large.computing is None


def test_on_request_weights_are_drawn_and_the_picture_goes_through(large: Session, qtbot: QtBot):
    large.edit("Draw", drawing=LINE)
    texts = list[str]()
    large.computing_changed.connect(lambda: texts.append(large.computing.text if large.computing else "done"))
    draw(large, qtbot)
    assert texts[0] == "Getting ready"
    assert texts[-1] == "done"
    expected = initial_weights(LARGE, 2)
    for key, array in expected.items():
        np.testing.assert_array_equal(large.weights[key], array)
    oracle = trace(LARGE, expected, network_image(LINE))
    assert oracle.probabilities is not None
    np.testing.assert_allclose(large.trace.probabilities, oracle.probabilities, rtol=1e-5)
    assert large.trace.weights is large.weights
    assert (large.lacks_weights, large.waiting) == (False, "")


def test_cancelled_at_once_everything_is_as_before(large: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(large_tracing, "PACE", 0.0)  # or a fast computer were done before it told anything
    done = list[int]()

    def cancel() -> None:
        done.append(large.computing.done if large.computing is not None else 0)
        if done[-1] > 0:
            large.cancel_computing()

    large.computing_changed.connect(cancel)
    large.draw_and_run()
    qtbot.waitUntil(lambda: large.computing is None, timeout=LONG)
    large.computing_changed.disconnect(cancel)
    assert max(done) > 0
    assert large.lacks_weights
    assert background.end_all(LONG)
    assert large.trace is None
    assert large.weights == {}
    draw(large, qtbot)
    assert not large.lacks_weights


def test_a_picture_drawn_meanwhile_follows_by_itself(large: Session, qtbot: QtBot):
    large.draw_and_run()
    large.edit("Draw", drawing=LINE)  # must not begin the drawing of the weights anew, nor be forgotten
    assert large.computing is not None
    qtbot.waitUntil(lambda: large.trace is not None and large.trace.image is large.image, timeout=LONG)
    assert large.computing is None
    np.testing.assert_array_equal(large.trace.image, network_image(LINE))


def test_a_finished_stroke_is_traced_and_an_unfinished_one_is_not(drawn: Session, qtbot: QtBot):
    drawn.preview_drawing(LINE)
    assert drawn.computing is None
    drawn.edit("Draw", drawing=LINE)
    qtbot.waitUntil(lambda: drawn.trace.image is drawn.image, timeout=LONG)
    np.testing.assert_array_equal(drawn.trace.image, network_image(LINE))


def test_a_later_pass_is_told_but_not_to_the_views(drawn: Session, qtbot: QtBot):
    steps, wakes = list[str](), list[int]()
    drawn.computing_progressed.connect(lambda: steps.append(drawn.computing.text if drawn.computing else ""))
    drawn.computing_changed.connect(lambda: wakes.append(1))
    drawn.edit("Draw", drawing=LINE)  # the answer to the picture before may still be on its way
    qtbot.waitUntil(lambda: drawn.trace.image is drawn.image and drawn.computing is None, timeout=LONG)
    assert steps[0] == "Getting ready"
    assert steps[-1] == ""
    assert wakes == []


def test_another_network_ends_the_work(large: Session, qtbot: QtBot):
    large.draw_and_run()
    large.edit("Shrink", network=SMALL)
    qtbot.waitUntil(lambda: large.computing is None, timeout=LONG)
    check_weights(SMALL, large.weights)


def test_undo_and_redo_keep_the_weights_that_were_drawn_between(large: Session, qtbot: QtBot):
    wider = LARGE.replaced(3, Dense(500))
    large.edit("Change units of dense_2", network=wider)
    draw(large, qtbot)
    kept = large.weights["dense_1.weight"]
    large.undo_stack.undo()
    assert large.network == LARGE
    assert large.weights["dense_1.weight"] is kept
    assert not large.lacks_weights  # what the step changes is little and drawn at once
    check_weights(LARGE, large.weights)
    large.undo_stack.redo()
    assert large.weights["dense_1.weight"] is kept
    check_weights(wider, large.weights)


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        (1, "The weights of dense_1, dense_2 no longer fit."),  # too much to be drawn in passing
        (3, "New weights were drawn for dense_2, dense_3."),
    ],
)
def test_weights_are_not_said_to_be_drawn_before_they_are(drawn: Session, layer: int, told: str):
    messages: list[str] = []
    drawn.message_shown.connect(messages.append)
    drawn.edit("Change units", network=drawn.network.replaced(layer, Dense(300 if layer == 3 else 16_000)))
    assert messages == [told]
    assert drawn.lacks_weights is (layer == 1)


def test_undoing_the_choice_of_a_large_network_forgets_its_weights(drawn: Session):
    drawn.undo_stack.undo()
    assert drawn.network is SMALL
    assert drawn.weights.keys() == initial_weights(SMALL, 0).keys()
    check_weights(SMALL, drawn.weights)
    drawn.undo_stack.redo()
    assert drawn.lacks_weights


def test_reset_forgets_the_weights_and_undo_brings_them_back(drawn: Session):
    weights = drawn.weights
    drawn.reset_weights()
    assert drawn.lacks_weights
    drawn.undo_stack.undo()
    assert drawn.weights["dense_1.weight"] is weights["dense_1.weight"]


def test_random_weights_are_not_saved_and_the_seed_gives_them_again(drawn: Session, qtbot: QtBot, tmp_path: Path):
    drawn.edit("Draw", drawing=LINE)
    weights = drawn.weights
    path = tmp_path / "large.safetensors"
    save(path, drawn.project())
    assert path.stat().st_size < 100_000
    drawn.open_project(load(path))
    assert drawn.network == LARGE
    assert drawn.lacks_weights
    draw(drawn, qtbot)
    for key, array in weights.items():
        np.testing.assert_array_equal(drawn.weights[key], array)


def test_weights_that_are_not_random_are_saved(session: Session, tmp_path: Path):
    learned = frozen({key: array + 1 for key, array in initial_weights(LARGE, 0).items()})
    session.open_project(Project(LARGE, learned))
    assert not session.lacks_weights
    assert session.project().weights.keys() == learned.keys()
    save(tmp_path / "learned.safetensors", session.project())
    read = load(tmp_path / "learned.safetensors").weights
    np.testing.assert_array_equal(read["dense_3.bias"], learned["dense_3.bias"])


def test_training_refuses_images_of_another_size_in_one_sentence(session: Session, qtbot: QtBot, digits_folder: Path):
    with qtbot.waitSignal(session.dataset_changed, timeout=LONG):
        session.change_dataset("folder", digits_folder)
    session.load_preset(preset("vgg-16"))
    with qtbot.waitSignal(session.failed) as failure:
        session.train()
    assert "28×28×1, but the network takes 224×224×3. Choose data" in (failure.args or [""])[0]
    assert session.run_state is RunState.IDLE


def test_training_draws_the_weights_that_are_missing(large: Session, qtbot: QtBot, digits_folder: Path):
    with qtbot.waitSignal(large.dataset_changed, timeout=LONG):
        large.change_dataset("folder", digits_folder)
    assert large.network == LARGE
    large.step_batch()
    qtbot.waitUntil(lambda: large.run_state is RunState.PAUSED, timeout=LONG)
    assert not large.lacks_weights
    assert large.project().weights.keys() == large.weights.keys()  # they have learned something
