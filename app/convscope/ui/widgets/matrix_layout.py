"""Where the matrix and the three small grids beside it lie: pure arithmetic, in the widget's units."""

from __future__ import annotations

from dataclasses import dataclass

_PAD = 8
_WIDEST = 26.0  # of a cell of a small grid
_TALLEST = 52.0  # of a cell of the matrix; that of a tiny input need not fill the screen
_EVEN = 8.0  # of a cell from which all are equally large; before it, that would cost too much of the room
_LONGEST = 16.0  # times as high as wide, or as wide as high: a matrix of few rows is not to be a mere line
_SIDE = 0.32  # of the width, for the small grids beside the matrix
_TOP = 0.36  # of the height, for the small grids above it


@dataclass(frozen=True)
class Grid:
    """Cells in rows and columns.

    Attributes:
        left: Of the first cell.
        top: Of the first cell.
        across: Width of a cell.
        down: Height of a cell.
        rows: How many.
        columns: How many.
    """

    left: float
    top: float
    across: float
    down: float
    rows: int
    columns: int

    @property
    def width(self) -> float:
        """Of all cells."""
        return self.columns * self.across

    @property
    def height(self) -> float:
        """Of all cells."""
        return self.rows * self.down

    @property
    def cell(self) -> float:
        """The shorter side of a cell."""
        return min(self.across, self.down)

    def find(self, x: float, y: float) -> tuple[int, int] | None:
        """Return the row and column at a place, None outside."""
        row, column = int((y - self.top) // self.down), int((x - self.left) // self.across)
        return (row, column) if 0 <= row < self.rows and 0 <= column < self.columns else None

    def box(self, row: int, column: int, rows: int = 1, columns: int = 1) -> tuple[float, float, float, float]:
        """Return x, y, width and height of some cells."""
        place = self.left + column * self.across, self.top + row * self.down
        return *place, columns * self.across, rows * self.down


@dataclass(frozen=True)
class Grids:
    """The matrix, and the input, kernel and output that it belongs to."""

    matrix: Grid
    input: Grid
    kernel: Grid
    output: Grid

    @property
    def small(self) -> tuple[tuple[str, Grid], ...]:
        """The three small grids with their names, in reading order."""
        return ("Input", self.input), ("Kernel", self.kernel), ("Output", self.output)


Sides = tuple[int, int]  # rows and columns


def arranged(room: tuple[int, int], line: int, names: int, matrix: Sides, small: tuple[Sides, Sides, Sides]) -> Grids:
    """Return where everything lies: the small grids beside the matrix in a wide room, above it in a high one.

    Input and kernel have cells of one size, so that the kernel can be held against the input; those of a smaller output
    are larger. A line above the matrix is left for what its colours stand for.

    Args:
        room: Width and height.
        line: Height of the names of the small grids.
        names: Width that a name needs.
        matrix: Rows and columns of the matrix.
        small: Those of input, kernel and output.
    """
    width, height = float(room[0]), float(room[1])
    read, kernel, made = small
    if width > 1.3 * height:
        side = max(90.0, _SIDE * width)
        low = max(kernel[0], made[0])
        cell = _side(
            (side - 2 * _PAD) / read[1],
            (side - 3 * _PAD) / (kernel[1] + made[1]),
            (height - 3 * _PAD - 2 * line) / (read[0] + low),
        )
        below = 2 * _PAD + 2 * line + read[0] * cell
        beside = _PAD + max(kernel[1] * cell + _PAD, min(names, 0.2 * width))
        places = [(_PAD, _PAD + line), (_PAD, below), (beside, below)]
        right = max(_PAD + read[1] * cell, beside + max(made[1] * cell, min(names, 0.2 * width)))
        x, y = right + 2 * _PAD, float(_PAD + line)
        free = width - x - _PAD, height - 2 * _PAD - line
        deep = height - below - _PAD
    else:
        top = max(70.0, _TOP * height)
        cell = _side((top - line - _PAD) / max(read[0], kernel[0], made[0]), (width - 4 * _PAD) / (3 * read[1]))
        one = (width - 2 * _PAD) / 3
        places = [(_PAD + number * one, _PAD + line) for number in range(3)]
        x, y, free = float(_PAD), top + _PAD + line, (width - 2 * _PAD, height - top - 2 * _PAD - line)
        deep = max(read[0], kernel[0]) * cell
    broad = max(made[1] * cell, min(names, 0.2 * width))  # its name is as broad
    cells = cell, cell, max(cell, _side(deep / made[0], broad / made[1]))
    grids = [Grid(*place, own, own, *sides) for place, own, sides in zip(places, cells, small, strict=True)]
    return Grids(_filling(x, y, free, matrix), *grids)


def _side(*rooms: float) -> float:
    """Return the side of a cell for which all rooms suffice, in whole units where it is that large."""
    least = min(_WIDEST, max(0.5, min(rooms)))
    return float(int(least)) if least >= 1 else least


def _filling(left: float, top: float, free: tuple[float, float], sides: Sides) -> Grid:
    """Return the grid that fills a room as far as its cells stay near to squares, in the middle of it."""
    rows, columns = sides
    across, down = free[0] / columns, free[1] / rows
    across, down = (_whole(side) for side in (min(across, _LONGEST * down), min(down, _LONGEST * across)))
    space = max(0.0, free[0] - columns * across), max(0.0, free[1] - rows * down)
    return Grid(left + space[0] / 2, top + space[1] / 2, across, down, rows, columns)


def _whole(side: float) -> float:
    side = min(_TALLEST, max(0.001, side))
    return float(int(side)) if side >= _EVEN else side
