"""Where the data cubes of a network stand in their row: pure arithmetic, in logical pixels.

All cubes share one scale. A side of n values is drawn √n long, so that 224×224×3, 7×7×512 and a vector of 4096 can be
seen side by side: a side four times as long is drawn twice as long. Channels are drawn as long as rows and columns
before they are foreshortened, and the cells of a vector half as long. A vector of more than 1,024 numbers grows by a
fixed length each time it doubles, or the one behind VGG-16's last map would leave no room for the cubes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log2, sqrt

from convscope.core.layers import Shape
from convscope.ui.widgets.cube_data import CubeItem
from convscope.ui.widgets.cube_geometry import Angle, Cube, Cut, Point, index_of, sides_of

SCALE_NOTE = (
    "Sides are drawn by their square root: a side four times as long is drawn twice as long. "
    "Vectors of more than 1,024 numbers are drawn shorter."
)

GAP = 2.1  # in the length of one value, before a step that changes the shape
JOINED_GAP = 0.55  # before one that does not
COLUMN = 1.15  # width of a vector
VECTOR_SHARE = 0.5  # how long the cells of a vector are against those of a map
LONG_VECTOR = 1024  # numbers from which a vector grows more slowly
DOUBLED = 2.0  # by how much it then grows when it doubles
CLASSES = 104.0  # logical pixels for the names and bars of the classes
PROBLEM = 210.0  # for the sentence of a layer that cannot work
MARGIN = 7.0  # around the row
CLASS_LINE = 22.0  # the greatest height of one class
SMALLEST_ZOOM, LARGEST_ZOOM = 0.4, 120.0


@dataclass(frozen=True)
class Place:
    """Where one item of the row stands.

    Attributes:
        item: What stands there.
        left: Left end of its place.
        top: Upper end.
        right: Right end.
        bottom: Lower end.
        cube: Its cube; None for the classes and for a layer that cannot work.
        gap: Left and right end of the way that leads to it; of no length before the first.
    """

    item: CubeItem
    left: float
    top: float
    right: float
    bottom: float
    cube: Cube | None = None
    gap: tuple[float, float] = (0.0, 0.0)

    def find(self, x: float, y: float) -> tuple[int, ...] | None:
        """Return the index of the value that is seen at a point; None where none is."""
        shape = self.item.shape
        if shape is None:
            return None
        if self.cube is not None:
            cell = self.cube.find(x, y)
            return None if cell is None else index_of(cell, shape)
        if not (self.left <= x < self.right and self.top <= y < self.bottom):
            return None
        return (int((y - self.top) / (self.bottom - self.top) * shape[0]),)

    def contains(self, x: float, y: float) -> bool:
        """Say whether a point lies in the place, what is between a cube's corners included."""
        return self.left <= x < self.right and self.top <= y < self.bottom

    def class_box(self, number: int) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of a class."""
        assert self.item.shape is not None
        line = (self.bottom - self.top) / self.item.shape[0]
        return self.left, self.top + number * line, self.right, self.top + (number + 1) * line


@dataclass(frozen=True)
class Row:
    """All cubes of a network.

    Attributes:
        places: From the image to the classes.
        width: Of the whole row with its margins.
        height: Of the whole row with its margins and the lines of text above and below.
        top: Upper edge of the highest cube.
        bottom: Lower edge of the lowest.
    """

    places: tuple[Place, ...] = ()
    width: float = 0.0
    height: float = 0.0
    top: float = 0.0
    bottom: float = 0.0
    _by_layer: dict[int, Place] = field(default_factory=dict[int, Place], compare=False)

    def __post_init__(self) -> None:
        self._by_layer.update({place.item.layer: place for place in self.places})

    def place(self, layer: int) -> Place | None:
        """Return where a layer stands; None where it is not in the row."""
        return self._by_layer.get(layer)

    def find(self, x: float, y: float) -> Place | None:
        """Return what stands at a point."""
        hits = [place for place in self.places if place.contains(x, y)]
        return next((place for place in hits if place.find(x, y) is not None), hits[0] if hits else None)


def edge(count: int) -> float:
    """Return how long a side of `count` values is, in the length of one value."""
    return sqrt(count)


def fitting_zoom(items: Sequence[CubeItem], angle: Angle, room: tuple[float, float], lines: float) -> float:
    """Return the zoom at which the whole row can be seen.

    Args:
        items: From the image to the classes.
        angle: How far the cubes are turned.
        room: Width and height there are.
        lines: Height of the text above and below the cubes together.
    """
    units, fixed, highest = _extent(items, angle)
    zoom = min((room[0] - fixed) / max(units, 1.0), (room[1] - lines - 2 * MARGIN) / highest)
    return min(max(zoom, SMALLEST_ZOOM), LARGEST_ZOOM)


def laid_out(
    items: Sequence[CubeItem],
    angle: Angle,
    zoom: float,
    room: tuple[float, float],
    lines: tuple[float, float],
    cuts: Mapping[int, Cut],
) -> Row:
    """Return where every cube stands.

    Args:
        items: From the image to the classes.
        angle: How far the cubes are turned.
        zoom: Pixels of one value's length.
        room: Width and height there are; a smaller row is centred in it.
        lines: Height of the text above and below the cubes.
        cuts: Where cubes are cut open, by layer.
    """
    above, below = lines
    units, fixed, highest = _extent(items, angle)
    width = max(room[0], units * zoom + fixed)
    height = max(room[1], highest * zoom + above + below + 2 * MARGIN)
    middle = above + (height - above - below) / 2
    x, places = MARGIN + (width - units * zoom - fixed) / 2, list[Place]()
    for number, item in enumerate(items):
        gap = (x, x + _gap(item) * zoom) if number else (x, x)
        place = _placed(item, angle, zoom, (gap[1], middle, height), cuts.get(item.layer, Cut()))
        places.append(replace(place, gap=gap))
        x = place.right
    return Row(tuple(places), width, height, middle - highest * zoom / 2, middle + highest * zoom / 2)


def _extent(items: Sequence[CubeItem], angle: Angle) -> tuple[float, float, float]:
    """Return the row's width that grows with the zoom, the one that does not, and the height that grows."""
    units, fixed, highest = 0.0, 2 * MARGIN, 1.0
    for number, item in enumerate(items):
        units += _gap(item) if number else 0
        if item.shape is None or item.is_classes:
            fixed += CLASSES if item.is_classes else PROBLEM
            continue
        width, height, depth = _lengths(item.shape)
        units += width + depth * angle.across
        highest = max(highest, height + depth * angle.up)
    return units, fixed, highest


def _placed(item: CubeItem, angle: Angle, zoom: float, at: tuple[float, float, float], cut: Cut) -> Place:
    """Return the place of an item at a left edge, around a middle height, in a row of that height."""
    x, middle, room = at
    if item.shape is None:
        tall = min(room - 2 * MARGIN, 150.0)
        return Place(item, x, (room - tall) / 2, x + PROBLEM, (room + tall) / 2)
    if item.is_classes:
        tall = min(item.shape[0] * CLASS_LINE, room - 2 * MARGIN)
        return Place(item, x, (room - tall) / 2, x + CLASSES, (room + tall) / 2)
    width, height, depth = (zoom * length for length in _lengths(item.shape))
    way = Point(depth * angle.across, -depth * angle.up)
    top = middle - (height - way.y) / 2
    sides = sides_of(item.shape)
    cube = Cube(sides, x, top - way.y, width, height, way, cut.within(sides))
    return Place(item, x, top, x + width + way.x, top - way.y + height, cube)


def _lengths(shape: Shape) -> tuple[float, float, float]:
    """Return width, height and depth, in the length of one value."""
    if len(shape) == 1:
        length = VECTOR_SHARE * edge(min(shape[0], LONG_VECTOR)) + DOUBLED * log2(max(1.0, shape[0] / LONG_VECTOR))
        return COLUMN, length, 1.0
    channels, rows, columns = shape
    return edge(columns), edge(rows), edge(channels)


def _gap(item: CubeItem) -> float:
    return JOINED_GAP if item.joined else GAP
