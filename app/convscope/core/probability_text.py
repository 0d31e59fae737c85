"""Probabilities as people read them."""

from __future__ import annotations

WIDEST = ">99.9 %"  # of what is returned, so that columns can be as wide


def probability_text(probability: float) -> str:
    """Return a probability in percent to a tenth, without rounding doubt away.

    Only what is nearly exactly 0 or 1, to a millionth, is written as 0.0 % or 100.0 %.
    """
    p = float(probability)
    if 1e-6 < p < 0.0005:
        return "<0.1 %"
    return WIDEST if 0.9995 <= p < 1 - 1e-6 else f"{100 * p:.1f} %"
