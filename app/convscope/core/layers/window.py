"""A window that slides over maps: kernel, stride, padding and dilation, as convolution and pooling share them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from convscope.core.layers.base import Field
from convscope.core.settings import Padding, Size


def pair(value: Size) -> tuple[int, int]:
    """Return a size as (height, width)."""
    return value if isinstance(value, tuple) else (value, value)


def size_text(value: Size) -> str:
    """Return a size as "height×width"."""
    height, width = pair(value)
    return f"{height}×{width}"


class Along(NamedTuple):
    """How a kernel moves along one direction, height or width.

    Attributes:
        kernel: How many pixels it touches.
        stride: Pixels from one place to the next.
        before: Padding before the first pixel.
        dilation: Pixels from one that is touched to the next.
    """

    kernel: int
    stride: int
    before: int
    dilation: int

    def at(self, place: int) -> range:
        """Return which inputs the kernel touches at a place; those outside the map lie in the padding."""
        first = place * self.stride - self.before
        return range(first, first + self.kernel * self.dilation, self.dilation)


@dataclass(frozen=True)
class Window:
    """Kernel, stride, padding and dilation, each (height, width) or one number for both."""

    kernel_size: Size
    stride: Size = 1
    padding: Padding = "valid"
    dilation: Size = 1

    @property
    def span(self) -> tuple[int, int]:
        """Pixels from the first to the last that the kernel touches, per direction."""
        height, width = (d * (k - 1) + 1 for k, d in zip(pair(self.kernel_size), pair(self.dilation), strict=True))
        return height, width

    def pads(self, sides: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return the pixels added (before, after) along height and width.

        "same" follows TensorFlow and Keras: ceil(side / stride) values come out, and an odd pixel goes to the end.
        """
        if self.padding == "valid":
            return (0, 0), (0, 0)
        if self.padding != "same":
            height, width = pair(self.padding)
            return (height, height), (width, width)
        rows, columns = (
            _same(side, stride, span) for side, stride, span in zip(sides, pair(self.stride), self.span, strict=True)
        )
        return rows, columns

    def along(self, sides: tuple[int, int]) -> tuple[Along, Along]:
        """Return how the kernel moves along height and width of maps of (height, width)."""
        return _along(self, sides)

    def padded(self, sides: tuple[int, int]) -> tuple[int, int]:
        """Return height and width with the padding."""
        (top, bottom), (left, right) = self.pads(sides)
        return sides[0] + top + bottom, sides[1] + left + right

    def fits(self, sides: tuple[int, int]) -> bool:
        """Say whether the kernel finds at least one place on maps of (height, width)."""
        return all(span <= side for span, side in zip(self.span, self.padded(sides), strict=True))

    def places(self, sides: tuple[int, int]) -> tuple[int, int]:
        """Return how many places the kernel takes along height and width: floor((side + pads − span) / stride) + 1."""
        height, width = (
            (side - span) // stride + 1
            for side, span, stride in zip(self.padded(sides), self.span, pair(self.stride), strict=True)
        )
        return height, width

    def largest_kernel(self, sides: tuple[int, int]) -> tuple[int, int]:
        """Return the greatest kernel, no larger than this one, that would fit maps of (height, width)."""
        height, width = (
            min(kernel, (side - 1) // dilation + 1)
            for kernel, side, dilation in zip(
                pair(self.kernel_size), self.padded(sides), pair(self.dilation), strict=True
            )
        )
        return height, width

    def field(self, field: Field, sides: tuple[int, int]) -> Field:
        """Return what one output value sees when an input value sees `field`.

        With r the size and j the jump of the input: r + (span − 1)·j and j·stride (Araujo et al., Distill 2019).
        """
        height, width = (r + (s - 1) * j for r, s, j in zip(field.size, self.span, field.jump, strict=True))
        down, right = (j * s for j, s in zip(field.jump, pair(self.stride), strict=True))
        return Field((height, width), (down, right), self.places(sides))


@lru_cache(maxsize=256)  # asked for with every value that is taken apart, for all layers below it
def _along(window: Window, sides: tuple[int, int]) -> tuple[Along, Along]:
    (top, _), (left, _) = window.pads(sides)
    (height, width), (down, right) = pair(window.kernel_size), pair(window.stride)
    dilation = pair(window.dilation)
    return Along(height, down, top, dilation[0]), Along(width, right, left, dilation[1])


def _same(side: int, stride: int, span: int) -> tuple[int, int]:
    total = max(0, (-(-side // stride) - 1) * stride + span - side)
    return total // 2, total - total // 2
