"""How a network is trained: optimiser, learning rate, batches, epochs, examples, early stopping and augmentation."""

from __future__ import annotations

from dataclasses import dataclass

from convscope.core.initialisation import INITIALISATIONS, PYTORCH
from convscope.core.settings import Described, choice, integer, number, switch, text

OPTIMIZERS = {
    "sgd": "SGD",
    "momentum": "SGD with momentum",
    "adagrad": "Adagrad",
    "rmsprop": "RMSprop",
    "adam": "Adam",
}
SCHEDULES = {"constant": "Constant", "exponential": "Exponential decay"}
HELD_OUT = {"test": "The test images", "train": "Part of the training images"}
FLIPS = {"none": "Off", "horizontal": "Left and right", "vertical": "Top and bottom", "both": "Both"}
MORE = "more"  # the groups of settings that a form shows apart; all others are in none
AUGMENTATION = "augmentation"
LIVE = {  # what can change while a run goes on; how weights are drawn is its business no longer
    *{"learning_rate", "schedule", "decay", "batch_size", "epochs", "weight_decay", "patience", "keep_best"},
    *{"shift", "rotation", "shear", "stretch", "flip", "hue", "noise", "initialisation"},
}


def _has_momentum(config: TrainingConfig) -> bool:
    return config.optimizer == "momentum"


def _decays(config: TrainingConfig) -> bool:
    return config.schedule == "exponential"


def _stops_early(config: TrainingConfig) -> bool:
    return config.patience > 0


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
        zero="all",
        label="Training images",
        help="How many images to learn from; 0 takes all of them. With few of them a network learns the images by "
        "heart.",
    )
    weight_decay: float = number(
        0.0,
        low=0,
        high=1,
        step=0.0001,
        group=MORE,
        label="Weight decay",
        help="Pulls all weights towards 0: so many times each weight is added to its gradient, as by the weight_decay "
        "of PyTorch's optimisers. Small weights make smoother functions; usual are 0.0001 to 0.01.",
    )
    patience: int = integer(
        0,
        low=0,
        high=10_000,
        group=MORE,
        zero="off",
        label="Patience",
        help="Early stopping: training ends after so many epochs in a row in which the validation loss has not fallen "
        "below its lowest; 0 trains all epochs.",
    )
    keep_best: bool = switch(
        True,
        shown=_stops_early,
        group=MORE,
        label="Keep the best",
        help="When training is stopped early, the weights go back to those of the epoch with the lowest validation "
        "loss.",
    )
    initialisation: str = choice(
        PYTORCH,
        INITIALISATIONS,
        group=MORE,
        label="First weights",
        help="How the weights of convolutions and dense layers are drawn when they are reset. With too small ones the "
        "signal fades from layer to layer, with too large ones it blows up, and with zeros all units of a layer stay "
        "alike.",
    )
    seed: int = integer(
        0,
        low=0,
        high=2**31 - 1,
        group=MORE,
        label="Seed",
        help="Starts the random numbers: first weights, order of the images, dropout, augmentation. The same seed "
        "repeats a run exactly.",
    )
    validation_size: int = integer(
        0,
        low=0,
        high=10_000_000,
        step=1000,
        group=MORE,
        zero="usual",
        label="Validation images",
        help="How many images the network is tested on after every epoch, none of which it learns from; 0 takes all "
        "test images, or a sixth of the training images.",
    )
    held_out: str = choice(
        "test",
        HELD_OUT,
        group=MORE,
        label="Validate on",
        help="Where the validation images come from. Choosing settings by the test images makes the test result look "
        "better than it is; keeping part of the training images aside avoids that.",
    )
    device: str = text(
        "cpu",
        group=MORE,
        label="Device",
        help='What computes: "cpu" is the processor, "cuda:0" the first NVIDIA graphics card, "mps" an Apple one.',
    )
    shift: int = integer(
        0,
        low=0,
        high=100,
        group=AUGMENTATION,
        unit="px",
        label="Shift",
        help="Each training image is moved by up to so many pixels, up or down and to either side.",
    )
    rotation: float = number(
        0.0,
        low=0,
        high=180,
        step=5,
        group=AUGMENTATION,
        unit="°",
        label="Rotation",
        help="Each training image is turned by up to so many degrees, either way.",
    )
    shear: float = number(
        0.0,
        low=0,
        high=60,
        step=5,
        group=AUGMENTATION,
        unit="°",
        label="Shear",
        help="Each training image leans to either side by up to so many degrees, as slanted handwriting does.",
    )
    stretch: float = number(
        0.0,
        low=0,
        high=0.9,
        step=0.05,
        group=AUGMENTATION,
        label="Stretch",
        help="Width and height of each training image are changed by up to this part, each for itself: 0.2 gives 80 to "
        "120 %.",
    )
    flip: str = choice(
        "none",
        FLIPS,
        group=AUGMENTATION,
        label="Flip",
        help="Every other training image, at random, is mirrored: left and right or top and bottom change places.",
    )
    hue: float = number(
        0.0,
        low=0,
        high=0.5,
        step=0.05,
        group=AUGMENTATION,
        label="Hue",
        help="The colours of each training image are moved by up to this part of the circle of colours, either way; "
        "0.5 allows every colour.",
    )
    noise: float = number(
        0.0,
        low=0,
        high=1,
        step=0.05,
        group=AUGMENTATION,
        label="Noise",
        help="A random number is added to every pixel of each training image; this is its standard deviation, where "
        "white is 1.",
    )

    @property
    def moves(self) -> bool:
        """Whether training images are shifted, rotated, sheared or stretched."""
        return bool(self.shift or self.rotation or self.shear or self.stretch)

    @property
    def augments(self) -> bool:
        """Whether training images are changed at random at all."""
        return self.moves or self.flip != "none" or bool(self.hue or self.noise)

    def rate_in(self, epoch: int) -> float:
        """Return the learning rate of an epoch, counted from 0: learning_rate · decay ** epoch if it decays."""
        return self.learning_rate * (self.decay**epoch if self.schedule == "exponential" else 1)
