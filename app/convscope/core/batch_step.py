"""One batch through the network and back, stage by stage, and what is noted on the way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from convscope.core.batch_statistics import BatchStatistics
from convscope.core.criterion import count_right, losses_of, mean_loss
from convscope.core.module import Operation, Stack, read_gradients, read_weights
from convscope.core.training_step import Memory, Stage, StepDetails
from convscope.core.update_rules import UpdateRule
from convscope.core.weights import Array, Weights, frozen

Silent = Mapping[str, NDArray[np.bool_]]  # by activation layer: which channels or units were 0 all over a batch


class BatchStep:
    """Takes one step down the gradient, in four parts that are called one after the other.

    Attributes:
        loss: The batch's mean loss before the step; not a number until it was measured.
        right: How many images were classified correctly; not a number where numbers are predicted.
    """

    def __init__(self, module: Stack, optimizer: torch.optim.Optimizer, x: Tensor, y: Tensor) -> None:
        """Begin a step.

        Args:
            module: What is trained.
            optimizer: Of its parameters.
            x: # (N, C, H, W), 0 to 1
            y: Class numbers (N,), or numbers to be predicted (N, K).
        """
        self._module, self._optimizer = module, optimizer
        self._x, self._y = x, y
        self._logits = self._mean_loss = x
        self.loss, self.right = math.nan, 0.0

    def forward(self, notes: Notes | None = None) -> None:
        """Let the network answer, in training mode; `notes` look on."""
        self._module.train()
        self._optimizer.zero_grad()
        self._logits = self._module(self._x) if notes is None else notes.forward(self._module, self._x)

    def measure(self) -> None:
        """Compute the mean loss."""
        self._mean_loss = mean_loss(self._logits, self._y)
        self.loss = self._mean_loss.item()
        self.right = count_right(self._logits, self._y)

    @property
    def can_learn(self) -> bool:
        """Whether the loss is finite and depends on a weight: behind a binary step none does."""
        return math.isfinite(self.loss) and self._mean_loss.requires_grad

    def backward(self) -> None:
        """Compute the gradient of the mean loss for every weight that is trained."""
        if self.can_learn:
            self._mean_loss.backward()  # pyright: ignore[reportUnknownMemberType]

    def update(self, rate: float, weight_decay: float) -> None:
        """Let the optimiser change the weights."""
        for group in self._optimizer.param_groups:
            group.update(lr=rate, weight_decay=weight_decay)
        if self.can_learn:
            self._optimizer.step()

    def begun(self, rule: UpdateRule, before: Weights) -> StepDetails:
        """Return the details of the step after its forward pass; `before` are the weights it began with."""
        memory, steps = _memory(self._module, self._optimizer)
        images, labels, logits = (_copied(tensor) for tensor in (self._x, self._y, self._logits))
        return StepDetails(Stage.FORWARD, images, labels, logits, rule, before, memory, steps)

    def continued(self, details: StepDetails, stage: Stage, rule: UpdateRule) -> StepDetails:
        """Return the details after another stage."""
        details = details.at(stage, rule=rule)
        if stage is Stage.LOSS:
            losses = losses_of(self._logits.detach(), self._y)
            return details.at(stage, losses=_copied(losses), mean_loss=self.loss)
        if stage is Stage.BACKWARD:
            return details.at(stage, gradients=read_gradients(self._module))
        after = read_weights(self._module, details.before)
        return details.at(stage, after=after, updates=differences(details.before, after, details.gradients))


class Notes:
    """Looks on while a batch is trained whose report is due: what its layers did, and what the step adds.

    Attributes:
        step: The number of the batch, from 1.
        batch_statistics: What batch normalisation took from the batch, by the layer's name.
        silent: Which channels or units were 0 for every image, by the name of the activation layer.
    """

    def __init__(self, module: Stack, step: int) -> None:
        """Note the weights before the step of that number."""
        self.step = step
        self._before = {key: _copied(parameter) for key, parameter in parameters(module).items()}
        self.batch_statistics: Mapping[str, BatchStatistics] = MappingProxyType({})
        self.silent: Silent = MappingProxyType({})

    def forward(self, module: Stack, x: Tensor) -> Tensor:
        """Return what the module makes of a batch, and note what it does on the way."""
        statistics: dict[str, BatchStatistics] = {}
        silent: dict[str, NDArray[np.bool_]] = {}
        # Not by `Operation.notes`: layers that take them draw other masks behind dropout of rate 0, go by other kernels
        # on a GPU and refuse no batch of one. A batch that is looked at must be trained as any other.
        for operation, output in zip(module.operations, module.steps(x), strict=True):
            if isinstance(operation, Operation):
                layer = operation.layer
                if layer.kind == "batch_norm" and layer.trainable:
                    statistics[layer.name] = _statistics(x.detach())
                elif layer.kind == "activation":
                    silent[layer.name] = _silent(output.detach()).cpu().numpy()
            x = output
        self.batch_statistics, self.silent = MappingProxyType(statistics), MappingProxyType(silent)
        return x

    def updates(self, after: Weights) -> Weights:
        """Return what the step has added to every trained array; `after` are the weights after it."""
        return differences(self._before, after, self._before)


def parameters(module: Stack) -> dict[str, Tensor]:
    """Return the arrays that are trained, by their names."""
    return {
        f"{name}.{key}": parameter
        for name, operation in zip(module.names, module.operations, strict=True)
        for key, parameter in operation.named_parameters()
        if parameter.requires_grad
    }


def differences(before: Mapping[str, Array], after: Mapping[str, Array], keys: Mapping[str, object]) -> Weights:
    """Return what was added to the arrays of those names."""
    with np.errstate(invalid="ignore", over="ignore"):  # a step may lead beyond all numbers
        return frozen({key: after[key] - before[key] for key in keys})


def _silent(x: Tensor) -> Tensor:
    """Return which channels or units are 0 all over a batch.  # (C,)."""
    places = [place for place in range(x.ndim) if place != 1]
    return (x.amax(places) == 0) & (x.amin(places) == 0)


def _statistics(x: Tensor) -> BatchStatistics:
    # Step by step, because torch.var_mean over several dimensions takes five times as long.
    values = x.reshape(*x.shape[:2], -1)  # (N, C, H·W)
    mean = values.mean(2).mean(0)
    variance = (values - mean[:, None]).square_().mean(2).mean(0)
    count = x.numel() // x.shape[1]
    return BatchStatistics(_copied(mean).astype(np.float32), _copied(variance).astype(np.float64), count)


def _memory(module: Stack, optimizer: torch.optim.Optimizer) -> tuple[Memory, int]:
    """Return a copy of what an optimiser remembers, and how many steps it has made."""
    memory: dict[str, Weights] = {}
    steps = 0
    for key, parameter in parameters(module).items():
        state = optimizer.state.get(parameter, {})
        arrays = {name: value for name, value in state.items() if torch.is_tensor(value) and value.ndim}
        memory[key] = frozen({name: _copied(value) for name, value in arrays.items()})
        steps = max(steps, int(state.get("step", 0)))
    return MappingProxyType(memory), steps


def _copied(tensor: Tensor) -> NDArray[Any]:
    array = tensor.detach().cpu().numpy().copy()
    array.flags.writeable = False
    return array
