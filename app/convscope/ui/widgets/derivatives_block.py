"""Derivatives one below the other: the rule, the rule with numbers, and what autograd computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter

from convscope.core.unit import Unit
from convscope.ui import theme
from convscope.ui.widgets.breakdown_block import LEFT, Block, Spot, visible_rows, write
from convscope.ui.widgets.number_grid import Look

_INDENT, _GAP, _BETWEEN = 12.0, 14.0, 5.0  # pixels


@dataclass(frozen=True)
class DerivativeLine:
    """One derivative.

    Attributes:
        rule: What it is, by the names of what it is made of.
        numbers: The same with numbers, and the result.
        computed: What autograd computed, and how far that is from it.
        agrees: Whether rounding explains the difference.
        unit: The value that a click takes apart.
        strong: It is the one of the pinned value.
    """

    rule: str
    numbers: str
    computed: str
    agrees: bool = True
    unit: Unit | None = None
    strong: bool = False


class DerivativesBlock(Block):
    """A list of derivatives, each on two lines, or on three where the numbers are long."""

    def __init__(self, lines: Sequence[DerivativeLine]) -> None:
        self.lines = tuple(lines)
        self._width = self._line = 0.0
        self._rows = 2

    def fit(self, look: Look, width: float) -> None:
        """Put autograd's number beside ours where every line has room for that."""
        self._width, self._line = width, look.line
        small = QFontMetricsF(look.small)
        widest = max(look.width(line.numbers) + small.horizontalAdvance(line.computed) for line in self.lines)
        self._rows = 2 if _INDENT + widest + _GAP <= width else 3
        self.height = self._pitch * len(self.lines)

    @property
    def _pitch(self) -> float:
        return self._rows * (self._line + 1) + _BETWEEN

    def paint(self, painter: QPainter, look: Look, seen: QRectF) -> None:
        """Write the lines that can be seen."""
        shown, small = theme.current(), QFontMetricsF(look.small)
        for number in visible_rows(seen, 0, self._pitch, len(self.lines)):
            line, box = self.lines[number], self._box(number)
            row = QRectF(box.left(), box.top(), box.width(), self._line)
            rule = look.bold if line.strong else look.font
            write(painter, row, line.rule, rule, shown.accent if line.unit is not None else shown.muted, LEFT)
            row.translate(_INDENT, self._line + 1)
            write(painter, row, line.numbers, look.bold if line.strong else look.font, shown.text, LEFT)
            if self._rows == 2:
                row.setLeft(self._width - small.horizontalAdvance(line.computed) - 2)
            else:
                row.translate(0, self._line + 1)
            write(painter, row, line.computed, look.small, shown.muted if line.agrees else shown.warning, LEFT)

    def find(self, point: QPointF) -> Spot | None:
        """Return the derivative at a point."""
        number = int(point.y() // self._pitch)
        if not 0 <= number < len(self.lines) or point.y() < 0:
            return None
        line = self.lines[number]
        text = f"{line.rule}; {line.numbers}; {line.computed}"
        return Spot((self._box(number),), text, line.unit, "pin" if line.unit is not None else "")

    def boxes(self, unit: Unit) -> list[QRectF]:
        """Return where the derivatives for a value are."""
        return [self._box(number) for number, line in enumerate(self.lines) if line.unit == unit]

    def _box(self, number: int) -> QRectF:
        return QRectF(0, number * self._pitch, self._width, self._pitch - _BETWEEN)
