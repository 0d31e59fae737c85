"""What the network took the drawing for at each moment of the run, computed on a thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from convscope.core.large import is_traced_live
from convscope.core.network import Network
from convscope.core.time_machine import Moment
from convscope.core.unit import SwitchedOff
from convscope.ui.background import Latest
from convscope.ui.session_values import SessionValues

Array = NDArray[np.float32]

_PART = 0.04  # seconds of work until the thread looks whether there is another drawing
_REST = 120  # milliseconds without a movement of the pen, which the answer to the present weights must not wait for


@dataclass(frozen=True, eq=False)
class Question:
    """Moments whose answers are wanted."""

    network: Network
    image: Array
    switched_off: SwitchedOff
    moments: tuple[Moment, ...]


Answers = dict[Moment, Array]  # probabilities of classes, or predicted numbers; of moments that were done in the time


class TimePredictions(QObject):
    """Knows the probabilities of the classes, or the predicted numbers, at those kept moments that are computed.

    Moments come from coarse to fine, so that the course is seen soon. While training goes on only the new ones are
    computed. With another drawing the former answers stay until the first new ones are there.

    Signals:
        changed: More is known, or of another drawing.
        failed: The exception that kept a drawing from being answered.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, session: SessionValues, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._latest: Latest[Question] | None = None
        self._asked: Question | None = None  # what the thread works on
        self._known: Answers = {}
        self._known_of: Question | None = None
        self._is_broken = False  # asking again would fail again
        self._rest = QTimer(self, singleShot=True, interval=_REST)
        self._rest.timeout.connect(self.refresh)

    @property
    def is_complete(self) -> bool:
        """Whether every kept moment is answered for the present drawing."""
        return self._is_current() and not self._missing()

    @property
    def answers(self) -> Answers:
        """What is known, by the moments."""
        return dict(self._known)

    def course(self) -> tuple[NDArray[np.float64], Array]:
        """Return where the answered moments lie and what was answered.  # (N,), (N, outputs)."""
        found = [(m.position, self._known[m]) for m in self._session.time_machine.moments if m in self._known]
        if not found:
            return np.zeros(0), np.zeros((0, 0), np.float32)
        positions, answers = zip(*found, strict=True)
        return np.array(positions), np.stack(answers)

    def refresh_soon(self) -> None:
        """Answer the present drawing when the pen rests."""
        self._rest.start()

    def refresh(self) -> None:
        """Answer what is not known yet of the present drawing."""
        self._rest.stop()
        missing = self._missing() if self._is_current() else self._session.time_machine.moments
        if not missing or not self.is_possible or (self._is_broken and self._is_asked()):
            return
        if self._asked is not None and self._is_asked():
            return  # the rest follows when this is answered
        self._is_broken = False
        session = self._session
        self._asked = Question(session.network, session.image, session.switched_off, coarse_to_fine(missing))
        if self._latest is None:
            self._latest = Latest(_prepare)
            self._latest.answered.connect(self._take)
            self._latest.failed.connect(self._fail)
            self._latest.begin()
        self._latest.ask(self._asked)

    def stop(self) -> None:
        """Compute nothing any more, until asked again; what is known stays."""
        self._rest.stop()
        self._asked = None
        if self._latest is not None:
            self._latest.abandon()
            self._latest = None

    @property
    def is_possible(self) -> bool:
        """Whether the network works and is small enough."""
        network = self._session.network
        return network.report.problem is None and is_traced_live(network)

    def _is_current(self) -> bool:
        return self._belongs(self._known_of)

    def _is_asked(self) -> bool:
        return self._belongs(self._asked)

    def _belongs(self, question: Question | None) -> bool:
        session = self._session
        return (
            question is not None
            and question.image is session.image
            and question.network is session.network
            and question.switched_off == session.switched_off
        )

    def _missing(self) -> tuple[Moment, ...]:
        return tuple(moment for moment in self._session.time_machine.moments if moment not in self._known)

    def _take(self, answer: tuple[Question, Answers]) -> None:
        question, answers = answer
        if question is not self._asked:
            return
        self._asked = None
        if not self._belongs(question):
            self.refresh()
            return
        if not self._is_current():
            self._known = {}
        kept = set(self._session.time_machine.moments)
        self._known = {moment: array for moment, array in {**self._known, **answers}.items() if moment in kept}
        self._known_of = question
        self.changed.emit()
        self.refresh()

    def _fail(self, error: Exception) -> None:
        self._is_broken = True
        self.failed.emit(error)


def coarse_to_fine(moments: Sequence[Moment]) -> tuple[Moment, ...]:
    """Return moments so that any number of the first ones is spread over all: the ends, the middle, the quarters."""
    last = len(moments) - 1
    order = sorted(range(1, last), key=lambda number: -(number & -number))
    return tuple(moments[number] for number in ([0, last] if last else [0]) + order)


def _prepare() -> Callable[[Question], tuple[Question, Answers]]:
    from convscope.core.backend import use_threads
    from convscope.core.trace import Tracer

    use_threads()
    tracer = Tracer()

    def answered(question: Question) -> tuple[Question, Answers]:
        end = perf_counter() + _PART
        answers: Answers = {}
        for moment in question.moments:
            trace = tracer.trace(question.network, moment.weights, question.image, question.switched_off)
            found = trace.probabilities if question.network.classifies else trace.logits
            if found is not None:  # a network that works has some
                answers[moment] = found
            if perf_counter() > end:
                break
        return question, answers

    return answered
