"""Mean and variance of the channels over one batch: what batch normalisation works with in training."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ROUNDING = 2.0**-22  # of the square of a number in single precision, generously


@dataclass(frozen=True, eq=False)
class BatchStatistics:
    """What one batch-norm layer took from a batch; the arrays are read-only.

    Attributes:
        mean: Of every channel, float32.  # (C,)
        variance: Of every channel, the mean square distance from the mean (biased), as it normalises.  # (C,), float64
        count: How many values of every channel the two are over: images × height × width.
    """

    mean: NDArray[np.float32]
    variance: NDArray[np.float64]
    count: int

    def __post_init__(self) -> None:
        self.mean.flags.writeable = False
        self.variance.flags.writeable = False

    @property
    def unbiased_variance(self) -> NDArray[np.float64]:
        """The variance that goes into the running average, as PyTorch does it: over count − 1.  # (C,).

        Infinite or not a number where there is one value alone.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.variance * (np.float64(self.count) / (self.count - 1))

    @classmethod
    def measured(cls, mean: NDArray[Any], inverse_deviation: NDArray[Any], eps: float, count: int) -> BatchStatistics:
        """Return the statistics from what PyTorch keeps of a pass.

        Args:
            mean: # (C,)
            inverse_deviation: 1 / √(variance + eps).  # (C,)
            eps: The layer's.
            count: Values of every channel.
        """
        with np.errstate(divide="ignore"):
            padded = 1 / inverse_deviation.astype(np.float64) ** 2
        variance = padded - eps
        variance[variance < _ROUNDING * padded] = 0.0  # of values that are all alike, or of one value
        return cls(mean.astype(np.float32), variance, count)
