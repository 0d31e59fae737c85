"""Numbers as people read them on a screen, where room is scarce, too."""

from __future__ import annotations

import math
from collections.abc import Iterator

from convscope.core.number_text import number_text

__all__ = ["cell_text", "number_text", "usual_cell_texts"]


def usual_cell_texts() -> Iterator[str]:
    """Yield what `cell_text` makes of numbers below 10, the least first."""
    for size in range(1000):
        yield from dict.fromkeys((cell_text(size / 100), cell_text(-size / 100)))


def cell_text(value: float) -> str:
    """Return `value` in at most five characters, for a cell of a picture."""
    size = abs(value)
    if size < 9999.5:
        text = f"{size:.2f}" if size < 9.995 else f"{size:.1f}" if size < 99.95 else f"{size:.0f}"
        return "0" if size == 0 else text if value > 0 or text == "0.00" else f"−{text}"
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else number_text(value)
    return f"{value:.0e}".replace("e+0", "e").replace("e+", "e").replace("-", "−")
