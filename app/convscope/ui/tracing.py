"""The network's answer to the drawing, always to the newest."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from convscope.core.mode import Mode
from convscope.core.network import Network
from convscope.core.unit import SwitchedOff
from convscope.core.weights import Weights
from convscope.ui.background import Latest, Stream


@dataclass(frozen=True, eq=False)
class Question:
    """What to send through which network, and how; see `core.trace.Tracer.trace`.

    Attributes:
        both: Whether to trace it in the other mode, too.
    """

    network: Network
    weights: Weights
    image: NDArray[np.float32]
    switched_off: SwitchedOff = frozenset()
    mode: Mode = Mode.INFERENCE
    seed: int = 0
    companions: NDArray[np.float32] | None = None
    both: bool = False


@dataclass(frozen=True, eq=False)
class Answer:
    """A `Trace` of an image, and one in the other mode where that was asked for, else None."""

    trace: Any
    other: Any = None


class Tracing(QObject):
    """Traces images on a thread of its own, where torch is loaded first.

    Signals:
        traced: The `Answer` to the newest question.
        devices_found: What can train, as ((name, title), …), and on how many threads.
        failed: The exception that kept an image from being traced.
    """

    traced = Signal(object)
    devices_found = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._latest: Latest[Question] | None = None
        self._warming: Stream | None = None
        self._warmed = False
        self._stopped = False

    def ask(self, question: Question) -> None:
        """Trace an image; forget those that still wait."""
        if self._stopped:
            return
        if self._latest is None:
            self._latest = Latest(_prepare)
            self._latest.answered.connect(self.traced)
            self._latest.failed.connect(self.failed)
            self._latest.begin()
        self._latest.ask(question)

    def warm_up(self) -> None:
        """Import what training needs, so that the first run starts at once; once is enough."""
        if self._stopped or self._warmed:
            return
        self._warmed = True
        self._warming = Stream(_warming)
        self._warming.received.connect(self.devices_found)
        self._warming.failed.connect(self.failed)
        self._warming.ended.connect(self._forget_warming)
        self._warming.begin()
        self._warming.resume(lambda _: False)

    def stop(self) -> None:
        """Trace nothing any more, whatever is asked."""
        self._stopped = True
        for worker in (self._latest, self._warming):
            if worker is not None:
                worker.abandon()
        self._latest = self._warming = None

    def _forget_warming(self) -> None:
        self._warming = None


def _prepare() -> Callable[[Question], object]:
    from convscope.core.backend import use_threads
    from convscope.core.trace import Trace, Tracer

    use_threads()
    tracer = Tracer()

    def traced(question: Question, mode: Mode) -> Trace:
        drawn = {"mode": mode, "seed": question.seed, "companions": question.companions}
        return tracer.trace(question.network, question.weights, question.image, question.switched_off, **drawn)

    def answer(question: Question) -> Answer:
        other = traced(question, question.mode.other) if question.both else None
        return Answer(traced(question, question.mode), other)

    return answer


def _warming() -> Generator[tuple[tuple[tuple[str, str], ...], int], None, None]:
    from convscope.core import backend, training  # noqa: F401

    backend.warm_up()
    yield backend.devices(), backend.use_threads()
