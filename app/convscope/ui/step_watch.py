"""What training does inside: a step in slow motion, and how large gradients and updates are through the run."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from convscope.core.gradient_flow import GradientFlow
from convscope.core.snapshot import RunPhase, Snapshot
from convscope.core.training_step import Stage, StepDetails


class StepWatch(QObject):
    """Keeps what a session's run tells of its steps, whether or not a panel shows it.

    Signals:
        step_changed(): Another stage of a step was done, or the slow motion is over.
        flow_changed(): The sizes of another step are known, or all were forgotten.
    """

    step_changed = Signal()
    flow_changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.details: StepDetails | None = None  # of the present step in slow motion
        self.flow = GradientFlow()  # of the present run, or the last one

    def begin(self) -> None:
        """Forget the run before: another one begins, or its network is no longer there."""
        self._show(None)
        if self.flow.points:
            self.flow = GradientFlow()
            self.flow_changed.emit()

    def end_step(self) -> None:
        """Forget a step that is not complete: its run is over, so that no stage follows."""
        if self.details is not None and not self.details.has(Stage.UPDATE):
            self._show(None)

    def take(self, snapshot: Snapshot) -> None:
        """Take over what a report tells."""
        self._show(snapshot.details)
        if snapshot.flow is not None:
            self.flow = self.flow.extended(snapshot.flow)
        if snapshot.phase is RunPhase.FAILED:
            self.flow = self.flow.failed()
        if snapshot.flow is not None or snapshot.phase is RunPhase.FAILED:
            self.flow_changed.emit()

    def _show(self, details: StepDetails | None) -> None:
        if details is not self.details:
            self.details = details
            self.step_changed.emit()
