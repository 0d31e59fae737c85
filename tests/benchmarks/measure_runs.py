"""Memory that fifty runs of five epochs take once they are kept, of the default network and of a large one."""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Sequence

import numpy as np
from measure_memory import resident
from result import Figure, run
from stage import Stage, open_stage

from convscope.core.history import EpochPoint, History
from convscope.core.network import Network
from convscope.core.runs import RunRecord, bounded, memory_of
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import frozen
from convscope.ui.run_state import RunState

RUNS, EPOCHS = 50, 5
BATCHES = 938  # of 64 images in an epoch of MNIST
LARGE = 20 * 2**20  # bytes of a network's weights
MOST = 300.0  # MB


def measure(quick: bool = False) -> Sequence[Figure]:
    """Train in the window, each run from new weights; then keep made-up runs as long as those on MNIST."""
    trained = 10 if quick else RUNS
    with open_stage() as stage:
        stage.window.panel("runs_panel")
        stage.choose("cnn-batchnorm")
        config = dataclasses.replace(stage.config, epochs=EPOCHS, train_size=400, validation_size=100, batch_size=16)
        stage.session.edit("Train briefly", config=config)
        _train(stage, 2)  # what torch takes once and for all
        before = resident()
        _train(stage, trained)
        gc.collect()
        grown = resident() - before
        kept = memory_of(stage.session.runs) / 1e6
    note = f"{trained} runs of the default network on 400 images; their arrays take {kept:.1f} MB"
    return [
        Figure(f"memory of {RUNS} runs of {EPOCHS} epochs", grown * RUNS / trained, "MB", at_most=MOST, note=note),
        *_made_up(),
    ]


def _train(stage: Stage, count: int) -> None:
    for _ in range(count):
        stage.trigger("reset_weights")
        stage.trigger("train")
        stage.wait(lambda: stage.session.run_state is RunState.FINISHED)


def _made_up() -> Sequence[Figure]:
    """Keep runs whose weights and curves have the size of real ones."""
    before = resident()
    runs: tuple[RunRecord, ...] = ()
    for number in range(1, RUNS + 1):
        weights = frozen({"dense_1.weight": np.full(LARGE // 4, number, np.float32)})
        runs = bounded(
            (*runs, RunRecord(number, Network(), TrainingConfig(), history=_history(), weights=weights)), number
        )
    grown = resident() - before
    left = sum(run.has_weights for run in runs)
    note = (
        f"weights of 21 MB each and {EPOCHS * BATCHES:,} batches; the last {left} keep their weights, all their curves"
    )
    return [Figure(f"memory of {RUNS} runs of a large network", grown, "MB", at_most=MOST, note=note)]


def _history() -> History:
    count = EPOCHS * BATCHES
    points = tuple(EpochPoint(e, 0.1, 0.97, 0.08, 0.98, 0.001, 20.0) for e in range(1, EPOCHS + 1))
    positions = np.arange(1, count + 1) / BATCHES
    return History(positions, np.ones(count, np.float32), np.ones(count, np.float32), points)


if __name__ == "__main__":
    run(measure)
