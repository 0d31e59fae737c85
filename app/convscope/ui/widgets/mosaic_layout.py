"""Where the maps of a layer lie in a picture: pure arithmetic, in device pixels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

WIDEST_CELL = 160  # device pixels at 1×; a vector of two numbers need not fill the screen
LONGEST_STRETCH = 12.0  # how many times wider than high, or higher than wide, the cell of a stretched matrix may be


@dataclass(frozen=True)
class Axis:
    """One direction of the picture: tiles, in each of them parts, in each of those values.

    A tile is one feature map or one filter; a part is what a filter holds for one input channel.

    Attributes:
        tiles: How many tiles lie side by side.
        parts: How many parts lie side by side in a tile.
        values: How many values lie side by side in a part.
        pixel: Length of one value; a whole number when at least 1.
        part_gap: Between the parts of a tile.
        tile_gap: Between tiles.
        start: Where the first tile begins.
    """

    tiles: int
    parts: int
    values: int
    pixel: float
    part_gap: int
    tile_gap: int
    start: int = 0

    @cached_property
    def part_length(self) -> int:
        """Length of one part."""
        return max(1, int(self.values * self.pixel + 1e-6))

    @cached_property
    def tile_length(self) -> int:
        """Length of one tile."""
        return self.parts * self.part_length + (self.parts - 1) * self.part_gap

    @cached_property
    def pitch(self) -> int:
        """Length from one tile's begin to the next one's."""
        return self.tile_length + self.tile_gap

    @property
    def length(self) -> int:
        """Length from the first tile's begin to the last one's end."""
        return self.tiles * self.tile_length + (self.tiles - 1) * self.tile_gap

    def begin(self, tile: int) -> int:
        """Return where a tile begins."""
        return self.start + tile * self.pitch

    def stretch(self, first: int, end: int) -> tuple[int, int]:
        """Return where the values from `first` to before `end` begin in their part, and how long they are together."""
        # Ceilings, for `find` and `index` round down: a cell begins at the first pixel that shows its value.
        begin, behind = -(-first * self.part_length // self.values), -(-end * self.part_length // self.values)
        return begin, behind - begin

    def find(self, place: int) -> tuple[int, int, int] | None:
        """Return (tile, part, value) at `place`, or None in a gap and outside."""
        tile, inside = divmod(place - self.start, self.pitch)
        if not 0 <= tile < self.tiles or inside >= self.tile_length:
            return None
        part, offset = divmod(inside, self.part_length + self.part_gap)
        if offset >= self.part_length:
            return None
        return tile, part, offset * self.values // self.part_length

    def sampled(self) -> tuple[Axis, NDArray[np.intp]]:
        """Return the axis without the values that no pixel shows, and which values those are that stay."""
        if self.part_length >= self.values:
            return self, np.arange(self.values)
        return replace(self, values=self.part_length, pixel=1.0), self._within

    @property
    def _within(self) -> NDArray[np.intp]:
        """For each pixel of a part, which of its values it shows."""
        return np.arange(self.part_length) * self.values // self.part_length

    @cached_property
    def index(self) -> NDArray[np.intp]:
        """For each pixel from the first tile on, which of all values it shows; -1 in a gap."""
        part = np.full((self.parts, self.part_length + self.part_gap), -1, np.intp)
        part[:, : self.part_length] = self._within + self.values * np.arange(self.parts)[:, None]
        tile = np.full((self.tiles, self.tile_length + self.tile_gap), -1, np.intp)
        part_values = part.ravel()[: self.tile_length]
        step = self.parts * self.values
        tile[:, : self.tile_length] = np.where(part_values < 0, -1, part_values + step * np.arange(self.tiles)[:, None])
        return tile.ravel()[: self.length]


@dataclass(frozen=True)
class Place:
    """Where a value lies: in which tile, in which part of it, in which row and column of that."""

    tile: int
    part: int
    row: int
    column: int


@dataclass(frozen=True)
class Layout:
    """A grid of `count` tiles of `parts` parts each, row by row."""

    count: int
    parts: int
    rows: Axis
    columns: Axis

    def find(self, x: int, y: int) -> Place | None:
        """Return what lies at a pixel, or None."""
        down, across = self.rows.find(y), self.columns.find(x)
        if down is None or across is None:
            return None
        tile = down[0] * self.columns.tiles + across[0]
        part = down[1] * self.columns.parts + across[1]
        if tile >= self.count or part >= self.parts:
            return None
        return Place(tile, part, down[2], across[2])

    def find_tile(self, x: int, y: int) -> int | None:
        """Return the tile at a pixel, also between two of its parts, or None."""
        column, right = divmod(x - self.columns.start, self.columns.pitch)
        row, down = divmod(y - self.rows.start, self.rows.pitch)
        inside = right < self.columns.tile_length and down < self.rows.tile_length
        tile = row * self.columns.tiles + column
        return tile if inside and 0 <= column < self.columns.tiles and 0 <= tile < self.count else None

    def tile_box(self, tile: int) -> tuple[int, int, int, int]:
        """Return x, y, width and height of a tile."""
        row, column = divmod(tile, self.columns.tiles)
        return self.columns.begin(column), self.rows.begin(row), self.columns.tile_length, self.rows.tile_length

    @cached_property
    def tile_boxes(self) -> list[tuple[int, int, int, int]]:
        """X, y, width and height of every tile."""
        return [self.tile_box(tile) for tile in range(self.count)]

    def cell_box(self, place: Place) -> tuple[int, int, int, int]:
        """Return x, y, width and height of one value's cell."""
        x, y, _, _ = self.tile_box(place.tile)
        down, across = divmod(place.part, self.columns.parts)
        left, width = self.columns.stretch(place.column, place.column + 1)
        top, height = self.rows.stretch(place.row, place.row + 1)
        x += across * (self.columns.part_length + self.columns.part_gap)
        y += down * (self.rows.part_length + self.rows.part_gap)
        return x + left, y + top, width, height

    def left_aligned(self) -> Layout:
        """Return the layout moved to the left edge of its room."""
        return replace(self, columns=replace(self.columns, start=0))

    def sampled(self, values: NDArray[Any]) -> tuple[Layout, NDArray[Any]]:
        """Return a layout that gives the same picture, and the values it needs: not more than there are pixels."""
        (rows, down), (columns, across) = self.rows.sampled(), self.columns.sampled()
        if (rows, columns) == (self.rows, self.columns):
            return self, values
        return replace(self, rows=rows, columns=columns), values[..., down[:, None], across]

    def picture(self, pixels: NDArray[np.uint32], background: int) -> NDArray[np.uint32]:
        """Return the picture from the first tile's corner on.

        Args:
            pixels: Colours of the values.  # (count, parts, height, width)
            background: Colour of gaps and of places left over.
        """
        rows, columns = self.rows, self.columns
        grid = np.full(
            (rows.tiles * columns.tiles, rows.parts * columns.parts, *pixels.shape[2:]), background, np.uint32
        )
        grid[: self.count, : self.parts] = pixels
        split = grid.reshape(rows.tiles, columns.tiles, rows.parts, columns.parts, rows.values, columns.values)
        height, width = rows.tiles * rows.parts * rows.values, columns.tiles * columns.parts * columns.values
        plane = np.full((height + 1, width + 1), background, np.uint32)  # the last ones are what index -1 shows
        plane[:-1, :-1] = split.transpose(0, 2, 4, 1, 3, 5).reshape(height, width)
        return plane[:, columns.index][rows.index]


@lru_cache(maxsize=64)
def fitted(
    shape: tuple[int, int, int, int], room: tuple[int, int], *, stretched: bool = False, ratio: float = 1.0
) -> Layout:
    """Return the layout whose values are largest in the room given, centred in it.

    Args:
        shape: (tiles, parts, height, width) of the values.
        room: (width, height) in device pixels.
        stretched: Cells may be oblong, so that a matrix fills the room.
        ratio: Device pixels per logical pixel.
    """
    count, parts, height, width = shape
    room = (max(1, room[0]), max(1, room[1]))
    tile_gap, part_gap = _gaps(shape, ratio)
    across, inner, pixel = _best_columns(shape, room, tile_gap, part_gap)
    narrow = _best_columns(shape, room, round(2 * ratio), 1)
    if narrow[2] >= 1.25 * pixel:
        (across, inner, pixel), tile_gap, part_gap = narrow, round(2 * ratio), 1
    down, inner_down = -(-count // across), -(-parts // inner)
    pixels = (pixel, pixel)
    if stretched:
        free_x = (room[0] - (across - 1) * tile_gap) / (across * inner * width)
        free_y = (room[1] - (down - 1) * tile_gap) / (down * inner_down * height)
        pixels = (min(free_x, LONGEST_STRETCH * free_y), min(free_y, LONGEST_STRETCH * free_x))
    most = WIDEST_CELL * ratio
    pixel_x, pixel_y = (_whole(min(p, most if height * width == 1 else p)) for p in pixels)
    rows = Axis(down, inner_down, height, pixel_y, part_gap, tile_gap)
    columns = Axis(across, inner, width, pixel_x, part_gap, tile_gap)
    return Layout(count, parts, _centred(rows, room[1]), _centred(columns, room[0]))


def _gaps(shape: tuple[int, int, int, int], ratio: float) -> tuple[int, int]:
    """Return the gaps between tiles and between parts; those between tiles must be seen to be wider."""
    if shape[2] * shape[3] == 1:
        return round(2 * ratio), 1
    return round(6 * ratio), round((6 if shape[0] == 1 else 2) * ratio)


def _whole(pixel: float) -> float:
    return float(int(pixel + 1e-6)) if pixel >= 1 else pixel


def _centred(axis: Axis, room: int) -> Axis:
    return replace(axis, start=max(0, (room - axis.length) // 2))


def _best_columns(
    shape: tuple[int, int, int, int], room: tuple[int, int], tile_gap: int, part_gap: int
) -> tuple[int, int, float]:
    """Return how many tiles lie side by side, how many parts in a tile, and the length of a value.

    All parts of a tile lie in one row unless wrapping them makes the values at least half as large again.
    """
    count, parts, height, width = shape
    across, inner = _widths(count)[:, None], _widths(parts)[None, :]
    down, inner_down = -(-count // across), -(-parts // inner)
    free_x = room[0] - (across - 1) * tile_gap - across * (inner - 1) * part_gap
    free_y = room[1] - (down - 1) * tile_gap - down * (inner_down - 1) * part_gap
    pixel = np.minimum(free_x / (across * inner * width), free_y / (down * inner_down * height))
    pixel = np.maximum(pixel, 1e-3)
    whole = np.where(pixel >= 1, np.floor(pixel + 1e-9), pixel)
    spare = (across * down - count) / count + (inner * inner_down - parts) / parts
    score = whole * (1 - 1e-4 * np.minimum(spare, 1)) + 1e-6 * np.minimum(pixel, 1e3)
    plain = int(np.argmax(score[:, -1]))
    best = np.unravel_index(int(np.argmax(score)), score.shape)
    if whole[plain, -1] * 1.5 > whole[best]:
        return int(across[plain, 0]), parts, float(whole[plain, -1])
    return int(across[best[0], 0]), int(inner[0, best[1]]), float(whole[best])


def _widths(count: int) -> NDArray[np.int_]:
    """Return how many of `count` things may lie side by side: for every number of rows the fewest, in order.

    More would make the rows longer and not fewer; of 4,096 units with 512 channels few thousand pairs remain.
    """
    return np.unique(-(-count // np.arange(1, count + 1)))
