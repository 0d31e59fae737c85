"""How the mean and variance of the batches went through a run, beside the running averages that follow them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convscope.core.batch_statistics import BatchStatistics
from convscope.core.time_machine import WeightsThroughTime
from convscope.core.weights import Array, Weights, frozen

Numbers = NDArray[np.float64]

_MOST_BYTES = 8 * 2**20  # a network of 300 channels takes 5 kB a moment
_MOST_MOMENTS = 400  # one for each two columns of pixels of a wide plot
_KEPT = ("batch_mean", "batch_var", "running_mean", "running_var")


@dataclass(frozen=True, eq=False)
class ChannelCourse:
    """One channel through a run; all arrays are of the same length.

    Attributes:
        positions: When, in epochs, ascending.
        batch_mean: Of the batch that was trained on last.
        running_mean: After it.
        batch_variance: As it goes into the running one: over one value less (unbiased).
        running_variance: After that batch.
    """

    positions: Numbers
    batch_mean: Numbers
    running_mean: Numbers
    batch_variance: Numbers
    running_variance: Numbers


class BatchNormCourse:
    """Keeps the figures of every batch-norm layer at many moments of a run, evenly thinned, in bounded memory."""

    def __init__(self, most_bytes: int = _MOST_BYTES, most_moments: int = _MOST_MOMENTS) -> None:
        """Keep nothing yet; see `WeightsThroughTime` for the bounds."""
        self._kept = WeightsThroughTime(most_bytes, most_moments)
        self._last = -1.0

    def __len__(self) -> int:
        """Return how many moments are kept."""
        return len(self._kept.moments)

    @property
    def size(self) -> int:
        """How many bytes the figures take."""
        return self._kept.size

    def take(self, position: float, statistics: Mapping[str, BatchStatistics], weights: Weights) -> None:
        """Take up how the run is now.

        Args:
            position: In epochs; what is not later than the last one is passed over.
            statistics: Of the last batch, by the names of the layers; where there are none nothing is kept.
            weights: After that batch, with the running averages.
        """
        if not statistics or position <= self._last:
            return
        self._last = position
        arrays: dict[str, Array] = {}
        for name, found in statistics.items():
            if f"{name}.running_mean" in weights:
                batch = found.mean, found.unbiased_variance.astype(np.float32)
                running = weights[f"{name}.running_mean"], weights[f"{name}.running_var"]
                arrays |= {f"{name}.{key}": one for key, one in zip(_KEPT, (*batch, *running), strict=True)}
        self._kept.keep(position, frozen(arrays))

    def of(self, layer: str, channel: int) -> ChannelCourse | None:
        """Return the course of one channel of a layer; None where nothing is kept of it."""
        moments = [moment for moment in self._kept.moments if f"{layer}.batch_mean" in moment.weights]
        if not moments or channel >= len(moments[0].weights[f"{layer}.batch_mean"]):
            return None
        found = {
            key: np.array([moment.weights[f"{layer}.{key}"][channel] for moment in moments], np.float64)
            for key in _KEPT
        }
        return ChannelCourse(
            np.array([moment.position for moment in moments]),
            found["batch_mean"],
            found["running_mean"],
            found["batch_var"],
            found["running_var"],
        )
