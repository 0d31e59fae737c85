"""The texts of a row of data cubes: operations above, between the cubes they connect; shapes below."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText

from convscope.ui import theme
from convscope.ui.widgets.cube_labels import Spot, Wish, arranged
from convscope.ui.widgets.cube_layout import Place, Row

LINES = 2  # of text above the cubes, and as many below


@dataclass(frozen=True)
class _Text:
    layer: int
    corner: QPointF
    text: QStaticText
    is_operation: bool


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
        steps = [(place, sum(place.gap) / 2) for place in row.places if place.item.operations]
        above, spots = self._arranged(steps, room, lines[0], operations=True)
        for (place, _), wish, spot in zip(steps, above, spots, strict=True):
            if spot is not None:
                corner = QPointF(wish.ends(spot.wording)[0], row.top - 3 - (spot.line + 1) * self.line)
                self._add(place, place.item.operations[spot.wording], corner, is_operation=True)
        cubes = [(place, (place.left + place.right) / 2) for place in row.places if place.cube is not None]
        below, spots = self._arranged(cubes, room, lines[1], operations=False)
        for (place, _), wish, spot in zip(cubes, below, spots, strict=True):
            if spot is not None:
                corner = QPointF(wish.ends(0)[0], row.bottom + 3 + spot.line * self.line)
                self._add(place, place.item.shape_text, corner, is_operation=False)

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
            chosen = text.layer == selected
            colour = colours.accent if chosen else colours.muted if text.is_operation else colours.text
            painter.setPen(colours.error if text.layer == failed else colour)
            painter.drawStaticText(text.corner, text.text)

    def shown(self) -> list[str]:
        """Return the texts that have room: operations first, from left to right."""
        return [text.text.text() for text in self._texts]

    def _add(self, place: Place, text: str, corner: QPointF, *, is_operation: bool) -> None:
        if text not in self._prepared:
            prepared = self._prepared[text] = QStaticText(text)
            prepared.prepare(font=self._font)
        self._texts.append(_Text(place.item.layer, corner, self._prepared[text], is_operation))

    def _arranged(
        self, wanted: list[tuple[Place, float]], room: float, height: float, *, operations: bool
    ) -> tuple[list[Wish], tuple[Spot | None, ...]]:
        wishes: list[Wish] = []
        for place, centre in wanted:
            texts = place.item.operations if operations else (place.item.shape_text,)
            wishes.append(Wish(centre, tuple(map(self._width, texts)), room, not place.item.joined))
        lines = round(height / self.line)
        return wishes, arranged(wishes, lines, lines if operations else 1)

    def _width(self, text: str) -> float:
        if text not in self._widths:
            self._widths[text] = self._metrics.horizontalAdvance(text)
        return self._widths[text]
