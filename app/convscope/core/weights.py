"""The arrays a network keeps: drawn, carried from one network to the next, and checked."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Any, Self, cast
from weakref import ref
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from convscope.core.data.progress import Progress, finished
from convscope.core.initialisation import PYTORCH, filling
from convscope.core.layers import Layer, MisfitError, Shape
from convscope.core.network import Network
from convscope.core.report import BYTES, MOST_BYTES

Array = NDArray[np.float32]
Weights = Mapping[str, Array]  # "conv_1.weight" → read-only float32
NO_WEIGHTS: Weights = MappingProxyType({})
DRAWN_AT_ONCE = 64 * 2**20  # bytes, drawn in a quarter of a second; more is drawn when the user asks for it


class WeightsError(ValueError):
    """Arrays that do not belong to a network; the text says which and why."""


@dataclass(frozen=True)
class Carried:
    """Weights for a changed network.

    Attributes:
        weights: Kept where a layer's shapes are as before, drawn anew elsewhere unless that is too much.
        drawn: Names of the layers that had weights of other shapes and lost them.
    """

    weights: Weights
    drawn: tuple[str, ...]


class WeightsMark:
    """Knows weights again, but does not keep them in memory."""

    def __init__(self, weights: Weights = NO_WEIGHTS) -> None:
        """Remember which arrays these are."""
        self._arrays: dict[str, Callable[[], NDArray[Any] | None]]
        self._arrays = {key: ref(array) for key, array in weights.items()}

    @classmethod
    def lost(cls) -> Self:
        """Mark weights that are nowhere any more."""
        mark = cls()
        mark._arrays = {"": lambda: None}
        return mark

    def is_on(self, weights: Weights) -> bool:
        """Say whether these hold the arrays that were marked, with or without others; nobody changes one in place."""
        marked = ((key, array()) for key, array in self._arrays.items())
        return all(array is not None and array is weights.get(key) for key, array in marked)


def array_shapes(network: Network) -> dict[str, dict[str, Shape]]:
    """Return what each layer keeps, by its name: {"conv_1": {"weight": (12, 1, 3, 3), …}, …}.

    Layers behind a problem are missing: nobody knows yet what reaches them. A switched-off layer is there as far
    as it could work.
    """
    shapes: dict[str, dict[str, Shape]] = {}
    for row in network.report.rows:
        if row.input_shape is None or (row.output_shape is None):
            continue
        kept = _kept_shapes(row.layer, row.input_shape)
        if kept:
            shapes[row.layer.name] = kept
    return shapes


def initial_weights(network: Network, seed: int, initialisation: str = PYTORCH) -> Weights:
    """Draw the weights of a network.

    By default as PyTorch does: weights and biases of convolutions and dense layers are uniform between ±1/√fan_in
    (`kaiming_uniform_` with a = √5, He et al. 2015). Always γ and running variance are 1, β and running mean 0.

    Args:
        network: Layers behind a problem get no weights.
        seed: With the layer's name it decides the numbers, so that adding a layer changes no other.
        initialisation: How convolutions and dense layers begin; see `initialisation.filling`.
    """
    drawn: dict[str, Array] = {}
    for name, shapes in array_shapes(network).items():
        drawn.update(finished(_drawing(network.layers[network.index_of(name)], shapes, seed, initialisation)))
    return frozen(drawn)


def carried_over(weights: Weights, network: Network, seed: int, initialisation: str = PYTORCH) -> Carried:
    """Return weights for `network`: kept for layers of the same name and shapes, drawn for the others.

    Weights of layers that a problem keeps from working are kept too, for the time when it is mended. Where more than
    `DRAWN_AT_ONCE` bytes would have to be drawn, nothing is, and the weights of those layers are missing.
    """
    carried: dict[str, Array] = {}
    incomplete: list[Layer] = []
    lost: list[str] = []
    shapes = array_shapes(network)
    olds: dict[str, dict[str, Array]] = {}
    for key, array in weights.items():
        olds.setdefault(key.partition(".")[0], {})[key] = array
    for layer in network.layers:
        old = olds.get(layer.name, {})
        wanted = {f"{layer.name}.{key}": shape for key, shape in shapes.get(layer.name, {}).items()}
        if any(old[key].shape != shape for key, shape in wanted.items() if key in old):
            lost.append(layer.name)
            incomplete.append(layer)
            continue
        carried.update({key: old[key] for key in wanted or old if key in old})
        if not wanted.keys() <= old.keys():  # a bias switched on, say: what has been learned stays
            incomplete.append(layer)
    if missing_bytes(network, carried) <= DRAWN_AT_ONCE:
        for layer in incomplete:
            carried.update(finished(_drawing(layer, shapes[layer.name], seed, initialisation, carried)))
    return Carried(frozen(carried), tuple(lost))


def is_as_drawn(
    network: Network, weights: Mapping[str, Array], seed: int, initialisation: str = PYTORCH, *, most: int = 2**20
) -> bool:
    """Say whether weights are those that `initial_weights` draws; missing ones would be.

    Layers are compared from the smallest on until `most` bytes were drawn, so that it takes milliseconds: training
    changes all of them.
    """
    left = most
    sized = array_shapes(network).items()
    for name, shapes in sorted(sized, key=lambda item: sum(map(prod, item[1].values()))):
        drawn = finished(_drawing(network.layers[network.index_of(name)], shapes, seed, initialisation))
        if any(not np.array_equal(array, weights.get(key, array)) for key, array in drawn.items()):
            return False
        left -= sum(array.nbytes for array in drawn.values())
        if left < 0:
            break
    return True


def same_arrays(one: Weights, other: Weights) -> bool:
    """Say whether both hold the same arrays; nobody changes one in place."""
    return one is other or (len(one) == len(other) and all(array is other.get(key) for key, array in one.items()))


def missing_bytes(network: Network, weights: Mapping[str, Array]) -> int:
    """Return how many bytes of the network's weights `weights` do not hold."""
    return BYTES * sum(
        prod(sides)
        for name, kept in array_shapes(network).items()
        for key, sides in kept.items()
        if f"{name}.{key}" not in weights
    )


def drawing_missing(
    network: Network, weights: Weights, seed: int, initialisation: str = PYTORCH, *, more: int = 0
) -> Generator[Progress, None, Weights]:
    """Draw what `weights` lack, with the numbers of `initial_weights`; return them with what was there.

    Args:
        network: Layers behind a problem get no weights.
        weights: What is there already; never changed.
        seed: Decides the numbers together with a layer's name.
        initialisation: How convolutions and dense layers begin.
        more: What the caller has to do besides, as long as drawing so many bytes takes.

    Yields:
        How many bytes were drawn, after each megabyte at most.
    """
    done = 0
    total = missing_bytes(network, weights) + more
    complete: dict[str, Array] = {}
    for name, shapes in array_shapes(network).items():
        drawing = _drawing(network.layers[network.index_of(name)], shapes, seed, initialisation, weights)
        while True:
            try:
                done += next(drawing)
            except StopIteration as end:
                complete.update(end.value)
                break
            yield Progress(f"Drawing the weights of {name}", done, total)
    return frozen({**complete, **weights})


def check_weights(network: Network, weights: Mapping[str, NDArray[np.generic]]) -> None:
    """Make sure that the arrays are those the network's layers need.

    Of a network whose weights take long to draw they may be missing, all or some; see `carried_over`.

    Raises:
        WeightsError: A name, shape or type is wrong, one is missing, or a value is not finite or impossible.
    """
    names = {layer.name for layer in network.layers}
    for key, array in weights.items():
        if key.partition(".")[0] not in names:
            raise WeightsError(f"The weights {key!r} belong to no layer of the network.")
        if array.dtype != np.float32:
            raise WeightsError(f"The weights {key!r} are {array.dtype}, not float32.")
        if not np.isfinite(array).all():
            raise WeightsError(f"The weights {key!r} hold values that are not finite.")
        if key.endswith(".running_var") and np.signbit(array).any():  # batch norm takes the square root
            raise WeightsError(f"The weights {key!r} hold negative values, and no variance is negative.")
    working = {row.layer.name for row in network.report.rows if row.layer.enabled}
    may_miss = missing_bytes(network, cast("Mapping[str, Array]", weights)) > DRAWN_AT_ONCE
    for key, shape in ((f"{n}.{k}", s) for n, kept in array_shapes(network).items() for k, s in kept.items()):
        if key not in weights:
            if not may_miss and key.partition(".")[0] in working:
                raise WeightsError(f"The weights {key!r} are missing.")
        elif weights[key].shape != shape:
            raise WeightsError(f"The weights {key!r} are {_sides(weights[key].shape)}, not {_sides(shape)}.")
    for key in _surplus(network, weights):
        raise WeightsError(f"The weights {key!r} are more than its layer has.")


def frozen(arrays: Mapping[str, Array]) -> Weights:
    """Return the arrays as a mapping that nobody can change; the arrays themselves become read-only."""
    for array in arrays.values():
        array.flags.writeable = False
    return MappingProxyType(dict(arrays))


def _kept_shapes(layer: Layer, shape: Shape) -> dict[str, Shape]:
    try:
        layer.output_shape(shape)
    except MisfitError:  # it is switched off
        return {}
    shapes = layer.parameter_shapes(shape) | layer.buffer_shapes(shape)
    # Of a layer that is switched off nobody has checked that it is not too large.
    return shapes if BYTES * sum(prod(sides) for sides in shapes.values()) <= MOST_BYTES else {}


def _drawing(
    layer: Layer,
    shapes: Mapping[str, Shape],
    seed: int,
    initialisation: str,
    present: Mapping[str, Array] = NO_WEIGHTS,
) -> Generator[int, None, dict[str, Array]]:
    """Draw the arrays of a layer but those `present`; yields the bytes of each part that is done."""
    bits = np.random.PCG64([seed, crc32(layer.name.encode())])
    random = np.random.Generator(bits)
    drawn: dict[str, Array] = {}
    for key, shape in shapes.items():
        if f"{layer.name}.{key}" in present:
            bits.advance(prod(shape))  # so that the others are what they would be in a new layer
            continue
        array = drawn[f"{layer.name}.{key}"] = np.empty(shape, np.float32)
        if layer.kind == "batch_norm":
            array[...] = float(key in ("weight", "running_var"))
        elif layer.kind == "activation":
            array[...] = getattr(layer, "slope")  # noqa: B009 -- only PReLU keeps an array
        else:
            yield from filling(array, key, shapes["weight"], initialisation, random)
    return drawn


def _surplus(network: Network, weights: Mapping[str, object]) -> Iterator[str]:
    shapes = array_shapes(network)
    for key in weights:
        name, _, kept = key.partition(".")
        if name in shapes and kept not in shapes[name]:
            yield key


def _sides(shape: Shape) -> str:
    return "×".join(str(side) for side in shape) or "one number"
