"""Pen paths as small grey images, normalised exactly as the MNIST digits are.

The figures are those of LeCun's MNIST page: the ink box is brought to 20×20 pixels at most with its proportions kept,
antialiased, and the centre of mass is moved to the middle of a 28×28 field by whole pixels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BOX = 20  # pixels of the longer side of the ink
FIELD = 28  # pixels of the side of an image
_AT_ONCE = 32  # digits rendered together: their distances (4 MB) stay in the processor's cache

Array = NDArray[np.float32]


def fitted(points: Array, radii: Array) -> tuple[Array, Array]:
    """Return paths and pen radii in pixels, the ink of each centred in its 20×20 box and touching its longer sides.

    Args:
        points: Paths in any unit.  # (N, P, 2)
        radii: Half the pen width at each point, in the same unit.  # (N, P)
    """
    low = (points - radii[..., None]).min(axis=1)  # (N, 2)
    high = (points + radii[..., None]).max(axis=1)
    scale = BOX / (high - low).max(axis=1)  # (N,)
    middle = (low + high) / 2
    return (points - middle[:, None]) * scale[:, None, None] + BOX / 2, radii * scale[:, None]


def rendered(points: Array, radii: Array, softness: Array, darkness: Array) -> NDArray[np.uint8]:
    """Return the boxes of ink that discs along the paths leave.

    Args:
        points: Paths in pixels from the upper left corner of the box.  # (N, P, 2)
        radii: Half the pen width at each point, in pixels.  # (N, P)
        softness: Width of the grey edge of the ink, in pixels.  # (N,)
        darkness: How dark full ink is, 0 to 1.  # (N,)

    Returns:
        Grey values, 0 for paper.  # (N, 20, 20)
    """
    boxes = np.empty((len(points), BOX * BOX), np.uint8)
    for start in range(0, len(points), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        distance = _outside(points[part], radii[part])
        ink = (0.5 - distance / softness[part, None]).clip(0, 1) * (255 * darkness[part, None])
        boxes[part] = (ink + 0.5).astype(np.uint8)
    return boxes.reshape(-1, BOX, BOX)


def _outside(points: Array, radii: Array) -> Array:
    """Return how far each pixel's middle lies outside the ink, negative within (N, 400).

    |x - p|² - r² is a product of (1, x, |x|²) and (|p|² - r², -2p, 1), so one matrix product gives all of them.
    """
    points = points - BOX / 2  # short vectors keep float32 exact enough
    factors = np.empty((*radii.shape, 4), np.float32)
    factors[..., 0] = np.square(points).sum(axis=-1) - np.square(radii)
    factors[..., 1:3] = -2 * points
    factors[..., 3] = 1
    powers = (factors.reshape(-1, 4) @ _PIXELS).reshape(*radii.shape, -1)  # (N, P, 400)
    mean = radii.mean(axis=1, keepdims=True)
    return np.sqrt(np.maximum(powers.min(axis=1) + mean**2, 0)) - mean


def _pixels() -> Array:
    middles = np.arange(BOX, dtype=np.float32) + 0.5 - BOX / 2
    y, x = (grid.ravel() for grid in np.meshgrid(middles, middles, indexing="ij"))
    return np.stack([np.ones_like(x), x, y, x**2 + y**2])  # (4, 400)


_PIXELS = _pixels()


def centred(boxes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return 28×28 fields with the centre of mass of each box at pixel 14, 14, to half a pixel.

    Ink that would leave the field then stays at its edge.

    Args:
        boxes: Grey values, none of them all 0.  # (N, 20, 20)
    """
    ramp = np.arange(BOX)
    masses = boxes.sum(axis=(1, 2), dtype=np.float64)
    shifts = [
        np.clip(np.rint(FIELD / 2 - boxes.sum(axis=axis, dtype=np.int64) @ ramp / masses), 0, FIELD - BOX).astype(int)
        for axis in (2, 1)
    ]
    images = np.zeros((len(boxes), FIELD, FIELD), np.uint8)
    rows, columns = (shift[:, None] + ramp for shift in shifts)  # (N, 20)
    images[np.arange(len(boxes))[:, None, None], rows[:, :, None], columns[:, None, :]] = boxes
    return images
