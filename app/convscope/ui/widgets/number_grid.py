"""A small matrix as coloured cells with its numbers, as a blackboard shows a patch or a kernel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen

from convscope.core.stretches import stretches
from convscope.ui import theme
from convscope.ui.colour_maps import ColourScale, colours, image_of
from convscope.ui.widgets.laid_out_text import LaidOutTexts
from convscope.ui.widgets.number_text import cell_text

_SMALLEST_FONT = 8.5  # points
_WIDEST = 52.0  # pixels of a cell with a number: wider says no more
_LARGEST = 26.0  # pixels of a cell without one
_LINES_FROM = 6.0  # pixels a cell must have for lines between the cells to help and not to hide
_BETWEEN = 4.0  # pixels between the numbers of two cells, at least
_SMALL = 0.095  # greatest magnitude that a factor is taken out of: of more, two decimals say enough


@dataclass(frozen=True, eq=False)
class Look:
    """The fonts and measures with which numbers are written; a view keeps one, so that what follows can be kept, too.

    Attributes:
        font: Of sentences and sums.
        small: Of cells, heads and side notes.
        bold: Of results.
        line: Height of a line of `font`.
        small_line: Height of a line of `small`.
        number: Width of the widest number in a cell.
        ratio: Device pixels per logical pixel.
        opened: Whether long lists are shown in full.
        room: Height that can be seen without scrolling; 0 where that is not known.
    """

    font: QFont
    small: QFont
    bold: QFont
    line: float
    small_line: float
    number: float
    ratio: float = 1.0
    opened: bool = False
    room: float = 0.0
    _texts: dict[int, LaidOutTexts] = field(
        default_factory=dict[int, LaidOutTexts], init=False, repr=False
    )  # by the identity of the font, which the look keeps alive

    @classmethod
    def of(cls, font: QFont, ratio: float = 1.0, *, opened: bool = False, room: float = 0.0) -> Look:
        """Return the look that goes with a widget's font."""
        small, bold = QFont(font), QFont(font)
        small.setPointSizeF(max(_SMALLEST_FONT, 0.85 * font.pointSizeF()))
        bold.setBold(True)
        own, smaller = QFontMetricsF(font), QFontMetricsF(small)
        width = smaller.horizontalAdvance("−0.00")
        return cls(font, small, bold, own.height(), smaller.height(), width, ratio, opened, room)

    @property
    def number_cell(self) -> float:
        """Width of the narrowest cell that has room for its number."""
        return float(int(self.number + _BETWEEN))

    def write(
        self, painter: QPainter, box: QRectF, text: str, font: QFont, colour: QColor, across: float = 0.0
    ) -> None:
        """Write a line in one of the three fonts, at the left end (0) of a box, in its middle (0.5) or so."""
        painter.setFont(font)
        painter.setPen(colour)
        self.texts(font).paint(painter, box, text, across)

    def texts(self, font: QFont) -> LaidOutTexts:
        """Return what is written in one of the three fonts."""
        texts = self._texts.get(id(font))
        if texts is None:
            texts = self._texts[id(font)] = LaidOutTexts(font)
        return texts

    def width(self, text: str, font: QFont | None = None) -> float:
        """Return how wide a text is, in `self.font` or another of the three."""
        return self.texts(font or self.font).sizes.width(text)

    def wrapped_height(self, text: str, width: float, font: QFont | None = None) -> float:
        """Return how high a text is that wraps at a width, in `self.font` or another of the three."""
        return self.texts(font or self.font).sizes.wrapped_height(text, width)


@dataclass(frozen=True, eq=False)
class NumberGrid:
    """A matrix to show.

    Attributes:
        values: # (rows, columns)
        scale: What the colours stand for.
        inside: Which cells hold a value; the others are padding.  # (rows, columns)
        padding: What stands in a cell of the padding.
        winner: Row and column of the value that counts alone.
        power: What the numbers are counted in: 10 to this power.
        pixels: The colours, where they are known already.  # (rows, columns)
    """

    values: NDArray[np.floating[Any]]
    scale: ColourScale
    inside: NDArray[np.bool_] | None = None
    padding: str = "0"
    winner: tuple[int, int] | None = None
    power: int = 0
    pixels: NDArray[np.uint32] | None = None

    def counted(self) -> NDArray[np.bool_]:
        """Return which cells hold a value."""
        return np.ones(self.values.shape, np.bool_) if self.inside is None else self.inside

    def outside(self) -> list[tuple[int, tuple[int, int]]]:
        """Return row, first and last column + 1 of each run of cells that lie in the padding."""
        if self.inside is None:
            return []
        return [(row, run) for row, cells in enumerate(~self.inside) for run in stretches(cells)]

    def coloured(self) -> NDArray[np.uint32]:
        """Return the colours of the cells."""
        if self.pixels is not None:
            return self.pixels
        values = self.values if self.inside is None else np.where(self.inside, self.values, 0)  # padding may be NaN
        return colours(values, self.scale.low, self.scale.high, self.scale.kind)


def power_for(scale: ColourScale) -> int:
    """Return the power of ten in which two decimals say enough of the values of a scale; 0 unless all are small."""
    reach = max(-scale.low, scale.high)
    return math.floor(math.log10(reach)) if 0 < reach < _SMALL else 0


def cell_size(columns: int, room: float, look: Look) -> tuple[QSizeF, bool]:
    """Return the size of a cell when so many share a width, and whether numbers fit into it."""
    width = room / max(columns, 1)
    if width >= look.number_cell:
        return QSizeF(min(float(int(width)), _WIDEST), look.small_line + 4), True
    side = float(int(width)) if width >= 1 else width
    side = max(min(side, _LARGEST), 0.5)
    return QSizeF(side, side), False


def cell_box(corner: QPointF, cell: QSizeF, row: int, column: int) -> QRectF:
    """Return where a cell lies in a grid that begins at `corner`."""
    return QRectF(corner.x() + column * cell.width(), corner.y() + row * cell.height(), cell.width(), cell.height())


def paint_grid(
    painter: QPainter, grid: NumberGrid, corner: QPointF, cell: QSizeF, look: Look, *, numbered: bool
) -> None:
    """Paint a matrix from its corner on; see `paint_grids`."""
    paint_grids(painter, [(grid, corner)], cell, look, numbered=numbered)


def paint_grids(
    painter: QPainter, grids: Sequence[tuple[NumberGrid, QPointF]], cell: QSizeF, look: Look, *, numbered: bool
) -> None:
    """Paint matrices whose cells are alike, all colours first and all numbers then, which is faster than one by one.

    Args:
        painter: Its pen, brush and font are changed.
        grids: What is shown, each from the corner of its first cell on.
        cell: Size of one cell.
        look: The font of the numbers.
        numbered: Whether the values are written into the cells.
    """
    pixels = [grid.coloured() for grid, _ in grids]
    for (grid, corner), own in zip(grids, pixels, strict=True):
        painter.drawImage(_area(grid, corner, cell), image_of(own))
    for grid, corner in grids:
        for row, (first, end) in grid.outside():
            paint_padding(painter, cell_box(corner, cell, row, first) | cell_box(corner, cell, row, end - 1))
    if numbered:
        painter.setFont(look.small)
        for (grid, corner), own in zip(grids, pixels, strict=True):
            _paint_numbers(painter, grid, own, corner, cell, look)
    if cell.width() >= _LINES_FROM:
        _paint_lines(painter, grids, cell)
    for grid, corner in grids:
        if grid.winner is not None:
            paint_ring(painter, cell_box(corner, cell, *grid.winner).adjusted(2, 2, -2, -2), 3)


def paint_padding(painter: QPainter, box: QRectF) -> None:
    """Paint what lies outside the map: hatched, so that nobody takes it for a value."""
    painter.fillRect(box, theme.current().base)
    painter.fillRect(box, QBrush(theme.current().border, Qt.BrushStyle.BDiagPattern))


def paint_ring(painter: QPainter, box: QRectF, width: float = 2) -> None:
    """Paint the ring around a value; never so small that it cannot be seen, and upon paper: all colours let it show."""
    grow = max(0.0, (6 - min(box.width(), box.height())) / 2)
    box = box.adjusted(-grow, -grow, grow, grow)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.current().base, width + 2))
    painter.drawRect(box)
    painter.setPen(QPen(theme.current().accent, width))
    painter.drawRect(box)


def _area(grid: NumberGrid, corner: QPointF, cell: QSizeF) -> QRectF:
    rows, columns = grid.values.shape
    return QRectF(corner, QSizeF(columns * cell.width(), rows * cell.height()))


def _paint_lines(painter: QPainter, grids: Sequence[tuple[NumberGrid, QPointF]], cell: QSizeF) -> None:
    painter.setPen(QPen(theme.current().border, 1))
    for grid, corner in grids:
        rows, columns = grid.values.shape
        painter.translate(corner)
        painter.drawLines(_lines(rows, columns, cell.width(), cell.height()))
        painter.translate(-corner)


@lru_cache(maxsize=64)
def _lines(rows: int, columns: int, width: float, height: float) -> list[QLineF]:
    """Return the lines around the cells of a grid that begins at the origin."""
    right, bottom = columns * width, rows * height
    upright = [QLineF(column * width, 0, column * width, bottom) for column in range(columns + 1)]
    return upright + [QLineF(0, row * height, right, row * height) for row in range(rows + 1)]


def _paint_numbers(
    painter: QPainter, grid: NumberGrid, pixels: NDArray[np.uint32], corner: QPointF, cell: QSizeF, look: Look
) -> None:
    texts, factor, width, height = look.texts(look.small), 10.0**-grid.power, cell.width(), cell.height()
    left, top, muted, pen = corner.x() + width / 2, corner.y() + height / 2, theme.current().muted, None
    rows = zip(grid.values.tolist(), pixels.tolist(), grid.counted().tolist(), strict=True)
    for row, cells in enumerate(rows):
        for column, (value, ground, counted) in enumerate(zip(*cells, strict=True)):
            ink = theme.ink_on(ground) if counted else muted
            if ink is not pen:
                painter.setPen(ink)
                pen = ink
            text = cell_text(factor * value) if counted else grid.padding
            texts.paint_at(painter, left + column * width, top + row * height, text)
