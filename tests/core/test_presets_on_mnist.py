"""What the lectures promise of their networks, on real digits."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from convscope.core.data.dataset import Dataset
from convscope.core.data.idx import read_idx_folder
from convscope.core.history import EpochPoint
from convscope.core.presets import preset
from convscope.core.training import train
from convscope.core.weights import initial_weights

pytestmark = pytest.mark.mnist


@pytest.fixture(scope="module")
def mnist(mnist_folder: Path) -> Dataset:
    return read_idx_folder(mnist_folder)


def after(mnist: Dataset, name: str, epochs: int, images: int = 0) -> EpochPoint:
    """Return the last epoch of a preset trained with its own settings, if need be on some of the images."""
    chosen = preset(name)
    config = dataclasses.replace(chosen.training, epochs=epochs)
    training, validation = mnist.split(images, 2000)
    weights = initial_weights(chosen.network, config.seed)
    *_, last = train(chosen.network, weights, config, training, validation, pace=1e9)
    return last.points[-1]


def test_one_dense_layer_reads_nine_in_ten(mnist: Dataset):
    assert 0.88 < after(mnist, "softmax", 5).validation_accuracy < 0.93


def test_deep_sigmoids_do_not_learn_for_long(mnist: Dataset):
    point = after(mnist, "sigmoid-deep", 2)
    assert point.train_loss > 2.2  # guessing gives ln 10 = 2.3
    assert point.validation_accuracy < 0.3


def test_deep_relus_learn_at_once(mnist: Dataset):
    assert after(mnist, "relu-deep", 1).validation_accuracy > 0.93


@pytest.mark.parametrize("name", ["cnn", "cnn-pool-dropout", "cnn-batchnorm", "minho", "lenet-5"])
def test_convolutions_learn_from_a_few_thousand_digits(mnist: Dataset, name: str):
    assert after(mnist, name, 2, images=4000).validation_accuracy > 0.8


def test_batch_norm_learns_faster_than_the_same_network_without(mnist: Dataset):
    with_it, without = (after(mnist, name, 1, images=4000) for name in ("cnn-batchnorm", "cnn"))
    assert with_it.validation_accuracy > without.validation_accuracy
