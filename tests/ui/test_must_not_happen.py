"""What must never happen in the real window: freezes, hangs, leftovers, lost drawings and mixed-up numbers."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from convscope.core.data.sources import SOURCES
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.presets import presets
from convscope.core.project import Project, load, save
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import check_weights, initial_weights
from convscope.ui import background, tracing
from convscope.ui.application import make_window
from convscope.ui.preferences import Preferences
from convscope.ui.run_state import RunState
from convscope.ui.session import Session
from convscope.ui.widgets.error_dialog import ErrorDialog
from convscope.ui.window import MainWindow

LONG = 30_000  # milliseconds; a busy machine may take long to load torch
NETWORK = Network(layers=(Conv2d(4, 5, 2), BatchNorm(), Activation(), Flatten(), Dense(10)))
CONFIG = TrainingConfig(batch_size=20, epochs=500)  # so many epochs that a run never ends by itself
EXAMPLES = 600  # of the digits to train on
TRANSPORT = ("train", "pause", "step_batch", "step_epoch", "stop", "reset_weights")
KEYS = (Qt.Key.Key_Z, Qt.Key.Key_D, Qt.Key.Key_E, Qt.Key.Key_Delete, Qt.Key.Key_Up, Qt.Key.Key_Down)
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(qtbot: QtBot, answers: Any, digits_folder: Path) -> Iterator[MainWindow]:
    """Return a window on the screen, with its panels tracing and its data loaded."""
    window = make_window(Preferences(), None, Project(NETWORK, initial_weights(NETWORK, 0), CONFIG))
    with qtbot.waitSignal(window.session.dataset_changed, timeout=LONG):
        window.session.change_dataset("folder", digits_folder)
    window.resize(1700, 1000)
    with qtbot.waitSignal(window.session.trace_changed, timeout=LONG):
        window.show()
    yield window
    window.close()
    assert background.alive() == ()
    window.deleteLater()


def press(window: MainWindow, name: str) -> None:
    """Click a button of the transport; one that is disabled does nothing, as for the user."""
    button = window.findChild(QToolButton, f"button_{name}")
    assert button is not None
    assert button.isVisible()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def box(window: MainWindow, name: str) -> QComboBox:
    found = window.findChild(QComboBox, name)
    assert found is not None
    return found


def choose_preset(window: MainWindow, name: str) -> None:
    box(window, "preset_box").activated.emit([preset.name for preset in presets()].index(name))


def choose_folder(window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    box(window, "dataset_box").activated.emit([source.id for source in SOURCES].index("folder"))


def draw(window: MainWindow) -> None:
    """Draw a line with the mouse."""
    canvas = window.findChild(QWidget, "drawing_canvas")
    assert canvas is not None
    middle = canvas.rect().center()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle - QPoint(20, 40))
    for step in range(-3, 5):
        QTest.mouseMove(canvas, middle + QPoint(5 * step, 10 * step))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=middle + QPoint(20, 40))


def wait_for(qtbot: QtBot, condition: Callable[[], bool]) -> None:
    qtbot.waitUntil(condition, timeout=LONG)


def start(window: MainWindow, qtbot: QtBot, batches: int = 3) -> None:
    """Press Train and wait until some batches are done."""
    press(window, "train")
    wait_for(qtbot, lambda: len(window.session.history) >= batches)
    assert window.session.run_state is RunState.RUNNING


def check(session: Session) -> None:
    """Check that all parts of the session belong together."""
    check_weights(session.network, session.weights)
    positions = session.history.batch_epochs
    assert len(positions) == len(session.history.batch_losses) == len(session.history.batch_accuracies)
    assert (np.diff(positions) > 0).all()
    epochs = [point.epoch for point in session.history.epochs]
    assert epochs == list(range(1, len(epochs) + 1))


def close_dialogs(window: MainWindow) -> list[str]:
    """Close the error dialog that may be open and return what it said."""
    said: list[str] = []
    for dialog in window.findChildren(ErrorDialog):
        if dialog.isVisible():
            said.append(dialog.sentences.text())
            dialog.close()
    return said


def settle(window: MainWindow, qtbot: QtBot) -> None:
    """Process what is on its way: a message of a run that has ended would arrive now."""
    for _ in range(5):
        QApplication.processEvents()
        qtbot.wait(10)


def test_closing_while_training_ends_every_thread(window: MainWindow, qtbot: QtBot) -> None:
    start(window, qtbot)
    assert window.close()
    assert background.alive() == ()
    assert not window.isVisible()


@pytest.mark.parametrize("shown", [False, True], ids=["at once", "after some progress"])
def test_closing_while_data_are_loaded_ends_every_thread(window: MainWindow, qtbot: QtBot, shown: bool) -> None:
    box(window, "dataset_box").activated.emit([source.id for source in SOURCES].index("generated"))
    if shown:
        with qtbot.waitSignal(window.session.loading_changed, timeout=LONG):
            pass
    assert window.session.loading is not None
    assert window.close()
    assert background.alive() == ()


def test_closing_before_torch_is_loaded_ends_every_thread(qtbot: QtBot) -> None:
    window = make_window(Preferences())
    window.show()
    QApplication.processEvents()
    assert window.close()
    assert background.alive() == ()
    window.deleteLater()


def test_closing_after_tracing_failed_is_no_second_failure(
    qtbot: QtBot, answers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Callable[[object], object]:
        raise ImportError("torch cannot be loaded")

    monkeypatch.setattr(tracing, "_prepare", broken)
    window = make_window(Preferences())
    window.show()
    wait_for(qtbot, lambda: bool(close_dialogs(window)))
    wait_for(qtbot, lambda: not background.alive())
    settle(window, qtbot)
    draw(window)
    assert window.close()
    window.deleteLater()


def test_changing_the_stack_while_training_ends_the_run_and_keeps_all_in_step(window: MainWindow, qtbot: QtBot) -> None:
    start(window, qtbot)
    window.session.select(0)
    window.actions_by_name["action_duplicate_layer"].trigger()
    assert window.session.run_state is RunState.IDLE
    assert len(window.session.network.layers) == len(NETWORK.layers) + 1
    count = len(window.session.history)
    settle(window, qtbot)
    assert len(window.session.history) == count
    check(window.session)
    start(window, qtbot)
    check(window.session)


def test_a_smaller_network_without_a_head_is_shown_while_its_last_layer_was_selected(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.session.select(len(NETWORK.layers) - 1)
    window.session.edit("Keep one layer", network=Network(layers=NETWORK.layers[:1]))
    assert window.session.network.report.problem is not None
    assert window.session.selected == 0
    settle(window, qtbot)


def test_changing_the_preset_while_training_starts_anew(window: MainWindow, qtbot: QtBot) -> None:
    start(window, qtbot)
    choose_preset(window, "softmax")
    assert window.session.run_state is RunState.IDLE
    settle(window, qtbot)
    assert len(window.session.history) == 0
    fresh = initial_weights(window.session.network, window.session.config.seed)
    assert all((window.session.weights[key] == array).all() for key, array in fresh.items())
    press(window, "step_batch")
    wait_for(qtbot, lambda: window.session.run_state is RunState.PAUSED)
    check(window.session)


def test_changing_the_data_while_training_ends_the_run(
    window: MainWindow, qtbot: QtBot, digits_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(window, qtbot)
    before = window.session.dataset
    with qtbot.waitSignal(window.session.dataset_changed, timeout=LONG):
        choose_folder(window, digits_folder, monkeypatch)
    assert window.session.dataset is not before
    assert window.session.run_state is RunState.IDLE
    count = len(window.session.history)
    settle(window, qtbot)
    assert len(window.session.history) == count
    start(window, qtbot)
    check(window.session)


def test_data_that_cannot_be_read_do_not_disturb_the_run(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(window, qtbot)
    with qtbot.waitSignal(window.session.failed, timeout=LONG):
        choose_folder(window, tmp_path, monkeypatch)
    (said,) = close_dialogs(window)
    assert str(tmp_path) in said
    assert window.session.run_state is RunState.RUNNING
    count = len(window.session.history)
    wait_for(qtbot, lambda: len(window.session.history) > count)


def other_data(folder: Path, side: int, classes: int) -> Path:
    """Write a data set of other images and classes."""
    random_numbers = np.random.default_rng(0)
    for part in ("train", "t10k"):
        images = random_numbers.integers(0, 255, (60, side, side), np.uint8)
        labels = np.arange(60, dtype=np.uint8) % classes
        sizes = b"".join(size.to_bytes(4, "big") for size in images.shape)
        (folder / f"{part}-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03" + sizes + images.tobytes())
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01" + (60).to_bytes(4, "big") + labels.tobytes())
    return folder


def test_data_of_another_shape_while_training_and_back_by_undo(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(window, qtbot)
    with qtbot.waitSignal(window.session.dataset_changed, timeout=LONG):
        choose_folder(window, other_data(tmp_path, 20, 4), monkeypatch)
    assert window.session.run_state is RunState.IDLE
    assert window.session.network.input_shape == (1, 20, 20)
    check(window.session)
    start(window, qtbot)
    press(window, "stop")
    window.actions_by_name["action_undo"].trigger()
    check(window.session)
    assert not window.actions_by_name["action_train"].isEnabled()
    window.session.train()  # as from a run that waited for data
    (said,) = close_dialogs(window)
    assert "20×20" in said
    assert "28×28" in said
    check(window.session)


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_presses_leaves_all_in_step(window: MainWindow, qtbot: QtBot, seed: int) -> None:
    chosen = random.Random(seed)
    for _ in range(60):
        match chosen.randrange(10):
            case 0:
                window.session.select(chosen.randrange(-1, len(window.session.network.layers)))
            case 1:
                QTest.keyClick(window, chosen.choice(KEYS), CONTROL)
            case 2:
                QTest.keyClick(window, Qt.Key.Key_Z, CONTROL | chosen.choice((SHIFT, Qt.KeyboardModifier.NoModifier)))
            case 3:
                draw(window)
            case 4:
                choose_preset(window, chosen.choice(("softmax", "cnn")))
            case _:
                press(window, chosen.choice(TRANSPORT))
        for _ in range(chosen.randrange(3)):
            QApplication.processEvents()
        close_dialogs(window)
        check(window.session)
    press(window, "stop")
    assert not window.session.run_state.is_active
    settle(window, qtbot)
    close_dialogs(window)
    check(window.session)
    choose_preset(window, "softmax")
    press(window, "step_batch")
    wait_for(qtbot, lambda: window.session.run_state is RunState.PAUSED)
    assert len(window.session.history) == 1
    check(window.session)


def test_train_stop_and_reset_as_fast_as_can_be(window: MainWindow, qtbot: QtBot) -> None:
    for _ in range(12):
        for name in ("train", "stop", "train", "reset_weights", "train", "pause", "stop"):
            press(window, name)
    assert window.session.run_state is RunState.IDLE
    settle(window, qtbot)
    check(window.session)
    start(window, qtbot)
    check(window.session)


def test_a_drawing_survives_training_and_is_recognised_meanwhile(window: MainWindow, qtbot: QtBot) -> None:
    draw(window)
    start(window, qtbot)
    drawing = window.session.drawing
    assert len(drawing.strokes) == 1
    with qtbot.waitSignal(window.session.trace_changed, timeout=LONG):
        draw(window)
    assert window.session.run_state is RunState.RUNNING
    assert window.session.drawing.strokes[:1] == drawing.strokes
    both = window.session.drawing
    count = len(window.session.history)
    wait_for(qtbot, lambda: len(window.session.history) > count)
    press(window, "stop")
    press(window, "reset_weights")
    assert window.session.drawing is both
    assert len(both.strokes) == 2
    wait_for(qtbot, lambda: np.array_equal(window.session.trace.image, window.session.image))


def test_the_window_lives_while_a_batch_takes_long(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from convscope.core import training

    gate, entered = threading.Event(), threading.Event()
    real = training.train

    def held(*args: Any, **more: Any) -> Generator[Any, Any, Any]:
        entered.set()
        gate.wait()
        return (yield from real(*args, **more))

    monkeypatch.setattr(training, "train", held)
    press(window, "train")
    try:
        assert entered.wait(30)
        with qtbot.waitSignal(window.session.trace_changed, timeout=LONG):
            draw(window)
        assert len(window.session.history) == 0
        assert len(window.session.drawing.strokes) == 1
        press(window, "stop")
        assert window.session.run_state is RunState.IDLE
        assert not gate.is_set()
    finally:
        gate.set()


def test_the_window_answers_between_any_two_snapshots(window: MainWindow, qtbot: QtBot) -> None:
    ticks: list[int] = []
    between: list[int] = []
    timer = QTimer(window)
    timer.timeout.connect(lambda: ticks.append(1))

    def note() -> None:
        between.append(len(ticks))
        ticks.clear()

    start(window, qtbot)
    window.session.history_changed.connect(note)
    timer.start(1)
    wait_for(qtbot, lambda: len(between) > 12)
    timer.stop()
    assert np.median(between) >= 1  # not `min`: a busy machine may bring two at once


def test_weights_of_the_wrong_size_are_not_loaded(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "wrong.safetensors"
    save(path, window.session.project())
    arrays = safetensors.numpy.load(path.read_bytes())
    with safetensors.safe_open(path, "numpy") as file:
        texts = file.metadata()
    arrays["dense_1.weight"] = np.zeros((10, 7), np.float32)
    path.write_bytes(safetensors.numpy.save(arrays, texts))
    start(window, qtbot)
    window.files.read(path)
    (said,) = close_dialogs(window)
    assert str(path) in said
    assert "dense_1" in said
    assert window.session.run_state is RunState.RUNNING
    assert window.session.network is NETWORK
    check(window.session)


def test_a_project_opened_while_training_ends_the_run_and_is_whole(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "other.safetensors"
    other = Network(layers=(Flatten(), Dense(10)))
    save(path, Project(other, initial_weights(other, 3), CONFIG))
    start(window, qtbot)
    window.files.read(path)
    assert window.session.run_state is RunState.IDLE
    settle(window, qtbot)
    assert len(window.session.history) == 0
    assert not window.session.modified
    for key, array in load(path).weights.items():
        np.testing.assert_array_equal(window.session.weights[key], array)


def test_saving_while_training_writes_a_whole_project(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    start(window, qtbot)
    window.files.path = tmp_path / "running.safetensors"
    assert window.files.save()
    saved = load(window.files.path)
    check_weights(saved.network, saved.weights)
    assert len(saved.history) > 0


def test_numbers_of_a_former_run_are_not_in_the_next_ones_curves(window: MainWindow, qtbot: QtBot) -> None:
    first = CONFIG.batch_size / EXAMPLES
    for _ in range(4):
        start(window, qtbot)
        assert window.session.history.batch_epochs[0] == pytest.approx(first)
        check(window.session)
        press(window, "stop")
    press(window, "train")
    assert len(window.session.history) == 0
    wait_for(qtbot, lambda: len(window.session.history) >= 3)
    steps = np.diff(np.concatenate([[0.0], window.session.history.batch_epochs]))
    np.testing.assert_allclose(steps, first, rtol=1e-6)
