"""All maps of a layer as one picture: one image however many maps there are."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from convscope.ui.widgets import mosaic_keys
from convscope.ui.widgets.mosaic_layout import Place
from convscope.ui.widgets.mosaic_surface import MosaicSurface
from convscope.ui.widgets.number_text import number_text


class Mosaic(MosaicSurface):
    """Maps of a layer side by side, as large as the room allows; each of their values can be pointed at and pinned.

    Every map is a tile; a tile may consist of several parts (the kernels of a filter, one for each input channel).

    Signals:
        place_hovered: The `Place` under the pointer or the keyboard's cursor, None when it has left.
        place_pinned: The user clicked the value at this `Place`, or pressed Space on it.
        pin_withdrawn: The click that pinned a value was the first half of a double-click.
        caption_changed: `caption()` tells something new, because the user moved the pointer or pressed a key.
        tile_chosen: The user selected this tile.
        zoom_changed: The user enlarged a tile, or went back to all of them.
        opened: The user double-clicked a compact mosaic.
        menu_wanted: Tile and global position of a click with the right button.
    """

    place_hovered = Signal(object)
    place_pinned = Signal(object)
    pin_withdrawn = Signal()
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
        super().__init__(parent, compact=compact)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus if compact else Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Feature maps")
        self._has_pinned = False  # with the last click

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
        return "Click: pin a value. Double-click: enlarge."

    def described(self, place: Place, value: float) -> str:
        """Return what the caption says of one value."""
        maps, text = self._maps, number_text(value)
        if maps is not None and maps.dropped is not None:
            lost = maps.dropped[place.tile, place.part, place.row, place.column]
            text = f"{text}, {'dropped' if lost else 'kept'} in this step"
        if maps is not None and maps.is_vector:
            return f"Unit {place.tile}:  {text}"
        return f"Map {place.tile}, row {place.row}, column {place.column}:  {text}"

    def described_tile(self, tile: int) -> str:
        """Return what the caption says of one tile."""
        assert self._maps is not None
        values = self._maps.values[tile]
        if values.size == 1:
            return self.described(Place(tile, 0, 0, 0), float(values.ravel()[0]))
        low, mean, high = (number_text(float(number), 3) for number in (values.min(), values.mean(), values.max()))
        lost = self._maps.dropped is not None and bool(self._maps.dropped[tile].all())
        off = ", dropped in this step" if lost else ", switched off" if tile in self._marks.crossed else ""
        return f"{self.tile_name.capitalize()} {tile}{off}:  {low} to {high}, mean {mean}"

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

    @property
    def _can_enlarge(self) -> bool:
        return self._maps is not None and len(self._maps) > 1 and not self._maps.is_vector

    def _zoom(self, zoomed: bool) -> None:
        self._hover(None)
        self.show_tile(self._selected, zoomed=zoomed and self._can_enlarge)
        self.zoom_changed.emit()
        self.caption_changed.emit()

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
        place = self.place_at(event.position())
        self._has_pinned = place is not None
        self._pin(place)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Enlarge the tile under the pointer, or go back to all; what its first click pinned is let go."""
        tile = self.tile_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        if self._has_pinned and (self._compact or self._can_enlarge):
            self._has_pinned = False
            self.pin_withdrawn.emit()
        if self._compact:
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
        shape = () if self._maps is None else self._maps.values.shape
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
