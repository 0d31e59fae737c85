"""The training run of a session: started, paused, ended, and what it tells taken over."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QObject, QTimer

from convscope.core.batch_norm_course import BatchNormCourse
from convscope.core.data.dataset import Dataset
from convscope.core.history import History
from convscope.core.large import data_misfit
from convscope.core.report import batch_misfit, smallest_batch
from convscope.core.snapshot import Snapshot
from convscope.core.training_config import LIVE, TrainingConfig
from convscope.core.weights import Weights, WeightsMark, same_arrays
from convscope.ui.document import Document
from convscope.ui.run_state import RunState
from convscope.ui.session_trace import TracingSession
from convscope.ui.training_run import TrainingRun
from convscope.ui.turns import after_paint

_STILL_TOO_LARGE = (
    "The loss is no number again: training went on from the weights of the last run, which are too large for any "
    "learning rate. Press Reset weights, then Train"
)
_SOON = 20  # milliseconds: an answer to the pen that is ready goes first


class RunSession(TracingSession):
    """A session that trains its network on the data that were loaded."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(document, parent)
        self._wanted_start = ""  # the method of a run to call when the data are there
        self._former_history = self.history  # to come back when a run cannot start
        self._batch_norm_course = BatchNormCourse()
        self._blown_up: tuple[Weights, float] | None = None  # what the last run left that diverged, and its rate
        self._goes_on_blown_up = False
        self._untold: Snapshot | None = None
        self._telling = QTimer(self, singleShot=True, interval=_SOON)
        self._telling.timeout.connect(self._tell_course)

    @property
    def batch_norm_course(self) -> BatchNormCourse:
        """What batch norm measured of the batches of the run, or of the last one."""
        return self._batch_norm_course

    def train(self) -> None:
        """Start a run, or go on with one that pauses; after its last epoch train as many again."""
        self._go_on("train")

    def step_batch(self) -> None:
        """Train on one batch."""
        self._go_on("step_batch")

    def step_stage(self) -> None:
        """Do the next stage of a training step: forward, loss, backward or update."""
        self._go_on("step_stage")

    def step_epoch(self) -> None:
        """Train to the end of the epoch."""
        self._go_on("step_epoch")

    def pause(self) -> None:
        """Let the run rest after the present batch."""
        if self._run is not None:
            self._run.pause()

    def stop(self) -> None:
        """End the run; weights and curves stay."""
        self._wanted_start = ""
        self._end_run()

    def _go_on(self, how: str) -> None:
        """Do what a method of the run is called for; without a run, make one on the data, which are there."""
        assert self._dataset is not None
        self.time_machine.look_at(None)
        fresh = self._run is None or self._run_state is RunState.FAILED
        if fresh and not self._new_run(self._dataset):
            return
        assert self._run is not None
        getattr(self._run, how)()
        self._set_run_state(self._run.state)
        if fresh and self.switched_off:
            self.message_shown.emit("Training uses every map: those that are switched off are off only for looking.")

    def _new_run(self, dataset: Dataset) -> bool:
        """Make a run; say whether there is something to train."""
        problem = self.network.report.problem
        if problem is not None:
            self.failed.emit(f"The network cannot be trained yet. {problem.located}", None)
            return False
        if misfit := batch_misfit(self.network, self.config.batch_size):
            self.message_shown.emit(misfit)
            return False
        misfit = data_misfit(self.network, dataset.image_shape, dataset.classes, dataset.loss)
        if misfit:
            self.failed.emit(f"The network cannot be trained on these data. {misfit}", None)
            return False
        self._end_run()
        self._former_history = self.history
        self.step_watch.begin()
        self._batch_norm_course = BatchNormCourse()
        self._document = dataclasses.replace(
            self._document, history=History(network=self.network, dataset_id=dataset.id)
        )
        self._goes_on_blown_up = self._blown_up is not None and same_arrays(self.weights, self._blown_up[0])
        self._run = TrainingRun(self.network, self.weights, self.config, dataset, self)
        self.time_machine.begin(self.network, self.weights)
        self._run.snapshot_taken.connect(self._take_snapshot)
        self._run.state_changed.connect(self._set_run_state)
        self._run.failed.connect(self._fail_run)
        self.history_changed.emit()
        return True

    def _end_run(self) -> None:
        if self._run is not None:
            self._run.stop()
            self._run = None
            self.step_watch.end_step()
            self.progress_changed.emit()
        self._set_run_state(RunState.IDLE)

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        self._tell_course()  # of the one before, if there was no time
        batches = (snapshot.batch_epochs, snapshot.batch_losses, snapshot.batch_accuracies)
        history = self.history.extended(batches, snapshot.points)
        history = dataclasses.replace(history, weights=WeightsMark(snapshot.weights))
        self._document = dataclasses.replace(self._document, weights=snapshot.weights, history=history)
        self.time_machine.keep(self._document)
        self._gradients = snapshot.gradients
        self._note_batch_norm(snapshot)
        self.step_watch.take(snapshot)
        if snapshot.problem:
            self._run_problem = self._reason(snapshot)
            self._diverged_history, self._blown_up = history, (snapshot.weights, self.config.learning_rate)
        if not self._trained:
            self._trained = True
            self.modified_changed.emit()
        if self.time_machine.shown is None:
            self._ask()
        self.weights_changed.emit()
        self._untold = snapshot
        self._telling.start()

    def _forget_course(self) -> None:
        """Tell nothing any more of what the last snapshot says: nobody is there to hear it."""
        self._untold = None
        self._telling.stop()

    def _tell_course(self) -> None:
        """Tell what the newest snapshot says of the run; in a turn of its own, for the weights alone keep it busy."""
        snapshot, self._untold = self._untold, None
        self._telling.stop()
        if snapshot is None:
            return
        self.history_changed.emit()
        self.progress_changed.emit()
        if snapshot.problem:
            problem = self._run_problem
            after_paint(self, lambda: self.failed.emit(problem, None))  # it opens a dialogue, not amid something else
        if snapshot.note:
            self.message_shown.emit(snapshot.note)

    def _reason(self, snapshot: Snapshot) -> str:
        """Return why a run diverged, and what to do: another rate is no help to weights that are too large already."""
        if not self._goes_on_blown_up or self._blown_up is None:
            return snapshot.problem
        rate = self.config.learning_rate
        slower = f" with a learning rate of {rate / 10:.3g} instead of {rate:.3g}" if rate == self._blown_up[1] else ""
        return f"{_STILL_TOO_LARGE}{slower}."

    def _note_batch_norm(self, snapshot: Snapshot) -> None:
        if snapshot.batch_epochs.size and snapshot.noted_step == snapshot.step:  # else of an earlier batch
            position = float(snapshot.batch_epochs[-1])
            self._batch_norm_course.take(position, snapshot.batch_statistics, snapshot.weights)

    def _fail_run(self, error: Exception) -> None:
        if self._run is not None and self._run.progress is None:  # it never began, so the curves are still the old ones
            self._document = dataclasses.replace(self._document, history=self._former_history)
            self.history_changed.emit()
        self._tell_failure(error)

    def _set_run_state(self, state: RunState) -> None:
        self._tell_course()  # nobody hears that a run rests or has ended before what it did last
        if state is not self._run_state:
            self._run_state = state
            self.run_state_changed.emit()

    def _hand_on_network(self, old: Document) -> bool:
        """Tell the run of a new network if it can go on with that; say whether it does."""
        new = self._document
        if self._run is None or self._run_state is RunState.FAILED or not same_arrays(old.weights, new.weights):
            return False
        if not new.network.carries_on(old.network):
            return False
        self._document = dataclasses.replace(new, history=dataclasses.replace(new.history, network=new.network))
        self.time_machine.rename(self._document)
        self._run.change_network(new.network)
        return True

    def _hand_on_config(self, old: TrainingConfig) -> None:
        """Tell the run what of the new settings it can take over."""
        if self._run is None:
            return
        changed = {name for name, value in self.config.to_json().items() if value != getattr(old, name)}
        if changed - LIVE:  # what a run cannot take over; the next Train starts one that has it
            if self._run_state.is_active:
                self.message_shown.emit("The settings changed, so the training run was ended.")
            self._end_run()
            return
        if self.config.batch_size < smallest_batch(self.network):
            self.message_shown.emit("Batch normalisation needs batches of at least 2; the run keeps its batch size.")
        elif changed & LIVE:
            self._run.change_config(self.config)
