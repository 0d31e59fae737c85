"""The training panel drives a run's actions and edits its settings."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QComboBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from convscope.core.data.dataset import Dataset, Examples
from convscope.core.data.sources import CLOTHES, DIGITS
from convscope.core.history import History
from convscope.core.layers import BatchNorm, Dense, Flatten
from convscope.core.loss import CROSS_ENTROPY
from convscope.core.network import Network
from convscope.core.settings import settings_of
from convscope.core.training_config import AUGMENTATION, LIVE, MORE, TrainingConfig
from convscope.ui import theme
from convscope.ui.panels.augmentation_preview import NOTHING_DRAWN, NOTHING_SET, VERSIONS
from convscope.ui.panels.training import FIXED, STAGE, TRANSPORT, TrainingPanel
from convscope.ui.run_state import RunProgress, RunState


class SessionStub(QObject):
    """The part of the session that the panel reads and asks."""

    run_state_changed = Signal()
    network_changed = Signal()
    config_changed = Signal()
    progress_changed = Signal()
    devices_changed = Signal()
    weights_changed = Signal()
    drawing_changed = Signal()
    dataset_changed = Signal()
    history_changed = Signal()
    failed = Signal(str, object)
    message_shown = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.run_state = RunState.IDLE
        self.progress: RunProgress | None = None
        self.config = TrainingConfig()
        self.devices: tuple[tuple[str, str], ...] = (("cpu", "Processor (CPU)"),)
        self.network = network()
        self.weights: dict[str, np.ndarray] = {"dense_1.weight": np.zeros(1)}
        self.class_names = DIGITS
        self.image = np.zeros((1, 8, 8), np.float32)
        self.dataset: Any = None
        self.loading: Any = None
        self.run_problem = ""
        self.history, self.history_is_former = History(), False
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


def network(problem: str = "", *rows: Any, parameters: int = 0) -> Any:
    """Return what the panel reads of a network."""
    report = SimpleNamespace(problem=SimpleNamespace(located=problem) if problem else None, rows=rows, all_enabled=True)
    report.parameters = parameters
    return SimpleNamespace(layers=(), report=report, input_shape=(1, 8, 8), classes=10, loss=CROSS_ENTROPY)


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
        (RunState.IDLE, {"train", "step_stage", "step_batch", "step_epoch", "reset_weights"}),
        (RunState.LOADING, {"stop"}),
        (RunState.RUNNING, {"pause", "stop", "reset_weights"}),
        (RunState.PAUSED, {"train", "step_stage", "step_batch", "step_epoch", "stop", "reset_weights"}),
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
    editor = panel.editor("batch_size")
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


def test_why_nothing_can_be_trained_is_told_where_it_is_tried(
    panel: TrainingPanel, session: SessionStub, actions: dict[str, QAction], qtbot: QtBot
) -> None:
    starts = [actions[f"action_{name}"] for name in ("train", "step_stage", "step_batch", "step_epoch")]
    tips = [(action.toolTip(), action.statusTip()) for action in starts]
    reset = actions["action_reset_weights"].toolTip()
    with qtbot.waitSignal(session.message_shown) as told:
        session.network = network("A 6×6 kernel does not fit the 3×3 map that reaches it.")
        session.network_changed.emit()
    assert told.args == ["Cannot train yet. A 6×6 kernel does not fit the 3×3 map that reaches it."]
    for action in starts:
        assert "6×6 kernel" in action.toolTip()
        assert "6×6 kernel" in action.statusTip()
    assert actions["action_reset_weights"].toolTip() == reset
    with qtbot.assertNotEmitted(session.message_shown, wait=20):
        session.config_changed.emit()  # the same is not told again
        session.network = network()
        session.network_changed.emit()
    assert [(action.toolTip(), action.statusTip()) for action in starts] == tips


@pytest.mark.parametrize(("loading", "parameters"), [(object(), 0), (None, 10**9)])
def test_nothing_is_told_while_data_load_nor_of_what_is_only_looked_at(
    panel: TrainingPanel, session: SessionStub, qtbot: QtBot, loading: Any, parameters: int
) -> None:
    session.loading = loading
    with qtbot.assertNotEmitted(session.message_shown, wait=20):
        session.network = network("It does not fit the data.", parameters=parameters)
        session.network_changed.emit()


def test_why_a_run_could_not_go_on_is_told_until_another_begins(panel: TrainingPanel, session: SessionStub) -> None:
    session.run_problem = "The loss became infinite. Reset the weights."
    session.enter(RunState.FAILED, RunProgress(3, 938, 1, 5))
    assert named(panel, "run_problem").isVisible()
    assert named(panel, "run_problem").text() == session.run_problem
    assert named(panel, "run_state").text() == "Stopped by an error"
    session.enter(RunState.IDLE)  # another learning rate
    assert named(panel, "run_problem").text() == session.run_problem
    assert not named(panel, "run_note").isVisible()
    session.run_problem = ""
    session.enter(RunState.RUNNING, RunProgress(1, 938, 1, 5))
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
    assert panel.editor("batch_size").field.value == 128  # pyright: ignore[reportAttributeAccessIssue]


def test_a_typed_learning_rate_reaches_the_session(panel: TrainingPanel, session: SessionStub, qtbot: QtBot) -> None:
    editor = cast(Any, panel.editor("learning_rate"))
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, "0.02")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert session.edits == [("Change learning rate", TrainingConfig(learning_rate=0.02))]


def test_showing_a_configuration_asks_for_nothing(panel: TrainingPanel, session: SessionStub) -> None:
    session.config = TrainingConfig(optimizer="momentum", epochs=9, device="cpu")
    session.config_changed.emit()
    assert panel.editor("epochs").field.value == 9  # pyright: ignore[reportAttributeAccessIssue]
    assert panel.editor("momentum").isVisibleTo(panel)
    assert session.edits == []


def test_during_a_run_only_what_it_can_take_over_is_changed(panel: TrainingPanel, session: SessionStub) -> None:
    session.enter(RunState.RUNNING, RunProgress(1, 938, 1, 5))
    names = [setting.name for setting in settings_of(TrainingConfig)]
    editors = {name: panel.editor(name) for name in names}
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
    qtbot.keyClick(panel.editor("batch_size"), Qt.Key.Key_Up)
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
    buttons = [named(panel, name.replace("action_", "button_")) for name in TRANSPORT if name != STAGE]
    qtbot.waitUntil(lambda: max(button.geometry().right() for button in buttons) < 300)
    assert panel.width() == 300
    assert not any(map(_is_named, buttons))
    panel.resize(360, 300)
    assert [_is_named(button) for button in buttons] == [True] + 5 * [False]
    qtbot.waitUntil(lambda: max(button.geometry().right() for button in buttons) < 360)
    panel.resize(900, 300)
    assert all(map(_is_named, buttons))


@pytest.fixture
def opened(panel: TrainingPanel) -> TrainingPanel:
    """Return the panel with all its settings to be seen."""
    for group in (MORE, AUGMENTATION):
        panel.fold(group).show_open(True)
    return panel


@pytest.mark.parametrize(("group", "name"), [(MORE, "weight_decay"), (AUGMENTATION, "rotation")])
def test_settings_seldom_used_are_folded_away(group: str, name: str, panel: TrainingPanel, qtbot: QtBot) -> None:
    assert not panel.editor(name).isVisible()
    assert panel.editor("learning_rate").isVisible()
    heading = named(panel, f"button_fold_{group}")
    qtbot.mouseClick(heading, Qt.MouseButton.LeftButton)
    assert panel.editor(name).isVisible()
    qtbot.keyClick(heading, Qt.Key.Key_Space)
    assert not panel.editor(name).isVisible()


def test_what_is_set_is_told_while_it_is_folded_away(panel: TrainingPanel, session: SessionStub) -> None:
    assert [panel.fold(group).summary for group in (MORE, AUGMENTATION)] == ["as usual", "off"]
    config = TrainingConfig(patience=3, keep_best=False, initialisation="he", rotation=15, shift=2, flip="both")
    session.edit("More", config=config)
    assert panel.fold(MORE).summary == "patience 3, keep the best: off, first weights: He normal"
    assert panel.fold(AUGMENTATION).summary == "shift 2 px, rotation 15°, flip: Both"


def test_folded_settings_reach_the_session_too(opened: TrainingPanel, session: SessionStub, qtbot: QtBot) -> None:
    editor = cast(Any, opened.editor("rotation"))
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, "20")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert session.edits == [("Change rotation", TrainingConfig(rotation=20))]
    assert not opened.editor("keep_best").isVisible()
    session.edit("Patience", config=TrainingConfig(patience=2))
    qtbot.mouseClick(opened.editor("keep_best"), Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert session.config == TrainingConfig(patience=2, keep_best=False)


def remark(panel: TrainingPanel, name: str) -> str:
    label = named(panel, f"remark_{name}")
    return label.text() if label.isVisible() else ""


def test_a_flip_that_changes_the_meaning_is_told_beside_it(opened: TrainingPanel, session: SessionStub) -> None:
    assert remark(opened, "flip") == ""
    session.edit("Flip", config=TrainingConfig(flip="horizontal", rotation=90, hue=0.1))
    assert "mirrored 2" in remark(opened, "flip")
    assert "6 and a 9" in remark(opened, "rotation")
    assert "no colours" in remark(opened, "hue")
    session.class_names = CLOTHES
    session.dataset_changed.emit()
    assert remark(opened, "flip") == remark(opened, "rotation") == ""
    assert "no colours" in remark(opened, "hue")
    session.edit("Off", config=TrainingConfig())
    assert remark(opened, "hue") == ""


def test_other_first_weights_are_offered_until_they_are_drawn(
    opened: TrainingPanel, session: SessionStub, actions: dict[str, QAction], qtbot: QtBot
) -> None:
    offer = named(opened, "offer_reset")
    assert not offer.isVisible()
    session.edit("First weights", config=TrainingConfig(initialisation="zeros"))
    assert offer.isVisible()
    session.edit("Undo", config=TrainingConfig())
    assert not offer.isVisible()
    session.edit("First weights", config=TrainingConfig(initialisation="zeros"))
    with qtbot.waitSignal(actions["action_reset_weights"].triggered, timeout=1000):
        qtbot.mouseClick(named(opened, "button_offered_reset"), Qt.MouseButton.LeftButton)
    session.weights = {**session.weights, "dense_1.bias": np.zeros(1)}  # one array edited by hand
    session.weights_changed.emit()
    assert offer.isVisible()
    session.weights = {"dense_1.weight": np.ones(1)}
    session.weights_changed.emit()
    assert not offer.isVisible()


def test_a_runs_own_weights_are_not_taken_for_drawn_ones(opened: TrainingPanel, session: SessionStub) -> None:
    session.edit("First weights", config=TrainingConfig(initialisation="zeros"))
    session.enter(RunState.RUNNING, RunProgress(1, 938, 1, 5))
    session.weights = {"dense_1.weight": np.ones(1)}
    session.weights_changed.emit()
    assert named(opened, "offer_reset").isVisible()


def test_why_a_run_was_stopped_early_is_told_until_it_goes_on(panel: TrainingPanel, session: SessionStub) -> None:
    session.enter(RunState.FINISHED, RunProgress(938, 938, 7, 7, note="Stopped after epoch 7."))
    assert named(panel, "run_note").text() == "Stopped after epoch 7."
    assert named(panel, "run_note").isVisible()
    session.enter(RunState.RUNNING, RunProgress(1, 938, 8, 12))
    assert not named(panel, "run_note").isVisible()


def test_numbers_are_offered_no_augmentation(opened: TrainingPanel, session: SessionStub) -> None:
    for shape, offered in (((1, 8, 8), True), ((2, 1, 1), False), ((3, 32, 32), True)):
        session.network.input_shape = shape
        session.network_changed.emit()
        assert opened.fold(AUGMENTATION).isVisible() == offered
        assert opened.fold(MORE).isVisible()


def previewed(panel: TrainingPanel, qtbot: QtBot) -> Any:
    """Open the preview by its button."""
    qtbot.mouseClick(named(panel, "button_preview_augmentation"), Qt.MouseButton.LeftButton)
    preview = named(panel, "augmentation_preview")
    assert preview.isVisible()
    qtbot.waitUntil(lambda: len(preview.grid.shown) == VERSIONS + 1, timeout=20_000)
    return preview


def test_the_preview_shows_what_augmentation_makes_of_the_image(
    opened: TrainingPanel, session: SessionStub, qtbot: QtBot
) -> None:
    session.image = np.random.default_rng(0).random((1, 8, 8), np.float32)
    session.edit("Flip", config=TrainingConfig(flip="horizontal"))
    preview = previewed(opened, qtbot)
    image, *versions = preview.grid.shown
    np.testing.assert_array_equal(image, session.image)
    mirrored = [np.array_equal(version, image[..., ::-1]) for version in versions]
    assert {True, False} == set(mirrored)
    assert all(one or np.array_equal(version, image) for one, version in zip(mirrored, versions, strict=True))
    assert "flip: Left and right" in named(opened, "preview_told").text()
    assert "mirrored 2" in named(opened, "preview_doubts").text()
    qtbot.mouseClick(named(opened, "button_draw_others"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: [np.array_equal(v, image) for v in preview.grid.shown[1:]] != [not one for one in mirrored])
    qtbot.keyClick(preview, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: opened.findChild(QWidget, "augmentation_preview") is None)
    previewed(opened, qtbot).reject()


def test_the_preview_goes_with_the_images(opened: TrainingPanel, session: SessionStub, qtbot: QtBot) -> None:
    previewed(opened, qtbot)
    session.network.input_shape = (2, 1, 1)
    session.network_changed.emit()
    qtbot.waitUntil(lambda: opened.findChild(QWidget, "augmentation_preview") is None)


def test_the_preview_follows_settings_and_drawing(opened: TrainingPanel, session: SessionStub, qtbot: QtBot) -> None:
    preview = previewed(opened, qtbot)
    told = named(opened, "preview_told")
    assert told.text() == NOTHING_DRAWN
    examples = Examples(np.full((2, 1, 8, 8), 51, np.uint8), np.array([3, 4]))
    session.dataset = Dataset("folder", "Folder", examples, examples, DIGITS)
    session.dataset_changed.emit()
    assert told.text() == NOTHING_SET
    qtbot.waitUntil(lambda: all(np.allclose(one, 0.2) for one in preview.grid.shown))
    session.image = np.full((1, 8, 8), 0.5, np.float32)
    session.drawing_changed.emit()
    assert told.text() == NOTHING_SET
    qtbot.waitUntil(lambda: all((one == 0.5).all() for one in preview.grid.shown))
    session.edit("Noise", config=TrainingConfig(noise=0.2))
    qtbot.waitUntil(lambda: all(one.std() > 0.1 for one in preview.grid.shown[1:]))
    assert not named(opened, "preview_doubts").isVisible()
    places = preview.grid.places()
    assert len(places) == VERSIONS + 1
    assert all(preview.grid.rect().contains(place) for place in places)
    preview.reject()


def _is_named(button: QToolButton) -> bool:
    return button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon


def test_data_that_do_not_fit_are_told_and_not_trained_on(
    panel: TrainingPanel, session: SessionStub, actions: dict[str, QAction]
) -> None:
    examples = Examples(np.zeros((2, 1, 9, 9), np.uint8), np.array([3, 4]))
    session.dataset = Dataset("folder", "Folder", examples, examples, DIGITS)
    session.dataset_changed.emit()
    assert not actions["action_train"].isEnabled()
    assert "9×9×1" in named(panel, "run_problem").text()


def test_a_batch_of_one_behind_batch_norm_is_told_and_not_trained(
    panel: TrainingPanel, session: SessionStub, actions: dict[str, QAction]
) -> None:
    lone = Network(layers=(Flatten(), Dense(units=5), BatchNorm(), Dense(units=10)))
    session.network = network("", *lone.report.rows)
    session.edit("One", config=TrainingConfig(batch_size=1))
    assert not actions["action_train"].isEnabled()
    assert "Use a batch size of at least 2." in named(panel, "run_problem").text()
    session.edit("Two", config=TrainingConfig(batch_size=2))
    assert actions["action_train"].isEnabled()
    assert not named(panel, "run_problem").isVisible()


def test_after_a_run_the_panel_says_where_the_weights_come_from(panel: TrainingPanel, session: SessionStub) -> None:
    assert not named(panel, "run_note").isVisible()
    ones = np.ones(3, np.float32)
    session.history = History(np.array([0.5, 1.0, 1.5]), ones, ones)
    session.history_changed.emit()
    goes_on = "Train goes on from there, in a new run."
    assert named(panel, "run_note").text() == f"The weights come from a run of 1.5 epochs. {goes_on}"
    session.history = History(np.ones(1), ones[:1], ones[:1], dataset_id="mnist")
    session.history_changed.emit()
    assert named(panel, "run_note").text() == f"The weights come from a run of 1 epoch on MNIST digits. {goes_on}"
    session.history_is_former = True
    session.weights_changed.emit()
    assert not named(panel, "run_note").isVisible()
    session.history_is_former = False
    session.weights_changed.emit()
    assert named(panel, "run_note").isVisible()
    session.history = History()
    session.history_changed.emit()
    assert not named(panel, "run_note").isVisible()
