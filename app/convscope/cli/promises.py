"""What the lectures promise of their networks on MNIST, and whether a run kept it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convscope.cli.by_hand import losses_by_hand
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig

if TYPE_CHECKING:
    from convscope.cli.outcomes import Outcome

Others = Mapping[str, "Outcome"]


@dataclass(frozen=True)
class Promise:
    """One sentence of a lecture.

    Attributes:
        text: What the reader of the table sees.
        kept: Says it of an outcome.
        beside: The preset it is compared with, whose run with the same seed is handed to `kept`; empty for none.
    """

    text: str
    kept: Callable[[Outcome, Outcome], bool]
    beside: str = ""

    def is_kept(self, outcome: Outcome, outcomes: Sequence[Outcome]) -> bool | None:
        """Say whether a run kept the promise; None while the run to compare it with is missing."""
        if not self.beside:
            return self.kept(outcome, outcome)
        same = (other for other in outcomes if (other.preset, other.seed) == (self.beside, outcome.seed))
        other = next(same, None)
        return None if other is None else self.kept(outcome, other)


def _reads(percent: float) -> Promise:
    """Return the promise of an accuracy; what is written to a tenth counts to a tenth."""
    return Promise(f"at least {percent:g} %", lambda run, _: run.test_accuracy >= percent / 100)


def _far_below(run: Outcome, other: Outcome) -> bool:
    return run.test_accuracy < other.test_accuracy / 2


def _smaller_gap(run: Outcome, other: Outcome) -> bool:
    return run.gap < other.gap


def _high_and_above(run: Outcome, other: Outcome) -> bool:
    epochs = min(len(run.points), len(other.points))
    above = run.points[epochs - 1].validation_accuracy > other.points[epochs - 1].validation_accuracy
    return run.test_accuracy >= 0.993 and above


def _falls_as_by_hand(run: Outcome, _: Outcome) -> bool:
    network, training = Network.from_json(run.settings["network"]), TrainingConfig.from_json(run.settings["training"])
    losses = [point.train_loss for point in run.points]
    same = np.allclose(losses, losses_by_hand(network, training), rtol=1e-3)  # one step of single precision on another
    return bool(same and losses[-1] < losses[0])


PROMISES: Mapping[str, Promise] = {
    "softmax": _reads(90),
    "sigmoid-deep": Promise("still far below `softmax` (less than half)", _far_below, "softmax"),
    "relu-deep": _reads(97),
    "relu-decay": _reads(98),
    "relu-dropout": Promise("a smaller gap of the losses than `relu-decay`", _smaller_gap, "relu-decay"),
    "cnn": _reads(98.9),
    "cnn-pool-dropout": _reads(99),
    "cnn-batchnorm": Promise("at least 99.3 %, and above `cnn` after as many epochs", _high_and_above, "cnn"),
    "minho": _reads(98.5),
    "lenet-5": _reads(98.5),
    "height-mlp": Promise("its loss falls as computed by hand", _falls_as_by_hand),
}
