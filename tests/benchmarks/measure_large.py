"""VGG-16: how soon it is on the screen, and how late the window is while it gets its weights and its picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter

from measure_lateness import Clock
from PySide6.QtWidgets import QAbstractScrollArea, QWidget
from result import Figure, percentile, run
from stage import Painted, Stage, open_stage

from convscope.core.presets import preset
from convscope.ui.panels.stack import StackPanel

NAME = "vgg-16"


def measure(quick: bool = False) -> Sequence[Figure]:
    """Open the preset, draw its weights, send a picture through it, then another one."""
    with open_stage() as stage:
        opened = opening(stage)
        stage.draw()
        stage.session.select(2)  # its maps are the largest of the network
        stage.play(0.5)
        drawing, drawn = watched(stage, stage.session.draw_and_run)
        passing, passed = watched(stage, stage.draw)
        cancelled = cancelling(stage)
    first, second = f"{drawn:.1f} s", f"{passed:.1f} s"
    return [
        Figure(f"{NAME} chosen → shapes, costs and cubes shown", opened, "ms", at_most=500),
        Figure(f"lateness of a 5 ms timer, {NAME} draws and runs, max", max(drawing), "ms", at_most=50, note=first),
        Figure("the same, p99", percentile(drawing, 99), "ms"),
        Figure("lateness while a second picture goes through, max", max(passing), "ms", at_most=50, note=second),
        Figure("cancelled → ready again", cancelled, "ms", at_most=200),
    ]


def opening(stage: Stage) -> float:
    """Choose the preset, and return in how many milliseconds it is on the screen."""
    panel = stage.window.panel("stack_panel")
    assert isinstance(panel, StackPanel)
    painted = Painted([panel.list.viewport(), panel.totals, *cubes(stage)], panel)
    chosen = preset(NAME)
    painted.forget()
    start = perf_counter()
    stage.session.load_preset(chosen)
    stage.wait(lambda: painted.complete)
    return 1000 * (perf_counter() - start)


def cubes(stage: Stage) -> list[QWidget]:
    """Return what the data cubes are painted on."""
    areas = stage.window.panel("cubes_panel").findChildren(QAbstractScrollArea)
    return [area.viewport() for area in areas if area.isVisible()]


def watched(stage: Stage, begin: Callable[[], None]) -> tuple[list[float], float]:
    """Begin a pass, and return the latenesses until its maps are shown, and how many seconds that took."""
    clock = Clock(stage.window)
    start = perf_counter()
    former = stage.session.trace
    begin()
    stage.wait(lambda: stage.session.trace is not former and stage.session.computing is None)
    stage.play(0.3)  # what is new is painted
    return clock.stop(), perf_counter() - start


def cancelling(stage: Stage) -> float:
    """Cancel while weights are drawn, and return after how many milliseconds nothing is on its way any more."""
    stage.session.reset_weights()
    stage.session.draw_and_run()
    stage.play(0.3)
    start = perf_counter()
    stage.session.cancel_computing()
    stage.wait(lambda: stage.session.computing is None)
    return 1000 * (perf_counter() - start)


if __name__ == "__main__":
    run(measure)
