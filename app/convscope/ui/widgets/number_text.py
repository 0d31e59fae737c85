"""Numbers as people read them on a screen."""

from __future__ import annotations

import math

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number_text(value: float, digits: int = 4) -> str:
    """Return `value` with so many significant digits, a real minus sign, and no more zeros than it needs."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if 10**digits <= abs(value) < 1e6:
        return f"{value:,.0f}".replace("-", "−")
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    power = "·10" + str(int(exponent)).translate(_RAISED) if exponent else ""
    return (mantissa + power).replace("-", "−")


def cell_text(value: float) -> str:
    """Return `value` in at most five characters, for a cell of a picture."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else number_text(value)
    if value == 0:
        return "0"
    if abs(value) >= 9999.5:
        return f"{value:.0e}".replace("e+0", "e").replace("e+", "e").replace("-", "−")
    decimals = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    text = f"{value:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0 else text.replace("-", "−")
