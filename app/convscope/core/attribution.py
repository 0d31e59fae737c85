"""Which places of an image speak for a class: gradients of its score, by torch's backward pass."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from convscope.core.layers import shape_text
from convscope.core.module import Stack, evaluating
from convscope.core.network import Network
from convscope.core.unit import SwitchedOff
from convscope.core.weights import Weights

Array = NDArray[np.float32]


def input_gradient(
    network: Network, weights: Weights, image: Array, klass: int, switched_off: SwitchedOff = frozenset()
) -> Array:
    """Return how the score of a class changes with each pixel (Simonyan et al., 2014).

    The score is the class's logit, not its probability: the probability also rises where other classes fall, and where
    the network is sure of itself its gradient is 0 everywhere.

    Args:
        network: One without a problem.
        weights: Its arrays; never changed.
        image: Values 0 to 1 of the network's input shape.  # (C, H, W)
        klass: Number of the class.
        switched_off: Maps and units to hold at zero.

    Returns:
        Change of the logit for a change of the pixel, read-only.  # (C, H, W)

    Raises:
        ValueError: The network has a problem, lacks a weight or has no such class or no gradient; or the image has
            another shape.
    """
    module = _prepared(network, weights, image, klass)
    x = torch.tensor(image)[None].requires_grad_()
    return _read(_gradient(network, module(x, switched_off)[0, klass], x)[0])


def grad_cam(
    network: Network,
    weights: Weights,
    image: Array,
    klass: int,
    layer: int | None = None,
    switched_off: SwitchedOff = frozenset(),
) -> Array:
    """Return where a layer sees something that speaks for a class: Grad-CAM (Selvaraju et al., 2017).

    ReLU(Σ_c α_c·A_c), where A_c is the layer's map c and α_c the mean over that map of the logit's gradient. It is
    brought to the size of the image bilinearly and not scaled otherwise.

    Args:
        network: One without a problem.
        weights: Its arrays; never changed.
        image: Values 0 to 1 of the network's input shape.  # (C, H, W)
        klass: Number of the class.
        layer: One whose output is maps; the last one by default.
        switched_off: Maps and units to hold at zero.

    Returns:
        0 and more, read-only; 0 everywhere where nothing the layer sees speaks for the class.  # (H, W)

    Raises:
        ValueError: As `input_gradient`; also where the layer, or all of them, have no maps.
    """
    module = _prepared(network, weights, image, klass)
    tap = _Tap(module.operations[map_layer(network, layer)])
    logit = module(torch.tensor(image)[None], switched_off)[0, klass]
    alpha = _gradient(network, logit, tap.maps).mean((2, 3), keepdim=True)  # (1, C, 1, 1)
    cam = (alpha * tap.maps).sum(1, keepdim=True).relu()  # (1, 1, H', W')
    return _read(functional.interpolate(cam, network.input_shape[1:], mode="bilinear", align_corners=False)[0, 0])


def map_layer(network: Network, layer: int | None = None) -> int:
    """Return the layer that Grad-CAM looks at: the last one whose output is maps, or the wished one if it has maps.

    Raises:
        ValueError: It has none, or none has.
    """
    having = [place for place, row in enumerate(network.report.rows) if len(row.output_shape or ()) == 3]
    if not having:
        raise ValueError("No layer of this network gives maps, and Grad-CAM weighs maps. Add a convolution.")
    if layer is None:
        return having[-1]
    if layer not in having:
        name = network.layers[layer].name if 0 <= layer < len(network.layers) else "That place"
        raise ValueError(f"{name} gives no maps, and Grad-CAM weighs maps. Choose {network.layers[having[-1]].name}.")
    return layer


class _Tap:
    """Takes what an operation gives and lets the backward pass end there, whatever lies before."""

    def __init__(self, operation: nn.Module) -> None:
        self.maps = torch.empty(0)
        operation.register_forward_hook(self._take)

    def _take(self, operation: nn.Module, args: object, output: Tensor) -> Tensor:
        self.maps = output.detach().requires_grad_()
        return self.maps


def _prepared(network: Network, weights: Weights, image: Array, klass: int) -> Stack:
    """Return the module as after training, or raise the `ValueError` that says what does not go together."""
    problem = network.report.problem
    if problem is not None:
        raise ValueError(f"There is no score to look behind yet. {problem.located}")
    if not 0 <= klass < network.classes:
        raise ValueError(f"The network has the classes 0 to {network.classes - 1}, not {klass}.")
    if image.shape != network.input_shape:
        raise ValueError(
            f"The image is {shape_text(image.shape)}, but the network takes {shape_text(network.input_shape)}."
        )
    return evaluating(network, weights)


def _gradient(network: Network, logit: Tensor, x: Tensor) -> Tensor:
    if not logit.requires_grad:
        steps = [one.name for one in network.layers if one.enabled and getattr(one, "function", "") == "binary_step"]
        raise ValueError(
            f"The binary step in {steps[-1]} has no slope, so no gradient comes back. Choose another function."
        )
    return torch.autograd.grad(logit, x)[0]


def _read(tensor: Tensor) -> Array:
    array = tensor.detach().numpy().copy()
    array.flags.writeable = False
    return array
