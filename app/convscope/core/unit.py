"""One value of a network at work, by its place: what a click on any picture of the network means."""

from __future__ import annotations

from dataclasses import dataclass

INPUT = -1  # the place of the image before the first layer
SwitchedOff = frozenset[tuple[str, int]]  # maps, or units of a vector, held at zero: name of their layer, channel


@dataclass(frozen=True)
class Unit:
    """A value of the input, of a layer's output, or one of the probabilities behind the last layer.

    Attributes:
        layer: Position of the layer whose output holds the value; `INPUT` for the image, the number of layers for the
            softmax behind the last one.
        index: (channel, row, column) in maps, (number,) in a vector.
    """

    layer: int
    index: tuple[int, ...]

    def fits(self, shape: tuple[int, ...] | None) -> bool:
        """Say whether an output of that shape has such a value; none has when there is no output."""
        return (
            shape is not None
            and len(shape) == len(self.index)
            and all(0 <= place < side for place, side in zip(self.index, shape, strict=True))
        )
