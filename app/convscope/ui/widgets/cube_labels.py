"""Where the texts above and below a row of cubes have room: pure arithmetic, in logical pixels.

Texts that want the same place are staggered: those that find no room in the line beside the cubes go to the next one,
and a thin line, the leader, leads from there to what they belong to. No text stands on another's leader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

_SPACE = 7.0  # between two texts of a line
_EDGE = 2.0  # between a text and the end of the line
_CLEAR = 3.0  # between a text and a leader
_HELD = 3.0  # by how much a text at least reaches beyond its centre: a leader ends at the text
_FARTHER = 14.0  # one line farther from the cubes is as bad as so much to the side


@dataclass(frozen=True)
class Wish:
    """A text that would like a place.

    Attributes:
        centre: Where its middle belongs, and where its leader begins.
        widths: Of its wordings, from the shortest to the fullest.
        room: Where the line ends; it begins at 0.
        first: It comes before those that matter less.
    """

    centre: float
    widths: tuple[float, ...]
    room: float
    first: bool = True

    def reach(self, wording: int) -> tuple[float, float]:
        """Return how far left and how far right a wording may begin: it covers its centre and stays in the line."""
        width = self.widths[wording]
        held = min(_HELD, width / 2)
        low, high = self.centre - width + held, self.centre - held
        end = max(self.room - width - _EDGE, _EDGE)
        return min(max(low, _EDGE), end), min(max(high, _EDGE), end)


@dataclass(frozen=True)
class Spot:
    """Where a text stands: in which line, counted from the cubes, in which wording, and where it begins."""

    line: int
    wording: int
    left: float


@dataclass
class _Lines:
    """What is taken of some lines: by texts, and by the leaders of texts in lines farther from the cubes."""

    wishes: Sequence[Wish]
    count: int
    spots: dict[int, Spot] = field(default_factory=dict[int, Spot])

    def spans(self, line: int, without: int) -> list[tuple[float, float]]:
        """Return where no text may stand in a line, the space beside other texts included."""
        spans: list[tuple[float, float]] = []
        for number, spot in self.spots.items():
            wish = self.wishes[number]
            if number == without or spot.line < line:
                continue
            if spot.line == line:
                spans.append((spot.left - _SPACE, spot.left + wish.widths[spot.wording] + _SPACE))
            else:
                spans.append((wish.centre - _CLEAR, wish.centre + _CLEAR))
        return spans

    def crosses(self, number: int, line: int) -> bool:
        """Say whether the leader of a text in a line would run through another text."""
        centre = self.wishes[number].centre
        return any(
            other != number
            and spot.line < line
            and spot.left - _CLEAR < centre < spot.left + self.wishes[other].widths[spot.wording] + _CLEAR
            for other, spot in self.spots.items()
        )

    def place(self, number: int, wording: int, line: int | None = None) -> bool:
        """Put a text where it stands best, in a line or in any of them; say whether there was room."""
        wish = self.wishes[number]
        found: list[tuple[float, Spot]] = []
        for one in range(self.count) if line is None else (line,):
            left = None if self.crosses(number, one) else _nearest(wish, wording, self.spans(one, number))
            if left is not None:
                shift = abs(left + wish.widths[wording] / 2 - wish.centre)
                found.append((shift + one * _FARTHER, Spot(one, wording, left)))
        if found:
            self.spots[number] = min(found, key=lambda cost: cost[0])[1]
        return bool(found)

    def place_beside(self, number: int, wording: int, other: int) -> bool:
        """Put a text where there is room once another makes way, which must then find a place, too."""
        former = self.spots.pop(other, None)
        if former is None:
            return False
        for line in range(self.count):
            if self.place(number, wording, line):
                if self.place(other, former.wording):
                    return True
                del self.spots[number]
        self.spots[other] = former
        return False


def arranged(wishes: Sequence[Wish], lines: int) -> tuple[Spot | None, ...]:
    """Return a place for each text, None for those that have no room.

    Those that come first get places and the fullest wordings for which they all have room; where some have none even
    in the shortest, as many as possible get one. The others get what is left.

    Args:
        wishes: The texts.
        lines: How many lines there are.
    """
    chosen = [number for number, wish in enumerate(wishes) if wish.first]
    taken = _first_come(wishes, chosen, lines)
    for number in chosen:
        _fill_out(taken, number)
    for number, wish in enumerate(wishes):
        if not wish.first:
            any(taken.place(number, wording) for wording in reversed(range(len(wish.widths))))
    return tuple(taken.spots.get(number) for number in range(len(wishes)))


def _first_come(wishes: Sequence[Wish], chosen: Sequence[int], lines: int) -> _Lines:
    """Return the texts that come first in their places, in the fullest wording that leaves none of them out."""
    taken = _Lines(wishes, lines)
    for fullest in reversed(range(max((len(wishes[number].widths) for number in chosen), default=0))):
        taken = _Lines(wishes, lines)
        placed = list[bool]()
        for number, before in zip(chosen, (-1, *chosen), strict=False):
            wording = min(fullest, len(wishes[number].widths) - 1)
            placed.append(taken.place(number, wording) or taken.place_beside(number, wording, before))
        if all(placed):
            break
    return taken


def _fill_out(taken: _Lines, number: int) -> None:
    """Give a text that has a place the fullest wording that it finds room for, if need be in another line."""
    spot = taken.spots.get(number)
    if spot is not None:
        any(taken.place(number, wording) for wording in range(len(taken.wishes[number].widths) - 1, spot.wording, -1))


def _nearest(wish: Wish, wording: int, spans: Sequence[tuple[float, float]]) -> float | None:
    """Return where a wording begins as near to its centre as spans that are taken allow; None where it cannot."""
    width = wish.widths[wording]
    low, high = wish.reach(wording)
    if low > high:
        return None
    best = min(max(wish.centre - width / 2, low), high)
    lefts = [best, *(end for _, end in spans), *(start - width for start, _ in spans)]
    free = [
        left
        for left in lefts
        if low <= left <= high and all(left + width <= start or left >= end for start, end in spans)
    ]
    return min(free, key=lambda left: abs(left - best), default=None)
