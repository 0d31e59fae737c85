"""How late a timer of 5 ms comes on the window's thread while training runs: what the user feels as stutter."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer
from result import Figure, percentile, run
from stage import open_stage

INTERVAL = 5  # milliseconds


def measure(quick: bool = False) -> Sequence[Figure]:
    """Measure with a drawing on the canvas, through the end of an epoch."""
    with open_stage() as stage:
        stage.choose("cnn-batchnorm")
        stage.draw()
        stage.train()
        stage.play(1.0)
        clock = Clock(stage.window)
        stage.play(5 if quick else 30)
        late = clock.stop()
        stage.trigger("stop")
    note = f"{len(late):,} ticks"
    return [
        Figure("lateness of a 5 ms timer while training, p50", percentile(late, 50), "ms", note=note),
        Figure("lateness of a 5 ms timer while training, p99", percentile(late, 99), "ms", at_most=20),
        Figure("lateness of a 5 ms timer while training, max", max(late), "ms", at_most=100),
    ]


class Clock(QObject):
    """A timer that notes by how much each tick came later after the last than it should."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._late = list[float]()
        self._last = perf_counter()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(INTERVAL)

    def stop(self) -> list[float]:
        """Return the latenesses in milliseconds."""
        self._timer.stop()
        return self._late

    def _tick(self) -> None:
        now = perf_counter()
        self._late.append(max(0.0, 1000 * (now - self._last) - INTERVAL))
        self._last = now


if __name__ == "__main__":
    run(measure)
