"""The batch-norm panel through a run: the running figures follow the batches, and the network without batch norm."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from convscope.core.batch_norm_changes import batch_norms
from convscope.ui.panels.batchnorm import BatchnormPanel
from convscope.ui.session import Session
from convscope.ui.widgets.number_text import number_text

from .shown_batch import LONG, NETWORK, shown


def test_training_without_is_one_click_and_one_step_back(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    weights = session.weights
    button = panel.findChild(QPushButton, "batch_norm_plain_button")
    assert isinstance(button, QPushButton)
    button.click()
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


def test_while_a_run_goes_on_the_sliders_say_why_they_are_fixed(
    qtbot: QtBot, session: Session, panel: BatchnormPanel
) -> None:
    shown(qtbot, panel)
    sliders = panel.view.sliders
    before = sliders.shift.slider.toolTip()
    session.edit("Go on for long", config=dataclasses.replace(session.config, epochs=1000))
    session.train()
    assert not sliders.shift.slider.isEnabled()
    assert "ends the run" in sliders.shift.slider.toolTip()
    assert "ends the run" in sliders.scale.editor.toolTip()
    session.pause()
    qtbot.waitUntil(sliders.shift.slider.isEnabled, timeout=LONG)
    assert sliders.shift.slider.toolTip() == before


def test_another_momentum_lets_the_run_go_on(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    session.step_batch()
    qtbot.waitUntil(lambda: len(session.batch_norm_course) == 1, timeout=LONG)
    panel.view.momentum.entered.emit(1.0)
    session.step_batch()
    qtbot.waitUntil(lambda: len(session.batch_norm_course) == 2, timeout=LONG)
    assert len(session.history) == 2
    course = session.batch_norm_course.of(session.network.layers[1].name, 0)
    assert course is not None
    assert course.running_mean[1] == pytest.approx(course.batch_mean[1], abs=1e-6)


def test_the_running_figures_follow_the_batches_through_a_run(
    qtbot: QtBot, session: Session, panel: BatchnormPanel
) -> None:
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
    then = number_text(float(course.running[1]))
    qtbot.waitUntil(lambda: f" · {then} + " in panel.view.momentum_text.text(), timeout=LONG)
    session.time_machine.look_at(None)
    qtbot.waitUntil(lambda: panel.view.mean._cursor is None)
    plot = panel.view.mean
    qtbot.mouseMove(plot, QPoint(plot.width() // 2, plot.height() // 2))
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert "batch" in plot.readout()


def test_a_panel_opened_later_sees_the_past(qtbot: QtBot, session: Session) -> None:
    session.step_batch()
    qtbot.waitUntil(lambda: len(session.batch_norm_course) == 1, timeout=LONG)
    late = BatchnormPanel(session, {})
    qtbot.addWidget(late)
    late.show()
    shown(qtbot, late)
    assert late.view.mean._shown is not None
    late.hide()
