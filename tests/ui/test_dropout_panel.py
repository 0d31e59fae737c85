"""The dropout panel: what one mask does, what many come to, and what a person changes in it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.dropout import MaskSamples
from convscope.core.layers import Activation, Conv2d, Dense, Dropout, Flatten
from convscope.core.network import Network
from convscope.core.unit import Unit
from convscope.ui import background
from convscope.ui.actions import make_actions
from convscope.ui.document import Document
from convscope.ui.panels.dropout import MASKS, DropoutPanel
from convscope.ui.panels.dropout_text import result_sentence
from convscope.ui.session import Session
from convscope.ui.widgets.dropout_plots import ConvergencePlot, SpreadPlot

LONG = 15_000  # milliseconds; a busy machine may take long to load torch
NETWORK = Network(
    layers=(Conv2d(6, 5, 2), Activation(), Dropout(rate=0.25, mode="maps"), Flatten(), Dropout(rate=0.5), Dense(10))
)
LINE = Drawing((Stroke(((0.5, 0.1), (0.5, 0.9)), 0.1),))


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(Document(NETWORK, drawing=LINE))
    session.start()
    qtbot.waitUntil(lambda: session.trace is not None, timeout=LONG)
    yield session
    session.close()
    assert background.end_all()
    session.deleteLater()


@pytest.fixture
def panel(session: Session, qtbot: QtBot) -> Iterator[DropoutPanel]:
    from PySide6.QtWidgets import QWidget

    holder = QWidget()
    qtbot.addWidget(holder)
    actions = make_actions(holder)
    actions["action_split_modes"].triggered.connect(session.show_split)
    panel = DropoutPanel(session, actions, holder)
    holder.resize(420, 700)
    panel.resize(420, 700)
    holder.show()
    yield panel
    holder.hide()


def see_a_step(panel: DropoutPanel, session: Session, qtbot: QtBot) -> None:
    button = panel.findChild(QPushButton, "dropout_show_step")
    assert isinstance(button, QPushButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(panel.strip.passages), timeout=LONG)


def drawn(panel: DropoutPanel, qtbot: QtBot) -> str:
    qtbot.waitUntil(lambda: "masks" in panel.convergence.accessibleDescription(), timeout=LONG)
    return panel.convergence.accessibleDescription()


def test_the_nearest_dropout_layer_is_shown(panel: DropoutPanel, session: Session):
    rate = panel.findChild(QSlider, "dropout_rate")
    assert isinstance(rate, QSlider)
    session.select(1)
    assert rate.value() == 25
    session.select(5)
    assert rate.value() == 50


def test_one_mask_is_that_of_the_trace(panel: DropoutPanel, session: Session, qtbot: QtBot):
    session.select(4)
    see_a_step(panel, session, qtbot)
    trace = session.both_traces[1] if session.both_traces else None
    assert trace is not None
    for passage in panel.strip.passages:
        place = int(passage.name)
        assert passage.value == trace.values(3)[place]
        assert passage.factor == trace.masks["dropout_2"][place]
        assert passage.value * passage.factor == pytest.approx(trace.values(4)[place])
    assert {passage.factor for passage in panel.strip.passages} == {0.0, 2.0}


@pytest.mark.parametrize("rate", [0.05, 0.5, 0.95])
def test_the_first_three_values_are_kept_and_dropped_ones(
    panel: DropoutPanel, session: Session, qtbot: QtBot, rate: float
):
    session.edit("Change rate", network=NETWORK.replaced(4, NETWORK.layers[4].changed(rate=rate)))
    session.select(4)
    see_a_step(panel, session, qtbot)
    for _ in range(5):
        with qtbot.waitSignal(session.trace_changed, timeout=LONG):
            session.resample()
        assert {passage.dropped for passage in panel.strip.passages[:3]} == {False, True}


def test_another_step_draws_another_mask(panel: DropoutPanel, session: Session, qtbot: QtBot):
    session.select(4)
    see_a_step(panel, session, qtbot)
    before = [passage.factor for passage in panel.strip.passages]
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        session.resample()
    assert [passage.factor for passage in panel.strip.passages] != before


def test_whole_maps_are_shown_at_the_place_that_is_taken_apart(panel: DropoutPanel, session: Session, qtbot: QtBot):
    session.select(2)
    see_a_step(panel, session, qtbot)
    session.inspection.pin(Unit(2, (1, 6, 5)))
    values = session.both_traces[1].values(1) if session.both_traces else np.zeros(0)
    assert [passage.name for passage in panel.strip.passages] == [f"map {number}" for number in range(6)]
    assert [passage.value for passage in panel.strip.passages] == [float(value) for value in values[:, 6, 5]]


def test_the_mean_over_masks_comes_near_inference(panel: DropoutPanel, session: Session, qtbot: QtBot):
    session.select(4)
    qtbot.waitUntil(lambda: f"After {MASKS[1]} masks" in panel.convergence.accessibleDescription(), timeout=LONG)
    measured, chance = (
        float(part.split("%")[0].split()[-1]) for part in panel.convergence.accessibleDescription().split(",")
    )
    assert 0.3 * chance < measured < 3 * chance
    assert "in inference" in panel.spread.accessibleDescription()
    assert panel.spread.rows == list(range(10))


def test_the_rate_is_changed_live_in_one_step_that_can_be_undone(panel: DropoutPanel, session: Session, qtbot: QtBot):
    session.select(4)
    before = drawn(panel, qtbot)
    rate = panel.findChild(QSlider, "dropout_rate")
    assert isinstance(rate, QSlider)
    rate.setFocus()
    for _ in range(3):
        qtbot.keyClick(rate, Qt.Key.Key_PageUp)
    assert session.network.layers[4] == Dropout(name="dropout_2", rate=0.8)
    assert session.undo_stack.count() == 1
    qtbot.waitUntil(lambda: panel.convergence.accessibleDescription() != before, timeout=LONG)
    session.undo_stack.undo()
    assert session.network.layers[4] == NETWORK.layers[4]
    assert rate.value() == 50


def test_units_and_maps_are_switched(panel: DropoutPanel, session: Session):
    session.select(2)
    kind = panel.findChild(QComboBox, "dropout_kind")
    assert isinstance(kind, QComboBox)
    assert kind.isVisible()
    assert kind.currentText() == "Whole maps"
    kind.activated.emit(0)
    assert session.network.layers[2] == NETWORK.layers[2].changed(mode="units")
    session.select(4)
    assert not kind.isVisible()


def test_many_masks_are_summed_up_in_words():
    answers = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4]], np.float32)
    samples = MaskSamples(4, 0.2, np.zeros(3), np.array([0.6, 0.4, 0.3, 0.214]), answers, answers[0])
    assert result_sentence(samples, ["cat", "dog"]) == (
        "The mean over 4 masks is 21.4 % away from what inference passes, where chance alone would give 25.0 %. "
        "75 % of the masked networks answer cat, as inference does."
    )


@pytest.mark.parametrize(("layer", "said"), [(2, "all 6 maps pass"), (4, "all 864 values pass")])
def test_a_rate_of_0_is_said_to_drop_nothing(
    panel: DropoutPanel, session: Session, qtbot: QtBot, layer: int, said: str
):
    session.edit("Change rate", network=NETWORK.replaced(layer, NETWORK.layers[layer].changed(rate=0.0)))
    session.select(layer)
    see_a_step(panel, session, qtbot)
    qtbot.waitUntil(lambda: said in panel._step_text.text(), timeout=LONG)
    assert "1 / (1" not in panel._step_text.text()
    assert {passage.factor for passage in panel.strip.passages} == {1.0}


def test_the_factor_reads_as_in_the_sentence(panel: DropoutPanel, session: Session, qtbot: QtBot):
    session.edit("Change rate", network=NETWORK.replaced(4, NETWORK.layers[4].changed(rate=0.68)))
    session.select(4)
    see_a_step(panel, session, qtbot)
    qtbot.waitUntil(lambda: "= 3.125," in panel._step_text.text(), timeout=LONG)
    assert {passage.texts[1] for passage in panel.strip.passages} == {"0", "3.125"}


def test_a_network_without_dropout_is_offered_one(panel: DropoutPanel, session: Session, qtbot: QtBot):
    session.edit("Take another", network=Network(layers=(Flatten(), Dense(10))))
    button = panel.findChild(QPushButton, "dropout_insert")
    assert isinstance(button, QPushButton)
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert [layer.kind for layer in session.network.layers] == ["flatten", "dropout", "dense"]
    assert session.selected == 1
    assert not button.isVisible()
    drawn(panel, qtbot)


def test_a_hidden_panel_draws_no_masks(panel: DropoutPanel, session: Session, qtbot: QtBot):
    drawn(panel, qtbot)
    panel.hide()
    before = panel.convergence.accessibleDescription()
    session.edit("Draw", drawing=Drawing())
    session.edit("Change rate", network=session.network.replaced(4, Dropout(rate=0.9, name="dropout_2")))
    assert panel.convergence.accessibleDescription() == before
    panel.show()
    qtbot.waitUntil(lambda: panel.convergence.accessibleDescription() != before, timeout=LONG)


def test_the_last_number_of_masks_is_seen_whole(qtbot: QtBot):
    plot = ConvergencePlot()
    qtbot.addWidget(plot)
    plot.resize(plot.sizeHint())
    distances = 1 / np.sqrt(np.arange(1, 101))
    plot.show_distances(distances, distances)
    room = plot._room()
    assert plot.width() - room.right() >= plot.fontMetrics().horizontalAdvance("100") / 2


def test_names_of_classes_are_left_out_where_they_would_be_too_small(qtbot: QtBot):
    plot = SpreadPlot()
    qtbot.addWidget(plot)
    answers = np.full((3, 10), 0.1)
    plot.show_answers(answers, answers[0], tuple("0123456789"), fractions=True)
    line = plot.fontMetrics().height()
    plot.resize(200, 3 * line + 12 + 10 * line)
    assert plot.named == list(range(10))
    plot.resize(200, 3 * line + 12 + 5 * line)
    assert plot.named == [0, 2, 4, 6, 8]
    assert plot.grab().toImage().pixelColor(1, 1).isValid()


def test_the_spread_is_told_without_rounding_doubt_away(qtbot: QtBot):
    plot = SpreadPlot()
    qtbot.addWidget(plot)
    answers = np.array([[0.9997, 0.0003], [0.6, 0.4]])
    plot.show_answers(answers, np.array([0.9999, 0.0001]), ("cat", "dog"), fractions=True)
    assert "cat: >99.9 % in inference, 80.0 % on average, from 60.0 % to >99.9 %." in plot.accessibleDescription()
