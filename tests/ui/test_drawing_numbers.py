"""Where a network takes numbers, rows are chosen or numbers typed, and the prediction stands beside the target."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from convscope.core.data.dataset import Quantity
from convscope.core.data.heights import heights
from convscope.core.presets import preset
from convscope.core.unit import Unit
from convscope.ui import background
from convscope.ui.document import Document
from convscope.ui.panels.drawing import DrawingPanel
from convscope.ui.session import Session
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.predicted_number import PredictedNumber

PEOPLE = heights()
NAMES = (
    "clear_drawing", "undo_stroke", "open_image", "paste_image", "next_sample", "previous_sample", "random_sample",
)  # fmt: skip


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    """Return a session with the preset and its rows, whose first was traced."""
    made = Session(Document(network=preset("height-mlp").network))
    made.start()
    with qtbot.waitSignal(made.dataset_changed):
        made.load_preset(preset("height-mlp"))
    qtbot.waitUntil(lambda: made.trace is not None and np.array_equal(made.trace.image, made.image))
    yield made
    made.close()
    assert background.end_all()
    made.deleteLater()


@pytest.fixture
def actions(session: Session) -> dict[str, QAction]:
    return {f"action_{name}": QAction(name, session) for name in NAMES}


@pytest.fixture
def panel(session: Session, actions: dict[str, QAction], qtbot: QtBot) -> DrawingPanel:
    made = DrawingPanel(session, actions)
    qtbot.addWidget(made)
    made.resize(380, 640)
    made.show()
    return made


def traced(session: Session, qtbot: QtBot) -> float:
    """Wait for the answer to the numbers that are shown, and return it."""
    qtbot.waitUntil(lambda: np.array_equal(session.trace.image, session.image))
    return float(session.trace.logits[0])


def test_the_preset_brings_its_rows_and_the_first_is_shown(panel: DrawingPanel, session: Session):
    assert session.dataset is not None
    assert session.dataset.id == "heights"
    shown = panel.numbers.input
    assert shown.rows.currentText() == "Row 1: 3 years, 14 kg → 0.96 m"
    assert [field.text() for field in shown.fields] == ["3.0 years", "14.0 kg"]
    assert not panel.canvas.isVisible()
    assert not panel.bars.isVisible()


def test_the_standardisation_is_written_out(panel: DrawingPanel):
    age = PEOPLE.features[0]
    words = f"(3 − {number_text(age.mean)}) ÷ {number_text(age.deviation)} = {number_text(age.standardised(3))}"
    assert panel.numbers.input._sums[0].text() == words


def test_a_row_is_chosen_and_its_target_stands_beside_the_prediction(
    panel: DrawingPanel, session: Session, qtbot: QtBot
):
    qtbot.keyClick(panel.numbers.input.rows, Qt.Key.Key_Down)
    assert session.drawing.target == pytest.approx(1.11)
    np.testing.assert_array_equal(session.image, PEOPLE.test.values[1])
    predicted = traced(session, qtbot)
    error = predicted - float(PEOPLE.test.labels[1, 0])
    text = panel.numbers.prediction.text
    assert f"Height: {number_text(predicted, 3)} m" in text
    assert f"target 1.11 m, error {number_text(error, 3)}, squared {number_text(error * error, 3)}" in text
    session.undo_stack.undo()
    assert panel.numbers.input.rows.currentIndex() == 0


def test_numbers_are_typed_and_have_no_target(panel: DrawingPanel, session: Session, qtbot: QtBot):
    field = panel.numbers.input.fields[0]
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "30")
    assert session.drawing.target is None
    assert float(session.image[0, 0, 0]) == pytest.approx(PEOPLE.features[0].standardised(30), abs=1e-6)
    assert panel.numbers.input.rows.currentText() == "Your own numbers"
    traced(session, qtbot)
    assert panel.numbers.prediction.error_text == ""


def test_sample_actions_go_through_the_rows(panel: DrawingPanel, session: Session, actions: dict[str, QAction]):
    actions["action_previous_sample"].trigger()
    assert panel.numbers.input.rows.currentIndex() == 9
    actions["action_next_sample"].trigger()
    assert panel.numbers.input.rows.currentIndex() == 0
    actions["action_random_sample"].trigger()
    assert panel.numbers.input.rows.currentIndex() != 0


def test_the_same_generator_chooses_the_same_random_rows(
    panel: DrawingPanel, session: Session, actions: dict[str, QAction]
):
    def chosen() -> list[int]:
        panel.numbers.show_row(0)
        panel.numbers._random = np.random.default_rng(4)
        rows: list[int] = []
        for _ in range(6):
            actions["action_random_sample"].trigger()
            rows.append(panel.numbers.input.rows.currentIndex())
        return rows

    first = chosen()
    assert len(set(first)) > 1
    assert chosen() == first


def test_the_only_row_is_next_and_random_too(panel: DrawingPanel, session: Session, actions: dict[str, QAction]):
    session._dataset = dataclasses.replace(PEOPLE, test=PEOPLE.test.taken([0]))
    session.dataset_changed.emit()
    rows = panel.numbers.input.rows
    for name in ("random_sample", "next_sample", "previous_sample"):
        actions[f"action_{name}"].trigger()
        assert (rows.count(), rows.currentIndex()) == (2, 0)


def test_an_open_list_of_rows_stays_as_it_is_while_answers_come_in(panel: DrawingPanel, session: Session):
    rows = panel.numbers.input.rows
    rows.view().setCurrentIndex(rows.model().index(4, 0))  # as the mouse does above an open list
    session.trace_changed.emit()
    assert rows.view().currentIndex().row() == 4
    assert rows.currentIndex() == 0


def test_the_prediction_is_pointed_at_and_taken_apart(panel: DrawingPanel, session: Session, qtbot: QtBot):
    traced(session, qtbot)
    shown = panel.numbers.prediction
    qtbot.mouseMove(shown)
    qtbot.mouseClick(shown, Qt.MouseButton.LeftButton)
    assert session.inspection.pinned == Unit(4, (0,))
    session.inspection.pin(None)
    qtbot.keyClick(shown, Qt.Key.Key_Return)
    assert session.inspection.pinned == Unit(4, (0,))


def test_a_network_for_images_brings_the_canvas_and_digits_back(panel: DrawingPanel, session: Session, qtbot: QtBot):
    session.load_preset(preset("softmax"))
    assert session.network == preset("softmax").network
    assert session.loading_source == "generated"
    assert panel.canvas.isVisible()
    assert not panel.numbers.isVisible()
    session.cancel_loading()


def test_numbers_beyond_all_bounds_are_said_in_words(qtbot: QtBot):
    shown = PredictedNumber()
    qtbot.addWidget(shown)
    shown.show_prediction(Quantity("height", "m"), float("inf"), 1.0)
    assert "grown beyond all bounds" in shown.text
