"""The course of a training run: loss and accuracy of every batch and every epoch."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convscope.core.network import Network
from convscope.core.weights import WeightsMark


@dataclass(frozen=True)
class EpochPoint:
    """What was measured when an epoch ended; accuracies are fractions from 0 to 1.

    Attributes:
        epoch: Number of the epoch, counted from 1.
        learning_rate: The learning rate its updates used.
        seconds: How long the epoch took.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float
    learning_rate: float
    seconds: float


_COLUMNS = tuple(column.name for column in dataclasses.fields(EpochPoint))
_BATCH_ARRAYS = {"batch_epochs": np.float64, "batch_losses": np.float32, "batch_accuracies": np.float32}


@dataclass(frozen=True, eq=False)
class History:
    """Curves of one run, one entry per batch and one per finished epoch; the arrays are made read-only.

    A loss may be infinite or not a number: that is how a run that diverged ends.

    Attributes:
        batch_epochs: When each batch was done, in epochs: 0.0 is the start, 1.0 the end of the first epoch.  # (N,)
        batch_losses: Mean loss of each batch.  # (N,)
        batch_accuracies: Fraction of each batch classified correctly.  # (N,)
        epochs: The finished epochs, in order.
        network: Whose training this is; None where nobody knows.
        dataset_id: `Dataset.id` of what it was trained on; empty where nobody knows.
        weights: Known by this mark are those that it ended with; any are where nobody knows.
    """

    batch_epochs: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0, np.float64))
    batch_losses: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    batch_accuracies: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    epochs: tuple[EpochPoint, ...] = ()
    network: Network | None = None
    dataset_id: str = ""
    weights: WeightsMark = field(default_factory=WeightsMark)

    def __post_init__(self) -> None:
        for name, dtype in _BATCH_ARRAYS.items():
            array: NDArray[Any] = getattr(self, name)
            if array.dtype != dtype or array.shape != (len(self),):
                raise ValueError(
                    f"A history of {len(self)} batches has {name} of {array.dtype} {array.shape} "
                    f"instead of {np.dtype(dtype)} ({len(self)},)."
                )
            array.flags.writeable = False

    def __len__(self) -> int:
        """Return the number of batches."""
        return self.batch_epochs.size

    def extended(
        self, batches: tuple[ArrayLike, ArrayLike, ArrayLike] = ((), (), ()), points: Sequence[EpochPoint] = ()
    ) -> Self:
        """Return this history with more batches and finished epochs at its end.

        Args:
            batches: Positions in epochs, losses and accuracies, all of one length.
            points: The epochs that ended with them.

        Raises:
            ValueError: The three differ in length.
        """
        arrays: dict[str, NDArray[Any]] = {
            # One copy of all batches: 0.1 ms at 20,000 of them, so growing in place is not worth sharing a buffer.
            name: np.concatenate((getattr(self, name), np.asarray(added, dtype)))
            for (name, dtype), added in zip(_BATCH_ARRAYS.items(), batches, strict=True)
        }
        return dataclasses.replace(self, **arrays, epochs=(*self.epochs, *points))

    def without_batches(self) -> Self:
        """Return this history with the finished epochs only."""
        return dataclasses.replace(self, **{name: np.zeros(0, dtype) for name, dtype in _BATCH_ARRAYS.items()})

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the history as arrays that a tensor file can hold; `from_arrays` reads them."""
        rows = np.array([dataclasses.astuple(point) for point in self.epochs], np.float64)
        arrays = {name: getattr(self, name) for name in _BATCH_ARRAYS}
        return {**arrays, "epochs": rows.reshape(-1, len(_COLUMNS))}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Build the history from what `to_arrays` returned.

        Raises:
            ValueError: An array is missing, unknown, of another shape or type, or its entries are not in order.
        """
        expected = {*_BATCH_ARRAYS, "epochs"}
        if set(arrays) != expected:
            raise ValueError(f"A history has the arrays {_listed(expected)}, not {_listed(arrays) or 'none'}.")
        positions, losses, accuracies = (arrays[name].copy() for name in _BATCH_ARRAYS)
        history = cls(positions, losses, accuracies, _points(arrays["epochs"]))
        _check_order("batches", history.batch_epochs, 0.0)
        _check_order("epochs", arrays["epochs"][:, 0], 1.0)
        return history


def _points(rows: NDArray[Any]) -> tuple[EpochPoint, ...]:
    if rows.dtype != np.float64 or rows.ndim != 2 or rows.shape[1] != len(_COLUMNS):
        raise ValueError(f"Epochs of a history must be float64 (N, {len(_COLUMNS)}), not {rows.dtype} {rows.shape}.")
    if not np.all(np.isfinite(rows[:, 0]) & (rows[:, 0] % 1 == 0)):
        raise ValueError("Epochs of a history must have whole numbers.")
    return tuple(EpochPoint(int(row[0]), *map(float, row[1:])) for row in rows)


def _check_order(what: str, positions: NDArray[np.float64], low: float) -> None:
    # Curves are drawn and thinned on the promise that x never goes back.
    if positions.size and not (positions[0] >= low and np.all(np.diff(positions) >= 0) and np.isfinite(positions[-1])):
        raise ValueError(f"The {what} of a history must be in order, from {low:g} on.")


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))
