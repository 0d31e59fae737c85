"""What the kernels panel shows of a layer."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from convscope.core.arithmetic.joined import flattened_maps
from convscope.core.layers import Layer
from convscope.ui.widgets.kernel_values import KernelValues

if TYPE_CHECKING:
    from convscope.ui.session import Session

# Arrays with one number for each channel, in the order of their rows, as lectures name them.
_ROWS = {"weight": "γ", "bias": "β", "running_mean": "mean", "running_var": "variance"}

Array = NDArray[np.float32]


def kernel_values(session: Session, index: int, *, gradients: bool, own_scales: bool) -> KernelValues | None:
    """Return the kernels of a convolution, or one row for each array of another layer; None while it has none."""
    layer = session.network.layers[index]
    if layer.kind != "conv2d":
        return _rows(session, layer)
    key = f"{layer.name}.weight"
    weights, beside = session.shown_weights.get(key), session.shown_gradients.get(key) if gradients else None
    if weights is None:
        return None
    if beside is not None and beside.shape != weights.shape:
        beside = None
    return KernelValues(weights, beside, session.shown_weights.get(f"{layer.name}.bias"), own_scales)


def _rows(session: Session, layer: Layer) -> KernelValues | None:
    names = _ROWS if layer.kind == "batch_norm" else {"weight": "slope"}
    arrays = {name: session.shown_weights.get(f"{layer.name}.{key}") for key, name in names.items()}
    there = {name: array for name, array in arrays.items() if array is not None}
    if not there:
        return None
    table = np.stack([array.reshape(-1) for array in there.values()])[:, :, None, None]  # (rows, channels, 1, 1)
    return KernelValues(table, own_scales=True, row_names=tuple(there))


def dense_weights(session: Session, index: int, *, gradients: bool = False) -> Array | None:
    """Return a dense layer's weights, or their gradients, in the places of what the weights are multiplied with.

    None while it has none; gradients are there while a run goes on.
    """
    network = session.network
    arrays = session.shown_gradients if gradients else session.shown_weights
    weights = arrays.get(f"{network.layers[index].name}.weight")
    if weights is None:
        return None
    maps = flattened_maps(network, index)
    return weights if maps is None or prod(maps) != weights.shape[1] else weights.reshape(-1, *maps)
