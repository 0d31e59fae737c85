"""Long sums as lists: what each input adds to a unit of a dense layer, and the softmax of all classes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter

from convscope.core.arithmetic.breakdowns import DenseBreakdown, SoftmaxBreakdown
from convscope.core.unit import Unit
from convscope.ui import theme
from convscope.ui.colour_maps import finite_range
from convscope.ui.widgets.breakdown_block import RIGHT, Block, Spot, visible_rows, write
from convscope.ui.widgets.number_grid import Look
from convscope.ui.widgets.number_text import number_text

MOST = 4  # greatest contributions of each sign at first, of a unit that has more than FEW inputs
FEW = 12


class ContributionsBlock(Block):
    """One line for each input: value × weight = product, with a bar to the left or the right of a common zero."""

    def __init__(self, breakdown: DenseBreakdown) -> None:
        self._b = breakdown
        self._order = breakdown.order
        products = breakdown.products
        self._head = min(MOST, int((products > 0).sum()))
        self._tail = min(MOST, int((products < 0).sum()))
        self._reach = max(-finite_range(products)[0], finite_range(products)[1], 0.0) or 1.0
        self._all = True
        self._row = self._names = self._sums = self._width = 0.0

    @property
    def rows(self) -> list[int]:
        """The inputs of the lines; −1 for the line that stands for all others."""
        if self._all:
            return [*self._order.tolist(), *([-1] if len(self._order) > FEW else [])]
        last = len(self._order) - self._tail
        return [*self._order[: self._head].tolist(), -1, *self._order[last:].tolist()]

    def fit(self, look: Look, width: float) -> None:
        """Give names and numbers the room they need, and the bars the rest."""
        count = len(self._order)
        self._all = look.opened or count <= FEW
        self._row = look.line + 2
        self._width = width
        longest = self._name(count - 1) if count else ""
        self._names = look.width(longest) + 10
        self._sums = look.width("−0.0000 × −0.0000 = −0.00000") + 10
        lines = count + (count > FEW) if self._all else self._head + self._tail + 1
        self.height = lines * self._row + 4

    def paint(self, painter: QPainter, look: Look, seen: QRectF) -> None:
        """Paint the lines that can be seen."""
        rows = self.rows
        for place in visible_rows(seen, 0, self._row, len(rows)):
            if rows[place] < 0:
                write(painter, self._box(place), self._rest_text(), look.font, theme.current().accent)
            else:
                self._paint_line(painter, look, place, rows[place])

    def find(self, point: QPointF) -> Spot | None:
        """Return the line at a point."""
        rows, place = self.rows, int(point.y() // self._row) if self._row else -1
        if not 0 <= place < len(rows) or not 0 <= point.x() < self._width:
            return None
        box = self._box(place)
        if rows[place] < 0:
            return Spot((box,), "Show every input, or only the largest contributions", wish="open")
        number = rows[place]
        text = f"{self._name(number)}: {self._text(number, 6)}"
        return Spot((box,), text, Unit(self._b.unit.layer - 1, (number,)), "pin")

    def boxes(self, unit: Unit) -> list[QRectF]:
        """Return the line of an input."""
        if unit.layer != self._b.unit.layer - 1 or len(unit.index) != 1 or unit.index[0] not in self.rows:
            return []
        return [self._box(self.rows.index(unit.index[0]))]

    def _paint_line(self, painter: QPainter, look: Look, place: int, number: int) -> None:
        shown, box = theme.current(), self._box(place)
        product = float(self._b.products[number])
        write(painter, box, self._name(number), look.font, shown.muted)
        colour = shown.positive if product > 0 else shown.negative
        text = QRectF(self._names, box.top(), self._sums, box.height())
        write(painter, text, self._text(number), look.font, shown.text)
        left = self._names + self._sums
        reach = max((self._width - left) / 2 - 4, 0.0)
        zero = left + reach
        length = reach * min(abs(product) / self._reach, 1.0) if math.isfinite(product) else 0.0
        bar = QRectF(zero if product > 0 else zero - length, box.top() + 3, length, box.height() - 6)
        painter.fillRect(bar, colour)
        painter.fillRect(QRectF(zero, box.top(), 1, box.height()), shown.border)

    def _box(self, place: int) -> QRectF:
        return QRectF(0, place * self._row, self._width, self._row)

    def _name(self, number: int) -> str:
        if self._b.maps_shape is None:
            return f"input {number}"
        channel, row, column = np.unravel_index(number, self._b.maps_shape)
        return f"map {channel}, row {row}, column {column}"

    def _text(self, number: int, digits: int = 4) -> str:
        b = self._b
        x, weight, product = (number_text(float(part[number]), digits) for part in (b.inputs, b.weights, b.products))
        return f"{x} × {weight} = {product}"

    def _rest_text(self) -> str:
        if self._all:
            return "Show only the largest contributions"
        rest = self._order[self._head : len(self._order) - self._tail]
        total = number_text(float(self._b.products[rest].sum()))
        return f"{len(rest):,} inputs between add {total} together. Show all {len(self._order):,}"


class SoftmaxBlock(Block):
    """One line for each class: its logit, e to it, and its share of the sum."""

    def __init__(self, breakdown: SoftmaxBreakdown, class_names: Sequence[str]) -> None:
        self._b = breakdown
        self._names = class_names
        self._row = self._width = self._step = self._name_width = 0.0

    def fit(self, look: Look, width: float) -> None:
        """Give the three numbers a column each, and the bars the rest."""
        self._row, self._width = look.line + 2, width
        longest = max((look.width(self._name(k)) for k in range(min(len(self._b.logits), 100))), default=0.0)
        self._name_width = min(longest + 12, width / 3)
        self._step = max(look.width("e^(logit − 10.55)"), look.width("1.0000·10⁻⁵")) + 10
        self.height = (len(self._b.logits) + 1) * self._row + 4

    def paint(self, painter: QPainter, look: Look, seen: QRectF) -> None:
        """Paint the head and the lines that can be seen."""
        shown = theme.current()
        off = number_text(self._b.greatest, 3)
        heads = ("logit", f"e^(logit − {off})" if self._b.greatest >= 0 else f"e^(logit + {off[1:]})", "÷ sum")
        for column, head in enumerate(heads):
            write(painter, self._column(0, column), head, look.small, shown.muted, RIGHT)
        for number in visible_rows(seen, self._row, self._row, len(self._b.logits)):
            self._paint_line(painter, look, number)

    def find(self, point: QPointF) -> Spot | None:
        """Return the class at a point."""
        number = int(point.y() // self._row) - 1 if self._row else -1
        if not 0 <= number < len(self._b.logits) or not 0 <= point.x() < self._width:
            return None
        text = f"{self._name(number)}: logit {number_text(float(self._b.logits[number]), 6)}"
        return Spot((self._box(number + 1),), text, Unit(self._b.unit.layer - 1, (number,)), "pin")

    def boxes(self, unit: Unit) -> list[QRectF]:
        """Return the line of a logit."""
        if unit.layer != self._b.unit.layer - 1 or len(unit.index) != 1:
            return []
        return [self._box(unit.index[0] + 1)]

    def _paint_line(self, painter: QPainter, look: Look, number: int) -> None:
        b, shown = self._b, theme.current()
        asked = number == b.unit.index[0]
        font, colour = (look.bold, shown.accent) if asked else (look.font, shown.text)
        name = QRectF(0, self._box(number + 1).top(), self._name_width, self._row)
        write(painter, name, self._name(number), font, colour)
        share = float(b.exponentials[number]) / b.total if b.total else math.nan
        for column, value in enumerate((b.logits[number], b.exponentials[number], share)):
            write(painter, self._column(number + 1, column), number_text(float(value)), font, colour, RIGHT)
        left = self._name_width + 3 * self._step + 12
        room = max(self._width - left - 4, 0.0)
        painter.fillRect(QRectF(left, name.top() + 3, room, self._row - 6), shown.border)
        if math.isfinite(share):
            bar = QRectF(left, name.top() + 3, room * share, self._row - 6)
            painter.fillRect(bar, colour if asked else shown.muted)

    def _box(self, line: int) -> QRectF:
        return QRectF(0, line * self._row, self._width, self._row)

    def _column(self, line: int, column: int) -> QRectF:
        return QRectF(self._name_width + column * self._step, line * self._row, self._step, self._row)

    def _name(self, number: int) -> str:
        return self._names[number] if number < len(self._names) else str(number)
