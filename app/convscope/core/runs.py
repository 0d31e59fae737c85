"""Training runs as records: what was trained, how, on what, and what came of it; bounded in memory."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from convscope.core.history import EpochPoint, History
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import NO_WEIGHTS, Weights

WEIGHT_BYTES = 160 * 2**20  # of all runs' weights together; 50 runs of the default network need 22 MB
BATCH_BYTES = 48 * 2**20  # of all runs' curves of single batches
MOST_RUNS = 200
COLOURS = 6  # that the plots tell apart
MAX_NAME, MAX_NOTE = 60, 2000  # letters

Array = NDArray[Any]


@dataclass(frozen=True)
class RunSummary:
    """The figures by which runs are compared; losses and accuracies are those on the validation images.

    Attributes:
        epochs: How many ended.
        seconds: How long they took, without pauses.
        best_loss: The lowest loss; None before the first epoch, or where none is a number. So are the others.
        best_loss_epoch: The epoch it was measured after.
        last_loss: The loss after the last epoch.
        best_accuracy: The highest fraction classified correctly, 0 to 1.
        best_accuracy_epoch: The first epoch it was measured after.
        last_accuracy: The fraction after the last epoch.
    """

    epochs: int = 0
    seconds: float = 0.0
    best_loss: float | None = None
    best_loss_epoch: int | None = None
    last_loss: float | None = None
    best_accuracy: float | None = None
    best_accuracy_epoch: int | None = None
    last_accuracy: float | None = None


@dataclass(frozen=True, eq=False)
class RunRecord:
    """One training run, from its first batch to where it is now.

    Arrays are shared with whoever made them, never copied: all of them are read-only.

    Attributes:
        id: Its number, from 1; never used again.
        network: What was trained.
        config: The settings it began with.
        title: What the network is called, in a few words.
        dataset_id: Which data it learned from, as a project file calls them.
        dataset_title: What the user reads for them.
        started: When it began, in local time.
        history: Its curves; those of single batches are missing where memory ran short.
        weights: The newest ones; none where memory ran short.
        origin: Where it began, where that was not with weights newly drawn from the seed; empty if it was.
        latest: The settings it went on with, where some were changed meanwhile.
        latest_network: The network that it went on with, where settings of layers were changed meanwhile.
        problem: Why it failed; empty otherwise.
        name: What the user calls it; empty without a name of its own.
        note: What the user noted about it.
        colour: Which of the `COLOURS` it has in the plots, from 0.
        shown: Whether it is laid over the plots of the present run.
    """

    id: int
    network: Network
    config: TrainingConfig
    title: str = ""
    dataset_id: str = ""
    dataset_title: str = ""
    started: datetime = field(default_factory=lambda: datetime.now().astimezone())
    history: History = field(default_factory=History)
    weights: Weights = field(default_factory=lambda: NO_WEIGHTS)
    origin: str = ""
    latest: TrainingConfig | None = None
    latest_network: Network | None = None
    problem: str = ""
    name: str = ""
    note: str = ""
    colour: int = 0
    shown: bool = False

    @property
    def label(self) -> str:
        """What the user reads for it: its name, or its number."""
        return self.name or f"Run {self.id}"

    @property
    def has_weights(self) -> bool:
        """Whether its weights are still there."""
        return len(self.weights) > 0

    @property
    def has_batches(self) -> bool:
        """Whether the curves of its batches are still there."""
        return len(self.history) > 0

    @cached_property
    def summary(self) -> RunSummary:
        """The figures by which it is compared."""
        return summary(self.history.epochs)

    @property
    def network_now(self) -> Network:
        """The network as it was trained last."""
        return self.latest_network or self.network

    def config_again(self) -> TrainingConfig:
        """Return the settings that repeat it: those it began with, for as many epochs as it was trained."""
        return dataclasses.replace(self.config, epochs=max(self.config.epochs, self.summary.epochs))


def summary(points: Sequence[EpochPoint]) -> RunSummary:
    """Return the figures of a run whose epochs ended with these measurements.

    The first of several equal ones is the best. Of measurements that are no number the others make the best.
    """
    if not points:
        return RunSummary()
    lowest = _first_best(points, lambda point: -point.validation_loss)
    highest = _first_best(points, lambda point: point.validation_accuracy)
    return RunSummary(
        epochs=len(points),
        seconds=math.fsum(point.seconds for point in points),
        best_loss=lowest and lowest.validation_loss,
        best_loss_epoch=lowest and lowest.epoch,
        last_loss=_number(points[-1].validation_loss),
        best_accuracy=highest and highest.validation_accuracy,
        best_accuracy_epoch=highest and highest.epoch,
        last_accuracy=_number(points[-1].validation_accuracy),
    )


def bounded(
    runs: Sequence[RunRecord],
    present: int | None = None,
    *,
    weight_bytes: int = WEIGHT_BYTES,
    batch_bytes: int = BATCH_BYTES,
    most: int = MOST_RUNS,
) -> tuple[RunRecord, ...]:
    """Return the runs with no more in memory than is allowed.

    The oldest without a name give theirs first: of too many runs themselves, else weights, and curves of batches. The
    curves of the epochs stay. What runs share counts once.

    Args:
        runs: In the order in which they began.
        present: The id of a run that keeps everything, because it goes on.
        weight_bytes: What weights may take, those of `present` not counted.
        batch_bytes: What curves of single batches may take, likewise.
        most: How many runs there may be.
    """
    precious = sorted(runs, key=lambda run: (run.id == present, bool(run.name), run.id), reverse=True)[:most]
    others = [run for run in precious if run.id != present]
    weighty = _affordable(others, _weight_arrays, weight_bytes)
    noisy = _affordable(others, _batch_arrays, batch_bytes)
    kept = {run.id for run in precious}
    return tuple(_lightened(run, weighty, noisy, present) for run in runs if run.id in kept)


def memory_of(runs: Iterable[RunRecord]) -> int:
    """Return how many bytes the arrays of runs take, each counted once."""
    arrays = [array for run in runs for array in (*_weight_arrays(run), *_batch_arrays(run))]
    return sum({id(array): array.nbytes for array in arrays}.values())


def next_colour(runs: Iterable[RunRecord]) -> int:
    """Return the colour that fewest of the runs have, the first of several."""
    taken = [run.colour for run in runs]
    return min(range(COLOURS), key=taken.count)


def with_shown(runs: Iterable[RunRecord], ids: Collection[int]) -> tuple[RunRecord, ...]:
    """Return the runs with those of these ids laid over the plots, and no others.

    One that comes to them takes another colour if a run that is there has its own; beyond `COLOURS`, the rarest one.
    """
    runs = tuple(runs)
    there = [run for run in runs if run.shown and run.id in ids]
    coming: dict[int, RunRecord] = {}
    for run in runs:
        if run.id in ids and not run.shown:
            is_taken = any(other.colour == run.colour for other in there)
            colour = next_colour(there) if is_taken else run.colour
            coming[run.id] = dataclasses.replace(run, shown=True, colour=colour)
            there.append(coming[run.id])
    return tuple(
        coming.get(run.id) or (run if run.shown == (run.id in ids) else dataclasses.replace(run, shown=False))
        for run in runs
    )


def _lightened(run: RunRecord, weighty: set[int], noisy: set[int], present: int | None) -> RunRecord:
    """Return a run without what it may not keep; the same one where it may keep all."""
    if run.id == present:
        return run
    if run.has_weights and run.id not in weighty:
        run = dataclasses.replace(run, weights=NO_WEIGHTS)
    if run.has_batches and run.id not in noisy:
        run = dataclasses.replace(run, history=run.history.without_batches())
    return run


def _affordable(runs: Iterable[RunRecord], arrays_of: Callable[[RunRecord], Iterable[Array]], budget: int) -> set[int]:
    """Return the ids of those runs, from the first on, whose arrays fit into `budget` bytes together."""
    counted: set[int] = set()
    affordable: set[int] = set()
    left = budget
    for run in runs:
        new = {id(array): array.nbytes for array in arrays_of(run) if id(array) not in counted}
        cost = sum(new.values())
        if cost > budget:  # not even alone, so that the others need not go for it
            continue
        left -= cost
        if left < 0:
            break
        counted |= new.keys()
        affordable.add(run.id)
    return affordable


def _weight_arrays(run: RunRecord) -> Iterable[Array]:
    return run.weights.values()


def _batch_arrays(run: RunRecord) -> Iterable[Array]:
    history = run.history
    return history.batch_epochs, history.batch_losses, history.batch_accuracies


def _first_best(points: Sequence[EpochPoint], value: Callable[[EpochPoint], float]) -> EpochPoint | None:
    return max((point for point in points if math.isfinite(value(point))), key=value, default=None)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
