"""All maps of a layer as one picture: one image however many maps there are."""

from __future__ import annotations

import logging
from math import floor

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.core.receptive_field import Region
from convscope.ui import theme
from convscope.ui.widgets import mosaic_keys
from convscope.ui.widgets.mosaic_layout import Place
from convscope.ui.widgets.mosaic_maps import Maps
from convscope.ui.widgets.mosaic_marks import NO_MARKS, Marks, Shown, draw_marks, draw_region, draw_ring
from convscope.ui.widgets.mosaic_picture import MARGIN, MosaicPicture, Scene
from convscope.ui.widgets.mosaic_text import draw_sentence
from convscope.ui.widgets.number_text import number_text

log = logging.getLogger(__name__)


class Mosaic(QWidget):
    """Maps of a layer side by side, as large as the room allows; each of their values can be pointed at and pinned.

    Every map is a tile; a tile may consist of several parts (the kernels of a filter, one for each input channel).

    Signals:
        place_hovered: The `Place` under the pointer or the keyboard's cursor, None when it has left.
        place_pinned: The user clicked the value at this `Place`, or pressed Space on it.
        caption_changed: `caption()` tells something new, because the user moved the pointer or pressed a key.
        tile_chosen: The user selected this tile.
        zoom_changed: The user enlarged a tile, or went back to all of them.
        opened: The user double-clicked a compact mosaic.
        menu_wanted: Tile and global position of a click with the right button.
    """

    place_hovered = Signal(object)
    place_pinned = Signal(object)
    caption_changed = Signal()
    tile_chosen = Signal(int)
    zoom_changed = Signal()
    opened = Signal()
    menu_wanted = Signal(int, QPoint)

    tile_name = "map"

    def __init__(self, parent: QWidget | None = None, *, compact: bool = False) -> None:
        """Make an empty mosaic.

        Args:
            parent: The widget it lies in.
            compact: A row among others: at the left edge, without numbers, never enlarged and without a stop for Tab.
        """
        super().__init__(parent)
        self._maps: Maps | None = None
        self._message = ""
        self._failure = ""
        self._selected = 0
        self._zoomed = False
        self._hovered: Place | None = None
        self._marks = NO_MARKS
        self._boxes: tuple[tuple[Shown, Region | None], list[QRectF]] | None = None  # of the marks' region
        self._picture = MosaicPicture()
        self._compact = compact
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if compact else Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Feature maps")

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
    def marks(self) -> Marks:
        """What is marked on the maps."""
        return self._marks

    def show_maps(self, maps: Maps | None) -> None:
        """Show the maps of a layer; a tile stays enlarged while their number is the same, as from layer to ReLU."""
        maps = maps if maps is not None and maps.values.size else None
        if _shape(maps) != _shape(self._maps):
            self._failure, self._hovered, self._marks = "", None, NO_MARKS  # another layer: worth another attempt
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
        """Mark values and tiles of the maps that are shown; what does not fit them is left out."""
        if self._maps is not None:
            self._marks = marks.fitting(self._maps.values.shape)
            self.update()

    def show_tile(self, tile: int, *, zoomed: bool) -> None:
        """Select a tile, and show it alone or among all."""
        if self._maps is not None and (tile, zoomed) != (self._selected, self._zoomed):
            self._selected, self._zoomed, self._hovered = min(tile, len(self._maps) - 1), zoomed, None
            self._redraw()

    def caption(self) -> str:
        """Return what is to be said of the value that is pointed at, else of the selected tile or the pinned value."""
        if self._maps is None:
            return ""
        if self.hovered is not None:
            return self.described(self.hovered, self.value_at(self.hovered))
        if self._zoomed or self.hasFocus():
            return self.described_tile(self._selected)
        if self._marks.pinned is not None:
            return f"Pinned: {self.described(self._marks.pinned, self.value_at(self._marks.pinned))}"
        if self._maps.is_vector:
            return "Point at a unit for its value, click to pin it."
        return f"Click a value to pin it; double-click enlarges its {self.tile_name}."

    def described(self, place: Place, value: float) -> str:
        """Return what the caption says of one value."""
        if self._maps is not None and self._maps.is_vector:
            return f"Unit {place.tile}:  {number_text(value)}"
        return f"Map {place.tile}, row {place.row}, column {place.column}:  {number_text(value)}"

    def described_tile(self, tile: int) -> str:
        """Return what the caption says of one tile."""
        assert self._maps is not None
        values = self._maps.values[tile]
        if values.size == 1:
            return self.described(Place(tile, 0, 0, 0), float(values.ravel()[0]))
        low, mean, high = (number_text(float(number), 3) for number in (values.min(), values.mean(), values.max()))
        off = ", switched off" if tile in self._marks.crossed else ""
        return f"{self.tile_name.capitalize()} {tile}{off}:  {low} to {high}, mean {mean}"

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
        of = (shown, self._marks.region)
        if self._boxes is None or self._boxes[0] != of:
            self._boxes = of, [] if of[1] is None else shown.region(of[1])
        draw_region(painter, self._boxes[1])
        if not self._zoomed and self._hovered is not None:
            draw_ring(painter, shown.tile(self._hovered.tile), 1)
        if not self._zoomed and self.hasFocus() and len(self._maps) > 1:
            draw_ring(painter, shown.tile(self._selected), 3)
        draw_marks(painter, shown, self._marks, self.hovered)

    def _hover(self, place: Place | None) -> None:
        if place == self._hovered:
            return
        self._hovered = place
        self.place_hovered.emit(place)
        self.caption_changed.emit()
        self.update()

    def _pin(self, place: Place | None) -> None:
        if place is not None:
            self.place_pinned.emit(place)
            self.caption_changed.emit()

    def _choose(self, tile: int) -> None:
        if self._maps is None:
            return
        self._selected = tile
        if self._zoomed:
            self._redraw()
        self.setAccessibleDescription(self.described_tile(tile))
        self.update()
        self.tile_chosen.emit(tile)
        self.caption_changed.emit()

    def _zoom(self, zoomed: bool) -> None:
        possible = self._maps is not None and len(self._maps) > 1 and not self._maps.is_vector
        self._hover(None)
        self.show_tile(self._selected, zoomed=zoomed and possible)
        self.zoom_changed.emit()
        self.caption_changed.emit()

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
        self._redraw()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show which tile the keys move."""
        super().focusInEvent(event)
        self.caption_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide it again, and the keyboard's cursor with it."""
        super().focusOutEvent(event)
        if not self.underMouse():
            self._hover(None)
        self.caption_changed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the value under the pointer."""
        self._hover(self.place_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the value under the pointer."""
        self._hover(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pin the value under the pointer and select its tile."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        tile = self.tile_at(event.position())
        if tile is not None and not self._compact:
            self._choose(tile)
        self._pin(self.place_at(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Enlarge the tile under the pointer, or go back to all."""
        tile = self.tile_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
        elif self._compact:
            self.opened.emit()
        elif self._zoomed:
            self._zoom(False)
        elif tile is not None:
            self._choose(tile)
            self._zoom(True)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu of the tile under the pointer, or of the selected one."""
        pointed = event.reason() == QContextMenuEvent.Reason.Mouse
        tile = self.tile_at(QPointF(event.pos())) if pointed else self._selected
        if tile is not None and self._maps is not None:
            self.menu_wanted.emit(tile, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose a tile, with Shift a value; Space pins it, Enter enlarges, Escape and Backspace go back."""
        shape = _shape(self._maps)
        columns = 1 if self._zoomed or self._picture.layout is None else self._picture.layout.columns.tiles
        tile = mosaic_keys.tile_reached(event, self._selected, columns, shape)
        place = mosaic_keys.place_reached(event, self._hovered, self._selected, shape)
        if tile is not None:
            self._hover(None)
            self._choose(tile)
        elif place is not None:
            self._hover(place)
        elif event.key() == Qt.Key.Key_Space and shape:
            self._pin(self._hovered or mosaic_keys.middle(self._selected, shape))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._zoom(not self._zoomed)
        elif self._zoomed and event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Backspace):
            self._zoom(False)
        else:
            super().keyPressEvent(event)

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
