"""One training run, from Train to its end, as the window sees it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator

from PySide6.QtCore import QObject, Signal

from convscope.core.data.dataset import Dataset
from convscope.core.data.progress import finished
from convscope.core.network import Network
from convscope.core.snapshot import Orders, RunPhase, Snapshot
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import Weights, drawing_missing
from convscope.ui.background import Stream, stand_back
from convscope.ui.run_state import RunProgress, RunState


class TrainingRun(QObject):
    """Trains on a thread of its own and relays what the run tells.

    A new run is a new object; after `stop` the old one says nothing any more. That is why numbers of a former run
    cannot get into the curves of the next.

    Signals:
        snapshot_taken: A `Snapshot`.
        state_changed: The new `RunState`.
        failed: The exception that kept the run from going on.
    """

    snapshot_taken = Signal(object)
    state_changed = Signal(object)
    failed = Signal(object)

    def __init__(
        self, network: Network, weights: Weights, config: TrainingConfig, dataset: Dataset, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._network = network
        self._weights = weights
        self._config = config
        self._dataset = dataset
        self._before = 0  # epochs that were done when the present ones were ordered
        self._first: Orders | None = None
        self._stream: Stream | None = None
        self.state = RunState.LOADING
        self.progress: RunProgress | None = None

    def train(self) -> None:
        """Go on until all epochs are done; after that, train as many again."""
        self._go_on(_is_finished)

    def step_batch(self) -> None:
        """Train on one batch."""
        self._go_on(_is_batch, batches=1)

    def step_stage(self) -> None:
        """Do the next stage of a training step; whatever comes between two steps goes on by itself."""
        self._go_on(_is_stage, slowly=True)

    def step_epoch(self) -> None:
        """Go on to the end of the epoch."""
        self._go_on(_is_epoch_end)

    def pause(self) -> None:
        """Rest after the present batch."""
        if self._stream is not None:
            self._stream.rest()

    def change_config(self, config: TrainingConfig) -> None:
        """Use what a run can take over of `config` from the next batch on."""
        self._config = config
        if self._stream is not None:
            self._stream.order(Orders(self._ordered_config(), network=self._network))

    def change_network(self, network: Network) -> None:
        """Use what layers can take over while a run goes on, from the next batch on; see `Network.carries_on`."""
        self._network = network
        self.change_config(self._config)

    def stop(self) -> None:
        """End the run; nothing is told any more."""
        if self._stream is not None:
            self._stream.abandon()
            self._stream = None
        self.deleteLater()

    def _go_on(self, until: Callable[[Snapshot], bool], batches: int | None = None, *, slowly: bool = False) -> None:
        if self.state is RunState.FINISHED and self.progress is not None:
            self._before = self.progress.epoch
        if self._stream is None:
            self._first = Orders(batches=batches, slowly=slowly)
            self._stream = self._started()
        orders = Orders(self._ordered_config(), batches, slowly, self._network)
        self._stream.resume(until, orders)
        self._set_state(RunState.LOADING if self.progress is None else RunState.RUNNING)

    def _started(self) -> Stream:
        stream = Stream(lambda: self._course(stream), lambda older, newer: newer.after(older))
        stream.received.connect(self._receive)
        stream.rested.connect(self._rest)
        stream.failed.connect(self._fail)
        stream.ended.connect(lambda _: self._set_state(RunState.FINISHED))
        stream.begin()
        return stream

    def _course(self, stream: Stream) -> Generator[Snapshot, Orders | None, None]:
        """Train; runs on the stream's thread, so that the window does not wait for torch to load."""
        from convscope.core.backend import use_threads
        from convscope.core.training import train

        stand_back()
        config = self._config
        use_threads()
        training, validation = self._dataset.split(
            config.train_size, config.validation_size, held_out=config.held_out, seed=config.seed
        )
        drawing = drawing_missing(self._network, self._weights, config.seed, config.initialisation)
        weights = finished(drawing)  # of a large network
        what = self._network, weights, config, training, validation
        return (yield from train(*what, orders=self._first, hurried=lambda: stream.is_to_rest))

    def _ordered_config(self) -> TrainingConfig:
        return dataclasses.replace(self._config, epochs=self._before + self._config.epochs)

    def _receive(self, snapshot: Snapshot) -> None:
        self.progress = RunProgress(
            snapshot.epoch_step,
            snapshot.epoch_steps,
            snapshot.epoch,
            snapshot.epochs,
            snapshot.examples_per_second,
            snapshot.seconds_left,
            snapshot.note,
        )
        self.snapshot_taken.emit(snapshot)
        if self._stream is not None and self.state is RunState.LOADING:
            self._set_state(RunState.RUNNING)

    def _rest(self, snapshot: Snapshot | None) -> None:
        states = {RunPhase.FINISHED: RunState.FINISHED, RunPhase.FAILED: RunState.FAILED}
        self._set_state(states.get(snapshot.phase, RunState.PAUSED) if snapshot is not None else RunState.PAUSED)

    def _fail(self, error: Exception) -> None:
        self._stream = None
        self._set_state(RunState.FAILED)
        self.failed.emit(error)

    def _set_state(self, state: RunState) -> None:
        if state is not self.state:
            self.state = state
            self.state_changed.emit(state)


def _is_finished(snapshot: Snapshot) -> bool:
    return snapshot.phase in (RunPhase.FINISHED, RunPhase.FAILED)


def _is_batch(snapshot: Snapshot) -> bool:
    return snapshot.phase is not RunPhase.VALIDATING


def _is_stage(snapshot: Snapshot) -> bool:
    return snapshot.stage is not None or _is_finished(snapshot)


def _is_epoch_end(snapshot: Snapshot) -> bool:
    return bool(snapshot.points) or _is_finished(snapshot)
