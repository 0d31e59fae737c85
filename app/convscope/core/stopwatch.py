"""How long a run has worked, how fast it is and when it should report."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from contextlib import contextmanager
from time import perf_counter

WINDOW = 3.0  # seconds of training over which the speed is taken


class Stopwatch:
    """Counts the seconds in which a run works; those in which it waits to be resumed do not count.

    Args:
        pace: Seconds of work between two reports.
    """

    def __init__(self, pace: float) -> None:
        self._pace = pace
        self._busy = 0.0
        self._resumed = perf_counter()
        self._reported = 0.0
        self._batches: deque[tuple[float, int]] = deque()  # seconds and examples
        self._seconds = 0.0
        self._examples = 0
        self._validation = 0.0

    @property
    def busy(self) -> float:
        """Seconds of work since the start."""
        return self._busy + perf_counter() - self._resumed

    @property
    def speed(self) -> float:
        """Examples per second of the last batches; 0 before the first."""
        return self._examples / self._seconds if self._seconds else 0.0

    @property
    def last_batch(self) -> float:
        """Seconds that the last batch took; 0 before the first."""
        return self._batches[-1][0] if self._batches else 0.0

    def count_batch(self, seconds: float, examples: int) -> None:
        """Take a training batch into account."""
        self._batches.append((seconds, examples))
        self._seconds += seconds
        self._examples += examples
        while len(self._batches) > 1 and self._seconds - self._batches[0][0] > WINDOW:
            oldest_seconds, oldest_examples = self._batches.popleft()
            self._seconds -= oldest_seconds
            self._examples -= oldest_examples

    def count_validation(self, seconds: float) -> None:
        """Take the validation after an epoch into account."""
        self._validation = seconds

    def seconds_left(self, examples: int, validations: int) -> float:
        """Estimate the work until so many more examples are trained on and so many validations done."""
        return (examples / self.speed if self.speed else 0.0) + validations * self._validation

    def is_due(self, ahead: float = 0.0) -> bool:
        """Say whether it is time for the next report, or will be after so many more seconds of work."""
        return self.busy + ahead - self._reported >= self._pace

    @contextmanager
    def stopped(self) -> Generator[None, None, None]:
        """Stop while a report is with the caller; the time to the next report starts afterwards."""
        self._busy = self._reported = self.busy
        try:
            yield
        finally:
            self._resumed = perf_counter()
