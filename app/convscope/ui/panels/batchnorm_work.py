"""What is asked of a mini-batch and how it is answered, always for the newest weights and drawing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from convscope.core.batch_norm import ChannelBatch, LayerSpread
from convscope.core.data.dataset import Dataset
from convscope.core.histogram import Histogram, histogram
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig
from convscope.core.unit import SwitchedOff
from convscope.core.weights import Weights
from convscope.ui.background import Latest


@dataclass(frozen=True, eq=False)
class Question:
    """What does a batch-norm layer do to a mini-batch?

    Attributes:
        image: The drawing, the first image of the batch.  # (C, H, W)
        layer: Position of the layer.
        channel: Which of its channels.
        seed: The number of the step of training that is seen: it chooses the other images and draws masks.
        off: Maps and units that are held at zero.
        compares: Whether the network without batch norm is asked for, too.
    """

    network: Network
    weights: Weights
    image: NDArray[np.float32]
    dataset: Dataset
    config: TrainingConfig
    layer: int
    channel: int
    seed: int
    off: SwitchedOff
    compares: bool


@dataclass(frozen=True, eq=False)
class Answer:
    """What it does, or why that cannot be told.

    Attributes:
        batch: None where there is a problem.
        images: How many the batch has.
        histograms: Of the channel's values before, after by the batch, and after by the running ones.
        spreads: With batch norm and without; empty where that was not asked for.
        problem: A sentence, empty where there is none.
    """

    question: Question
    batch: ChannelBatch | None
    images: int = 0
    histograms: tuple[Histogram, ...] = ()
    spreads: tuple[LayerSpread, ...] = ()
    problem: str = ""


def histograms_of(batch: ChannelBatch, most: int | None = None) -> tuple[Histogram, ...]:
    """Return how the channel's values are spread before, after by the batch, and after by the running averages.

    Args:
        batch: The channel.
        most: About how many of the values are counted, from all over the batch; None for all.
    """
    step = 1 if most is None else max(1, batch.count // most)
    return tuple(histogram(values.ravel()[::step]) for values in (batch.before, batch.after, batch.after_running))


class Batches(QObject):
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
    from convscope.core.backend import use_threads
    from convscope.core.batch_norm import channel_batch, mini_batch, spreads

    use_threads()

    def answer(question: Question) -> Answer:
        q = question
        try:
            images = mini_batch(q.network, q.dataset, q.config, q.image, q.layer, seed=q.seed)
            batch = channel_batch(q.network, q.weights, images, q.layer, q.channel, seed=q.seed, off=q.off)
            compared = spreads(q.network, q.weights, images, seed=q.seed) if q.compares else ()
        except ValueError as error:
            return Answer(question, None, problem=str(error))
        return Answer(question, batch, len(images), histograms_of(batch), compared)

    return answer
