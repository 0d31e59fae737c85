"""What is asked for an attribution and how it is answered, always for the newest drawing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from convscope.core.network import Network
from convscope.core.unit import SwitchedOff
from convscope.core.weights import Weights
from convscope.ui.background import Latest

Method = Literal["grad_cam", "input_gradient"]


@dataclass(frozen=True, eq=False)
class Question:
    """Which places of an image speak for a class?

    Attributes:
        image: # (C, H, W)
        klass: Number of the class.
        method: How to find out.
        layer: Whose maps Grad-CAM weighs; None for the last ones.
    """

    network: Network
    weights: Weights
    image: NDArray[np.float32]
    klass: int
    method: Method
    layer: int | None
    switched_off: SwitchedOff


@dataclass(frozen=True, eq=False)
class Answer:
    """What mattered, or why that cannot be told.

    Attributes:
        values: # (H, W); None where there is a problem.
        problem: A sentence, empty where there is none.
    """

    question: Question
    values: NDArray[np.float32] | None
    problem: str = ""


class Attributing(QObject):
    """Answers on a thread of its own, which lives from the first question until `stop`.

    Signals:
        answered: An `Answer`.
        failed: An exception that nobody foresaw.
    """

    answered = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._latest: Latest[Question] | None = None

    def ask(self, question: Question) -> None:
        """Ask; a question that waits is forgotten."""
        if self._latest is None:
            self._latest = Latest(_prepare)
            self._latest.answered.connect(self.answered)
            self._latest.failed.connect(self.failed)
            self._latest.begin()
        self._latest.ask(question)

    def stop(self) -> None:
        """End the thread; nothing is answered any more until the next question."""
        if self._latest is not None:
            self._latest.abandon()
            self._latest = None


def _prepare() -> Callable[[Question], Answer]:
    from convscope.core.attribution import grad_cam, input_gradient
    from convscope.core.backend import use_threads

    use_threads()

    def answer(question: Question) -> Answer:
        q = question
        try:
            if q.method == "grad_cam":
                values = grad_cam(q.network, q.weights, q.image, q.klass, q.layer, q.switched_off)
            else:
                values = _strongest(input_gradient(q.network, q.weights, q.image, q.klass, q.switched_off))
        except ValueError as error:
            return Answer(question, None, str(error))
        return Answer(question, values)

    return answer


def _strongest(gradient: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return of each pixel the channel's value of the greatest magnitude.  # (C, H, W) → (H, W)."""
    channels = np.abs(gradient).argmax(axis=0)
    return np.take_along_axis(gradient, channels[None], axis=0)[0]
