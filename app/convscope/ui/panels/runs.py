"""Runs: every training run with its results, to compare, to go back to and to repeat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QMimeData, QSize
from PySide6.QtGui import QAction, QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convscope.core.run_text import TableFormat, table
from convscope.core.runs import RunRecord
from convscope.ui.panels.runs_text import INVITATION, KEPT, compared, described
from convscope.ui.panels.runs_tools import RunsTools
from convscope.ui.questions import Button, ask
from convscope.ui.run_state import RunState
from convscope.ui.widgets.runs_data import NAME, NOTE, row_of
from convscope.ui.widgets.runs_table import RunsTable
from convscope.ui.widgets.tinted_label import TintedLabel

if TYPE_CHECKING:
    from convscope.ui.session import Session

_DOING = {RunState.RUNNING: "training", RunState.LOADING: "training", RunState.PAUSED: "paused"}
_TABLE = 170  # pixels of height that buttons, headings and three rows need
_BACK = "is back as it was. Undo takes that back."
_KINDS = {"Markdown": "text/markdown", "CSV": "text/csv", "TSV": "text/tab-separated-values"}


_THERE = {  # of the run that is to be restored, where it is the present one
    RunState.LOADING: "is about to begin, so there is nothing to restore.",
    RunState.RUNNING: "goes on, so there is nothing to restore.",
    RunState.PAUSED: "is paused, so there is nothing to restore.",
}


class RunsPanel(QWidget):
    """Lists the session's runs; what is done with them is asked of the session."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        """Make the panel of `session`; it uses none of the `actions`."""
        super().__init__(parent)
        self.setObjectName("runs_panel")
        self._session = session
        self._is_stale = True
        self.table = RunsTable(self)
        self.table.show_invitation(INVITATION)
        self.tools = RunsTools(self.table, self)
        self.about = TintedLabel("muted", self)
        self.about.setObjectName("runs_about")
        self._lay_out()
        self._connect()

    def copy(self, form: TableFormat = "Markdown") -> None:
        """Put the selected rows on the clipboard, all of them where fewer than two are selected."""
        selected = self.table.selected
        wanted = [id for id in self.table.shown_order if len(selected) < 2 or id in selected]
        runs = [run for id in wanted if (run := self._session.run_of(id)) is not None]
        if not runs:
            return
        text = table(runs, form)
        data = QMimeData()
        data.setText(text)
        data.setData(_KINDS[form], text.encode())
        QGuiApplication.clipboard().setMimeData(data)
        self._session.message_shown.emit(f"{_counted(runs)} on the clipboard as {form}.")

    def _connect(self) -> None:
        session, shown, tools = self._session, self.table, self.tools
        shown.text_entered.connect(lambda id, what, text: session.describe_run(id, **{what: text}))
        shown.shown_chosen.connect(session.show_runs)
        shown.runs_selected.connect(self._show_selected)
        shown.copy_wanted.connect(self.copy)
        shown.delete_wanted.connect(self._delete)
        tools.delete_wanted.connect(self._delete)
        tools.restore_wanted.connect(self._restore)
        tools.again_wanted.connect(lambda: session.train_again(shown.selected[0]))
        tools.rename.triggered.connect(lambda: shown.edit_text(NAME))
        tools.annotate.triggered.connect(lambda: shown.edit_text(NOTE))
        tools.colour_chosen.connect(self._colour)
        tools.copy_wanted.connect(lambda form: self.copy(cast(TableFormat, form)))
        session.runs_changed.connect(self._refresh)
        session.history_changed.connect(self._follow_present)
        session.run_state_changed.connect(self._refresh)
        self._present: RunRecord | None = None
        self._show_selected()

    def _restore(self) -> None:
        run = self._session.run_of(self.table.selected[0])
        if run is not None:
            session = self._session
            there = _THERE.get(session.run_state, "is there already.")
            changed = session.restore_run(run.id)
            session.message_shown.emit(f"{run.label} {_BACK if changed else there}")

    def _delete(self) -> None:
        chosen = [run for id in self.table.selected if (run := self._session.run_of(id)) is not None]
        if not chosen:
            return
        what = f"Delete {chosen[0].label}?" if len(chosen) == 1 else f"Delete these {len(chosen)} runs?"
        more = "Curves and weights that only these runs keep are gone for good. The present network stays as it is."
        answer = ask(self.window(), "Delete runs", what, Button.Yes | Button.Cancel, Button.Yes, more)
        if answer is Button.Yes:
            self._session.delete_runs([run.id for run in chosen])

    def _colour(self, number: int) -> None:
        for id in self.table.selected:
            self._session.describe_run(id, colour=number)

    def _follow_present(self) -> None:
        """Mark another run as the one in the plots, where that is new; the curves grow ten times a second."""
        if not self._session.goes_on and self._session.present_run is not self._present:
            self._refresh()

    def _refresh(self) -> None:
        self._is_stale = not self.isVisible()
        if self._is_stale:
            return
        session = self._session
        self._present = session.present_run
        present = self._present.id if self._present is not None else 0
        doing = _DOING.get(session.run_state, "")
        rows = [
            row_of(run, doing if run.id == session.goes_on else "", is_present=run.id == present)
            for run in session.runs
        ]
        self.table.show_rows(rows)
        self._show_selected()

    def _show_selected(self) -> None:
        """Say what is known of the selected runs, and allow what can be done with them."""
        runs = [run for id in self.table.selected if (run := self._session.run_of(id)) is not None]
        restorable = len(runs) == 1 and runs[0].has_weights
        self.tools.allow(len(runs), restorable=restorable, any_runs=bool(self._session.runs))
        told = self._told(runs)
        self.about.show_text(told)
        self.about.setToolTip(told)
        self._make_room()

    def _make_room(self) -> None:
        """Leave the table its rows; of what there is no room for, the tooltip tells."""
        lines = (self.height() - _TABLE) // self.about.fontMetrics().height()
        self.about.setVisible(bool(self._session.runs) and lines > 0)
        self.about.reserve(0, max(1, lines))

    def _told(self, runs: list[RunRecord]) -> str:
        match runs:
            case []:
                return f"Check runs to lay them over the plots; select two to compare them. {KEPT}"
            case [run]:
                return described(run)
            case [one, other]:
                return compared(one, other)
            case _:
                return f"{_counted(runs)} selected; select two to read what differs between them."

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 6)
        column.setSpacing(4)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        column.addWidget(self.tools)
        column.addWidget(self.table, 1)
        column.addWidget(self.about)

    def minimumSizeHint(self) -> QSize:
        """Return the size of a few rows, so that a narrow dock will do."""
        return QSize(220, 130)

    def sizeHint(self) -> QSize:
        """Return a size at which results are easily compared."""
        return QSize(640, 260)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show sentences where there is room for them."""
        super().resizeEvent(event)
        self._make_room()

    def showEvent(self, event: QShowEvent) -> None:
        """Show what changed while the panel was hidden."""
        super().showEvent(event)
        if self._is_stale:
            self._refresh()


def _counted(runs: list[RunRecord]) -> str:
    return f"{len(runs)} run{'s' * (len(runs) != 1)}"
