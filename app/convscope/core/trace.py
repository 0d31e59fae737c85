"""One image through a network: every data cube on its way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from convscope.core.module import Stack, build_module, load_weights
from convscope.core.network import Network
from convscope.core.unit import SwitchedOff
from convscope.core.weights import Weights

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Trace:
    """What every layer makes of one image, as after training: dropout off, batch norm by its running averages.

    Attributes:
        image: What went in, 0 to 1.  # (C, H, W)
        outputs: One per layer, None from the first problem on.  # (C, H, W) or (N,)
        logits: The scores of the classes; None where the network has a problem.  # (classes,)
        probabilities: Their softmax; None where the network has a problem.  # (classes,)
        weights: What the layers worked with: during a run the newest ones are already others.
        switched_off: Maps and units that were held at zero.
    """

    network: Network
    image: Array
    outputs: tuple[Array | None, ...]
    logits: Array | None
    probabilities: Array | None
    weights: Weights
    switched_off: SwitchedOff = frozenset()

    def values(self, layer: int) -> Array | None:
        """Return the output of a layer, the image for −1, the probabilities for the number of layers."""
        if layer < 0:
            return self.image
        return self.probabilities if layer == len(self.outputs) else self.outputs[layer]


class Tracer:
    """Traces image after image and keeps the module while network and weights stay the same."""

    def __init__(self) -> None:
        self._network: Network | None = None
        self._weights: Weights | None = None
        self._module: Stack | None = None

    def trace(self, network: Network, weights: Weights, image: Array, switched_off: SwitchedOff = frozenset()) -> Trace:
        """Return what every layer of `network` with `weights` makes of `image`.

        Args:
            network: May have a problem; the layers before it work.
            weights: At least the arrays of the working layers; never changed.
            image: Values 0 to 1 of the network's input shape.  # (C, H, W)
            switched_off: Maps and units to hold at zero; those that the network has not are passed over.
        """
        module = self._prepared(network, weights)
        with torch.inference_mode():
            outputs = module.outputs(torch.tensor(image)[None], switched_off)
            logits = outputs[-1][0] if module.complete and outputs else None
            probabilities = None if logits is None else _read(torch.softmax(logits, 0))
        missing = (None,) * (len(network.layers) - len(outputs))
        arrays = tuple(_read(output[0]) for output in outputs)
        scores = None if logits is None else _read(logits)
        return Trace(network, image, arrays + missing, scores, probabilities, weights, switched_off)

    def _prepared(self, network: Network, weights: Weights) -> Stack:
        if self._module is None or network is not self._network:
            self._module = build_module(network).eval()
            self._network, self._weights = network, None
        if weights is not self._weights:
            load_weights(self._module, weights)
            self._weights = weights
        return self._module


def trace(network: Network, weights: Weights, image: Array, switched_off: SwitchedOff = frozenset()) -> Trace:
    """Return what every layer of `network` with `weights` makes of `image`; see `Tracer.trace`."""
    return Tracer().trace(network, weights, image, switched_off)


def _read(tensor: torch.Tensor) -> Array:
    array = tensor.numpy().copy()  # .numpy() shares memory, and layers such as flatten share it with their input
    array.flags.writeable = False
    return array
