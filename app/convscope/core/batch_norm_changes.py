"""Changes to a network that show what batch normalisation does: put in, taken out, and the bias before it."""

from __future__ import annotations

from dataclasses import dataclass

from convscope.core.batch_norm import switched_off
from convscope.core.layers import BatchNorm, Conv2d, Dense
from convscope.core.network import Network
from convscope.core.weights import Weights, carried_over, frozen


@dataclass(frozen=True)
class Insertion:
    """Where a first batch normalisation fits.

    Attributes:
        network: With it.
        index: Where it stands in it.
        behind: The name of the layer before it.
    """

    network: Network
    index: int
    behind: str


def batch_norms(network: Network) -> list[int]:
    """Return the positions of the batch-norm layers that work: switched on, and before any problem."""
    rows = network.report.rows
    return [
        index
        for index, row in enumerate(rows)
        if isinstance(row.layer, BatchNorm) and row.layer.enabled and row.output_shape is not None
    ]


def nearest_batch_norm(network: Network, layer: int) -> int | None:
    """Return the position of the batch norm closest to a layer, of two the later one; None where none works."""
    return min(batch_norms(network), key=lambda index: (abs(index - layer), -index), default=None)


def with_batch_norm(network: Network) -> Insertion | None:
    """Return the network with a batch norm behind its first convolution, else behind its first hidden dense layer.

    None where there is neither.
    """
    layers = [(index, layer) for index, layer in enumerate(network.layers) if layer.enabled]
    convolutions = [index for index, layer in layers if isinstance(layer, Conv2d)]
    hidden = [index for index, layer in layers[:-1] if isinstance(layer, Dense)]
    for index in (*convolutions, *hidden):
        return Insertion(network.inserted(index + 1, BatchNorm()), index + 1, network.layers[index].name)
    return None


def layer_before(network: Network, index: int) -> int | None:
    """Return the convolution or dense layer whose output a batch norm gets as it is; None where it gets another's."""
    before = next((i for i in range(index - 1, -1, -1) if network.layers[i].enabled), None)
    return before if before is not None and isinstance(network.layers[before], Conv2d | Dense) else None


def has_bias(network: Network, index: int) -> bool:
    """Say whether a convolution or dense layer adds a bias."""
    layer = network.layers[index]
    return isinstance(layer, Conv2d | Dense) and layer.bias


def without_bias(network: Network, weights: Weights, index: int) -> tuple[Network, Weights]:
    """Take away the bias before a batch norm, so that what comes out of it stays the same.

    In training the batch's mean contains the bias, so subtracting it takes the bias away as well. The running mean
    contains it, too: it gets smaller by as much.

    Args:
        network: With a bias before the batch norm; see `layer_before`.
        weights: Its arrays.
        index: Position of the batch norm.
    """
    return _rebiased(network, weights, index, bias=False)


def with_bias(network: Network, weights: Weights, index: int, seed: int = 0) -> tuple[Network, Weights]:
    """Give the layer before a batch norm a bias, so that what comes out stays the same; undoes `without_bias`.

    Args:
        network: Without a bias before the batch norm.
        weights: Its arrays.
        index: Position of the batch norm.
        seed: Draws the biases.
    """
    return _rebiased(network, weights, index, bias=True, seed=seed)


def without_batch_norm(network: Network, config_seed: int, initialisation: str) -> tuple[Network, Weights]:
    """Return the network with batch norm switched off and new weights, the same as the seed gives it with batch norm.

    The layers before get a bias where they have none, for the shift β is gone.

    Args:
        network: With batch norm.
        config_seed: Draws the weights.
        initialisation: How they are drawn.
    """
    changed = switched_off(network)
    for index in batch_norms(network):
        before = layer_before(network, index)
        if before is not None:
            changed = changed.replaced(before, changed.layers[before].changed(bias=True))
    return changed, carried_over({}, changed, config_seed, initialisation).weights


def _rebiased(network: Network, weights: Weights, index: int, *, bias: bool, seed: int = 0) -> tuple[Network, Weights]:
    before = layer_before(network, index)
    assert before is not None
    layer, key = network.layers[before], f"{network.layers[index].name}.running_mean"
    changed = network.replaced(before, layer.changed(bias=bias))
    name = f"{layer.name}.bias"
    if bias:
        arrays = dict(carried_over(weights, changed, seed).weights)
        arrays[key] = weights[key] + arrays[name]
    else:
        arrays = {other: array for other, array in weights.items() if other != name}
        arrays[key] = weights[key] - weights[name]
    return changed, frozen(arrays)
