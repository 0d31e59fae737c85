"""The training panel drives a run's actions and edits its settings."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QComboBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from convscope.core.settings import settings_of
from convscope.core.training_config import TrainingConfig
from convscope.ui import theme
from convscope.ui.panels.training import FIXED, TRANSPORT, TrainingPanel
from convscope.ui.run_state import RunProgress, RunState
from convscope.core.training_config import LIVE


class SessionStub(QObject):
    """The part of the session that the panel reads and asks."""

    run_state_changed = Signal()
    network_changed = Signal()
    config_changed = Signal()
    progress_changed = Signal()
    devices_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.run_state = RunState.IDLE
        self.progress: RunProgress | None = None
        self.config = TrainingConfig()
        self.devices: tuple[tuple[str, str], ...] = (("cpu", "Processor (CPU)"),)
        self.network = network()
        self.edits: list[tuple[str, TrainingConfig]] = []

    def edit(self, text: str, *, config: TrainingConfig) -> None:
        self.edits.append((text, config))
        self.config = config
        self.config_changed.emit()

    def enter(self, state: RunState, progress: RunProgress | None = None) -> None:
        self.run_state, self.progress = state, progress
        self.run_state_changed.emit()

    def advance(self, progress: RunProgress) -> None:
        self.progress = progress
        self.progress_changed.emit()


def network(problem: str = "") -> Any:
    """Return what the panel reads of a network."""
    return SimpleNamespace(report=SimpleNamespace(problem=SimpleNamespace(message=problem) if problem else None))


@pytest.fixture
def session(qapp: QApplication) -> SessionStub:
    theme.apply(qapp, "light")
    return SessionStub()


@pytest.fixture
def actions(session: SessionStub) -> dict[str, QAction]:
    return {name: QAction(name.removeprefix("action_"), session) for name in TRANSPORT}


@pytest.fixture
def panel(session: SessionStub, actions: dict[str, QAction], qtbot: QtBot) -> TrainingPanel:
    panel = TrainingPanel(cast(Any, session), actions)
    qtbot.addWidget(panel)
    panel.resize(340, 320)
    panel.show()
    return panel


def named(panel: TrainingPanel, name: str) -> Any:
    found = panel.findChild(QWidget, name)
    assert found is not None, f"there is no {name}"
    return found


def devices(panel: TrainingPanel) -> QComboBox:
    return next(box for box in panel.findChildren(QComboBox, "setting_device") if not box.isHidden())


def test_buttons_trigger_their_actions(panel: TrainingPanel, actions: dict[str, QAction], qtbot: QtBot) -> None:
    for name in ("train", "step_batch", "step_epoch", "reset_weights"):
        with qtbot.waitSignal(actions[f"action_{name}"].triggered, timeout=1000):
            qtbot.mouseClick(named(panel, f"button_{name}"), Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(
    ("state", "enabled"),
    [
        (RunState.IDLE, {"train", "step_batch", "step_epoch", "reset_weights"}),
        (RunState.LOADING, {"stop"}),
        (RunState.RUNNING, {"pause", "stop", "reset_weights"}),
        (RunState.PAUSED, {"train", "step_batch", "step_epoch", "stop", "reset_weights"}),
    ],
)
def test_the_runs_state_enables_the_actions(
    state: RunState, enabled: set[str], panel: TrainingPanel, session: SessionStub, actions: dict[str, QAction]
) -> None:
    session.enter(state)
    assert {name.removeprefix("action_") for name, action in actions.items() if action.isEnabled()} == enabled


def test_the_keyboard_stays_in_the_transport(panel: TrainingPanel, session: SessionStub, qtbot: QtBot) -> None:
    step = named(panel, "button_step_batch")
    panel.activateWindow()
    step.setFocus()
    qtbot.waitUntil(step.hasFocus)
    session.enter(RunState.LOADING)
    assert named(panel, "button_stop").hasFocus()
    session.enter(RunState.RUNNING)
    assert named(panel, "button_pause").hasFocus()
    session.enter(RunState.PAUSED)
    assert step.hasFocus()  # the next key makes the next step


def test_the_keyboard_is_left_where_it_is_elsewhere(panel: TrainingPanel, session: SessionStub, qtbot: QtBot) -> None:
    panel.activateWindow()
    editor = panel.form.editor("batch_size")
    editor.setFocus()
    qtbot.waitUntil(editor.hasFocus)
    session.enter(RunState.RUNNING)
    session.enter(RunState.PAUSED)
    assert editor.hasFocus()


def test_actions_follow_the_run_while_the_panel_is_hidden(
    panel: TrainingPanel, session: SessionStub, actions: dict[str, QAction]
) -> None:
    panel.hide()
    session.enter(RunState.RUNNING)
    assert actions["action_pause"].isEnabled()
    assert not actions["action_train"].isEnabled()


def test_a_network_that_cannot_work_says_why_it_is_not_trained(
    panel: TrainingPanel, session: SessionStub, actions: dict[str, QAction]
) -> None:
    session.network = network("A 6×6 kernel does not fit the 3×3 map that reaches it.")
    session.network_changed.emit()
    assert not actions["action_train"].isEnabled()
    assert "6×6 kernel" in named(panel, "run_problem").text()
    session.network = network()
    session.network_changed.emit()
    assert actions["action_train"].isEnabled()
    assert not named(panel, "run_problem").isVisible()


def test_progress_is_shown(panel: TrainingPanel, session: SessionStub) -> None:
    session.enter(RunState.RUNNING, RunProgress(1, 938, 1, 5))
    session.advance(RunProgress(340, 938, 2, 5, 7412.3, 42))
    assert named(panel, "run_state").text() == "Training"
    assert named(panel, "run_epoch").text() == "Epoch 2 of 5 · 0:42 left"
    assert named(panel, "run_batch").text() == "340 of 938 batches"
    assert named(panel, "run_speed").text() == "7,400 examples/s"


def test_a_hidden_panel_catches_up_when_shown(panel: TrainingPanel, session: SessionStub) -> None:
    panel.hide()
    session.enter(RunState.PAUSED, RunProgress(10, 938, 3, 5))
    session.edit("Elsewhere", config=TrainingConfig(batch_size=128))
    assert named(panel, "run_state").text() == "Ready to train"
    panel.show()
    assert named(panel, "run_state").text() == "Paused"
    assert named(panel, "run_epoch").text() == "Epoch 3 of 5"
    assert panel.form.editor("batch_size").field.value == 128  # pyright: ignore[reportAttributeAccessIssue]


def test_a_typed_learning_rate_reaches_the_session(panel: TrainingPanel, session: SessionStub, qtbot: QtBot) -> None:
    editor = cast(Any, panel.form.editor("learning_rate"))
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, "0.02")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert session.edits == [("Change learning rate", TrainingConfig(learning_rate=0.02))]


def test_showing_a_configuration_asks_for_nothing(panel: TrainingPanel, session: SessionStub) -> None:
    session.config = TrainingConfig(optimizer="momentum", epochs=9, device="cpu")
    session.config_changed.emit()
    assert panel.form.editor("epochs").field.value == 9  # pyright: ignore[reportAttributeAccessIssue]
    assert panel.form.editor("momentum").isVisibleTo(panel.form)
    assert session.edits == []


def test_during_a_run_only_what_it_can_take_over_is_changed(panel: TrainingPanel, session: SessionStub) -> None:
    session.enter(RunState.RUNNING, RunProgress(1, 938, 1, 5))
    names = [setting.name for setting in settings_of(TrainingConfig)]
    editors = {name: panel.form.editor(name) for name in names if name != "device"} | {"device": devices(panel)}
    assert {name for name, editor in editors.items() if editor.isEnabled()} == LIVE
    assert {"learning_rate", "batch_size"} <= LIVE
    assert not {"optimizer", "seed", "train_size", "device"} & LIVE
    assert editors["seed"].toolTip() == FIXED
    assert any(label.isVisible() and label.text() == FIXED for label in panel.findChildren(type(panel._fixed)))
    session.enter(RunState.FINISHED)
    assert all(editor.isEnabled() for editor in editors.values())
    assert editors["seed"].toolTip() != FIXED
    assert not panel._fixed.isVisible()


def test_the_learning_rate_can_be_stepped_while_running(
    panel: TrainingPanel, session: SessionStub, qtbot: QtBot
) -> None:
    session.enter(RunState.RUNNING, RunProgress(1, 938, 1, 5))
    qtbot.keyClick(panel.form.editor("batch_size"), Qt.Key.Key_Up)
    assert session.config.batch_size > 64
    assert session.edits[0][0] == "Change batch size"


def test_the_schedules_rate_is_told(panel: TrainingPanel, session: SessionStub) -> None:
    session.edit("Decay", config=TrainingConfig(learning_rate=0.1, schedule="exponential", decay=0.5))
    assert not named(panel, "run_rate").isVisible()
    session.enter(RunState.RUNNING, RunProgress(1, 938, 3, 5))
    assert named(panel, "run_rate").text() == "Learning rate in epoch 3: 0.025"
    session.edit("Constant", config=TrainingConfig())
    assert not named(panel, "run_rate").isVisible()


def test_devices_are_those_torch_offers(panel: TrainingPanel, session: SessionStub, qtbot: QtBot) -> None:
    assert [devices(panel).itemText(i) for i in range(devices(panel).count())] == ["Processor (CPU)"]
    session.devices = (("cpu", "Processor (CPU)"), ("cuda:0", "Big GPU"))
    session.devices_changed.emit()
    assert devices(panel).currentData() == "cpu"
    qtbot.keyClick(devices(panel), Qt.Key.Key_Down)
    assert session.edits == [("Change device", TrainingConfig(device="cuda:0"))]
    assert devices(panel).currentData() == "cuda:0"


def test_a_device_that_is_not_there_is_said_to_be_missing(panel: TrainingPanel, session: SessionStub) -> None:
    session.edit("Load", config=TrainingConfig(device="cuda"))
    assert devices(panel).currentData() == "cuda"
    assert "not on this machine" in devices(panel).currentText()


def test_every_button_shows_in_a_narrow_dock_and_is_named_in_a_wide_one(panel: TrainingPanel, qtbot: QtBot) -> None:
    panel.resize(300, 300)
    buttons = [named(panel, name.replace("action_", "button_")) for name in TRANSPORT]
    qtbot.waitUntil(lambda: max(button.geometry().right() for button in buttons) < 300)
    assert panel.width() == 300
    assert not any(map(_is_named, buttons))
    panel.resize(360, 300)
    assert [_is_named(button) for button in buttons] == [True] + 5 * [False]
    qtbot.waitUntil(lambda: max(button.geometry().right() for button in buttons) < 360)
    panel.resize(900, 300)
    assert all(map(_is_named, buttons))


def _is_named(button: QToolButton) -> bool:
    return button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
