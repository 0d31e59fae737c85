"""Memory after the start and while training, and what ten minutes of training and drawing add to it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from time import perf_counter

import psutil
from result import Figure, run
from stage import Stage, mnist_folder, open_stage


def measure(quick: bool = False) -> Sequence[Figure]:
    """Train and draw; a tenth of the time passes before growth counts."""
    seconds = 30.0 if quick else 600.0
    folder = mnist_folder()
    with open_stage() as stage:
        stage.draw()
        start = resident()
        stage.load_data(folder)
        stage.choose("cnn-batchnorm")
        stage.train()
        _work(stage, seconds / 10)
        first = _work(stage, seconds / 10)
        while_training = first
        last = _work(stage, seconds)
        stage.trigger("stop")
    what = "MNIST" if folder else "generated digits, because CONVSCOPE_MNIST names no folder"
    return [
        Figure("memory after the start", start, "MB", note="with torch and generated digits loaded"),
        Figure("memory while training", while_training, "MB", note=f"on {what}"),
        Figure(f"growth in {seconds / 60:g} minutes of training and drawing", last - first, "MB", at_most=30),
    ]


def _work(stage: Stage, seconds: float) -> float:
    """Draw one digit after the other; return the memory of the last fifth of the time."""
    start = perf_counter()
    values = list[float]()
    while (passed := perf_counter() - start) < seconds:
        stage.draw()
        stage.trigger("clear_drawing")
        if passed > 0.8 * seconds:
            values.append(resident())
    return median(values or [resident()])


def resident() -> float:
    """Return the memory of this process in megabytes."""
    return psutil.Process().memory_info().rss / 1e6


if __name__ == "__main__":
    run(measure)
