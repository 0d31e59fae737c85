"""Values made of one value each: batch normalisation, activation, dropout, and layers that only hand on."""

from __future__ import annotations

import math

import numpy as np

from convscope.core.arithmetic.breakdowns import (
    ActivationBreakdown,
    BatchNormBreakdown,
    CopyBreakdown,
    Doubles,
    DropoutBreakdown,
)
from convscope.core.arithmetic.case import Case
from convscope.core.arithmetic.functions import FUNCTIONS, parameter_of
from convscope.core.arithmetic.rounding import rounding_bound
from convscope.core.layers import Activation, BatchNorm, Dropout
from convscope.core.unit import Unit

_LEAST_REACH = 4.0  # of the curve on either side of 0
_POINTS = 129  # odd: one of them is 0


def explain_batch_norm(case: Case) -> BatchNormBreakdown:
    """Return the value by the batch in training, by the running averages after it."""
    layer, channel, batch = case.layer, case.unit.index[0], case.statistics
    assert isinstance(layer, BatchNorm)
    if batch is None:
        mean, variance = (float(case.needed(name)[channel]) for name in ("running_mean", "running_var"))
    else:
        mean, variance = float(batch.mean[channel]), float(batch.variance[channel])
    scale, shift = case.one("weight", channel), case.one("bias", channel)
    factor = (1.0 if scale is None else scale) / math.sqrt(variance + layer.eps)
    # torch computes x·factor + (shift − mean·factor): where x is near the mean, the two cancel. The factor costs five
    # roundings (eps, sum, root, division, scale), and each of the two products and sums one more.
    magnitude = abs(case.at * factor) + abs(mean * factor) + abs(shift or 0.0)
    return BatchNormBreakdown(
        unit=case.unit,
        computed=case.computed,
        value=(case.at - mean) * factor + (shift or 0.0),
        bound=rounding_bound(8, magnitude),
        x=case.at,
        count=None if batch is None else batch.count,
        mean=mean,
        variance=variance,
        eps=layer.eps,
        scale=1.0 if scale is None else scale,
        shift=shift or 0.0,
        has_scale=scale is not None,
    )


def explain_activation(case: Case) -> ActivationBreakdown:
    """Return f(x), f′(x) and the curve around them."""
    layer, x = case.layer, case.at
    assert isinstance(layer, Activation)
    function, drawn = FUNCTIONS[layer.function], case.drawn(case.slopes)
    parameter = parameter_of(layer, case.one("weight", 0)) if drawn is None else drawn
    a = 0.0 if parameter is None else parameter
    curve_x = _curve_places(x, layer.function)
    value = float(function.of(np.array([x]), a)[0])
    return ActivationBreakdown(
        unit=case.unit,
        computed=case.computed,
        value=value,
        bound=function.bound(x, a, value),
        function=layer.function,
        x=x,
        parameter=parameter,
        slope=function.slope(x, a) if drawn is None or x else 1.0,  # of what is drawn torch takes the upper one at 0
        is_drawn=drawn is not None,
        curve_x=curve_x,
        curve_y=function.of(curve_x, a),
    )


def explain_dropout(case: Case) -> DropoutBreakdown:
    """Return the value that was kept or dropped in a step of training, and passes unchanged after it."""
    layer, factor = case.layer, case.drawn(case.mask)
    assert isinstance(layer, Dropout)
    kept = None if factor is None else factor != 0
    value = case.at / (1 - layer.rate) if kept else case.at * (1.0 if kept is None else 0.0)
    return DropoutBreakdown(
        unit=case.unit,
        computed=case.computed,
        value=value,
        bound=rounding_bound(3, abs(value)) if kept else 0.0,  # the share that stays, the factor and the product
        x=case.at,
        rate=layer.rate,
        mode=layer.mode,
        kept=kept,
    )


def explain_copy(case: Case, reason: str) -> CopyBreakdown:
    """Return the value of the layer before that has the same place in the order channel, row, column."""
    shape = case.network.shape_at(case.unit.layer)
    assert shape is not None
    place = np.ravel_multi_index(case.unit.index, shape)
    index = tuple(int(side) for side in np.unravel_index(int(place), case.x.shape))
    return CopyBreakdown(
        unit=case.unit,
        computed=case.computed,
        value=float(case.x[index]),
        bound=0.0,
        origin=Unit(case.unit.layer - 1, index),
        reason=reason,
    )


def _curve_places(x: float, function: str) -> Doubles:
    reach = max(_LEAST_REACH, 1.25 * abs(x)) if math.isfinite(x) else _LEAST_REACH
    places = np.linspace(-reach, reach, _POINTS)
    if function == "binary_step":  # a second point beside 0 makes the jump upright
        places = np.insert(places, _POINTS // 2, -np.finfo(np.float32).tiny)
    return places
