"""One value that a layer made, with all that went into it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convscope.core.batch_statistics import BatchStatistics
from convscope.core.layers import Layer
from convscope.core.network import Network
from convscope.core.unit import Unit
from convscope.core.weights import Weights

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Case:
    """A value to take apart.

    Attributes:
        unit: Which value.
        computed: What torch computed.
        x: What reached the layer.  # (C, H, W) or (N,)
        mask: The factor of every value in this step of training; None in inference, and where nothing is dropped.
        slopes: The slope of every value below 0 in this step of training; None in inference.
        statistics: What the layer took from the batch; None where it goes by its running averages, or has none.
    """

    network: Network
    weights: Weights
    unit: Unit
    computed: float
    x: Array
    mask: Array | None = None
    slopes: Array | None = None
    statistics: BatchStatistics | None = None

    @property
    def layer(self) -> Layer:
        """The layer that made the value."""
        return self.network.layers[self.unit.layer]

    @property
    def at(self) -> float:
        """What reached the layer at the value's own place; for layers that leave every value where it was."""
        return float(self.x[self.unit.index])

    def drawn(self, numbers: Array | None) -> float | None:
        """Return the number drawn for the value, None where none was; one is drawn for all of a dropped map."""
        return None if numbers is None else float(np.broadcast_to(numbers, self.x.shape)[self.unit.index])

    def array(self, name: str) -> Array | None:
        """Return what the layer keeps under a name, None where it has no such array.

        Raises:
            ValueError: The weights lack it, or it has another shape.
        """
        shape = self.x.shape
        wanted = (self.layer.parameter_shapes(shape) | self.layer.buffer_shapes(shape)).get(name)
        if wanted is None:
            return None
        found = self.weights.get(f"{self.layer.name}.{name}")
        if found is None or found.shape != wanted:
            raise ValueError(
                f"The weights do not belong to {self.layer.name}: its {name} is missing or of another shape."
            )
        return found

    def needed(self, name: str) -> Array:
        """Return what the layer keeps under a name and always has."""
        array = self.array(name)
        assert array is not None
        return array

    def one(self, name: str, place: int) -> float | None:
        """Return one number of what the layer keeps under a name, None where it has no such array."""
        array = self.array(name)
        return None if array is None else float(array[place])
