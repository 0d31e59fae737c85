"""A session whose runs are made by hand, and the mouse and keys over the table of them."""

from __future__ import annotations

import dataclasses
from typing import Any

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from convscope.core.history import EpochPoint, History
from convscope.core.layers import Dense, Flatten
from convscope.core.network import Network
from convscope.core.runs import RunRecord
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import initial_weights
from convscope.ui.document import Document
from convscope.ui.panels.runs import RunsPanel
from convscope.ui.session import Session
from convscope.ui.widgets.runs_data import COLUMNS

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
