"""The convolution layer."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import ClassVar

from convscope.core.layers.base import Field, Layer, MisfitError, Shape, Suggestion, needs_maps
from convscope.core.layers.window import Window, pair, size_text
from convscope.core.settings import Padding, Size, integer, padding, size, switch


@dataclass(frozen=True)
class Conv2d(Layer):
    """Slides filters over the maps; each filter is as deep as its input and makes one output map."""

    kind: ClassVar[str] = "conv2d"
    title: ClassVar[str] = "Convolution"
    group: ClassVar[str] = "Convolution"
    help: ClassVar[str] = "Slides small filters over the maps; every filter makes one new map."
    prefix: ClassVar[str] = "conv"

    filters: int = integer(16, label="Filters", help="How many maps come out: one per filter.", low=1, high=2048)
    kernel_size: Size = size(
        3, label="Kernel size", help="Height and width of a filter, in pixels: 3, or 3×5.", low=1, high=64
    )
    stride: Size = size(1, label="Stride", help="Pixels from one place of the filter to the next.", low=1, high=64)
    padding: Padding = padding(
        "valid",
        label="Padding",
        help='"valid" adds nothing; "same" adds just enough zeros to keep the size at stride 1; '
        "a number adds that many rows and columns of zeros on every side.",
        low=0,
        high=64,
    )
    dilation: Size = size(
        1, label="Dilation", help="Distance between the pixels a filter looks at; 2 leaves one out.", low=1, high=64
    )
    bias: bool = switch(
        True, label="Bias", help="Adds one learned number to every map. Pointless before batch normalisation."
    )

    @property
    def window(self) -> Window:
        """The filter's geometry."""
        return Window(self.kernel_size, self.stride, self.padding, self.dilation)

    def summary(self) -> str:
        """Return filters, kernel and what differs from the plainest convolution."""
        words = [f"{self.filters} filter{'s' * (self.filters != 1)} {size_text(self.kernel_size)}"]
        if pair(self.stride) != (1, 1):
            words.append(f"stride {stride_text(self.stride)}")
        if self.padding == "same":
            words.append("same")
        elif self.padding != "valid":
            words.append(f"padding {stride_text(self.padding)}")
        if pair(self.dilation) != (1, 1):
            words.append(f"dilation {stride_text(self.dilation)}")
        return ", ".join(words + ["no bias"] * (not self.bias))

    def output_shape(self, shape: Shape) -> Shape:
        """Return (filters, places down, places across)."""
        _, height, width = needs_maps(self, shape)
        check_fits(self, self.window, (height, width))
        return (self.filters, *self.window.places((height, width)))

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return weight (filters, channels, height, width) and bias (filters,)."""
        weight = {"weight": (self.filters, shape[0], *pair(self.kernel_size))}
        return weight | ({"bias": (self.filters,)} if self.bias else {})

    def macs(self, shape: Shape) -> int:
        """Return one operation per weight of a filter and output value."""
        return prod(self.output_shape(shape)) * shape[0] * prod(pair(self.kernel_size))

    def field(self, field: Field, shape: Shape) -> Field:
        """Return the field grown by the filter."""
        return self.window.field(field, (shape[1], shape[2]))


def stride_text(value: Size) -> str:
    """Return "2", or "2×1" where the directions differ."""
    height, width = pair(value)
    return str(height) if height == width else f"{height}×{width}"


def check_fits(layer: Layer, window: Window, sides: tuple[int, int]) -> None:
    """Raise the `MisfitError` of a kernel that is larger than the maps that reach it."""
    if window.fits(sides):
        return
    kernel = f"A {size_text(window.kernel_size)} kernel"
    if window.span != pair(window.kernel_size):
        kernel += f" with dilation {stride_text(window.dilation)} spans {size_text(window.span)} and"
    padded = window.padded(sides)
    maps = f"{size_text(sides)} map" + (f" ({size_text(padded)} with its padding)" if padded != sides else "")
    largest = window.largest_kernel(sides)
    raise MisfitError(
        f"{kernel} does not fit the {maps} that reaches it.",
        [
            Suggestion('Use padding "same"', (layer.changed(padding="same"),)),
            Suggestion(f"Use a kernel of at most {size_text(largest)}", (layer.changed(kernel_size=largest),)),
        ],
    )
