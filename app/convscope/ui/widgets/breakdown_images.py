"""The inputs of a dense unit, its weights and their products as images, where the inputs once were maps."""

from __future__ import annotations

from dataclasses import replace
from math import floor

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from convscope.core.arithmetic.breakdowns import DenseBreakdown
from convscope.core.unit import Unit
from convscope.ui import theme
from convscope.ui.colour_maps import ColourScale
from convscope.ui.widgets.breakdown_block import Block, Spot, write
from convscope.ui.widgets.mosaic_layout import Layout, Place
from convscope.ui.widgets.mosaic_maps import Maps
from convscope.ui.widgets.number_grid import Look
from convscope.ui.widgets.number_text import number_text

_TALLEST = 104.0  # pixels: the contributions below must begin on the first screen
_LEAST = 48.0  # the same, however low the panel is
_GAP = 14.0


class WeightImagesBlock(Block):
    """Three mosaics side by side: input × weights = products."""

    def __init__(self, breakdown: DenseBreakdown) -> None:
        """Make the block of a breakdown that has `maps_shape`."""
        assert breakdown.maps_shape is not None
        self._b, self._shape = breakdown, breakdown.maps_shape
        parts = (breakdown.inputs, breakdown.weights, breakdown.products)
        scales = (
            ColourScale.of(breakdown.inputs),
            ColourScale.signed(breakdown.weights),
            ColourScale.signed(breakdown.products),
        )
        self._maps = [Maps.of(part.reshape(self._shape), scale) for part, scale in zip(parts, scales, strict=True)]
        self._scales = scales
        self._layout: Layout | None = None
        self._pictures: list[QImage] = []
        self._step = self._head = 0.0
        self._parted = False  # the ranges take two lines
        self._ratio = 1.0

    def fit(self, look: Look, width: float) -> None:
        """Divide the width into three."""
        self._step = width / 3
        self._parted = any(look.width(text, look.small) > self._step - _GAP for text in map(_range_text, self._scales))
        self._head = (3 if self._parted else 2) * look.small_line + 2
        self._ratio = look.ratio
        tallest = min(_TALLEST, max(0.4 * look.room, _LEAST)) if look.room > 0 else _TALLEST
        room = (int((self._step - _GAP) * look.ratio), int(tallest * look.ratio))
        layout = self._maps[0].layout(room, look.ratio).left_aligned()
        self._layout = replace(layout, rows=replace(layout.rows, start=0))
        self._pictures = []
        self.height = self._head + self._layout.rows.length / look.ratio + 8

    def paint(self, painter: QPainter, look: Look, seen: QRectF) -> None:
        """Paint the three mosaics; they are made when they are seen first."""
        assert self._layout is not None
        if not self._pictures:
            self._pictures = [
                maps.picture(self._layout, look.small, self._ratio, numbered=False) for maps in self._maps
            ]
        names = ("input", "× weights", "= products")
        for number, (name, picture) in enumerate(zip(names, self._pictures, strict=True)):
            scale = self._scales[number]
            top = QRectF(self._left(number), 0, self._step - 2, look.small_line)
            write(painter, top, name, look.small, theme.current().text)
            lines = _range_text(scale).replace("… ", "…\n" if self._parted else "… ").split("\n")
            for line, text in enumerate(lines):
                write(painter, top.translated(0, (line + 1) * look.small_line), text, look.small, theme.current().muted)
            painter.drawImage(QPointF(self._left(number), self._head), picture)

    def find(self, point: QPointF) -> Spot | None:
        """Return the value at a point."""
        number = int(point.x() // self._step) if self._step else -1
        if self._layout is None or not 0 <= number < 3:
            return None
        x = floor((point.x() - self._left(number)) * self._ratio)
        y = floor((point.y() - self._head) * self._ratio)
        place = self._layout.find(x, y)
        if place is None:
            return None
        index = int(np.ravel_multi_index((place.tile, place.row, place.column), self._shape))
        b = self._b
        product, weight, value = (number_text(float(part[index])) for part in (b.products, b.weights, b.inputs))
        where = f"Map {place.tile}, row {place.row}, column {place.column}"
        boxes = self._boxes(place)
        boxes = [boxes[number], *boxes[:number], *boxes[number + 1 :]]
        unit = Unit(b.unit.layer - 1, (index,))
        return Spot(tuple(boxes), f"{where}: {value} × {weight} = {product}", unit, "pin" if number == 0 else "")

    def boxes(self, unit: Unit) -> list[QRectF]:
        """Return the place of an input in all three."""
        if unit.layer != self._b.unit.layer - 1 or not unit.fits((len(self._b.inputs),)):
            return []
        tile, row, column = np.unravel_index(unit.index[0], self._shape)
        return self._boxes(Place(int(tile), 0, int(row), int(column)))

    def _boxes(self, place: Place) -> list[QRectF]:
        assert self._layout is not None
        x, y, width, height = (side / self._ratio for side in self._layout.cell_box(place))
        return [QRectF(self._left(number) + x, self._head + y, width, height) for number in range(3)]

    def _left(self, number: int) -> float:
        return number * self._step


def _range_text(scale: ColourScale) -> str:
    return f"{number_text(scale.low, 2)} … {number_text(scale.high, 2)}"
