"""From a description to PyTorch and back: the only file that names torch's operations for layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import prod
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from convscope.core import layers as described
from convscope.core.batch_statistics import BatchStatistics
from convscope.core.layers import Layer, Shape, Window
from convscope.core.layers.window import pair
from convscope.core.lent_memory import first_values
from convscope.core.network import Network
from convscope.core.unit import SwitchedOff
from convscope.core.weights import Weights, frozen


class Operation(nn.Module):
    """One layer at work: its arrays, under the names of the description, and what it computes.

    Attributes:
        notes: What the last pass in training mode drew and measured, where somebody wants to know; None where nobody
            does. Dropout notes its "mask", the factor of every value; a randomised leaky ReLU its "slopes"; batch
            normalisation "mean", "inverse_deviation" and "count" of the batch.
        averaging: Whether batch normalisation takes a batch into its running averages.
    """

    def __init__(self, layer: Layer, shape: Shape, random: torch.Generator, weights: Weights | None = None) -> None:
        super().__init__()
        self.layer = layer
        for name, sides in layer.parameter_shapes(shape).items():
            first = first_values(f"{layer.name}.{name}", sides, weights)
            self.register_parameter(name, nn.Parameter(first, requires_grad=layer.trainable and weights is None))
        for name, sides in layer.buffer_shapes(shape).items():
            self.register_buffer(name, first_values(f"{layer.name}.{name}", sides, weights))
        self._make: Callable[[Layer], Compute] = lambda layer: _COMPUTING[type(layer)](self, layer, shape, random)
        self._compute = self._make(layer)
        self.notes: dict[str, Tensor] | None = None
        self.averaging = True

    def adopt(self, layer: Layer) -> None:
        """Go on as another layer of the same kind, whose arrays have the same shapes."""
        self.layer, self._compute = layer, self._make(layer)

    def array(self, name: str) -> Tensor | None:
        """Return the parameter or buffer of that name, None where the layer has none."""
        return getattr(self, name, None)

    def forward(self, x: Tensor) -> Tensor:
        """Return the layer's output for a batch: (N, C, H, W) or (N, F) → (N, …)."""
        return self._compute(x)


class Stack(nn.Module):
    """The working layers of a network: all of them, or those before its first problem."""

    def __init__(self, network: Network, random: torch.Generator, weights: Weights | None = None) -> None:
        super().__init__()
        working = [row for row in network.report.rows if row.output_shape is not None]
        self.operations = nn.ModuleList(
            Operation(row.layer, row.input_shape, random, weights) if row.layer.enabled else nn.Identity()
            for row in working
            if row.input_shape is not None
        )
        self.names = tuple(row.layer.name for row in working)
        self.complete = network.report.problem is None

    def forward(self, x: Tensor, switched_off: SwitchedOff = frozenset()) -> Tensor:
        """Return the logits of a batch: (N, C, H, W) → (N, classes); see `outputs`."""
        for output in self.steps(x, switched_off):
            x = output
        return x

    def working(self) -> Iterator[tuple[str, Operation]]:
        """Yield the layers that do something, by name."""
        for name, operation in zip(self.names, self.operations, strict=True):
            if isinstance(operation, Operation):
                yield name, operation

    def follow(self, network: Network) -> None:
        """Take over the settings of a network that this one's `carries_on`."""
        for name, operation in self.working():
            operation.adopt(network.layers[network.index_of(name)])

    def take_notes(self, *, averaging: bool = True) -> None:
        """Let every layer note what it draws and measures in training mode; see `Operation.notes`.

        Args:
            averaging: Whether batches still go into the running averages.
        """
        for _, operation in self.working():
            operation.notes, operation.averaging = {}, averaging

    def outputs(self, x: Tensor, switched_off: SwitchedOff = frozenset()) -> list[Tensor]:
        """Return the output of every working layer for a batch, in their order.

        Args:
            x: # (N, C, H, W)
            switched_off: Maps and units that are zero whatever their layer makes; unknown ones are passed over.
        """
        return list(self.steps(x, switched_off))

    def steps(self, x: Tensor, switched_off: SwitchedOff = frozenset(), *, batch_until: int = -1) -> Iterator[Tensor]:
        """Yield the output of one working layer after the other; see `outputs`.

        Args:
            x: # (N, C, H, W)
            switched_off: Maps and units that are zero.
            batch_until: The last layer that the whole batch goes through, its first image alone behind it; −1 for all.
        """
        for place, (name, operation) in enumerate(zip(self.names, self.operations, strict=True)):
            x = operation(x[:1] if 0 <= batch_until < place else x)
            silent = [channel for layer, channel in switched_off if layer == name and 0 <= channel < x.shape[1]]
            if silent:
                x = x.index_fill(1, torch.tensor(silent, device=x.device), 0.0)  # a copy: x may be the input itself
            yield x


def build_module(network: Network, random: torch.Generator | None = None, *, weights: Weights | None = None) -> Stack:
    """Return the network's working layers as a PyTorch module whose arrays are zero until `load_weights`.

    Args:
        network: What to build.
        random: Draws dropout masks and random slopes in training; by default one seeded with 0.
        weights: Arrays that the module uses where they lie, without a copy. Such a module is for forward passes in
            evaluation mode alone: nothing may change its arrays, and none of them takes a gradient.

    Raises:
        KeyError: An array is missing in `weights`.
    """
    return Stack(network, random or torch.Generator().manual_seed(0), weights)


def evaluating(network: Network, weights: Weights) -> Stack:
    """Return a module for forward passes as after training, which uses `weights` where they lie; see `build_module`.

    Raises:
        ValueError: An array is missing; the text says which and what to do.
    """
    try:
        return build_module(network, weights=weights).eval()
    except KeyError as missing:
        raise ValueError(f"The weights {missing} are missing. Draw or load the network's weights first.") from missing


def load_weights(module: Stack, weights: Weights) -> None:
    """Copy `weights` into the module.

    Raises:
        KeyError: An array is missing.
    """
    with torch.no_grad():
        for key, tensor in _tensors(module).items():
            tensor.copy_(torch.tensor(weights[key]))


def read_weights(module: Stack, others: Weights | None = None) -> Weights:
    """Return a copy of the module's arrays, added to those of `others` that the module does not have.

    What has not changed since `others`, as in a frozen layer, is the same array as there: whoever keeps many moments of
    a run keeps it once.
    """
    former = others or {}
    arrays = {key: _copied(tensor.detach().cpu().numpy(), former.get(key)) for key, tensor in _tensors(module).items()}
    return frozen({**former, **arrays})


def _copied(array: NDArray[np.float32], former: NDArray[np.float32] | None) -> NDArray[np.float32]:
    # .numpy() shares memory with a tensor on the CPU: without the copy the next step would change what is shown.
    return former if former is not None and np.array_equal(array, former) else array.copy()


def read_gradients(module: Stack) -> Weights:
    """Return a copy of the gradients of the last backward pass, by the names of their arrays.

    What got none is missing: frozen layers, running averages, what lies behind a binary step.
    """
    tensors = {key: tensor.grad for key, tensor in _tensors(module).items() if tensor.grad is not None}
    return frozen({key: gradient.cpu().numpy().copy() for key, gradient in tensors.items()})


def read_batch_statistics(module: Stack) -> Mapping[str, BatchStatistics]:
    """Return what each batch normalisation measured in the last pass in training mode, by the name of the layer.

    Nothing where `Stack.take_notes` was not called before, or for layers that are frozen.
    """
    found: dict[str, BatchStatistics] = {}
    for name, operation in module.working():
        layer = operation.layer
        if isinstance(layer, described.BatchNorm) and operation.notes and layer.trainable:
            notes = {key: tensor.detach().cpu().numpy().copy() for key, tensor in operation.notes.items()}
            measured = notes["mean"], notes["inverse_deviation"], layer.eps, int(notes["count"])
            found[name] = BatchStatistics.measured(*measured)
    return MappingProxyType(found)


def _tensors(module: Stack) -> dict[str, Tensor]:
    return {
        f"{name}.{key}": tensor
        for name, operation in zip(module.names, module.operations, strict=True)
        for key, tensor in (*operation.named_parameters(), *operation.named_buffers())
    }


Compute = Callable[[Tensor], Tensor]


def _convolution(op: Operation, layer: described.Conv2d, shape: Shape, _: torch.Generator) -> Compute:
    pad, padding = _padding(layer.window, shape)
    stride, dilation = pair(layer.stride), pair(layer.dilation)
    return lambda x: functional.conv2d(
        pad(x, 0.0), op.get_parameter("weight"), op.array("bias"), stride, padding, dilation
    )


def _max_pool(op: Operation, layer: described.MaxPool, shape: Shape, _: torch.Generator) -> Compute:
    pad, padding = _padding(layer.window, shape)
    kernel, stride = pair(layer.kernel_size), pair(layer.stride)
    return lambda x: functional.max_pool2d(pad(x, -torch.inf), kernel, stride, padding)


def _min_pool(op: Operation, layer: described.MinPool, shape: Shape, random: torch.Generator) -> Compute:
    greatest = _max_pool(op, layer, shape, random)  # pyright: ignore[reportArgumentType] -- the same fields
    return lambda x: -greatest(-x)


def _sum_pool(op: Operation, layer: described.Pool, shape: Shape, _: torch.Generator) -> Compute:
    pad, padding = _padding(layer.window, shape)
    kernel, stride = pair(layer.kernel_size), pair(layer.stride)
    return lambda x: functional.avg_pool2d(pad(x, 0.0), kernel, stride, padding, divisor_override=1)


def _average_pool(op: Operation, layer: described.AveragePool, shape: Shape, random: torch.Generator) -> Compute:
    total = _sum_pool(op, layer, shape, random)
    if layer.window.padded((shape[1], shape[2])) == shape[1:]:
        values = prod(pair(layer.kernel_size))
        return lambda x: total(x) / values
    counts = total(torch.ones(1, 1, *shape[1:]))  # padding does not count, as in Keras
    return lambda x: total(x) / counts.to(x.device)


def _batch_norm(op: Operation, layer: described.BatchNorm, shape: Shape, _: torch.Generator) -> Compute:
    def normalise(x: Tensor) -> Tensor:
        by_batch = op.training and layer.trainable
        averaged = op.averaging or not by_batch
        mean, variance = (op.array(name) if averaged else None for name in ("running_mean", "running_var"))
        scale, shift = op.array("weight"), op.array("bias")
        if not by_batch or op.notes is None:
            return functional.batch_norm(x, mean, variance, scale, shift, by_batch, layer.momentum, layer.eps)
        # the kernel behind `batch_norm`, but with what it measured, and without the refusal of a batch of one
        y, *measured = torch.native_batch_norm(x, scale, shift, mean, variance, True, layer.momentum, layer.eps)
        op.notes.update(mean=measured[0], inverse_deviation=measured[1], count=torch.tensor(x.numel() // x.shape[1]))
        return y

    return normalise


def _dropout(op: Operation, layer: described.Dropout, shape: Shape, random: torch.Generator) -> Compute:
    keep = 1 - layer.rate

    def drop(x: Tensor) -> Tensor:
        if not op.training or (keep == 1 and op.notes is None):
            return x
        sides = (*x.shape[:2], 1, 1) if layer.mode == "maps" and x.ndim == 4 else x.shape
        mask = torch.empty(sides, device=random.device).bernoulli_(keep, generator=random).div_(keep)
        if op.notes is not None:
            op.notes["mask"] = mask
        return x * mask

    return drop


def _activation(op: Operation, layer: described.Activation, shape: Shape, random: torch.Generator) -> Compute:
    def randomised(x: Tensor) -> Tensor:
        if not op.training:
            return functional.leaky_relu(x, (layer.lower + layer.upper) / 2)
        slopes = torch.empty(x.shape, device=random.device).uniform_(layer.lower, layer.upper, generator=random)
        if op.notes is not None:
            op.notes["slopes"] = slopes
        return torch.where(x < 0, x * slopes, x)

    functions: dict[str, Compute] = {
        "identity": lambda x: x,
        "binary_step": lambda x: (x >= 0).to(x.dtype),
        "logistic": torch.sigmoid,
        "tanh": torch.tanh,
        "arctan": torch.atan,
        "relu": functional.relu,  # never in place: the trace keeps what went in
        "leaky_relu": lambda x: functional.leaky_relu(x, layer.slope),
        "prelu": lambda x: functional.prelu(x, op.get_parameter("weight")),
        "rrelu": randomised,
        "elu": lambda x: functional.elu(x, layer.alpha),
        "softplus": functional.softplus,
        "gelu": functional.gelu,
    }
    return functions[layer.function]


def _global_average_pool(op: Operation, layer: Layer, shape: Shape, _: torch.Generator) -> Compute:
    return lambda x: x.mean((2, 3))


def _flatten(op: Operation, layer: Layer, shape: Shape, _: torch.Generator) -> Compute:
    return lambda x: x.flatten(1)


def _reshape(op: Operation, layer: described.Reshape, shape: Shape, _: torch.Generator) -> Compute:
    return lambda x: x.reshape(len(x), *layer.target)


def _dense(op: Operation, layer: described.Dense, shape: Shape, _: torch.Generator) -> Compute:
    return lambda x: functional.linear(x, op.get_parameter("weight"), op.array("bias"))


def _padding(window: Window, shape: Shape) -> tuple[Callable[[Tensor, float], Tensor], tuple[int, int]]:
    """Return what to do with a batch first, and the padding that torch's own operation can then do itself."""
    (top, bottom), (left, right) = window.pads((shape[1], shape[2]))
    kernel_height, kernel_width = pair(window.kernel_size)
    torchs_own = top == bottom and left == right and 2 * top <= kernel_height and 2 * left <= kernel_width
    if torchs_own:
        return (lambda x, _: x), (top, left)
    return (lambda x, fill: functional.pad(x, (left, right, top, bottom), value=fill)), (0, 0)


_COMPUTING: Mapping[type[Layer], Callable[..., Compute]] = {
    described.Conv2d: _convolution,
    described.MaxPool: _max_pool,
    described.AveragePool: _average_pool,
    described.MinPool: _min_pool,
    described.SumPool: _sum_pool,
    described.GlobalAveragePool: _global_average_pool,
    described.BatchNorm: _batch_norm,
    described.Dropout: _dropout,
    described.Activation: _activation,
    described.Flatten: _flatten,
    described.Reshape: _reshape,
    described.Dense: _dense,
}
