"""The network's input in grey with what mattered laid over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from convscope.ui import theme
from convscope.ui.colour_maps import ColourScale
from convscope.ui.widgets.mosaic import Mosaic
from convscope.ui.widgets.mosaic_layout import Place
from convscope.ui.widgets.mosaic_maps import Maps
from convscope.ui.widgets.number_text import number_text


@dataclass(frozen=True, eq=False)
class Overlay(Maps):
    """Values over an image: the more a pixel matters, the more its colour covers the ink.

    Attributes:
        image: Ink, 0 to 1.  # (height, width)
        opacity: Of the greatest magnitude, 0 to 1.
    """

    image: NDArray[np.float32] | None = None
    opacity: float = 1.0

    @classmethod
    def over(cls, image: NDArray[np.float32], values: NDArray[Any], *, signed: bool, opacity: float) -> Overlay:
        """Return what lays `values` (height, width) over `image` (C, height, width)."""
        scale = ColourScale.signed(values) if signed else ColourScale.of(values)
        return cls(values[None, None], False, scale, scale.kind, image=image.mean(axis=0), opacity=opacity)

    @property
    def _pixels(self) -> NDArray[np.uint32]:
        """The blend of ink and colours.  # (1, 1, height, width)."""
        assert self.image is not None
        assert self.scale is not None
        reach = max(-self.scale.low, self.scale.high)
        strength = np.abs(np.nan_to_num(self.values[0, 0])) / reach if reach > 0 else np.zeros(self.image.shape)
        share = (self.opacity * np.minimum(strength, 1))[..., None]
        blend = (1 - share) * _greys(self.image) + share * _parts(super()._pixels[0, 0])
        packed = np.rint(blend).astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
        return (packed | np.uint32(0xFF000000))[None, None]


class AttributionMosaic(Mosaic):
    """Shows an overlay; see `Mosaic` for what the user can do with its pixels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("attribution_image")
        self.setAccessibleName("What mattered in the drawing")
        self._method = ""

    def show_method(self, method: str) -> None:
        """Take the name of what the values are."""
        self._method = method

    def caption(self) -> str:
        """Return what is to be said of the pixel that is pointed at, else of the pinned one."""
        place = self.hovered or self.marks.pinned
        if self.maps is None or place is None:
            return ""
        return self.described(place, self.value_at(place))

    def described(self, place: Place, value: float) -> str:
        """Return what is said of one pixel."""
        image = self.maps.image if isinstance(self.maps, Overlay) else None
        ink = "" if image is None else f"ink {image[place.row, place.column]:.2f},  "
        return f"Row {place.row}, column {place.column}:  {ink}{self._method} {number_text(value, 3)}"


def _greys(image: NDArray[np.float32]) -> NDArray[np.floating[Any]]:
    """Return the image between paper and a grey that leaves room for colours.  # (height, width, 3)."""
    colours = theme.current()
    paper, ink = (np.array(_components(colour), np.float32) for colour in (colours.paper, colours.muted))
    return paper + np.clip(np.nan_to_num(image), 0, 1)[..., None] * (ink - paper)


def _components(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()


def _parts(pixels: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Return red, green and blue of packed pixels.  # (height, width, 3)."""
    return np.stack([(pixels >> shift & 255) for shift in (16, 8, 0)], axis=-1).astype(np.float32)
