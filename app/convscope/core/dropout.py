"""What many dropout masks do: the mean they come to, and how far the answers of the thinned networks spread."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from convscope.core.layers import Dropout
from convscope.core.mode import dropouts, drops
from convscope.core.module import Stack, build_module, load_weights
from convscope.core.network import Network
from convscope.core.unit import SwitchedOff
from convscope.core.weights import Weights

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class MaskSamples:
    """One image under many masks; everything but dropout works as in inference, batch norm by its running averages.

    Attributes:
        layer: The dropout layer whose output is averaged. What reaches it is what reaches it in inference.
        rate: Its share of dropped values.
        distances: How far the mean of the layer's first k outputs is from what it passes in inference: the norm of the
            difference over that of the latter, 0 where that is 0 too.  # (n,)
        answers: Of the whole network, with a mask of its own in every dropout layer: probabilities, or the predicted
            numbers; no columns where the network has a problem.  # (n, classes)
        inference: The same without dropout.  # (classes,)
    """

    layer: int
    rate: float
    total: NDArray[np.float64]  # of the layer's outputs
    distances: NDArray[np.float64]
    answers: Array
    inference: Array

    def __len__(self) -> int:
        """Return how many masks were drawn."""
        return len(self.distances)

    @property
    def expected(self) -> NDArray[np.float64]:
        """The distances that chance alone would give (root mean square).  # (n,).

        A value x becomes x / (1 − p) with probability 1 − p, else 0: mean x, variance x² p / (1 − p). So the mean of k
        independent ones has a relative distance of √(p / ((1 − p) k)); with whole maps the same holds for each map.
        """
        return math.sqrt(self.rate / (1 - self.rate)) / np.sqrt(np.arange(1, len(self) + 1))

    @property
    def agreement(self) -> float:
        """The share of the masks under which the network gives the same class as in inference."""
        return float((self.answers.argmax(1) == self.inference.argmax()).mean())


class MaskSampler:
    """Draws masks, some at a time, and keeps the module while network and weights stay the same."""

    def __init__(self) -> None:
        self._network: Network | None = None
        self._weights: Weights | None = None
        self._module: Stack | None = None
        self._random = torch.Generator()

    def sample(
        self,
        network: Network,
        weights: Weights,
        image: Array,
        switched_off: SwitchedOff = frozenset(),
        *,
        layer: int,
        count: int,
        seed: int = 0,
        before: MaskSamples | None = None,
    ) -> MaskSamples:
        """Return `before` with `count` more masks.

        Args:
            network: May have a problem behind the layer.
            weights: Never changed.
            image: Values of the network's input shape.  # (C, H, W)
            switched_off: Maps and units to hold at zero.
            layer: A dropout layer that works.
            count: At least 1; so many copies of the image go through the network together.
            seed: The same seed, and the same counts one after the other, give the same masks.
            before: Samples of the same network, weights, image and layer.

        Raises:
            ValueError: The layer is no dropout layer that works.
        """
        described = network.layers[layer] if 0 <= layer < len(network.layers) else None
        if not isinstance(described, Dropout) or layer not in dropouts(network):
            raise ValueError(f"Layer {layer} of the network is no dropout layer that works.")
        module = self._prepared(network, weights)
        with torch.inference_mode():
            batch = torch.tensor(image)[None]
            passed = [batch, *_steps(module, batch, switched_off, dropping=False)]
            reached = passed[layer]  # which dropout passes as it is in inference
            if before is None:
                before = _none_yet(layer, described.rate, reached, _answer(module, network, passed[-1])[0])
            self._random.manual_seed((seed * 1_000_003 + len(before)) % 2**63)
            copies = batch.expand(count, *batch.shape[1:])
            thinned = list(_steps(module, copies, switched_off, dropping=True))
            answers = _answer(module, network, thinned[-1])
            module.operations[layer].train()
            outputs = module.operations[layer](reached.expand(count, *reached.shape[1:]))
        return _extended(before, outputs.numpy(), reached[0].numpy(), answers.numpy())

    def _prepared(self, network: Network, weights: Weights) -> Stack:
        if self._module is None or network is not self._network:
            self._module = build_module(network, self._random)
            self._network, self._weights = network, None
        if weights is not self._weights:
            load_weights(self._module, weights)
            self._weights = weights
        return self._module


def _steps(module: Stack, batch: torch.Tensor, switched_off: SwitchedOff, *, dropping: bool) -> list[torch.Tensor]:
    module.eval()
    for _, operation in module.working():
        operation.train(dropping and drops(operation.layer))
    return module.outputs(batch, switched_off)


def _answer(module: Stack, network: Network, last: torch.Tensor) -> torch.Tensor:
    """Return what the network says, from the output of its last working layer: (N, …) → (N, classes)."""
    if not module.complete:
        return last.new_zeros(len(last), 0)
    return torch.softmax(last, 1) if network.classifies else last


def _none_yet(layer: int, rate: float, passed: torch.Tensor, inference: torch.Tensor) -> MaskSamples:
    answers = np.zeros((0, len(inference)), np.float32)
    total = np.zeros(passed.shape[1:], np.float64)
    return MaskSamples(layer, rate, total, np.zeros(0), answers, inference.numpy().copy())


def _extended(before: MaskSamples, outputs: Array, passed: Array, answers: Array) -> MaskSamples:
    """Add outputs of the layer (n, …) and answers (n, classes) to the samples."""
    sums = before.total + np.cumsum(outputs, 0, dtype=np.float64)
    counts = np.arange(1, len(outputs) + 1) + len(before)
    means = sums.reshape(len(outputs), -1) / counts[:, None]
    norm = float(np.linalg.norm(passed.astype(np.float64)))
    distances = np.linalg.norm(means - passed.reshape(-1), axis=1) / (norm or 1.0)
    changes = {
        "total": sums[-1],
        "distances": np.concatenate((before.distances, distances)),
        "answers": np.concatenate((before.answers, answers)),
    }
    for array in changes.values():
        array.flags.writeable = False
    return dataclasses.replace(before, **changes)
