"""Where flags are set without a gap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def stretches(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first and last + 1 of each run of set flags.  # (N,)."""
    places = flags.nonzero()[0]
    if not places.size:
        return []
    first, last = int(places[0]), int(places[-1])
    if last - first == places.size - 1:  # nearly always, and this is faster
        return [(first, last + 1)]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]
