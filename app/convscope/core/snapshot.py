"""What a training run tells while it goes on, and what it can be told."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from convscope.core.batch_statistics import BatchStatistics
from convscope.core.gradient_flow import FlowPoint
from convscope.core.history import EpochPoint
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig
from convscope.core.training_step import Stage, StepDetails
from convscope.core.weights import NO_WEIGHTS, Weights

NO_STATISTICS: Mapping[str, BatchStatistics] = MappingProxyType({})


class TrainingError(Exception):
    """A run that cannot start or go on; the text says why and what to do."""


class RunPhase(Enum):
    """Where a run stands."""

    TRAINING = "training"
    VALIDATING = "validating"
    FINISHED = "finished"  # all epochs are done, or it was stopped early; more can be ordered
    FAILED = "failed"  # the loss is not finite; nothing follows


@dataclass(frozen=True)
class Orders:
    """What a run shall do from the next batch on.

    Attributes:
        config: New settings; those in `training_config.LIVE` take effect, the others stay as they were.
        batches: Report again after so many batches, however short that takes.
        slowly: Report after every stage of the batch that comes next, or that the run is in the middle of. Until that
            batch is done, going on without an order goes on to its next stage; any other order ends the slow motion.
        network: One that `carries_on` the run's, with other settings of layers.
    """

    config: TrainingConfig | None = None
    batches: int | None = None
    slowly: bool = False
    network: Network | None = None


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A run at one moment, with all that was measured since the last one.

    Attributes:
        phase: Where the run stands.
        step: Batches done since the start.
        epoch: The epoch that is being trained or has just ended, from 1.
        epochs: Epochs ordered.
        epoch_step: Batches of the epoch that are done.
        epoch_steps: Batches that it has.
        batch_epochs: When each new batch was done, in epochs.  # (N,)
        batch_losses: Their mean losses.  # (N,)
        batch_accuracies: Fractions of them classified correctly.  # (N,)
        points: The epochs that ended.
        weights: A copy of the network's arrays.
        gradients: Of the last batch's mean loss, by the names of the arrays; what training leaves alone has none.
        noted_step: The last step that was looked at more closely. It is `step` but where a report was asked for
            unexpectedly, and where the last loss was no number.
        updates: What that step added to every trained array.
        batch_statistics: What batch normalisation took from that step's batch, by the names of the layers.
        flow: The sizes of that step, layer by layer; None where the last report has told them.
        details: The step as far as it has come, in slow motion; None otherwise. Until its update, `weights` are those
            before the step.
        examples_per_second: Speed of training over the last seconds.
        seconds_left: Estimate until the last epoch ends.
        problem: Why the run failed and what to try; empty otherwise.
        note: Why the run was stopped early and what became of the weights; empty otherwise.
    """

    phase: RunPhase
    step: int
    epoch: int
    epochs: int
    epoch_step: int
    epoch_steps: int
    batch_epochs: NDArray[np.float64]
    batch_losses: NDArray[np.float32]
    batch_accuracies: NDArray[np.float32]
    points: tuple[EpochPoint, ...]
    weights: Weights
    examples_per_second: float
    seconds_left: float
    gradients: Weights = field(default_factory=lambda: NO_WEIGHTS)
    noted_step: int = 0
    updates: Weights = field(default_factory=lambda: NO_WEIGHTS)
    batch_statistics: Mapping[str, BatchStatistics] = field(default_factory=lambda: NO_STATISTICS)
    flow: FlowPoint | None = None
    details: StepDetails | None = None
    problem: str = ""
    note: str = ""

    @property
    def stage(self) -> Stage | None:
        """The stage that was done last, in slow motion; None otherwise."""
        return self.details.stage if self.details is not None else None

    def after(self, older: Self) -> Self:
        """Return this snapshot with the measurements of an older one that nobody has seen yet."""
        return dataclasses.replace(
            self,
            batch_epochs=np.concatenate((older.batch_epochs, self.batch_epochs)),
            batch_losses=np.concatenate((older.batch_losses, self.batch_losses)),
            batch_accuracies=np.concatenate((older.batch_accuracies, self.batch_accuracies)),
            points=older.points + self.points,
            flow=self.flow or older.flow,
        )
