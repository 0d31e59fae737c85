"""The row of data cubes on the screen: drawn, scrolled and zoomed. What the user does with it comes on top of this."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from convscope.core.receptive_field import Region
from convscope.core.unit import Unit
from convscope.ui import theme
from convscope.ui.widgets.cube_caption import item_text, value_text
from convscope.ui.widgets.cube_data import CubeItem
from convscope.ui.widgets.cube_fan import Fan
from convscope.ui.widgets.cube_geometry import Angle, Cut
from convscope.ui.widgets.cube_ground import CubeGround
from convscope.ui.widgets.cube_opening import CubeOpening
from convscope.ui.widgets.cube_scene import CubeScene
from convscope.ui.widgets.cube_values import CubeValues

log = logging.getLogger(__name__)

FRONT_AFTER = 30  # milliseconds from a click until its map comes to the front


class CubeCanvas(QAbstractScrollArea):
    """Draws a whole network as data cubes, and the maps of one that is open.

    Signals:
        caption_changed: `caption()` tells something new.
        state_changed: Another cube is selected, cut at another slice, opened or closed.
        places_changed: Another value may lie under a resting pointer.
    """

    caption_changed = Signal()
    state_changed = Signal()
    places_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._ground = CubeGround()
        self._fronting = QTimer(self, singleShot=True, interval=FRONT_AFTER)
        self._fronting.timeout.connect(self._bring_to_front)
        self.scene = CubeScene(self.font())
        self.opening = CubeOpening(self)
        self._fan: Fan | None = None
        self._failure = ""
        self._scrolls = False  # whether a fitted row was last too long for the room
        self.opening.moved.connect(self.viewport().update)
        self.opening.moved.connect(self.places_changed)
        self.opening.changed.connect(self.state_changed)

    @property
    def selected(self) -> int:
        """The selected layer; −1 is the image."""
        return self.scene.marks.selected

    @property
    def item(self) -> CubeItem | None:
        """What the selected layer shows; None where it is not in the row."""
        return next((item for item in self.scene.items if item.layer == self.selected), None)

    @property
    def can_open(self) -> bool:
        """Whether the selected cube has maps that could be shown."""
        return self.scene.values.array(self.selected) is not None

    @property
    def shows_all(self) -> bool:
        """Whether the row is fitted into the room from end to end."""
        return self.scene.fits and not self._is_too_long(self.viewport().size())

    def open_fan(self, layer: int) -> None:
        """Open a cube into its maps, instead of the one that is open; without values there is nothing to open."""
        self._fan = None
        if self.scene.values.array(layer) is None:
            self.opening.close()
        else:
            self.opening.open(layer)

    def show_items(self, items: Sequence[CubeItem], class_names: Sequence[str]) -> None:
        """Show another network; its values follow."""
        if (tuple(items), tuple(class_names)) != (self.scene.items, tuple(self.scene.class_names)):
            self.scene.show_items(items, class_names)
            if all(item.layer != self.opening.layer or item.shape is None for item in items):
                self.opening.close()
                self.opening.finish()
            self._failure = ""
            self._renew()
            self.state_changed.emit()

    def show_values(self, values: CubeValues) -> None:
        """Show other values."""
        could_open = self.can_open
        self.scene.show_values(values)
        self._fan = None
        self.viewport().update()
        (self.caption_changed if self.can_open == could_open else self.state_changed).emit()

    def show_selected(self, layer: int) -> None:
        """Emphasise a layer, and scroll so far that it can be seen; an open fan shows it instead."""
        self.scene.marks = replace(self.scene.marks, selected=layer)
        if self.opening.is_open:
            self.open_fan(layer)
        place = self.scene.row.place(layer)
        if place is not None and not self.opening.is_open:
            self._scroll_to(place.gap[0], place.right)
        self.viewport().update()
        self.state_changed.emit()
        self.caption_changed.emit()

    def show_hovered(self, unit: Unit | None) -> None:
        """Mark the value that is pointed at, here or in another view."""
        self.scene.marks = replace(self.scene.marks, hovered=unit)
        self.viewport().update()
        self.caption_changed.emit()

    def show_pinned(self, unit: Unit | None, regions: Mapping[int, Region]) -> None:
        """Mark the value that is taken apart, and what it sees or reaches."""
        is_new = unit != self.scene.marks.pinned
        self._update_marked()
        self.scene.show_pin(unit, regions)
        self._update_marked()
        if is_new and unit is not None:
            self._fronting.start()  # the marks need not wait until the cubes are drawn anew

    def _update_marked(self) -> None:
        """Paint again where something is marked, in open maps anywhere."""
        marked, view = self.scene.marked(), self.viewport()
        if self.opening.layer is not None:
            view.update()
        elif marked is not None:
            begin, end = (place - self.horizontalScrollBar().value() for place in marked)
            view.update(QRectF(begin, 0, end - begin, view.height()).toAlignedRect())

    def _bring_to_front(self) -> None:
        self.scene.bring_to_front()
        self.viewport().update()
        self.state_changed.emit()

    def show_angle(self, angle: Angle) -> None:
        """Turn all cubes."""
        self.scene.show_angle(angle)
        self._renew()

    def cut(self) -> Cut:
        """Return where the selected cube is cut open."""
        sides = self.scene.sides(self.selected)
        return self.scene.cut(self.selected) if sides is None else self.scene.cut(self.selected).within(sides)

    def show_cut(self, cut: Cut) -> None:
        """Cut the selected cube open."""
        self.scene.show_cut(self.selected, cut)
        self._renew()
        self.state_changed.emit()
        self.caption_changed.emit()

    def fit(self, *, whole: bool = False) -> None:
        """Show as much of the row as can be read, or the whole row, however small its cubes become."""
        self.scene.show_whole(whole)
        self._renew()
        self.state_changed.emit()

    def show_zoom(self, zoom: float | None) -> None:
        """Show the cubes in a size; None fits the row into the room."""
        self.scene.show_zoom(zoom)
        self._renew()

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Enlarge the cubes, around a place of the view, by default its middle."""
        x = self.viewport().width() / 2 if x is None else x
        anchor, vertical = self._anchor(x), self.verticalScrollBar()
        middle = (vertical.value() + vertical.pageStep() / 2) / self.scene.row.height
        self.scene.show_zoom(self.scene.zoom * factor)
        self._renew()
        self._keep(anchor, x)
        vertical.setValue(round(middle * self.scene.row.height - vertical.pageStep() / 2))

    @property
    def told(self) -> tuple[CubeItem | None, Unit | None]:
        """What the caption tells of: the value pointed at and its layer, else the selected cube alone."""
        unit = self.scene.marks.hovered
        pointed = None if unit is None else next((i for i in self.scene.items if i.layer == unit.layer), None)
        if unit is not None and pointed is not None and unit.fits(pointed.shape):
            return pointed, unit
        return self.item, None

    def caption(self) -> str:
        """Return what is said of the value pointed at, else of the selected cube."""
        item, unit = self.told
        if item is None or unit is None:
            return "" if item is None else item_text(item, self.cut())
        return value_text(unit, item, self.scene.values, self.scene.class_names)

    def unit_at(self, point: QPointF) -> Unit | None:
        """Return the value that is seen at a point of the viewport; None while maps move."""
        fan = self._open_fan()
        if fan is None or self.opening.layer is None:
            return self.scene.unit_at(*self._in_row(point))
        index = fan.find(point.x(), point.y()) if self.opening.progress >= 1 else None
        return None if index is None else Unit(self.opening.layer, index)

    def layer_at(self, point: QPointF) -> int | None:
        """Return the layer whose cube, or whose open maps, are at a point of the viewport."""
        if self._open_fan() is not None:
            return self.opening.layer
        place = self.scene.place_at(*self._in_row(point))
        return None if place is None else place.item.layer

    def _open_fan(self) -> Fan | None:
        if self._fan is None and self.opening.layer is not None:
            origin = self._in_row(QPointF(0, 0))
            room, offset = QRectF(self.viewport().rect()), (-origin[0], -origin[1])
            self._fan = self.scene.fan(self.opening.layer, room, offset, self.devicePixelRatioF())
        return self._fan

    def _in_row(self, point: QPointF) -> tuple[float, float]:
        return point.x() + self.horizontalScrollBar().value(), point.y() + self.verticalScrollBar().value()

    def _renew(self) -> None:
        """Lay the row out anew, and let the scroll bars reach all of it."""
        self._show_room()
        row, size, self._fan = self.scene.row, self.viewport().size(), None
        fits = self.scene.fits
        for bar, length, room in (
            (self.horizontalScrollBar(), row.width, size.width()),
            (self.verticalScrollBar(), 0.0 if fits else row.height, size.height()),
        ):
            bar.setRange(0, max(0, round(length - room)))
            bar.setPageStep(room)
            bar.setSingleStep(24)
        self.viewport().update()
        self.places_changed.emit()

    def _show_room(self) -> None:
        """Give the row its room: of a fitted one, the scroll bar that it may need must not change the size."""
        if not self.scene.fits:
            self.scene.show_room(self.viewport().width(), self.viewport().height())
            return
        room = self.maximumViewportSize()
        beside = room.height() - self.horizontalScrollBar().sizeHint().height()
        if self._scrolls:  # most likely it does so again, and to lay the row out takes milliseconds
            self.scene.show_room(room.width(), beside)
            if self._is_too_long(room):
                return
        self.scene.show_room(room.width(), room.height())
        self._scrolls = self._is_too_long(room)
        if self._scrolls:
            self.scene.show_room(room.width(), beside)

    def _is_too_long(self, room: QSize) -> bool:
        return self.scene.row.width > room.width() + 0.5

    def _anchor(self, x: float) -> tuple[int, float]:
        """Return which item stands at a place of the view, and how much of it lies left of that."""
        place_x, row = x + self.horizontalScrollBar().value(), self.scene.row
        place = next((place for place in row.places if place.right > place_x), row.places[-1])
        return place.item.layer, (place_x - place.gap[0]) / max(place.right - place.gap[0], 1e-9)

    def _keep(self, anchor: tuple[int, float], x: float) -> None:
        """Scroll so that what stood at a place of the view stands there again."""
        place = self.scene.row.place(anchor[0])
        if place is not None:
            moved = place.gap[0] + anchor[1] * (place.right - place.gap[0])
            self.horizontalScrollBar().setValue(round(moved - x))

    def _scroll_to(self, left: float, right: float) -> None:
        bar, width = self.horizontalScrollBar(), self.viewport().width()
        if left < bar.value() or right > bar.value() + width:
            bar.setValue(round((left + right - width) / 2))

    def _paint(self, painter: QPainter) -> None:
        if not self.scene.items:
            painter.fillRect(self.viewport().rect(), theme.current().base)
            return
        fan, layer = self._open_fan(), self.opening.layer
        t = 0.0 if fan is None else self.opening.progress  # an edit takes the values away for a moment
        if t > 0:
            painter.fillRect(self.viewport().rect(), theme.current().base)
        if t < 1:
            left, top = self._in_row(QPointF(0, 0))
            painter.setOpacity(1 - t)
            self._ground.paint(painter, self.scene, QPointF(left, top), self.viewport().size())
            painter.resetTransform()
            painter.setOpacity(1)
        if fan is not None and layer is not None and t > 0:
            fan.paint(painter, t)
            if t >= 1:
                self._mark(painter, fan, layer)

    def _mark(self, painter: QPainter, fan: Fan, layer: int) -> None:
        marks = self.scene.marks
        if layer in marks.regions:
            fan.draw_region(painter, marks.regions[layer])
        for unit, strong in ((marks.pinned, True), (marks.hovered, False)):
            if unit is not None and unit.layer == layer:
                fan.draw_ring(painter, unit.index, strong=strong)

    def sizeHint(self) -> QSize:
        """Return a size at which the cubes of a small network can be told apart."""
        return QSize(700, 240)

    def minimumSizeHint(self) -> QSize:
        """Return the least size that still shows something."""
        return QSize(160, 70)

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Draw what comes into view."""
        self._fan = None
        self.viewport().update()
        self.places_changed.emit()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw in the new theme or font."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.scene.show_font(self.font())
            self._renew()
        elif event.type() == QEvent.Type.PaletteChange:
            self._fan = None
            self.viewport().update()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the row out for the new size."""
        self._renew()

    def hideEvent(self, event: QHideEvent) -> None:
        """End the movement of a fan."""
        self.opening.finish()
        self._fronting.stop()
        super().hideEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the row, or once and for all why it cannot be drawn: an exception here would repeat forever."""
        painter = QPainter(self.viewport())
        if not self._failure:
            try:
                self._paint(painter)
            except Exception as error:
                log.exception("The data cubes could not be drawn and are switched off")
                self._failure = f"This view failed and is off until the network changes: {error!r}"
                self.viewport().update()  # all of it, whatever was to be painted
        if self._failure:
            painter.resetTransform()
            painter.fillRect(self.viewport().rect(), theme.current().base)
            painter.setPen(theme.current().error)
            painter.drawText(self.viewport().rect(), int(Qt.AlignmentFlag.AlignCenter), self._failure)
        painter.end()
