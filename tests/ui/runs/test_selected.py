"""What is done with the selected runs, and what is said of them."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from convscope.core.training_config import TrainingConfig
from convscope.core.weights import NO_WEIGHTS
from convscope.ui.panels.runs import RunsPanel
from convscope.ui.run_state import RunState

from .made_runs import HEADINGS, RunsSession, choose, column, entry


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


def test_restoring_what_is_there_says_so(
    panel: RunsPanel, session: RunsSession, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "restore_run", lambda _: False)
    session.add(0.9)
    choose(panel, 1)
    for state, said in ((RunState.IDLE, "is there already"), (RunState.PAUSED, "nothing to restore")):
        monkeypatch.setattr(session, "_run_state", state)
        with qtbot.waitSignal(session.message_shown) as told:
            entry(panel, "run_restore").trigger()
        assert told.args
        assert said in told.args[0]


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
        "its numbers will differ",
    ):
        assert part in panel.about.text()
    assert column(panel, "State") == ["failed"]


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
