"""What is measured of a run before its curves are judged: levels, falls, gaps and noise, epoch by epoch."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convscope.core.diagnosis.kinds import Sizes
from convscope.core.history import History

Numbers = NDArray[np.float64]

LOOK_BACK = 3  # epochs whose best is compared with the best before: one alone may be chance, more say what was
JUMP_WINDOW = 6  # epochs in which jumps are counted: long enough for a second one, short enough to forget the start
TAIL = 1 / 3  # of an epoch's batches: enough to average, few enough to stand for its end
COST_OF_ERROR = 1.5  # loss of a typical wrong answer: its class got a probability of 0.22
LEAST_RATIO = 0.4  # an epoch's end is not put below this part of its mean, however steep the fall before was


@dataclass(frozen=True, eq=False)
class Measures:
    """The epochs of a run that are judged; all arrays have one entry per epoch.

    Attributes:
        train: Mean training loss of each epoch, as it is plotted.  # (E,), like the other arrays
        train_end: Training loss at the end of each epoch, when the validation loss is measured too. The mean of an
            epoch lags behind by half of it, which alone would make validation look easier while a network learns fast.
        validation: Validation loss.
        accuracy: Validation accuracy, 0 to 1.
        batch_noise: Spread (standard deviation) of the batches' losses around their trend.
        batches: How many batches an epoch had.
        chance: Loss of a network that knows nothing: ln of the number of classes.
        batch_size: Images per batch.
        sizes: Images that the run uses.
    """

    train: Numbers
    train_end: Numbers
    validation: Numbers
    accuracy: Numbers
    batch_noise: Numbers
    batches: Numbers
    chance: float
    batch_size: int
    sizes: Sizes

    def __len__(self) -> int:
        return self.train.size

    def until(self, epochs: int) -> Measures:
        """Return what was known after so many epochs."""
        return self._only(slice(epochs))

    def lately(self, epochs: int) -> Measures:
        """Return the last so many epochs alone."""
        return self._only(slice(-epochs, None))

    def _only(self, part: slice) -> Measures:
        arrays = ("train", "train_end", "validation", "accuracy", "batch_noise", "batches")
        return dataclasses.replace(self, **{name: getattr(self, name)[part] for name in arrays})

    def fall(self, losses: Numbers) -> float:
        """Return by how much per epoch the best loss of the latest epochs undercuts the best before them.

        So an epoch that was worse by chance does not end a fall, and a jump back up is none. What lies above chance
        counts as chance: nothing was learned there that could be lost.
        """
        back = min(LOOK_BACK, len(losses) - 1)
        if back < 1:
            return 0.0
        before, latest = np.minimum(losses[:-back], self.chance).min(), np.minimum(losses[-back:], self.chance).min()
        return float(before - latest) / back

    @property
    def train_error(self) -> float:
        """Standard error of the last epoch's mean training loss, from the spread of its batches."""
        return float(self.batch_noise[-1] / math.sqrt(max(1.0, self.batches[-1])))

    @property
    def accuracy_error(self) -> float:
        """Standard error of the validation accuracy: binomial, √(p(1 − p)/n); 0 where n is not known.

        The mean over the latest epochs stands for p, so that a lucky one does not look certain. One right and one wrong
        answer are added, as Laplace did, so that 20 of 20 right is no certainty either.
        """
        count = self.sizes.validation
        if not count:
            return 0.0
        right = (float(self.accuracy[-LOOK_BACK:].mean()) * count + 1) / (count + 2)
        return math.sqrt(right * (1 - right) / count)

    @property
    def validation_error(self) -> float:
        """Standard error of the validation loss, from the spread of single images.

        That spread is the batches' times √(batch size). It grows with the loss about as a count of errors does, by the
        square root; and where almost nothing varies in training, each wrong answer still costs `COST_OF_ERROR`.
        """
        count = self.sizes.validation
        if not count:
            return 0.0
        ratio = max(1.0, float(self.validation[-1]) / max(float(self.train_end[-1]), 1e-9))
        spread = float(self.batch_noise[-1]) * math.sqrt(self.batch_size * min(ratio, 10.0))
        return max(spread / math.sqrt(count), COST_OF_ERROR * self.accuracy_error)

    @property
    def validation_jitter(self) -> float:
        """Typical step of the validation loss from epoch to epoch that is no trend.

        From second differences, in which a straight line leaves nothing and independent noise σ leaves √6 σ; by their
        median and without the steep start. 0 before the sixth epoch.
        """
        recent = self.validation[2:][-2 * JUMP_WINDOW :]
        if recent.size < 4:
            return 0.0
        return float(np.median(np.abs(np.diff(recent, 2)))) / (0.6745 * math.sqrt(6))


def measured(history: History, classes: int, batch_size: int, sizes: Sizes) -> Measures:
    """Measure every finished epoch of a run.

    Args:
        history: With finite losses in its epochs.
        classes: How many the network tells apart.
        batch_size: Images per batch.
        sizes: Images that the run uses.
    """
    points = history.epochs
    train = np.array([point.train_loss for point in points], np.float64)
    parts = [_batches_of(history, point.epoch) for point in points]
    noise = np.array([_noise(part) for part in parts], np.float64)
    return Measures(
        train=train,
        train_end=_at_the_end(train, parts),
        validation=np.array([point.validation_loss for point in points], np.float64),
        accuracy=np.clip(np.array([point.validation_accuracy for point in points], np.float64), 0, 1),
        batch_noise=noise,
        batches=np.array([part.size for part in parts], np.float64),
        chance=math.log(max(2, classes)),
        batch_size=batch_size,
        sizes=sizes,
    )


def latest_steps(values: Numbers) -> Numbers:
    """Return the changes of the latest epochs; that of the first one, in which everything is new, does not count."""
    return np.diff(values[1:][-JUMP_WINDOW - 1 :])


def taken_back(steps: Numbers) -> float:
    """Return how far a curve goes back on itself per epoch, on average.

    The way that it travels is longer than its net progress by twice what it takes back.
    """
    return float((np.abs(steps).sum() - abs(steps.sum())) / 2 / max(1, steps.size))


def _batches_of(history: History, epoch: int) -> Numbers:
    first, last = np.searchsorted(history.batch_epochs, (epoch - 1 + 1e-9, epoch + 1e-9), "right")
    losses = history.batch_losses[first:last].astype(np.float64)
    return losses[np.isfinite(losses)]


def _noise(batches: Numbers) -> float:
    """Return the spread of batches around their trend, from the differences of neighbours."""
    if batches.size < 3:
        return 0.0
    return float(np.median(np.abs(np.diff(batches)))) / (0.6745 * math.sqrt(2))


def _at_the_end(train: Numbers, parts: list[Numbers]) -> Numbers:
    """Return the training loss at the end of each epoch.

    From the third epoch on the fall of the means is carried on by half an epoch: a mean has all images in it, the last
    batches only some. Before that the fall is too steep to be carried on, so there the last batches count.
    """
    end = train.copy()
    for index, part in enumerate(parts):
        if index >= 2:
            before = min(max(train[index - 1], train[index]), train[index] / LEAST_RATIO**2)
            end[index] = train[index] * math.sqrt(train[index] / before) if before > 0 else 0.0
        elif part.size:
            end[index] = part[-max(1, round(part.size * TAIL)) :].mean()
    return end
