"""One piece of long work at a time on a thread: a generator of progress whose end is the answer."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from PySide6.QtCore import QObject, Signal

from convscope.core.data.dataset import Dataset, Examples
from convscope.core.data.progress import Progress
from convscope.core.training_config import TrainingConfig
from convscope.ui.background import Stream

Work = Callable[[], Generator[Progress, None, Any]]


class Job(QObject):
    """Does work in the background; what is started later takes the place of what was under way.

    Signals:
        progressed: A `Progress`.
        done: What the work's generator returned.
        failed: The exception that ended it.
    """

    progressed = Signal(object)
    done = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._stream: Stream | None = None

    @property
    def is_running(self) -> bool:
        """Whether there is work under way."""
        return self._stream is not None

    def start(self, work: Work) -> None:
        """Begin; `work` is called on the thread, where slow imports hurt nobody."""
        self.cancel()
        self._stream = Stream(work)
        self._stream.received.connect(self.progressed)
        self._stream.ended.connect(self._end)
        self._stream.failed.connect(self._fail)
        self._stream.begin()
        self._stream.resume(lambda _: False)

    def cancel(self) -> None:
        """Give the work up; it ends at its next step, and nothing is told of it any more."""
        if self._stream is not None:
            self._stream.abandon()
            self._stream = None

    def _end(self, value: Any) -> None:
        self._stream = None
        self.done.emit(value)

    def _fail(self, error: Exception) -> None:
        self._stream = None
        self.failed.emit(error)


def validation_examples(dataset: Dataset, config: TrainingConfig, most: int) -> Examples:
    """Return the first of the examples that a run with that configuration validates on.

    Raises:
        DataError: The data set has too few.
    """
    _, validation = dataset.split(config.train_size, config.validation_size, held_out=config.held_out, seed=config.seed)
    return validation.taken(slice(0, most))
