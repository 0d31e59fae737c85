"""The forward pass of a network that is too large for every movement of the pen: on request, with progress."""

from __future__ import annotations

from collections.abc import Generator
from time import monotonic
from typing import Any

from PySide6.QtCore import QObject, Signal

from convscope.core.data.progress import Progress
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import missing_bytes
from convscope.ui.background import Stream, stand_back
from convscope.ui.colour_maps import finite_range
from convscope.ui.tracing import Question

PACE = 1 / 10  # seconds between two reports at least


class LargeTracing(QObject):
    """Draws missing weights and sends one image through the network, on a thread of its own.

    A pass that has begun is finished, whatever is drawn meanwhile, unless it is of another network: so passes of a
    second each never pile up. Whoever gets the trace asks again where the image has changed since.

    Signals:
        progress_changed: The work began, went on or ended.
        traced: A `Trace`, whose weights are complete.
        failed: The exception that ended the work.
    """

    progress_changed = Signal()
    traced = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._stream: Stream | None = None
        self._network: Any = None
        self._draws = False
        self._stopped = False
        self.progress: Progress | None = None
        self._told = 0.0  # when progress was told last

    def ask(self, question: Question, config: TrainingConfig) -> None:
        """Trace an image, as far as the weights are there; a pass of the same network goes on first."""
        lacking = missing_bytes(question.network, question.weights) > 0
        if self._stream is not None and question.network is self._network and (self._draws or not lacking):
            return
        self.cancel()
        if not lacking:
            self.run(question, config)

    def run(self, question: Question, config: TrainingConfig) -> None:
        """Draw the weights that are missing, as `config` says, and trace an image, now."""
        self.cancel()
        if self._stopped:
            return
        self._network = question.network
        self._draws = missing_bytes(question.network, question.weights) > 0
        self._stream = Stream(lambda: _course(question, config))
        self._stream.received.connect(self._show)
        self._stream.ended.connect(self._finish)
        self._stream.failed.connect(self._fail)
        self._stream.begin()
        self._stream.resume(lambda _: False)
        self._show(Progress("Getting ready", 0, 0))

    def cancel(self) -> None:
        """End the work, if there is any; nothing is told any more, and its memory is free within a layer's time."""
        if self._stream is not None:
            self._stream.abandon()
            self._end()

    def stop(self) -> None:
        """Work no more, whatever is asked."""
        self._stopped = True
        self.cancel()

    def _end(self) -> None:
        self._stream = self._network = self.progress = None
        self.progress_changed.emit()

    def _show(self, progress: Progress) -> None:
        """Tell how far the work is; not more often than can be read, because several views say it."""
        now = monotonic()
        if self.progress is None or now - self._told >= PACE:
            self.progress, self._told = progress, now
            self.progress_changed.emit()

    def _finish(self, trace: object) -> None:
        self._end()
        self.traced.emit(trace)

    def _fail(self, error: Exception) -> None:
        self._end()
        self.failed.emit(error)


def _course(question: Question, config: TrainingConfig) -> Generator[Progress, None, object]:
    """Work; runs on the stream's thread, so that the window does not wait for torch to load."""
    from convscope.core.backend import use_threads
    from convscope.core.large_pass import passing

    stand_back()
    use_threads()
    asked = question.network, question.weights, question.image, question.switched_off
    trace = yield from passing(*asked, seed=config.seed, initialisation=config.initialisation)
    for output in trace.outputs:
        if output is not None:  # views need it, and to look through a hundred megabytes would keep the window waiting
            finite_range(output)
    return trace
