"""What a mosaic shows, as a value, and the picture made of it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QFont, QImage, QPainter

from convscope.ui import theme
from convscope.ui.colour_maps import ColourScale, Kind, colours, finite_range, image_of
from convscope.ui.widgets.mosaic_dropped import crossed_out
from convscope.ui.widgets.mosaic_layout import Layout, fitted
from convscope.ui.widgets.mosaic_text import MOST_VALUES, draw_cell_values, draw_tile_numbers

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Maps:
    """Maps of a layer, or kernels of its filters, and what their colours stand for.

    Attributes:
        values: # (tiles, parts, height, width)
        is_vector: Every tile is one number.
        scale: None gives every tile a scale of its own.
        kind: Of the tiles' own scales.
        stretched: Cells may be oblong, so that a matrix fills the room.
        gain: Boosts the contrast; see `ColourScale.boosted`.
        beside: Values of other maps that share the tiles' own scales, of the same shape.
        dropped: Which values dropout set to zero, of the same shape; None where it drops nothing.
    """

    values: Array
    is_vector: bool
    scale: ColourScale | None
    kind: Kind
    stretched: bool = False
    gain: float = 1.0
    beside: Array | None = None
    dropped: NDArray[np.bool_] | None = None

    @classmethod
    def of(
        cls,
        maps: Array,
        scale: ColourScale | None = None,
        *,
        signed: bool = False,
        stretched: bool = False,
        gain: float = 1.0,
        beside: Array | None = None,
        dropped: NDArray[np.bool_] | None = None,
    ) -> Self:
        """Return what shows `maps`.

        Args:
            maps: (N,), (N, height, width) or (N, parts, height, width).
            scale: None gives every tile a scale of its own.
            signed: Those are centred on zero even if no value is negative.
            stretched: Cells may be oblong.
            gain: See `Maps`.
            beside: Maps to be compared with, of the same shape as `maps`; they share the tiles' own scales.
            dropped: Which values dropout set to zero, of the same shape as `maps`.
        """
        values, other = _tiles(maps), None if beside is None else _tiles(beside)
        least = 0.0 if scale is not None else min(finite_range(v)[0] for v in (values, other) if v is not None)
        kind: Kind = "diverging" if signed or least < 0 else "sequential"
        flags = None if dropped is None else _tiles(dropped)
        return cls(values, maps.ndim == 1, scale, kind, stretched, gain, other, flags)

    def __len__(self) -> int:
        return len(self.values)

    def only(self, tile: int) -> Maps:
        """Return one tile alone, in the same colours."""
        own = {
            name: None if array is None else array[tile : tile + 1]
            for name, array in (("beside", self.beside), ("dropped", self.dropped))
        }
        return dataclasses.replace(self, values=self.values[tile : tile + 1], **own)

    def tile_scale(self, tile: int) -> ColourScale:
        """Return what the colours of one tile stand for, before the gain."""
        if self.scale is not None:
            return self.scale
        others = () if self.beside is None else (self.beside[tile],)
        own = [ColourScale.of(values) for values in (self.values[tile], *others)]
        return ColourScale(min(one.low for one in own), max(one.high for one in own), self.kind)

    def layout(self, room: tuple[int, int], ratio: float) -> Layout:
        """Return where the tiles lie in a room of device pixels."""
        return fitted(self.values.shape, room, stretched=self.stretched, ratio=ratio)

    def picture(
        self, layout: Layout, font: QFont, ratio: float, *, numbered: bool = True, lettered: bool = True
    ) -> QImage:
        """Return the picture from the first tile's corner on, with numbers where there is room for them.

        Args:
            layout: Where the tiles lie.
            font: Of the numbers.
            ratio: Pixels of the layout for each unit of the widget.
            numbered: Tiles tell their number.
            lettered: The numbers are in the picture; otherwise `letter` writes them upon it.
        """
        drawn, pixels = self._shown(layout)
        plane = drawn.picture(pixels, self._gap_colour(layout))
        if self.dropped is not None:
            plane = crossed_out(plane, drawn, layout.sampled(self.dropped)[1], theme.current().muted.rgb())
        picture = image_of(plane)
        picture.setDevicePixelRatio(ratio)
        if lettered:
            painter = QPainter(picture)
            painter.translate(-layout.columns.start / ratio, -layout.rows.start / ratio)
            self.letter(painter, layout, font, ratio, numbered=numbered)
            painter.end()
        return picture

    def letter(self, painter: QPainter, layout: Layout, font: QFont, ratio: float, *, numbered: bool = True) -> None:
        """Write the numbers; the painter's origin is the layout's, the rest is as for `picture`."""
        painter.setFont(font)
        if self.values.size <= MOST_VALUES:
            draw_cell_values(painter, layout, ratio, self.values, self._pixels)
        if numbered and len(self) > 1:
            draw_tile_numbers(painter, layout, ratio)

    def _gap_colour(self, layout: Layout) -> int:
        """Return what separates the tiles; a thin line between many needs more contrast than a band."""
        thin = layout.rows.tile_gap <= 2 and not self.is_vector and len(self) > 1
        return (theme.current().muted if thin else theme.current().border).rgb()

    def _shown(self, layout: Layout) -> tuple[Layout, NDArray[np.uint32]]:
        """Return the colours that a picture shows, which may be few of millions, and a layout for them."""
        if type(self) is not Maps:  # whose colours may need more than the values
            return layout, self._pixels
        fewer, values = layout.sampled(self.values)
        return fewer, self._coloured(values)

    @property
    def _pixels(self) -> NDArray[np.uint32]:
        """The colours of all values."""
        return self._coloured(self.values)

    def _coloured(self, values: Array) -> NDArray[np.uint32]:
        """Return the colours of the tiles' values, or of some of each tile's."""
        if self.scale is not None:
            scale = self.scale.boosted(self.gain)
            return colours(values, scale.low, scale.high, scale.kind)
        return colours(values / self._reaches, 0, 1 / self.gain, self.kind)

    @cached_property
    def _reaches(self) -> Array:
        """The greatest magnitude of each tile; 1 where all is zero.  # (tiles, 1, 1, 1)."""
        reach = _reach(self.values)
        if self.beside is not None:
            reach = np.maximum(reach, _reach(self.beside))
        return np.where(reach > 0, reach, 1)


def _tiles(maps: NDArray[Any]) -> NDArray[Any]:
    return maps[:, None, None, None] if maps.ndim == 1 else maps[:, None] if maps.ndim == 3 else maps


def _reach(values: Array) -> Array:
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(values), np.abs(values), 0).max(axis=(1, 2, 3), keepdims=True)
