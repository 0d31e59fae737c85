"""Gradient flow in the window: sizes live and through the run, and troubles with one-click remedies."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QToolButton

from convscope.core.data.progress import finished
from convscope.core.data.sources import loading
from convscope.core.gradient_flow import WINDOW, FlowPoint, GradientFlow
from convscope.core.history import History
from convscope.core.layers import Activation, Dense, Flatten
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.training_config import TrainingConfig
from convscope.ui import background, theme
from convscope.ui.document import Document
from convscope.ui.panels.gradients import GradientsPanel
from convscope.ui.run_state import RunState
from convscope.ui.session import Session
from convscope.ui.widgets.gradient_data import GRADIENTS, UPDATES, Decades, layer_colours, power_text, thinned
from convscope.ui.widgets.gradient_plot import GradientPlot
from convscope.ui.widgets.number_text import number_text

SIGMOIDS = preset("sigmoid-deep").network
RELUS = Network((1, 28, 28), (Flatten(), Dense(units=30), Activation(), Dense(units=10)))
SLOW = TrainingConfig(train_size=400, validation_size=50, batch_size=10, epochs=20, optimizer="sgd", learning_rate=1e-3)
LONG = 20_000  # milliseconds; a busy machine may take long to load torch


@pytest.fixture
def session(qtbot, monkeypatch: pytest.MonkeyPatch, digits_folder: Path) -> Iterator[Session]:
    monkeypatch.setattr(Session, "_ask", lambda self: None)
    session = Session(Document(SIGMOIDS, config=SLOW))
    session._dataset = finished(loading("folder", folder=digits_folder))
    yield session
    session.close()
    assert background.end_all()


@pytest.fixture
def panel(qtbot, qapp: QApplication, session: Session) -> Iterator[GradientsPanel]:
    theme.apply(qapp, "light")
    panel = GradientsPanel(session, {})
    qtbot.addWidget(panel)
    panel.resize(560, 220)
    panel.show()
    yield panel
    panel.hide()


def point(epoch: float, gradients: tuple[float, ...], updates: tuple[float, ...], layers: tuple[str, ...]) -> FlowPoint:
    return FlowPoint(epoch, layers, np.array(gradients), np.array(updates), np.ones(len(layers)))


def show(session: Session, *points: FlowPoint) -> None:
    """Let the session have been told so much of a run."""
    flow = GradientFlow()
    for one in points:
        flow = flow.extended(one)
    session.step_watch.flow = flow
    session.step_watch.flow_changed.emit()


def vanishing(epoch: float = 0.0) -> FlowPoint:
    return point(epoch, (0.02, 0.1, 0.5), (1e-5, 1e-4, 1e-3), ("dense_1", "dense_2", "dense_3"))


def healthy(epoch: float = 0.0) -> FlowPoint:
    return point(epoch, (0.3, 0.4, 0.5), (1e-2, 1e-2, 1e-3), ("dense_1", "dense_2", "dense_3"))


def buttons(panel: GradientsPanel) -> list[str]:
    return [button.text() for button in panel.finding.buttons if not button.isHidden()]


def test_before_a_run_the_panel_says_what_will_be_seen(panel: GradientsPanel):
    assert panel.finding.sentence.text().startswith("Press Train")
    assert panel.rows.point is None
    assert buttons(panel) == []


def test_of_curves_whose_steps_are_gone_it_does_not_say_that_there_were_none(panel: GradientsPanel, session: Session):
    one = np.ones(1, np.float32)
    session.edit("Change", history=History(np.array([0.5]), one, one.copy()))
    assert panel.finding.calm.text() == "No steps to show"
    assert "not kept" in panel.finding.sentence.text()
    session.reset_weights()
    assert panel.finding.calm.text() == "No steps yet"
    session.undo_stack.undo()
    assert panel.finding.calm.text() == "No steps to show"


def test_few_steps_are_too_early_to_tell(panel: GradientsPanel, session: Session):
    show(session, *[vanishing()] * 3)
    assert panel.finding.calm.text() == "Too early to tell"
    assert panel.finding.heading.isHidden()


def test_sizes_of_the_last_step_are_shown_for_every_layer(panel: GradientsPanel, session: Session):
    show(session, *[healthy()] * 6)
    assert panel.finding.heading.isHidden()
    assert panel.finding.calm.text() == "No trouble"
    assert panel.rows.accessibleDescription() == (
        "dense_1: gradient 0.3, update 0.01; dense_2: gradient 0.4, update 0.01; dense_3: gradient 0.5, update 0.001"
    )


def test_a_trouble_is_named_with_a_remedy_that_one_click_applies(qtbot, panel: GradientsPanel, session: Session):
    show(session, *[vanishing()] * WINDOW)
    assert panel.finding.heading.text() == "Vanishing gradients"
    assert "The gradient of dense_1 is 25 times smaller than that of dense_3" in panel.finding.sentence.text()
    assert buttons(panel)[0] == "Use ReLU activations"
    qtbot.mouseClick(panel.finding.buttons[0], Qt.MouseButton.LeftButton)
    functions = [getattr(layer, "function", "") for layer in session.network.layers if layer.kind == "activation"]
    assert functions == ["relu", "relu"]
    assert panel.finding.calm.text() == "Done: Use ReLU activations"
    assert panel.finding.sentence.text() == "Press Train to see what it changes."
    assert buttons(panel) == []
    assert session.undo_stack.undoText() == "Use ReLU activations"
    session.undo_stack.undo()
    assert session.network == SIGMOIDS


def test_the_same_trouble_elsewhere_is_told_in_the_same_breath(panel: GradientsPanel, session: Session):
    worse = point(0, (0.001, 0.002, 0.5), (1e-6, 1e-6, 1e-3), ("dense_1", "dense_2", "dense_3"))
    show(session, *[worse] * WINDOW)
    assert panel.finding.sentence.text().endswith("The same holds for dense_2.")


def test_sigmoids_are_named_while_they_train(qtbot, panel: GradientsPanel, session: Session):
    session.train()
    qtbot.waitUntil(lambda: panel.finding.heading.text() == "Vanishing gradients", timeout=60_000)
    assert "dense_1" in panel.finding.sentence.text()
    session.pause()
    qtbot.waitUntil(lambda: session.run_state in (RunState.PAUSED, RunState.FINISHED), timeout=LONG)
    flow = session.step_watch.flow
    last = flow.points[-1]
    norm = np.sqrt(sum(np.square(session.weights[f"dense_1.{key}"]).sum() for key in ("weight", "bias")))
    assert last.weights[0] == pytest.approx(norm, rel=1e-4)
    qtbot.waitUntil(lambda: panel.rows.point is last, timeout=LONG)


def dead() -> FlowPoint:
    rests = {"activation_1": np.arange(30) < 20}
    return FlowPoint(0, ("dense_1", "dense_2"), np.array([0.2, 0.5]), np.full(2, 0.01), np.ones(2), rests)


def test_what_there_is_no_room_for_is_in_a_menu(qtbot, panel: GradientsPanel, session: Session):
    session.edit("Other", network=RELUS)
    show(session, *[dead()] * WINDOW)
    panel.resize(1400, 220)
    assert buttons(panel)[-1] == "Lower the rate: 0.001 → 0.0001"
    assert panel.finding.more.isHidden()
    panel.resize(300, 220)
    more = panel.finding.more
    assert (buttons(panel), more.text()) == (["Use leaky ReLU activations"], "2 more")
    more.menu().aboutToShow.emit()
    entries = more.menu().actions()
    assert [entry.text() for entry in entries] == ["Insert batch normalisation", "Lower the rate: 0.001 → 0.0001"]
    entries[1].trigger()
    assert session.config.learning_rate == pytest.approx(1e-4)
    more.menu().aboutToShow.emit()
    assert [entry.isEnabled() for entry in more.menu().actions()] == [True, False, True]


def test_a_remedy_that_is_pressed_twice_is_done_once(qtbot, panel: GradientsPanel, session: Session):
    session.edit("Other", network=RELUS)
    show(session, *[dead()] * WINDOW)
    panel.resize(1400, 220)
    lower = panel.finding.buttons[2]
    steps = session.undo_stack.count()
    for _ in range(2):
        qtbot.mouseClick(lower, Qt.MouseButton.LeftButton)
    assert session.undo_stack.count() == steps + 1
    assert buttons(panel)[2] == "✓ Lower the rate: 0.001 → 0.0001"
    session.undo_stack.undo()
    assert buttons(panel)[2] == "Lower the rate: 0.001 → 0.0001"
    assert lower.isEnabled()


def test_what_is_done_is_told_until_it_is_undone(qtbot, panel: GradientsPanel, session: Session):
    show(session, *[vanishing()] * WINDOW)
    qtbot.mouseClick(panel.finding.buttons[0], Qt.MouseButton.LeftButton)
    panel.hide()
    session.undo_stack.undo()
    panel.show()
    assert panel.finding.calm.text() == "No steps yet"


def test_units_without_any_gradient_have_their_own_remedy(panel: GradientsPanel, session: Session):
    session.edit("Other", network=RELUS)
    show(session, *[dead()] * WINDOW)
    assert panel.finding.heading.text() == "Dead units"
    assert "20 of the 30 outputs of activation_1" in panel.finding.sentence.text()
    assert buttons(panel)[0] == "Use leaky ReLU activations"


def test_weights_of_zero_are_named_and_one_click_draws_others(qtbot, panel: GradientsPanel, session: Session):
    session.edit("Other", network=RELUS, config=dataclasses.replace(SLOW, initialisation="zeros"))
    session.reset_weights()
    none = np.zeros(2)
    show(session, *[FlowPoint(0, ("dense_1", "dense_2"), none, none, np.array([0.0, 0.2]))] * WINDOW)
    assert panel.finding.heading.text() == "All weights are 0"
    assert buttons(panel) == ["Draw weights as PyTorch does"]
    qtbot.mouseClick(panel.finding.buttons[0], Qt.MouseButton.LeftButton)
    assert session.config.initialisation == "pytorch"
    assert session.weights["dense_1.weight"].std() > 0.01
    assert panel.finding.calm.text() == "Done: Draw weights as PyTorch does"
    session.undo_stack.undo()
    assert session.config.initialisation == "zeros"
    assert not session.weights["dense_1.weight"].any()


def test_a_hidden_panel_waits_until_it_is_shown(panel: GradientsPanel, session: Session):
    panel.hide()
    show(session, healthy())
    assert panel.rows.point is None
    panel.show()
    assert panel.rows.point is not None


def test_a_new_run_begins_with_nothing(qtbot, panel: GradientsPanel, session: Session):
    show(session, *[vanishing()] * WINDOW)
    session.step_stage()
    qtbot.waitUntil(lambda: session.run_state is RunState.PAUSED, timeout=LONG)
    assert session.step_watch.flow.points == ()
    qtbot.waitUntil(lambda: panel.rows.point is None, timeout=LONG)
    assert panel.finding.heading.isHidden()


@pytest.mark.parametrize(("width", "views"), [(560, 1), (700, 2), (1100, 3)])
def test_views_stand_beside_each_other_where_there_is_room(
    width: int, views: int, qtbot, panel: GradientsPanel, session: Session
):
    panel.resize(width, 260)
    show(session, *[healthy()] * 6)
    parts = [panel._bars, *panel.plots]
    assert sum(part.isVisible() for part in parts) == views
    updates = next(b for b in panel.findChildren(QToolButton) if b.text() == UPDATES.symbol)
    if updates.isVisible():
        qtbot.mouseClick(updates, Qt.MouseButton.LeftButton)
        assert panel.plots[1].isVisible()
        assert not panel.plots[0].isVisible()
        assert updates.isChecked()


def test_the_pointer_reads_values_of_a_step_out(qtbot):
    plot = GradientPlot(GRADIENTS)
    qtbot.addWidget(plot)
    plot.resize(400, 200)
    points = [point(n / 10, (0.1 * (n + 1), 2.0), (0.1, 0.1), ("conv_1", "dense_1")) for n in range(11)]
    plot.show_points(points, Decades.of(np.array([0.1, 2.0]), GRADIENTS.usual))
    plot.show()
    room = plot._room()
    qtbot.mouseMove(plot, QPoint(round(room.left() + room.width() * 0.5), round(room.center().y())))
    assert plot.readout() == "Epoch 0.5:  conv_1 0.6,  dense_1 2"
    qtbot.mouseMove(plot, QPoint(2, 2))
    assert plot.readout() == ""


def test_an_axis_has_whole_decades_that_hold_everything():
    axis = Decades.of(np.array([3e-6, 0.2, np.inf]), (0.01, 5.0))
    assert (axis.low, axis.high) == (-6, 1)
    assert axis.place(1e-6) == 0
    assert axis.place(10.0) == 1
    assert axis.place(np.inf) == axis.place(np.nan) == 1
    assert axis.place(0.0) == 0
    assert axis.place(10**-2.5) == pytest.approx(0.5)
    assert axis.ticks(20) == list(range(-6, 2))
    assert axis.ticks(3) == [-6, -3, 0]


def test_lines_keep_their_newest_point_when_they_are_thinned():
    points = [healthy(float(number)) for number in range(1000)]
    few = thinned(points)
    assert 80 <= len(few) <= 160
    assert few[-1].epoch == 999
    assert {round(b.epoch - a.epoch) for a, b in pairwise(few)} == {7}


@pytest.mark.parametrize("count", [3, 30])
@pytest.mark.parametrize("where", [0.0, 0.5, 1.0])
def test_names_are_moved_apart_and_stay_inside(qtbot, count: int, where: float):
    plot = GradientPlot(GRADIENTS)
    qtbot.addWidget(plot)
    plot.resize(400, 160)
    room, line = plot._room(), plot.fontMetrics().height()
    places = plot._name_places([room.top() + where * room.height()] * count)
    assert (np.diff(places) > 0.9 * line * (0.1 if count == 30 else 1)).all()
    assert room.top() - line / 2 <= min(places)
    assert max(places) <= room.bottom() + line / 2


def test_nothing_but_batch_norm_is_drawn_and_said(panel: GradientsPanel, session: Session):
    show(session, *(FlowPoint(float(n), (), np.zeros(0), np.zeros(0), np.zeros(0)) for n in range(WINDOW)))
    panel.grab()
    assert panel.finding.sentence.text() == "Neither a convolution nor a dense layer is trained."


def test_every_layer_has_a_colour_that_is_read_on_the_ground(qapp: QApplication):
    for choice in ("light", "dark"):
        theme.apply(qapp, choice)
        colours = layer_colours(6)
        assert len({colour.name() for colour in colours}) == 6
        for colour in colours:
            assert theme.contrast(colour, theme.current().window) >= 3, (choice, colour.name())
    theme.apply(qapp, "light")


def test_powers_of_ten_read_as_such():
    assert [power_text(power) for power in (-12, 0, 3)] == ["10⁻¹²", "1", "10³"]
    assert number_text(1e-5, 2) == "1·10⁻⁵"
