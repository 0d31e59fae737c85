"""One image through a network: every data cube on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from convscope.core.batch_statistics import BatchStatistics
from convscope.core.mode import Mode, last_by_batch
from convscope.core.module import Stack, build_module, load_weights, read_batch_statistics
from convscope.core.network import Network
from convscope.core.unit import SwitchedOff
from convscope.core.weights import Weights

Array = NDArray[np.float32]


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Trace:
    """What every layer makes of one image, in inference or as in a step of training.

    Attributes:
        image: What went in, 0 to 1.  # (C, H, W)
        outputs: One per layer, None from the first problem on.  # (C, H, W) or (N,)
        logits: The scores of the classes; None where the network has a problem.  # (classes,)
        probabilities: Their softmax; None where the network has a problem, and where it predicts numbers: those are the
            logits.  # (classes,)
        weights: What the layers worked with: during a run the newest ones are already others.
        switched_off: Maps and units that were held at zero.
        mode: How the network worked. In inference, as after training, dropout passes everything and batch norm goes by
            its running averages.
        seed: What the masks and slopes were drawn by, and the companions chosen.
        batch: How many images went through the network together, this one included.
        masks: The factor of every value by the name of its dropout layer, 0 or 1 / (1 − rate); empty in inference.
            # the output's shape, (C, 1, 1) where whole maps are dropped
        slopes: The slope below 0 of every value, by the name of a randomised leaky ReLU; empty in inference.
        batch_statistics: What each batch norm normalised by, by its name; empty in inference. A frozen one has none.
    """

    network: Network
    image: Array
    outputs: tuple[Array | None, ...]
    logits: Array | None
    probabilities: Array | None
    weights: Weights
    switched_off: SwitchedOff = frozenset()
    mode: Mode = Mode.INFERENCE
    seed: int = 0
    batch: int = 1
    masks: Mapping[str, Array] = field(default_factory=_nothing)
    slopes: Mapping[str, Array] = field(default_factory=_nothing)
    batch_statistics: Mapping[str, BatchStatistics] = field(default_factory=_nothing)

    def values(self, layer: int) -> Array | None:
        """Return the output of a layer, the image for −1, probabilities or prediction for the number of layers."""
        if layer < 0:
            return self.image
        if layer < len(self.outputs):
            return self.outputs[layer]
        return self.probabilities if self.network.classifies else self.logits


class Tracer:
    """Traces image after image and keeps the module while network and weights stay the same."""

    def __init__(self) -> None:
        self._network: Network | None = None
        self._weights: Weights | None = None
        self._module: Stack | None = None
        self._random = torch.Generator()

    def trace(
        self,
        network: Network,
        weights: Weights,
        image: Array,
        switched_off: SwitchedOff = frozenset(),
        *,
        mode: Mode = Mode.INFERENCE,
        seed: int = 0,
        companions: Array | None = None,
    ) -> Trace:
        """Return what every layer of `network` with `weights` makes of `image`.

        In training mode the image is the first of a batch. Running averages stay as they are: it is a step that is
        only looked at.

        Args:
            network: May have a problem; the layers before it work.
            weights: At least the arrays of the working layers; never changed.
            image: Values 0 to 1 of the network's input shape.  # (C, H, W)
            switched_off: Maps and units to hold at zero; those that the network has not are passed over.
            mode: How the network works.
            seed: Decides what dropout and the randomised leaky ReLU draw; nothing in inference.
            companions: The other images of the batch, 0 to 1. Unused in inference, and where no layer goes by the
                batch; without any the image is a batch of one.  # (N − 1, C, H, W)
        """
        module = self._prepared(network, weights)
        training = mode is Mode.TRAINING
        if module.training is not training:
            module.train(training)
        until = last_by_batch(network) if training else -1
        batch = torch.tensor(image)[None]
        if until >= 0 and companions is not None:
            batch = torch.cat((batch, torch.tensor(companions)))
        if training:
            self._random.manual_seed(seed)
        with torch.inference_mode():
            outputs = list(module.steps(batch, switched_off, batch_until=until))
            logits = outputs[-1][0] if module.complete and outputs else None
            probabilities = None
            if logits is not None and network.classifies:
                probabilities = _read(torch.softmax(logits, 0))
        missing = (None,) * (len(network.layers) - len(outputs))
        arrays = tuple(_read(output[0]) for output in outputs)
        scores = None if logits is None else _read(logits)
        seen = network, image, arrays + missing, scores, probabilities, weights, switched_off
        if not training:
            return Trace(*seen)
        noted = _drawn(module, "mask"), _drawn(module, "slopes"), read_batch_statistics(module)
        return Trace(*seen, mode, seed, len(batch), *noted)

    def _prepared(self, network: Network, weights: Weights) -> Stack:
        if self._module is None or network is not self._network:
            self._module = build_module(network, self._random).eval()
            self._module.take_notes(averaging=False)
            self._network, self._weights = network, None
        if weights is not self._weights:
            load_weights(self._module, weights)
            self._weights = weights
        return self._module


def trace(
    network: Network,
    weights: Weights,
    image: Array,
    switched_off: SwitchedOff = frozenset(),
    *,
    mode: Mode = Mode.INFERENCE,
    seed: int = 0,
    companions: Array | None = None,
) -> Trace:
    """Return what every layer of `network` with `weights` makes of `image`; see `Tracer.trace`."""
    return Tracer().trace(network, weights, image, switched_off, mode=mode, seed=seed, companions=companions)


def _drawn(module: Stack, what: str) -> Mapping[str, Array]:
    """Return what the layers have noted for the first image of the batch, by their names."""
    noted = {name: (operation.notes or {}).get(what) for name, operation in module.working()}
    return MappingProxyType({name: _read(tensor[0]) for name, tensor in noted.items() if tensor is not None})


def _read(tensor: torch.Tensor) -> Array:
    array = tensor.numpy().copy()  # .numpy() shares memory, and layers such as flatten share it with their input
    array.flags.writeable = False
    return array
