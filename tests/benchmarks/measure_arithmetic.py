"""From a click on a value to its arithmetic and its receptive field on the screen, for 512 channels and 3×3 kernels."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter, thread_time
from typing import Any, cast

from PySide6.QtCore import QObject, QSize, Signal
from result import Figure, percentile, run
from stage import Painted, Stage, open_stage

from convscope.core import layers as described
from convscope.core.network import Network
from convscope.core.unit import Unit
from convscope.ui.inspection import Inspection
from convscope.ui.panels.arithmetic import ArithmeticPanel
from convscope.ui.panels.drawing import DrawingPanel
from convscope.ui.session import Session

CHANNELS = 512


def measure(quick: bool = False) -> Sequence[Figure]:
    """Take one value after the other apart, each in another map and at another place."""
    clicks = 100 if quick else 300
    with open_stage() as stage:
        stage.session.edit("Wide network", network=wide_network())
        stage.draw()
        stage.wait(lambda: stage.session.trace is not None and stage.session.trace.network == stage.session.network)
        panel, drawing = stage.window.panel("arithmetic_panel"), stage.window.panel("drawing_panel")
        assert isinstance(panel, ArithmeticPanel)
        assert isinstance(drawing, DrawingPanel)
        dock = panel.parentWidget()
        assert dock is not None
        dock.raise_()
        stage.play(0.5)
        painted = Painted([panel.view.viewport(), panel.slide_view, drawing.network_input], panel)
        delays, busy = _clicks(stage, painted, clicks)
        alone = _alone(stage, panel.size(), clicks)
    figures = {"p50": percentile(delays, 50), "max": max(delays), "processor": percentile(busy, 50)}
    note = (
        f"{clicks} clicks, p50 {figures['p50']:.1f}, max {figures['max']:.1f} ms; "
        f"the window's thread works {figures['processor']:.1f} ms"
    )
    what = f"value clicked → arithmetic and field shown, {CHANNELS} channels, p95"
    own = "the arithmetic panel alone, refreshed and painted, p95"
    return [
        Figure(what, percentile(delays, 95), "ms", at_most=10, note=note, details=figures),
        Figure(own, percentile(alone, 95), "ms", at_most=5, note=f"p50 {percentile(alone, 50):.1f} ms"),
    ]


def wide_network() -> Network:
    """Return a network whose second convolution reads 512 maps."""
    return Network(
        layers=(
            described.Conv2d(filters=CHANNELS),
            described.MaxPool(kernel_size=4, stride=4),
            described.Conv2d(filters=CHANNELS, padding="same"),
            described.GlobalAveragePool(),
            described.Dense(units=10),
        )
    )


def _units(count: int) -> list[Unit]:
    return [Unit(2, (number * 7 % CHANNELS, number % 6, number * 5 % 6)) for number in range(1, count + 1)]


def _clicks(stage: Stage, painted: Painted, count: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds from each click on, and for how many of them the window's thread worked."""
    delays, busy = list[float](), list[float]()
    for unit in _units(count):
        painted.forget()
        start, used = perf_counter(), thread_time()
        stage.session.inspection.pin(unit)
        stage.wait(lambda: painted.complete)
        delays.append(1000 * (perf_counter() - start))
        busy.append(1000 * (thread_time() - used))
        stage.play(0.06)  # the cubes bring the map to the front a moment later
    return delays, busy


class _Alone(QObject):
    """What the arithmetic panel reads of a session, so that no other view follows it."""

    network_changed = Signal()
    trace_changed = Signal()
    computing_changed = Signal()
    waiting = ""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.network, self.trace = session.network, session.trace
        self.selected, self.class_names = -1, session.class_names
        self.inspection = Inspection(self.network, self)


def _alone(stage: Stage, size: QSize, count: int) -> list[float]:
    """Return the milliseconds that the panel takes by itself, from a new value to the end of its painting."""
    own = _Alone(stage.session)
    panel = ArithmeticPanel(cast(Any, own), {})
    panel.resize(size)
    panel.show()
    stage.play(0.2)  # nothing is painted before the window is on the screen
    times = list[float]()
    for unit in _units(count):
        start = perf_counter()
        own.inspection.pin(unit)
        panel.repaint()
        times.append(1000 * (perf_counter() - start))
    panel.close()
    return times[1:]  # the first one builds the page


if __name__ == "__main__":
    run(measure)
