"""Values as colours: a sequential map for activations and images, a diverging one for signed values.

Both are built in OKLab (Ottosson 2020), where equal distances look equally different, and both show zero in the colour
of the paper: white in the light theme, near black in the dark one.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from convscope.ui import theme

Kind = Literal["sequential", "diverging"]
Floats = NDArray[np.floating[Any]]

_LARGEST = float(np.finfo(np.float32).max)
_LARGE = 1000  # values, from which looking through them takes longer than remembering
_ranges: dict[int, tuple[weakref.ref[Any], tuple[float, float]]] = {}

NOT_FINITE = (255, 0, 200)  # magenta, which neither map comes near: NaN and infinity must be seen

# Control points: lightness 0 to 1, chroma, hue in degrees (OKLCH), from the least value to the greatest.
_Points = tuple[tuple[float, float, float], ...]
_SEQUENTIAL_DARK: _Points = (
    (0.17, 0.03, 275), (0.38, 0.125, 268), (0.58, 0.098, 212), (0.78, 0.16, 150), (0.96, 0.085, 104),
)  # fmt: skip
_SEQUENTIAL_LIGHT: _Points = (
    (0.985, 0.01, 104), (0.85, 0.12, 140), (0.66, 0.105, 190), (0.44, 0.115, 258), (0.20, 0.06, 285),
)  # fmt: skip
_BLUE_LIGHT: _Points = ((0.48, 0.135, 256), (0.74, 0.115, 248), (0.975, 0.004, 240))
_ORANGE_LIGHT: _Points = ((0.975, 0.004, 60), (0.76, 0.135, 62), (0.52, 0.125, 48))
_BLUE_DARK: _Points = ((0.82, 0.098, 232), (0.54, 0.135, 252), (0.20, 0.012, 250))
_ORANGE_DARK: _Points = ((0.20, 0.012, 60), (0.54, 0.12, 55), (0.84, 0.125, 72))


@dataclass(frozen=True)
class ColourScale:
    """Which values the colours stand for.

    Attributes:
        low: Least value shown; never above 0, so that zero always has the same colour.
        high: Greatest value shown; never below 0.
        kind: A diverging scale is centred on 0: its colours reach as far down as up.
    """

    low: float
    high: float
    kind: Kind

    @classmethod
    def of(cls, values: Floats) -> Self:
        """Return the scale that holds all finite `values`, diverging when some are negative."""
        low, high = finite_range(values)
        return cls(min(low, 0.0), max(high, 0.0), "diverging" if low < 0 else "sequential")

    @classmethod
    def signed(cls, values: Floats) -> Self:
        """Return the diverging scale that holds all finite `values`."""
        low, high = finite_range(values)
        return cls(min(low, 0.0), max(high, 0.0), "diverging")

    @property
    def ends(self) -> tuple[float, float]:
        """The values of the first and the last colour."""
        reach = max(-self.low, self.high)
        return (-reach, reach) if self.kind == "diverging" else (self.low, self.high)

    def boosted(self, gain: float) -> ColourScale:
        """Return the scale whose last colours stand for values `gain` (1 or more) times smaller.

        So faint values are told apart; those beyond the ends look like the ends.
        """
        reach = max(-self.low, self.high) / gain
        return ColourScale(max(self.low, -reach), min(self.high, reach), self.kind)


def finite_range(values: Floats) -> tuple[float, float]:
    """Return the least and the greatest finite value; (0, 0) when there is none.

    That of a large read-only array is remembered as long as the array lives, because several views ask for it. Nobody
    may write to its memory by another name.
    """
    if values.size < _LARGE or values.flags.writeable:
        return _found_range(values)
    key = id(values)
    known = _ranges.get(key)
    if known is None or known[0]() is not values:
        known = _ranges[key] = weakref.ref(values, lambda _: _ranges.pop(key, None)), _found_range(values)
    return known[1]


def _found_range(values: Floats) -> tuple[float, float]:
    if values.size == 0:
        return 0.0, 0.0
    low, high = float(values.min()), float(values.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        finite = values[np.isfinite(values)]
        return _found_range(finite)
    return low, high


def sequential() -> NDArray[np.uint8]:
    """Return the current theme's 256 colours for values from 0 up.  # (256, 4) red, green, blue, alpha."""
    return _table("sequential", theme.current().dark)


def diverging() -> NDArray[np.uint8]:
    """Return the current theme's 256 colours, blue below zero and orange above.  # (256, 4) red, green, blue, alpha."""
    return _table("diverging", theme.current().dark)


def colours(values: Floats, low: float, high: float, kind: Kind) -> NDArray[np.uint32]:
    """Return `values` as 0xAARRGGBB of the same shape.

    Args:
        values: Any shape; what lies outside `low` to `high` takes the colour at that end.
        low: Value of the first colour; a diverging map reaches as far down as up, whichever of the two is farther.
        high: Value of the last colour.
        kind: Which of the two maps.
    """
    return _looked_up(np.asarray(values), *_steps(low, high, kind))


def colours_of_many(parts: Sequence[tuple[Floats, ColourScale]]) -> list[NDArray[np.uint32]]:
    """Return several arrays as 0xAARRGGBB, each in its own scale and flat: of many small ones much the faster way."""
    if not parts:
        return []
    sizes = [values.size for values, _ in parts]
    flat = np.concatenate([values.ravel() for values, _ in parts])
    steps = zip(*(_steps(scale.low, scale.high, scale.kind) for _, scale in parts), strict=True)
    pixels = _looked_up(flat, *(np.repeat(np.array(each), sizes) for each in steps))
    return np.split(pixels, np.cumsum(sizes)[:-1])


def _steps(low: float, high: float, kind: Kind) -> tuple[np.float32, np.float32, np.uint16]:
    """Return the value of the first colour, how many colours lie in 1, and where the colours begin in `_packed`."""
    first = 0
    if kind == "diverging":
        first, high = 256, max(abs(low), abs(high))
        low = -high
    spread = high - low
    if spread <= 256 / _LARGEST:
        return np.float32(0), np.float32(0), np.uint16(first and first + 128)  # all have the colour of 0
    return np.float32(max(low, -_LARGEST)), np.float32(256 / spread), np.uint16(first)


def _looked_up(values: Floats, low: Any, factor: Any, first: Any) -> NDArray[np.uint32]:
    """Return the colours of values, whose scales are single numbers or one for each value."""
    with np.errstate(all="ignore"):  # NaN and infinity get their own colour below
        levels = (values.astype(np.float32, copy=False) - low) * factor
        np.minimum(np.maximum(levels, 0, out=levels), 255, out=levels)  # a third of what clip takes of a small array
        result = _packed(theme.current().dark).take(levels.astype(np.uint8) + first)  # faster than an index
        if not math.isfinite(
            float(np.add.reduce(values, axis=None))
        ):  # cheaper than isfinite of each value; may also be an overflow
            result[~np.isfinite(values)] = _pack(np.array(NOT_FINITE))
    return result


def coloured(values: Floats, low: float, high: float, kind: Kind) -> QImage:
    """Return an opaque image with one pixel per value of `values`; see `colours`.  # (height, width)."""
    return image_of(colours(values, low, high, kind))


def strip(scale: ColourScale) -> tuple[QImage, QRectF]:
    """Return an image of a map's colours side by side, and the part of it that a scale uses, from least to greatest."""
    image = _strip(scale.kind, theme.current().dark)
    low, high = scale.ends
    if high <= low:  # all values are zero
        return image, QRectF(image.width() / 2 if scale.kind == "diverging" else 0, 0, 1, 1)
    left, right = (image.width() * ((end - low) / (high - low)) for end in (scale.low, scale.high))
    return image, QRectF(left, 0, right - left, 1)


def image_of(pixels: NDArray[np.uint32]) -> QImage:
    """Return an image with a copy of opaque `pixels`, 0xAARRGGBB, in the format drawn fastest.  # (height, width)."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()


@cache
def _packed(dark: bool) -> NDArray[np.uint32]:
    """Return the colours of the sequential map, and after them those of the diverging one.  # (512,)."""
    return np.concatenate([_pack(_table("sequential", dark)), _pack(_table("diverging", dark))])


@cache
def _strip(kind: Kind, dark: bool) -> QImage:
    return image_of(_pack(_table(kind, dark))[None])


def _pack(rgb: NDArray[Any]) -> NDArray[np.uint32]:
    return (rgb[..., :3].astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)) | np.uint32(0xFF000000)


@cache
def _table(kind: Kind, dark: bool) -> NDArray[np.uint8]:
    if kind == "sequential":
        lab = _curve(_SEQUENTIAL_DARK if dark else _SEQUENTIAL_LIGHT, 256)
    else:
        below = _curve(_BLUE_DARK if dark else _BLUE_LIGHT, 129)
        above = _curve(_ORANGE_DARK if dark else _ORANGE_LIGHT, 128)
        lab = np.concatenate([below[:-1], above])
    table = np.full((256, 4), 255, np.uint8)
    table[:, :3] = np.round(255 * np.clip(_srgb(lab), 0, 1))
    table.flags.writeable = False
    return table


def _curve(points: _Points, count: int) -> NDArray[np.float64]:
    """Return `count` OKLab colours at equal distances on a smooth curve through `points`.  # (count, 3)."""
    lightness, chroma, hue = np.array(points).T
    corners = np.stack([lightness, chroma * np.cos(np.radians(hue)), chroma * np.sin(np.radians(hue))], axis=1)
    fine = _smooth(corners, 2000)
    walked = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(fine, axis=0), axis=1))])
    places = np.linspace(0, walked[-1], count)
    return np.stack([np.interp(places, walked, fine[:, axis]) for axis in range(3)], axis=1)


def _smooth(corners: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return points on the Catmull-Rom spline through `corners`."""
    ends = (2 * corners[:1] - corners[1:2], 2 * corners[-1:] - corners[-2:-1])
    knots = np.concatenate([ends[0], corners, ends[1]])
    place = np.linspace(0, len(corners) - 1, count)
    first = np.minimum(place.astype(int), len(corners) - 2)
    t = (place - first)[:, None]
    a, b, c, d = (knots[first + offset] for offset in range(4))
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)


def _srgb(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return OKLab as sRGB 0 to 1; the matrices are those of Ottosson's definition of OKLab (2020)."""
    to_cones = np.array([
        [1, 0.3963377774, 0.2158037573],
        [1, -0.1055613458, -0.0638541728],
        [1, -0.0894841775, -1.2914855480],
    ])  # fmt: skip
    to_linear = np.array([
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ])  # fmt: skip
    linear = (lab @ to_cones.T) ** 3 @ to_linear.T
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.abs(linear) ** (1 / 2.4) - 0.055)
