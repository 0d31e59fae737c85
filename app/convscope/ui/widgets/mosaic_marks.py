"""What is marked on a mosaic: the value pointed at, the pinned one with its region, and maps that are switched off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap

from convscope.core.receptive_field import Region
from convscope.ui import theme
from convscope.ui.painting import is_vector
from convscope.ui.widgets.mosaic_layout import Axis, Layout, Place

_LEAST_CELL = 7.0  # logical pixels; the frame around a smaller cell would hide more than it shows
_LEAST_OUTLINED = 4.0  # logical pixels of a box: an outline must leave something of it to be seen
_FEW = 64  # boxes that may have thick outlines; those of 512 take Qt a millisecond
_TINT = 0.16  # of the region: the colours below must keep their meaning

BoxRow = tuple[int, list[QRect]]  # how far it lies below the first row of tiles, and boxes as they lie in that


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
        """Return the boxes of a region, one for each run of rows and columns in each tile.

        They lie alike in all tiles, so one list serves for every whole row of tiles: 512 tiles need that to keep up
        with a pen. All is in device pixels, from the margin on.
        """
        first, end = (0, self.layout.count) if self.only is None else (self.only, self.only + 1)
        flags = region.channels[first:end].tolist()
        if region.empty or True not in flags:
            return RegionBoxes(self, [])
        boxes, across = self._boxes(region), self.layout.columns.tiles
        right, below = self.layout.columns.pitch, self.layout.rows.pitch
        columns = [[QRect(x + n * right, y, width, height) for x, y, width, height in boxes] for n in range(across)]
        whole = [box for column in columns for box in column]
        rows = list[BoxRow]()
        for number, begin in enumerate(range(0, len(flags), across)):
            own = flags[begin : begin + across]
            if len(own) < across or False in own:
                seen = [box for column, flag in zip(columns, own, strict=False) if flag for box in column]
            else:
                seen = whole
            if seen:
                rows.append((number * below, seen))
        return RegionBoxes(self, rows)

    def _boxes(self, region: Region) -> list[tuple[int, int, int, int]]:
        """Return the boxes of a region in the first tile that is shown: x, y, width and height."""
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


class RegionBoxes:
    """The values that belong to the pinned one, tinted and outlined."""

    def __init__(self, shown: Shown, rows: Sequence[BoxRow]) -> None:
        self.rows = rows
        self._shown = shown
        self._kept: tuple[bool, QPixmap, QPoint] | None = None  # of the first row, light or dark, and its corner

    def paint(self, painter: QPainter) -> None:
        """Paint the boxes on the maps."""
        if not self.rows:
            return
        painter.save()
        painter.translate(self._shown.margin, self._shown.margin)
        painter.scale(1 / self._shown.ratio, 1 / self._shown.ratio)
        first, alike = self.rows[0][1], list[int]()
        if not is_vector(painter):
            alike = [down for down, boxes in self.rows if boxes is first]
            at = painter.deviceTransform()  # Qt rounds the places of pictures and of boxes each in its own way
            painter.translate(floor(at.dx() + 0.5) - at.dx(), floor(at.dy() + 0.5) - at.dy())
        if len(alike) > 1:
            _, picture, corner = self._picture(first)
            for down in alike:
                painter.drawPixmap(corner + QPoint(0, down), picture)
        self._begin(painter)
        for down, boxes in self.rows:
            if boxes is not first or len(alike) < 2:
                painter.translate(0, down)
                painter.drawRects(boxes)
                painter.translate(0, -down)
        painter.restore()

    def _picture(self, boxes: list[QRect]) -> tuple[bool, QPixmap, QPoint]:
        """Return a row as a picture, for Qt needs a microsecond for each of its boxes."""
        dark = theme.current().dark
        if self._kept is None or self._kept[0] != dark:
            beyond = ceil(2 * self._shown.ratio)  # where the outlines are
            area = QRect(boxes[0].topLeft(), boxes[-1].bottomRight()).adjusted(-beyond, -beyond, beyond, beyond)
            picture = QPixmap(area.size())
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            painter.translate(-area.topLeft())
            self._begin(painter)
            painter.drawRects(boxes)
            painter.end()
            self._kept = dark, picture, area.topLeft()
        return self._kept

    def _begin(self, painter: QPainter) -> None:
        accent, ratio, first = theme.current().accent, self._shown.ratio, self.rows[0][1][0]
        tint = QColor(accent)
        tint.setAlphaF(_TINT)
        painter.setBrush(tint)
        is_large = min(first.width(), first.height()) >= _LEAST_OUTLINED * ratio  # all boxes are alike but for a pixel
        width = 1.5 if sum(len(boxes) for _, boxes in self.rows) <= _FEW else 1.0
        painter.setPen(_pen(accent, width * ratio) if is_large else Qt.PenStyle.NoPen)


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
        painter.setPen(_pen(colour, thickness))
        painter.drawRect(box)
    if pinned:
        painter.setPen(_pen(colours.text, 1))
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


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen


def _is_in(place: Place, shape: tuple[int, ...]) -> bool:
    index = (place.tile, place.part, place.row, place.column)
    return all(at < side for at, side in zip(index, shape, strict=True))


def _stretches(axis: Axis, runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return where each run of values begins in the first tile, and how long it is, in device pixels."""
    return [(axis.start + begin, length) for begin, length in (axis.stretch(first, end) for first, end in runs)]
