"""The weights a run went through, thinned so that they fit into a fixed amount of memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convscope.core.weights import Array, Weights

# As much as weights may take that are drawn at once. The lecture's dense networks of 0.2 million parameters keep some
# 70 moments in it, their convolutional ones all that may be kept.
MOST_BYTES = 64 * 2**20
MOST_MOMENTS = 200  # so many steps of a slider can still be told apart, and are seen in ten seconds at 20 a second


@dataclass(frozen=True, eq=False)
class Moment:
    """The weights of a run when it had come so far.

    Attributes:
        position: In epochs: 0 is the start, 1.5 the middle of the second epoch.
        weights: All arrays of the network; shared with whoever gave them.
    """

    position: float
    weights: Weights


class WeightsThroughTime:
    """Keeps the first moment of a run, the last one, and as many between them as fit, at even distances.

    When there is no room for one more, that moment goes whose neighbours are closest to each other. The distance that
    this leaves is at most twice the mean, for the pairs of neighbouring distances add up to less than twice the run.
    So no distance is ever larger than that, but for what the run itself left out.

    An array that several moments have in common, such as that of a frozen layer, is kept and counted once.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, most_moments: int = MOST_MOMENTS) -> None:
        """Keep nothing yet.

        Args:
            most_bytes: What all arrays together may take; of weights that are so large that two moments do not fit,
                nothing is kept.
            most_moments: At least 2.
        """
        self._most_bytes = most_bytes
        self._most_moments = max(2, most_moments)
        self._moments: list[Moment] = []
        self._uses: Counter[int] = Counter()  # how many moments have an array, by its identity
        self._size = 0
        self._is_too_large = False

    @property
    def moments(self) -> tuple[Moment, ...]:
        """What is kept, in order."""
        return tuple(self._moments)

    @property
    def positions(self) -> NDArray[np.float64]:
        """Where the run was at each moment, in epochs.  # (N,)."""
        return np.array([moment.position for moment in self._moments], np.float64)

    @property
    def size(self) -> int:
        """How many bytes the arrays of all moments take together."""
        return self._size

    @property
    def is_too_large(self) -> bool:
        """Whether nothing is kept because two moments do not fit."""
        return self._is_too_large

    def keep(self, position: float, weights: Weights) -> None:
        """Take up how the run is now; at the place of the last moment it takes that one's place.

        Args:
            position: In epochs, never before the last one.
            weights: They are not copied, so nobody may change them.

        Raises:
            ValueError: The run would go back in time.
        """
        last = self._moments[-1] if self._moments else None
        if last is not None and position < last.position:
            raise ValueError(f"A run that was at epoch {last.position:g} cannot be at {position:g} later.")
        if self._is_too_large or (last is not None and last.position == position and last.weights is weights):
            return
        if last is not None and last.position == position:
            self._drop(len(self._moments) - 1)
        self._moments.append(Moment(position, weights))
        self._count(weights.values())
        self._make_room()

    def nearest(self, position: float) -> Moment | None:
        """Return the moment closest to a position; None where nothing is kept."""
        if not self._moments:
            return None
        return self._moments[int(np.argmin(np.abs(self.positions - position)))]

    def _make_room(self) -> None:
        while len(self._moments) > self._most_moments or self._size > self._most_bytes:
            if len(self._moments) <= 2:
                self._give_up()
                return
            positions = self.positions
            self._drop(1 + int(np.argmin(positions[2:] - positions[:-2])))

    def _give_up(self) -> None:
        """Keep nothing: one moment alone is none to look back at."""
        self._is_too_large = True
        self._moments.clear()
        self._uses.clear()
        self._size = 0

    def _count(self, arrays: Iterable[Array]) -> None:
        for array in arrays:
            self._size += 0 if self._uses[id(array)] else array.nbytes
            self._uses[id(array)] += 1

    def _drop(self, index: int) -> None:
        for array in self._moments.pop(index).weights.values():
            self._uses[id(array)] -= 1
            if not self._uses[id(array)]:
                del self._uses[id(array)]
                self._size -= array.nbytes
