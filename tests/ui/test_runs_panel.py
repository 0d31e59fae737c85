"""The panel of runs: a table to sort, name, check, copy and delete, and the way back to a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from convscope.core.history import EpochPoint, History
from convscope.core.layers import Dense, Flatten
from convscope.core.network import Network
from convscope.core.runs import RunRecord
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import NO_WEIGHTS, initial_weights
from convscope.ui import background, theme
from convscope.ui.document import Document
from convscope.ui.panels.runs import RunsPanel
from convscope.ui.session import Session
from convscope.ui.widgets.runs_data import COLUMNS, NAME, NOTE, row_of, seconds_text

NETWORK = Network(layers=(Flatten(), Dense(10)))
HEADINGS = [column.heading.replace("\n", " ") for column in COLUMNS]


class RunsSession(Session):
    """A session whose runs are made by hand; what is asked of it is noted."""

    def __init__(self) -> None:
        super().__init__(Document(NETWORK))
        self.asked: list[tuple[str, int]] = []

    def add(self, accuracy: float, epochs: int = 2, **changes: Any) -> RunRecord:
        """Remember a run that got so many digits right, and whose loss is the rest."""
        number = len(self._runs) + 1
        points = tuple(
            EpochPoint(e, 0.5, 0.5, 1 - accuracy, accuracy, 0.001, 30.0 * number) for e in range(1, epochs + 1)
        )
        run = RunRecord(
            number,
            NETWORK,
            TrainingConfig(),
            title="Softmax",
            dataset_title="Digits",
            history=History(epochs=points),
            weights=initial_weights(NETWORK, number),
        )
        return self.put(dataclasses.replace(run, **changes))

    def put(self, run: RunRecord) -> RunRecord:
        """Take a run in, in the place of one of its id."""
        self._runs = (*(other for other in self._runs if other.id != run.id), run)
        self._runs = tuple(sorted(self._runs, key=lambda run: run.id))
        self.runs_changed.emit()
        return run

    def train_again(self, id: int) -> None:
        self.asked.append(("again", id))


@pytest.fixture
def session(qapp: QApplication, qtbot: QtBot) -> Iterator[RunsSession]:
    theme.apply(qapp, "light")
    session = RunsSession()
    yield session
    session.close()
    assert background.end_all()
    session.deleteLater()


@pytest.fixture
def panel(session: RunsSession, qtbot: QtBot) -> RunsPanel:
    panel = RunsPanel(session, {})
    qtbot.addWidget(panel)
    panel.resize(1100, 300)
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isVisible)
    return panel


def column(panel: RunsPanel, heading: str) -> list[str]:
    """Return what is read in a column, from top to bottom."""
    model, number = panel.table.model(), HEADINGS.index(heading)
    return [model.index(row, number).data() for row in range(model.rowCount())]


def cell(panel: RunsPanel, row: int, number: int) -> QRect:
    index = panel.table.model().index(row, number)
    panel.table.scrollTo(index)
    return panel.table.visualRect(index)


def choose(panel: RunsPanel, *ids: int) -> None:
    """Select runs, as by the mouse with Ctrl held down."""
    panel.table.clearSelection()
    for id in ids:
        row = panel.table.shown_order.index(id)
        place = cell(panel, row, 1).center()
        held = Qt.KeyboardModifier.ControlModifier if id != ids[0] else Qt.KeyboardModifier.NoModifier
        press(panel, place, held)
    assert panel.table.selected == tuple(sorted(ids))


def press(panel: RunsPanel, place: QPoint, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, held, place)


def entry(panel: RunsPanel, name: str) -> QAction:
    found = panel.tools.findChild(QAction, name)
    assert found is not None, f"there is no {name}"
    return found


def type_into(panel: RunsPanel, qtbot: QtBot, text: str) -> None:
    """Type into the cell that is open, and finish with Enter."""
    editor = panel.table.viewport().findChild(QLineEdit)
    assert editor is not None
    editor.selectAll()
    qtbot.keyClicks(editor, text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.table.viewport().findChild(QLineEdit) is None)  # Qt takes the text in a turn later


def test_runs_are_read_in_the_table_newest_first(panel: RunsPanel, session: RunsSession) -> None:
    assert panel.about.isHidden()
    session.add(0.9)
    session.add(0.95, epochs=3)
    assert column(panel, "Run") == ["Run 2", "Run 1"]
    assert column(panel, "Best accuracy") == ["95.00 %", "90.00 %"]
    assert column(panel, "Last loss") == ["0.0500", "0.100"]
    assert column(panel, "Epochs") == ["3", "2"]
    assert column(panel, "Time") == ["3:00", "1:00"]
    assert column(panel, "Settings") == ["Adam 0.001, batch 64"] * 2
    assert column(panel, "Parameters") == ["7,850"] * 2


def test_every_column_sorts_and_what_is_not_known_comes_last(panel: RunsPanel, session: RunsSession) -> None:
    session.add(0.9, note="b")
    session.add(0.2, epochs=0)
    session.add(0.95, epochs=11, note="a")
    orders = {"Best accuracy": ([1, 3, 2], [3, 1, 2]), "Epochs": ([2, 1, 3], [3, 1, 2]), "Note": ([3, 1, 2], [1, 3, 2])}
    for heading, (rising, falling) in orders.items():
        number = HEADINGS.index(heading)
        panel.table.sortByColumn(number, Qt.SortOrder.AscendingOrder)
        assert list(panel.table.shown_order) == rising
        panel.table.sortByColumn(number, Qt.SortOrder.DescendingOrder)
        assert list(panel.table.shown_order) == falling
    for number in range(len(COLUMNS)):
        panel.table.sortByColumn(number, Qt.SortOrder.AscendingOrder)
        assert sorted(panel.table.shown_order) == [1, 2, 3]


def test_a_hidden_panel_waits_and_shows_when_shown(panel: RunsPanel, session: RunsSession) -> None:
    panel.hide()
    session.add(0.9)
    assert panel.table.shown_order == ()
    panel.show()
    assert panel.table.shown_order == (1,)


def test_a_name_and_a_note_are_typed_in_place(panel: RunsPanel, session: RunsSession, qtbot: QtBot) -> None:
    session.add(0.9)
    choose(panel, 1)
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_F2)
    type_into(panel, qtbot, "Baseline")
    assert session.runs[0].name == "Baseline"
    assert column(panel, "Run") == ["Baseline"]
    entry(panel, "run_annotate").trigger()
    type_into(panel, qtbot, "The first try")
    assert session.runs[0].note == "The first try"


def test_the_selected_run_is_renamed_though_another_was_clicked_last(
    panel: RunsPanel, session: RunsSession, qtbot: QtBot
) -> None:
    for accuracy in (0.9, 0.8, 0.7):
        session.add(accuracy)
    choose(panel, 3, 2)
    held = Qt.KeyboardModifier.ControlModifier
    press(panel, cell(panel, panel.table.shown_order.index(2), 1).center(), held)
    assert panel.table.selected == (3,)
    entry(panel, "run_rename").trigger()
    type_into(panel, qtbot, "Third")
    assert [run.title for run in session.runs] == ["Softmax"] * 3
    assert [run.name for run in session.runs] == ["", "", "Third"]
    choose(panel, 3, 2)
    press(panel, cell(panel, panel.table.shown_order.index(2), NAME).center(), held)
    assert panel.table.selected == (3,)
    qtbot.keyClick(panel.table, Qt.Key.Key_F2)
    type_into(panel, qtbot, "By key")
    assert [run.name for run in session.runs] == ["", "", "By key"]


def test_the_whole_row_is_painted_anew_where_a_run_comes_into_the_plots(panel: RunsPanel, session: RunsSession) -> None:
    runs = [row_of(session.add(accuracy), "", is_present=False) for accuracy in (0.9, 0.8)]
    panel.table.show_rows(runs)
    told: set[tuple[int, int]] = set()
    panel.table._runs.dataChanged.connect(
        lambda first, last, *_: told.update((first.row(), n) for n in range(first.column(), last.column() + 1))
    )
    panel.table.show_rows([runs[0], dataclasses.replace(runs[1], is_present=True)])
    assert told == {(1, number) for number in range(len(COLUMNS))}


def test_what_is_being_typed_stays_when_the_run_goes_on(panel: RunsPanel, session: RunsSession, qtbot: QtBot) -> None:
    run = session.add(0.9)
    session.add(0.5)
    choose(panel, 1)
    entry(panel, "run_rename").trigger()
    editor = panel.table.viewport().findChild(QLineEdit)
    assert editor is not None
    editor.setText("Half a na")
    more = (*run.history.epochs, EpochPoint(3, 0.1, 0.9, 0.05, 0.97, 0.001, 1.0))
    session.put(dataclasses.replace(run, history=History(epochs=more)))
    assert "97.00 %" in column(panel, "Best accuracy")
    assert editor.text() == "Half a na"
    assert panel.table.selected == (1,)
    qtbot.keyClick(editor, Qt.Key.Key_Escape)


def test_a_check_lays_a_run_over_the_plots(panel: RunsPanel, session: RunsSession, qtbot: QtBot) -> None:
    for accuracy in (0.9, 0.8, 0.7):
        session.add(accuracy)
    box = cell(panel, 1, NAME)
    press(panel, QPoint(box.left() + 10, box.center().y()))
    assert [run.shown for run in session.runs] == [False, True, False]
    choose(panel, 2, 3)
    qtbot.keyClick(panel.table, Qt.Key.Key_Space)
    assert [run.shown for run in session.runs] == [False, True, True]
    entry(panel, "run_overlay").trigger()
    assert [run.shown for run in session.runs] == [False, False, False]


def test_a_colour_is_chosen_for_all_selected_runs(panel: RunsPanel, session: RunsSession) -> None:
    for accuracy in (0.9, 0.8, 0.7):
        session.add(accuracy)
    choose(panel, 1, 3)
    entry(panel, "run_colour_4").trigger()
    assert [run.colour for run in session.runs] == [4, 0, 4]
    images = [panel.table.model().index(row, NAME).data(Qt.ItemDataRole.DecorationRole) for row in range(3)]
    images = [icon.pixmap(24, 16).toImage() for icon in images]
    assert images[0] == images[2] != images[1]


def test_the_table_is_copied_in_its_order(panel: RunsPanel, session: RunsSession, qtbot: QtBot) -> None:
    for accuracy in (0.9, 0.7, 0.8):
        session.add(accuracy)
    panel.table.sortByColumn(HEADINGS.index("Best accuracy"), Qt.SortOrder.AscendingOrder)
    choose(panel, 1)
    qtbot.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    rows = QApplication.clipboard().text().splitlines()
    assert [row.split("|")[1].strip() for row in rows[2:]] == ["Run 2", "Run 3", "Run 1"]
    choose(panel, 1, 2)
    entry(panel, "run_copy_tsv").trigger()
    rows = QApplication.clipboard().text().splitlines()
    assert [row.split("\t")[0] for row in rows] == ["Run", "Run 2", "Run 1"]
    assert QApplication.clipboard().mimeData().hasFormat("text/tab-separated-values")


def test_deleting_asks_first(panel: RunsPanel, session: RunsSession, qtbot: QtBot, answers: Any) -> None:
    for accuracy in (0.9, 0.7, 0.8):
        session.add(accuracy)
    choose(panel, 1, 3)
    answers.button = QMessageBox.StandardButton.Cancel
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert len(session.runs) == 3
    answers.button = QMessageBox.StandardButton.Yes
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert [run.id for run in session.runs] == [2]
    assert panel.table.shown_order == (2,)
    assert "Delete these 2 runs?" in answers.asked[1]


def test_a_run_is_restored_and_the_table_says_that_it_is_in_the_plots(
    panel: RunsPanel, session: RunsSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "change_dataset", lambda *_: None)
    run = session.add(0.9)
    session.add(0.8)
    choose(panel, 1)
    entry(panel, "run_restore").trigger()
    assert session.history is run.history
    for key, array in run.weights.items():
        np.testing.assert_array_equal(session.weights[key], array)
    assert column(panel, "State") == ["", "in the plots"]
    session.undo_stack.undo()
    assert column(panel, "State") == ["", ""]


def test_without_weights_a_run_can_only_be_trained_again(panel: RunsPanel, session: RunsSession) -> None:
    session.add(0.9, weights=NO_WEIGHTS)
    choose(panel, 1)
    assert column(panel, "State") == ["no weights left"]
    assert not entry(panel, "run_restore").isEnabled()
    assert "make room" in panel.about.text()
    entry(panel, "run_again").trigger()
    assert session.asked == [("again", 1)]


def test_what_makes_sense_depends_on_how_many_are_selected(panel: RunsPanel, session: RunsSession) -> None:
    session.add(0.9)
    session.add(0.8)
    names = ("run_restore", "run_again", "run_rename", "run_overlay", "run_delete")

    def enabled() -> list[bool]:
        return [entry(panel, name).isEnabled() for name in names]

    panel.table.clearSelection()
    assert enabled() == [False] * 5
    choose(panel, 2)
    assert enabled() == [True] * 5
    choose(panel, 1, 2)
    assert enabled() == [False, False, False, True, True]
    session.delete_runs([1, 2])
    assert enabled() == [False] * 5


def test_two_selected_runs_are_compared(panel: RunsPanel, session: RunsSession) -> None:
    session.add(0.9)
    session.add(0.95, config=TrainingConfig(learning_rate=0.01), name="Fast")
    choose(panel, 2, 1)
    assert panel.about.text() == (
        "Run 1 → Fast: learning rate 0.001 → 0.01. Best accuracy 90.00 % → 95.00 %, best loss 0.100 → 0.0500."
    )
    session.put(dataclasses.replace(session.runs[1], config=TrainingConfig()))
    assert "the same data, network and settings" in panel.about.text()


def test_a_selected_run_tells_where_it_began_and_what_was_changed(panel: RunsPanel, session: RunsSession) -> None:
    session.add(0.9, latest=TrainingConfig(batch_size=10), origin="the weights of Run 7", problem="It broke.")
    choose(panel, 1)
    for part in (
        "Softmax on Digits",
        "the weights of Run 7",
        "batch size 64 → 10",
        "It broke.",
        "numbers will be others",
    ):
        assert part in panel.about.text()
    assert column(panel, "State") == ["failed"]


def test_times_are_short() -> None:
    assert [seconds_text(value) for value in (0.84, 45.2, 187, 3723)] == ["0.8 s", "45 s", "3:07", "1:02:03"]


def test_cells_without_a_text_of_their_own_say_what_they_are_for(panel: RunsPanel, session: RunsSession) -> None:
    session.add(0.9)
    tip = panel.table.model().index(0, NOTE).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == COLUMNS[NOTE].help


def test_keys_restore_a_run_and_train_it_again(
    panel: RunsPanel, session: RunsSession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "change_dataset", lambda *_: None)
    run = session.add(0.9)
    choose(panel, 1)
    panel.table.setFocus()
    qtbot.waitUntil(panel.table.hasFocus)
    qtbot.keyClick(panel.table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert session.history is run.history
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(panel.table, Qt.Key.Key_Return, held)
    assert session.asked == [("again", 1)]


def test_a_low_panel_leaves_its_room_to_the_table(panel: RunsPanel, session: RunsSession) -> None:
    session.add(0.9)
    assert panel.about.isVisible()
    panel.resize(1100, 150)
    assert not panel.about.isVisible()
