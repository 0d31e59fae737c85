"""The functions of the activation layer in double precision: value, slope, and how exactly torch computes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from convscope.core.arithmetic.breakdowns import Doubles
from convscope.core.arithmetic.rounding import LIBRARY, rounding_bound
from convscope.core.layers import Activation

SOFTPLUS_THRESHOLD = 20.0  # above it torch returns x itself, so that e^x cannot overflow
_STEEP = 709.0  # e to more than this overflows in double precision
_erf = np.vectorize(math.erf, otypes=[np.float64])


@dataclass(frozen=True)
class Function:
    """A function f of each value alone, with the parameter a where it has one.

    Attributes:
        of: f(x, a), of many x at once.
        slope: f′(x, a), at a kink the one that torch's backward pass takes, NaN at a jump.
        roundings: How many roundings torch's way of computing it costs.
        magnitude: What they are relative to, given x, a and f(x, a).
    """

    of: Callable[[Doubles, float], Doubles]
    slope: Callable[[float, float], float]
    roundings: int = 0
    magnitude: Callable[[float, float, float], float] = lambda x, a, y: abs(y)

    def bound(self, x: float, a: float, y: float) -> float:
        """Return how far rounding can take torch's result from `y`."""
        return rounding_bound(self.roundings, self.magnitude(x, a, y)) if self.roundings else 0.0


def parameter_of(layer: Activation, learned: float | None) -> float | None:
    """Return the slope or alpha with which a layer works after training, None where its function has none.

    Args:
        layer: What to look at.
        learned: The slope that PReLU learned.
    """
    match layer.function:
        case "leaky_relu":
            return layer.slope
        case "prelu":
            return learned
        case "rrelu":
            return (layer.lower + layer.upper) / 2
        case "elu":
            return layer.alpha
        case _:
            return None


def _leaky(x: Doubles, a: float) -> Doubles:
    return np.where(x > 0, x, a * x)


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -_STEEP else 0.0


def _bell(x: float) -> float:
    """Return the density of the normal distribution."""
    return math.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def _softplus(x: Doubles, _: float) -> Doubles:
    return np.where(x > SOFTPLUS_THRESHOLD, x, np.log1p(np.exp(np.minimum(x, SOFTPLUS_THRESHOLD))))


def _gelu_slope(x: float) -> float:
    return float((1 + math.erf(x / math.sqrt(2))) / 2 + (x * _bell(x) if math.isfinite(x) else 0.0))


_LEAKY = Function(_leaky, lambda x, a: 1.0 if x > 0 else a, 2)

FUNCTIONS: Mapping[str, Function] = {
    "identity": Function(lambda x, _: x, lambda x, _: 1.0),
    "binary_step": Function(lambda x, _: (x >= 0).astype(np.float64), lambda x, _: 0.0 if x else math.nan),
    "logistic": Function(
        lambda x, _: 1 / (1 + np.exp(np.minimum(-x, _STEEP))),
        lambda x, _: _logistic(x) * _logistic(-x),
        LIBRARY + 3,
    ),
    "tanh": Function(lambda x, _: np.tanh(x), lambda x, _: 1 - math.tanh(x) ** 2, LIBRARY),
    "arctan": Function(lambda x, _: np.arctan(x), lambda x, _: 1 / (1 + x * x), LIBRARY),
    "relu": Function(lambda x, _: np.maximum(x, 0.0), lambda x, _: float(x > 0)),
    "leaky_relu": _LEAKY,
    "prelu": _LEAKY,
    "rrelu": _LEAKY,
    "elu": Function(
        lambda x, a: np.where(x > 0, x, a * np.expm1(np.minimum(x, 0.0))),
        lambda x, a: 1.0 if x > 0 else a * math.exp(x),
        LIBRARY + 3,
        lambda x, a, y: 0.0 if x > 0 else a * math.exp(x) + a,  # torch takes 1 from e^x, and near 0 they cancel
    ),
    "softplus": Function(_softplus, lambda x, _: 1.0 if x > SOFTPLUS_THRESHOLD else _logistic(x), 2 * LIBRARY),
    "gelu": Function(
        lambda x, _: x * (1 + _erf(x / math.sqrt(2))) / 2,
        lambda x, _: _gelu_slope(x),
        LIBRARY // 2 + 2,
        lambda x, a, y: 2 * abs(x),  # x·(1 + erf) is halved last, and 1 + erf cancels far below 0
    ),
}
