"""The curves panel draws when it can be seen, and puts its plots where both are largest."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convscope.core.diagnosis import Place
from convscope.core.history import EpochPoint, History
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.runs import RunRecord
from convscope.core.training_config import TrainingConfig
from convscope.ui import theme
from convscope.ui.panels.curves import CurvesPanel
from convscope.ui.pointed_place import PointedPlace
from convscope.ui.run_state import RunState
from convscope.ui.time_machine import TimeMachine
from convscope.ui.widgets.curve_plot import CurvePlot


class SessionStub(QObject):
    """The part of the session that the panel reads."""

    history_changed = Signal()
    network_changed = Signal()
    weights_changed = Signal()
    dataset_changed = Signal()
    runs_changed = Signal()
    run_state_changed = Signal()
    run_state = RunState.IDLE
    history_is_former = False
    history_source = ""
    dataset: Any = None
    present_run: RunRecord | None = None
    runs: tuple[RunRecord, ...] = ()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.history = History()
        self.network = Network()
        self.pointed_place = PointedPlace(self)
        self.time_machine = TimeMachine(self)

    def add(self, batches: int, epochs: int) -> None:
        points = tuple(EpochPoint(e, 0.5 / e, 0.9, 0.75 / e, 0.8, 0.001, 1.0) for e in range(1, epochs + 1))
        x = np.linspace(0, max(epochs, 0.2), batches + 1)[1:]
        self.history = History(x, np.ones(batches, np.float32), np.ones(batches, np.float32), points)
        self.history_changed.emit()


@pytest.fixture
def session(qapp: QApplication) -> SessionStub:
    return SessionStub()


@pytest.fixture
def panel(session: SessionStub, qtbot: QtBot, qapp: QApplication) -> CurvesPanel:
    theme.apply(qapp, "light")
    panel = CurvesPanel(cast(Any, session), {})
    qtbot.addWidget(panel)
    panel.resize(800, 320)
    return panel


def plots(panel: CurvesPanel) -> tuple[CurvePlot, CurvePlot]:
    loss, accuracy = panel.findChild(CurvePlot, "loss_plot"), panel.findChild(CurvePlot, "accuracy_plot")
    assert isinstance(loss, CurvePlot)
    assert isinstance(accuracy, CurvePlot)
    return loss, accuracy


def test_both_plots_follow_the_session(panel: CurvesPanel, session: SessionStub, qtbot: QtBot) -> None:
    panel.show()
    loss, accuracy = plots(panel)
    qtbot.waitUntil(lambda: loss.canvas is not None and accuracy.canvas is not None)
    session.add(batches=50, epochs=2)
    assert loss.canvas is not None
    assert accuracy.canvas is not None
    np.testing.assert_array_equal(loss.canvas.validation.getOriginalDataset(), ([1, 2], [0.75, 0.375]))
    np.testing.assert_allclose(accuracy.canvas.train.getOriginalDataset(), ([1, 2], [90, 90]))
    assert loss.keys["train"].value.text() == "0.250"
    assert accuracy.keys["validation"].value.text() == "80.00 %"


def test_in_a_run_the_plots_take_turns_with_batches_but_not_with_epochs(
    panel: CurvesPanel, session: SessionStub, qtbot: QtBot
) -> None:
    panel.show()
    session.run_state = RunState.RUNNING
    qtbot.waitUntil(lambda: all(plot.canvas is not None for plot in plots(panel)))
    canvases = [plot.canvas for plot in plots(panel) if plot.canvas is not None]

    def drawn() -> list[int]:
        return [len(canvas.batches.getOriginalDataset()[0]) for canvas in canvases]

    session.add(batches=20, epochs=1)
    assert drawn() == [20, 20]
    for batches in (21, 22):
        session.add(batches=batches, epochs=1)
    assert sorted(drawn()) == [21, 22]
    session.run_state = RunState.PAUSED
    session.run_state_changed.emit()
    assert drawn() == [22, 22]


def test_a_hidden_panel_waits_and_draws_when_shown(panel: CurvesPanel, session: SessionStub) -> None:
    loss, _ = plots(panel)
    session.add(batches=5, epochs=1)
    assert loss.keys["train"].value.text() == "–"
    panel.show()
    assert loss.keys["train"].value.text() == "0.500"
    panel.hide()
    session.add(batches=9, epochs=2)
    assert loss.keys["train"].value.text() == "0.500"
    panel.show()
    assert loss.keys["train"].value.text() == "0.250"


def test_plots_stand_beside_each_other_when_wide_and_stacked_when_tall(panel: CurvesPanel, qtbot: QtBot) -> None:
    panel.show()
    loss, accuracy = plots(panel)
    qtbot.waitUntil(lambda: accuracy.x() > loss.geometry().right())
    assert loss.y() == accuracy.y()
    panel.resize(360, 560)
    qtbot.waitUntil(lambda: accuracy.y() > loss.geometry().bottom())
    assert panel.width() == 360  # the wide arrangement does not keep the panel wide
    assert loss.x() == accuracy.x()


@pytest.mark.parametrize("changed", ["network_changed", "weights_changed"])
def test_it_says_when_the_network_is_another_than_that_of_the_curves(
    panel: CurvesPanel, session: SessionStub, changed: str
) -> None:
    panel.show()
    session.add(batches=5, epochs=1)
    assert panel.note.isHidden()
    session.history_is_former = True
    getattr(session, changed).emit()
    assert panel.note.isVisible()
    assert not any(plot.isEnabled() for plot in plots(panel))
    session.history_is_former = False
    getattr(session, changed).emit()
    assert panel.note.isHidden()
    assert all(plot.isEnabled() for plot in plots(panel))


def test_it_names_the_data_of_the_curves_where_those_chosen_now_are_others(
    panel: CurvesPanel, session: SessionStub
) -> None:
    panel.show()
    session.add(batches=5, epochs=1)
    session.history_source, session.dataset = "mnist", SimpleNamespace(id="generated")
    session.dataset_changed.emit()
    assert panel.note.text() == "These curves are from training on MNIST digits, not on Generated handwriting."
    assert all(plot.isEnabled() for plot in plots(panel))  # they are this network's own
    session.history_is_former = True
    session.weights_changed.emit()
    assert panel.note.text() == "These curves tell of the network before it was changed, trained on MNIST digits."
    session.history_is_former, session.history_source = False, ""
    session.dataset_changed.emit()
    assert panel.note.isHidden()


def test_a_network_that_predicts_a_number_has_no_plot_of_an_accuracy(
    panel: CurvesPanel, session: SessionStub, qtbot: QtBot
) -> None:
    panel.show()
    loss, accuracy = plots(panel)
    session.network = preset("height-mlp").network
    session.network_changed.emit()
    assert not accuracy.isVisible()
    qtbot.waitUntil(lambda: loss.width() > 700)
    panel.hide()
    session.network = Network()
    session.network_changed.emit()
    panel.show()
    assert accuracy.isVisible()
    session.history = History(network=preset("height-mlp").network)
    session.history_changed.emit()  # the curves are those of a network that was there before
    assert not accuracy.isVisible()


def test_a_place_that_is_pointed_at_is_marked_in_the_loss(
    panel: CurvesPanel, session: SessionStub, qtbot: QtBot
) -> None:
    panel.show()
    loss, accuracy = plots(panel)
    qtbot.waitUntil(lambda: loss.canvas is not None and accuracy.canvas is not None)
    session.add(batches=50, epochs=5)
    session.pointed_place.point(Place(2, 5, "turned in epoch 2"))
    assert loss.canvas is not None
    assert accuracy.canvas is not None
    qtbot.waitUntil(loss.canvas.band.label.isVisible)
    assert not accuracy.canvas.band.label.isVisible()
    session.pointed_place.point(None)
    assert not loss.canvas.band.label.isVisible()


def test_chosen_runs_are_laid_over_both_plots_but_not_the_present_one(panel: CurvesPanel, session: SessionStub) -> None:
    points = (EpochPoint(1, 0.5, 0.9, 0.75, 0.8, 0.001, 1.0),)
    session.runs = tuple(
        RunRecord(number, Network(), TrainingConfig(), history=History(epochs=points), shown=number > 1)
        for number in range(1, 4)
    )
    session.present_run = session.runs[2]
    session.runs_changed.emit()
    panel.show()
    assert [plot.legend.texts() for plot in plots(panel)] == [["Run 2"], ["Run 2"]]
    session.present_run = None
    session.history_changed.emit()
    assert [plot.legend.texts() for plot in plots(panel)] == [["Run 2", "Run 3"]] * 2


def test_runs_of_another_loss_and_runs_without_a_line_are_left_out(panel: CurvesPanel, session: SessionStub) -> None:
    points = (EpochPoint(1, 0.5, 0.9, 0.75, 0.8, 0.001, 1.0),)
    batches = History(np.array([0.1]), np.ones(1, np.float32), np.ones(1, np.float32))
    numbers = preset("height-mlp").network
    session.runs = (
        RunRecord(1, Network(), TrainingConfig(), history=History(epochs=points), shown=True),
        RunRecord(2, numbers, TrainingConfig(), history=History(epochs=points), shown=True),
        RunRecord(3, Network(), TrainingConfig(), history=batches, shown=True),
        RunRecord(4, Network(), TrainingConfig(), shown=True),
    )
    session.runs_changed.emit()
    panel.show()
    assert [plot.legend.texts() for plot in plots(panel)] == [["Run 1", "Run 3"]] * 2
    assert panel.note.isVisible()
    assert panel.note.text().startswith("1 checked run has another kind of loss")
    session.network = numbers
    session.network_changed.emit()
    assert [plot.legend.texts() for plot in plots(panel)] == [["Run 2"]] * 2
    session.runs = session.runs[1:2]
    session.runs_changed.emit()
    assert not panel.note.isVisible()
