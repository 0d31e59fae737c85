"""Labelled images, or numbers to predict another one from: some of them, and a data set of two parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from convscope.core.loss import CROSS_ENTROPY, SQUARED_ERROR


class DataError(Exception):
    """Data that cannot be used; the text names the file and says what to do."""


@dataclass(frozen=True, eq=False)
class Examples:
    """Images with their labels, or numbers with theirs; the arrays are made read-only.

    Attributes:
        images: Pixels 0 to 255, uint8, or numbers that a network gets as they are, float32.  # (N, C, H, W)
        labels: Class numbers from 0, int64 (N,), or the numbers to be predicted, float32 (N, K).
    """

    images: NDArray[np.uint8] | NDArray[np.float32]
    labels: NDArray[np.int64] | NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or str(self.images.dtype) not in ("uint8", "float32"):
            raise DataError(
                f"Images must be uint8 or float32 (N, C, H, W), not {self.images.dtype} {self.images.shape}."
            )
        kind = {1: np.int64, 2: np.float32}.get(self.labels.ndim)
        if self.labels.shape[:1] != self.images.shape[:1] or self.labels.dtype != kind:
            raise DataError(f"{len(self.images)} images came with labels {self.labels.dtype} {self.labels.shape}.")
        self.images.flags.writeable = False
        self.labels.flags.writeable = False

    def __len__(self) -> int:
        return len(self.labels)

    def taken(self, indices: slice | NDArray[Any] | Sequence[int]) -> Self:
        """Return the examples at `indices`, in that order."""
        return type(self)(self.images[indices], self.labels[indices])

    @property
    def values(self) -> NDArray[np.float32]:
        """The images as a network gets them: pixels 0 to 1, numbers as they are.  # (N, C, H, W)."""
        if self.images.dtype == np.float32:
            return self.images.astype(np.float32, copy=False)
        return self.images.astype(np.float32) / np.float32(255)


@dataclass(frozen=True)
class Quantity:
    """A number that is known of every example, and how it is prepared for the network.

    Attributes:
        name, unit: What the user reads.
        mean, deviation: Mean and standard deviation of the training examples; 0 and 1 leave the number as it is.
    """

    name: str
    unit: str
    mean: float = 0.0
    deviation: float = 1.0

    def standardised(self, value: float) -> float:
        """Return (value − mean) / deviation, as the network gets it."""
        return (value - self.mean) / self.deviation

    def measured(self, standardised: float) -> float:
        """Return the number in its unit."""
        return standardised * self.deviation + self.mean


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and test examples of the same kind.

    Attributes:
        id: What the command line and a project file call it.
        title: What the user reads.
        class_names: The name of each class by its number, or of each number to be predicted.
        features: What the numbers of each example are; empty for images.
        target: What is to be predicted; None for classes.
    """

    id: str
    title: str
    train: Examples
    test: Examples
    class_names: tuple[str, ...]
    features: tuple[Quantity, ...] = ()
    target: Quantity | None = None

    def __post_init__(self) -> None:
        if self.train.images.shape[1:] != self.test.images.shape[1:]:
            raise DataError(
                f"{self.title}: training images are {self.train.images.shape[1:]}, test images "
                f"{self.test.images.shape[1:]} (channels, height, width); they must be alike."
            )

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Shape of one image: (channels, height, width)."""
        channels, height, width = self.train.images.shape[1:]
        return channels, height, width

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def loss(self) -> str:
        """What a network that learns these examples has to make small."""
        return CROSS_ENTROPY if self.train.labels.ndim == 1 else SQUARED_ERROR

    def split(
        self, train_size: int, validation_size: int, *, held_out: str = "test", seed: int = 0
    ) -> tuple[Examples, Examples]:
        """Return the examples to train on and those to validate on; they never overlap.

        Args:
            train_size: How many to train on; 0 takes all there are.
            validation_size: How many to validate on; 0 takes all there are of the test part.
            held_out: "test" validates on the test part, "train" on examples kept out of the training part.
            seed: Chooses which examples are taken when not all are.

        Raises:
            DataError: More examples are asked for than there are.
        """
        order, kept = self._ordered(validation_size, held_out, seed)
        if held_out == "train":
            validation_size, validation = validation_size or len(kept), self.train.taken(np.sort(kept))
        else:
            validation = _some(self.test, validation_size, seed)
        refused: list[str] = []
        if len(order) < max(train_size, 1):
            besides = f" besides {validation_size:,} to validate on" if held_out == "train" else ""
            refused.append(f"{_asked(train_size)} to train on{besides}")
        if len(validation) < max(validation_size, 1) and not (refused and held_out == "train"):
            refused.append(f"{_asked(validation_size)} to validate on")
        if refused:
            raise DataError(
                f"{self.title} has {len(self.train):,} training and {len(self.test):,} test images; it cannot give "
                f"{' and '.join(refused)}. Choose smaller sizes."
            )
        return self.train.taken(np.sort(order[: train_size or None])), validation

    def training_places(
        self, train_size: int, validation_size: int, *, held_out: str = "test", seed: int = 0
    ) -> NDArray[np.int64]:
        """Return which of the training examples `split` gives to train on; of too few those that there are.

        Args:
            train_size: See `split`, as for all of them.
            validation_size: # likewise
            held_out: # likewise
            seed: # likewise

        Returns:
            Places in `train`, in no order.  # (n,)
        """
        order, _ = self._ordered(validation_size, held_out, seed)
        return order[: train_size or None]

    def _ordered(self, validation_size: int, held_out: str, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the places of the training part, mixed: those to train on, and those kept for validation."""
        order = np.random.default_rng(seed).permutation(len(self.train))
        kept = (validation_size or len(self.train) // 6) if held_out == "train" else 0
        return order[kept:], order[:kept]


def _asked(size: int) -> str:
    return f"{size:,}" if size else "any"


def _some(examples: Examples, count: int, seed: int) -> Examples:
    if count == 0 or count >= len(examples):
        return examples
    return examples.taken(np.sort(np.random.default_rng(seed).permutation(len(examples))[:count]))
