"""The histograms: right shares for the drawing, many images and the weights, and maps that never answer."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QPushButton

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.data.progress import finished
from convscope.core.data.sources import loading
from convscope.core.histogram import histogram
from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.module import build_module, load_weights
from convscope.core.network import Network
from convscope.core.trace import trace
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import frozen
from convscope.ui import background
from convscope.ui.document import Document
from convscope.ui.panels.histogram import HistogramPanel
from convscope.ui.run_state import RunState
from convscope.ui.session import Session
from convscope.ui.widgets.histogram_plot import share_text
from convscope.ui.widgets.histogram_view import HistogramView, Values
from convscope.ui.widgets.number_text import number_text

NETWORK = Network((1, 28, 28), (Conv2d(filters=3, kernel_size=7, stride=3), Activation(), Flatten(), Dense(units=10)))
CONV, RELU = NETWORK.layers[0].name, NETWORK.layers[1].name
LINES = tuple(Drawing((Stroke(((0.2, y), (0.8, 1 - y)), 0.1, False),)) for y in (0.2, 0.8))
LONG = 20_000  # milliseconds; a busy machine may take long to load torch


@pytest.fixture
def session(qtbot, monkeypatch: pytest.MonkeyPatch, digits_folder: Path) -> Iterator[Session]:
    def answer(self: Session) -> None:
        self._trace = trace(self.network, self.weights, self.image)
        self.trace_changed.emit()

    monkeypatch.setattr(Session, "_ask", answer)
    session = Session(Document(NETWORK, config=TrainingConfig(train_size=200, validation_size=150)))
    session._dataset = finished(loading("folder", folder=digits_folder))
    session.preview_drawing(LINES[0])
    session.select(1)
    yield session
    session.close()
    assert background.end_all()


@pytest.fixture
def panel(qtbot, session: Session) -> Iterator[HistogramPanel]:
    widget = HistogramPanel(session, {})
    qtbot.addWidget(widget)
    widget.resize(600, 320)
    widget.show()
    yield widget
    widget.hide()


def looked(qtbot, panel: HistogramPanel) -> None:
    """Wait until the sample of images has been looked at, which the panel does by itself."""
    qtbot.waitUntil(lambda: "dead" in panel._activations.note(), timeout=LONG)


def button(panel: HistogramPanel) -> QPushButton:
    found = panel.findChild(QPushButton, "histogram_sample")
    assert found is not None
    return found


def outputs(session: Session, layers: int) -> np.ndarray:
    """Return what torch makes of the validation images up to a layer."""
    assert session.dataset is not None
    config = session.config
    _, examples = session.dataset.split(config.train_size, config.validation_size, held_out=config.held_out)
    module = build_module(NETWORK).eval()
    load_weights(module, session.weights)
    x = torch.tensor(examples.images) / 255
    for operation in list(module.operations)[:layers]:
        x = operation(x)
    return x.detach().numpy()


def figures(name: str, values: np.ndarray) -> tuple[str, ...]:
    zeros = share_text(float(np.mean(values == 0)))
    return name, zeros, number_text(float(values.mean()), 2), number_text(float(values.std()), 2)


def test_the_drawings_values_are_live(qtbot, session: Session, panel: HistogramPanel) -> None:
    assert panel._activations.table()[-1] == figures("drawing", session.trace.outputs[1])
    session.preview_drawing(LINES[1])
    qtbot.waitUntil(lambda: panel._activations.table()[-1] == figures("drawing", session.trace.outputs[1]))
    session.select(-1)
    assert panel._activations.table()[-1] == figures("drawing", session.image)


def test_many_images_are_looked_at_by_itself(qtbot, session: Session, panel: HistogramPanel) -> None:
    looked(qtbot, panel)
    assert panel._activations.table()[0] == figures("150 images", outputs(session, 2))
    session.select(0)
    assert panel._activations.table()[0] == figures("150 images", outputs(session, 1))
    assert not button(panel).isVisible()


def test_dead_maps_are_listed(qtbot, session: Session, panel: HistogramPanel) -> None:
    looked(qtbot, panel)
    assert "No dead maps" in panel._activations.note()
    bias = session.weights[f"{CONV}.bias"] - np.array([0, 100, 0], np.float32)  # below zero whatever is seen
    session.edit("Change bias", weights=frozen({**session.weights, f"{CONV}.bias": bias}))
    assert panel._activity is None  # what is no longer true is not shown
    dead = "1 of 3 maps dead: map 1."
    qtbot.waitUntil(lambda: panel._activations.note() == dead, timeout=LONG)


def test_a_heading_without_room_ends_in_dots_and_is_read_whole_in_its_tip(qtbot) -> None:
    view = HistogramView("Weights")
    qtbot.addWidget(view)
    view.resize(250, 200)
    view.show()
    values, long = Values(CONV, histogram(np.linspace(-1, 1, 50))), "3,244,800 weights of 16 filters"
    view.show_values(long, values)
    QApplication.processEvents()  # the heading takes its place
    heading = view._heading
    shown, tip = heading.grab().toImage(), heading.toolTip()
    dotted = heading.fontMetrics().elidedText(long, Qt.TextElideMode.ElideRight, heading.width())
    view.show_values(dotted, values)
    assert dotted.endswith("…")
    assert heading.grab().toImage() == shown
    assert tip == long


def test_the_weights_are_those_of_the_last_layer_that_has_some(session: Session, panel: HistogramPanel) -> None:
    weights = session.weights[f"{CONV}.weight"]
    assert panel._weights.table() == [figures(CONV, weights)]
    assert panel._weights._heading.text() == "147 weights"
    assert panel._weights.note().startswith("3 biases:")
    session.select(3)
    assert panel._weights.table()[0][0] == NETWORK.layers[3].name
    assert panel._weights._heading.text() == "1,920 weights"
    session.select(-1)
    assert panel._weights.table() == []


def test_a_bias_that_is_changed_alone_is_told(qtbot, session: Session, panel: HistogramPanel) -> None:
    biases = session.weights[f"{CONV}.bias"].copy()
    biases[0] = 5
    session.edit("Change bias", weights=frozen({**session.weights, f"{CONV}.bias": biases}))
    qtbot.waitUntil(lambda: panel._weights.note().endswith("to 5"), timeout=LONG)


def test_looking_can_be_cancelled_and_asked_for(qtbot, session: Session, panel: HistogramPanel) -> None:
    panel._look()
    assert button(panel).text() == "Cancel"
    qtbot.mouseClick(button(panel), Qt.MouseButton.LeftButton)
    assert not panel._job.is_running
    session.edit("Change seed", config=dataclasses.replace(session.config, validation_size=100))
    assert not panel._pause.isActive()  # who cancelled is not overruled
    qtbot.mouseClick(button(panel), Qt.MouseButton.LeftButton)
    looked(qtbot, panel)
    assert panel._activations.table()[0][0] == "100 images"


def test_nothing_is_looked_at_while_training_or_without_data(session: Session, panel: HistogramPanel) -> None:
    session._run_state = RunState.RUNNING
    session.run_state_changed.emit()
    panel._pause.stop()
    session.weights_changed.emit()
    assert not panel._pause.isActive()
    assert not button(panel).isEnabled()
    session._run_state, session._dataset = RunState.IDLE, None
    session.dataset_changed.emit()
    assert not panel._pause.isActive()


def test_a_hidden_panel_waits_until_it_is_shown(session: Session, panel: HistogramPanel) -> None:
    panel.hide()
    assert not panel._pause.isActive()
    session.select(0)
    session.preview_drawing(LINES[1])
    panel.show()
    assert panel._activations.table()[-1] == figures("drawing", session.trace.outputs[0])


def test_why_there_are_no_values(session: Session, panel: HistogramPanel) -> None:
    session.edit("Break", network=NETWORK.replaced(0, Conv2d(filters=3, kernel_size=40)))
    problem = session.network.report.problem
    assert problem is not None
    assert panel._activations.plot.accessibleDescription() == problem.located
    assert panel._activations.table() == []


def test_log_scale_and_read_out(qtbot, session: Session, panel: HistogramPanel) -> None:
    plot = panel._activations.plot
    box = panel.findChild(QCheckBox, "histogram_log")
    assert box is not None
    values = session.trace.outputs[1]
    assert plot._frame is not None
    column = plot.bin_rect(0).center().toPoint()
    qtbot.mouseMove(plot, column)
    share = float(np.mean((values >= 0) & (values < plot._frame.width)))
    assert plot.readout().endswith(f"drawing {share_text(share)}")
    heights = []
    for logarithmic in (False, True):
        box.setChecked(logarithmic)
        assert plot._frame is not None
        heights.append(float(plot._frame.heights(np.array(plot._frame.floor * 4))))
    assert heights[0] < 0.05
    assert heights[1] > 2 * heights[0]
    qtbot.mouseMove(plot, QPoint(1, 1))
    assert plot.readout() == ""
    qtbot.keyClick(plot, Qt.Key.Key_Right)
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert " to " in plot.readout()
