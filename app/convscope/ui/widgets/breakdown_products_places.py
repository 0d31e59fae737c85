"""Where the patch, the kernel and the products of one channel lie: beside or below each other, so that numbers fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSizeF

from convscope.ui.widgets.number_grid import Look, cell_size

SIGN = 14.0  # pixels before a grid, for × and =
GAP = 8.0  # between two channels in one line each, and before the sums
APART = 20.0  # between two channels that take more than one line
_ENLARGED = 1.6  # height of a cell where there is room, times the usual


@dataclass(frozen=True)
class Form:
    """A way to arrange the three grids of a channel.

    Attributes:
        across: How many grids stand beside each other.
        beside: Whether the sum stands beside the products, not below them.
    """

    across: int
    beside: bool

    @property
    def lines(self) -> int:
        """How many grids stand below each other."""
        return -(-3 // self.across)

    @property
    def before(self) -> float:
        """Pixels before the first grid: where products begin a line, the grids above keep their sign's room free."""
        return 0.0 if self.across == 3 else SIGN


FORMS = (Form(3, True), Form(3, False), Form(2, True), Form(1, True), Form(1, False))  # those that tell more first
SPARES = (2.0, 0.0)  # pixels between two numbers beyond the least: rather more lines than numbers side by side


@dataclass(frozen=True)
class ProductsPlaces:
    """One channel's parts, counted from its upper left corner.

    Attributes:
        form: How they are arranged.
        cell: Size of a cell.
        numbered: Whether numbers fit into it.
        corners: Of the three grids' first cells.
        sum_box: Where the channel's sum stands.
        height: Of the whole, with the gap to the next channel.
    """

    form: Form
    cell: QSizeF
    numbered: bool
    corners: tuple[QPointF, QPointF, QPointF]
    sum_box: QRectF
    height: float

    @property
    def captioned(self) -> bool:
        """Whether every grid has its name above it; else the names stand once, above all channels."""
        return self.form.across < 3

    @property
    def gap(self) -> float:
        """What separates two channels."""
        return APART if self.captioned else GAP


@lru_cache(maxsize=64)
def products_places(shape: tuple[int, int], width: float, room: float, look: Look) -> ProductsPlaces:
    """Return the first arrangement in which the numbers fit; where they do in none, that with the largest cells.

    Args:
        shape: Rows and columns of a kernel.
        width: What there is for a channel.
        room: The height that one channel may fill, 0 where that is not known: cells with numbers grow to it, and cells
            without are no larger than it allows.
        look: The fonts.
    """
    for form, spare in ((form, spare) for spare in SPARES for form in FORMS):
        cell, numbered = cell_size(form.across * shape[1], width - _taken(form, look), look)
        if numbered and cell.width() >= look.number_cell + spare:
            return _placed(
                form, QSizeF(cell.width(), _grown(cell.height(), form, shape, room, look)), True, shape, look
            )
    sides = [_side(form, shape, width, room, look) for form in FORMS]
    best = max(range(len(FORMS)), key=lambda number: sides[number])
    return _placed(FORMS[best], QSizeF(sides[best], sides[best]), False, shape, look)


def numbers_widths(columns: int, look: Look) -> list[float]:
    """Return the widths from which kernels of so many columns have their numbers, the roomiest way first."""
    return [
        form.across * columns * (look.number_cell + spare) + _taken(form, look) for spare in SPARES for form in FORMS
    ]


def _taken(form: Form, look: Look) -> float:
    """Return what of the width the cells cannot have; where two stand above one, the sum has the second's room."""
    signs = form.before + (form.across - 1) * SIGN + 2
    return signs + (GAP + sums_width(look) if form.beside and form.across != 2 else 0.0)


@lru_cache(maxsize=64)
def sums_width(look: Look) -> float:
    """Return how wide the widest sum is, however small its number."""
    widest = max(look.width(f"= −{number}", look.bold) for number in ("0.000123", "1.23·10⁻¹²"))
    return max(look.width("channel 5119", look.small), widest) + 2


def _grown(height: float, form: Form, shape: tuple[int, int], room: float, look: Look) -> float:
    """Return how high cells are that one or two channels fill the room with."""
    free = (room - _beyond_cells(form, look)) / (form.lines * shape[0])
    return float(int(min(max(free, height), _ENLARGED * height)))


def _side(form: Form, shape: tuple[int, int], width: float, room: float, look: Look) -> float:
    """Return the side of the square cells that an arrangement has room for."""
    cell, _ = cell_size(form.across * shape[1], width - _taken(form, look), look)
    free = (room - _beyond_cells(form, look)) / (form.lines * shape[0])
    return min(cell.height(), max(free, 0.5)) if room > 0 else cell.height()


def _beyond_cells(form: Form, look: Look) -> float:
    """Return what of a channel's height its cells do not take."""
    captions = form.lines * (look.small_line + 2) if form.across < 3 else 0.0
    between = (form.lines - 1) * GAP
    return captions + between + (0.0 if form.beside else look.line + 2) + (GAP if form.across == 3 else APART)


def _placed(form: Form, cell: QSizeF, numbered: bool, shape: tuple[int, int], look: Look) -> ProductsPlaces:
    width, height = shape[1] * cell.width(), shape[0] * cell.height()
    caption = look.small_line + 2 if form.across < 3 else 0.0
    least = look.line + look.small_line if form.across == 3 and form.beside else 0.0  # the sum's two lines
    line = caption + max(height, least)
    shift = caption + max(least - height, 0.0) / 2
    corners = tuple(
        QPointF(form.before + column * (width + SIGN) + 1, row * (line + GAP) + shift)
        for row, column in (divmod(grid, form.across) for grid in range(3))
    )
    last = corners[2]
    if form.beside:
        sum_box = QRectF(last.x() + width + GAP, last.y() - shift + caption, sums_width(look), line - caption)
    else:
        both = look.width("channel 5119  ", look.small) + sums_width(look)
        sum_box = QRectF(form.before, last.y() + height + 2, both, look.line)
    bottom = max(last.y() - shift + line, sum_box.bottom())
    gap = GAP if form.across == 3 else APART
    return ProductsPlaces(form, cell, numbered, (corners[0], corners[1], corners[2]), sum_box, bottom + gap)
