"""Numbers as people read them on a screen, where room is scarce, too."""

from __future__ import annotations

import math

from convscope.core.number_text import number_text

__all__ = ["cell_text", "number_text"]


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
