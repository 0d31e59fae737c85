"""The texts of a row of data cubes: operations above, between the cubes they connect; shapes below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QStaticText

from convscope.ui import theme
from convscope.ui.widgets.cube_data import CubeItem
from convscope.ui.widgets.cube_labels import Wish, arranged
from convscope.ui.widgets.cube_layout import Place, Row
from convscope.ui.widgets.laid_out_text import LaidOutTexts

MOST_LINES = 3  # above the cubes, and as many below
_SHARE = 0.5  # of the height that texts may take
_ROOMY = 11  # lines of text from which the room is high enough for the usual font
_SMALL = 0.86  # of it, where the room is not
_NEAR = 5.0  # logical pixels up to which a text needs no leader
_SPACE = 3.0  # between the cubes and their texts

Lines = tuple[int, int]  # of text, above and below the cubes


@dataclass(frozen=True)
class _Wanted:
    """A text in its wordings, for one layer or for several that stand close together.

    Attributes:
        layers: What it is said of.
        texts: From the shortest to the fullest wording.
        centre: Where its middle belongs.
        end: Where its leader ends, below an operation and above a shape.
        first: It comes before those that matter less.
        is_operation: It stands above the cubes.
        bracket: What it holds together, from left to right; of no length where that is one cube.
    """

    layers: range
    texts: tuple[str, ...]
    centre: float
    end: float
    first: bool
    is_operation: bool
    bracket: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class _Text:
    wanted: _Wanted
    corner: QPointF
    text: QStaticText
    leads: tuple[QLineF, ...]

    @property
    def left(self) -> float:
        """Where the text begins, or what is bracketed."""
        bracket = self.wanted.bracket
        return min(self.corner.x(), bracket[0]) if bracket[1] > bracket[0] else self.corner.x()

    @property
    def right(self) -> float:
        """Where the text ends, or what is bracketed."""
        return max(self.corner.x() + self.text.size().width(), self.wanted.bracket[1])


class CubeTexts:
    """Arranges the texts for a row, and draws them."""

    def __init__(self, font: QFont) -> None:
        self._usual = font
        self._take(font)

    def _take(self, font: QFont) -> None:
        self._laid_out = LaidOutTexts(font)
        self._metrics = self._laid_out.metrics
        self._texts: list[_Text] = []
        self._most = 2

    def show_room(self, height: float) -> None:
        """Choose the font for a room of that height."""
        small = QFont(self._usual)
        small.setPointSizeF(_SMALL * self._usual.pointSizeF())
        font = self._usual if height >= _ROOMY * QFontMetricsF(self._usual).height() else small
        if font != self._laid_out.font:
            self._take(font)
        self._most = max(2, int(_SHARE * height / self._metrics.height()))

    def heights(self, lines: Lines) -> tuple[float, float]:
        """Return the height of some lines above the cubes, and below."""
        above, below = (count * self._metrics.height() + _SPACE for count in lines)
        return above, below

    def gaps(self, items: Sequence[CubeItem]) -> dict[int, float]:
        """Return how wide the way to each layer must be for the operation to stand above it alone."""
        return {item.layer: self._laid_out.sizes.width(item.operations[-1]) + 10 for item in items if item.operations}

    def arrange(self, row: Row, lines: Lines) -> tuple[int, int]:
        """Find a place for each text of a row; return how many of those that come first are cut short or left out."""
        self._texts = []
        line = self._metrics.height()
        room = min([row.width, *(place.left for place in row.places if place.cube is None)])
        operations = [_operation(place, row) for place in row.places if place.item.operations]
        shapes = [wanted for group in _groups(row) for wanted in self._shapes(group)]
        return (
            self._arrange(operations, room, lines[0], row.top - _SPACE - line, -line),
            self._arrange(shapes, room, lines[1], row.bottom + _SPACE, line),
        )

    def more(self, lines: Lines, missing: tuple[int, int]) -> Lines:
        """Return how many lines to try next where texts are missing; the same where the room has no more of them."""
        above, below = (min(count + (lack > 0), MOST_LINES) for count, lack in zip(lines, missing, strict=True))
        if above + below <= self._most:
            return above, below
        return max(lines[0], min(above, self._most - lines[1])), lines[1]

    def with_spare(self, lines: Lines, height: float) -> Lines:
        """Return the lines with others above them that go into a height that is left over."""
        return min(MOST_LINES, lines[0] + max(0, int(height / self._metrics.height()))), lines[1]

    def draw(self, painter: QPainter, selected: int, failed: int | None, left: float, right: float) -> None:
        """Draw the texts between two places.

        Args:
            painter: In the row's coordinates.
            selected: The layer whose shape is emphasised.
            failed: The layer that cannot work, if any.
            left: Where what is visible begins.
            right: Where it ends.
        """
        colours = theme.current()
        painter.setFont(self._laid_out.font)
        faint = QColor(colours.muted)
        faint.setAlphaF(0.6)
        seen = [text for text in self._texts if text.left <= right and text.right >= left]
        painter.setPen(QPen(faint, 1))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # they are upright or level
        painter.drawLines([line for text in seen for line in text.leads])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for text in seen:
            layers = text.wanted.layers
            usual = colours.muted if text.wanted.is_operation else colours.text
            colour = colours.accent if selected in layers else usual
            painter.setPen(colours.error if failed in layers else colour)
            painter.drawStaticText(text.corner, text.text)

    def shown(self) -> list[str]:
        """Return the texts that have room: operations first, from left to right."""
        return [text.text.text() for text in self._texts]

    def _arrange(self, wanted: list[_Wanted], room: float, lines: int, top: float, step: float) -> int:
        """Put texts into lines, the first of which begins at `top`, and each next one a step farther.

        Returns:
            How many of those that come first have no place, or not their fullest wording.
        """
        wishes = [
            Wish(one.centre, tuple(map(self._laid_out.sizes.width, one.texts)), room, one.first) for one in wanted
        ]
        spots = arranged(wishes, lines)
        for one, spot in zip(wanted, spots, strict=True):
            if spot is not None:
                corner = QPointF(spot.left, top + spot.line * step)
                text = self._laid_out.static(one.texts[spot.wording])
                self._texts.append(_Text(one, corner, text, self._leads(one, corner.y())))
        return sum(
            one.first and (spot is None or spot.wording < len(one.texts) - 1)
            for one, spot in zip(wanted, spots, strict=True)
        )

    def _leads(self, wanted: _Wanted, top: float) -> tuple[QLineF, ...]:
        """Return what connects a text with what it is said of."""
        start = top + self._metrics.height() if wanted.is_operation else top + 1
        left, right = wanted.bracket
        lines = [QLineF(left, wanted.end, right, wanted.end)] if right > left else []
        lines += [QLineF(x, wanted.end - 2, x, wanted.end) for x in wanted.bracket if right > left]
        if abs(wanted.end - start) > _NEAR:
            lines.append(QLineF(wanted.centre, start, wanted.centre, wanted.end))
        return tuple(lines)

    def _shapes(self, group: list[Place]) -> list[_Wanted]:
        """Return the shape of cubes that share it: below each where they are wide enough, else once for all."""
        text = group[0].item.shape_text
        pitch = min((after.left - place.left for place, after in pairwise(group)), default=0.0)
        if len(group) == 1 or pitch >= self._laid_out.sizes.width(text) + 12:
            return [_shape([place], text) for place in group]
        return [_shape(group, text)]


def _operation(place: Place, row: Row) -> _Wanted:
    """Return what leads to a cube; its leader ends above the arrow, or between cubes that stand close together."""
    end = place.top if place.item.joined else (row.top + row.bottom) / 2 - 5
    layers = range(place.item.layer, place.item.layer + 1)
    return _Wanted(layers, place.item.operations, sum(place.gap) / 2, end, not place.item.joined, is_operation=True)


def _shape(group: Sequence[Place], text: str) -> _Wanted:
    """Return the shape of one cube, or of several with a bracket below them."""
    first, last = group[0], group[-1]
    layers = range(first.item.layer, last.item.layer + 1)
    bottom = max(place.bottom for place in group)
    if len(group) == 1:
        assert first.cube is not None
        return _Wanted(layers, (text,), first.cube.x + first.cube.width / 2, bottom + 2, True, is_operation=False)
    bracket = (first.left, last.right)
    return _Wanted(layers, (text,), sum(bracket) / 2, bottom + 3, True, is_operation=False, bracket=bracket)


def _groups(row: Row) -> list[list[Place]]:
    """Return the cubes in runs that share a shape."""
    groups: list[list[Place]] = []
    for place in row.places:
        if place.cube is not None and place.item.joined:
            groups[-1].append(place)
        elif place.cube is not None:
            groups.append([place])
    return groups
