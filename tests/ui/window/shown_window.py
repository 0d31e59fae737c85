"""The network of the window's tests, and what is found in the window by its name."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.project import Project
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import initial_weights
from convscope.ui.window import MainWindow

LONG = 20_000  # milliseconds; a busy machine may take long to load torch
NETWORK = Network(layers=(Conv2d(2, 5, 4), Activation(), Flatten(), Dense(10)))
OTHER = Network(layers=(Flatten(), Dense(10)))
LINE = Drawing((Stroke(((0.3, 0.2), (0.5, 0.8)), 0.08, False),))
PANELS = ("stack_panel", "drawing_panel", "maps_panel", "kernels_panel", "curves_panel", "training_panel")
Maker = Callable[[], MainWindow]


def project(network: Network) -> Project:
    return Project(network, initial_weights(network, 0), TrainingConfig(batch_size=20, epochs=2))


def action(window: MainWindow, name: str) -> QAction:
    found = window.findChild(QAction, f"action_{name}")
    assert found is not None
    return found


def dock(window: MainWindow, panel: str) -> QDockWidget:
    found = window.findChild(QDockWidget, f"{panel}_dock")
    assert found is not None
    return found
