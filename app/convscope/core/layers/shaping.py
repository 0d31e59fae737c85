"""Layers that turn maps into a vector, change shapes, and join everything with everything."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import ClassVar

from convscope.core.layers.base import Field, Layer, MisfitError, Shape, Suggestion, shape_text
from convscope.core.layers.pooling import GlobalAveragePool
from convscope.core.settings import integer, shape, switch


@dataclass(frozen=True)
class Flatten(Layer):
    """Lays all maps out as one vector, channel by channel, row by row."""

    kind: ClassVar[str] = "flatten"
    title: ClassVar[str] = "Flatten"
    group: ClassVar[str] = "Shape"
    help: ClassVar[str] = "Lays all maps out as one long vector, as a dense layer needs it."
    prefix: ClassVar[str] = "flatten"

    def summary(self) -> str:
        """Return what it does."""
        return "maps to one vector"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the number of values."""
        return (prod(shape),)


@dataclass(frozen=True)
class Reshape(Layer):
    """Reads the same values in another shape, channel by channel, row by row."""

    kind: ClassVar[str] = "reshape"
    title: ClassVar[str] = "Reshape"
    group: ClassVar[str] = "Shape"
    help: ClassVar[str] = "Reads the same values as another shape, for example a vector as maps."
    prefix: ClassVar[str] = "reshape"

    target: tuple[int, ...] = shape(
        (1, 28, 28),
        label="Shape",
        help="Height × width × channels, or the length of a vector; as many values as come in.",
        low=1,
        high=1_000_000,
    )

    def summary(self) -> str:
        """Return the new shape."""
        return f"to {shape_text(self.target)}"

    def output_shape(self, shape: Shape) -> Shape:
        """Return the target.

        Raises:
            MisfitError: It has not as many values as come in.
        """
        if prod(self.target) == prod(shape):
            return self.target
        raise MisfitError(
            f"{shape_text(self.target)} holds {_values(prod(self.target))}, "
            f"but {prod(shape):,}{f' ({shape_text(shape)})' * (len(shape) > 1)} reach this layer.",
            [Suggestion(f"Reshape to {shape_text(shape)}", (self.changed(target=shape),))],
        )

    def field(self, field: Field, shape: Shape) -> Field:
        """Return the field of all places together, since neighbours need not stay neighbours."""
        return field.merged()


@dataclass(frozen=True)
class Dense(Layer):
    """Joins every input value with every unit: y = W·x + b."""

    kind: ClassVar[str] = "dense"
    title: ClassVar[str] = "Dense"
    group: ClassVar[str] = "Dense"
    help: ClassVar[str] = "Joins every value with every unit by a weight of its own (fully connected)."
    prefix: ClassVar[str] = "dense"

    units: int = integer(10, label="Units", help="How many values come out.", low=1, high=16_384)
    bias: bool = switch(
        True, label="Bias", help="Adds one learned number to every unit. Pointless before batch normalisation."
    )

    def summary(self) -> str:
        """Return the units, and whether there is no bias."""
        return f"{self.units} unit{'s' * (self.units != 1)}" + ("" if self.bias else ", no bias")

    def output_shape(self, shape: Shape) -> Shape:
        """Return (units,).

        Raises:
            MisfitError: Maps reach the layer, which needs a vector.
        """
        if len(shape) == 1:
            return (self.units,)
        raise MisfitError(
            f"A dense layer needs one vector, but maps of {shape_text(shape)} reach it.",
            [
                Suggestion(f"Insert a flatten layer ({_values(prod(shape))})", (Flatten(), self)),
                Suggestion(f"Insert global average pooling ({_values(shape[0])})", (GlobalAveragePool(), self)),
            ],
        )

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return weight (units, inputs) and bias (units,)."""
        return {"weight": (self.units, shape[0])} | ({"bias": (self.units,)} if self.bias else {})

    def macs(self, shape: Shape) -> int:
        """Return one operation per weight."""
        return self.units * shape[0]

    def field(self, field: Field, shape: Shape) -> Field:
        """Return the field of all inputs together."""
        return field.merged()


def _values(count: int) -> str:
    return f"{count:,} value{'s' * (count != 1)}"
