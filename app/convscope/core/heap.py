"""Memory that the C library keeps for itself although nothing is in it any more."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from time import monotonic

INTERVAL = 3.0  # seconds between two times; the pages that are still needed come back at the cost of some milliseconds


class Heap:
    """Returns free memory to the system now and then, where the C library is glibc; elsewhere it need not.

    Tensors come and go by the megabyte between small arrays that stay. Of the holes they leave glibc before 2.38 uses
    few again (sourceware's bug 14581: memory that was asked for with an alignment), and it returns none: a run that
    is watched took 20 MB more every second, up to 2 GB.
    """

    def __init__(self) -> None:
        self._trim = _trim()
        self._last = monotonic()

    def tidy(self) -> None:
        """Return what is free if the last time is long ago; it takes milliseconds, so not on the window's thread."""
        if self._trim is not None and monotonic() - self._last >= INTERVAL:
            self._trim(0)
            self._last = monotonic()


def _trim() -> Callable[[int], int] | None:
    """Return glibc's function; None where there is another C library."""
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
