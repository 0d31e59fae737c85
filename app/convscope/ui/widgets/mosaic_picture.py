"""The picture of a mosaic: kept for the screen, made anew and as sharp as need be for another device."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QFont, QImage, QPainter

from convscope.ui.painting import is_vector, pixel_ratio
from convscope.ui.widgets.mosaic_layout import Layout
from convscope.ui.widgets.mosaic_maps import Maps

MARGIN = 4  # logical pixels, where the ring around a selected map at the edge has its place
_SAME = 0.001  # of two ratios


@dataclass(frozen=True, eq=False)
class Scene:
    """What a mosaic shows, and in what room.

    Attributes:
        maps: The tiles.
        size: Of the widget.
        font: Of the numbers.
        compact: Tiles begin at the left and tell no number.
    """

    maps: Maps
    size: QSize
    font: QFont
    compact: bool

    def composed(self, ratio: float, *, lettered: bool = True) -> tuple[QImage, Layout]:
        """Return the picture with so many pixels for each unit of the widget, and where the tiles lie in it."""
        room = (int((self.size.width() - 2 * MARGIN) * ratio), int((self.size.height() - 2 * MARGIN) * ratio))
        layout = self.maps.layout(room, ratio)
        layout = layout.left_aligned() if self.compact else layout
        return self.maps.picture(layout, self.font, ratio, numbered=self._numbered, lettered=lettered), layout

    def letter(self, painter: QPainter, layout: Layout, ratio: float) -> None:
        """Write the numbers upon a picture that has none."""
        painter.save()
        painter.translate(MARGIN, MARGIN)
        self.maps.letter(painter, layout, self.font, ratio, numbered=self._numbered)
        painter.restore()

    @property
    def _numbered(self) -> bool:
        return not self.compact or self.maps.is_vector


class MosaicPicture:
    """Paints a scene; on the screen it is composed once, until it is forgotten."""

    def __init__(self) -> None:
        self._kept: QImage | None = None
        self.layout: Layout | None = None  # on the screen

    def forget(self) -> None:
        """Compose the next scene anew; until then the tiles lie where they lay."""
        self._kept = None

    def paint(self, painter: QPainter, scene: Scene, screen: float) -> tuple[Layout, float]:
        """Paint a scene.

        Args:
            painter: Its origin is the widget's corner.
            scene: What is shown.
            screen: Pixels for each unit of the widget on the screen.

        Returns:
            Where the tiles lie, and how many pixels of that there are for each unit of the widget.
        """
        if self._kept is None or self.layout is None or self._kept.devicePixelRatio() != screen:
            self._kept, self.layout = scene.composed(screen)
        picture, layout, ratio = self._kept, self.layout, screen
        vector = is_vector(painter)
        if vector:  # which keeps the edges of values sharp by itself
            picture, layout = scene.composed(ratio, lettered=False)
        elif abs((wanted := pixel_ratio(painter)) - screen) > _SAME:
            ratio = wanted
            picture, layout = scene.composed(ratio)
        corner = QPointF(MARGIN + layout.columns.start / ratio, MARGIN + layout.rows.start / ratio)
        painter.drawImage(corner, picture)
        if vector:
            scene.letter(painter, layout, ratio)
        return layout, ratio
