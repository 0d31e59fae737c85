"""Looking back in the whole window: every view shows the moment, saving and undo know nothing of it, Esc returns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QSlider
from pytestqt.qtbot import QtBot

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.project import Project, load
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import initial_weights
from convscope.ui import background
from convscope.ui.application import make_window
from convscope.ui.panel_dock import PanelDock
from convscope.ui.preferences import Preferences
from convscope.ui.run_state import RunState
from convscope.ui.widgets.curve_plot import CurvePlot
from convscope.ui.widgets.kernel_table import KernelTable
from convscope.ui.widgets.matrix_view import MatrixView
from convscope.ui.widgets.prediction_bars import PredictionBars
from convscope.ui.window import MainWindow

LONG = 30_000  # milliseconds
NETWORK = Network(layers=(Conv2d(4, 5, 2), Activation(), Flatten(), Dense(10)))
LINE = Drawing((Stroke(((0.3, 0.2), (0.5, 0.8)), 0.08, False),))


@pytest.fixture
def window(qtbot: QtBot, digits_folder: Path) -> Iterator[MainWindow]:
    """Return the window after a run of a few batches, each with a moment of its own."""
    project = Project(NETWORK, initial_weights(NETWORK, 0), TrainingConfig(batch_size=20, epochs=1), drawing=LINE)
    window = make_window(Preferences(), None, project)
    window.resize(1600, 1000)
    with qtbot.waitSignal(window.session.trace_changed, timeout=LONG):
        window.show()
    session = window.session
    session.change_dataset("folder", digits_folder)
    qtbot.waitUntil(lambda: session.dataset is not None and session.loading is None, timeout=LONG)
    for _ in range(4):
        session.step_batch()
        qtbot.waitUntil(lambda: session.run_state is RunState.PAUSED, timeout=LONG)
    session.select(0)
    yield window
    window.files.may_discard = lambda: True
    window.close()
    window.deleteLater()
    assert background.alive() == ()


def panel(window: MainWindow, name: str) -> Any:
    """Bring a panel to the front."""
    dock = next(dock for dock in window.findChildren(PanelDock) if dock.name == name)
    dock.show()
    dock.raise_()
    return window.panel(name)


def find(parent: Any, kind: type[Any], name: str = "") -> Any:
    found = parent.findChild(kind, name) if name else parent.findChild(kind)
    assert found is not None
    return found


def wait_for_trace(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    qtbot.waitUntil(lambda: session.trace.weights is session.shown_weights, timeout=LONG)


def test_every_view_shows_the_moment_and_escape_returns(window: MainWindow, qtbot: QtBot) -> None:
    session, machine = window.session, window.session.time_machine
    kernels, matrix = panel(window, "kernels_panel"), panel(window, "matrix_panel")
    drawing, bar = panel(window, "drawing_panel"), find(panel(window, "time_panel"), QSlider, "time_slider")
    panel(window, "kernels_panel")
    wait_for_trace(window, qtbot)
    present = session.trace.probabilities
    qtbot.keyClick(bar, Qt.Key.Key_Home)
    past = machine.moments[0].weights
    assert find(window, object, "time_mark").isVisible()
    wait_for_trace(window, qtbot)
    np.testing.assert_array_equal(find(kernels, KernelTable).values.weights, past["conv_1.weight"])
    bars = find(drawing, PredictionBars)
    np.testing.assert_allclose([one.probability for one in bars.bars], session.trace.probabilities)
    panel(window, "matrix_panel")
    assert find(matrix, MatrixView).matrix.matrix.max() == pytest.approx(max(0, past["conv_1.weight"][0, 0].max()))
    window.activateWindow()
    QTest.keyClick(bar, Qt.Key.Key_Escape)
    assert machine.shown is None
    assert not find(window, object, "time_mark").isVisible()
    wait_for_trace(window, qtbot)
    np.testing.assert_allclose(session.trace.probabilities, present)


def test_saving_while_looking_back_saves_the_present(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "saved.safetensors"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    window.session.time_machine.look_at(0)
    window.actions_by_name["action_save"].trigger()
    qtbot.waitUntil(path.exists, timeout=LONG)
    saved, present = load(path).weights, window.session.weights
    for key, array in present.items():
        np.testing.assert_array_equal(saved[key], array)
    assert window.session.time_machine.shown == 0


def test_undo_of_a_drawing_stays_in_the_past(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    session.time_machine.look_at(0)
    session.edit("Draw", drawing=Drawing())
    session.undo_stack.undo()
    assert session.time_machine.shown == 0
    assert session.drawing == LINE
    wait_for_trace(window, qtbot)


def test_a_click_in_the_curves_looks_at_that_moment(window: MainWindow, qtbot: QtBot) -> None:
    machine = window.session.time_machine
    plot = find(panel(window, "curves_panel"), CurvePlot)
    qtbot.waitUntil(lambda: plot.canvas is not None, timeout=LONG)
    canvas = plot.canvas
    wanted = machine.positions[2]
    qtbot.waitUntil(lambda: canvas.view.viewRange()[0][1] > wanted, timeout=LONG)
    place = canvas.mapFromScene(canvas.view.mapViewToScene(QPointF(wanted, 1.0)))
    qtbot.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert machine.shown == wanted
    assert canvas.cursor_line.position == wanted


def test_choosing_another_network_while_looking_back_is_safe(window: MainWindow, qtbot: QtBot) -> None:
    session = window.session
    for name in ("kernels_panel", "time_panel", "maps_panel"):
        panel(window, name)
    session.time_machine.look_at(0)
    session.select(3)
    session.edit("Remove", network=Network(layers=(Flatten(), Dense(10))))
    assert session.time_machine.shown is None
    session.undo_stack.undo()
    session.time_machine.look_at(0)
    session.edit("Change kernel", network=session.network.replaced(0, Conv2d(4, 3, 2)))
    session.edit("Break", network=session.network.replaced(0, Conv2d(4, 60, 2)))
    session.undo_stack.undo()
    session.undo_stack.undo()
    assert session.time_machine.positions
    wait_for_trace(window, qtbot)
    session.reset_weights()
    assert session.time_machine.positions == ()
    wait_for_trace(window, qtbot)
