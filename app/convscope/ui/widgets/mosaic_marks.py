"""What is marked on a mosaic: the value pointed at, the pinned one with its region, and maps that are switched off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from convscope.core.receptive_field import Region
from convscope.ui import theme
from convscope.ui.painting import square_pen
from convscope.ui.widgets.mosaic_layout import Axis, Layout, Place
from convscope.ui.widgets.mosaic_region import Box, RegionBoxes, TileRow

_LEAST_CELL = 7.0  # logical pixels; the frame around a smaller cell would hide more than it shows


@dataclass(frozen=True, eq=False)
class Marks:
    """Marks over the values of a layer.

    Attributes:
        hovered: What any view points at.
        pinned: The value that is taken apart.
        region: What the pinned value sees or reaches here.
        crossed: Tiles that are switched off.
    """

    hovered: Place | None = None
    pinned: Place | None = None
    region: Region | None = None
    crossed: frozenset[int] = frozenset()

    def fitting(self, shape: tuple[int, ...]) -> Marks:
        """Return the marks that maps of that shape (tiles, parts, height, width) have a place for."""
        region = self.region
        if region is not None and (len(region.channels), len(region.rows), len(region.columns)) != (
            shape[0],
            *shape[2:],
        ):
            region = None
        hovered, pinned = (place if place and _is_in(place, shape) else None for place in (self.hovered, self.pinned))
        return Marks(hovered, pinned, region, frozenset(tile for tile in self.crossed if tile < shape[0]))


NO_MARKS = Marks()


@dataclass(frozen=True)
class Shown:
    """Where values are on the widget.

    Attributes:
        layout: Of all tiles, or of one that is enlarged.
        only: The tile that is enlarged, None while all are shown.
        ratio: Device pixels per logical pixel.
        margin: Logical pixels before the layout's origin.
    """

    layout: Layout
    only: int | None
    ratio: float
    margin: float

    def tile(self, tile: int) -> QRectF:
        """Return where a tile lies, in logical pixels; empty where it is not shown."""
        at = self._index(tile)
        return QRectF() if at is None else self._logical(*self.layout.tile_box(at))

    def cell(self, place: Place) -> QRectF:
        """Return where a value lies; empty where it is not shown."""
        at = self._index(place.tile)
        return QRectF() if at is None else self._logical(*self.layout.cell_box(replace(place, tile=at)))

    def region(self, region: Region) -> RegionBoxes:
        """Return the boxes of a region, one for each run of rows and columns in each tile."""
        first, end = (0, self.layout.count) if self.only is None else (self.only, self.only + 1)
        flags = region.channels[first:end].tolist()
        if region.empty or True not in flags:
            return RegionBoxes([], [], self.ratio, self.margin)
        axis, below = self.layout.columns, self.layout.rows.pitch
        across, rows = tuple(n * axis.pitch for n in range(axis.tiles)), list[TileRow]()
        for number, begin in enumerate(range(0, len(flags), axis.tiles)):
            own = flags[begin : begin + axis.tiles]
            marked = across if len(own) == len(across) and False not in own else tuple(compress(across, own))
            if marked:
                rows.append((number * below, marked))
        return RegionBoxes(self._boxes(region), rows, self.ratio, self.margin)

    def _boxes(self, region: Region) -> list[Box]:
        """Return the boxes of a region in the first tile that is shown."""
        _, rows, columns = region.runs
        across, down = _stretches(self.layout.columns, columns), _stretches(self.layout.rows, rows)
        return [(x, y, width, height) for y, height in down for x, width in across]

    def _index(self, tile: int) -> int | None:
        if self.only is None:
            return tile if tile < self.layout.count else None
        return 0 if tile == self.only else None

    def _logical(self, x: int, y: int, width: int, height: int) -> QRectF:
        x_, y_, width_, height_ = (side / self.ratio for side in (x, y, width, height))
        return QRectF(x_ + self.margin, y_ + self.margin, width_, height_)


def draw_ring(painter: QPainter, tile: QRectF, width: int) -> None:
    """Frame a tile, outside of its values."""
    painter.setPen(QPen(theme.current().accent, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(tile.adjusted(-1.5, -1.5, 1.5, 1.5))


def draw_marks(painter: QPainter, shown: Shown, marks: Marks, hovered: Place | None) -> None:
    """Cross tiles out, and frame the pinned value and the one pointed at."""
    for tile in marks.crossed:
        _draw_cross(painter, shown.tile(tile))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if marks.pinned is not None:
        _draw_cell(painter, shown.cell(marks.pinned), pinned=True)
    if hovered is not None and hovered != marks.pinned:
        _draw_cell(painter, shown.cell(hovered), pinned=False)


def _draw_cell(painter: QPainter, cell: QRectF, *, pinned: bool) -> None:
    """Frame one value so that it is seen on any colour; a pinned one more heavily."""
    if cell.isEmpty():
        return
    across, down = (max(0.0, _LEAST_CELL - side) / 2 for side in (cell.width(), cell.height()))
    box = cell.adjusted(-across, -down, across, down)
    colours = theme.current()
    width = 3 if pinned else 2
    for colour, thickness in ((colours.base, width + 2.5), (colours.accent, width)):
        painter.setPen(square_pen(colour, thickness))
        painter.drawRect(box)
    if pinned:
        painter.setPen(square_pen(colours.text, 1))
        painter.drawRect(box.adjusted(-2.5, -2.5, 2.5, 2.5))


def _draw_cross(painter: QPainter, tile: QRectF) -> None:
    if tile.isEmpty():
        return
    inset = min(tile.width(), tile.height()) * 0.2
    box = tile.adjusted(inset, inset, -inset, -inset)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, width in ((theme.current().base, 5.0), (theme.current().text, 2.0)):
        painter.setPen(QPen(colour, width))
        painter.drawLine(box.topLeft(), box.bottomRight())
        painter.drawLine(QPointF(box.right(), box.top()), QPointF(box.left(), box.bottom()))
    painter.restore()


def _is_in(place: Place, shape: tuple[int, ...]) -> bool:
    index = (place.tile, place.part, place.row, place.column)
    return all(at < side for at, side in zip(index, shape, strict=True))


def _stretches(axis: Axis, runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return where each run of values begins in the first tile, and how long it is, in device pixels."""
    return [(axis.start + begin, length) for begin, length in (axis.stretch(first, end) for first, end in runs)]
