"""The maps of a layer on a widget, with marks over them, and where on it every value lies."""

from __future__ import annotations

import logging
from math import floor

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.core.receptive_field import Region
from convscope.ui import theme
from convscope.ui.widgets.mosaic_layout import Place
from convscope.ui.widgets.mosaic_maps import Maps
from convscope.ui.widgets.mosaic_marks import NO_MARKS, Marks, Shown, draw_marks, draw_ring
from convscope.ui.widgets.mosaic_picture import MARGIN, MosaicPicture, Scene
from convscope.ui.widgets.mosaic_region import RegionBoxes, RowPictures
from convscope.ui.widgets.mosaic_text import draw_sentence

log = logging.getLogger(__name__)


class MosaicSurface(QWidget):
    """Shows maps, or a sentence in their place; it does nothing by itself."""

    def __init__(self, parent: QWidget | None = None, *, compact: bool = False) -> None:
        """Make an empty surface.

        Args:
            parent: The widget it lies in.
            compact: At the left edge and without numbers, as a row among others.
        """
        super().__init__(parent)
        self._maps: Maps | None = None
        self._message = ""
        self._failure = ""
        self._selected = 0
        self._zoomed = False
        self._hovered: Place | None = None
        self._marks = NO_MARKS
        self._boxes: tuple[tuple[Shown, Region], RegionBoxes] | None = None  # of the marks' region
        self._rows = RowPictures()  # of boxes
        self._picture = MosaicPicture()
        self._compact = compact
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def selected(self) -> int:
        """The tile that the keyboard moves, and that was clicked last."""
        return self._selected

    @property
    def zoomed(self) -> bool:
        """Whether the selected tile is shown alone."""
        return self._zoomed

    @property
    def hovered(self) -> Place | None:
        """What is pointed at, here or in another view; its tile counts from the first of all, also while zoomed."""
        return self._hovered or self._marks.hovered

    @property
    def maps(self) -> Maps | None:
        """What is shown; None while there is a message instead."""
        return self._maps

    @property
    def has_maps(self) -> bool:
        """Whether there are maps, not a message instead."""
        return self._maps is not None

    @property
    def marks(self) -> Marks:
        """What is marked on the maps."""
        return self._marks

    def show_maps(self, maps: Maps | None) -> None:
        """Show the maps of a layer; a tile stays enlarged while their number is the same, as from layer to ReLU."""
        maps = maps if maps is not None and maps.values.size else None
        if _shape(maps) != _shape(self._maps):
            self._failure, self._hovered, self._marks = "", None, NO_MARKS  # another layer: worth another attempt
            self._rows.clear()
        if _shape(maps)[:1] != _shape(self._maps)[:1] or (maps and maps.is_vector):
            self._zoomed = False
            self._selected = min(self._selected, len(maps) - 1) if maps else 0
        self._maps, self._message = maps, ""
        self.setAccessibleDescription("")
        self._redraw()

    def show_message(self, text: str) -> None:
        """Show a sentence in the place of maps."""
        self._maps, self._message, self._hovered, self._failure = None, text, None, ""
        self._marks = NO_MARKS
        self.setAccessibleDescription(text)
        self._redraw()

    def show_marks(self, marks: Marks) -> None:
        """Mark values and tiles of the maps that are shown; what does not fit them is left out.

        A tile in which a value was pinned, in whatever view, is selected then, unless another one is shown alone.
        """
        if self._maps is not None:
            before, self._marks = self._marks.pinned, marks.fitting(self._maps.values.shape)
            pinned = self._marks.pinned
            if pinned is not None and pinned != before and not self._zoomed:
                self._selected = pinned.tile
            self.update()

    def show_tile(self, tile: int, *, zoomed: bool) -> None:
        """Select a tile, and show it alone or among all."""
        if self._maps is not None and (tile, zoomed) != (self._selected, self._zoomed):
            self._selected, self._zoomed, self._hovered = min(tile, len(self._maps) - 1), zoomed, None
            self._redraw()

    def value_at(self, place: Place) -> float:
        """Return the value at a place of the maps that are shown."""
        assert self._maps is not None
        return float(self._maps.values[place.tile, place.part, place.row, place.column])

    def place_at(self, point: QPointF) -> Place | None:
        """Return what lies at a point of the widget."""
        if self._picture.layout is None or self._maps is None:
            return None
        place = self._picture.layout.find(*self._pixel(point))
        if place is not None and self._zoomed:
            return Place(self._selected, place.part, place.row, place.column)
        return place

    def tile_at(self, point: QPointF) -> int | None:
        """Return which tile lies at a point of the widget, also between two of its parts."""
        if self._picture.layout is None or self._maps is None:
            return None
        tile = self._picture.layout.find_tile(*self._pixel(point))
        return self._selected if tile is not None and self._zoomed else tile

    def tile_rect(self, tile: int) -> QRectF:
        """Return where a tile lies in the widget; empty where it is not shown."""
        shown = self._shown
        return QRectF() if shown is None else shown.tile(tile)

    def cell_rect(self, place: Place) -> QRectF:
        """Return where a value lies in the widget; empty where it is not shown."""
        shown = self._shown
        return QRectF() if shown is None else shown.cell(place)

    @property
    def _shown(self) -> Shown | None:
        if self._picture.layout is None:
            return None
        return Shown(self._picture.layout, self._selected if self._zoomed else None, self.devicePixelRatioF(), MARGIN)

    def _pixel(self, point: QPointF) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return floor((point.x() - MARGIN) * ratio), floor((point.y() - MARGIN) * ratio)

    def _redraw(self) -> None:
        self._picture.forget()
        self.update()

    def _paint(self, painter: QPainter) -> None:
        if self._maps is None:
            draw_sentence(painter, QRectF(self.rect()), self._message, theme.current().muted)
            return
        maps = self._maps.only(self._selected) if self._zoomed else self._maps
        scene = Scene(maps, self.size(), self.font(), self._compact)
        layout, ratio = self._picture.paint(painter, scene, self.devicePixelRatioF())
        shown = Shown(layout, self._selected if self._zoomed else None, ratio, MARGIN)
        if self._marks.region is not None:
            of = (shown, self._marks.region)
            if self._boxes is None or self._boxes[0] != of:
                self._boxes = of, shown.region(of[1])
            self._boxes[1].paint(painter, self._rows)
        if not self._zoomed and self._hovered is not None:
            draw_ring(painter, shown.tile(self._hovered.tile), 1)
        if not self._zoomed and self.hasFocus() and len(self._maps) > 1:
            draw_ring(painter, shown.tile(self._selected), 3)
        draw_marks(painter, shown, self._marks, self.hovered)

    def sizeHint(self) -> QSize:
        """Return a size at which the maps of a usual layer can be told apart."""
        return QSize(480, 300)

    def minimumSizeHint(self) -> QSize:
        """Return the least size that still shows something."""
        return QSize(120, 60)

    def changeEvent(self, event: QEvent) -> None:
        """Redraw in the new theme or font."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._redraw()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the maps into the new size."""
        self._rows.clear()
        self._redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, or once and for all why it cannot be drawn: an exception here would repeat forever."""
        painter = QPainter(self)
        if not self._failure:
            try:
                self._paint(painter)
            except Exception as error:
                log.exception("A mosaic could not be drawn and is switched off")
                self._failure = f"This view failed and is off until another layer is selected: {error!r}"
        if self._failure:
            painter.resetTransform()
            painter.fillRect(self.rect(), theme.current().base)
            draw_sentence(painter, QRectF(self.rect()), self._failure, theme.current().error)
        painter.end()


def _shape(maps: Maps | None) -> tuple[int, ...]:
    return () if maps is None else maps.values.shape
