"""Taking any value of a traced image apart, by the kind of the layer that made it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from convscope.core.arithmetic.breakdowns import Breakdown, PixelBreakdown, SwitchedOffBreakdown
from convscope.core.arithmetic.case import Array, Case
from convscope.core.arithmetic.joined import explain_dense, explain_global_average, explain_softmax
from convscope.core.arithmetic.pointwise import explain_activation, explain_batch_norm, explain_copy, explain_dropout
from convscope.core.arithmetic.windowed import explain_convolution, explain_pooling
from convscope.core.network import Network
from convscope.core.unit import INPUT, Unit
from convscope.core.weights import Weights

if TYPE_CHECKING:  # it loads torch, for which the window does not wait
    from convscope.core.trace import Trace


def explain(network: Network, weights: Weights, trace: Trace, unit: Unit) -> Breakdown:
    """Return how a value came about: what the layer read, what it did to it, and what comes out.

    The steps start from what reached the layer, as torch computed it in single precision, and are worked out in double
    precision. So `Breakdown.residual` is the rounding of this one layer and nothing else.

    In training mode the steps are those of the traced step of training: by its masks, slopes and batch.

    Args:
        network: The traced one.
        weights: `trace.weights`; with others the residual is more than rounding.
        trace: One image on its way through the network.
        unit: Which value of it.

    Raises:
        ValueError: The trace has no such value or is one of another network, or an array is missing from the weights.
    """
    values = _values(network, trace, unit)
    computed = float(values[unit.index])
    if unit.layer == INPUT:
        return PixelBreakdown(unit=unit, computed=computed, value=computed, bound=0.0)
    x = trace.logits if unit.layer == len(network.layers) else trace.values(unit.layer - 1)
    assert x is not None
    with np.errstate(invalid="ignore"):  # 0 times or less infinity, where values have grown beyond all numbers
        name = network.layers[unit.layer].name if unit.layer < len(network.layers) else ""
        of_this_step = trace.masks.get(name), trace.slopes.get(name), trace.batch_statistics.get(name)
        found = _explained(Case(network, weights, unit, computed, x, *of_this_step))
    return _silenced(found) if _is_silent(network, trace, unit) else found


def _explained(case: Case) -> Breakdown:
    if case.unit.layer == len(case.network.layers):
        return explain_softmax(case) if case.network.classifies else explain_copy(case, "prediction")
    if not case.layer.enabled:
        return explain_copy(case, "switched off")
    return _EXPLAINING[case.layer.kind](case)


def _is_silent(network: Network, trace: Trace, unit: Unit) -> bool:
    """Say whether a value belongs to a map or a unit that was held at zero."""
    return unit.layer < len(network.layers) and (network.layers[unit.layer].name, unit.index[0]) in trace.switched_off


def _silenced(found: Breakdown) -> SwitchedOffBreakdown:
    return SwitchedOffBreakdown(unit=found.unit, computed=found.computed, value=0.0, bound=0.0, otherwise=found.value)


def _values(network: Network, trace: Trace, unit: Unit) -> Array:
    """Return the output that holds a value, or raise the `ValueError` that says why there is none."""
    if trace.network is not network and trace.network != network:
        raise ValueError("The trace is one of another network; trace the image again.")
    values = trace.values(unit.layer) if INPUT <= unit.layer <= len(network.layers) else None
    if values is None or not unit.fits(values.shape):
        raise ValueError(f"The trace has no value {unit.index} in layer {unit.layer}.")
    return values


_EXPLAINING: Mapping[str, Callable[[Case], Breakdown]] = {
    "conv2d": explain_convolution,
    "max_pool": explain_pooling,
    "average_pool": explain_pooling,
    "min_pool": explain_pooling,
    "sum_pool": explain_pooling,
    "global_average_pool": explain_global_average,
    "batch_norm": explain_batch_norm,
    "dropout": explain_dropout,
    "activation": explain_activation,
    "flatten": lambda case: explain_copy(case, "flatten"),
    "reshape": lambda case: explain_copy(case, "reshape"),
    "dense": explain_dense,
}
