"""Values made of all values of a vector or a map: dense layers, the global mean and softmax."""

from __future__ import annotations

from math import prod

import numpy as np

from convscope.core.arithmetic.breakdowns import DenseBreakdown, GlobalAverageBreakdown, SoftmaxBreakdown
from convscope.core.arithmetic.case import Case
from convscope.core.arithmetic.rounding import LIBRARY, rounding_bound
from convscope.core.network import Network

_KEEP_PLACES = ("flatten", "activation", "dropout", "batch_norm")  # leave every value where it was


def explain_dense(case: Case) -> DenseBreakdown:
    """Return every input times its weight, and the bias."""
    unit = case.unit.index[0]
    inputs = case.x.astype(np.float64)
    weights = case.needed("weight")[unit].astype(np.float64)
    bias = case.one("bias", unit)
    products = inputs * weights
    maps = flattened_maps(case.network, case.unit.layer)
    return DenseBreakdown(
        unit=case.unit,
        computed=case.computed,
        value=float(products.sum()) + (bias or 0.0),
        bound=rounding_bound(products.size + 1, float(np.abs(products).sum()) + abs(bias or 0.0)),
        inputs=inputs,
        weights=weights,
        products=products,
        bias=bias,
        maps_shape=maps if maps is not None and prod(maps) == products.size else None,
    )


def explain_global_average(case: Case) -> GlobalAverageBreakdown:
    """Return a whole map and its mean."""
    values = case.x[case.unit.index[0]].astype(np.float64)
    total = float(values.sum())
    return GlobalAverageBreakdown(
        unit=case.unit,
        computed=case.computed,
        value=total / values.size,
        bound=rounding_bound(values.size, float(np.abs(values).sum())) / values.size,
        values=values,
        total=total,
    )


def explain_softmax(case: Case) -> SoftmaxBreakdown:
    """Return the powers of e that a probability is the share of; `case.x` are the logits."""
    logits = case.x.astype(np.float64)
    greatest = float(logits.max())
    below = logits - greatest
    exponentials = np.exp(below)
    total = float(exponentials.sum())
    shares = exponentials / total
    value = float(shares[case.unit.index])
    # The difference to the greatest logit is rounded, and e to it is then off by as many roundings as the difference is
    # great: this power and, by their shares, those of the sum.
    differences = np.where(shares > 0, np.abs(below), 0.0)
    spread = float(differences[case.unit.index] + (differences * shares).sum())
    roundings = 2 * LIBRARY + logits.size + 1
    return SoftmaxBreakdown(
        unit=case.unit,
        computed=case.computed,
        value=value,
        bound=rounding_bound(roundings, value) + rounding_bound(1, spread * value),
        logits=logits,
        greatest=greatest,
        exponentials=exponentials,
        total=total,
    )


def flattened_maps(network: Network, layer: int) -> tuple[int, int, int] | None:
    """Return the (C, H, W) that the inputs of a dense layer were before they were flattened, or None."""
    for row in reversed(network.report.rows[:layer]):
        if row.layer.enabled and row.layer.kind not in _KEEP_PLACES:
            break
        if row.input_shape is not None and len(row.input_shape) == 3:
            return row.input_shape[0], row.input_shape[1], row.input_shape[2]
    return None
