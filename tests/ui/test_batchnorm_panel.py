"""The batch-norm panel: right numbers for a channel, γ and β to drag, momentum, the bias, and the network without."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton, QSlider

from convscope.core.batch_norm import ChannelBatch, channel_batch, mini_batch
from convscope.core.batch_norm_changes import batch_norms
from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.data.progress import finished
from convscope.core.data.sources import loading
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.trace import trace
from convscope.core.training_config import TrainingConfig
from convscope.core.unit import Unit
from convscope.core.weights import frozen
from convscope.ui import background
from convscope.ui.document import Document
from convscope.ui.panels.batchnorm import BatchnormPanel
from convscope.ui.panels.batchnorm_text import forgetting_text
from convscope.ui.session import Session
from convscope.ui.widgets.breakdown_block import Step, StepsBlock
from convscope.ui.widgets.number_text import number_text

NETWORK = Network(
    (1, 28, 28),
    (
        Conv2d(filters=3, kernel_size=7, stride=3),
        BatchNorm(),
        Activation(),
        Flatten(),
        Dense(units=6, bias=False),
        BatchNorm(scale=False),
        Activation(),
        Dense(units=10),
    ),
)
LINES = tuple(Drawing((Stroke(((0.2, y), (0.8, 1 - y)), 0.1, False),)) for y in (0.2, 0.8))
LONG = 20_000  # milliseconds; a busy machine may take long to load torch


@pytest.fixture
def session(qtbot, monkeypatch: pytest.MonkeyPatch, digits_folder: Path) -> Iterator[Session]:
    def answer(self: Session) -> None:
        self._trace = trace(self.network, frozen({**self.weights, **self._previewed}), self.image)
        self.trace_changed.emit()

    monkeypatch.setattr(Session, "_ask", answer)
    session = Session(Document(NETWORK, config=TrainingConfig(batch_size=20, epochs=1, train_size=200)))
    session._dataset = finished(loading("folder", folder=digits_folder))
    session.preview_drawing(LINES[0])
    session.select(1)
    yield session
    session.close()
    assert background.end_all()


@pytest.fixture
def panel(qtbot, session: Session) -> Iterator[BatchnormPanel]:
    widget = BatchnormPanel(session, {})
    qtbot.addWidget(widget)
    widget.resize(600, 900)
    widget.show()
    yield widget
    widget.hide()


def expected(session: Session, layer: int, channel: int) -> ChannelBatch:
    """Return what the core finds for a channel of the present network."""
    assert session.dataset is not None
    images = mini_batch(session.network, session.dataset, session.config, session.image)
    return channel_batch(session.network, session.weights, images, layer, channel)


def shown(qtbot, panel: BatchnormPanel, layer: int = 1, channel: int = 0) -> ChannelBatch:
    """Wait until the present batch of a channel is shown, and return it."""

    def is_there() -> bool:
        batch, wanted = panel._batch, expected(panel._session, layer, channel)
        same = ("layer", "channel", "mean", "variance", "running_mean", "scale", "shift", "momentum")
        return batch is not None and all(getattr(batch, key) == getattr(wanted, key) for key in same)

    qtbot.waitUntil(is_there, timeout=LONG)
    assert panel._batch is not None
    return panel._batch


def steps(panel: BatchnormPanel) -> dict[str, Step]:
    sheet = panel.view.steps.sheet
    assert sheet is not None
    block = sheet.blocks[0]
    assert isinstance(block, StepsBlock)
    return {step.name: step for step in block.steps}


def found(panel: BatchnormPanel, kind: type, name: str):
    widget = panel.findChild(kind, name)
    assert widget is not None
    return widget


def test_the_four_steps_come_to_what_batch_norm_gives(qtbot, session: Session, panel: BatchnormPanel) -> None:
    batch = shown(qtbot, panel)
    session.inspection.pin(Unit(1, (0, 3, 4)))
    lines = steps(panel)
    assert lines["x"].text.startswith(f"{number_text(float(batch.before[0, 3, 4]))} ")
    assert lines["1  mean μ"].text == f"Σ x ÷ {20 * 8 * 8:,} = {number_text(batch.mean)}"
    assert lines["2  variance σ²"].text.endswith(f"= {number_text(batch.variance)}")
    assert lines["4  γ · … + β"].text.endswith(f"= {number_text(float(batch.after[0, 3, 4]))}")
    bar = panel.view.steps.verticalScrollBar()
    assert bar.maximum() == 0  # all steps are seen at once
    by_running = float(session.trace.outputs[1][0, 3, 4])
    assert lines["4  by running"].text.endswith(f"= {number_text(by_running)}")


def test_a_value_that_is_another_in_inference_is_said_to_be(qtbot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    assert "another x" not in panel.view.note()
    session.select(5)
    shown(qtbot, panel, layer=5)
    assert "another x" in panel.view.note()
    assert panel.view._count.text().endswith("one mini-batch: 20 values")


def test_histograms_are_marked_with_means_and_deviations(qtbot, panel: BatchnormPanel) -> None:
    batch = shown(qtbot, panel)
    before, after = panel.view.before._marks, panel.view.after._marks
    assert [(mark.mean, mark.std) for mark in before] == [
        (batch.mean, math.sqrt(batch.variance)),
        (batch.running_mean, math.sqrt(batch.running_variance)),
    ]
    assert after[0].mean == pytest.approx(batch.shift, abs=1e-5)
    assert after[0].std == pytest.approx(abs(batch.scale), rel=1e-3)
    assert "20 × 8 × 8 = 1,280 values" in panel.view._count.text()


def test_a_channel_is_chosen_by_field_key_and_click(qtbot, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    panel._units._fields[0].setValue(2)
    shown(qtbot, panel, channel=2)
    qtbot.keyClick(panel, Qt.Key.Key_Up)
    shown(qtbot, panel, channel=1)
    mosaic = panel.view.maps.mosaic
    mosaic.repaint()
    qtbot.mouseClick(mosaic, Qt.MouseButton.LeftButton, pos=mosaic.tile_rect(0).center().toPoint())
    shown(qtbot, panel, channel=0)
    assert panel._units._fields[0].value() == 0


def test_another_drawing_or_layer_is_followed(qtbot, session: Session, panel: BatchnormPanel) -> None:
    first = shown(qtbot, panel)
    session.preview_drawing(LINES[1])
    other = shown(qtbot, panel)
    assert not np.array_equal(first.before[0], other.before[0])
    np.testing.assert_array_equal(first.before[1:], other.before[1:])
    session.select(6)  # an activation: the batch norm before it
    batch = shown(qtbot, panel, layer=5)
    assert batch.before.shape == (20,)
    assert not panel.view.sliders.scale.slider.isEnabled()  # it learns no γ
    qtbot.keyClick(panel, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    shown(qtbot, panel, layer=1)


def test_dragging_gamma_shows_it_live_and_is_one_step(qtbot, session: Session, panel: BatchnormPanel) -> None:
    batch = shown(qtbot, panel)
    slider: QSlider = found(panel, QSlider, "batch_norm_scale_slider")
    maps = session.trace.outputs[1]
    slider.setSliderDown(True)
    slider.setValue(200)
    assert session.undo_stack.count() == 0
    assert panel.view.after._marks[0].std == pytest.approx(2 * math.sqrt(batch.variance / (batch.variance + 1e-5)))
    np.testing.assert_allclose(session.trace.outputs[1][0], 2 * maps[0], atol=1e-5)  # the maps answer
    np.testing.assert_array_equal(session.trace.outputs[1][1:], maps[1:])
    slider.setSliderDown(False)
    assert session.weights["batch_norm_1.weight"].tolist() == [2, 1, 1]
    assert session.undo_stack.count() == 1
    shown(qtbot, panel)
    session.undo_stack.undo()
    assert shown(qtbot, panel).scale == 1
    assert panel.view.sliders.scale.slider.value() == 100


def test_beta_is_typed(qtbot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    editor = panel.view.sliders.shift.editor
    editor.selectAll()
    qtbot.keyClicks(editor, "-4.5")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert session.weights["batch_norm_1.bias"].tolist() == [-4.5, 0, 0]
    assert shown(qtbot, panel).shift == -4.5
    assert panel.view.sliders.shift.slider.value() == -450  # its reach grows with the value


def test_momentum_is_a_setting_of_the_layer(qtbot, session: Session, panel: BatchnormPanel) -> None:
    batch = shown(qtbot, panel)
    assert "all but 10 %" in panel.view.momentum_text.text()
    assert number_text(batch.next_running_mean) in panel.view.momentum_text.text()
    editor = panel.view.momentum
    editor.selectAll()
    qtbot.keyClicks(editor, "0.5")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    layer = session.network.layers[1]
    assert isinstance(layer, BatchNorm)
    assert layer.momentum == 0.5
    shown(qtbot, panel)
    assert "After 4 batches" in panel.view.momentum_text.text()
    session.undo_stack.undo()
    assert shown(qtbot, panel).momentum == 0.1


@pytest.mark.parametrize(("momentum", "words"), [(0.0, "never"), (1.0, "One batch"), (0.95, "After 1 batch the")])
def test_momentum_at_its_ends(momentum: float, words: str) -> None:
    assert words in forgetting_text(momentum)


def test_a_batch_of_one_is_told_for_maps_and_for_a_vector(qtbot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    assert "8×8 = 64 values" in panel.folds.one.summary
    session.select(5)
    batch = shown(qtbot, panel, layer=5)
    assert "the variance is 0" in panel.folds.one.summary
    assert f"x = {number_text(float(batch.before[0]))}" in panel.folds.one.summary


def test_the_bias_before_is_removed_and_nothing_changes(qtbot, session: Session, panel: BatchnormPanel) -> None:
    batch = shown(qtbot, panel)
    before = session.trace.probabilities
    bias = float(session.weights["conv_1.bias"][0])
    assert number_text(batch.mean - bias) in panel.folds.bias.summary
    panel.folds.bias.heading.click()
    button: QPushButton = found(panel, QPushButton, "batch_norm_bias_button")
    assert button.text() == "Remove the bias"
    button.click()
    assert "conv_1.bias" not in session.weights
    assert shown(qtbot, panel).mean == pytest.approx(batch.mean - bias, abs=1e-5)
    session._ask()
    np.testing.assert_allclose(session.trace.probabilities, before, atol=1e-5)
    assert "has no bias" in panel.folds.bias.summary
    session.undo_stack.undo()
    assert float(session.weights["conv_1.bias"][0]) == bias
    session.undo_stack.redo()
    shown(qtbot, panel)
    button.click()  # now it adds one
    session._ask()
    assert "conv_1.bias" in session.weights
    np.testing.assert_allclose(session.trace.probabilities, before, atol=1e-5)


def test_the_layers_are_compared_with_those_without(qtbot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    assert not panel.folds.spreads._spreads  # nothing is computed for a part that is folded away
    panel.folds.plain.heading.click()
    qtbot.waitUntil(lambda: len(panel.folds.spreads._spreads) == len(NETWORK.layers), timeout=LONG)
    first, second = panel.folds.spreads._spreads[:2]
    assert (first.mean, first.std) == (first.mean_without, first.std_without)
    assert (second.mean_without, second.std_without) == (first.mean, first.std)
    assert "without" in panel.folds._plain_text.text()


def test_training_without_is_one_click_and_one_step_back(qtbot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    weights = session.weights
    found(panel, QPushButton, "batch_norm_plain_button").click()
    assert batch_norms(session.network) == []
    assert [layer.name for layer in session.network.layers] == [layer.name for layer in NETWORK.layers]
    assert "dense_1.bias" in session.weights
    qtbot.waitUntil(lambda: len(session.history) > 0, timeout=LONG)
    session.stop()
    session.undo_stack.undo()
    assert session.network == NETWORK
    for key, array in weights.items():
        np.testing.assert_array_equal(session.weights[key], array)
    shown(qtbot, panel)


def test_the_running_figures_follow_the_batches_through_a_run(qtbot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    assert panel.view.mean._shown is None
    for done in range(1, 4):
        session.step_batch()
        qtbot.waitUntil(lambda n=done: len(session.batch_norm_course) == n, timeout=LONG)
    session.pause()
    qtbot.waitUntil(lambda: panel.view.mean._shown is not None and len(panel.view.mean._shown.positions) == 3)
    course, variance = panel.view.mean._shown, panel.view.variance._shown
    assert course is not None
    assert variance is not None
    np.testing.assert_allclose(course.positions, [0.1, 0.2, 0.3])
    running = 0.0
    for batch, then in zip(course.batch, course.running, strict=True):
        running = 0.9 * running + 0.1 * batch
        assert then == pytest.approx(running, abs=1e-6)
    running = 1.0
    for batch, then in zip(variance.batch, variance.running, strict=True):
        running = 0.9 * running + 0.1 * batch
        assert then == pytest.approx(running, abs=1e-5)
    session.time_machine.look_at(0.2)
    qtbot.waitUntil(lambda: panel.view.mean._cursor == pytest.approx(0.2))
    qtbot.waitUntil(lambda: panel._batch is not None and panel._batch.running_mean == pytest.approx(course.running[1]))
    session.time_machine.look_at(None)
    qtbot.waitUntil(lambda: panel.view.mean._cursor is None)
    plot = panel.view.mean
    qtbot.mouseMove(plot, QPoint(plot.width() // 2, plot.height() // 2))
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert "batch" in plot.readout()


def test_a_panel_opened_later_sees_the_past(qtbot, session: Session) -> None:
    session.step_batch()
    qtbot.waitUntil(lambda: len(session.batch_norm_course) == 1, timeout=LONG)
    late = BatchnormPanel(session, {})
    qtbot.addWidget(late)
    late.show()
    shown(qtbot, late)
    assert late.view.mean._shown is not None
    late.hide()


def test_a_network_without_batch_norm_gets_one_by_a_click(qtbot, session: Session, panel: BatchnormPanel) -> None:
    session.edit("Remove", network=NETWORK.removed(5).removed(1))
    button: QPushButton = found(panel, QPushButton, "batch_norm_insert")
    assert button.isVisible()
    assert "no batch normalisation" in panel._message.text()
    button.click()
    assert batch_norms(session.network) == [1]
    assert session.selected == 1
    shown(qtbot, panel)
    assert not button.isVisible()
    assert panel._area.isVisible()


def test_data_that_do_not_fit_are_named(qtbot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    session.edit("Other input", network=Network((1, 32, 32), NETWORK.layers))
    qtbot.waitUntil(lambda: "28×28×1" in panel._message.text())
    assert not panel._area.isVisible()
    session.undo_stack.undo()
    shown(qtbot, panel)
    assert panel._area.isVisible()


def test_a_hidden_panel_does_nothing(qtbot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    panel.hide()
    session.preview_drawing(LINES[1])
    session.edit("Change", weights=frozen({**session.weights, "conv_1.bias": session.weights["conv_1.bias"] + 1}))
    assert not panel._soon.isActive()
    assert panel._work._latest is None
    panel.show()
    shown(qtbot, panel)


def test_values_pointed_at_elsewhere_are_ringed(qtbot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    session.inspection.hover(Unit(1, (2, 1, 1)))
    place = panel.view.maps.mosaic.marks.hovered
    assert place is not None
    assert (place.tile, place.row, place.column) == (2, 1, 1)


def test_a_batch_size_of_1_is_shown_with_what_it_lacks(qtbot, session: Session, panel: BatchnormPanel) -> None:
    session.select(5)
    session.edit("Change batch size", config=TrainingConfig(batch_size=1))
    batch = shown(qtbot, panel, layer=5)
    assert (batch.count, batch.variance) == (1, 0)
    assert "cannot be moved" in panel.view.momentum_text.text()
    assert steps(panel)["3  normalise"].text.endswith("= 0")


def test_a_layer_before_that_cannot_work_on_one_image_is_named(qtbot, session: Session, panel: BatchnormPanel) -> None:
    network = NETWORK.inserted(6, BatchNorm())
    session.edit("Another", network=network, config=TrainingConfig(batch_size=1))
    session.select(6)
    qtbot.waitUntil(lambda: "batch_norm_2 has one value per channel" in panel._message.text(), timeout=LONG)
    assert not panel._area.isVisible()
    session.edit("Change batch size", config=TrainingConfig(batch_size=2))
    shown(qtbot, panel, layer=6)
    assert panel._area.isVisible()


def test_a_frozen_layer_is_said_to_go_by_its_running_averages(qtbot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    session.edit("Freeze", network=NETWORK.replaced(1, NETWORK.layers[1].changed(trainable=False)))
    qtbot.waitUntil(lambda: "frozen" in panel._message.text(), timeout=LONG)
