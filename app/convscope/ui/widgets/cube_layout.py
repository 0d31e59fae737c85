"""Where the data cubes of a network stand in their row: pure arithmetic, in logical pixels.

All cubes share one scale. A side of n values is drawn √n long, so that 224×224×3, 7×7×512 and a vector of 4096 can be
seen side by side: a side four times as long is drawn twice as long. Channels are drawn as long as rows and columns
before they are foreshortened, and the cells of a vector half as long. A vector of more than 100 numbers grows by a
fixed length each time it doubles, less where it would be higher than the cubes: or the longest vector, not the cubes,
would decide how large all of them are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log2, sqrt

from convscope.ui.widgets.cube_data import CubeItem
from convscope.ui.widgets.cube_geometry import Angle, Cube, Cut, Point, index_of, sides_of

SCALE_NOTE = (
    "Sides are drawn by their square root: a side four times as long is drawn twice as long. "
    "Vectors of more than 100 numbers are drawn shorter."
)

GAP = 1.7  # in the length of one value, before a step that changes the shape
JOINED_GAP = 0.45  # before one that does not
LEAST_GAPS = 11.0, 2.0  # logical pixels: room for an arrow, and for an edge
WIDENED = 24.0  # logical pixels by which a way in a long row is made wider at most
COLUMN = 1.15  # width of a vector
VECTOR_SHARE = 0.5  # how long the cells of a vector are against those of a map
LONG_VECTOR = 100  # numbers from which a vector grows more slowly
DOUBLED, LEAST_DOUBLED = 1.0, 0.2  # by how much it then grows when it doubles, and where that is too much
CLASSES = 100.0  # logical pixels for the names and bars of the classes
MANY_CLASSES, NARROW = 40, 88.0  # so many have no names, and so need less
PROBLEM = 210.0  # for the sentence of a layer that cannot work
MARGIN = 7.0  # around the row
CLASS_LINE = 22.0  # the greatest height of one class
READABLE, COMFORTABLE = (24.0, 36.0), 54.0  # logical pixels that cubes are wide on average: the least, and enough
READABLE_SHARE = 0.15  # of the height, for the least: cubes must not look lost
SMALLEST_ZOOM, LARGEST_ZOOM = 0.2, 120.0

Size = tuple[float, float, float]  # width, height and depth of a cube


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


def fitting_zoom(
    items: Sequence[CubeItem], angle: Angle, room: tuple[float, float], lines: float, *, whole: bool = True
) -> float:
    """Return the zoom at which the whole row can be seen, or its cubes at least where they would become too small.

    Args:
        items: From the image to the classes.
        angle: How far the cubes are turned.
        room: Width and height there are.
        lines: Height of the text above and below the cubes together.
        whole: See all of it, however small.
    """
    extent = _Extent.of(items, angle)
    high = (room[1] - lines - 2 * MARGIN) / extent.highest
    zoom = min(extent.zoom(room[0]), high)
    least = min(max(READABLE_SHARE * room[1], READABLE[0]), READABLE[1])
    if not whole and 0 < zoom * extent.mean < least:
        zoom = max(zoom, min(high, COMFORTABLE / extent.mean))
    return min(max(zoom, SMALLEST_ZOOM), LARGEST_ZOOM)


def laid_out(
    items: Sequence[CubeItem],
    angle: Angle,
    zoom: float,
    room: tuple[float, float],
    lines: tuple[float, float],
    cuts: Mapping[int, Cut],
    wanted: Mapping[int, float] | None = None,
) -> Row:
    """Return where every cube stands.

    Args:
        items: From the image to the classes.
        angle: How far the cubes are turned.
        zoom: Pixels of one value's length.
        room: Width and height there are; a smaller row is centred in it.
        lines: Height of the text above and below the cubes.
        cuts: Where cubes are cut open, by layer.
        wanted: How wide the ways to layers would like to be, where the room is wider than the row; in a row that is
            longer than the room, way and cube together.
    """
    above, below = lines
    extent = _Extent.of(items, angle)
    gaps = _gaps(items, angle, zoom, room[0] - extent.width(zoom), wanted or {})
    needed = extent.width(zoom) - extent.gaps(zoom) + sum(gaps)
    width = max(room[0], needed)
    height = max(room[1], extent.highest * zoom + above + below + 2 * MARGIN)
    middle = above + (height - above - below) / 2
    x, places, doubled = MARGIN + (width - needed) / 2, list[Place](), _doubled(items)
    for item, space in zip(items, gaps, strict=True):
        gap = (x, x + space)
        size = _size(item, zoom, doubled)
        place = _placed(item, size, angle, (gap[1], middle, height), cuts.get(item.layer, Cut()))
        places.append(replace(place, gap=gap))
        x = place.right
    half = extent.highest * zoom / 2
    return Row(tuple(places), width, height, middle - half, middle + half)


def _gaps(
    items: Sequence[CubeItem], angle: Angle, zoom: float, spare: float, wanted: Mapping[int, float]
) -> list[float]:
    """Return the width of the way that leads to each item; what is spare goes to those that would like more."""
    gaps = [_gap(item, zoom) if number else 0.0 for number, item in enumerate(items)]
    wishes = [max(0.0, wanted.get(item.layer, 0.0) - gap) for item, gap in zip(items, gaps, strict=True)]
    if spare < -1:  # it is scrolled anyway
        rests = [wish - _breadth(item, angle) * zoom for item, wish in zip(items, wishes, strict=True)]
        return [gap + min(max(0.0, rest), WIDENED) for gap, rest in zip(gaps, rests, strict=True)]
    share = min(1.0, max(0.0, spare) / max(sum(wishes), 1e-9))
    return [gap + share * wish for gap, wish in zip(gaps, wishes, strict=True)]


@dataclass(frozen=True)
class _Extent:
    """How much room a row needs.

    Attributes:
        cubes: The width of its cubes, in the length of one value.
        fixed: The width that does not grow with the zoom.
        steps: How many ways lead to another shape, and how many to the same one.
        highest: The height of the highest cube, in the length of one value.
        mean: How wide cubes are on average, in the length of one value.
    """

    cubes: float
    fixed: float
    steps: tuple[int, int]
    highest: float
    mean: float

    @classmethod
    def of(cls, items: Sequence[CubeItem], angle: Angle) -> _Extent:
        cubes, fixed, highest, widths, doubled = 0.0, 2 * MARGIN, 1.0, list[float](), _doubled(items)
        for item in items:
            if item.shape is None or item.is_classes:
                fixed += PROBLEM if item.shape is None else _class_width(item.shape[0])
                continue
            _, height, depth = _size(item, 1.0, doubled)
            cubes += _breadth(item, angle)
            highest = max(highest, height + depth * angle.up)
            widths += [_breadth(item, angle)] if len(item.shape) == 3 else []
        joined = sum(item.joined for item in items[1:])
        steps = (max(len(items) - 1, 0) - joined, joined)
        return cls(cubes, fixed, steps, highest, sum(widths) / max(len(widths), 1))

    def gaps(self, zoom: float) -> float:
        """Return how wide all ways are together."""
        pairs = zip(self.steps, (GAP, JOINED_GAP), LEAST_GAPS, strict=True)
        return sum(count * max(gap * zoom, least) for count, gap, least in pairs)

    def width(self, zoom: float) -> float:
        """Return how wide the row is."""
        return self.cubes * zoom + self.gaps(zoom) + self.fixed

    def zoom(self, width: float) -> float:
        """Return the zoom at which the row is as wide as that, the first of the ways at their least or not."""
        growing = (GAP * self.steps[0], JOINED_GAP * self.steps[1])
        least = (LEAST_GAPS[0] * self.steps[0], LEAST_GAPS[1] * self.steps[1])
        # Each way is as wide as its zoom or its least asks for, so the row is as wide as the widest of these sums.
        return min(
            (width - self.fixed - sum(least[k] for k in (0, 1) if k not in grow))
            / max(self.cubes + sum(growing[k] for k in grow), 1e-9)
            for grow in ((), (0,), (1,), (0, 1))
        )


def _placed(item: CubeItem, size: Size, angle: Angle, at: tuple[float, float, float], cut: Cut) -> Place:
    """Return the place of an item of a size at a left edge, around a middle height, in a row of that height."""
    x, middle, room = at
    if item.shape is None:
        tall = min(room - 2 * MARGIN, 150.0)
        return Place(item, x, (room - tall) / 2, x + PROBLEM, (room + tall) / 2)
    if item.is_classes:
        tall = min(item.shape[0] * CLASS_LINE, room - 2 * MARGIN)
        return Place(item, x, (room - tall) / 2, x + _class_width(item.shape[0]), (room + tall) / 2)
    width, height, depth = size
    way = Point(depth * angle.across, -depth * angle.up)
    top = middle - (height - way.y) / 2
    sides = sides_of(item.shape)
    cube = Cube(sides, x, top - way.y, width, height, way, cut.within(sides))
    return Place(item, x, top, x + width + way.x, top - way.y + height, cube)


def _doubled(items: Sequence[CubeItem]) -> float:
    """Return by how much a long vector of a row grows when it doubles, in the length of one value."""
    shapes = [item.shape for item in items if item.shape is not None and not item.is_classes]
    highest = max((edge(shape[1]) for shape in shapes if len(shape) == 3), default=0.0)
    longest = max((shape[0] for shape in shapes if len(shape) == 1), default=0)
    if longest <= LONG_VECTOR:
        return DOUBLED
    spare = highest - VECTOR_SHARE * edge(LONG_VECTOR)
    return min(max(spare / log2(longest / LONG_VECTOR), LEAST_DOUBLED), DOUBLED)


def _size(item: CubeItem, zoom: float, doubled: float) -> Size:
    """Return width, height and depth of a cube; of no length where there is none."""
    shape = item.shape or ()
    if len(shape) == 3:
        return zoom * edge(shape[2]), zoom * edge(shape[1]), zoom * edge(shape[0])
    if not shape:
        return 0.0, 0.0, 0.0
    length = VECTOR_SHARE * edge(min(shape[0], LONG_VECTOR)) + doubled * log2(max(1.0, shape[0] / LONG_VECTOR))
    return zoom * COLUMN, zoom * length, zoom


def _breadth(item: CubeItem, angle: Angle) -> float:
    """Return how wide a cube is with its side, in the length of one value; 0 where there is none."""
    if item.shape is None or item.is_classes:
        return 0.0
    width, _, depth = _size(item, 1.0, DOUBLED)
    return width + depth * angle.across


def _class_width(classes: int) -> float:
    return NARROW if classes > MANY_CLASSES else CLASSES


def _gap(item: CubeItem, zoom: float) -> float:
    return max((JOINED_GAP if item.joined else GAP) * zoom, LEAST_GAPS[item.joined])
