"""Where the texts above and below a row of cubes have room: pure arithmetic, in logical pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_SPACE = 7.0  # between two texts of a line
_EDGE = 2.0  # between a text and the end of the line


@dataclass(frozen=True)
class Wish:
    """A text that would like a place.

    Attributes:
        centre: Where its middle belongs.
        widths: Of its wordings, from the shortest to the fullest.
        room: Where the line ends; it begins at 0.
        first: It comes before those that matter less.
    """

    centre: float
    widths: tuple[float, ...]
    room: float
    first: bool = True

    def ends(self, wording: int) -> tuple[float, float]:
        """Return where a wording begins and ends: around the centre, but inside the line."""
        width = self.widths[wording]
        left = max(min(self.centre - width / 2, self.room - width - _EDGE), _EDGE)
        return left, left + width


@dataclass(frozen=True)
class Spot:
    """Where a text stands: in which line, counted from the cubes, and in which wording."""

    line: int
    wording: int


def arranged(wishes: Sequence[Wish], lines: int) -> tuple[Spot | None, ...]:
    """Return a place for each text, None for those that have no room.

    Those that come first get places and then fuller wordings before the others get what is left.

    Args:
        wishes: The texts.
        lines: How many lines there are.
    """
    spots: dict[int, Spot] = {}
    taken: list[list[tuple[float, float, int]]] = [[] for _ in range(lines)]
    for first in (True, False):
        chosen = [number for number, wish in enumerate(wishes) if wish.first is first]
        for number in chosen:
            spot = _free_spot(wishes[number], number, taken)
            if spot is not None:
                spots[number] = spot
        for number in chosen:
            if number in spots:
                spots[number] = _fullest(wishes[number], number, spots[number], taken[spots[number].line])
    return tuple(spots.get(number) for number in range(len(wishes)))


def _free_spot(wish: Wish, number: int, taken: Sequence[list[tuple[float, float, int]]]) -> Spot | None:
    left, right = wish.ends(0)
    for line, others in enumerate(taken):
        if _is_free(others, left, right, number):
            others.append((left, right, number))
            return Spot(line, 0)
    return None


def _fullest(wish: Wish, number: int, spot: Spot, taken: list[tuple[float, float, int]]) -> Spot:
    for wording in range(len(wish.widths) - 1, 0, -1):
        left, right = wish.ends(wording)
        if _is_free(taken, left, right, number):
            taken.append((left, right, number))
            return Spot(spot.line, wording)
    return spot


def _is_free(taken: list[tuple[float, float, int]], left: float, right: float, number: int) -> bool:
    return all(other == number or right + _SPACE <= start or left >= end + _SPACE for start, end, other in taken)
