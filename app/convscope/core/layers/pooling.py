"""The pooling layers: one value for every window of a map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from convscope.core.layers.base import Field, Layer, MisfitError, Shape, Suggestion, needs_maps
from convscope.core.layers.convolution import check_fits, stride_text
from convscope.core.layers.window import Window, pair, size_text
from convscope.core.settings import Padding, Size, padding, size


@dataclass(frozen=True)
class Pool(Layer):
    """Puts one value in the place of every window of a map; the depth stays."""

    group: ClassVar[str] = "Pooling"

    kernel_size: Size = size(2, label="Kernel size", help="Height and width of the window, in pixels.", low=1, high=64)
    stride: Size = size(2, label="Stride", help="Pixels from one window to the next.", low=1, high=64)
    padding: Padding = padding(
        "valid",
        label="Padding",
        help='"valid" leaves out a window that would reach over the edge; "same" keeps it; a number, at most half the '
        "kernel, adds that many rows and columns. What is added never counts in the result.",
        low=0,
        high=32,
    )

    @property
    def window(self) -> Window:
        """The window's geometry."""
        return Window(self.kernel_size, self.stride, self.padding)

    def summary(self) -> str:
        """Return window and stride, and the padding where there is some."""
        words = [size_text(self.kernel_size), f"stride {stride_text(self.stride)}"]
        if self.padding == "same":
            words.append("same")
        elif self.padding != "valid":
            words.append(f"padding {stride_text(self.padding)}")
        return ", ".join(words)

    def output_shape(self, shape: Shape) -> Shape:
        """Return (channels, windows down, windows across)."""
        channels, height, width = needs_maps(self, shape)
        self._check_padding()
        check_fits(self, self.window, (height, width))
        return (channels, *self.window.places((height, width)))

    def field(self, field: Field, shape: Shape) -> Field:
        """Return the field grown by the window."""
        return self.window.field(field, (shape[1], shape[2]))

    def _check_padding(self) -> None:
        if self.padding in ("valid", "same"):
            return
        halves = tuple(side // 2 for side in pair(self.kernel_size))
        if all(added <= half for added, half in zip(pair(self.padding), halves, strict=True)):
            return
        raise MisfitError(
            f"Padding {stride_text(self.padding)} is more than half of the {size_text(self.kernel_size)} window, "
            "so some windows would hold nothing of the map.",
            [
                Suggestion(f"Use padding {size_text((halves[0], halves[1]))}", (self.changed(padding=halves),)),
                Suggestion('Use padding "same"', (self.changed(padding="same"),)),
            ],
        )


@dataclass(frozen=True)
class MaxPool(Pool):
    """Keeps the greatest value of every window."""

    kind: ClassVar[str] = "max_pool"
    title: ClassVar[str] = "Max pooling"
    help: ClassVar[str] = "Keeps the greatest value of every window: was the feature seen here at all?"
    prefix: ClassVar[str] = "max_pool"


@dataclass(frozen=True)
class AveragePool(Pool):
    """Takes the mean of every window; padding does not count, as in Keras."""

    kind: ClassVar[str] = "average_pool"
    title: ClassVar[str] = "Average pooling"
    help: ClassVar[str] = "Takes the mean of every window: how strong was the feature here?"
    prefix: ClassVar[str] = "average_pool"


@dataclass(frozen=True)
class MinPool(Pool):
    """Keeps the least value of every window: −max(−x)."""

    kind: ClassVar[str] = "min_pool"
    title: ClassVar[str] = "Min pooling"
    help: ClassVar[str] = "Keeps the least value of every window; finds dark features on bright ground."
    prefix: ClassVar[str] = "min_pool"


@dataclass(frozen=True)
class SumPool(Pool):
    """Adds the values of every window."""

    kind: ClassVar[str] = "sum_pool"
    title: ClassVar[str] = "Sum pooling"
    help: ClassVar[str] = "Adds the values of every window: average pooling without the division."
    prefix: ClassVar[str] = "sum_pool"


@dataclass(frozen=True)
class GlobalAveragePool(Layer):
    """Takes the mean of every whole map: (C, H, W) becomes (C,)."""

    kind: ClassVar[str] = "global_average_pool"
    title: ClassVar[str] = "Global average pooling"
    group: ClassVar[str] = "Pooling"
    help: ClassVar[str] = "Takes the mean of every whole map; a short vector instead of a long flatten."
    prefix: ClassVar[str] = "global_pool"

    def summary(self) -> str:
        """Return what it does."""
        return "mean of every map"

    def output_shape(self, shape: Shape) -> Shape:
        """Return (channels,)."""
        channels, _, _ = needs_maps(self, shape)
        return (channels,)

    def field(self, field: Field, shape: Shape) -> Field:
        """Return the field of all places together."""
        return field.merged()
