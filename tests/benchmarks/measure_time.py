"""From a step of the time machine's slider to everything painted: kernels, maps, cubes, curves, prediction."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter, thread_time

from PySide6.QtWidgets import QDockWidget, QSlider, QWidget
from result import Figure, percentile, run
from stage import Painted, Stage, open_stage

from convscope.core.unit import Unit
from convscope.ui.panels.time import TimePanel
from convscope.ui.widgets.kernel_table import KernelTable
from convscope.ui.widgets.time_plot import TimePlot

TRAINED = 12.0  # seconds; longer only thins what is kept
PAUSE = 0.02  # seconds between a step and the next: a held key tells 30 a second


def measure(quick: bool = False) -> Sequence[Figure]:
    """Measure steps over the whole run, there and back."""
    with open_stage() as stage:
        session = stage.session
        stage.choose("cnn-batchnorm")
        session.inspection.pin(Unit(session.selected, (0, 12, 12)))
        stage.draw()
        panel = _shown_panel(stage)
        stage.train()
        stage.play(TRAINED / 3 if quick else TRAINED)
        stage.pause()
        stage.wait(lambda: panel.predictions.is_complete)
        values, work = delays(stage, panel, 40 if quick else 200)
        stage.trigger("stop")
    count = len(session.time_machine.moments)
    figures = {"p50": percentile(values, 50), "p99": percentile(values, 99), "max": max(values)}
    figures |= {"processor": percentile(work, 50), "moments": float(count)}
    note = (
        f"{len(values)} steps over {count} moments, p50 {figures['p50']:.1f}, max {figures['max']:.1f} ms; "
        f"the window's thread works {figures['processor']:.1f} ms"
    )
    what = "time machine: a step of the slider → everything painted, p95"
    return [Figure(what, percentile(values, 95), "ms", at_most=33, note=note, details=figures)]


def delays(stage: Stage, panel: TimePanel, steps: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each step, and for how many of them the window's thread worked."""
    session, slider = stage.session, panel.findChild(QSlider, "time_slider")
    assert slider is not None
    painted = Painted(_pictures(stage, panel), stage.window)
    state = {"answered": False}

    def answered() -> None:
        if session.trace is not None and session.trace.weights is session.shown_weights:
            state["answered"] = True

    following = session.trace_changed.connect(lambda: answered())
    values, work = list[float](), list[float]()
    way = [*range(slider.maximum() - 1, -1, -1), *range(1, slider.maximum() - 1)]
    for step in range(steps):
        painted.forget()
        state["answered"] = False
        start, used = perf_counter(), thread_time()
        slider.setValue(way[step % len(way)])
        stage.wait(lambda: state["answered"] and painted.complete)
        values.append(1000 * (perf_counter() - start))
        work.append(1000 * (thread_time() - used))
        stage.play(PAUSE)
    session.trace_changed.disconnect(following)
    return values, work


def _shown_panel(stage: Stage) -> TimePanel:
    """Bring the time machine to the front."""
    docks = {dock.objectName(): dock for dock in stage.window.findChildren(QDockWidget)}
    docks["time_panel_dock"].show()
    docks["time_panel_dock"].raise_()
    stage.play(0.5)
    panel = stage.window.panel("time_panel")
    assert isinstance(panel, TimePanel)
    return panel


def _pictures(stage: Stage, panel: TimePanel) -> list[QWidget]:
    """Return what shows a moment, as far as visible."""
    tables = [table.viewport() for table in stage.window.findChildren(KernelTable)]
    own = [*tables, *panel.findChildren(TimePlot)]
    return [*stage.pictures(), *(widget for widget in own if widget.isVisible())]


if __name__ == "__main__":
    run(measure)
