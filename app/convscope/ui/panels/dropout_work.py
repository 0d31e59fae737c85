"""Dropout masks drawn on a thread, some at a time, always for the newest drawing and weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from convscope.core.network import Network
from convscope.core.unit import SwitchedOff
from convscope.core.weights import Weights
from convscope.ui.background import Latest

AT_ONCE = 25  # masks between two pictures, and before a newer drawing has its turn


@dataclass(frozen=True, eq=False)
class Question:
    """What do many masks do to an image?

    Attributes:
        image: # (C, H, W)
        layer: Position of the dropout layer whose output is averaged.
        seed: What the masks are drawn by.
        wanted: How many in the end.
        before: `MaskSamples` of the same network, weights, image, layer and seed; None at first.
    """

    network: Network
    weights: Weights
    image: NDArray[np.float32]
    switched_off: SwitchedOff
    layer: int
    seed: int
    wanted: int
    before: Any = None


class Masks(QObject):
    """Answers on a thread of its own, which lives from the first question until `stop`.

    Signals:
        answered: The `Question` and the `MaskSamples` as far as they are drawn; more follow until all are.
        failed: The exception that kept them from being drawn.
    """

    answered = Signal(object, object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._latest: Latest[Question] | None = None
        self._wanted: Question | None = None

    def ask(self, question: Question) -> None:
        """Begin to draw masks; what was asked before is forgotten."""
        self._wanted = question
        if self._latest is None:
            self._latest = Latest(_prepare)
            self._latest.answered.connect(self._take)
            self._latest.failed.connect(self.failed)
            self._latest.begin()
        self._latest.ask(question)

    def stop(self) -> None:
        """End the thread; nothing is answered any more until the next question."""
        self._wanted = None
        if self._latest is not None:
            self._latest.abandon()
            self._latest = None

    def _take(self, answer: tuple[Question, Any]) -> None:
        asked, samples = answer
        wanted = self._wanted
        if wanted is None or _subject(asked) != _subject(wanted):
            return
        if len(samples) < asked.wanted:
            more = Question(*_fields(asked), before=samples)
            self.ask(more)
        self.answered.emit(asked, samples)


def _fields(question: Question) -> tuple[Any, ...]:
    q = question
    return q.network, q.weights, q.image, q.switched_off, q.layer, q.seed, q.wanted


def _subject(question: Question) -> tuple[Any, ...]:
    """Return what makes samples belong together."""
    q = question
    return id(q.network), id(q.weights), id(q.image), q.switched_off, q.layer, q.seed


def _prepare() -> Callable[[Question], tuple[Question, Any]]:
    from convscope.core.backend import use_threads
    from convscope.core.dropout import MaskSampler

    use_threads()
    sampler = MaskSampler()

    def answer(question: Question) -> tuple[Question, Any]:
        q = question
        done = len(q.before) if q.before is not None else 0
        count = min(AT_ONCE, q.wanted - done)
        what = q.network, q.weights, q.image, q.switched_off
        return q, sampler.sample(*what, layer=q.layer, count=count, seed=q.seed, before=q.before)

    return answer
