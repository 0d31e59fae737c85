"""How late a timer of 5 ms comes on the window's thread while training runs: what the user feels as stutter."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter

from PySide6.QtCore import QObject, Qt, QTimer
from result import Figure, percentile, run
from stage import LAPTOP, Stage, open_stage

from convscope.core.unit import Unit
from convscope.ui.panel_dock import TITLES

INTERVAL = 5  # milliseconds


def measure(quick: bool = False) -> Sequence[Figure]:
    """Measure with the usual panels of a laptop, and with all of them beside each other."""
    with open_stage(LAPTOP) as stage:
        figures = _figures(_late(stage, quick), "while training", 20)
        stage.spread(TITLES)
        figures += _figures(_late(stage, quick, spread=True), "while training, every panel visible", 25)
    return figures


def _late(stage: Stage, quick: bool, *, spread: bool = False) -> list[float]:
    """Return the latenesses with a drawing on the canvas, through the end of an epoch."""
    stage.choose("cnn-batchnorm")
    if spread:
        stage.session.inspection.pin(Unit(0, (0, 12, 12)))  # something to take apart
    stage.draw()
    stage.train()
    stage.play(1.0)
    clock = Clock(stage.window)
    stage.play(5 if quick else 30)
    late = clock.stop()
    stage.trigger("stop")
    return late


def _figures(late: list[float], when: str, p99: float) -> list[Figure]:
    note, what = f"{len(late):,} ticks", f"lateness of a 5 ms timer {when}"
    return [
        Figure(f"{what}, p50", percentile(late, 50), "ms", note=note),
        Figure(f"{what}, p99", percentile(late, 99), "ms", at_most=p99),
        Figure(f"{what}, max", max(late), "ms", at_most=100),
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
