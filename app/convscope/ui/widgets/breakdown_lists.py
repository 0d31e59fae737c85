"""Long sums as lists: what each input adds to a unit of a dense layer, and the softmax of all classes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from convscope.core.arithmetic.breakdowns import DenseBreakdown, Doubles, SoftmaxBreakdown
from convscope.core.unit import Unit
from convscope.ui import theme
from convscope.ui.colour_maps import finite_range
from convscope.ui.widgets.breakdown_block import RIGHT, Block, Spot, visible_rows, write
from convscope.ui.widgets.number_grid import Look
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.text_sizes import WRAPPED

_LEAST_BARS = 60.0  # pixels for the bars beside the numbers; with fewer the numbers go below the names
_LEAST_SHARES = 30.0  # the same for probabilities
MOST = 4  # greatest contributions of each sign at first, of a unit that has more than FEW inputs
FEW = 12
_MANY_CLASSES = 40  # from which nobody looks for one by its number


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
        self._folded = False  # numbers below the names
        self._row = self._line = self._names = self._bars_at = self._width = 0.0

    @property
    def rows(self) -> list[int]:
        """The inputs of the lines; −1 for the line that stands for all others."""
        if self._all:
            return [*self._order.tolist(), *([-1] if len(self._order) > FEW else [])]
        last = len(self._order) - self._tail
        return [*self._order[: self._head].tolist(), -1, *self._order[last:].tolist()]

    def fit(self, look: Look, width: float) -> None:
        """Give names and numbers their room, one below the other where it is scarce, and the bars the rest."""
        count = len(self._order)
        self._all = look.opened or count <= FEW
        self._width = width
        longest = self._name(count - 1) if count else ""
        self._names = look.width(longest) + 10
        sums = self._sums_width(look) + 10
        rest = look.width(self._rest_text()) if count > FEW else 0.0
        self._folded = width < max(self._names + sums + _LEAST_BARS, rest)
        self._bars_at = max(self._names, sums) if self._folded else self._names + sums
        self._line = look.line
        self._row = 2 * look.line + 6 if self._folded else look.line + 2
        lines = count + (count > FEW) if self._all else self._head + self._tail + 1
        self.height = lines * self._row + 4

    def _sums_width(self, look: Look) -> float:
        """Return how wide the widest sum is that is shown."""
        shown = [number for number in self.rows if number >= 0]
        parts = (self._b.inputs[shown], self._b.weights[shown], self._b.products[shown])
        return look.width(" ×  = ") + sum(_widest(part, look) for part in parts)

    def paint(self, painter: QPainter, look: Look, seen: QRectF) -> None:
        """Paint the lines that can be seen."""
        rows = self.rows
        for place in visible_rows(seen, 0, self._row, len(rows)):
            if rows[place] < 0:
                write(painter, self._box(place), self._rest_text(), look.font, theme.current().accent, WRAPPED)
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
        name = box.adjusted(0, 0, 0, self._line + 1 - box.height()) if self._folded else box
        text = name.translated(0, self._line) if self._folded else box.adjusted(self._names, 0, 0, 0)
        write(painter, name, self._name(number), look.font, shown.muted)
        write(painter, text, self._text(number), look.font, shown.text)
        self._paint_bar(painter, box, product)
        if self._folded:
            painter.fillRect(QRectF(0, box.bottom() - 3, self._bars_at - 10, 1), shown.border)

    def _paint_bar(self, painter: QPainter, box: QRectF, product: float) -> None:
        """Paint a product as a bar from a zero that all lines share."""
        shown = theme.current()
        reach = max((self._width - self._bars_at) / 2 - 4, 0.0)
        zero = self._bars_at + reach
        length = reach * min(abs(product) / self._reach, 1.0) if math.isfinite(product) else 0.0
        height = min(box.height() - 6, self._line)
        bar = QRectF(zero if product > 0 else zero - length, box.center().y() - height / 2 - 1, length, height)
        painter.fillRect(bar, shown.positive if product > 0 else shown.negative)
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
        return f"{len(rest):,} inputs between add {total} together. Show\u00a0all\u00a0{len(self._order):,}"


def _widest(values: Doubles, look: Look) -> float:
    """Return a width that no value's text exceeds, in time that hardly depends on how many there are."""
    finite = values[np.isfinite(values) & (values != 0)]
    powers = np.unique(np.floor(np.log10(np.abs(finite)))).astype(int).tolist()
    sign = -1 if (finite < 0).any() else 1
    long = [sign * float(f"8.888e{power}") for power in powers]
    rare = np.unique(values[~np.isfinite(values)]).tolist()
    return max(look.width(number_text(value)) for value in (0.0, *long, *rare))


class SoftmaxBlock(Block):
    """One line for each class: its logit, e to it, and its share of the sum.

    Of many classes the one that is asked for comes first, and after it the likeliest.
    """

    def __init__(self, breakdown: SoftmaxBreakdown, class_names: Sequence[str]) -> None:
        self._b = breakdown
        self._order = np.arange(len(breakdown.logits))
        if len(self._order) > _MANY_CLASSES:
            likeliest = np.argsort(-breakdown.logits, kind="stable")
            asked = breakdown.unit.index[0]
            self._order = np.concatenate(([asked], likeliest[likeliest != asked]))
        self._places = np.argsort(self._order)  # of the classes
        self._names = class_names
        self._folded = False  # numbers below the name and the bar
        self._row = self._line = self._width = self._name_width = 0.0
        self._columns = [(0.0, 0.0)] * 3  # where each begins and how wide it is

    def fit(self, look: Look, width: float) -> None:
        """Give the three numbers a column each, and the bars the rest; below the name where that is little."""
        self._line, self._width = look.line + 2, width
        heads = self._heads()
        number = max(look.width("1.234·10⁻⁵", look.bold), look.width("−0.001234", look.bold))
        widths = [max(look.width(head, look.small), number) + 10 for head in heads]
        longest = max((look.width(self._name(k), look.bold) for k in range(min(len(self._b.logits), 100))), default=0.0)
        self._folded = width < longest + 12 + sum(widths) + _LEAST_SHARES
        self._name_width = min(longest + 12, width - _LEAST_BARS)
        left = width - sum(widths) if self._folded else self._name_width
        self._columns = [(left + sum(widths[:column]), widths[column]) for column in range(3)]
        self._row = 2 * self._line + 4 if self._folded else self._line
        self.height = self._line + len(self._b.logits) * self._row + 4

    def paint(self, painter: QPainter, look: Look, seen: QRectF) -> None:
        """Paint the head and the lines that can be seen."""
        for column, head in enumerate(self._heads()):
            write(painter, self._column(0, column), head, look.small, theme.current().muted, RIGHT)
        for place in visible_rows(seen, self._line, self._row, len(self._order)):
            self._paint_line(painter, look, int(self._order[place]))

    def find(self, point: QPointF) -> Spot | None:
        """Return the class at a point."""
        place = int((point.y() - self._line) // self._row) if self._row else -1
        if not 0 <= place < len(self._order) or not 0 <= point.x() < self._width:
            return None
        b, number = self._b, int(self._order[place])
        logit, power = number_text(float(b.logits[number]), 6), number_text(float(b.exponentials[number]))
        total, share = (number_text(value, sum_digits(b)) for value in (b.total, self._share(number)))
        steps = f"e^({logit} {self._less()}) = {power}, ÷ {total} = {share}"
        text = f"{self._name(number)}: logit {logit}, {steps}"
        return Spot((self._box(number),), text, Unit(b.unit.layer - 1, (number,)), "pin")

    def boxes(self, unit: Unit) -> list[QRectF]:
        """Return the line of a logit."""
        if unit.layer != self._b.unit.layer - 1 or not unit.fits(self._b.logits.shape):
            return []
        return [self._box(unit.index[0])]

    def _paint_line(self, painter: QPainter, look: Look, number: int) -> None:
        b, shown, box = self._b, theme.current(), self._box(number)
        asked = number == b.unit.index[0]
        font, colour = (look.bold, shown.accent) if asked else (look.font, shown.text)
        name = QRectF(0, box.top(), self._name_width - 4, self._line)
        metrics = QFontMetricsF(font)
        text = metrics.elidedText(self._name(number), Qt.TextElideMode.ElideRight, name.width())
        write(painter, name, text, font, colour)
        top = box.top() + (self._line if self._folded else 0.0)
        share = self._share(number)
        for column, value in enumerate((b.logits[number], b.exponentials[number], share)):
            write(painter, self._column(top, column), number_text(float(value)), font, colour, RIGHT)
        left = self._name_width if self._folded else sum(self._columns[2]) + 12
        room = max(self._width - left - 4, 0.0)
        painter.fillRect(QRectF(left, name.top() + 3, room, self._line - 6), shown.border)
        if math.isfinite(share):
            bar = QRectF(left, name.top() + 3, room * share, self._line - 6)
            painter.fillRect(bar, colour if asked else shown.muted)

    def _heads(self) -> tuple[str, str, str]:
        return "logit z", f"e^(z {self._less()})", "÷ sum"

    def _less(self) -> str:
        """Return how the greatest logit is taken off."""
        off = number_text(self._b.greatest, 3)
        return f"− {off}" if self._b.greatest >= 0 else f"+ {off[1:]}"

    def _share(self, number: int) -> float:
        return float(self._b.exponentials[number]) / self._b.total if self._b.total else math.nan

    def _box(self, number: int) -> QRectF:
        return QRectF(0, self._line + int(self._places[number]) * self._row, self._width, self._row)

    def _column(self, top: float, column: int) -> QRectF:
        left, width = self._columns[column]
        return QRectF(left, top, width, self._line)

    def _name(self, number: int) -> str:
        return self._names[number] if number < len(self._names) else str(number)


def sum_digits(breakdown: SoftmaxBreakdown) -> int:
    """Return with how many digits a sum that is little more than 1 differs from it; torch's has no more than 8."""
    few = range(4, 9)
    return next((digits for digits in few if breakdown.total == 1 or number_text(breakdown.total, digits) != "1"), 4)
