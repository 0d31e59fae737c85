"""What the dropout panel says of one mask and of many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from convscope.core.layers import Dropout
from convscope.core.unit import Unit
from convscope.ui.widgets.dropout_strip import Passage
from convscope.ui.widgets.number_text import number_text

_MOST = 60  # passages, more than any screen has room for


@dataclass(frozen=True)
class Step:
    """One mask: a sentence about it, and some values that pass it or do not."""

    sentence: str
    passages: tuple[Passage, ...]


def step_of(trace: Any, layer: int, pinned: Unit | None) -> Step | None:
    """Return what a dropout layer did in a trace of a step of training.

    Args:
        trace: A `Trace` in training mode.
        layer: Position of the layer.
        pinned: The value that is taken apart; if it is one of the layer's, the values around it are shown.

    Returns:
        None where the layer has drawn no mask: it was added or switched on meanwhile.
    """
    described, coming = trace.network.layers[layer], trace.values(layer - 1)
    mask = trace.masks.get(described.name)
    if mask is None or coming is None or not isinstance(described, Dropout):
        return None
    what = "maps" if described.mode == "maps" and coming.ndim == 3 else "values"
    sentence = _mask_sentence(mask, described.rate, what)
    at = pinned.index if pinned is not None and pinned.layer == layer else None
    if what == "maps":
        return Step(sentence, _maps(coming, mask, at))
    return Step(sentence, _values(coming, mask, at))


def _mask_sentence(mask: Any, rate: float, what: str) -> str:
    """Return what a mask does; `what` it drops are maps or values."""
    if rate == 0:
        return f"At rate 0 no mask drops anything: all {mask.size:,} {what} pass as they are, as in inference."
    dropped = int((mask == 0).sum())
    return (
        f"This mask drops {dropped:,} of {mask.size:,} {what} ({100 * dropped / mask.size:.0f} %, rate "
        f"{100 * rate:.0f} %). The others are multiplied by 1 / (1 − {rate:g}) = {number_text(1 / (1 - rate))}, so "
        "that their sum is, on average, the same."
    )


def result_sentence(samples: Any, names: Sequence[str]) -> str:
    """Return what many masks came to: `MaskSamples`."""
    count = len(samples)
    said = [
        f"The mean over {count:,} masks is {100 * samples.distances[-1]:.1f} % away from what inference passes, where "
        f"chance alone would give {100 * samples.expected[-1]:.1f} %."
    ]
    if samples.answers.shape[1] > 1:
        best = int(samples.inference.argmax())
        name = names[best] if best < len(names) else str(best)
        said.append(f"{100 * samples.agreement:.0f} % of the masked networks answer {name}, as inference does.")
    return " ".join(said)


def numbered(count: int) -> tuple[str, ...]:
    """Return names for numbers that a network predicts."""
    return tuple(f"ŷ{number}" if count > 1 else "ŷ" for number in range(count))


def _maps(coming: Any, mask: Any, at: tuple[int, ...] | None) -> tuple[Passage, ...]:
    """Return one value of each map, at the place that is taken apart or in the middle."""
    row, column = at[1:] if at is not None else (coming.shape[1] // 2, coming.shape[2] // 2)
    chosen = _chosen(coming[:, row, column], mask[:, 0, 0], at[0] if at is not None else None)
    return tuple(Passage(f"map {c}", float(coming[c, row, column]), float(mask[c, 0, 0])) for c in chosen)


def _values(coming: Any, mask: Any, at: tuple[int, ...] | None) -> tuple[Passage, ...]:
    """Return units of a column, or the values of a map's row."""
    if coming.ndim == 1:
        values, factors, place = coming, mask, at[0] if at is not None else None
    else:
        channel, row = at[:2] if at is not None else (int(np.argmax(coming.max((1, 2)))), coming.shape[1] // 2)
        values, factors, place = coming[channel, row], mask[channel, row], at[2] if at is not None else None
    return tuple(Passage(str(p), float(values[p]), float(factors[p])) for p in _chosen(values, factors, place))


def _chosen(values: Any, factors: Any, place: int | None) -> list[int]:
    """Return which of many values to show.

    These are the ones around that which is taken apart, else those that are not 0, from where kept and dropped ones
    meet: the first few, for which there always is room, are then of both kinds.
    """
    if place is not None:
        first = max(0, min(place - 2, len(values) - 4))
        return list(range(first, min(len(values), first + _MOST)))
    present = np.flatnonzero(values) if np.any(values) else np.arange(len(values))
    meeting = np.flatnonzero(np.diff(factors[present] == 0))
    first = int(meeting[0]) - 1 if meeting.size and meeting[0] > 1 else 0
    return [int(number) for number in present[first : first + _MOST]]
