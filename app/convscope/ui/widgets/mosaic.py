"""All maps of a layer as one picture: one image however many maps there are."""

from __future__ import annotations

import logging
from math import floor

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.ui import theme
from convscope.ui.widgets.mosaic_layout import Layout, Place
from convscope.ui.widgets.mosaic_maps import Maps
from convscope.ui.widgets.number_text import number_text

log = logging.getLogger(__name__)

_MARGIN = 4  # logical pixels, where the ring around a selected map at the edge has its place


class Mosaic(QWidget):
    """Maps of a layer side by side, as large as the room allows; a click or Enter enlarges one.

    Every map is a tile; a tile may consist of several parts (the kernels of a filter, one for each input channel).

    Signals:
        value_hovered: Tile, row, column and value under the pointer.
        caption_changed: `caption()` tells something new, because the user moved the pointer or pressed a key.
        tile_chosen: The user selected this tile.
        zoom_changed: The user enlarged a tile, or went back to all of them.
        pressed: The user pressed the mouse on a mosaic that is not interactive.
    """

    value_hovered = Signal(int, int, int, float)
    caption_changed = Signal()
    tile_chosen = Signal(int)
    zoom_changed = Signal()
    pressed = Signal()

    tile_name = "map"

    def __init__(self, parent: QWidget | None = None, *, interactive: bool = True) -> None:
        super().__init__(parent)
        self._maps: Maps | None = None
        self._message = ""
        self._failure = ""
        self._selected = 0
        self._zoomed = False
        self._hovered: Place | None = None
        self._picture: QImage | None = None
        self._layout: Layout | None = None
        self._interactive = interactive
        self.setMouseTracking(interactive)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if interactive else Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Feature maps")

    @property
    def selected(self) -> int:
        """The tile that the keyboard moves and a click enlarges."""
        return self._selected

    @property
    def zoomed(self) -> bool:
        """Whether the selected tile is shown alone."""
        return self._zoomed

    @property
    def hovered(self) -> Place | None:
        """What is under the pointer; its tile counts from the first of all tiles, also while one is enlarged."""
        return self._hovered

    @property
    def maps(self) -> Maps | None:
        """What is shown; None while there is a message instead."""
        return self._maps

    def show_maps(self, maps: Maps | None) -> None:
        """Show the maps of a layer; a tile stays enlarged while their number is the same, as from layer to ReLU."""
        maps = maps if maps is not None and maps.values.size else None
        if _shape(maps) != _shape(self._maps):
            self._failure, self._hovered = "", None  # another layer: worth another attempt
        if _shape(maps)[:1] != _shape(self._maps)[:1] or (maps and maps.is_vector):
            self._zoomed = False
            self._selected = min(self._selected, len(maps) - 1) if maps else 0
        self._maps, self._message = maps, ""
        self.setAccessibleDescription("")
        self._redraw()

    def show_message(self, text: str) -> None:
        """Show a sentence in the place of maps."""
        self._maps, self._message, self._hovered, self._failure = None, text, None, ""
        self.setAccessibleDescription(text)
        self._redraw()

    def show_zoomed(self, zoomed: bool) -> None:
        """Show the selected tile alone, or all."""
        self._zoomed, self._hovered = zoomed, None
        self._redraw()

    def caption(self) -> str:
        """Return what is to be said of the value under the pointer, else of the selected tile."""
        if self._maps is None:
            return ""
        if self._hovered is not None:
            return self.described(self._hovered, self._value(self._hovered))
        if self._zoomed or self.hasFocus():
            return self.described_tile(self._selected)
        if self._maps.is_vector:
            return "Point at a unit for its value."
        return f"Click a {self.tile_name} to enlarge it." if len(self._maps) > 1 else ""

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
        return f"{self.tile_name.capitalize()} {tile}:  {low} to {high}, mean {mean}"

    def tile_at(self, point: QPointF) -> Place | None:
        """Return what lies at a point of the widget."""
        if self._layout is None or self._maps is None:
            return None
        place = self._layout.find(*self._pixel(point))
        if place is not None and self._zoomed:
            return Place(self._selected, place.part, place.row, place.column)
        return place

    def tile_rect(self, tile: int) -> QRectF:
        """Return where a tile lies in the widget; empty where it is not shown."""
        if self._layout is None or (self._zoomed and tile != self._selected):
            return QRectF()
        box = self._layout.tile_box(0 if self._zoomed else tile)
        x, y, width, height = (side / self.devicePixelRatioF() for side in box)
        return QRectF(x + _MARGIN, y + _MARGIN, width, height)

    def _pixel(self, point: QPointF) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        return floor((point.x() - _MARGIN) * ratio), floor((point.y() - _MARGIN) * ratio)

    def _redraw(self) -> None:
        self._picture = None
        self.update()

    def _compose(self) -> tuple[QImage, Layout]:
        """Make the picture for the present values, size and theme."""
        assert self._maps is not None
        maps = self._maps.only(self._selected) if self._zoomed else self._maps
        ratio = self.devicePixelRatioF()
        room = (int((self.width() - 2 * _MARGIN) * ratio), int((self.height() - 2 * _MARGIN) * ratio))
        layout = maps.layout(room, ratio)
        self._layout = layout if self._interactive else layout.left_aligned()
        self._picture = maps.picture(self._layout, self.font(), ratio, numbered=self._interactive or maps.is_vector)
        return self._picture, self._layout

    def _value(self, place: Place) -> float:
        assert self._maps is not None
        return float(self._maps.values[place.tile, place.part, place.row, place.column])

    def _paint(self, painter: QPainter) -> None:
        if self._maps is None:
            _draw_sentence(painter, QRectF(self.rect()), self._message, theme.current().muted)
            return
        ratio = self.devicePixelRatioF()
        picture, layout = self._picture, self._layout
        if picture is None or layout is None or picture.devicePixelRatio() != ratio:
            picture, layout = self._compose()
        corner = QPointF(layout.columns.start / ratio, layout.rows.start / ratio)
        painter.drawImage(corner + QPointF(_MARGIN, _MARGIN), picture)
        if self._hovered is not None and not self._zoomed:
            self._draw_ring(painter, self._hovered.tile, 1)
        if self.hasFocus() and len(self._maps) > 1 and not self._zoomed:
            self._draw_ring(painter, self._selected, 3)

    def _draw_ring(self, painter: QPainter, tile: int, width: int) -> None:
        painter.setPen(QPen(theme.current().accent, width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.tile_rect(tile).adjusted(-1.5, -1.5, 1.5, 1.5))

    def _hover(self, place: Place | None) -> None:
        if place == self._hovered:
            return
        self._hovered = place
        if place is not None:
            self.value_hovered.emit(place.tile, place.row, place.column, self._value(place))
        self.caption_changed.emit()
        self.update()

    def _choose(self, tile: int) -> None:
        if self._maps is None:
            return
        self._selected = min(max(tile, 0), len(self._maps) - 1)
        self._hovered = None
        if self._zoomed:
            self._picture = None
        self.setAccessibleDescription(self.described_tile(self._selected))
        self.update()
        self.tile_chosen.emit(self._selected)
        self.caption_changed.emit()

    def _zoom(self, zoomed: bool) -> None:
        possible = self._maps is not None and len(self._maps) > 1 and not self._maps.is_vector
        self.show_zoomed(zoomed and possible)
        self.zoom_changed.emit()
        self.caption_changed.emit()

    def _target(self, key: int) -> int | None:
        """Return the tile that a key leads to."""
        count = 0 if self._maps is None else len(self._maps)
        columns = 1 if self._zoomed or self._layout is None else self._layout.columns.tiles
        steps = {
            Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -columns, Qt.Key.Key_Down: columns,
            Qt.Key.Key_Home: -self._selected, Qt.Key.Key_End: count - 1 - self._selected,
        }  # fmt: skip
        if key not in steps or count == 0:
            return None
        target = self._selected + steps[Qt.Key(key)]
        return target if 0 <= target < count else self._selected

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
        """Hide it again."""
        super().focusOutEvent(event)
        self.caption_changed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the value under the pointer."""
        if self._interactive:
            self._hover(self.tile_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the value under the pointer."""
        self._hover(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Enlarge the tile under the pointer, or go back to all."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
        elif not self._interactive:
            self.pressed.emit()
        elif self._zoomed:
            self._zoom(False)
        elif self._layout is not None and (tile := self._layout.find_tile(*self._pixel(event.position()))) is not None:
            self._choose(tile)
            self._zoom(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move the selection, Enter enlarges, Escape and Backspace go back."""
        target = self._target(event.key())
        if target is not None:
            self._choose(target)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
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
            _draw_sentence(painter, QRectF(self.rect()), self._failure, theme.current().error)
        painter.end()


def _shape(maps: Maps | None) -> tuple[int, ...]:
    return () if maps is None else maps.values.shape


def _draw_sentence(painter: QPainter, room: QRectF, text: str, colour: QColor) -> None:
    painter.setPen(colour)
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(room.adjusted(16, 8, -16, -8), int(flags), text)
