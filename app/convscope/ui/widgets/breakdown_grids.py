"""What a pooling layer makes of a patch, and of a whole map: the values, and in words what becomes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from convscope.core.unit import Unit
from convscope.ui import theme
from convscope.ui.colour_maps import ColourScale
from convscope.ui.widgets.breakdown_block import Block, Spot, unparted, write
from convscope.ui.widgets.number_grid import Look, NumberGrid, cell_box, cell_size, paint_grid, power_for
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.text_sizes import WRAPPED

_BESIDE = 190.0  # pixels for the words beside the grid
_FEW = 5  # rows and columns of a patch that is shown large
_ENLARGED = 1.7  # height of its cells, times the usual
_LARGEST, _LEAST = 26.0, 8.0  # pixels of a cell without a number
_MOST_NUMBERS = 400  # cells; each costs about 15 µs


class GridBlock(Block):
    """One matrix with words beside it."""

    def __init__(
        self,
        values: NDArray[np.floating[Any]],
        text: str,
        *,
        layer: int,
        channel: int,
        rows: NDArray[np.int_],
        columns: NDArray[np.int_],
        inside: NDArray[np.bool_] | None = None,
        winner: tuple[int, int] | None = None,
        scale: ColourScale | None = None,
    ) -> None:
        """Make the block.

        Args:
            values: # (rows, columns)
            text: What becomes of them.
            layer: Where the values come from.
            channel: The same.
            rows: Of the map, by rows of the matrix; outside the map where it is padding.
            columns: The same.
            inside: Which cells are not padding; None for all.
            winner: Row and column in the matrix of the value that is kept.
            scale: What the colours stand for; None for a scale of these values alone.
        """
        counted = values if inside is None else np.where(inside, values, 0)
        own = ColourScale.of(counted)
        power = power_for(own)
        self._grid = NumberGrid(values, scale or own, inside, power=power, padding="–", winner=winner)
        self._text = text
        self._units = f" The numbers in the cells count in {number_text(10.0**power)}." if power else ""
        self._layer, self._channel = layer, channel
        self._rows, self._columns = rows, columns
        self._cell, self._numbered = QSizeF(1, 1), False
        self._words = QRectF()

    def fit(self, look: Look, width: float) -> None:
        """Give the matrix what the words leave, or put them below it where its numbers need the room."""
        rows, columns = self._grid.values.shape
        self._cell, self._numbered = cell_size(columns, width - _BESIDE, look)
        alone, numbered = cell_size(columns, width - 2, look)
        below = (numbered and not self._numbered) or (not numbered and alone.width() > 1.5 * self._cell.width())
        if below:
            self._cell, self._numbered = alone, numbered
        if self._numbered and rows * columns > _MOST_NUMBERS:
            self._numbered = False
            side = min(self._cell.width(), _LARGEST, max((look.room - 4 * look.line) / rows, _LEAST))
            self._cell = QSizeF(side, side)
        if self._numbered and max(rows, columns) <= _FEW:
            self._cell.setHeight(_ENLARGED * self._cell.height())
        self._place_words(look, width, below=below)

    def _place_words(self, look: Look, width: float, *, below: bool) -> None:
        rows, columns = self._grid.values.shape
        down, across = rows * self._cell.height() + 8, columns * self._cell.width() + 16
        room = max(width if below else width - across, 1.0)
        height = look.wrapped_height(self.said, room)
        self._words = QRectF(0 if below else across, down if below else 0, room, height)
        self.height = max(down, self._words.bottom()) + 4

    @property
    def grid(self) -> NumberGrid:
        """The matrix."""
        return self._grid

    @property
    def said(self) -> str:
        """The words beside it."""
        return unparted(self._text + self._units * self._numbered)

    def paint(self, painter: QPainter, look: Look, seen: QRectF) -> None:
        """Paint the matrix and the words."""
        paint_grid(painter, self._grid, QPointF(1, 1), self._cell, look, numbered=self._numbered)
        write(painter, self._words, self.said, look.font, theme.current().text, WRAPPED)

    def find(self, point: QPointF) -> Spot | None:
        """Return the cell at a point."""
        row = int((point.y() - 1) // self._cell.height())
        column = int((point.x() - 1) // self._cell.width())
        if not (0 <= row < len(self._rows) and 0 <= column < len(self._columns)):
            return None
        box = cell_box(QPointF(1, 1), self._cell, row, column)
        if self._grid.inside is not None and not self._grid.inside[row, column]:
            return Spot((box,), "Padding: does not count")
        unit = Unit(self._layer, (self._channel, int(self._rows[row]), int(self._columns[column])))
        value = number_text(float(self._grid.values[row, column]))
        text = f"Channel {self._channel}, row {unit.index[1]}, column {unit.index[2]}: {value}"
        return Spot((box,), text, unit, "pin")

    def boxes(self, unit: Unit) -> list[QRectF]:
        """Return the cell of a value, if it is here."""
        if unit.layer != self._layer or len(unit.index) != 3 or unit.index[0] != self._channel:
            return []
        rows = np.flatnonzero(self._rows == unit.index[1])
        columns = np.flatnonzero(self._columns == unit.index[2])
        if not len(rows) or not len(columns):
            return []
        return [cell_box(QPointF(1, 1), self._cell, int(rows[0]), int(columns[0]))]
