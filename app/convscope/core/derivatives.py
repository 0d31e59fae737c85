"""The chain rule written out: the derivatives of the loss from the prediction back to the input, beside autograd's.

It goes back through dense layers and whatever handles each value alone, as far as there are only such layers. The
steps start from what autograd's own forward pass computed in single precision and are worked out in double precision.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from convscope.core.arithmetic.breakdowns import Doubles
from convscope.core.arithmetic.functions import FUNCTIONS, parameter_of
from convscope.core.arithmetic.rounding import LIBRARY, rounding_bound
from convscope.core.criterion import mean_loss
from convscope.core.layers import Activation, Layer
from convscope.core.module import Stack, build_module, load_weights
from convscope.core.network import Network
from convscope.core.unit import SwitchedOff
from convscope.core.weights import Weights

_PASSING = ("flatten", "reshape", "dropout")  # hand every value on, in inference
_bounds = np.vectorize(rounding_bound, otypes=[np.float64])


@dataclass(frozen=True, eq=False)
class Slopes:
    """Derivatives of the loss for some values.

    Attributes:
        values: What the chain rule gives.
        computed: What autograd computed, in single precision.
        bounds: How far rounding alone can take the two apart.
    """

    values: Doubles
    computed: Doubles
    bounds: Doubles

    @property
    def residuals(self) -> Doubles:
        """What autograd computed, less what the chain rule gives."""
        return self.computed - self.values

    @property
    def agree(self) -> bool:
        """Whether rounding explains every difference."""
        return bool((np.abs(self.residuals) <= self.bounds).all())


@dataclass(frozen=True, eq=False)
class LayerSlopes:
    """One layer on the way back.

    Attributes:
        place: Its position in the network.
        kind: "dense", "activation" or "passed".
        x: What reached it, as a vector.  # (M,)
        y: What it gave, as a vector.  # (N,)
        to_y: ∂L/∂y.  # (N,)
        to_x: ∂L/∂x.  # (M,)
        weights: Of a dense layer.  # (N, M)
        to_weights: ∂L/∂w.  # (N, M)
        to_bias: ∂L/∂b; None without a bias.  # (N,)
        factors: f′(x) of an activation.  # (M,)
    """

    place: int
    kind: str
    x: Doubles
    y: Doubles
    to_y: Slopes
    to_x: Slopes
    weights: Doubles | None = None
    to_weights: Slopes | None = None
    to_bias: Slopes | None = None
    factors: Doubles | None = None


@dataclass(frozen=True, eq=False)
class Derivatives:
    """The loss of one example, and the way back from it.

    Attributes:
        loss: Worked out in double precision.
        computed: As torch computed it.
        target: The class, or what should have been predicted.  # () or (K,)
        outputs: What the last layer gave: logits, or the prediction.  # (K,)
        probabilities: Their softmax; None for a squared error.  # (K,)
        to_outputs: ∂L/∂outputs.  # (K,)
        layers: Those that the chain goes through, from the last layer of the network back.
        stopped_at: Name of the layer at which the chain ends, not one of them; empty where it reaches the input.
    """

    loss: float
    computed: float
    target: Doubles
    outputs: Doubles
    probabilities: Doubles | None
    to_outputs: Slopes
    layers: tuple[LayerSlopes, ...]
    stopped_at: str = ""

    @property
    def agree(self) -> bool:
        """Whether rounding explains every difference from autograd."""
        slopes = [self.to_outputs]
        for layer in self.layers:
            slopes += [found for found in (layer.to_x, layer.to_weights, layer.to_bias) if found is not None]
        return all(found.agree for found in slopes)


def derivatives(
    network: Network,
    weights: Weights,
    image: NDArray[np.float32],
    target: int | NDArray[np.float32],
    switched_off: SwitchedOff = frozenset(),
) -> Derivatives:
    """Return the derivatives of the loss of one example, as after training: dropout off, batch norm by its averages.

    Args:
        network: One without a problem.
        weights: Its arrays; never changed.
        image: # (C, H, W)
        target: The class, or for a squared error the numbers that should be predicted (K,).
        switched_off: Maps and units that are held at zero.

    Raises:
        ValueError: The network has a problem, or the target does not suit it.
    """
    if network.report.problem is not None:
        raise ValueError(f"There is no loss yet. {network.report.problem.located}")
    wanted = torch.tensor([target]) if isinstance(target, int) else torch.tensor(np.asarray(target, np.float32))[None]
    if wanted.is_floating_point() == network.classifies:
        raise ValueError("The target is a class for a cross-entropy, and numbers for a squared error.")
    run = _Backward(network, weights, image, wanted, switched_off)
    to_outputs, loss, probabilities = run.end(wanted)
    layers: list[LayerSlopes] = []
    slopes = to_outputs
    for place in range(len(network.layers) - 1, -1, -1):
        if not _is_passable(network.layers[place]):
            name = network.layers[place].name
            return run.written(loss, wanted, probabilities, to_outputs, layers, name)
        layers.append(run.through(place, slopes))
        slopes = layers[-1].to_x
    return run.written(loss, wanted, probabilities, to_outputs, layers, "")


class _Backward:
    """One forward and one backward pass by torch, and the steps that follow them by hand."""

    def __init__(
        self, network: Network, weights: Weights, image: NDArray[np.float32], target: Tensor, off: SwitchedOff
    ) -> None:
        self._network = network
        self._module = _trainable(network, weights)
        self._off = off
        x = torch.tensor(image)[None].requires_grad_()
        self._values = [x, *self._module.outputs(x, off)]
        self._loss = mean_loss(self._values[-1], target)
        self._slopes, self._parameter_slopes = self._autograd()

    def _autograd(self) -> tuple[list[Tensor], dict[str, Tensor]]:
        """Return autograd's derivatives for the input and every output, and for every weight; 0 where none comes."""
        names = [f"{name}.{key}" for name, op in self._operations() for key, _ in op.named_parameters()]
        parameters = [one for _, op in self._operations() for _, one in op.named_parameters()]
        wanted = [*self._values, *parameters]
        if self._loss.requires_grad:
            found = torch.autograd.grad(self._loss, wanted, allow_unused=True)
        else:
            found = [None] * len(wanted)
        filled = [torch.zeros_like(one) if slope is None else slope for one, slope in zip(wanted, found, strict=True)]
        count = len(self._values)
        return filled[:count], dict(zip(names, filled[count:], strict=True))

    def _operations(self) -> list[tuple[str, torch.nn.Module]]:
        return list(zip(self._module.names, self._module.operations, strict=True))

    def end(self, target: Tensor) -> tuple[Slopes, float, Doubles | None]:
        """Return ∂L/∂outputs, the loss, and the probabilities of classes."""
        outputs, computed = _vector(self._values[-1]), _vector(self._slopes[-1])
        if target.is_floating_point():
            error = outputs - _vector(target)
            bounds = _bounds(3, np.abs(2 * error) + np.abs(outputs) + np.abs(_vector(target)))
            return Slopes(2 * error, computed, bounds), float((error**2).sum()), None
        below = outputs - outputs.max()
        powers = np.exp(below)
        shares = powers / powers.sum()
        slopes = shares.copy()
        right = int(target.item())
        slopes[right] -= 1
        spread = float(np.abs(below)[shares > 0].max())
        bounds = _bounds(2 * LIBRARY + outputs.size + 2, 1.0) + rounding_bound(2, spread)
        return (
            Slopes(slopes, computed, np.broadcast_to(bounds, shares.shape)),
            float(np.log(powers.sum()) - below[right]),
            shares,
        )

    def through(self, place: int, to_y: Slopes) -> LayerSlopes:
        """Return one layer's derivatives, given those of what it gave."""
        layer, x, y = self._network.layers[place], _vector(self._values[place]), _vector(self._values[place + 1])
        to_y = self._silenced(place, to_y)
        computed = _vector(self._slopes[place])
        if layer.enabled and layer.kind == "dense":
            return self._dense(place, x, y, to_y, computed)
        if layer.enabled and isinstance(layer, Activation):
            factors, errors = self._factors(layer, x)
            values = to_y.values * factors
            bounds = (
                to_y.bounds * (np.abs(factors) + errors) + np.abs(to_y.values) * errors + _bounds(2, np.abs(values))
            )
            return LayerSlopes(place, "activation", x, y, to_y, Slopes(values, computed, bounds), factors=factors)
        return LayerSlopes(place, "passed", x, y, to_y, Slopes(to_y.values, computed, to_y.bounds))

    def _dense(self, place: int, x: Doubles, y: Doubles, to_y: Slopes, computed: Doubles) -> LayerSlopes:
        name = self._network.layers[place].name
        operation = dict(self._operations())[name]
        weights = _doubles(operation.get_parameter("weight"))
        terms = weights * to_y.values[:, None]
        to_x = Slopes(
            terms.sum(0),
            computed,
            np.abs(weights).T @ to_y.bounds + _bounds(len(y) + 1, np.abs(terms).sum(0)),
        )
        products = np.outer(to_y.values, x)
        bounds = np.outer(to_y.bounds, np.abs(x)) + _bounds(2, np.abs(products))
        to_weights = Slopes(products, _doubles(self._parameter_slopes[f"{name}.weight"]), bounds)
        bias = self._parameter_slopes.get(f"{name}.bias")
        to_bias = None if bias is None else Slopes(to_y.values, _doubles(bias), to_y.bounds)
        return LayerSlopes(place, "dense", x, y, to_y, to_x, weights, to_weights, to_bias)

    def _factors(self, layer: Activation, x: Doubles) -> tuple[Doubles, Doubles]:
        """Return f′(x), and how far torch's own can be from it."""
        operation = dict(self._operations())[layer.name]
        learned = next((float(one.detach().reshape(-1)[0]) for one in operation.parameters()), None)
        parameter = parameter_of(layer, learned)
        a = 0.0 if parameter is None else parameter
        function = FUNCTIONS[layer.function]
        factors = np.array([function.slope(float(value), a) for value in x])
        return factors, _bounds(2 * LIBRARY + 8, np.maximum(np.abs(factors), max(1.0, abs(a))))

    def _silenced(self, place: int, slopes: Slopes) -> Slopes:
        """Return the derivatives with 0 for what is held at zero: nothing depends on it."""
        name = self._network.layers[place].name
        silent = [channel for layer, channel in self._off if layer == name]
        shape = self._values[place + 1].shape
        if not silent:
            return slopes
        kept = torch.ones(shape)
        kept[:, [channel for channel in silent if 0 <= channel < shape[1]]] = 0
        flags = _vector(kept)
        return Slopes(slopes.values * flags, slopes.computed * flags, slopes.bounds * flags)

    def written(
        self,
        loss: float,
        target: Tensor,
        probabilities: Doubles | None,
        to_outputs: Slopes,
        layers: list[LayerSlopes],
        stopped_at: str,
    ) -> Derivatives:
        """Return all of it."""
        wanted = _doubles(target[0])
        outputs = _vector(self._values[-1])
        computed = float(self._loss.item())
        return Derivatives(loss, computed, wanted, outputs, probabilities, to_outputs, tuple(layers), stopped_at)


def _is_passable(layer: Layer) -> bool:
    """Say whether the chain goes through a layer: what mixes neighbours or jumps ends it."""
    if not layer.enabled or layer.kind in (*_PASSING, "dense"):
        return True
    return isinstance(layer, Activation) and layer.function != "binary_step"


def _trainable(network: Network, weights: Weights) -> Stack:
    """Return a module as after training, whose weights all take a gradient, also those of frozen layers."""
    module = build_module(network).eval()
    load_weights(module, weights)
    for parameter in module.parameters():
        parameter.requires_grad_(True)
    return module


def _vector(tensor: Tensor) -> Doubles:
    """Return the values of the one example as a vector."""
    return _doubles(tensor[0]).reshape(-1)


def _doubles(tensor: Tensor) -> Doubles:
    return tensor.detach().numpy().astype(np.float64)
