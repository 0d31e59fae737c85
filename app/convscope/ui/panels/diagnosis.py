"""The panel that reads the curves: what they show, why, where, and what to try."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convscope.core.diagnosis import CurveRemedy, Diagnosis, Sizes, diagnose, sizes_of
from convscope.core.history import EpochPoint
from convscope.core.training_config import TrainingConfig
from convscope.ui.panels.remedy import OfferedRemedies
from convscope.ui.widgets.diagnosis_view import DiagnosisView

if TYPE_CHECKING:
    from convscope.ui.session import Session


class DiagnosisPanel(QWidget):
    """Reads the session's curves anew after each epoch, as long as it is seen."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        """Make the panel of `session`; it uses none of the `actions`."""
        super().__init__(parent)
        self.setObjectName("diagnosis_panel")
        self._session = session
        self._diagnosis: Diagnosis | None = None
        self._read: tuple[int, EpochPoint | None, bool] | None = None  # how far the curves are read
        self._strongly = False
        self._offered = OfferedRemedies(session)
        self.view = DiagnosisView(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.view.pointed_at.connect(self._emphasise)
        self.view.remedy_chosen.connect(self._apply)
        session.history_changed.connect(self._read_on)
        for signal in (
            session.network_changed,
            session.config_changed,
            session.dataset_changed,
            session.run_state_changed,
        ):
            signal.connect(self._refresh)

    def _read_on(self) -> None:
        """Read the curves if an epoch was added, or another run is shown: batches alone change nothing."""
        if self.isVisible() and self._position() != self._read:
            self._refresh()

    def _position(self) -> tuple[int, EpochPoint | None, bool]:
        epochs = self._session.history.epochs
        return len(epochs), epochs[-1] if epochs else None, self._session.diverged

    def _refresh(self) -> None:
        if not self.isVisible():
            return  # it is read when it is shown
        session = self._session
        self._read = self._position()
        self._diagnosis = diagnose(
            session.history,
            session.config,
            session.network,
            self._sizes(),
            is_over=not session.run_state.is_active,
            diverged=session.diverged,
            previous=self._diagnosis,
            trained_with=self._trained_with(),
        )
        self._offered.offer(self._diagnosis.remedies, self._diagnosis.kind)
        shown = dataclasses.replace(self._diagnosis, remedies=self._offered.shown)
        self.view.show_diagnosis(shown, session.history, self._offered.done)
        self.view.show_note(self._offered.note)
        self._point()

    def _trained_with(self) -> TrainingConfig:
        """Return the settings that made the curves; the present ones where no record tells."""
        run = self._session.present_run
        return (run.latest or run.config) if run is not None else self._session.config

    def _sizes(self) -> Sizes:
        dataset, config = self._session.dataset, self._trained_with()
        if dataset is None:
            return Sizes(config.train_size, config.validation_size)
        return sizes_of(config, len(dataset.train), len(dataset.test))

    def _emphasise(self, strongly: bool) -> None:
        self._strongly = strongly
        self.view.emphasise(strongly)
        self._point()

    def _point(self) -> None:
        place = self._diagnosis.finding.place if self._diagnosis is not None and self.isVisible() else None
        self._session.pointed_place.point(place, strongly=self._strongly and place is not None)

    def _apply(self, remedy: CurveRemedy) -> None:
        self._offered.apply(remedy)
        self._refresh()

    def minimumSizeHint(self) -> QSize:
        """Return the size of a name and a sentence; the rest can be scrolled to."""
        return QSize(260, 120)

    def sizeHint(self) -> QSize:
        """Return a size at which all of it is seen."""
        return QSize(620, 260)

    def hideEvent(self, event: QHideEvent) -> None:
        """Point at nothing that nobody can read about."""
        super().hideEvent(event)
        self._strongly = False
        self._session.pointed_place.point(None)

    def showEvent(self, event: QShowEvent) -> None:
        """Read what was drawn while the panel was hidden."""
        super().showEvent(event)
        self._refresh()
