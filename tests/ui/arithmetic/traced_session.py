"""A session with nothing but a network and what it made of an image, and the panel's buttons and cells."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from convscope.core.layers import Activation, AveragePool, BatchNorm, Conv2d, Dense, Dropout, Flatten, MaxPool
from convscope.core.network import Network
from convscope.core.trace import trace
from convscope.core.unit import Unit
from convscope.core.weights import initial_weights
from convscope.ui.inspection import Inspection
from convscope.ui.panels.arithmetic import ArithmeticPanel
from convscope.ui.widgets.slide_picture import cell_of

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
    computing_changed = Signal()
    waiting = ""

    def __init__(self) -> None:
        super().__init__()
        self.selected = -1
        self.class_names = tuple("0123456789")
        self.inspection = Inspection(NETWORK, self)
        self.show(NETWORK)

    def show(self, network: Network, seed: int = 0, switched_off: Iterable[tuple[str, int]] = ()) -> None:
        self.network = network
        self.image = np.random.default_rng(seed).random(network.input_shape, np.float32)
        weights = initial_weights(network, seed)
        self.trace: Any = trace(network, weights, self.image, switched_off=frozenset(switched_off))
        self.inspection.follow(network)
        self.trace_changed.emit()

    def value(self, unit: Unit) -> float:
        return float(self.trace.values(unit.layer)[unit.index])


def press(qtbot: QtBot, panel: ArithmeticPanel, name: str) -> None:
    button = panel.findChild(QToolButton, f"slide_{name}")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def cell(panel: ArithmeticPanel, row: int, column: int, *, of: str) -> Any:
    places = panel.slide_view.places()
    assert places is not None
    return cell_of(getattr(places, of), (12, 12), row, column).center().toPoint()
