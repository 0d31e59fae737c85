"""The batch-norm panel: what is folded away in it, and the sentences that stand in the place of all."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from convscope.core.batch_norm_changes import batch_norms
from convscope.core.layers import BatchNorm
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig
from convscope.ui.panels.batchnorm import BatchnormPanel
from convscope.ui.session import Session
from convscope.ui.widgets.number_text import number_text

from .shown_batch import LONG, NETWORK, shown, steps, traced


def test_a_batch_of_one_is_told_for_maps_and_for_a_vector(
    qtbot: QtBot, session: Session, panel: BatchnormPanel
) -> None:
    shown(qtbot, panel)
    assert "8×8 = 64 values" in panel.folds.one.summary
    session.select(5)
    batch = shown(qtbot, panel, layer=5)
    assert "the variance is 0" in panel.folds.one.summary
    assert f"x = {number_text(float(batch.before[0]))}" in panel.folds.one.summary


def test_the_bias_before_is_removed_and_nothing_changes(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
    batch = shown(qtbot, panel)
    traced(qtbot, session)
    before = session.trace.probabilities
    bias = float(session.weights["conv_1.bias"][0])
    assert number_text(batch.mean - bias) in panel.folds.bias.summary
    panel.folds.bias.heading.click()
    button = panel.findChild(QPushButton, "batch_norm_bias_button")
    assert isinstance(button, QPushButton)
    assert button.text() == "Remove the bias"
    button.click()
    assert "conv_1.bias" not in session.weights
    assert shown(qtbot, panel).mean == pytest.approx(batch.mean - bias, abs=1e-5)
    traced(qtbot, session)
    np.testing.assert_allclose(session.trace.probabilities, before, atol=1e-5)
    assert "has no bias" in panel.folds.bias.summary
    session.undo_stack.undo()
    assert float(session.weights["conv_1.bias"][0]) == bias
    session.undo_stack.redo()
    shown(qtbot, panel)
    button.click()  # now it adds one
    traced(qtbot, session)
    assert "conv_1.bias" in session.weights
    np.testing.assert_allclose(session.trace.probabilities, before, atol=1e-5)


def test_the_layers_are_compared_with_those_without(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    assert not panel.folds.spreads._spreads  # nothing is computed for a part that is folded away
    panel.folds.plain.heading.click()
    qtbot.waitUntil(lambda: len(panel.folds.spreads._spreads) == len(NETWORK.layers), timeout=LONG)
    first, second = panel.folds.spreads._spreads[:2]
    assert (first.mean, first.std) == (first.mean_without, first.std_without)
    assert (second.mean_without, second.std_without) == (first.mean, first.std)
    assert "without" in panel.folds._plain_text.text()


def test_a_network_without_batch_norm_gets_one_by_a_click(
    qtbot: QtBot, session: Session, panel: BatchnormPanel
) -> None:
    session.edit("Remove", network=NETWORK.removed(5).removed(1))
    button = panel.findChild(QPushButton, "batch_norm_insert")
    assert isinstance(button, QPushButton)
    assert button.isVisible()
    assert "no batch normalisation" in panel._message.text()
    button.click()
    assert batch_norms(session.network) == [1]
    assert session.selected == 1
    shown(qtbot, panel)
    assert not button.isVisible()
    assert panel._area.isVisible()


def test_data_that_do_not_fit_are_named(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    session.edit("Other input", network=Network((1, 32, 32), NETWORK.layers))
    qtbot.waitUntil(lambda: "28×28×1" in panel._message.text(), timeout=LONG)
    assert not panel._area.isVisible()
    session.undo_stack.undo()
    shown(qtbot, panel)
    assert panel._area.isVisible()


def test_a_batch_size_of_1_is_shown_with_what_it_lacks(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
    session.select(5)
    session.edit("Change batch size", config=TrainingConfig(batch_size=1))
    batch = shown(qtbot, panel, layer=5)
    assert (batch.count, batch.variance) == (1, 0)
    assert "cannot be moved" in panel.view.momentum_text.text()
    assert steps(panel)["3  normalise"].text.endswith("= 0")


def test_a_layer_before_that_cannot_work_on_one_image_is_named(
    qtbot: QtBot, session: Session, panel: BatchnormPanel
) -> None:
    network = NETWORK.inserted(6, BatchNorm())
    session.edit("Another", network=network, config=TrainingConfig(batch_size=1))
    session.select(6)
    qtbot.waitUntil(lambda: "batch_norm_2 has one value per channel" in panel._message.text(), timeout=LONG)
    assert not panel._area.isVisible()
    session.edit("Change batch size", config=TrainingConfig(batch_size=2))
    shown(qtbot, panel, layer=6)
    assert panel._area.isVisible()
