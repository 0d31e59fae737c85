"""Examples and data sets: what belongs together, and splits that never overlap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convscope.core.data.dataset import DataError, Dataset, Examples


def numbered(count: int, first: int = 0) -> Examples:
    """Examples whose label is their number, so that each can be told from all others."""
    return Examples(np.zeros((count, 1, 2, 3), np.uint8), np.arange(first, first + count))


def dataset(train: int = 60, test: int = 10) -> Dataset:
    """A data set whose test labels go on where the training labels end."""
    return Dataset("some", "Some", numbered(train), numbered(test, train), ("a", "b"))


def test_examples_cannot_be_written_to():
    examples = numbered(2)
    with pytest.raises(ValueError, match="read-only"):
        examples.images[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        examples.labels[0] = 1


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (np.zeros((2, 2, 3), np.uint8), np.zeros(2, np.int64)),
        (np.zeros((2, 1, 2, 3), np.float64), np.zeros(2, np.int64)),
        (np.zeros((2, 1, 2, 3), np.uint8), np.zeros(3, np.int64)),
        (np.zeros((2, 1, 2, 3), np.uint8), np.zeros(2, np.uint8)),
        (np.zeros((2, 1, 2, 3), np.uint8), np.zeros((2, 1), np.int64)),
    ],
)
def test_arrays_that_are_no_examples_are_refused(images: np.ndarray, labels: np.ndarray):
    with pytest.raises(DataError):
        Examples(images, labels)


def test_examples_are_taken_in_the_order_asked_for():
    assert list(numbered(5).taken([3, 0, 3]).labels) == [3, 0, 3]
    assert list(numbered(5).taken(slice(1, 3)).labels) == [1, 2]


def test_parts_of_different_image_size_are_refused():
    other = Examples(np.zeros((1, 1, 3, 3), np.uint8), np.zeros(1, np.int64))
    with pytest.raises(DataError, match=r"\(1, 3, 3\).*must be alike"):
        Dataset("some", "Some", numbered(2), other, ("a",))


def test_shape_and_classes():
    assert dataset().image_shape == (1, 2, 3)
    assert dataset().classes == 2


def test_all_is_taken_by_default():
    train, validation = dataset().split(0, 0)
    assert list(train.labels) == list(range(60))
    assert list(validation.labels) == list(range(60, 70))


def test_a_sixth_of_the_training_part_is_held_out_by_default():
    train, validation = dataset().split(0, 0, held_out="train")
    assert (len(train), len(validation)) == (50, 10)
    assert sorted([*train.labels, *validation.labels]) == list(range(60))


@given(
    train_size=st.integers(0, 40),
    validation_size=st.integers(0, 10),
    from_train=st.booleans(),
    seed=st.integers(0, 2**31 - 1),
)
def test_a_split_has_the_sizes_asked_for_and_no_overlap(
    train_size: int, validation_size: int, from_train: bool, seed: int
):
    train, validation = dataset().split(
        train_size, validation_size, held_out="train" if from_train else "test", seed=seed
    )
    assert len(train) == train_size or train_size == 0
    assert len(validation) == (validation_size or 10)
    together = [*train.labels, *validation.labels]
    assert len(set(together)) == len(together)
    assert max(train.labels) < 60
    assert (max(validation.labels) < 60) == from_train


def test_the_seed_chooses_which_examples_are_taken():
    def chosen(seed: int) -> list[int]:
        return [part.labels.tolist() for part in dataset().split(20, 5, seed=seed)]

    assert chosen(1) == chosen(1)
    assert chosen(1) != chosen(2)


@pytest.mark.parametrize(
    ("train_size", "validation_size", "held_out"),
    [(61, 0, "test"), (0, 11, "test"), (51, 10, "train"), (0, 60, "train"), (0, 61, "train"), (1, 60, "train")],
)
def test_more_than_there_is_cannot_be_taken(train_size: int, validation_size: int, held_out: str):
    with pytest.raises(DataError, match="60 training and 10 test images"):
        dataset().split(train_size, validation_size, held_out=held_out)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("train_size", "validation_size", "held_out", "reason"),
    [
        (2000, 0, "test", "give 2,000 to train on. Choose"),
        (0, 11, "test", "give 11 to validate on. Choose"),
        (61, 11, "test", "give 61 to train on and 11 to validate on. Choose"),
        (51, 10, "train", "give 51 to train on besides 10 to validate on. Choose"),
        (0, 60, "train", "give any to train on besides 60 to validate on. Choose"),
    ],
)
def test_the_reason_names_the_number_that_is_too_great(
    train_size: int, validation_size: int, held_out: str, reason: str
):
    with pytest.raises(DataError, match=reason):
        dataset().split(train_size, validation_size, held_out=held_out)


def test_so_few_images_that_none_can_be_held_out_are_refused():
    with pytest.raises(DataError, match=r"4 training and 10 test images; it cannot give any to validate on\."):
        dataset(train=4).split(0, 0, held_out="train")
