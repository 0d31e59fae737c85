"""A part of a breakdown: it knows how high it is, paints itself, and tells what lies at a point."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from convscope.core.unit import Unit
from convscope.ui import theme
from convscope.ui.widgets.number_grid import Look
from convscope.ui.widgets.text_sizes import WRAPPED

LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
CENTRE = int(Qt.AlignmentFlag.AlignCenter)

_AFTER_SIGN = re.compile(r"([=+−×÷·√]) (?=\S)")

Wish = Literal["", "pin", "open"]


@dataclass(frozen=True)
class Spot:
    """Something that can be pointed at.

    Attributes:
        boxes: Where it lies in its block; the first is where the pointer is.
        text: What is said of it.
        unit: The value of the network that it shows.
        wish: What a click asks for: to take that value apart, or to show a list in full or in short again.
    """

    boxes: tuple[QRectF, ...]
    text: str
    unit: Unit | None = None
    wish: Wish = ""


class Block:
    """One part below the other; all places are counted from its upper left corner."""

    height = 0.0

    def fit(self, look: Look, width: float) -> None:
        """Take a width, and find the height for it."""

    def paint(self, painter: QPainter, look: Look, seen: QRectF) -> None:
        """Paint what of the block can be seen."""

    def find(self, point: QPointF) -> Spot | None:
        """Return what lies at a point."""
        return None

    def boxes(self, unit: Unit) -> list[QRectF]:
        """Return where a value of the network is shown."""
        return []


def write(painter: QPainter, box: QRectF, text: str, font: QFont, colour: QColor, flags: int = LEFT) -> None:
    """Write a text into a box."""
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(box, flags, text)


def visible_rows(seen: QRectF, top: float, row_height: float, count: int) -> range:
    """Return which rows of a list can be seen."""
    if row_height <= 0:
        return range(0)
    first = max(0, int((seen.top() - top) // row_height))
    last = min(count, int((seen.bottom() - top) // row_height) + 1)
    return range(first, max(first, last))


def is_seen(box: QRectF, seen: QRectF) -> bool:
    """Whether something of a box is within what can be seen, from top to bottom."""
    return box.bottom() > seen.top() and box.top() < seen.bottom()


class TextBlock(Block):
    """A sentence."""

    def __init__(self, text: str, *, muted: bool = False) -> None:
        self._text, self._muted = text, muted
        self._width = 0.0

    @property
    def text(self) -> str:
        """The sentence."""
        return self._text

    def fit(self, look: Look, width: float) -> None:
        """Be as high as the sentence is at that width."""
        self._width = width
        self.height = look.wrapped_height(self._text, width) + 6

    def paint(self, painter: QPainter, look: Look, seen: QRectF) -> None:
        """Write it."""
        colour = theme.current().muted if self._muted else theme.current().text
        write(painter, QRectF(0, 0, self._width, self.height), self._text, look.font, colour, WRAPPED)


class BesideBlock(Block):
    """Two blocks side by side where there is room for both, else one below the other."""

    def __init__(self, left: Block, right: Block, *, left_width: float, right_width: float) -> None:
        """Join two blocks, given the widths in pixels that they need."""
        self._parts = (left, right)
        self._widths = (left_width, right_width)
        self._corners = (QPointF(), QPointF())

    def fit(self, look: Look, width: float) -> None:
        """Arrange the two."""
        left, right = self._parts
        beside = width >= sum(self._widths)
        left.fit(look, self._widths[0] if beside else width)
        right.fit(look, width - self._widths[0] if beside else width)
        corner = QPointF(self._widths[0], 0) if beside else QPointF(0, left.height)
        self._corners = (QPointF(), corner)
        self.height = max(left.height, corner.y() + right.height)

    def paint(self, painter: QPainter, look: Look, seen: QRectF) -> None:
        """Paint both."""
        for part, corner in zip(self._parts, self._corners, strict=True):
            painter.translate(corner)
            part.paint(painter, look, seen.translated(-corner))
            painter.translate(-corner)

    def find(self, point: QPointF) -> Spot | None:
        """Return what lies at a point of either."""
        for part, corner in zip(self._parts, self._corners, strict=True):
            found = part.find(point - corner)
            if found is not None:
                return replace(found, boxes=tuple(box.translated(corner) for box in found.boxes))
        return None

    def boxes(self, unit: Unit) -> list[QRectF]:
        """Return where either shows a value."""
        pairs = zip(self._parts, self._corners, strict=True)
        return [box.translated(corner) for part, corner in pairs for box in part.boxes(unit)]


@dataclass(frozen=True)
class Step:
    """One line of a calculation: what it is, and how it comes about.

    Attributes:
        unit: The value that the line shows; a click takes it apart.
        strong: The line is a result.
    """

    name: str
    text: str
    unit: Unit | None = None
    strong: bool = False


class StepsBlock(Block):
    """The lines of a calculation, their names in a column of their own; a long one wraps."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._steps = steps
        self._width = self._names = 0.0
        self._tops = [0.0]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The lines."""
        return self._steps

    def fit(self, look: Look, width: float) -> None:
        """Give the names the room they need, but not more than half."""
        self._width = width
        widest = max(look.width(step.name) for step in self._steps)
        self._names = min(widest + 14, width / 2)
        rows = (self._row_height(step, look) for step in self._steps)
        self._tops = [0.0, *accumulate(rows)]
        self.height = self._tops[-1] + 4

    def paint(self, painter: QPainter, look: Look, seen: QRectF) -> None:
        """Write the lines; one that can be clicked stands in the colour of links."""
        shown = theme.current()
        for number, step in enumerate(self._steps):
            box = self._box(number).adjusted(0, 2, 0, 0)
            write(painter, box.adjusted(0, 0, self._names - box.width(), 0), step.name, look.font, shown.muted, WRAPPED)
            colour = shown.accent if step.unit is not None else shown.text
            font = look.bold if step.strong else look.font
            write(painter, box.adjusted(self._names, 0, 0, 0), unparted(step.text), font, colour, WRAPPED)

    def find(self, point: QPointF) -> Spot | None:
        """Return the line at a point."""
        number = bisect_right(self._tops, point.y()) - 1
        if not 0 <= number < len(self._steps) or not 0 <= point.x() < self._width:
            return None
        step = self._steps[number]
        said = f"{step.name}: {step.text}"
        return Spot((self._box(number),), said, step.unit, "pin" if step.unit is not None else "")

    def boxes(self, unit: Unit) -> list[QRectF]:
        """Return the lines that show a value."""
        return [self._box(number) for number, step in enumerate(self._steps) if step.unit == unit]

    def _row_height(self, step: Step, look: Look) -> float:
        font, room = look.bold if step.strong else look.font, self._width - self._names
        text = look.wrapped_height(unparted(step.text), room, font)
        return max(text, look.wrapped_height(step.name, self._names)) + 5

    def _box(self, number: int) -> QRectF:
        return QRectF(0, self._tops[number], self._width, self._tops[number + 1] - self._tops[number])


def unparted(text: str) -> str:
    """Return a calculation that wraps only before a sign, never between a sign and its number."""
    return _AFTER_SIGN.sub("\\1\u00a0", text)
