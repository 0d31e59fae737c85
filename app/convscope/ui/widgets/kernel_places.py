"""Where the kernels of a layer lie in their table: pure arithmetic, in logical pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect

GAP = 5  # around every kernel
PAIR_GAP = 2  # between a kernel and its gradient
BLOCK_GAP = 12  # between filters that stand side by side
LARGEST = 44  # side of one weight; larger says no more
SMALLEST_KERNEL = 15  # what is not seen at this size is scrolled
_SCROLLED_KERNEL = 24  # the size at which it is scrolled

Index = NDArray[np.intp]


@dataclass(frozen=True)
class Spot:
    """One weight of the table.

    Attributes:
        filter: Its row.
        channel: Its column.
        row: Within the kernel.
        column: Within the kernel.
        part: 0 for the weight, 1 for its gradient.
    """

    filter: int
    channel: int
    row: int
    column: int
    part: int = 0


@dataclass(frozen=True)
class KernelPlaces:
    """A table with a row for each filter and a column for each input channel.

    Where the filters have few channels, several stand side by side, each with its heading: read as lines of a text.

    Attributes:
        shape: (filters, channels, height, width) of the weights.
        parts: 2 where every kernel has its gradient beside it, else 1.
        pixel: Width and height of one weight.
        across: How many filters stand side by side.
        head: Width of the row headings and height of the column headings.
    """

    shape: tuple[int, int, int, int]
    parts: int
    pixel: tuple[int, int]
    across: int
    head: tuple[int, int]

    @property
    def kernel_size(self) -> tuple[int, int]:
        """Width and height of a kernel."""
        return self.shape[3] * self.pixel[0], self.shape[2] * self.pixel[1]

    @property
    def step(self) -> tuple[int, int]:
        """From one channel, and from one line, to the next."""
        width, height = self.kernel_size
        return self.parts * width + (self.parts - 1) * PAIR_GAP + GAP, height + GAP

    @property
    def block(self) -> int:
        """From a filter to the one beside it."""
        return self.head[0] + GAP + self.shape[1] * self.step[0] + BLOCK_GAP

    @property
    def lines(self) -> int:
        """How many lines of filters there are."""
        return -(-self.shape[0] // self.across)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the whole table with its headings."""
        return self.across * self.block - BLOCK_GAP, self.head[1] + GAP + self.lines * self.step[1]

    def kernel_box(self, number: int, channel: int, part: int = 0) -> QRect:
        """Return where a kernel lies, or its gradient."""
        line, place = divmod(number, self.across)
        (across, down), (width, height) = self.step, self.kernel_size
        x = place * self.block + self.head[0] + GAP + channel * across + part * (width + PAIR_GAP)
        return QRect(x, self.head[1] + GAP + line * down, width, height)

    def cell_box(self, spot: Spot) -> QRect:
        """Return where one weight lies."""
        box, (width, height) = self.kernel_box(spot.filter, spot.channel, spot.part), self.pixel
        return QRect(box.x() + spot.column * width, box.y() + spot.row * height, width, height)

    def find(self, x: int, y: int) -> Spot | None:
        """Return the weight at a pixel of the table, None in a gap, a heading or outside."""
        if not (0 <= x < len(self.column_index) and 0 <= y < len(self.row_index)):
            return None
        across, down = int(self.column_index[x]), int(self.row_index[y])
        if across < 0 or down < 0:
            return None
        line, row = divmod(down, self.shape[2])
        kernel, column = divmod(across, self.shape[3])
        rest, part = divmod(kernel, self.parts)
        place, channel = divmod(rest, self.shape[1])
        number = line * self.across + place
        return Spot(number, channel, row, column, part) if number < self.shape[0] else None

    def find_kernel(self, x: int, y: int) -> tuple[int, int] | None:
        """Return filter and channel at a pixel, the gap behind a kernel included; None elsewhere."""
        place, inside = divmod(x, self.block)
        channel = (inside - self.head[0] - GAP) // self.step[0]
        number = self.line_at(y) * self.across + place
        there = place < self.across and 0 <= channel < self.shape[1] and 0 <= number < self.shape[0]
        return (number, channel) if there else None

    def line_at(self, y: int) -> int:
        """Return the line of filters at a pixel down; negative in the headings."""
        return (y - self.head[1] - GAP) // self.step[1]

    @cached_property
    def column_index(self) -> Index:
        """For each pixel across, which column of all weights side by side it shows; −1 in gaps and headings."""
        width = self.kernel_size[0]
        part = np.full(width + PAIR_GAP, -1, np.intp)
        part[:width] = np.arange(width) // self.pixel[0]
        kernels = self._repeated(part, self.parts, self.shape[3])[: self.parts * (width + PAIR_GAP) - PAIR_GAP]
        channel = np.full(self.step[0], -1, np.intp)
        channel[: len(kernels)] = kernels
        block = np.full(self.block, -1, np.intp)
        values = self.parts * self.shape[3]
        block[self.head[0] + GAP : self.block - BLOCK_GAP] = self._repeated(channel, self.shape[1], values)
        return self._repeated(block, self.across, self.shape[1] * values)[: self.size[0]]

    @cached_property
    def row_index(self) -> Index:
        """For each pixel down, which row of all weights below each other it shows; −1 in gaps and headings."""
        height = self.kernel_size[1]
        line = np.full(self.step[1], -1, np.intp)
        line[:height] = np.arange(height) // self.pixel[1]
        return np.concatenate([np.full(self.head[1] + GAP, -1), self._repeated(line, self.lines, self.shape[2])])

    @staticmethod
    def _repeated(index: Index, count: int, values: int) -> Index:
        """Return an index `count` times, each for the next `values` values."""
        return np.where(index < 0, -1, index + values * np.arange(count)[:, None]).ravel()


@lru_cache(maxsize=16)
def fitted(
    shape: tuple[int, int, int, int],
    parts: int,
    head: tuple[int, int],
    room: tuple[int, int],
    bar: int,
    smallest: int = SMALLEST_KERNEL,
) -> KernelPlaces:
    """Return the table whose kernels are largest in the room given, or one to scroll where they would be too small.

    Args:
        shape: (filters, channels, height, width) of the weights.
        parts: 2 with gradients, else 1.
        head: Width of the row headings and height of the column headings.
        room: Width and height.
        bar: What a scroll bar takes of them.
        smallest: Longer side of a kernel below which the table is scrolled.
    """
    most = min(shape[0], 64)
    tables = [KernelPlaces(shape, parts, (1, 1), across, head) for across in range(1, most + 1)]
    sides = [_largest_side(table, room) for table in tables]
    best = max(sides)
    longest = max(shape[2], shape[3])
    if best * longest >= smallest or best >= LARGEST:
        return _squares(tables[sides.index(best)], min(best, LARGEST))
    side = max(2, min(LARGEST, round(max(smallest, _SCROLLED_KERNEL) / longest)))
    block = _squares(tables[0], side).block
    across = max(1, min(most, (room[0] - bar + BLOCK_GAP) // block))
    return _squares(tables[across - 1], side)


def rows_of_numbers(
    shape: tuple[int, int, int, int], head: tuple[int, int], room: tuple[int, int], bar: int, number: int
) -> KernelPlaces:
    """Return a table of single numbers, which all have room to be read; it may have to be scrolled.

    Args:
        shape: (rows, channels, 1, 1).
        head: Width of the row headings and height of the column headings.
        room: Width and height.
        bar: What a scroll bar takes of them.
        number: Width of a number.
    """
    table = KernelPlaces(shape, 1, (number, 1), 1, head)
    free = room[1] - table.size[1] - (bar if table.size[0] > room[0] else 0)
    return replace(table, pixel=(number, min(max(free // shape[0] + 1, number // 2), number)))


def _squares(table: KernelPlaces, side: int) -> KernelPlaces:
    return replace(table, pixel=(side, side))


def _largest_side(table: KernelPlaces, room: tuple[int, int]) -> int:
    """Return the greatest side of a weight at which a table, made for 1, fits into a room; 0 where none does."""
    weights = table.across * table.shape[1] * table.parts * table.shape[3], table.lines * table.shape[2]
    return max(0, min((free - size + n) // n for free, size, n in zip(room, table.size, weights, strict=True)))
