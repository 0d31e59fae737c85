"""The panel of the curves: loss of the run over its epochs, and accuracy where there is any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QVBoxLayout, QWidget

from convscope.core.data.sources import title_of
from convscope.ui.run_state import RunState
from convscope.ui.widgets.curve_data import ACCURACY, LOSS, Overlay
from convscope.ui.widgets.curve_plot import CurvePlot

if TYPE_CHECKING:
    from convscope.ui.session import Session

_SIDE_BY_SIDE = 1.15  # width over height from which two plots beside each other are larger than one above the other
_LEAST_WIDTH = 215  # of one plot


class CurvesPanel(QWidget):
    """Shows the session's history as two plots, beside each other where there is room."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        """Make the panel of `session`; it uses none of the `actions`."""
        super().__init__(parent)
        self.setObjectName("curves_panel")
        self._session = session
        self._is_stale = True
        self._turn = 0  # reports until now
        self._others = 0  # runs that are checked and cannot be laid over these plots
        self._plots = (CurvePlot(LOSS, self), CurvePlot(ACCURACY, self))
        self.note = QLabel(self)
        self.note.setObjectName("curves_note")
        self.note.setTextFormat(Qt.TextFormat.PlainText)  # a folder may have any name
        self.note.setWordWrap(True)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._box.setSpacing(12)
        for plot in self._plots:
            self._box.addWidget(plot, 1)
            plot.position_chosen.connect(session.time_machine.look_at)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSizeConstraint(QBoxLayout.SizeConstraint.SetNoConstraint)
        column.addWidget(self.note)
        column.addLayout(self._box, 1)
        session.history_changed.connect(self._refresh)
        session.run_state_changed.connect(self._refresh)
        session.runs_changed.connect(self._refresh_overlays)
        session.pointed_place.changed.connect(self._show_place)
        session.time_machine.changed.connect(self._show_position)
        session.network_changed.connect(self._refresh_overlays)
        session.network_changed.connect(self._refresh_note)
        session.weights_changed.connect(self._refresh_note)
        session.dataset_changed.connect(self._refresh_note)

    def _refresh(self) -> None:
        """Draw the curves; those of more batches of a run that goes on in turns, for each takes a while."""
        self._is_stale = not self.isVisible()
        if not self._is_stale:
            history, running = self._session.history, self._session.run_state is RunState.RUNNING
            self._turn += 1
            for number, plot in enumerate(self._plots):
                if not running or plot.epochs != len(history.epochs) or self._turn % len(self._plots) == number:
                    plot.show_history(history)
        self._refresh_note()
        self._refresh_overlays()
        self._show_position()

    def _refresh_overlays(self) -> None:
        """Lay the runs that are chosen over the plots, all but the one that is plotted anyway."""
        self._is_stale = self._is_stale or not self.isVisible()
        if self._is_stale:
            return
        session = self._session
        present = session.present_run
        network = session.history.network or session.network
        self._plots[1].setVisible(network.classifies)  # how often a predicted number is right nobody counts
        chosen = [run for run in session.runs if run.shown and run is not present]
        fitting = [run for run in chosen if run.network.loss == network.loss]
        self._others = len(chosen) - len(fitting)
        overlays = tuple(
            Overlay(run.id, run.label, run.colour, run.history)
            for run in fitting
            if run.history.epochs or run.has_batches
        )
        for plot in self._plots:
            plot.show_overlays(overlays)
        self._refresh_note()

    def _refresh_note(self) -> None:
        """Say whose curves these are, so that nobody takes them for those of what was made since."""
        said = [whose] if (whose := self._whose()) else []
        if self._others:
            one = self._others == 1
            runs = "1 checked run has" if one else f"{self._others:,} checked runs have"
            said.append(
                f"{runs} another kind of loss, which no axis here fits: {'it is' if one else 'they are'} left out."
            )
        self.note.setText(" ".join(said))
        self.note.setVisible(bool(said))
        for plot in self._plots:
            plot.setEnabled(not self._session.history_is_former)

    def _whose(self) -> str:
        """Return what network and data the curves tell of; empty where those are the present ones."""
        session, source = self._session, self._session.history_source
        if session.history_is_former:
            trained = f", trained on {title_of(source)}" if source else ""
            return f"These curves tell of the network before it was changed{trained}."
        if source and session.dataset is not None:
            return f"These curves are from training on {title_of(source)}, not on {title_of(session.dataset.id)}."
        return ""

    def _show_position(self) -> None:
        """Show where the run is looked at."""
        for plot in self._plots:
            plot.show_position(self._session.time_machine.shown)

    def _show_place(self) -> None:
        pointed = self._session.pointed_place
        self._plots[0].show_place(pointed.place, strongly=pointed.strongly)

    def minimumSizeHint(self) -> QSize:
        """Return the size of one small plot, whatever the present arrangement needs, so that it can be left."""
        return QSize(_LEAST_WIDTH, 130)

    def sizeHint(self) -> QSize:
        """Return a size at which both plots are easily read."""
        return QSize(700, 300)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the plots where both are largest."""
        super().resizeEvent(event)
        wide = self.width() > max(_SIDE_BY_SIDE * self.height(), 2 * _LEAST_WIDTH)
        self._box.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what changed while the panel was hidden."""
        super().showEvent(event)
        if self._is_stale:
            self._refresh()
