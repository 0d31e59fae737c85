"""The session: edits, undo, traces, runs and data, without a window."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from convscope.core.data.drawing import Drawing, Picture, Stroke, network_image
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Flatten
from convscope.core.module import build_module, load_weights
from convscope.core.network import Network
from convscope.core.presets import Preset, preset
from convscope.core.project import load, save
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import check_weights, frozen, initial_weights
from convscope.ui import background
from convscope.ui.document import Document
from convscope.ui.run_state import RunState
from convscope.ui.session import Session

NETWORK = Network(layers=(Conv2d(4, 5, 2), Activation(), Flatten(), Dense(10)))
LINE = Drawing((Stroke(((0.3, 0.2), (0.5, 0.8)), 0.08, False),))
LONG = 15_000  # milliseconds; a busy machine may take long to load torch


@pytest.fixture
def session(qtbot) -> Iterator[Session]:
    session = Session(Document(NETWORK, config=TrainingConfig(batch_size=20, epochs=2)))
    yield session
    session.close()
    assert background.end_all()
    session.deleteLater()


@pytest.fixture
def loaded(session: Session, qtbot, digits_folder: Path) -> Session:
    with qtbot.waitSignal(session.dataset_changed, timeout=LONG):
        session.change_dataset("folder", digits_folder)
    return session


def until(qtbot, session: Session, state: RunState) -> None:
    qtbot.waitUntil(lambda: session.run_state is state, timeout=LONG)


def test_starts_with_weights_for_its_network(session: Session):
    check_weights(session.network, session.weights)
    assert not session.modified


def test_an_edit_keeps_weights_and_names_the_layers_that_start_anew(session: Session, qtbot):
    before = session.weights
    messages: list[str] = []
    session.message_shown.connect(messages.append)
    session.edit("Change bias of dense_1", network=session.network.replaced(3, Dense(10, bias=False)))
    assert messages == []
    np.testing.assert_array_equal(session.weights["dense_1.weight"], before["dense_1.weight"])
    session.edit("Change kernel of conv_1", network=session.network.replaced(0, Conv2d(4, 3, 2, padding=1)))
    assert "conv_1, dense_1" in messages[0]
    check_weights(session.network, session.weights)
    session.undo_stack.undo()
    session.undo_stack.undo()
    assert session.network is NETWORK
    for key, array in before.items():
        np.testing.assert_array_equal(session.weights[key], array)


def test_the_trace_is_torchs_own(session: Session, qtbot):
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.edit("Draw", drawing=LINE)
    module = build_module(session.network).eval()
    load_weights(module, session.weights)
    with torch.no_grad():
        expected = torch.softmax(module(torch.tensor(network_image(LINE))[None])[0], 0)
    np.testing.assert_allclose(session.trace.probabilities, expected.numpy(), rtol=1e-5, atol=1e-7)


def test_a_preview_is_traced_but_cannot_be_undone(session: Session, qtbot):
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.preview_drawing(LINE)
    np.testing.assert_array_equal(session.trace.image, network_image(LINE))
    assert session.undo_stack.count() == 0
    assert session.drawing.is_empty


def test_previewed_weights_are_traced_but_not_kept(session: Session, qtbot):
    before = session.weights
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.preview_weights({"dense_1.bias": np.arange(10, dtype=np.float32) * 10})
    assert session.trace.probabilities.argmax() == 9
    assert session.weights is before
    assert session.undo_stack.count() == 0
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.preview_weights({})
    assert session.trace.probabilities.max() < 0.9


def test_an_edit_ends_a_preview(session: Session, qtbot):
    session.preview_weights({"dense_1.bias": np.arange(10, dtype=np.float32) * 10})
    zeros = np.zeros_like(session.weights["dense_1.weight"])
    weights = frozen({**session.weights, "dense_1.weight": zeros, "dense_1.bias": zeros[:, 0].copy()})
    session.edit("Empty dense_1", weights=weights)
    qtbot.waitUntil(
        lambda: session.trace is not None and np.allclose(session.trace.probabilities, 0.1, atol=1e-6), timeout=LONG
    )


def test_gradients_are_there_while_training_until_the_weights_are_edited(loaded: Session, qtbot):
    loaded.step_batch()
    until(qtbot, loaded, RunState.PAUSED)
    assert {key: array.shape for key, array in loaded.gradients.items()} == {
        key: array.shape for key, array in loaded.weights.items()
    }
    messages: list[str] = []
    loaded.message_shown.connect(messages.append)
    changed = frozen({**loaded.weights, "conv_1.bias": np.ones(4, np.float32)})
    loaded.edit("Change bias", weights=changed)
    assert len(loaded.gradients) == 0
    assert loaded.run_state is RunState.IDLE
    assert messages == ["The weights changed, so the training run was ended."]


def test_the_selection_follows_its_layer(session: Session):
    session.select(3)
    session.edit("Insert", network=session.network.inserted(0, Activation()))
    assert session.selected == 4
    session.edit("Remove", network=session.network.removed(4))
    assert session.selected == 3
    session.select(99)
    assert session.selected == 3
    session.select(-5)
    assert session.selected == -1


def test_train_finishes_and_training_again_extends(loaded: Session, qtbot):
    loaded.train()
    until(qtbot, loaded, RunState.FINISHED)
    assert [point.epoch for point in loaded.history.epochs] == [1, 2]
    assert len(loaded.history) == 2 * 30
    assert loaded.modified
    loaded.train()
    qtbot.waitUntil(lambda: len(loaded.history.epochs) == 4, timeout=LONG)
    until(qtbot, loaded, RunState.FINISHED)
    assert loaded.history.batch_epochs[-1] == 4
    assert loaded.progress is not None
    assert loaded.progress.epochs == 4


def test_the_window_learns_the_same_as_the_core(loaded: Session, qtbot):
    from convscope.core.training import train

    start = loaded.weights
    loaded.train()
    until(qtbot, loaded, RunState.FINISHED)
    dataset = loaded.dataset
    assert dataset is not None
    *_, last = train(NETWORK, start, loaded.config, dataset.train, dataset.test)
    for key, array in last.weights.items():
        np.testing.assert_array_equal(loaded.weights[key], array)


def test_one_batch_is_one_batch(loaded: Session, qtbot):
    loaded.step_batch()
    until(qtbot, loaded, RunState.PAUSED)
    assert len(loaded.history) == 1
    loaded.step_batch()
    qtbot.waitUntil(lambda: len(loaded.history) == 2, timeout=LONG)
    until(qtbot, loaded, RunState.PAUSED)
    loaded.step_epoch()
    qtbot.waitUntil(lambda: len(loaded.history.epochs) == 1, timeout=LONG)
    until(qtbot, loaded, RunState.PAUSED)
    assert len(loaded.history) == 30


def test_a_pause_rests_and_train_goes_on(loaded: Session, qtbot):
    loaded.edit("Change epochs", config=dataclasses.replace(loaded.config, epochs=1000))
    loaded.train()
    qtbot.waitUntil(lambda: len(loaded.history) > 0, timeout=LONG)
    loaded.pause()
    until(qtbot, loaded, RunState.PAUSED)
    count = len(loaded.history)
    qtbot.wait(150)
    assert len(loaded.history) == count
    loaded.train()
    qtbot.waitUntil(lambda: len(loaded.history) > count, timeout=LONG)
    assert loaded.run_state is RunState.RUNNING


def test_stop_ends_the_run_and_a_new_one_has_empty_curves(loaded: Session, qtbot):
    loaded.edit("Change epochs", config=dataclasses.replace(loaded.config, epochs=1000))
    loaded.train()
    qtbot.waitUntil(lambda: len(loaded.history) > 3, timeout=LONG)
    loaded.stop()
    assert loaded.run_state is RunState.IDLE
    count, weights = len(loaded.history), loaded.weights
    qtbot.wait(150)
    assert len(loaded.history) == count
    assert loaded.weights is weights
    loaded.train()
    assert len(loaded.history) == 0
    qtbot.waitUntil(lambda: len(loaded.history) > 0, timeout=LONG)
    assert loaded.history.batch_epochs[0] == pytest.approx(20 / 600)


def test_editing_the_network_ends_the_run(loaded: Session, qtbot):
    loaded.step_batch()
    until(qtbot, loaded, RunState.PAUSED)
    with qtbot.waitSignal(loaded.message_shown):
        loaded.edit("Insert", network=loaded.network.inserted(2, BatchNorm()))
    assert loaded.run_state is RunState.IDLE
    loaded.step_batch()
    until(qtbot, loaded, RunState.PAUSED)
    check_weights(loaded.network, loaded.weights)


def test_drawing_does_not_disturb_the_run(loaded: Session, qtbot):
    loaded.step_batch()
    until(qtbot, loaded, RunState.PAUSED)
    loaded.edit("Draw", drawing=LINE)
    assert loaded.run_state is RunState.PAUSED
    assert loaded.drawing is LINE


def test_a_sample_has_a_known_label_while_it_is_one_of_the_networks_classes(loaded: Session):
    picture = Picture(np.zeros((1, 28, 28), np.uint8), 3, exact=True)
    loaded.edit("Show sample", drawing=Drawing(picture=picture))
    assert loaded.known_label == 3
    loaded.edit("Draw", drawing=Drawing(LINE.strokes, picture))
    assert loaded.known_label is None
    loaded.undo_stack.undo()
    assert loaded.known_label == 3
    layers = (*NETWORK.layers[:-1], Dense(1000))
    loaded.edit("Other classes", network=dataclasses.replace(NETWORK, layers=layers, classes=1000))
    assert loaded.known_label is None


def test_the_learning_rate_changes_while_it_runs(loaded: Session, qtbot):
    loaded.step_epoch()
    qtbot.waitUntil(lambda: len(loaded.history.epochs) == 1, timeout=LONG)
    until(qtbot, loaded, RunState.PAUSED)
    loaded.edit("Change learning rate", config=dataclasses.replace(loaded.config, learning_rate=0.5))
    loaded.step_epoch()
    qtbot.waitUntil(lambda: len(loaded.history.epochs) == 2, timeout=LONG)
    assert [point.learning_rate for point in loaded.history.epochs] == [0.001, 0.5]


def test_reset_draws_new_weights_clears_the_curves_and_can_be_undone(loaded: Session, qtbot):
    loaded.train()
    until(qtbot, loaded, RunState.FINISHED)
    trained, history = loaded.weights, loaded.history
    loaded.reset_weights()
    assert len(loaded.history) == 0
    for key, array in initial_weights(NETWORK, 0).items():
        np.testing.assert_array_equal(loaded.weights[key], array)
    loaded.undo_stack.undo()
    assert loaded.history is history
    for key, array in trained.items():
        np.testing.assert_array_equal(loaded.weights[key], array)


def test_train_loads_data_first_when_there_are_none(session: Session, qtbot, digits_folder: Path):
    session.change_dataset("folder", digits_folder)
    session.train()
    assert session.run_state is RunState.LOADING
    until(qtbot, session, RunState.FINISHED)
    assert len(session.history.epochs) == 2


def with_heights(qtbot, session: Session) -> None:
    """Choose the network that predicts a height, and wait for its rows."""
    with qtbot.waitSignal(session.dataset_changed, timeout=LONG):
        session.load_preset(preset("height-mlp"))


def test_another_preset_brings_back_the_images_that_were_there(loaded: Session, qtbot, digits_folder: Path):
    with_heights(qtbot, loaded)
    with qtbot.waitSignal(loaded.dataset_changed, timeout=LONG):
        loaded.load_preset(preset("softmax"))
    assert loaded.dataset is not None
    assert loaded.dataset.id == str(digits_folder)


def test_undo_of_other_data_brings_back_those_before(loaded: Session, qtbot, digits_folder: Path, tmp_path: Path):
    for part in ("train", "t10k"):
        labels = np.tile(np.arange(10, dtype=np.uint8), 5)
        sides = b"".join(side.to_bytes(4, "big") for side in (50, 14, 14))
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03" + sides + bytes(50 * 14 * 14))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01" + sides[:4] + labels.tobytes())
    with qtbot.waitSignal(loaded.dataset_changed, timeout=LONG):
        loaded.change_dataset("folder", tmp_path)
    assert loaded.network.input_shape == (1, 14, 14)
    with qtbot.waitSignal(loaded.dataset_changed, timeout=LONG):
        loaded.undo_stack.undo()
    assert loaded.network is NETWORK
    assert loaded.dataset is not None
    assert loaded.dataset.id == str(digits_folder)
    assert loaded.undo_stack.canRedo()
    with qtbot.waitSignal(loaded.dataset_changed, timeout=LONG):
        loaded.undo_stack.redo()
    assert loaded.dataset.id == str(tmp_path)
    assert loaded.network.input_shape == (1, 14, 14)


def test_undo_and_redo_bring_back_the_data_that_fit_the_network(loaded: Session, qtbot, digits_folder: Path):
    with_heights(qtbot, loaded)
    with qtbot.waitSignal(loaded.dataset_changed, timeout=LONG):
        while loaded.network is not NETWORK:
            loaded.undo_stack.undo()
    assert loaded.dataset is not None
    assert loaded.dataset.id == str(digits_folder)
    assert loaded.network is NETWORK
    loaded.step_batch()
    qtbot.waitUntil(lambda: len(loaded.history) == 1, timeout=LONG)
    with qtbot.waitSignal(loaded.dataset_changed, timeout=LONG):
        loaded.undo_stack.redo()
    assert loaded.dataset.id == "heights"
    assert not loaded.network.classifies
    loaded.step_batch()
    qtbot.waitUntil(lambda: len(loaded.history) == 1, timeout=LONG)


def test_undo_keeps_the_images_that_other_data_were_to_follow(loaded: Session, qtbot):
    images = loaded.dataset
    loaded.load_preset(preset("height-mlp"))
    assert loaded.loading_source == "heights"
    with qtbot.waitSignal(loaded.trace_changed, timeout=LONG):
        loaded.undo_stack.undo()
    assert loaded.loading_source == ""
    assert loaded.dataset is images
    assert loaded.network is NETWORK


def test_a_project_that_names_no_data_gets_some_of_its_kind(loaded: Session, qtbot):
    found = preset("height-mlp")
    with qtbot.waitSignal(loaded.dataset_changed, timeout=LONG):
        loaded.open_project(dataclasses.replace(loaded.project(), network=found.network, weights={}, dataset_id=""))
    assert loaded.dataset is not None
    assert loaded.dataset.id == "heights"
    assert loaded.network == found.network


def test_a_network_that_predicts_a_number_loads_rows_of_numbers_to_train_on(qtbot):
    session = Session(Document(preset("height-mlp").network, config=preset("height-mlp").training))
    session.step_batch()
    qtbot.waitUntil(lambda: len(session.history) == 1, timeout=LONG)
    assert session.dataset is not None
    assert session.dataset.id == "heights"
    session.close()
    assert background.end_all()
    session.deleteLater()


def test_a_load_that_fails_keeps_the_data_and_says_why(loaded: Session, qtbot, tmp_path: Path):
    dataset = loaded.dataset
    with qtbot.waitSignal(loaded.failed, timeout=LONG) as failure:
        loaded.change_dataset("folder", tmp_path)
    assert str(tmp_path) in failure.args[0]
    assert loaded.dataset is dataset
    assert loaded.loading is None


def test_data_that_must_be_downloaded_are_asked_about(session: Session, qtbot):
    with qtbot.waitSignal(session.download_needed, timeout=LONG) as needed:
        session.change_dataset("mnist")
    assert needed.args[0] == "mnist"
    assert session.loading is None


def test_a_cancelled_load_changes_nothing(session: Session, qtbot):
    session.change_dataset("generated")
    session.cancel_loading()
    assert session.loading is None
    qtbot.waitUntil(lambda: background.alive() == (), timeout=LONG)
    assert session.dataset is None


def test_a_loss_that_is_not_finite_stops_the_run_and_says_what_to_try(loaded: Session, qtbot):
    config = TrainingConfig(optimizer="sgd", learning_rate=100, batch_size=20, epochs=50)
    deep = Network(layers=(Flatten(), Dense(50), Dense(50), Dense(10)))
    loaded.load_preset(Preset("deep", "Deep", "", deep, config))
    with qtbot.waitSignal(loaded.failed, timeout=LONG) as failure:
        loaded.train()
    assert "learning rate" in failure.args[0]
    until(qtbot, loaded, RunState.FAILED)
    assert all(np.isfinite(array).all() for array in loaded.weights.values())


def test_a_network_with_a_problem_is_not_trained(loaded: Session, qtbot):
    loaded.edit("Remove", network=loaded.network.removed(2))
    with qtbot.waitSignal(loaded.failed) as failure:
        loaded.train()
    assert "dense layer" in failure.args[0]
    assert loaded.run_state is RunState.IDLE


def test_a_project_comes_back_whole(loaded: Session, qtbot):
    loaded.train()
    until(qtbot, loaded, RunState.FINISHED)
    loaded.edit("Draw", drawing=LINE)
    project = loaded.project()
    loaded.edit("Remove", network=loaded.network.removed(0))
    loaded.open_project(project)
    assert loaded.network is project.network
    assert loaded.history.epochs == project.history.epochs
    assert not loaded.history_is_former
    assert loaded.drawing is LINE
    assert not loaded.modified
    assert loaded.undo_stack.count() == 0
    for key, array in project.weights.items():
        np.testing.assert_array_equal(loaded.weights[key], array)


def test_a_project_whose_data_are_gone_opens_and_says_so(loaded: Session, qtbot):
    present = loaded.dataset
    with qtbot.waitSignal(loaded.failed, timeout=LONG) as failed:
        loaded.open_project(dataclasses.replace(loaded.project(), dataset_id="no/such/folder"))
    assert "The project is open" in failed.args[0]
    assert "no/such/folder" in failed.args[0].replace("\\", "/")
    assert loaded.dataset is present


def test_curves_are_those_of_the_network_that_was_trained(loaded: Session, qtbot):
    loaded.train()
    until(qtbot, loaded, RunState.FINISHED)
    assert not loaded.history_is_former
    loaded.edit("Remove", network=loaded.network.removed(1))
    assert loaded.history_is_former
    loaded.undo_stack.undo()
    assert not loaded.history_is_former
    loaded.load_preset(preset("softmax"))
    assert not loaded.history_is_former  # it has none yet
    loaded.step_batch()
    qtbot.waitUntil(lambda: len(loaded.history) > 0, timeout=LONG)
    loaded.undo_stack.undo()
    assert len(loaded.history) > 1
    assert not loaded.history_is_former


def test_weights_changed_by_hand_make_the_curves_those_of_another_network(loaded: Session, qtbot):
    def change_by_hand() -> None:
        changed = np.zeros_like(loaded.weights["conv_1.weight"])
        loaded.edit("Change kernel 0, 0 of conv_1", weights=frozen({**loaded.weights, "conv_1.weight": changed}))

    change_by_hand()
    assert not loaded.history_is_former  # there are no curves yet
    loaded.undo_stack.undo()
    loaded.train()
    until(qtbot, loaded, RunState.FINISHED)
    assert not loaded.history_is_former
    change_by_hand()
    assert loaded.history_is_former
    loaded.undo_stack.undo()
    assert not loaded.history_is_former
    loaded.open_project(loaded.project())
    assert not loaded.history_is_former
    change_by_hand()
    assert loaded.history_is_former
    loaded.step_batch()
    qtbot.waitUntil(lambda: len(loaded.history) > 0, timeout=LONG)
    assert not loaded.history_is_former  # they are those of a run that began with the changed weights
    loaded.undo_stack.undo()
    assert len(loaded.history) > 0
    assert loaded.history_is_former
    loaded.open_project(loaded.project())
    assert loaded.history_is_former


def test_curves_are_those_of_the_data_that_were_trained_on(loaded: Session, qtbot, digits_folder: Path, tmp_path: Path):
    others = shutil.copytree(digits_folder, tmp_path / "others")
    loaded.train()
    until(qtbot, loaded, RunState.FINISHED)
    assert loaded.history_source == ""
    with qtbot.waitSignal(loaded.dataset_changed, timeout=LONG):
        loaded.change_dataset("folder", others)
    assert loaded.history_source == str(digits_folder)
    save(tmp_path / "saved", loaded.project())
    loaded.open_project(load(tmp_path / "saved"))
    assert loaded.dataset is not None
    assert loaded.dataset.id == str(others)
    assert loaded.history_source == str(digits_folder)
    loaded.step_batch()
    qtbot.waitUntil(lambda: len(loaded.history) > 0, timeout=LONG)
    assert loaded.history_source == ""


def test_closing_while_training_leaves_no_thread(loaded: Session, qtbot):
    loaded.edit("Change epochs", config=dataclasses.replace(loaded.config, epochs=1000))
    loaded.train()
    qtbot.waitUntil(lambda: len(loaded.history) > 0, timeout=LONG)
    loaded.close()
    assert background.end_all(5000)


def test_training_goes_on_after_the_epochs_were_lowered(loaded: Session, qtbot):
    loaded.edit("Change epochs", config=dataclasses.replace(loaded.config, epochs=50))
    loaded.step_epoch()
    qtbot.waitUntil(lambda: len(loaded.history.epochs) == 1, timeout=LONG)
    until(qtbot, loaded, RunState.PAUSED)
    loaded.step_epoch()
    qtbot.waitUntil(lambda: len(loaded.history.epochs) == 2, timeout=LONG)
    until(qtbot, loaded, RunState.PAUSED)
    loaded.edit("Change epochs", config=dataclasses.replace(loaded.config, epochs=1))
    loaded.train()
    until(qtbot, loaded, RunState.FINISHED)
    done = len(loaded.history.epochs)
    loaded.train()
    qtbot.waitUntil(lambda: len(loaded.history.epochs) == done + 1, timeout=LONG)
    until(qtbot, loaded, RunState.FINISHED)


def test_another_optimiser_after_a_finished_run_starts_a_new_one(loaded: Session, qtbot):
    loaded.train()
    until(qtbot, loaded, RunState.FINISHED)
    loaded.edit("Change optimiser", config=dataclasses.replace(loaded.config, optimizer="sgd"))
    assert loaded.run_state is RunState.IDLE
    loaded.train()
    assert len(loaded.history) == 0
    until(qtbot, loaded, RunState.FINISHED)
    assert len(loaded.history.epochs) == 2


def test_a_run_that_cannot_start_keeps_the_curves(loaded: Session, qtbot):
    loaded.train()
    until(qtbot, loaded, RunState.FINISHED)
    history = loaded.history
    loaded.edit("Change training images", config=dataclasses.replace(loaded.config, train_size=99_999))
    with qtbot.waitSignal(loaded.failed, timeout=LONG) as failure:
        loaded.train()
    assert "smaller sizes" in failure.args[0]
    assert loaded.history is history


def test_a_bias_switched_on_keeps_what_the_kernel_has_learned(session: Session):
    session.edit("Change bias", network=session.network.replaced(0, Conv2d(4, 5, 2, bias=False)))
    kernel = session.weights["conv_1.weight"]
    session.edit("Change bias again", network=session.network.replaced(0, Conv2d(4, 5, 2)))
    assert session.weights["conv_1.weight"] is kernel
    check_weights(session.network, session.weights)
