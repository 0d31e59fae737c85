"""How far a run is: its state, a bar, and what is read from it in words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from convscope.ui.run_state import RunProgress, RunState
from convscope.ui.widgets.progress_bar import ProgressBar
from convscope.ui.widgets.tinted_label import TintedLabel
from convscope.ui.widgets.two_ends import TwoEnds

_BAR_STEPS = 1000
_BAR_HEIGHT = 8


def duration_text(seconds: float) -> str:
    """Return a duration as a clock shows it: 0:42, 12:05, 1:02:03."""
    minutes, seconds = divmod(round(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def epoch_text(progress: RunProgress) -> str:
    """Return which epoch is being trained, of how many."""
    return f"Epoch {progress.epoch:,} of {progress.epochs:,}"


def batch_text(progress: RunProgress) -> str:
    """Return how many batches of the epoch are done."""
    return f"{progress.step:,} of {progress.steps:,} batches"


def speed_text(progress: RunProgress) -> str:
    """Return the speed to two figures, which is all that can be read while it changes; empty while not known."""
    speed = progress.examples_per_second
    if speed <= 0:
        return ""
    return f"{round(speed, -2) if speed >= 1000 else round(speed, -1) if speed >= 100 else speed:,.0f} examples/s"


def left_text(progress: RunProgress) -> str:
    """Return the time left; empty while not known."""
    return "" if progress.seconds_left is None else f"{duration_text(progress.seconds_left)} left"


def progress_text(progress: RunProgress) -> str:
    """Return everything about a run's progress in one line."""
    parts = (epoch_text(progress), batch_text(progress), speed_text(progress), left_text(progress))
    return " · ".join(part for part in parts if part)


class RunProgressView(QWidget):
    """Shows what a run is doing and how far it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the view of a run that has not begun."""
        super().__init__(parent)
        self.setObjectName("run_progress")
        self.state = self._label("run_state", Qt.AlignmentFlag.AlignLeft)
        self.epoch = self._label("run_epoch", Qt.AlignmentFlag.AlignRight)
        self.batch = self._label("run_batch", Qt.AlignmentFlag.AlignLeft)
        self.speed = self._label("run_speed", Qt.AlignmentFlag.AlignRight)
        self.rate = self._label("run_rate", Qt.AlignmentFlag.AlignLeft)
        for label in (self.batch, self.speed, self.rate):
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.problem = TintedLabel("warning", self)
        self.problem.setObjectName("run_problem")
        self.note = TintedLabel("text", self)
        self.note.setObjectName("run_note")
        self.bar = ProgressBar(self)
        self.bar.setObjectName("run_bar")
        self.bar.setAccessibleName("Progress of the run")
        self.bar.setFixedHeight(_BAR_HEIGHT)
        self._lay_out()
        self._embolden()
        self.show_run(RunState.IDLE, None)

    def show_run(
        self,
        state: RunState,
        progress: RunProgress | None,
        *,
        rate: str = "",
        problem: str = "",
        failure: str = "",
        before: str = "",
    ) -> None:
        """Show a run.

        Args:
            state: What it is doing.
            progress: How far it is; None when there is no run.
            rate: What there is to say about the learning rate; empty hides that line.
            problem: Why nothing can be trained; empty where something can.
            failure: Why the last run could not go on; empty where it could.
            before: What was trained before, where there is no run.
        """
        self.state.setText("Cannot train yet" if problem and not state.is_active else state.value)
        self._show_bar(state, progress)
        ahead = left_text(progress) if progress and state is RunState.RUNNING else ""
        self.epoch.setText(" · ".join(filter(None, (epoch_text(progress), ahead))) if progress else "")
        self.batch.setText(batch_text(progress) if progress else "")
        self.speed.setText(speed_text(progress) if progress and state is RunState.RUNNING else "")
        self.rate.setText(rate)
        self.rate.setVisible(bool(rate))
        self.problem.show_text(problem or failure)
        self.problem.setVisible(bool(self.problem.text()))
        self.note.show_text(progress.note if progress else before)
        self.note.setVisible(bool(self.note.text()))
        self.setToolTip(progress_text(progress) if progress else "")

    def _show_bar(self, state: RunState, progress: RunProgress | None) -> None:
        if state is RunState.LOADING and self.isVisible():
            self.bar.setRange(0, 0)  # moves to and fro
            return
        self.bar.setRange(0, _BAR_STEPS)
        self.bar.setValue(round(_BAR_STEPS * progress.fraction) if progress else 0)

    def _label(self, name: str, alignment: Qt.AlignmentFlag) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setAlignment(alignment | Qt.AlignmentFlag.AlignVCenter)
        label.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        return label

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(TwoEnds(self.state, self.epoch, self))
        column.addWidget(self.bar)
        column.addWidget(TwoEnds(self.batch, self.speed, self))
        column.addWidget(self.rate)
        column.addWidget(self.problem)
        column.addWidget(self.note)

    def _embolden(self) -> None:
        font = self.font()
        font.setBold(True)
        self.state.setFont(font)

    def changeEvent(self, event: QEvent) -> None:
        """Keep the state bold when the font changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._embolden()
