"""The batch-norm panel where the drawing is seen in training: the numbers of the trace, and of a frozen layer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from convscope.core.data.drawing import Drawing
from convscope.core.mode import Mode
from convscope.core.training_config import TrainingConfig
from convscope.core.unit import Unit
from convscope.ui.panels.batchnorm import BatchnormPanel
from convscope.ui.panels.batchnorm_text import BiasBefore, bias_text
from convscope.ui.session import Session
from convscope.ui.widgets.number_text import number_text

from .shown_batch import LINES, LONG, NETWORK, expected, shown, steps, traced

FROZEN = NETWORK.replaced(1, NETWORK.layers[1].changed(trainable=False))


def training_trace(session: Session) -> Any:
    """Return the trace in training, whichever mode is chosen."""
    assert session.both_traces is not None
    return session.both_traces[1]


def number(text: str) -> float:
    """Return the number at the end of a step."""
    return float(text.rsplit("= ", maxsplit=1)[-1].replace("−", "-"))


def agree(qtbot: QtBot, session: Session, panel: BatchnormPanel, unit: Unit) -> None:
    """Wait until the steps are of the numbers by which the drawing is traced in training."""
    layer, name = unit.layer, session.network.layers[unit.layer].name
    session.inspection.pin(unit)
    shown(qtbot, panel, layer, unit.index[0])

    def is_there() -> bool:
        seen = training_trace(session)
        if (seen.image is not session.image) or seen.seed != session.mask_seed or len(steps(panel)) < 5:
            return False
        statistics, lines = seen.batch_statistics[name], steps(panel)
        wanted = {
            "1  mean μ": statistics.mean[unit.index[0]],
            "2  variance σ²": statistics.variance[unit.index[0]],
            "4  γ · … + β": seen.values(layer)[unit.index],
        }
        counted = f" ÷ {statistics.count:,} = " in lines["1  mean μ"].text
        return counted and all(number(lines[key].text) == pytest.approx(it, rel=1e-3) for key, it in wanted.items())

    qtbot.waitUntil(is_there, timeout=LONG)


def seen_in_training(qtbot: QtBot, session: Session) -> None:
    session.change_mode(Mode.TRAINING)
    qtbot.waitUntil(lambda: session.both_traces is not None, timeout=LONG)  # an edit's trace may come in between


def test_in_training_the_panel_shows_the_batch_that_is_traced(
    qtbot: QtBot, session: Session, panel: BatchnormPanel
) -> None:
    seen_in_training(qtbot, session)
    agree(qtbot, session, panel, Unit(1, (0, 3, 4)))
    agree(qtbot, session, panel, Unit(1, (2, 5, 5)))
    session.select(5)
    agree(qtbot, session, panel, Unit(5, (4,)))


def test_a_batch_that_must_follow_the_pen_is_the_same_smaller_one_in_both(
    qtbot: QtBot, session: Session, panel: BatchnormPanel
) -> None:
    wider = NETWORK.layers[0].changed(filters=24, stride=1)
    session.edit("Widen", network=NETWORK.replaced(0, wider), config=TrainingConfig(batch_size=100, train_size=200))
    seen_in_training(qtbot, session)
    agree(qtbot, session, panel, Unit(1, (7, 3, 4)))
    assert training_trace(session).batch < 100
    assert "not for the whole batch of 100" in panel._message.text()


def test_another_step_shows_other_images_everywhere(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
    seen_in_training(qtbot, session)
    agree(qtbot, session, panel, Unit(1, (0, 3, 4)))
    before = steps(panel)["1  mean μ"].text
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.resample()
    agree(qtbot, session, panel, Unit(1, (0, 3, 4)))
    assert steps(panel)["1  mean μ"].text != before


def test_beside_inference_the_numbers_are_those_of_training(
    qtbot: QtBot, session: Session, panel: BatchnormPanel
) -> None:
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.show_split(True)
    assert session.trace.mode is Mode.INFERENCE
    agree(qtbot, session, panel, Unit(1, (1, 2, 2)))
    session.preview_drawing(LINES[1])
    agree(qtbot, session, panel, Unit(1, (1, 2, 2)))
    session.preview_drawing(Drawing())
    agree(qtbot, session, panel, Unit(1, (1, 2, 2)))
    by_running = number(steps(panel)["4  by running"].text)
    assert by_running == pytest.approx(session.trace.values(1)[1, 2, 2], rel=1e-3)


def test_a_map_before_that_is_switched_off_is_missing_in_both(
    qtbot: QtBot, session: Session, panel: BatchnormPanel
) -> None:
    seen_in_training(qtbot, session)
    session.select(5)
    before = shown(qtbot, panel, layer=5)
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.edit("Switch off", switched_off=frozenset({("activation_1", 1)}))
    agree(qtbot, session, panel, Unit(5, (0,)))
    assert expected(session, 5, 0).mean != before.mean


def test_a_channel_that_is_switched_off_itself_is_said_to_be(
    qtbot: QtBot, session: Session, panel: BatchnormPanel
) -> None:
    session.edit("Switch off", switched_off=frozenset({("batch_norm_1", 0)}))
    qtbot.waitUntil(lambda: "Channel 0 is switched off" in panel._message.text(), timeout=LONG)


def test_a_frozen_layer_goes_by_its_running_averages(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
    shown(qtbot, panel)
    session.edit("Freeze", network=FROZEN)
    batch = shown(qtbot, panel)
    assert "frozen" in panel._message.text()
    seen_in_training(qtbot, session)
    session.inspection.pin(Unit(1, (0, 3, 4)))
    lines = steps(panel)
    assert list(lines) == ["x", "1  mean μ", "2  variance σ²", "3  normalise", "4  γ · … + β"]
    assert lines["1  mean μ"].text == f"{number_text(batch.running_mean)}  (running)"
    assert lines["2  variance σ²"].text == f"{number_text(batch.running_variance)}  (running)"
    trained = training_trace(session)
    assert number(lines["4  γ · … + β"].text) == pytest.approx(trained.values(1)[0, 3, 4], rel=1e-3)
    assert trained.batch > 1  # the second batch norm still goes by the batch
    assert "in training as in inference" in panel.view.note()
    assert [mark.name for mark in panel.view.after.marks] == ["running"]


def test_no_batch_is_said_to_move_a_frozen_layer(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
    session.edit("Freeze", network=FROZEN)
    batch = shown(qtbot, panel)
    said = panel.view.momentum_text.text()
    assert f"no batch moves its running mean {number_text(batch.running_mean)}" in said
    assert "takes nothing from the batch" in panel.folds.one.summary
    assert "stays as it is" in panel.view.mean.accessibleDescription()


def test_the_bias_before_a_frozen_layer_is_said_to_matter(
    qtbot: QtBot, session: Session, panel: BatchnormPanel
) -> None:
    session.edit("Freeze", network=FROZEN)
    batch = shown(qtbot, panel)
    said = panel.folds.bias.summary
    assert "the bias matters here" in said
    traced(qtbot, session)
    before = session.trace.values(1)[0]
    bias = session.weights["conv_1.bias"].copy()
    moved = float(bias[0]) * batch.scale / (batch.running_variance + batch.eps) ** 0.5
    assert said.endswith(f"= {number_text(moved)}.")
    bias[0] = 0
    session.edit("Take the bias away", weights={**session.weights, "conv_1.bias": bias})
    traced(qtbot, session)
    np.testing.assert_allclose(session.trace.values(1)[0], before - moved, atol=1e-5)


def test_where_all_are_frozen_there_is_still_a_batch_to_see(
    qtbot: QtBot, session: Session, panel: BatchnormPanel
) -> None:
    session.edit("Freeze", network=FROZEN.replaced(5, FROZEN.layers[5].changed(trainable=False)))
    assert len(shown(qtbot, panel).before) == 20
    seen_in_training(qtbot, session)
    assert training_trace(session).batch == 1
    session.inspection.pin(Unit(1, (0, 3, 4)))
    value = number(steps(panel)["4  γ · … + β"].text)
    assert value == pytest.approx(training_trace(session).values(1)[0, 3, 4], rel=1e-3)


def test_a_bias_gets_no_gradient_beside_that_of_beta(qtbot: QtBot, session: Session, panel: BatchnormPanel) -> None:
    session.step_batch()
    qtbot.waitUntil(lambda: "conv_1.bias" in session.gradients, timeout=LONG)
    session.pause()
    qtbot.waitUntil(lambda: "gradient" in panel.folds.bias.summary, timeout=LONG)
    gradients = [session.gradients[f"{name}.bias"] for name in ("conv_1", "batch_norm_1")]
    assert np.abs(gradients[0]).max() < 1e-3 * np.abs(gradients[1]).min()
    assert panel.folds.bias.summary.endswith("nothing beside it.")


@pytest.mark.parametrize(("own", "shifts", "is_nothing"), [(1e-9, 0.05, True), (0.05, 0.06, False), (0, 0, False)])
def test_a_gradient_is_nothing_only_beside_a_greater_one(
    session: Session, own: float, shifts: float, is_nothing: bool
) -> None:
    batch = expected(session, 1, 0)
    said = bias_text(batch, BiasBefore("conv_1", True, 0.5, own, shifts))
    assert ("nothing beside it" in said) == is_nothing
    assert number_text(shifts, 2) in said
    assert "nothing beside it" not in bias_text(batch, BiasBefore("conv_1", True, 0.5, own))
