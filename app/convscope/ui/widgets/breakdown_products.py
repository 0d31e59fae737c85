"""A convolution taken apart: for each channel its patch, its kernel and their products; the largest sums first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter, QPen

from convscope.core.arithmetic.breakdowns import ConvolutionBreakdown, Whole
from convscope.core.unit import Unit
from convscope.ui import theme
from convscope.ui.colour_maps import ColourScale, colours_of_many
from convscope.ui.widgets.breakdown_block import Block, Spot, is_seen, visible_rows, write
from convscope.ui.widgets.breakdown_products_places import APART, SIGN, ProductsPlaces, products_places
from convscope.ui.widgets.number_grid import Look, NumberGrid, cell_box, paint_grids, power_for
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.text_sizes import WRAPPED

SHOWN = 8  # channels at first, of a filter that has more than FEW
FEW = 12
_NAMES = ("input", "kernel", "products")


class ProductsBlock(Block):
    """One entry for each channel; only those that can be seen are painted, so their number costs nothing."""

    def __init__(
        self, breakdown: ConvolutionBreakdown, scale: ColourScale | None = None, order: Whole | None = None
    ) -> None:
        """Make the block.

        Args:
            breakdown: What is shown.
            scale: What the inputs' colours stand for; None for a scale of the patches alone.
            order: The channels from first to last; None for those that contribute most first.
        """
        self._b = breakdown
        self._inside = None if breakdown.inside.all() else breakdown.inside
        self._sorted = order is None
        self._order = breakdown.order if order is None else order
        parts = (breakdown.patches, breakdown.kernels, breakdown.products)
        own = (ColourScale.of(breakdown.patches), *(ColourScale.signed(part) for part in parts[1:]))
        self._scales = (scale or own[0], *own[1:])
        self._pixels: dict[int, tuple[NDArray[np.uint32], ...]] = {}  # of the rows that were seen
        self._dark = False
        self._powers = [power_for(scale) for scale in own]
        self._places: ProductsPlaces | None = None
        self._row = self._top = self._head = self._line = self._rest = self._width = 0.0
        self._shown = len(self._order)
        self._units = ["", "", ""]  # of the grids

    @property
    def shown(self) -> int:
        """How many channels have an entry."""
        return self._shown

    @property
    def places(self) -> ProductsPlaces:
        """Where the parts of an entry lie."""
        assert self._places is not None
        return self._places

    def fit(self, look: Look, width: float) -> None:
        """Arrange an entry so that its numbers fit."""
        rows, columns = self._b.kernels.shape[1:]
        count = len(self._order)
        self._width, self._line = width, look.line
        self._head = look.wrapped_height(filter_text(self._b), width) + 4
        self._shown = count if look.opened or count <= FEW else SHOWN
        room = max(look.room - self._head - look.small_line - 4, 0.0)
        self._places = products_places((rows, columns), width, room / min(self._shown, 2 if columns > 3 else 8), look)
        self._units = [self._unit_text(grid) for grid in range(3)]
        self._top = self._head + (0.0 if self._places.captioned else look.small_line + 4)
        self._row = self._places.height
        self._rest = look.wrapped_height(self._rest_text(look.opened), width) + 4 if count > FEW else 0.0
        self.height = self._top + self._shown * self._row + self._rest

    def paint(self, painter: QPainter, look: Look, seen: QRectF) -> None:
        """Paint the head, the entries that can be seen, and what the others add."""
        if seen.top() < self._top:
            self._paint_head(painter, look)
        rows = visible_rows(seen, self._top, self._row, self._shown)
        self._colour(rows)
        grids = [grid for row in rows for grid in self._grids(row, seen)]
        paint_grids(painter, grids, self.places.cell, look, numbered=self.places.numbered)
        for row in rows:
            self._paint_words(painter, look, row, seen)
        if self._rest and is_seen(self._rest_box(), seen):
            text = self._rest_text(look.opened)
            write(painter, self._rest_box(), text, look.font, theme.current().accent, WRAPPED)

    def find(self, point: QPointF) -> Spot | None:
        """Return the cell at a point, or the line that opens the list."""
        if self._rest and self._rest_box().contains(point):
            return Spot((self._rest_box(),), "Show every channel, or only the largest", wish="open")
        row = int((point.y() - self._top) // self._row) if self._row else -1
        if point.y() < self._top or not 0 <= row < self._shown:
            return None
        for grid in range(3):
            corner = self._corner(row, grid)
            line = int((point.y() - corner.y()) // self.places.cell.height())
            column = int((point.x() - corner.x()) // self.places.cell.width())
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
        if channel >= len(self._order):  # of another network, whose breakdown has not come yet
            return []
        lines, columns = np.flatnonzero(self._b.rows == row), np.flatnonzero(self._b.columns == column)
        place = int(np.flatnonzero(self._order == channel)[0])
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
        return [cell_box(self._corner(row, grid), self.places.cell, line, column) for grid in range(3)]

    def _corner(self, row: int, grid: int) -> QPointF:
        return self.places.corners[grid] + QPointF(0, self._top + row * self._row)

    def _colour(self, rows: range) -> None:
        """Find the colours of rows that have none yet in the present theme."""
        if self._dark != theme.current().dark:
            self._dark = theme.current().dark
            self._pixels.clear()
        missing = [row for row in rows if row not in self._pixels]
        if not missing:
            return
        channels = self._order[missing]
        parts = [part[channels] for part in (self._b.patches, self._b.kernels, self._b.products)]
        found = colours_of_many(list(zip(parts, self._scales, strict=True)))
        shaped = (pixels.reshape(part.shape) for pixels, part in zip(found, parts, strict=True))
        self._pixels.update(zip(missing, zip(*shaped, strict=True), strict=True))

    def _paint_head(self, painter: QPainter, look: Look) -> None:
        shown = theme.current()
        box = QRectF(0, 0, self._width, self._head)
        write(painter, box, filter_text(self._b), look.font, shown.text, WRAPPED)
        if self.places.captioned:
            return
        for grid, name in enumerate(_NAMES):
            self._paint_name(painter, look, grid, name, QPointF(self._corner(0, grid).x(), self._head))
        products = look.width(_NAMES[2], look.small)
        if self.places.form.beside and self._corner(0, 2).x() + products < self.places.sum_box.left():
            head = QRectF(self.places.sum_box.left(), self._head, self.places.sum_box.width(), look.small_line)
            look.write(painter, head, "sum", look.small, shown.muted)

    def _paint_name(self, painter: QPainter, look: Look, grid: int, name: str, corner: QPointF) -> None:
        """Say what a grid holds and, where there is room for it, what its numbers are counted in."""
        room = len(self._b.columns) * self.places.cell.width() + SIGN
        unit = self._units[grid]
        shorter = unit if self.places.numbered and unit else name  # numbers would be wrong without
        text = f"{name} {unit}" if look.width(f"{name} {unit}", look.small) <= room else shorter
        head = QRectF(corner, QSizeF(self._width - corner.x(), look.small_line))
        look.write(painter, head, text, look.small, theme.current().muted)

    def _grids(self, row: int, seen: QRectF) -> list[tuple[NumberGrid, QPointF]]:
        """Return what can be seen of a channel's patch, kernel and products, and where it begins."""
        b, channel, height = self._b, self._order[row], self.places.cell.height()
        parts = (b.patches, self._inside), (b.kernels, None), (b.products, self._inside)
        grids = list[tuple[NumberGrid, QPointF]]()
        for k, (part, inside) in enumerate(parts):
            corner = self._corner(row, k)
            lines = visible_rows(seen.adjusted(0, -1, 0, 1), corner.y(), height, len(b.rows))  # with the lines around
            if lines:
                cut = slice(lines.start, lines.stop)
                grid = NumberGrid(
                    part[channel, cut],
                    self._scales[k],
                    None if inside is None else inside[cut],
                    power=self._powers[k],
                    pixels=self._pixels[row][k][cut],
                )
                grids.append((grid, corner + QPointF(0, lines.start * height)))
        return grids

    def _paint_words(self, painter: QPainter, look: Look, row: int, seen: QRectF) -> None:
        """Paint what can be seen of the words beside and above a channel's grids."""
        if self.places.captioned:
            above = QPointF(0, look.small_line + 1)
            for number, name in enumerate((f"{_NAMES[0]}, channel {self._order[row]}", *_NAMES[1:])):
                corner = self._corner(row, number) - above
                if is_seen(QRectF(corner, QSizeF(self._width, look.small_line)), seen):
                    self._paint_name(painter, look, number, name, corner)
        self._paint_signs(painter, look, row, seen)
        if is_seen(self._sum_box(row).adjusted(0, -look.line, 0, look.line), seen):
            self._paint_sum(painter, look, row)

    def _paint_signs(self, painter: QPainter, look: Look, row: int, seen: QRectF) -> None:
        """Paint × and = before the grids, and the line that parts two channels of several lines."""
        height = len(self._b.rows) * self.places.cell.height()
        for number, sign in enumerate("×="):
            corner = self._corner(row, number + 1)
            box = QRectF(corner.x() - SIGN - 1, corner.y(), SIGN, height)
            if is_seen(box.adjusted(0, -look.line, 0, look.line), seen):
                look.write(painter, box, sign, look.font, theme.current().text, across=0.5)
        if self.places.captioned and row + 1 < self._shown:
            y = self._top + (row + 1) * self._row - APART / 2 - 1
            painter.setPen(QPen(theme.current().border, 1))
            painter.drawLine(QPointF(0, y), QPointF(self._width, y))

    def _paint_sum(self, painter: QPainter, look: Look, row: int) -> None:
        """Paint what a channel adds: beside its grids, or in one line below them."""
        shown, channel, box = theme.current(), int(self._order[row]), self._sum_box(row)
        total = float(self._b.channel_sums[channel])
        colour = shown.positive if total > 0 else shown.negative if total < 0 else shown.text
        name, value = f"channel {channel}", f"= {number_text(total, 3)}"
        if self.places.form.beside:
            middle = box.center().y()
            upper = QRectF(box.left(), middle - look.small_line, box.width(), look.small_line)
            lower = QRectF(box.left(), middle, box.width(), look.line)
        else:
            left = look.width(f"{name}  ", look.small)
            upper, lower = box, box.adjusted(left, 0, 0, 0)
        look.write(painter, upper, name, look.small, shown.muted)
        look.write(painter, lower, value, look.bold, colour)

    def _sum_box(self, row: int) -> QRectF:
        """Return where a channel's sum stands."""
        return self.places.sum_box.translated(0, self._top + row * self._row)

    def _unit_text(self, grid: int) -> str:
        """Return what a grid's numbers are counted in; where they have no room, what its colours stand for."""
        if self.places.numbered:
            return f"· {number_text(10.0 ** self._powers[grid])}" if self._powers[grid] else ""
        low, high = (number_text(end, 2) for end in self._scales[grid].ends)
        return f"{low} … {high}"

    def _rest_box(self) -> QRectF:
        return QRectF(0, self._top + self._shown * self._row, self._width, self._rest)

    def _rest_text(self, opened: bool) -> str:
        if opened:
            return f"Show only {SHOWN} channels"
        rest = self._order[self._shown :]
        total = number_text(float(self._b.channel_sums[rest].sum()))
        which = "smaller" if self._sorted else "other"
        return f"{len(rest)} {which} channels add {total} together. Show\u00a0all\u00a0{len(self._order)}"


def filter_text(breakdown: ConvolutionBreakdown) -> str:
    """Return what a filter consists of: kernel is not filter."""
    channels, rows, columns = breakdown.kernels.shape
    many = f"{channels} kernels {rows}×{columns}, one for each input channel"
    return f"Filter {breakdown.unit.index[0]} = " + (many if channels > 1 else f"1 kernel {rows}×{columns}")
