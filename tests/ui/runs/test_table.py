"""The table of runs is read, sorted, named, noted, checked and coloured."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from convscope.core.history import EpochPoint, History
from convscope.core.training_config import TrainingConfig
from convscope.ui.panels.runs import RunsPanel
from convscope.ui.widgets.runs_data import COLUMNS, NAME, NOTE, row_of, seconds_text

from .made_runs import HEADINGS, RunsSession, cell, choose, column, entry, press, type_into


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
    assert session.runs[1].colour != session.runs[2].colour
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


def test_times_are_short() -> None:
    assert [seconds_text(value) for value in (0.84, 45.2, 187, 3723)] == ["0.8 s", "45 s", "3:07", "1:02:03"]


def test_cells_without_a_text_of_their_own_say_what_they_are_for(panel: RunsPanel, session: RunsSession) -> None:
    session.add(0.9)
    tip = panel.table.model().index(0, NOTE).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == COLUMNS[NOTE].help


def test_a_narrow_panel_shows_what_runs_are_compared_by(panel: RunsPanel, session: RunsSession) -> None:
    for accuracy in (0.9, 0.7, 0.8):
        session.add(accuracy)
    panel.resize(343, 320)
    assert HEADINGS[:4] == ["Run", "Best accuracy", "Best loss", "Epochs"]
    assert panel.table.columnViewportPosition(3) + panel.table.columnWidth(3) <= panel.table.viewport().width()


def test_what_differs_between_two_runs_leaves_the_table_its_rows(panel: RunsPanel, session: RunsSession) -> None:
    session.add(0.9)
    others = {"optimizer": "sgd", "learning_rate": 0.5, "batch_size": 10, "weight_decay": 0.1, "shift": 2, "seed": 3}
    for _ in range(2):
        session.add(0.7, config=dataclasses.replace(TrainingConfig(), **others), origin="the weights of Run 1")
    panel.resize(343, 240)
    choose(panel, 1, 2)
    table = panel.table
    assert panel.about.isVisible()
    assert table.rowViewportPosition(2) + table.rowHeight(2) <= table.viewport().height()
    assert panel.about.toolTip() == panel.about.text()
    panel.resize(343, 180)
    assert not panel.about.isVisible()
