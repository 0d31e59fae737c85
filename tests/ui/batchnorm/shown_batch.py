"""What the batch-norm panel shows: waits until it is what the core finds for the present network and drawing."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from convscope.core.batch_norm import ChannelBatch, channel_batch, mini_batch
from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.unit import Unit
from convscope.ui.panels.batchnorm import BatchnormPanel
from convscope.ui.panels.batchnorm_text import momentum_text, steps_sheet
from convscope.ui.session import Session
from convscope.ui.widgets.breakdown_block import Step, StepsBlock
from convscope.ui.widgets.breakdown_sheet import Sheet

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
_OF_THE_CHANNEL = ("1  mean μ", "2  variance σ²")  # the steps that are the same for all of its values


def session_of(panel: BatchnormPanel) -> Session:
    """Return the session that the panel shows."""
    return panel._session


def expected(session: Session, layer: int, channel: int) -> ChannelBatch:
    """Return what the core finds for a channel of the present network."""
    assert session.dataset is not None
    what, seed = (session.network, session.dataset, session.config, session.image), session.mask_seed
    images = mini_batch(*what, layer, seed=seed)
    where = session.network, session.shown_weights, images, layer, channel
    return channel_batch(*where, seed=seed, off=session.switched_off)


def lines_of(sheet: Sheet) -> dict[str, Step]:
    """Return the steps of a sheet by their names."""
    block = sheet.blocks[0]
    assert isinstance(block, StepsBlock)
    return {step.name: step for step in block.steps}


def steps(panel: BatchnormPanel) -> dict[str, Step]:
    """Return the steps that are shown, by their names."""
    sheet = panel.view.steps.sheet
    return {} if sheet is None else lines_of(sheet)


def shown(qtbot: QtBot, panel: BatchnormPanel, layer: int = 1, channel: int = 0) -> ChannelBatch:
    """Wait until the present batch of a channel is shown, and return it."""
    session, seen = session_of(panel), panel.view

    def is_there() -> bool:
        wanted = expected(session, layer, channel)
        unit = Unit(layer, (channel,) + (0,) * (wanted.before.ndim - 1))
        own, there = lines_of(steps_sheet(wanted, unit, seen.digits)), steps(panel)
        same_layer = "x" in there and there["x"].unit is not None and there["x"].unit.layer == layer - 1
        return (
            seen.isVisible()
            and same_layer
            and all(there[name].text == own[name].text for name in _OF_THE_CHANNEL)
            and seen.momentum_text.text() == momentum_text(wanted)
            and (seen.sliders.scale.value, seen.sliders.shift.value) == (wanted.scale, wanted.shift)
        )

    qtbot.waitUntil(is_there, timeout=LONG)
    return expected(session, layer, channel)


def traced(qtbot: QtBot, session: Session) -> None:
    """Wait until the trace is that of the present network, weights and drawing."""

    def is_there() -> bool:
        seen = session.trace
        return seen.network == session.network and seen.weights is session.weights and seen.image is session.image

    qtbot.waitUntil(is_there, timeout=LONG)
