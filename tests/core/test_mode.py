"""Which layers work in another way in training, and in what company an image is traced."""

from __future__ import annotations

import numpy as np
import pytest

from convscope.core.data.dataset import Dataset, Examples
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, Layer
from convscope.core.mode import (
    LEAST_IN_BATCH,
    MOST_IN_BATCH,
    companions,
    draws,
    last_by_batch,
    traced_batch,
    uses_batch,
)
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.training_config import TrainingConfig


def numbered(count: int) -> Dataset:
    """Return data whose training images have their place as the value of every pixel."""
    images = np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones((1, 1, 4, 4), np.uint8)
    examples = Examples(images, np.zeros(count, np.int64))
    return Dataset("numbered", "Numbered", examples, examples.taken(slice(0, 2)), ("one", "other"))


@pytest.mark.parametrize(
    ("layer", "batch", "drawn"),
    [
        (BatchNorm(), True, False),
        (BatchNorm(trainable=False), False, False),
        (BatchNorm(enabled=False), False, False),
        (Dropout(rate=0.1), False, True),
        (Dropout(rate=0), False, False),
        (Dropout(rate=0.1, enabled=False), False, False),
        (Activation(function="rrelu"), False, True),
        (Activation(function="rrelu", lower=0.2, upper=0.2), False, False),
        (Activation(function="relu"), False, False),
    ],
)
def test_what_works_in_another_way(layer: Layer, batch: bool, drawn: bool):
    assert (uses_batch(layer), draws(layer)) == (batch, drawn)


def test_one_image_is_enough_where_nothing_goes_by_the_batch():
    network = Network(layers=(Conv2d(), Dropout(), Flatten(), Dense(units=10)))
    assert last_by_batch(network) == -1
    assert traced_batch(network, 64) == 1


def test_a_batch_is_that_of_training_as_far_as_it_follows_the_pen():
    small = Network(layers=(Flatten(), Dense(units=20), BatchNorm(), Dense(name="dense_2", units=10)))
    assert last_by_batch(small) == 2
    assert traced_batch(small, 32) == 32
    assert traced_batch(small, 500) == MOST_IN_BATCH
    assert LEAST_IN_BATCH < traced_batch(preset("cnn-batchnorm").network, 64) < 64
    heavy = Network(layers=(Conv2d(filters=64), Conv2d(name="conv_2", filters=64), BatchNorm(), Flatten(), Dense()))
    assert traced_batch(heavy, 64) == LEAST_IN_BATCH
    assert traced_batch(heavy, 2) == 2


def test_companions_are_chosen_by_the_seed_and_none_twice():
    data, config = numbered(200), TrainingConfig()
    first, again, other = (companions(data, config, 9, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert first.shape == (9, 1, 4, 4)
    assert len(np.unique(first)) == 9
    assert 0 <= first.min() <= first.max() <= 1
    assert not first.flags.writeable
    assert len(companions(numbered(5), config, 9, 1)) == 5  # all there are


@pytest.mark.parametrize(("held_out", "left", "kept"), [("test", 20, 2), ("train", 20, 30), ("train", 0, 40)])
def test_companions_are_images_that_are_trained_on(held_out: str, left: int, kept: int):
    data, config = numbered(60), TrainingConfig(train_size=left, validation_size=kept, held_out=held_out, seed=3)
    training, _ = data.split(config.train_size, config.validation_size, held_out=held_out, seed=config.seed)
    chosen = companions(data, config, 60, 1)
    pixels = {round(float(image[0, 0, 0]) * 255) for image in chosen}
    assert pixels == {int(image[0, 0, 0]) for image in training.images}
    assert len(training) == 20


def test_sizes_that_leave_nothing_to_train_on_leave_the_drawing_alone():
    config = TrainingConfig(validation_size=60, held_out="train")
    assert companions(numbered(60), config, 9, 1).shape == (0, 1, 4, 4)
