"""Numbers as people read them."""

from __future__ import annotations

import math

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number_text(value: float, digits: int = 4) -> str:
    """Return `value` with so many significant digits, a real minus sign, and no more zeros than it needs.

    Zero has no sign, also where a product with a negative number gave it one.
    """
    if value == 0:
        return "0"
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if 10**digits <= abs(value) < 1e6:
        return f"{value:,.0f}".replace("-", "−")
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    power = "·10" + str(int(exponent)).translate(_RAISED) if exponent else ""
    return (mantissa + power).replace("-", "−")


def digits_of_terms(result: float, *terms: float, digits: int = 4) -> int:
    """Return how many significant digits the terms of a sum must show for the sum of what is read to come out.

    Where terms cancel, what is left has fewer digits than they; each power of ten lost is made up for, and one digit
    more keeps their own rounding below the last digit of the result. Nine digits tell every single-precision number.

    Args:
        result: What the terms come to.
        terms: What is added.
        digits: Significant digits with which the result is shown.
    """
    largest = max(map(abs, terms), default=0.0)
    if not (result and math.isfinite(result) and math.isfinite(largest)):
        return digits
    lost = max(0, math.ceil(math.log10(largest / abs(result)))) if largest else 0
    return min(digits + 1 + lost, 9)


def loss_text(value: float, digits: int = 3) -> str:
    """Return a loss with so many significant digits, zeros at its end included: 2.31, 0.210, 1.3·10⁸."""
    if value == 0 or not 1e-4 <= value < 1e5:
        return number_text(value, digits)
    return f"{value:,.0f}" if value >= 1000 else f"{value:#.{digits}g}".rstrip(".")
