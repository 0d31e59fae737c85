"""One step of training, taken apart into its four stages: forward, loss, backward, update."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convscope.core.update_rules import Moment, UpdateRule, WorkedUpdate, worked_update
from convscope.core.weights import NO_WEIGHTS, Array, Weights

Memory = Mapping[str, Mapping[str, Array]]  # "conv_1.weight" → "exp_avg" → an array of its shape; read-only
NO_MEMORY: Memory = MappingProxyType({})


class Stage(Enum):
    """A part of a training step; the value is what the user reads."""

    FORWARD = "Forward"  # the batch goes through the network
    LOSS = "Loss"  # how wrong each answer is
    BACKWARD = "Backward"  # the gradient of the mean loss for every weight
    UPDATE = "Update"  # the optimiser changes the weights

    @property
    def number(self) -> int:
        """Its place among the four, from 0."""
        return list(Stage).index(self)


@dataclass(frozen=True, eq=False)
class StepDetails:
    """A training step as far as it has come.

    Attributes:
        stage: The one that was done last.
        images: The batch as the network got it, augmented where that is set.  # (N, C, H, W), 0 to 1
        labels: The right classes, (N,), or the right numbers, float (N, K).
        logits: What the last layer gives.  # (N, classes) or (N, K)
        rule: The optimiser with its settings.
        before: The weights before the step.
        memory: What the optimiser remembered before the step; empty where it has made none yet.
        steps: How many steps it had made before.
        losses: Of each image; empty before the loss.  # (N,)
        mean_loss: The number that is made smaller; not a number before the loss.
        gradients: Of the mean loss; empty before the backward pass.
        updates: What was added to every array; empty before the update.
        after: The weights after the step; empty before the update.
    """

    stage: Stage
    images: Array
    labels: NDArray[Any]
    logits: Array
    rule: UpdateRule
    before: Weights
    memory: Memory = field(default_factory=lambda: NO_MEMORY)
    steps: int = 0
    losses: Array = field(default_factory=lambda: np.zeros(0, np.float32))
    mean_loss: float = float("nan")
    gradients: Weights = field(default_factory=lambda: NO_WEIGHTS)
    updates: Weights = field(default_factory=lambda: NO_WEIGHTS)
    after: Weights = field(default_factory=lambda: NO_WEIGHTS)

    def has(self, stage: Stage) -> bool:
        """Say whether a stage has been done."""
        return stage.number <= self.stage.number

    @property
    def has_classes(self) -> bool:
        """Whether the network chooses among classes; it gives numbers otherwise."""
        return self.labels.ndim == 1

    @property
    def predicted(self) -> NDArray[np.int64]:
        """The class of the greatest logit of each image.  # (N,)."""
        return self.logits.argmax(1)

    def worst_first(self) -> NDArray[np.int64]:
        """Return the images' numbers by their losses, the greatest first; in the batch's order before the loss."""
        if not self.losses.size:
            return np.arange(len(self.labels))
        return np.argsort(-np.nan_to_num(self.losses, nan=np.inf), kind="stable")

    def largest_gradient(self, key: str) -> tuple[int, ...] | None:
        """Return where in an array the gradient is largest; None while it has none."""
        gradient = self.gradients.get(key)
        if gradient is None or not gradient.size:
            return None
        return tuple(int(n) for n in np.unravel_index(int(np.abs(gradient).argmax()), gradient.shape))

    def worked(self, key: str, index: tuple[int, ...]) -> WorkedUpdate | None:
        """Return the update of one weight with its numbers; None before there is a gradient for it.

        Before the update, the value that torch computed is not a number.
        """
        if key not in self.gradients:
            return None
        remembered = {name: float(array[index]) for name, array in self.memory.get(key, {}).items()}
        computed = float(self.after[key][index]) if key in self.after else float("nan")
        weight, gradient = float(self.before[key][index]), float(self.gradients[key][index])
        moment = Moment(weight, gradient, remembered, self.steps + 1, computed)
        return worked_update(self.rule, moment)

    def at(self, stage: Stage, **found: object) -> StepDetails:
        """Return the step after another stage, with what that has found."""
        return dataclasses.replace(self, stage=stage, **found)  # pyright: ignore[reportArgumentType]
