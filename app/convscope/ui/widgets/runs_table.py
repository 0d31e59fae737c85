"""The table of runs: sorted by any column, checked to lie over the plots, named and noted in place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QItemSelectionModel, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from convscope.ui import theme
from convscope.ui.widgets.runs_data import COLUMNS, NAME, RunRow
from convscope.ui.widgets.runs_model import SWATCH, RunsModel, SortedRuns

_PAD = 14
_CHECK = 26  # pixels of the box before a name
_MOST = 200  # pixels of a column at first


class RunsTable(QTableView):
    """Shows runs, the newest first until the user sorts them otherwise.

    Signals:
        text_entered: The user typed the name or note of a run: its id, "name" or "note", the text.
        shown_chosen: The user wants exactly these runs over the plots: a tuple of ids.
        runs_selected: Other runs are selected.
        copy_wanted, delete_wanted: The user pressed the keys for it.
    """

    text_entered = Signal(int, str, str)
    shown_chosen = Signal(tuple)
    runs_selected = Signal()
    copy_wanted = Signal()
    delete_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("runs_table")
        self.setAccessibleName("Training runs")
        self._runs = RunsModel(self)
        self._sorted = SortedRuns(self)
        self._sorted.setSourceModel(self._runs)
        self._invitation = ""
        self.setModel(self._sorted)
        self._look()
        self._size_columns()
        self.setSortingEnabled(True)
        self.sortByColumn(NAME, Qt.SortOrder.DescendingOrder)
        self._runs.text_entered.connect(self.text_entered)
        self._runs.check_toggled.connect(self._check)
        self.selectionModel().selectionChanged.connect(lambda *_: self.runs_selected.emit())

    def show_rows(self, rows: Sequence[RunRow]) -> None:
        """Show these runs, in the order of their ids."""
        self._runs.show_rows(rows)

    def show_invitation(self, text: str) -> None:
        """Say this where there are no runs."""
        self._invitation = text
        self.viewport().update()

    @property
    def selected(self) -> tuple[int, ...]:
        """The ids of the selected runs, in the order in which they began."""
        return tuple(sorted(self._ids(index.row()) for index in self.selectionModel().selectedRows()))

    @property
    def shown_order(self) -> tuple[int, ...]:
        """The ids of all runs, in the order of the table."""
        return tuple(self._ids(row) for row in range(self._sorted.rowCount()))

    def select(self, ids: Sequence[int]) -> None:
        """Select these runs."""
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        self.clearSelection()
        for row, id in enumerate(self.shown_order):
            if id in ids:
                self.selectionModel().select(self._sorted.index(row, NAME), flags)

    def edit_text(self, column: int) -> None:
        """Let the user type into a cell of the selected run; of several it is the current one or the first."""
        present = self.currentIndex()  # it may lie beside the selection: Ctrl+click takes its row out
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        if rows:
            cell = self._sorted.index(present.row() if present.row() in rows else rows[0], column)
            self.setCurrentIndex(cell)
            self.edit(cell)

    def toggle_shown(self) -> None:
        """Lay the selected runs over the plots, or take them away if all of them are there."""
        chosen = set(self.selected)
        shown = self._shown()
        if chosen:
            self.shown_chosen.emit(tuple(sorted(shown - chosen if chosen <= shown else shown | chosen)))

    def _ids(self, row: int) -> int:
        return self._runs.rows[self._sorted.mapToSource(self._sorted.index(row, NAME)).row()].run.id

    def _shown(self) -> set[int]:
        return {row.run.id for row in self._runs.rows if row.run.shown}

    def _check(self, id: int, checked: bool) -> None:
        self.shown_chosen.emit(tuple(sorted(self._shown() | {id} if checked else self._shown() - {id})))

    def _look(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setIconSize(QSize(*SWATCH))
        self.setTabKeyNavigation(False)  # Tab leaves the table
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setStretchLastSection(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)

    def _size_columns(self) -> None:
        """Make each column as wide as what usually stands in it."""
        metrics = self.fontMetrics()
        self.verticalHeader().setDefaultSectionSize(round(1.6 * metrics.height()))
        for column, described in enumerate(COLUMNS):
            texts = [described.sample, *(f"{line}  " for line in described.heading.split("\n"))]
            width = max(metrics.horizontalAdvance(text) for text in texts) + _PAD
            width = min(width, _MOST) + (_CHECK + SWATCH[0] if column == NAME else 0)
            self.setColumnWidth(column, width)

    def minimumSizeHint(self) -> QSize:
        """Return a size that a narrow dock has room for."""
        return QSize(180, 90)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Check the selected runs, copy or delete them; F2 names a run where nothing else can be typed."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Delete):
            self.delete_wanted.emit()
        elif event.key() == Qt.Key.Key_Space and not event.modifiers():
            self.toggle_shown()
        elif event.key() == Qt.Key.Key_F2:
            column = max(0, self.currentIndex().column())
            self.edit_text(column if COLUMNS[column].edits else NAME)
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Take over another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._size_columns()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, or what to do where there are none."""
        super().paintEvent(event)
        if self._invitation and not self._runs.rows:
            painter = QPainter(self.viewport())
            painter.setPen(theme.current().muted)
            room = self.viewport().rect().adjusted(20, 10, -20, -10)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, self._invitation)
