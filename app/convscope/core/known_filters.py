"""Kernels that are known from image processing, to be put into a convolution by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Rows = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class KnownFilter:
    """A kernel of known effect.

    Like every layer here it is applied as a cross-correlation, that is without turning it round first: its upper left
    number meets the upper left pixel.

    Attributes:
        id: Its name in code.
        title: Its name for people.
        help: A sentence about what it does.
        rows: Its numbers, before the division.
        divisor: What each number is divided by.
    """

    id: str
    title: str
    help: str
    rows: Rows
    divisor: float = 1

    def kernel(self, height: int, width: int) -> Array:
        """Return it with zeros around it, its centre at row (height − 1) // 2 and column (width − 1) // 2.

        There, with "same" padding, a layer's output lies over its input.  # (height, width)

        Raises:
            ValueError: It does not fit into a kernel of this size.
        """
        if not self.fits(height, width):
            raise ValueError(f"{self.title} does not fit into a kernel of {height}×{width}.")
        own = np.array(self.rows, np.float32) / np.float32(self.divisor)
        result = np.zeros((height, width), np.float32)
        top, left = ((room - 1) // 2 - (side - 1) // 2 for room, side in zip((height, width), own.shape, strict=True))
        result[top : top + own.shape[0], left : left + own.shape[1]] = own
        return result

    def fits(self, height: int, width: int) -> bool:
        """Say whether a kernel of this size has room for it."""
        return len(self.rows) <= height and len(self.rows[0]) <= width


# Identity, the edge detectors, sharpen and the blurs are those that courses take from Gonzalez and Woods, "Digital
# Image Processing"; the Sobel operator is Sobel's and Feldman's (1968), without its division by 8.
KNOWN_FILTERS = (
    KnownFilter("identity", "Identity", "Hands each pixel on as it is.", ((1,),)),
    KnownFilter(
        "edges_diagonal",
        "Edges, diagonal",
        "Compares the corners: a mixed second difference, ∂²/∂x∂y.",
        ((1, 0, -1), (0, 0, 0), (-1, 0, 1)),
    ),
    KnownFilter(
        "edges_four",
        "Edges, 4 neighbours",
        "Laplace: how much the four neighbours together differ from the pixel.",
        ((0, 1, 0), (1, -4, 1), (0, 1, 0)),
    ),
    KnownFilter(
        "edges_eight",
        "Edges, 8 neighbours",
        "How much the pixel differs from all eight neighbours together, so also across diagonals.",
        ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1)),
    ),
    KnownFilter(
        "sobel_horizontal",
        "Sobel, horizontal",
        "The slope from left to right, so it finds vertical edges.",
        ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    ),
    KnownFilter(
        "sobel_vertical",
        "Sobel, vertical",
        "The slope from top to bottom, so it finds horizontal edges.",
        ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    ),
    KnownFilter(
        "sharpen",
        "Sharpen",
        "Adds to the pixel what the four neighbours lack: identity minus Laplace.",
        ((0, -1, 0), (-1, 5, -1), (0, -1, 0)),
    ),
    KnownFilter("box_blur", "Box blur", "The mean of nine pixels.", ((1, 1, 1), (1, 1, 1), (1, 1, 1)), 9),
    KnownFilter(
        "gaussian_blur",
        "Gaussian blur",
        "A weighted mean in which near pixels count more: the binomials 1 2 1, down and across.",
        ((1, 2, 1), (2, 4, 2), (1, 2, 1)),
        16,
    ),
)


def fitting(height: int, width: int) -> tuple[KnownFilter, ...]:
    """Return the known filters that a kernel of this size has room for."""
    return tuple(known for known in KNOWN_FILTERS if known.fits(height, width))
