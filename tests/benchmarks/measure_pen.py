"""From a movement of the pen to prediction, cubes, maps and arithmetic on the screen, in inference and in training."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter, thread_time

from result import Figure, percentile, run
from stage import LAPTOP, LARGE, Painted, Stage, curve, open_stage

from convscope.core.unit import Unit

SOME = "prediction, cubes, maps"  # on a laptop, where the arithmetic lies behind the layers
ALL = f"{SOME}, arithmetic"
MOVES = 60  # of one stroke
PAUSE = 0.008  # seconds between an answer and the next movement: a mouse tells 125 a second


def measure(quick: bool = False) -> Sequence[Figure]:
    """Measure several strokes: idle, in training mode, in both modes, and while the network trains."""
    strokes = 3 if quick else 10
    with open_stage(LAPTOP) as stage:
        stage.choose("cnn-batchnorm")
        stage.draw()
        figures = [_figure(SOME, "idle", *delays(stage, strokes), at_most=16)]
        figures.append(_while_training(stage, SOME, strokes, at_most=25))
        stage.resize(LARGE)
        stage.choose("cnn-batchnorm")
        stage.session.inspection.pin(Unit(stage.session.selected, (0, 12, 12)))
        stage.draw()
        figures.append(_figure(ALL, "idle", *delays(stage, strokes), at_most=16))
        stage.trigger("training_mode")
        stage.play(0.3)
        figures.append(_figure(ALL, "seen in training mode", *delays(stage, strokes), at_most=16))
        stage.trigger("training_mode")
        stage.trigger("split_modes")
        stage.play(0.3)
        figures.append(_figure(ALL, "both modes side by side", *delays(stage, strokes), at_most=33))
        stage.trigger("split_modes")
        figures.append(_while_training(stage, ALL, strokes, at_most=33))
    return figures


def _while_training(stage: Stage, shown: str, strokes: int, *, at_most: float) -> Figure:
    stage.train()
    stage.play(1.0)
    figure = _figure(shown, "while training", *delays(stage, strokes), at_most=at_most)
    stage.trigger("stop")
    return figure


def _figure(shown: str, when: str, values: list[float], work: list[float], *, at_most: float) -> Figure:
    figures = {"p50": percentile(values, 50), "p99": percentile(values, 99), "max": max(values)}
    figures["processor"] = percentile(work, 50)
    note = (
        f"{len(values)} movements, p50 {figures['p50']:.1f}, max {figures['max']:.1f} ms; "
        f"the window's thread works {figures['processor']:.1f} ms"
    )
    what = f"pen moved → {shown}, {when}, p95"
    return Figure(what, percentile(values, 95), "ms", at_most=at_most, note=note, details=figures)


def delays(stage: Stage, strokes: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each movement, and for how many of them the window's thread worked."""
    session = stage.session
    painted = Painted(stage.pictures(), stage.window)

    def answered() -> None:
        if session.trace is not None and session.trace.image is session.image:
            state["answered"] = True
            painted.forget()  # what was painted of the question does not count

    state = {"answered": False}
    forgetting = session.trace_changed.connect(lambda: answered())
    values, work = list[float](), list[float]()
    for _ in range(strokes):
        stage.trigger("clear_drawing")
        stage.play(0.1)
        with stage.pen() as move:
            for place in list(curve(MOVES))[1:]:
                painted.forget()
                state["answered"] = False
                start, used = perf_counter(), thread_time()
                move(place)
                stage.wait(lambda: _shown(state, painted))
                values.append(1000 * (perf_counter() - start))
                work.append(1000 * (thread_time() - used))
                stage.play(PAUSE)
    session.trace_changed.disconnect(forgetting)
    return values, work


def _shown(state: dict[str, bool], painted: Painted) -> bool:
    """Say whether the answer was painted; what is painted before it has come does not count."""
    if state["answered"]:
        return painted.complete
    return False


if __name__ == "__main__":
    run(measure)
