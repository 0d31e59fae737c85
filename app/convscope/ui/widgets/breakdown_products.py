"""A convolution taken apart: for each channel its patch, its kernel and their products; the largest sums first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from convscope.core.arithmetic.breakdowns import ConvolutionBreakdown
from convscope.core.unit import Unit
from convscope.ui import theme
from convscope.ui.colour_maps import ColourScale, colours
from convscope.ui.widgets.breakdown_block import CENTRE, Block, Spot, visible_rows, write
from convscope.ui.widgets.number_grid import Look, NumberGrid, cell_box, cell_size, paint_grid, power_for
from convscope.ui.widgets.number_text import number_text

SHOWN = 8  # channels at first, of a filter that has more than FEW
FEW = 12
_SIGN = 14.0  # pixels between two grids, for × and =
_ENLARGED = 1.6  # height of a cell where there is room, times the usual
_GAP = 8.0  # between two rows, and before the sums


class ProductsBlock(Block):
    """One row for each channel; only those that can be seen are painted, so their number costs nothing."""

    def __init__(self, breakdown: ConvolutionBreakdown) -> None:
        self._b = breakdown
        self._order = breakdown.order
        self._row_of = np.argsort(self._order, kind="stable")
        products = breakdown.products
        self._scales = (
            ColourScale.of(breakdown.patches),
            ColourScale.signed(breakdown.kernels),
            ColourScale.signed(products),
        )
        self._pixels: list[NDArray[np.uint32]] | None = None
        self._dark = False
        self._powers = [power_for(scale) for scale in self._scales]
        self._cell, self._numbered = QSizeF(1, 1), False
        self._sums_at = self._sums = self._row = self._top = self._line = self._below = self._width = 0.0
        self._shown = len(self._order)

    @property
    def shown(self) -> int:
        """How many channels have a row."""
        return self._shown

    def fit(self, look: Look, width: float) -> None:
        """Give the cells the room that the sums leave."""
        rows, columns = self._b.kernels.shape[1:]
        count = len(self._order)
        self._width = width
        self._sums = _sums_width(look)
        self._cell, self._numbered = cell_size(3 * columns, width - self._sums - 2 * _SIGN - _GAP, look)
        alone, numbered = cell_size(3 * columns, width - 2 * _SIGN - 2, look)
        self._below = look.line if numbered and not self._numbered else 0.0  # rather numbers than sums beside them
        if self._below:
            self._cell, self._numbered = alone, numbered
        self._sums_at = 0.0 if self._below else 3 * columns * self._cell.width() + 2 * _SIGN + _GAP
        self._line = look.line + 4
        self._top = self._line + look.small_line + 4
        self._shown = count if look.opened or count <= FEW else SHOWN
        if self._numbered:  # one or two channels may fill the room
            free = (look.room - self._top) / self._shown - _GAP - self._below
            height = self._cell.height()
            self._cell.setHeight(float(int(min(max(free / rows, height), _ENLARGED * height))))
        self._row = max(rows * self._cell.height() + self._below, look.line + look.small_line) + _GAP
        self.height = self._top + self._shown * self._row + (self._line if count > FEW else 0)

    def paint(self, painter: QPainter, look: Look, seen: QRectF) -> None:
        """Paint the head, the rows that can be seen, and what the others add."""
        if seen.top() < self._top:
            self._paint_head(painter, look)
        for row in visible_rows(seen, self._top, self._row, self._shown):
            self._paint_row(painter, look, row)
        if len(self._order) > FEW:
            write(painter, self._rest_box(), self._rest_text(look.opened), look.font, theme.current().accent)

    def find(self, point: QPointF) -> Spot | None:
        """Return the cell at a point, or the line that opens the list."""
        if len(self._order) > FEW and self._rest_box().contains(point):
            return Spot((self._rest_box(),), "Show every channel, or only the largest", wish="open")
        row = int((point.y() - self._top) // self._row) if self._row else -1
        if point.y() < self._top or not 0 <= row < self._shown:
            return None
        for grid in range(3):
            corner = self._corner(row, grid)
            line = int((point.y() - corner.y()) // self._cell.height())
            column = int((point.x() - corner.x()) // self._cell.width())
            if 0 <= line < len(self._b.rows) and 0 <= column < len(self._b.columns):
                return self._spot(row, line, column, grid)
        channel = int(self._order[row])
        sum_box = self._sum_box(row)
        if sum_box.contains(point):
            return Spot((sum_box,), f"Channel {channel} adds {number_text(float(self._b.channel_sums[channel]), 6)}")
        return None

    def boxes(self, unit: Unit) -> list[QRectF]:
        """Return the three cells that belong to a value below the window."""
        if unit.layer != self._b.unit.layer - 1 or len(unit.index) != 3:
            return []
        channel, row, column = unit.index
        lines, columns = np.flatnonzero(self._b.rows == row), np.flatnonzero(self._b.columns == column)
        place = int(self._row_of[channel])
        if not len(lines) or not len(columns) or place >= self._shown:
            return []
        return self._cells(place, int(lines[0]), int(columns[0]))

    def _spot(self, row: int, line: int, column: int, grid: int) -> Spot:
        b, channel = self._b, int(self._order[row])
        x, weight, product = (
            number_text(float(values[channel, line, column])) for values in (b.patches, b.kernels, b.products)
        )
        boxes = self._cells(row, line, column)
        boxes = [boxes[grid], *boxes[:grid], *boxes[grid + 1 :]]
        if not b.inside[line, column]:
            return Spot(tuple(boxes), f"Padding: 0 × {weight} = 0")
        unit = Unit(b.unit.layer - 1, (channel, int(b.rows[line]), int(b.columns[column])))
        where = f"Channel {channel}, row {unit.index[1]}, column {unit.index[2]}"
        return Spot(tuple(boxes), f"{where}: {x} × {weight} = {product}", unit, "pin" if grid == 0 else "")

    def _cells(self, row: int, line: int, column: int) -> list[QRectF]:
        return [cell_box(self._corner(row, grid), self._cell, line, column) for grid in range(3)]

    def _corner(self, row: int, grid: int) -> QPointF:
        free = self._row - _GAP - self._below - len(self._b.rows) * self._cell.height()
        left = grid * (len(self._b.columns) * self._cell.width() + _SIGN) + 1
        return QPointF(left, self._top + row * self._row + max(free / 2, 0))

    def _coloured(self) -> list[NDArray[np.uint32]]:
        """Return the colours of all channels' patches, kernels and products, made once for each theme."""
        if self._pixels is None or self._dark != theme.current().dark:
            parts = zip((self._b.patches, self._b.kernels, self._b.products), self._scales, strict=True)
            self._pixels = [colours(part, scale.low, scale.high, scale.kind) for part, scale in parts]
            self._dark = theme.current().dark
        return self._pixels

    def _paint_head(self, painter: QPainter, look: Look) -> None:
        shown = theme.current()
        box = QRectF(0, 0, self._width, self._line)
        write(painter, box, filter_text(self._b), look.font, shown.text)
        for grid, name in enumerate(("input", "kernel", "products")):
            corner = self._corner(0, grid)
            room = len(self._b.columns) * self._cell.width()
            head = QRectF(corner.x(), self._line, room + _SIGN, look.small_line)
            text = f"{name} {self._unit_text(grid)}"
            fits = look.width(text, look.small) <= head.width()
            write(painter, head, text if fits else name, look.small, shown.muted)
        if not self._below:
            head = QRectF(self._sums_at, self._line, self._sums, look.small_line)
            write(painter, head, "sum", look.small, shown.muted)

    def _paint_row(self, painter: QPainter, look: Look, row: int) -> None:
        b, channel = self._b, int(self._order[row])
        pixels, powers, scales = self._coloured(), self._powers, self._scales
        parts = (b.patches, b.kernels, b.products)
        grids = [
            NumberGrid(
                part[channel],
                scales[number],
                None if number == 1 else b.inside,
                power=powers[number],
                pixels=pixels[number][channel],
            )
            for number, part in enumerate(parts)
        ]
        for number, grid in enumerate(grids):
            paint_grid(painter, grid, self._corner(row, number), self._cell, look, numbered=self._numbered)
        top, height = self._top + row * self._row, self._row - _GAP - self._below
        for number, sign in enumerate("×="):
            left = self._corner(row, number + 1).x() - _SIGN
            write(painter, QRectF(left, top, _SIGN, height), sign, look.font, theme.current().text, CENTRE)
        self._paint_sum(painter, look, row)

    def _paint_sum(self, painter: QPainter, look: Look, row: int) -> None:
        """Paint what a channel adds: beside its grids, or in one line below them."""
        shown, channel, box = theme.current(), int(self._order[row]), self._sum_box(row)
        total = float(self._b.channel_sums[channel])
        colour = shown.positive if total > 0 else shown.negative if total < 0 else shown.text
        name, value = f"channel {channel}", f"= {number_text(total, 3)}"
        if self._below:
            left = look.width(f"{name}  ", look.small)
            upper, lower = box, box.adjusted(left, 0, 0, 0)
        else:
            middle = box.center().y()
            upper = QRectF(box.left(), middle - look.small_line, box.width(), look.small_line)
            lower = QRectF(box.left(), middle, box.width(), look.line)
        write(painter, upper, name, look.small, shown.muted)
        write(painter, lower, value, look.bold, colour)

    def _sum_box(self, row: int) -> QRectF:
        """Return where a channel's sum stands."""
        top = self._top + row * self._row
        if self._below:
            return QRectF(0, top + self._row - _GAP - self._below, 2 * self._sums, self._below)
        return QRectF(self._sums_at, top, self._sums, self._row - _GAP)

    def _unit_text(self, grid: int) -> str:
        """Return what a grid's numbers are counted in; where they have no room, what its colours stand for."""
        if self._numbered:
            return f"· {number_text(10.0 ** self._powers[grid])}" if self._powers[grid] else ""
        low, high = (number_text(end, 2) for end in self._scales[grid].ends)
        return f"{low} … {high}"

    def _rest_box(self) -> QRectF:
        return QRectF(0, self._top + self._shown * self._row - _GAP / 2, self._width, self._line)

    def _rest_text(self, opened: bool) -> str:
        if opened:
            return f"Show only the {SHOWN} largest channels"
        rest = self._order[self._shown :]
        total = number_text(float(self._b.channel_sums[rest].sum()))
        return f"{len(rest)} smaller channels add {total} together. Show all {len(self._order)}"


def numbers_width(columns: int, look: Look) -> float:
    """Return the width at which kernels of so many columns have room for their numbers."""
    return 3 * columns * look.number_cell + 2 * _SIGN + _GAP + _sums_width(look)


def _sums_width(look: Look) -> float:
    return max(look.width("channel 511", look.small), look.width("= −0.0123", look.bold) + 2)


def filter_text(breakdown: ConvolutionBreakdown) -> str:
    """Return what a filter consists of: kernel is not filter."""
    channels, rows, columns = breakdown.kernels.shape
    many = f"{channels} kernels {rows}×{columns}, one for each input channel"
    return f"Filter {breakdown.unit.index[0]} = " + (many if channels > 1 else f"1 kernel {rows}×{columns}")
