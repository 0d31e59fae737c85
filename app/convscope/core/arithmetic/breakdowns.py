"""What a value is made of, one kind of breakdown for each kind of layer, in double precision.

Every breakdown holds the value that torch computed, the value that its own steps come to, and how far rounding to
single precision may take the two apart. What torch computes is the truth; the steps are how to follow it by hand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from convscope.core.layers import Shape
from convscope.core.unit import Unit

Doubles = NDArray[np.float64]
Whole = NDArray[np.int_]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class Breakdown:
    """One value and how it was made.

    Attributes:
        unit: Which value.
        computed: What torch computed, in single precision.
        value: What the steps come to.
        bound: How far rounding alone can take the two apart; infinite where single precision may overflow on the way.
    """

    unit: Unit
    computed: float
    value: float
    bound: float

    @property
    def residual(self) -> float:
        """What torch computed, less what the steps come to."""
        return self.computed - self.value if self.computed != self.value else 0.0

    @property
    def is_rounding(self) -> bool:
        """Whether rounding explains the residual; two values that are not finite agree when they are the same."""
        if math.isfinite(self.value) and math.isfinite(self.computed):
            return abs(self.residual) <= self.bound
        same = self.value == self.computed or (math.isnan(self.value) and math.isnan(self.computed))
        return same or (math.isinf(self.bound) and not math.isfinite(self.computed))


@dataclass(frozen=True, eq=False, kw_only=True)
class PixelBreakdown(Breakdown):
    """A value of the image: nothing made it but the pen."""


@dataclass(frozen=True, eq=False, kw_only=True)
class CopyBreakdown(Breakdown):
    """A value that a layer hands on: flattened, reshaped, or because the layer is switched off.

    Attributes:
        origin: Where it was before.
        reason: "flatten", "reshape", "switched off", or "prediction" behind the last layer.
    """

    origin: Unit
    reason: str


@dataclass(frozen=True, eq=False, kw_only=True)
class SwitchedOffBreakdown(Breakdown):
    """A value that is 0 because its map or unit is held at zero.

    Attributes:
        otherwise: What the layer would have made of it.
    """

    otherwise: float


@dataclass(frozen=True, eq=False, kw_only=True)
class WindowedBreakdown(Breakdown):
    """A value that a window made.

    Attributes:
        rows: Rows of the input below the window; outside the map they lie in the padding.  # (kh,)
        columns: Columns of the input below the window.  # (kw,)
        inside: Which places lie on the map, not in the padding.  # (kh, kw)
        map_shape: Height and width of the maps the window slides over.
    """

    rows: Whole
    columns: Whole
    inside: Flags
    map_shape: tuple[int, int]


@dataclass(frozen=True, eq=False, kw_only=True)
class ConvolutionBreakdown(WindowedBreakdown):
    """A value of a convolution: for each input channel a patch times a kernel, summed; then all channels and the bias.

    Attributes:
        patches: What lies below the window; 0 in the padding.  # (C, kh, kw)
        kernels: The filter: one kernel for each channel.  # (C, kh, kw)
        products: Of the two.  # (C, kh, kw)
        channel_sums: # (C,)
        bias: None where the layer has none.
    """

    patches: Doubles
    kernels: Doubles
    products: Doubles
    channel_sums: Doubles
    bias: float | None

    @cached_property
    def order(self) -> Whole:
        """The channels, those that contribute most in magnitude first.  # (C,)."""
        return np.argsort(-np.abs(self.channel_sums), kind="stable")


@dataclass(frozen=True, eq=False, kw_only=True)
class PoolingBreakdown(WindowedBreakdown):
    """A value of a pooling layer.

    Attributes:
        function: "max", "min", "average" or "sum".
        patch: What lies below the window; NaN in the padding, which does not count.  # (kh, kw)
        winner: Row and column within the patch of the greatest or least value; None for average and sum.
        total: Sum of the patch; for max and min the value of the winner.
        count: How many values count.
    """

    function: str
    patch: Doubles
    winner: tuple[int, int] | None
    total: float
    count: int


@dataclass(frozen=True, eq=False, kw_only=True)
class GlobalAverageBreakdown(Breakdown):
    """The mean of a map.

    Attributes:
        values: # (H, W)
        total: Their sum.
    """

    values: Doubles
    total: float


@dataclass(frozen=True, eq=False, kw_only=True)
class BatchNormBreakdown(Breakdown):
    """(x − mean) / √(variance + eps) · scale + shift, by the running averages or, in training, by the batch.

    Attributes:
        count: How many values of the batch mean and variance are over; None where they are the running averages.
        scale: γ; 1 where the layer has none.
        shift: β.
        has_scale: Whether γ is learned; β always is.
    """

    x: float
    count: int | None
    mean: float
    variance: float
    eps: float
    scale: float
    shift: float
    has_scale: bool

    @property
    def deviation(self) -> float:
        """√(variance + eps)."""
        return math.sqrt(self.variance + self.eps)

    @property
    def normalised(self) -> float:
        """(x − mean) / √(variance + eps)."""
        return (self.x - self.mean) / self.deviation


@dataclass(frozen=True, eq=False, kw_only=True)
class ActivationBreakdown(Breakdown):
    """f(x) and its slope.

    Attributes:
        function: Its name, as the layer's setting has it.
        parameter: Slope or alpha where the function has one, else None.
        is_drawn: Whether the slope was drawn for this value in this step of training.
        slope: f′(x), at a kink the one that torch's backward pass takes; NaN at the jump of the binary step.
        curve_x: Points of the curve around x and 0, ascending.  # (n,)
        curve_y: f of them.  # (n,)
    """

    function: str
    x: float
    parameter: float | None
    is_drawn: bool
    slope: float
    curve_x: Doubles
    curve_y: Doubles


@dataclass(frozen=True, eq=False, kw_only=True)
class DropoutBreakdown(Breakdown):
    """A value that dropout kept or dropped.

    Attributes:
        rate: Probability of being dropped in training.
        mode: "units" or "maps", as the layer's setting has it.
        kept: Whether it was kept in this step of training; None in inference, where all values pass unchanged.
    """

    x: float
    rate: float
    mode: str
    kept: bool | None

    @property
    def factor(self) -> float:
        """What survivors are multiplied by in training: 1 / (1 − rate)."""
        return 1 / (1 - self.rate) if self.rate < 1 else math.inf


@dataclass(frozen=True, eq=False, kw_only=True)
class DenseBreakdown(Breakdown):
    """A value of a dense layer: the sum of all inputs times their weights, and the bias.

    Attributes:
        inputs: # (N,)
        weights: # (N,)
        products: # (N,)
        bias: None where the layer has none.
        maps_shape: (C, H, W) of the maps that were flattened to the inputs; None where they never were maps.
    """

    inputs: Doubles
    weights: Doubles
    products: Doubles
    bias: float | None
    maps_shape: Shape | None

    @property
    def order(self) -> Whole:
        """The inputs, from the greatest positive product to the greatest negative one.  # (N,)."""
        return np.argsort(-self.products, kind="stable")


@dataclass(frozen=True, eq=False, kw_only=True)
class SoftmaxBreakdown(Breakdown):
    """A probability: e to the logit over the sum of all such; the greatest logit is taken off first: none overflows.

    Attributes:
        logits: # (classes,)
        greatest: The greatest logit.
        exponentials: e^(logit − greatest).  # (classes,)
        total: Their sum.
    """

    logits: Doubles
    greatest: float
    exponentials: Doubles
    total: float
