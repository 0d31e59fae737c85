"""How far single precision can be from the exact result, by the number of roundings on the way."""

from __future__ import annotations

import math

U = 2.0**-24  # unit roundoff of single precision: the greatest relative error of one rounding
TINY = 2.0**-126  # the least normal number: what is below it may lose all its digits
GREATEST = (2 - 2.0**-23) * 2.0**127  # the greatest single-precision number

LIBRARY = 8  # roundings that one call of exp, tanh, erf, … may cost: 4 ulp; SLEEF and MKL promise 1, torch's exp_u20 2
SPARE = 2


def rounding_bound(roundings: int, magnitude: float) -> float:
    """Return how far a single-precision result can be from the exact one: SPARE·γ·magnitude, γ = n·u / (1 − n·u).

    For a sum of products this holds in whatever order they are added, with fused multiplication or without (Higham,
    Accuracy and Stability of Numerical Algorithms, 2nd edition 2002, §3.1 and §4.2). It would not hold for Winograd's
    or Fourier's convolution, whose errors come from neighbouring windows too; torch asks for neither on the processor
    when it computes a single image. SPARE = 2 is for what is not counted one by one: the rounding of constants such as
    eps, and that of the double precision which the steps are worked out in.

    Args:
        roundings: n, how many at most lie on the way of any term to the result.
        magnitude: The sum of the terms' absolute values.

    Returns:
        Infinity where the terms are so great that single precision may overflow on the way.
    """
    if magnitude > GREATEST:
        return math.inf
    return SPARE * roundings * (U * magnitude / (1 - roundings * U) + TINY)
