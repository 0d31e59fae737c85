"""A row of data cubes as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF, QTransform

from convscope.core.receptive_field import Region
from convscope.core.unit import Unit
from convscope.ui import theme
from convscope.ui.colour_maps import colours_of_many
from convscope.ui.widgets.cube_classes import CELL, ClassColumn
from convscope.ui.widgets.cube_data import CubeItem
from convscope.ui.widgets.cube_geometry import Cube, Face, cell_of
from convscope.ui.widgets.cube_layout import Place, Row
from convscope.ui.widgets.cube_marks import draw_crosses, draw_region, draw_ring, polygon, region_boxes, ring_pens
from convscope.ui.widgets.cube_problem import draw_problem
from convscope.ui.widgets.cube_textures import CubeTextures, Images
from convscope.ui.widgets.cube_values import CubeValues

_LEAST_CELL = 3.0  # logical pixels, least height of a ring around a class


@dataclass(frozen=True)
class Marks:
    """What is pointed at.

    Attributes:
        selected: The selected layer.
        hovered: The value under the pointer, here or in another view.
        pinned: The value that is taken apart.
        regions: What it sees or reaches, by layer.
    """

    selected: int = -1
    hovered: Unit | None = None
    pinned: Unit | None = None
    regions: Mapping[int, Region] = field(default_factory=dict[int, Region])


class Looks:
    """The parts of a row's picture that stay while its values, or its places, are the same."""

    def __init__(self) -> None:
        self.textures = CubeTextures()
        self._outlines: dict[tuple[int, bool], list[QPolygonF]] = {}
        self._ways: dict[tuple[int, str, int, int], QTransform] = {}
        self._classes: ClassColumn | None = None

    def forget_places(self) -> None:
        """Take the cubes and the classes from other places from now on."""
        self._outlines.clear()
        self._ways.clear()
        self._classes = None

    def way(self, layer: int, face: Face, width: int, height: int) -> QTransform:
        """Return how an image of a size comes to lie on the top or the side of a cube."""
        key = (layer, face.side, width, height)
        if key not in self._ways:
            right, down = face.across, face.down
            turned = (right.x / width, right.y / width, down.x / height, down.y / height)
            self._ways[key] = QTransform(*turned, *face.origin)
        return self._ways[key]

    def classes(self, place: Place, names: Sequence[str], font: QFont) -> ClassColumn:
        """Return how the classes are drawn in their place."""
        if self._classes is None:
            self._classes = ClassColumn(place, names, font)
        return self._classes

    def outline(self, layer: int, cube: Cube, *, whole: bool) -> list[QPolygonF]:
        """Return the outlines of a cube's faces, of those that a cut leaves or of the whole cube."""
        key = (layer, whole)
        if key not in self._outlines:
            faces = cube.box_faces(cube.whole) if whole else cube.faces
            self._outlines[key] = [polygon(face) for face in faces]
        return self._outlines[key]


def draw_values(
    painter: QPainter,
    row: Row,
    values: CubeValues,
    looks: Looks,
    class_names: Sequence[str],
    visible: tuple[float, float],
) -> None:
    """Draw the values on the cubes of a row and on the bars of its classes, as far as they lie between two places.

    Args:
        painter: In the row's coordinates.
        row: Where everything stands.
        values: What the layers hold.
        looks: What was made for this row.
        class_names: The names of the classes.
        visible: Where what is visible begins and ends.
    """
    ratio, font = painter.device().devicePixelRatio(), painter.font()
    seen = _seen(row, visible)
    cubes = [(place.item.layer, place.cube) for place in seen if place.cube is not None]
    for (layer, cube), images in zip(cubes, looks.textures.images(cubes, ratio), strict=True):
        _draw_faces(painter, layer, cube, looks, images)
    for place in seen:
        if place.item.is_classes:
            array = values.array(place.item.layer)
            pixels = None if array is None else colours_of_many([values.coloured(place.item.layer, array)])[0]
            looks.classes(place, class_names, font).draw_values(painter, array, pixels)


def draw_frame(
    painter: QPainter,
    row: Row,
    looks: Looks,
    class_names: Sequence[str],
    emphasised: tuple[int, int | None],
    visible: tuple[float, float],
) -> None:
    """Draw what stays while the values change: outlines, ways between them, names, and why a layer cannot work.

    Args:
        painter: In the row's coordinates.
        row: Where everything stands.
        looks: What was made for this row.
        class_names: The names of the classes.
        emphasised: The selected layer, and the likeliest class; None where that is not known.
        visible: Where what is visible begins and ends.
    """
    selected, winner = emphasised
    font = painter.font()
    for place in _seen(row, visible):
        if place.gap[1] > place.gap[0]:
            _draw_way(painter, place, (row.top + row.bottom) / 2)
        if place.cube is not None:
            _draw_outline(painter, place.item, place.cube, looks, chosen=place.item.layer == selected)
        elif place.item.is_classes:
            looks.classes(place, class_names, font).draw_frame(painter, winner)
            painter.setFont(font)
        else:
            draw_problem(painter, place)


def draw_pinned(painter: QPainter, row: Row, marks: Marks, visible: tuple[float, float]) -> None:
    """Draw the value that is taken apart, and what it sees or reaches, as far as it lies between two places."""
    for place in _marked(painter, row, visible):
        region = marks.regions.get(place.item.layer)
        if place.cube is not None and region is not None and not region.empty:
            draw_region(painter, place.cube, region_boxes(region, place.cube))
        _draw_ring(painter, place, marks.pinned, strong=True)


def draw_hovered(painter: QPainter, row: Row, marks: Marks, visible: tuple[float, float]) -> None:
    """Draw the value that is pointed at, if it lies between two places."""
    if marks.hovered is not None:
        for place in _marked(painter, row, visible):
            _draw_ring(painter, place, marks.hovered, strong=False)


def _seen(row: Row, visible: tuple[float, float]) -> list[Place]:
    return [place for place in row.places if place.right >= visible[0] and place.gap[0] <= visible[1]]


def _marked(painter: QPainter, row: Row, visible: tuple[float, float]) -> list[Place]:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    return [place for place in row.places if place.right >= visible[0] and place.left <= visible[1]]


def _draw_faces(painter: QPainter, layer: int, cube: Cube, looks: Looks, images: Images | None) -> None:
    """Draw the faces of a cube with the values on them; empty ones where the values are not known."""
    if images is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.current().card)
        for outline in looks.outline(layer, cube, whole=False):
            painter.drawPolygon(outline)
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # of edges that are drawn over; it takes longest
    before = painter.transform()
    for face, image in zip(cube.faces, images, strict=True):
        if face.side == "front":
            painter.drawImage(QRectF(*face.origin, face.across.x, face.down.y), image)
        else:
            painter.setTransform(looks.way(layer, face, image.width(), image.height()), True)
            painter.drawImage(0, 0, image)
            painter.setTransform(before)
    lost = looks.textures.dropped(layer, cube)
    if lost is not None:
        draw_crosses(painter, cube.faces[0], lost)


def _draw_outline(painter: QPainter, item: CubeItem, cube: Cube, looks: Looks, *, chosen: bool) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if cube.is_cut:
        painter.setPen(QPen(theme.current().muted, 1, Qt.PenStyle.DotLine))
        for outline in looks.outline(item.layer, cube, whole=True):
            painter.drawPolygon(outline)
    painter.setPen(QPen(theme.current().accent, 2.2) if chosen else QPen(theme.current().muted, 1))
    for outline in looks.outline(item.layer, cube, whole=False):
        painter.drawPolygon(outline)


def _draw_ring(painter: QPainter, place: Place, unit: Unit | None, *, strong: bool) -> None:
    """Draw a ring on a cube, or around the cell of a class, if the value lies there; what is written stays free."""
    if unit is None or unit.layer != place.item.layer or not unit.fits(place.item.shape):
        return
    if place.cube is not None:
        draw_ring(painter, place.cube, cell_of(unit.index), strong=strong)
    else:
        left, top, _, bottom = place.class_box(unit.index[0])
        middle, height = (top + bottom) / 2, max(bottom - top, _LEAST_CELL)
        for pen in ring_pens(strong=strong):
            painter.setPen(pen)
            painter.drawRect(QRectF(left, middle - height / 2, CELL, height))


def _draw_way(painter: QPainter, place: Place, y: float) -> None:
    """Draw an arrow to a cube; none where cubes of one shape stand close together."""
    start, end = place.gap
    inset = 0.16 * (end - start)
    start, end = start + inset, end - inset
    if place.item.joined or end - start < 5:
        return
    failed = place.item.shape is None
    colour = QColor(theme.current().error if failed else theme.current().muted)
    painter.setPen(QPen(colour, 1.4, Qt.PenStyle.DashLine if failed else Qt.PenStyle.SolidLine))
    painter.drawLine(QPointF(start, y), QPointF(end - 3, y))
    head = min(4.0, (end - start) / 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(
        QPolygonF([QPointF(end, y), QPointF(end - head * 1.6, y - head), QPointF(end - head * 1.6, y + head)])
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
