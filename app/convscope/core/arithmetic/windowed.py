"""Values that a sliding window made: convolution and pooling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from convscope.core.arithmetic.breakdowns import ConvolutionBreakdown, Doubles, Flags, PoolingBreakdown, Whole
from convscope.core.arithmetic.case import Array, Case
from convscope.core.arithmetic.rounding import rounding_bound
from convscope.core.layers import Conv2d, Pool, Window

_FUNCTIONS = {"max_pool": "max", "min_pool": "min", "average_pool": "average", "sum_pool": "sum"}


def explain_convolution(case: Case) -> ConvolutionBreakdown:
    """Return patch times kernel for every input channel, their sums, and the bias."""
    layer = case.layer
    assert isinstance(layer, Conv2d)
    below = _Below.of(layer.window, case)
    patches = below.read(case.x, 0.0)
    kernels = case.needed("weight")[case.unit.index[0]].astype(np.float64)
    bias = case.one("bias", case.unit.index[0])
    products = patches * kernels
    channel_sums = products.sum((1, 2))
    return ConvolutionBreakdown(
        unit=case.unit,
        computed=case.computed,
        value=float(channel_sums.sum()) + (bias or 0.0),
        bound=rounding_bound(products.size + 1, float(np.abs(products).sum()) + abs(bias or 0.0)),
        rows=below.rows,
        columns=below.columns,
        inside=below.inside,
        map_shape=below.map_shape,
        patches=patches,
        kernels=kernels,
        products=products,
        channel_sums=channel_sums,
        bias=bias,
    )


def explain_pooling(case: Case) -> PoolingBreakdown:
    """Return the window and its greatest, least, mean or summed value; padding never counts."""
    layer = case.layer
    assert isinstance(layer, Pool)
    below = _Below.of(layer.window, case)
    patch = below.read(case.x[case.unit.index[0]], np.nan)
    function, count = _FUNCTIONS[layer.kind], int(below.inside.sum())
    winner = _winner(function, patch, below.inside)
    total = float(patch[below.inside].sum()) if winner is None else float(patch[winner])
    divisor = count if function == "average" else 1
    magnitude = float(np.abs(patch[below.inside]).sum())
    return PoolingBreakdown(
        unit=case.unit,
        computed=case.computed,
        value=total / divisor,
        bound=rounding_bound(patch.size, magnitude) / divisor if winner is None else 0.0,
        rows=below.rows,
        columns=below.columns,
        inside=below.inside,
        map_shape=below.map_shape,
        function=function,
        patch=patch,
        winner=winner,
        total=total,
        count=count,
    )


@dataclass(frozen=True, eq=False)
class _Below:
    """What lies below a window at one place: see `WindowedBreakdown`."""

    rows: Whole
    columns: Whole
    inside: Flags
    map_shape: tuple[int, int]

    @classmethod
    def of(cls, window: Window, case: Case) -> _Below:
        height, width = case.x.shape[1:]
        places = zip(case.unit.index[1:], window.along((height, width)), strict=True)
        rows, columns = (along.at(place) for place, along in places)  # so few that arrays would take longer
        inside = [[0 <= row < height and 0 <= column < width for column in columns] for row in rows]
        return cls(np.array(rows), np.array(columns), np.array(inside), (height, width))

    def read(self, maps: Array, outside: float) -> Doubles:
        """Return what lies below the window, `outside` in the padding: (…, H, W) → (…, kh, kw)."""
        if self.inside.all():
            return maps[..., self.rows[:, None], self.columns].astype(np.float64)
        lasts = (side - 1 for side in self.map_shape)
        rows, columns = (
            np.minimum(np.maximum(places, 0), last)  # a third of what clip takes of a small array
            for places, last in zip((self.rows, self.columns), lasts, strict=True)
        )
        found = maps[..., rows[:, None], columns].astype(np.float64)
        found[..., ~self.inside] = outside
        return found


def _winner(function: str, patch: Doubles, inside: Flags) -> tuple[int, int] | None:
    """Return where the greatest or least value lies, the first of equal ones as in torch; None for mean and sum."""
    if function not in ("max", "min"):
        return None
    values = patch[inside]
    first = int(np.argmax(values) if function == "max" else np.argmin(values))
    row, column = np.argwhere(inside)[first]
    return int(row), int(column)
