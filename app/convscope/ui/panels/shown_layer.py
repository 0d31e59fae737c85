"""Which layer a panel shows when another one is selected."""

from __future__ import annotations

from collections.abc import Sequence

from convscope.core.layers import Layer
from convscope.core.network import Network

_KERNELS = ("conv2d", "dense")


def has_numbers(layer: Layer) -> bool:
    """Say whether a layer keeps arrays."""
    return layer.kind in (*_KERNELS, "batch_norm") or getattr(layer, "function", "") == "prelu"


def shown_layer(network: Network, selected: int) -> int | None:
    """Return the selected layer if it keeps arrays, else the nearest one with kernels; None where there is none.

    So the kernels that made what a ReLU or a pooling layer works on stay in view when that is selected.
    """
    if selected >= 0 and has_numbers(network.layers[selected]):
        return selected
    return nearest([i for i, layer in enumerate(network.layers) if layer.kind in _KERNELS], selected)


def nearest(indices: Sequence[int], selected: int) -> int | None:
    """Return the last of the sorted `indices` up to `selected`, else the first; None where there is none."""
    return max((i for i in indices if i <= selected), default=indices[0] if indices else None)
