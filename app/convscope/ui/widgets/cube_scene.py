"""A network's row of data cubes without a widget: what is shown, where it stands, how it is drawn and hit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QPainter

from convscope.core.receptive_field import Region
from convscope.core.unit import Unit
from convscope.ui.widgets.cube_data import CubeItem
from convscope.ui.widgets.cube_fan import Fan
from convscope.ui.widgets.cube_geometry import Angle, Cell, Cube, Cut, sides_of
from convscope.ui.widgets.cube_layout import (
    LARGEST_ZOOM,
    MARGIN,
    SMALLEST_ZOOM,
    Place,
    Row,
    fitting_zoom,
    laid_out,
)
from convscope.ui.widgets.cube_paint import Looks, Marks, draw_frame, draw_hovered, draw_pinned, draw_values
from convscope.ui.widgets.cube_texts import CubeTexts, Lines
from convscope.ui.widgets.cube_values import CubeValues

_FAN_MARGIN = 8.0
_AROUND = 8.0  # logical pixels that a ring reaches beyond a cube, at most


class CubeScene:
    """Holds what a row shows; the row is laid out when it is next needed."""

    def __init__(self, font: QFont) -> None:
        self.items: tuple[CubeItem, ...] = ()
        self.class_names: Sequence[str] = ()
        self.values = CubeValues()
        self.marks = Marks()
        self._angle = Angle()
        self._zoom: float | None = None
        self._whole = False
        self._lines: Lines = (1, 1)  # of text, that the present row was found to need
        self._room = (1.0, 1.0)
        self._cuts: dict[int, Cut] = {}
        self._font = font
        self._texts = CubeTexts(font)
        self._looks = Looks()
        self._row: Row | None = None

    @property
    def angle(self) -> Angle:
        """How far the cubes are turned."""
        return self._angle

    @property
    def fits(self) -> bool:
        """Whether the row is fitted into the room, in its height at least."""
        return self._zoom is None

    @property
    def whole(self) -> bool:
        """Whether a fitted row is to be seen from end to end, however small its cubes become."""
        return self._whole

    @property
    def is_long(self) -> bool:
        """Whether a row that is seen from end to end has cubes too small to see anything on them."""
        lines = sum(self._texts.heights(self._lines))
        whole, readable = (fitting_zoom(self.items, self._angle, self._room, lines, whole=w) for w in (True, False))
        return readable > whole

    @property
    def zoom(self) -> float:
        """Pixels of one value's length."""
        assert self.row
        return self._zoom_beside(sum(self._texts.heights(self._lines)))

    @property
    def winner(self) -> int | None:
        """The likeliest class; None where that is not known."""
        classes = next((item.layer for item in self.items if item.is_classes), None)
        probabilities = None if classes is None else self.values.array(classes)
        return None if probabilities is None else int(np.argmax(probabilities))

    @property
    def row(self) -> Row:
        """Where everything stands."""
        if self._row is None:
            self._row = self._laid_out()
            self._looks.forget_places()
        return self._row

    def _laid_out(self) -> Row:
        """Return the row with the fewest lines of text in which all have room, or the most that are of use."""
        self._texts.show_room(self._room[1])
        row, missing = self._tried()
        while any(missing):
            before, more = self._lines, self._texts.more(self._lines, missing)
            if more == before:
                break
            self._lines = more
            row, now = self._tried()
            if sum(now) >= sum(missing):
                self._lines = before
                row, missing = self._tried()
                break
            missing = now
        spare = self._room[1] - 2 * MARGIN - (row.bottom - row.top) - sum(self._texts.heights(self._lines))
        if (lines := self._texts.with_spare(self._lines, spare)) != self._lines:
            self._lines = lines
            row, _ = self._tried()
        return row

    def _tried(self) -> tuple[Row, tuple[int, int]]:
        """Return the row with the present lines of text, and how many texts above and below find no room."""
        lines = self._texts.heights(self._lines)
        zoom, gaps = self._zoom_beside(sum(lines)), self._texts.gaps(self.items)
        row = laid_out(self.items, self._angle, zoom, self._room, lines, self._cuts, gaps)
        return row, self._texts.arrange(row, self._lines)

    def _zoom_beside(self, lines: float) -> float:
        if self._zoom is not None:
            return self._zoom
        return fitting_zoom(self.items, self._angle, self._room, lines, whole=self._whole)

    def show_items(self, items: Sequence[CubeItem], class_names: Sequence[str]) -> None:
        """Show another network, whose values follow; cubes stay cut open where a layer still has its shape."""
        shapes = {item.layer: item.shape for item in self.items}
        self._cuts = {item.layer: self.cut(item.layer) for item in items if shapes.get(item.layer) == item.shape}
        self.items, self.class_names = tuple(items), class_names
        self._forget_lines()
        self.show_values(CubeValues())  # the present ones may have other shapes

    def show_values(self, values: CubeValues) -> None:
        """Show other values in the same cubes."""
        self.values = values
        self._looks.textures.show_values(values)

    def show_room(self, width: float, height: float) -> None:
        """Use another room."""
        if (width, height) != self._room:
            self._room = (width, height)
            self._forget_lines()

    def show_angle(self, angle: Angle) -> None:
        """Turn all cubes."""
        self._angle, self._row = angle, None

    def show_zoom(self, zoom: float | None) -> None:
        """Enlarge or reduce the cubes; None fits the row into the room."""
        self._zoom = None if zoom is None else min(max(zoom, SMALLEST_ZOOM), LARGEST_ZOOM)
        self._row = None

    def show_whole(self, whole: bool) -> None:
        """Fit the row so that all of it is seen, or so that something is seen on its cubes."""
        self._whole, self._zoom = whole, None
        self._forget_lines()

    def _forget_lines(self) -> None:
        """Begin with few lines of text; a row that is turned or zoomed keeps them, so that none jumps."""
        self._lines, self._row = (1, 1), None

    def show_font(self, font: QFont) -> None:
        """Write in another font."""
        self._font, self._texts = font, CubeTexts(font)
        self._forget_lines()

    def sides(self, layer: int) -> Cell | None:
        """Return how many channels, rows and columns a layer's cube has; None where it has no cube to cut."""
        item = next((item for item in self.items if item.layer == layer), None)
        return None if item is None or item.shape is None or len(item.shape) != 3 else sides_of(item.shape)

    def cut(self, layer: int) -> Cut:
        """Return where a cube is cut open."""
        return self._cuts.get(layer, Cut())

    def show_cut(self, layer: int, cut: Cut) -> None:
        """Cut a cube open."""
        self._cuts[layer] = cut
        self._row = None

    def show_pin(self, pinned: Unit | None, regions: Mapping[int, Region]) -> None:
        """Mark a value and its regions."""
        self.marks = replace(self.marks, pinned=pinned, regions=regions)

    def marked(self) -> tuple[float, float] | None:
        """Return between which places of the row a value and its regions are marked; None where there are none."""
        layers = {*self.marks.regions, *(() if self.marks.pinned is None else (self.marks.pinned.layer,))}
        places = [place for place in self.row.places if place.item.layer in layers]
        return (places[0].left - _AROUND, places[-1].right + _AROUND) if places else None

    def bring_to_front(self) -> None:
        """Cut cubes so that the map comes to the front in which alone a region lies."""
        for layer, region in self.marks.regions.items():
            if self.sides(layer) is None or np.count_nonzero(region.channels) != 1 or region.empty:
                continue
            cut = Cut(channel=int(np.argmax(region.channels)))
            if cut != self.cut(layer):
                self._cuts[layer], self._row = cut, None

    def unit_at(self, x: float, y: float) -> Unit | None:
        """Return the value that is seen at a point of the row."""
        place = self.row.find(x, y)
        index = None if place is None else place.find(x, y)
        return None if place is None or index is None else Unit(place.item.layer, index)

    def place_at(self, x: float, y: float) -> Place | None:
        """Return what stands at a point of the row."""
        return self.row.find(x, y)

    def texts(self) -> list[str]:
        """Return the operations and shapes that have room to be shown."""
        assert self.row
        return self._texts.shown()

    def paint_values(self, painter: QPainter, left: float, right: float) -> None:
        """Draw what the layers hold, between two places of the row."""
        painter.setFont(self._font)
        draw_values(painter, self.row, self.values, self._looks, self.class_names, (left, right))

    def paint_frame(self, painter: QPainter, left: float, right: float) -> None:
        """Draw outlines, ways and texts, on the values."""
        row = self.row
        painter.setFont(self._font)
        emphasised = (self.marks.selected, self.winner)
        draw_frame(painter, row, self._looks, self.class_names, emphasised, (left, right))
        failed = next((item.layer for item in self.items if item.shape is None), None)
        self._texts.draw(painter, self.marks.selected, failed, left, right)

    def paint_pinned(self, painter: QPainter, left: float, right: float) -> None:
        """Draw the value that is taken apart and what goes with it, on the frame."""
        draw_pinned(painter, self.row, self.marks, (left, right))

    def paint_hovered(self, painter: QPainter, left: float, right: float) -> None:
        """Draw the ring around the value under the pointer, on all else."""
        draw_hovered(painter, self.row, self.marks, (left, right))

    def fan(self, layer: int, room: QRectF, offset: tuple[float, float], ratio: float) -> Fan | None:
        """Return the maps of a layer on their way into a room; None where its values are not known.

        Args:
            layer: The layer.
            room: Where the maps have their place when they are open.
            offset: Where the row's origin lies in the coordinates of the room.
            ratio: Device pixels per logical pixel.
        """
        maps, place = self.values.maps(layer), self.row.place(layer)
        if maps is None or place is None or place.cube is None:
            return None
        cube = replace(place.cube, x=place.cube.x + offset[0], y=place.cube.y + offset[1])
        inside = room.adjusted(_FAN_MARGIN, _FAN_MARGIN, -_FAN_MARGIN, -_FAN_MARGIN)
        return Fan(maps, cube, inside, self._font, ratio)

    def paint_fan(self, painter: QPainter, layer: int, room: QRectF, t: float) -> None:
        """Draw the opening of one cube alone, as large as a room of any size allows.

        Args:
            painter: Of any picture.
            layer: The layer whose cube is opened; nothing is drawn where its values are not known.
            room: Where to draw, the picture's whole area for example.
            t: 0 the closed cube, 1 all maps in their places.
        """
        maps, sides = self.values.maps(layer), self._standing(layer, room)
        if maps is None or sides is None:
            return
        inside = room.adjusted(_FAN_MARGIN, _FAN_MARGIN, -_FAN_MARGIN, -_FAN_MARGIN)
        fan = Fan(maps, sides, inside, self._font, painter.device().devicePixelRatio())
        fan.paint(painter, min(max(t, 0.0), 1.0))

    def _standing(self, layer: int, room: QRectF) -> Cube | None:
        """Return a layer's cube alone in the middle of a room."""
        item = next((item for item in self.items if item.layer == layer), None)
        if item is None or item.shape is None or item.is_classes:
            return None
        alone = (replace(item, joined=False),)
        size = (room.width(), room.height())
        zoom = fitting_zoom(alone, self._angle, size, 0)
        cube = laid_out(alone, self._angle, 0.7 * zoom, size, (0, 0), {}).places[0].cube
        return None if cube is None else replace(cube, x=cube.x + room.x(), y=cube.y + room.y())
