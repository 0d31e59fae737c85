"""The texts of a row of data cubes: operations above, between the cubes they connect; shapes below."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText

from convscope.ui import theme
from convscope.ui.widgets.cube_labels import Wish, arranged
from convscope.ui.widgets.cube_layout import Place, Row

LINES = 2  # of text above the cubes, and as many below


@dataclass(frozen=True)
class _Wanted:
    """A text in its wordings, for one layer or for several that stand close together."""

    layers: range
    texts: tuple[str, ...]
    centre: float
    first: bool
    is_operation: bool


@dataclass(frozen=True)
class _Text:
    wanted: _Wanted
    corner: QPointF
    text: QStaticText


class CubeTexts:
    """Arranges the texts for a row, and draws them."""

    def __init__(self, font: QFont) -> None:
        self._font = font
        self._metrics = QFontMetricsF(font)
        self._widths: dict[str, float] = {}
        self._prepared: dict[str, QStaticText] = {}
        self._texts: list[_Text] = []

    @property
    def line(self) -> float:
        """Height of a line of text."""
        return self._metrics.height()

    def lines(self, room: float) -> tuple[float, float]:
        """Return the height of the text above and below the cubes in a room of that height."""
        count = LINES if room >= 9 * self.line else 1
        return count * self.line + 3, count * self.line + 3

    def arrange(self, row: Row, lines: tuple[float, float]) -> None:
        """Find a place for each text of a row."""
        self._texts = []
        room = min([row.width, *(place.left for place in row.places if place.cube is None)])
        operations = [
            _Wanted(_one(place), place.item.operations, sum(place.gap) / 2, not place.item.joined, is_operation=True)
            for place in row.places
            if place.item.operations
        ]
        self._arrange(operations, room, lines[0], row.top - 3 - self.line, -self.line)
        shapes = [wanted for group in _groups(row) for wanted in self._shapes(group)]
        self._arrange(shapes, room, lines[1], row.bottom + 3, self.line)

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
        painter.setFont(self._font)
        for text in self._texts:
            if text.corner.x() > right or text.corner.x() + text.text.size().width() < left:
                continue
            layers = text.wanted.layers
            usual = colours.muted if text.wanted.is_operation else colours.text
            colour = colours.accent if selected in layers else usual
            painter.setPen(colours.error if failed in layers else colour)
            painter.drawStaticText(text.corner, text.text)

    def shown(self) -> list[str]:
        """Return the texts that have room: operations first, from left to right."""
        return [text.text.text() for text in self._texts]

    def _arrange(self, wanted: list[_Wanted], room: float, height: float, top: float, step: float) -> None:
        """Put texts into lines, the first of which begins at `top`, and each next one a step farther."""
        wishes = [Wish(one.centre, tuple(map(self._width, one.texts)), room, one.first) for one in wanted]
        spots = arranged(wishes, round(height / self.line))
        for one, wish, spot in zip(wanted, wishes, spots, strict=True):
            if spot is not None:
                corner = QPointF(wish.ends(spot.wording)[0], top + spot.line * step)
                self._texts.append(_Text(one, corner, self._static(one.texts[spot.wording])))

    def _shapes(self, group: list[Place]) -> list[_Wanted]:
        """Return the shape of cubes that share it: below each where they are wide enough, else once for all."""
        text = group[0].item.shape_text
        pitch = min((after.left - place.left for place, after in pairwise(group)), default=0.0)
        if pitch >= self._width(text) + 12:
            return [_Wanted(_one(place), (text,), _middle(place, place), True, False) for place in group]
        layers = range(group[0].item.layer, group[-1].item.layer + 1)
        return [_Wanted(layers, (text,), _middle(group[0], group[-1]), True, False)]

    def _static(self, text: str) -> QStaticText:
        if text not in self._prepared:
            prepared = self._prepared[text] = QStaticText(text)
            prepared.prepare(font=self._font)
        return self._prepared[text]

    def _width(self, text: str) -> float:
        if text not in self._widths:
            self._widths[text] = self._metrics.horizontalAdvance(text)
        return self._widths[text]


def _groups(row: Row) -> list[list[Place]]:
    """Return the cubes in runs that share a shape."""
    groups: list[list[Place]] = []
    for place in row.places:
        if place.cube is not None and place.item.joined:
            groups[-1].append(place)
        elif place.cube is not None:
            groups.append([place])
    return groups


def _one(place: Place) -> range:
    return range(place.item.layer, place.item.layer + 1)


def _middle(first: Place, last: Place) -> float:
    return (first.left + last.right) / 2
