"""What curves can show, and a reading of them as a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig


class Kind(Enum):
    """What the curves of a run show; the value is the name that the user reads."""

    TOO_EARLY = "Too early to tell"
    LEARNING = "Still learning"
    FLAT = "Underfitting: the loss stays high"
    STOPPED_EARLY = "Underfitting: stopped too early"
    OVERFIT = "Overfitting"
    GOOD = "Good fit"
    TRAINING_TOO_SMALL = "Too few training images"
    VALIDATION_TOO_SMALL = "Too few validation images"
    VALIDATION_EASIER = "Validation easier than training"
    ERRATIC = "Erratic curves"
    NOT_FINITE = "The loss is no number any more"
    NUMBERS = "A number is predicted: judge for yourself"


@dataclass(frozen=True)
class Sizes:
    """How many images a run uses; 0 where that is not known."""

    training: int = 0
    validation: int = 0


@dataclass(frozen=True)
class Figure:
    """One number that led to a reading, as the user reads it."""

    name: str
    value: str


@dataclass(frozen=True)
class Place:
    """Where in the plot a reading is seen.

    Attributes:
        first: Left end, in epochs.
        last: Right end, in epochs.
        label: What is seen there, in a few words.
    """

    first: float
    last: float
    label: str


@dataclass(frozen=True)
class Finding:
    """What the curves show after a certain epoch."""

    kind: Kind
    sentence: str
    figures: tuple[Figure, ...] = ()
    place: Place | None = None


@dataclass(frozen=True)
class CurveRemedy:
    """A change of the settings or of the network that a lecturer would try next.

    Attributes:
        label: What it does, as the text of a button.
        reason: Why it may help, in a sentence.
        config: The new settings; None where they stay.
        network: The new network; None where it stays.
        begins_anew: Whether all weights are drawn anew, by the new settings.
    """

    label: str
    reason: str
    config: TrainingConfig | None = None
    network: Network | None = None
    begins_anew: bool = False
