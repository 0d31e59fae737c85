"""The arithmetic panel takes the pinned value apart, and its window slides over the map."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from convscope.core.layers import Activation, AveragePool, BatchNorm, Conv2d, Dense, Dropout, Flatten, MaxPool
from convscope.core.network import Network
from convscope.core.trace import trace
from convscope.core.unit import Unit
from convscope.core.weights import initial_weights
from convscope.ui.inspection import Inspection
from convscope.ui.panels.arithmetic import ArithmeticPanel
from convscope.ui.widgets.number_text import number_text

NETWORK = Network(
    (1, 12, 12),
    (
        Conv2d(filters=3, padding="same"),
        BatchNorm(),
        Activation(),
        MaxPool(),
        Dropout(),
        Conv2d(filters=20, kernel_size=3, stride=2, dilation=2, padding=2),
        AveragePool(kernel_size=1, stride=1),
        Flatten(),
        Dense(units=10),
    ),
)


class StubSession(QObject):
    """What the panel reads of a session, with a real trace."""

    network_changed = Signal()
    trace_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.selected = -1
        self.class_names = tuple("0123456789")
        self.inspection = Inspection(NETWORK, self)
        self.show(NETWORK)

    def show(self, network: Network, seed: int = 0) -> None:
        self.network = network
        self.image = np.random.default_rng(seed).random(network.input_shape, np.float32)
        self.trace: Any = trace(network, initial_weights(network, seed), self.image)
        self.inspection.follow(network)
        self.trace_changed.emit()

    def value(self, unit: Unit) -> float:
        return float(self.trace.values(unit.layer)[unit.index])


@pytest.fixture
def session() -> StubSession:
    return StubSession()


@pytest.fixture
def panel(qtbot: QtBot, session: StubSession) -> ArithmeticPanel:
    widget = ArithmeticPanel(cast(Any, session), {})
    qtbot.addWidget(widget)
    widget.resize(900, 400)
    widget.show()
    return widget


def test_with_nothing_pinned_an_example_can_be_shown(
    qtbot: QtBot, session: StubSession, panel: ArithmeticPanel
) -> None:
    example = panel.findChild(QPushButton, "arithmetic_example")
    assert example is not None
    assert example.isVisible()
    qtbot.mouseClick(example, Qt.MouseButton.LeftButton)
    assert session.inspection.pinned == Unit(0, (1, 6, 6))  # the middle of the first convolution
    assert not example.isVisible()
    session.inspection.pin(None)
    session.selected = 3
    qtbot.mouseClick(example, Qt.MouseButton.LeftButton)
    assert session.inspection.pinned == Unit(3, (1, 3, 3))


@pytest.mark.parametrize("layer", range(-1, len(NETWORK.layers) + 1))
def test_every_layer_is_taken_apart_down_to_torchs_value(
    session: StubSession, panel: ArithmeticPanel, layer: int
) -> None:
    shape = session.network.shape_at(layer)
    assert shape is not None
    unit = Unit(layer, tuple(side // 2 for side in shape))
    session.inspection.pin(unit)
    sheet = panel.view.sheet
    assert sheet is not None
    assert sheet.agrees
    assert number_text(session.value(unit)) in panel.picker.words
    assert number_text(session.value(unit), 3)[:-1] in sheet.result
    assert number_text(session.value(unit), 7) in sheet.exactness
    assert panel.grab().size() == panel.size()
