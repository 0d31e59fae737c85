"""How a network is trained: optimiser, learning rate, batches, epochs and the examples used."""

from __future__ import annotations

from dataclasses import dataclass

from convscope.core.settings import Described, choice, integer, number, text

OPTIMIZERS = {
    "sgd": "SGD",
    "momentum": "SGD with momentum",
    "adagrad": "Adagrad",
    "rmsprop": "RMSprop",
    "adam": "Adam",
}
SCHEDULES = {"constant": "Constant", "exponential": "Exponential decay"}
HELD_OUT = {"test": "The test images", "train": "Part of the training images"}


def _has_momentum(config: TrainingConfig) -> bool:
    return config.optimizer == "momentum"


def _decays(config: TrainingConfig) -> bool:
    return config.schedule == "exponential"


@dataclass(frozen=True)
class TrainingConfig(Described):
    """Settings of one training run.

    Raises:
        SettingError: A field lies outside what its setting allows.
    """

    optimizer: str = choice(
        "adam",  # learns every preset at its default rate; plain SGD needs a rate of its own for each
        OPTIMIZERS,
        label="Optimiser",
        help="The rule that turns gradients into changes of the weights. SGD takes one step down the slope; the others "
        "also remember earlier gradients.",
    )
    learning_rate: float = number(
        0.001,
        low=1e-8,
        high=100,
        step=0.001,
        label="Learning rate",
        help="How far the weights move along the gradient at each update. Too high and the loss jumps or grows, too "
        "low and it hardly falls.",
    )
    momentum: float = number(
        0.9,
        low=0,
        high=0.9999,  # at 1 no step is ever forgotten and the weights never come to rest
        step=0.05,
        shown=_has_momentum,
        label="Momentum",
        help="The share of the previous step that is added to the next one. It carries the weights across flat parts "
        "and smooths a zigzag course; 0 is plain SGD.",
    )
    schedule: str = choice(
        "constant",
        SCHEDULES,
        label="Schedule",
        help="Whether the learning rate stays the same or shrinks from epoch to epoch: large steps first, fine ones "
        "later.",
    )
    decay: float = number(
        0.6,
        low=1e-6,
        high=1,
        step=0.05,
        shown=_decays,
        label="Decay per epoch",
        help="The learning rate is multiplied by this number after every epoch; 0.6 leaves 8 % of it after five.",
    )
    batch_size: int = integer(
        64,
        low=1,
        high=10_000,
        label="Batch size",
        help="How many images are averaged for one update. Small batches give many noisy updates, large ones few "
        "smooth ones.",
    )
    epochs: int = integer(
        5,
        low=1,
        high=10_000,
        label="Epochs",
        help="How many times the network sees every training image.",
    )
    train_size: int = integer(
        0,
        low=0,
        high=10_000_000,
        step=1000,
        label="Training images",
        help="How many images to learn from; 0 takes all of them. With few of them a network learns the images by "
        "heart.",
    )
    validation_size: int = integer(
        0,
        low=0,
        high=10_000_000,
        step=1000,
        label="Validation images",
        help="How many images the network is tested on after every epoch, none of which it learns from; 0 takes all "
        "test images, or a sixth of the training images.",
    )
    held_out: str = choice(
        "test",
        HELD_OUT,
        label="Validate on",
        help="Where the validation images come from. Choosing settings by the test images makes the test result look "
        "better than it is; keeping part of the training images aside avoids that.",
    )
    seed: int = integer(
        0,
        low=0,
        high=2**31 - 1,
        label="Seed",
        help="Starts the random numbers: first weights, order of the images, dropout. The same seed repeats a run "
        "exactly.",
    )
    device: str = text(
        "cpu",
        label="Device",
        help='What computes: "cpu" is the processor, "cuda:0" the first NVIDIA graphics card, "mps" an Apple one.',
    )

    def rate_in(self, epoch: int) -> float:
        """Return the learning rate of an epoch, counted from 0: learning_rate · decay ** epoch if it decays."""
        return self.learning_rate * (self.decay**epoch if self.schedule == "exponential" else 1)
