"""The time machine: a slider through the weights of the run, and what the drawing was taken for on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convscope.core.data.number_rows import takes_numbers, unit_of
from convscope.core.large import bytes_text, is_traced_live
from convscope.ui.run_state import RunState
from convscope.ui.time_predictions import TimePredictions
from convscope.ui.widgets.time_controls import TimeControls
from convscope.ui.widgets.time_plot import TimePlot
from convscope.ui.widgets.time_plot_data import NumberCourse, PredictionCourse, epoch_text
from convscope.ui.widgets.tinted_label import TintedLabel

if TYPE_CHECKING:
    from convscope.ui.session import Session

_TRAINING_REST = 300  # milliseconds between two pictures while a run goes on
_INVITATION = "Press Train: the weights are kept on the way, so that you can look back at how they came to be."
_TOO_LARGE = "This network is so large that its weights are not kept on the way."
_FORMER = "The moments that are kept are those of another network or of another run. Undo brings them back."


class TimePanel(QWidget):
    """Lets the user look back at the moments of the run; everything else in the window follows."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        """Make the panel of `session`; it uses none of the `actions`."""
        super().__init__(parent)
        self.setObjectName("time_panel")
        self._session = session
        self._machine = session.time_machine
        self._stale = True
        self._soon = QTimer(self, singleShot=True, interval=_TRAINING_REST)
        self._soon.timeout.connect(self._follow_run)
        self.controls = TimeControls(self)
        self._where = TintedLabel("text", self)
        self.plot = TimePlot(self)
        self.predictions = TimePredictions(session, self)
        self._build()
        self._connect()

    def _build(self) -> None:
        self._where.setObjectName("time_where")
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 6)
        column.setSpacing(4)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        column.addWidget(self.controls)
        column.addWidget(self._where)
        column.addWidget(self.plot, 1)

    def _connect(self) -> None:
        session, machine = self._session, self._machine
        self.controls.moment_chosen.connect(self._look_at)
        self.plot.position_chosen.connect(self._look_at_position)
        machine.changed.connect(self._show_moment)
        machine.moments_changed.connect(self._take_moments)
        session.network_changed.connect(self._take_moments)
        session.run_state_changed.connect(self._take_moments)
        session.dataset_changed.connect(self._show_course)  # and with it the names of the classes
        session.drawing_changed.connect(self._take_drawing)
        session.switched_off_changed.connect(self._take_drawing)
        self.predictions.changed.connect(self._show_course)
        self.predictions.failed.connect(self._tell_failure)

    @property
    def _last(self) -> int:
        """The number that stands for the present."""
        count = len(self._machine.moments)
        return count - 1 if self._machine.ends_now else count

    def _look_at(self, number: int) -> None:
        moments = self._machine.moments
        self._machine.look_at(moments[number].position if number < self._last else None)

    def _look_at_position(self, position: float) -> None:
        self.controls.stop()
        self._machine.look_at(position)

    def _is_shown(self) -> bool:
        self._stale = self._stale or not self.isVisible()
        return not self._stale

    def _take_moments(self) -> None:
        """Show new moments; those of a run that goes on some at a time, for they take their time from it."""
        if self._session.run_state is not RunState.RUNNING:
            self._follow_run()
        elif not self._soon.isActive():
            self._soon.start()

    def _follow_run(self) -> None:
        if self._is_shown():
            self._show_moment()
            self.predictions.refresh()
            if self.predictions.is_complete or self._obstacle():
                self._show_course()

    def _take_drawing(self) -> None:
        if self._is_shown():
            if self._obstacle():
                self._show_course()
            self.predictions.refresh_soon()

    def _show_moment(self) -> None:
        """Show where the run is looked at."""
        if not self._is_shown():
            return
        index = self._machine.index
        text = self._described(index)
        self.controls.show_moments(self._last, self._last if index is None else index, text)
        self.plot.show_position(self._machine.shown)
        self._where.show_text(f"{text} · {self._kept()}" if self._machine.moments else self._reason())

    def _described(self, index: int | None) -> str:
        if index is None or self._machine.shown is None:
            return "Now"
        return f"{epoch_text(self._machine.shown)}, moment {index + 1} of {len(self._machine.moments)}"

    def _kept(self) -> str:
        count = len(self._machine.moments)
        return f"{count} moment{'s' * (count != 1)} kept in {bytes_text(self._machine.size)}"

    def _reason(self) -> str:
        """Return why there is nothing to look at."""
        if self._machine.is_too_large:
            return _TOO_LARGE
        return _FORMER if self._machine.size else _INVITATION

    def _show_course(self) -> None:
        if not self._is_shown():
            return
        obstacle = self._obstacle()
        positions, answers = self.predictions.course()
        if obstacle:
            self.plot.show_message(obstacle)
        elif len(positions):
            self.plot.show_course(self._course_of(positions, answers))
        else:
            self.plot.show_message("The answers of the moments are being computed.")

    def _course_of(self, positions: NDArray[np.float64], answers: NDArray[np.float32]) -> PredictionCourse:
        session = self._session
        if session.network.classifies:
            return PredictionCourse(positions, answers, session.class_names, session.known_label)
        unit = unit_of(session.dataset, session.network.input_shape)
        return NumberCourse.of(positions, answers, session.class_names, session.drawing.target, unit)

    def _obstacle(self) -> str:
        """Return why there are no lines; empty where there are, or will be."""
        session = self._session
        if session.network.report.problem is not None:
            return session.network.report.problem.located
        if self._machine.is_too_large or not is_traced_live(session.network):
            return "This network is too large for its prediction to be followed through training."
        if not self._machine.moments:
            return "The prediction of the drawing through training appears here."
        if session.drawing.is_empty and not takes_numbers(session.network.input_shape):
            return "Draw something to see what it was taken for on the way."
        return ""

    def _tell_failure(self, error: Exception) -> None:
        self.plot.show_message(f"The answers of the moments could not be computed: {error}")

    def sizeHint(self) -> QSize:
        """Return a size at which the lines can be followed."""
        return QSize(560, 300)

    def minimumSizeHint(self) -> QSize:
        """Return the least useful size."""
        return QSize(290, 125)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Play or pause."""
        if event.key() == Qt.Key.Key_Space and self.controls.isEnabled():
            self.controls.toggle()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Compute nothing that nobody sees."""
        self._soon.stop()
        self.predictions.stop()
        self._stale = True
        super().hideEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        self._stale = False
        self._show_moment()
        self._show_course()
        self.predictions.refresh()
