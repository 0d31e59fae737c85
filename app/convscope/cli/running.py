"""The run of `convscope train`, shown as a progress bar and a line for each epoch."""

from __future__ import annotations

import itertools
import math
import sys
from contextlib import closing
from typing import Any

from tqdm import tqdm

from convscope.cli.commands import CommandError, refusing
from convscope.core.data.dataset import DataError, Dataset
from convscope.core.history import EpochPoint, History
from convscope.core.network import Network
from convscope.core.snapshot import RunPhase, Snapshot, TrainingError
from convscope.core.training import train
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import initial_weights

PACE = 0.25  # seconds between two looks at the run; a progress bar needs no more


def trained(network: Network, config: TrainingConfig, dataset: Dataset) -> tuple[Snapshot, History]:
    """Return the run's last snapshot and its curves; each epoch is printed as it ends.

    Raises:
        CommandError: The run does not start, or its loss is not finite.
    """
    with refusing(DataError, TrainingError):
        training, validation = dataset.split(
            config.train_size, config.validation_size, held_out=config.held_out, seed=config.seed
        )
        weights = initial_weights(network, config.seed, config.initialisation)
        run = train(network, weights, config, training, validation, pace=PACE)
        snapshot = first = next(run)  # what the run refuses, it refuses before its first step
    history = History(dataset_id=dataset.id)
    images = config.epochs * len(training)
    bar = tqdm(total=images, file=sys.stderr, disable=None, leave=False, unit="image", mininterval=0)
    with closing(run), bar:
        for snapshot in itertools.chain([first], run):
            batches = (snapshot.batch_epochs, snapshot.batch_losses, snapshot.batch_accuracies)
            history = history.extended(batches, snapshot.points)
            _show(bar, snapshot, len(training))
    if snapshot.phase is RunPhase.FAILED:
        raise CommandError(snapshot.problem, status=1)
    if snapshot.note:
        print(snapshot.note)
    return snapshot, history


def _show(bar: Any, snapshot: Snapshot, images_per_epoch: int) -> None:
    for point in snapshot.points:
        bar.write(_line(point, snapshot.epochs), file=sys.stdout)
        sys.stdout.flush()  # a log file is read while the run goes on
    if snapshot.batch_losses.size:
        bar.set_postfix_str(f"loss {snapshot.batch_losses[-1]:.4f}", refresh=False)
        bar.update(round(snapshot.batch_epochs[-1] * images_per_epoch) - bar.n)


def _line(point: EpochPoint, epochs: int) -> str:
    if math.isnan(point.validation_accuracy):
        losses = f"training loss {point.train_loss:.5f}, validation loss {point.validation_loss:.5f}"
        return f"epoch {point.epoch}/{epochs}: {losses}; {point.seconds:.1f} s"
    return (
        f"epoch {point.epoch}/{epochs}: training loss {point.train_loss:.4f}, accuracy {point.train_accuracy:.2%}; "
        f"validation loss {point.validation_loss:.4f}, accuracy {point.validation_accuracy:.2%}; {point.seconds:.1f} s"
    )
