"""The batch-norm panel: right numbers for a channel, γ and β to drag, momentum, and what is pointed at."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider
from pytestqt.qtbot import QtBot

from convscope.core.layers import BatchNorm
from convscope.core.unit import Unit
from convscope.core.weights import frozen
from convscope.ui.panels.batchnorm import BatchnormPanel
from convscope.ui.panels.batchnorm_text import forgetting_text
from convscope.ui.session import Session
from convscope.ui.widgets.number_text import number_text

from .shown_batch import LINES, LONG, shown, steps, traced


def test_the_four_steps_come_to_what_batch_norm_gives(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
    batch = shown(qtbot, panel)
    session.inspection.pin(Unit(1, (0, 3, 4)))
    lines = steps(panel)
    assert lines["x"].text.startswith(f"{number_text(float(batch.before[0, 3, 4]))} ")
    assert lines["1  mean μ"].text == f"Σ x ÷ {20 * 8 * 8:,} = {number_text(batch.mean)}"
    assert lines["2  variance σ²"].text.endswith(f"= {number_text(batch.variance)}")
    assert lines["4  γ · … + β"].text.endswith(f"= {number_text(float(batch.after[0, 3, 4]))}")
    bar = panel.view.steps.verticalScrollBar()
    assert bar.maximum() == 0  # all steps are seen at once
    traced(qtbot, session)
    by_running = float(session.trace.outputs[1][0, 3, 4])
    assert lines["4  by running"].text.endswith(f"= {number_text(by_running)}")


def test_a_value_that_is_another_in_inference_is_said_to_be(
    qtbot: QtBot, session: Session, panel: BatchnormPanel
) -> None:
    shown(qtbot, panel)
    assert "another x" not in panel.view.note()
    session.select(5)
    shown(qtbot, panel, layer=5)
    assert "another x" in panel.view.note()
    assert panel.view._count.text().endswith("one mini-batch: 20 values")


def test_histograms_are_marked_with_means_and_deviations(qtbot: QtBot, panel: BatchnormPanel) -> None:
    batch = shown(qtbot, panel)
    before, after = panel.view.before.marks, panel.view.after.marks
    assert [(mark.mean, mark.std) for mark in before] == [
        (batch.mean, math.sqrt(batch.variance)),
        (batch.running_mean, math.sqrt(batch.running_variance)),
    ]
    assert after[0].mean == pytest.approx(batch.shift, abs=1e-5)
    assert after[0].std == pytest.approx(abs(batch.scale), rel=1e-3)
    assert "20 × 8 × 8 = 1,280 values" in panel.view._count.text()


def test_a_channel_is_chosen_by_field_key_and_click(qtbot: QtBot, panel: BatchnormPanel) -> None:
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


def test_another_drawing_or_layer_is_followed(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
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


def test_dragging_gamma_shows_it_live_and_is_one_step(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
    batch = shown(qtbot, panel)
    slider = panel.findChild(QSlider, "batch_norm_scale_slider")
    assert isinstance(slider, QSlider)
    traced(qtbot, session)
    maps = session.trace.outputs[1]
    slider.setSliderDown(True)
    slider.setValue(200)
    assert session.undo_stack.count() == 0
    assert panel.view.after.marks[0].std == pytest.approx(2 * math.sqrt(batch.variance / (batch.variance + 1e-5)))
    qtbot.waitUntil(lambda: np.allclose(session.trace.outputs[1][0], 2 * maps[0], atol=1e-5), timeout=LONG)
    np.testing.assert_array_equal(session.trace.outputs[1][1:], maps[1:])
    slider.setSliderDown(False)
    assert session.weights["batch_norm_1.weight"].tolist() == [2, 1, 1]
    assert session.undo_stack.count() == 1
    shown(qtbot, panel)
    session.undo_stack.undo()
    assert shown(qtbot, panel).scale == 1
    assert panel.view.sliders.scale.slider.value() == 100


def test_beta_is_typed(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    editor = panel.view.sliders.shift.editor
    editor.selectAll()
    qtbot.keyClicks(editor, "-4.5")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert session.weights["batch_norm_1.bias"].tolist() == [-4.5, 0, 0]
    assert shown(qtbot, panel).shift == -4.5
    assert panel.view.sliders.shift.slider.value() == -450  # its reach grows with the value


def test_momentum_is_a_setting_of_the_layer(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
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


def test_a_hidden_panel_does_nothing(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    panel.hide()
    session.preview_drawing(LINES[1])
    session.edit("Change", weights=frozen({**session.weights, "conv_1.bias": session.weights["conv_1.bias"] + 1}))
    assert not panel._soon.isActive()
    assert panel._work._latest is None
    panel.show()
    shown(qtbot, panel)


def test_values_pointed_at_elsewhere_are_ringed(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    session.inspection.hover(Unit(1, (2, 1, 1)))
    place = panel.view.maps.mosaic.marks.hovered
    assert place is not None
    assert (place.tile, place.row, place.column) == (2, 1, 1)
