"""One data cube on the screen: its faces, its edges, and which value lies where. Pure arithmetic, in logical pixels.

The projection is oblique (cabinet): the front face is parallel to the screen, and what lies behind it is moved along
one direction. So every face is a parallelogram, and one affine map draws a whole layer's slice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import floor
from typing import Literal, NamedTuple

from convscope.core.layers import Shape

Cell = tuple[int, int, int]  # channel, row, column; a vector is one channel of as many rows as it has numbers
Box = tuple[slice, slice, slice]  # of channels, rows and columns
Side = Literal["front", "top", "side"]

LEAST_TURN, MOST_TURN = 0.08, 0.9


class Point(NamedTuple):
    """A place, or a way, in logical pixels: x to the right, y down."""

    x: float
    y: float


@dataclass(frozen=True)
class Angle:
    """How far a cube is turned: where its depth points, as shares of the depth.

    Attributes:
        across: To the right; the larger, the more is seen of the side.
        up: Upwards; the larger, the more is seen of the top.
    """

    across: float = 0.36
    up: float = 0.34

    def turned(self, across: float, up: float) -> Angle:
        """Return the angle after a turn, no farther than all three faces can be seen."""
        return Angle(
            min(max(self.across + across, LEAST_TURN), MOST_TURN), min(max(self.up + up, LEAST_TURN), MOST_TURN)
        )


@dataclass(frozen=True)
class Cut:
    """Where a cube is cut open: what lies before, above and right of these slices is taken away.

    Attributes:
        channel: The map in front.
        row: The row on top.
        column: The column at the side; −1 is the last.
    """

    channel: int = 0
    row: int = 0
    column: int = -1

    def within(self, sides: Cell) -> Cut:
        """Return the cut with every slice inside a cube of these channels, rows and columns."""
        channels, rows, columns = sides
        column = self.column % columns if -columns <= self.column < columns else columns - 1
        return Cut(min(max(self.channel, 0), channels - 1), min(max(self.row, 0), rows - 1), column)

    def moved(self, axis: int, slice_: int) -> Cut:
        """Return the cut with another slice along an axis: 0 channels, 1 rows, 2 columns."""
        return replace(self, **{("channel", "row", "column")[axis]: slice_})

    def slice_along(self, axis: int) -> int:
        """Return which slice is shown along an axis: 0 channels, 1 rows, 2 columns."""
        return (self.channel, self.row, self.column)[axis]


class Face(NamedTuple):
    """A visible face of a cube.

    Attributes:
        origin: The corner where the first value lies.
        across: From there along the texture's columns to the face's other end.
        down: From there along the texture's rows.
    """

    side: Side
    origin: Point
    across: Point
    down: Point

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """The corners, x and y, in their order around the face."""
        (x, y), (right, down), (x_below, y_below) = self.origin, self.across, self.down
        below = x + x_below, y + y_below
        return (x, y), (x + right, y + down), (below[0] + right, below[1] + down), below

    def at(self, s: float, t: float) -> Point:
        """Return the place at shares of the way across and down."""
        return Point(
            self.origin.x + s * self.across.x + t * self.down.x, self.origin.y + s * self.across.y + t * self.down.y
        )

    def find(self, x: float, y: float) -> tuple[float, float] | None:
        """Return the shares of the way across and down, each 0 to below 1; None outside."""
        area = self.across.x * self.down.y - self.across.y * self.down.x
        if abs(area) < 1e-9:
            return None
        right, below = x - self.origin.x, y - self.origin.y
        s = (right * self.down.y - below * self.down.x) / area
        t = (self.across.x * below - self.across.y * right) / area
        return (s, t) if 0 <= s < 1 and 0 <= t < 1 else None


@dataclass(frozen=True)
class Cube:
    """A layer's values on the screen.

    Attributes:
        sides: How many channels, rows and columns it has.
        x: Left edge of the front face of the whole cube.
        y: Its upper edge.
        width: Its width.
        height: Its height.
        depth: From the front face to the back one; to the right and up.
        cut: Where it is cut open; slices inside the cube.
    """

    sides: Cell
    x: float
    y: float
    width: float
    height: float
    depth: Point
    cut: Cut

    def corner(self, channel: float, row: float, column: float) -> Point:
        """Return where a corner of the cells lies; each counts from 0 up to and including the number of them."""
        channels, rows, columns = self.sides
        back = channel / channels
        return Point(
            self.x + self.width * column / columns + self.depth.x * back,
            self.y + self.height * row / rows + self.depth.y * back,
        )

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the whole cube."""
        return self.x, self.y + self.depth.y, self.x + self.width + self.depth.x, self.y + self.height

    @cached_property
    def faces(self) -> tuple[Face, Face, Face]:
        """The front, the top and the side of what the cut leaves."""
        channels, rows, _ = self.sides
        return self.box_faces((slice(self.cut.channel, channels), slice(self.cut.row, rows), slice(0, self._right)))

    @property
    def whole(self) -> Box:
        """The box of all its values."""
        return slice(0, self.sides[0]), slice(0, self.sides[1]), slice(0, self.sides[2])

    @property
    def is_cut(self) -> bool:
        """Whether something is taken away."""
        return self.cut != Cut(0, 0, self.sides[2] - 1)

    def box_faces(self, box: Box) -> tuple[Face, Face, Face]:
        """Return the front, the top and the side of a box of channels, rows and columns."""
        x, y, across, down, back = self._standing(box)
        front, corner, right, below = Point(x, y), Point(x + across, y), Point(across, 0.0), Point(0.0, down)
        return Face("front", front, right, below), Face("top", front, right, back), Face("side", corner, back, below)

    def edges(self, box: Box, *, fronts: bool = True) -> list[tuple[float, float, float, float]]:
        """Return the edges around the front, the top and the side of a box: x and y of one end and the other.

        Args:
            box: Of channels, rows and columns.
            fronts: Whether the four of the front are wanted, too, not only the five behind it.
        """
        x, y, across, down, (far_x, far_y) = self._standing(box)
        right, bottom = x + across, y + down
        edges = [(a, b, a + far_x, b + far_y) for a, b in ((x, y), (right, y), (right, bottom))]
        far = right + far_x, y + far_y
        edges += [(x + far_x, far[1], *far), (*far, far[0], bottom + far_y)]
        if fronts:
            edges += [(x, y, right, y), (x, bottom, right, bottom), (x, y, x, bottom), (right, y, right, bottom)]
        return edges

    def _standing(self, box: Box) -> tuple[float, float, float, float, Point]:
        """Return where the front of a box of channels, rows and columns begins, its size, and its way to the back."""
        (channels, rows, columns), (deep, tall, wide) = self.sides, box
        x, y = self.corner(deep.start, tall.start, wide.start)
        across = self.width * (wide.stop - wide.start) / columns
        down = self.height * (tall.stop - tall.start) / rows
        back = (deep.stop - deep.start) / channels
        return x, y, across, down, Point(self.depth.x * back, self.depth.y * back)

    def find(self, x: float, y: float) -> Cell | None:
        """Return the value that is seen at a place; None outside the faces."""
        channels, rows, _ = self.sides
        near, top, right = self.cut.channel, self.cut.row, self._right
        for face in self.faces:
            found = face.find(x, y)
            if found is None:
                continue
            s, t = found
            if face.side == "front":
                return near, top + floor(t * (rows - top)), floor(s * right)
            if face.side == "top":
                return near + floor(t * (channels - near)), top, floor(s * right)
            return near + floor(s * (channels - near)), top + floor(t * (rows - top)), right - 1
        return None

    def seen_faces(self, box: Box) -> tuple[Face, ...]:
        """Return what is seen of a box of channels, rows and columns: its part of each visible face it touches."""
        deep, tall, wide = box
        near, top, right = max(deep.start, self.cut.channel), max(tall.start, self.cut.row), min(wide.stop, self._right)
        if near >= deep.stop or top >= tall.stop or wide.start >= right:
            return ()
        touching = (near == self.cut.channel, top == self.cut.row, right == self._right)
        faces = self.box_faces((slice(near, deep.stop), slice(top, tall.stop), slice(wide.start, right)))
        return tuple(face for face, touches in zip(faces, touching, strict=True) if touches)

    def shows_front(self, box: Box) -> bool:
        """Whether the front of a box of channels, rows and columns is seen, and all of it."""
        deep, tall, wide = box
        return deep.start == self.cut.channel and tall.start >= self.cut.row and wide.stop <= self._right

    def centre(self, cell: Cell) -> Point:
        """Return the middle of a value, on the face where it is seen, or inside the cube."""
        seen = self.seen_faces(cell_box(cell))
        channel, row, column = cell
        return seen[0].at(0.5, 0.5) if seen else self.corner(channel + 0.5, row + 0.5, column + 0.5)

    @property
    def _right(self) -> int:
        return self.cut.column + 1


def cell_of(index: tuple[int, ...]) -> Cell:
    """Return the place of a value by its index: (channel, row, column), or (number,) of a vector."""
    return (index[0], index[1], index[2]) if len(index) == 3 else (0, index[0], 0)


def cell_box(cell: Cell) -> Box:
    """Return the box that is one value."""
    return slice(cell[0], cell[0] + 1), slice(cell[1], cell[1] + 1), slice(cell[2], cell[2] + 1)


def index_of(cell: Cell, shape: Shape) -> tuple[int, ...]:
    """Return the index of a value in an output of that shape."""
    return cell if len(shape) == 3 else (cell[1],)


def sides_of(shape: Shape) -> Cell:
    """Return how many channels, rows and columns an output has; a vector is a column."""
    return (shape[0], shape[1], shape[2]) if len(shape) == 3 else (1, shape[0], 1)
