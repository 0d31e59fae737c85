"""From pause, one batch and stop to their being done, while training runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter

from result import Figure, run
from stage import Stage, open_stage

from convscope.ui import background
from convscope.ui.run_state import RunState

LIMIT = 100.0  # milliseconds; one batch where that takes longer


def measure(quick: bool = False) -> Sequence[Figure]:
    """Give each order several times at changing moments of the run."""
    times = 4 if quick else 15
    delays: dict[str, list[float]] = {"pause": [], "step": [], "stop": []}
    with open_stage() as stage:
        stage.choose("cnn-batchnorm")
        stage.draw()
        batch = 0.0
        for number in range(times):
            threads = set(background.alive())
            stage.train()
            stage.play(0.4 + 0.037 * number)
            progress = stage.session.progress
            assert progress is not None
            batch = 1000 * stage.config.batch_size / progress.examples_per_second
            delays["pause"].append(_delay(stage, "pause", lambda: stage.session.run_state is RunState.PAUSED))
            delays["step"].append(_delay(stage, "step_batch", _stepped(stage)))
            stage.train()
            stage.play(0.3)
            delays["stop"].append(_delay(stage, "stop", lambda before=threads: set(background.alive()) <= before))
    note = f"longest of {times}; a batch takes {batch:.0f} ms"
    most = max(LIMIT, batch)
    return [Figure(f"{order} → done", max(values), "ms", most, note=note) for order, values in delays.items()]


def _delay(stage: Stage, order: str, done: Callable[[], bool]) -> float:
    start = perf_counter()
    stage.trigger(order)
    stage.wait(done)
    return 1000 * (perf_counter() - start)


def _stepped(stage: Stage) -> Callable[[], bool]:
    """Return what says whether one more batch is in the curves and the run rests again."""
    session = stage.session
    before = len(session.history.batch_losses)
    return lambda: session.run_state is RunState.PAUSED and len(session.history.batch_losses) == before + 1


if __name__ == "__main__":
    run(measure)
