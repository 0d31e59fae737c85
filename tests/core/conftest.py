"""Small examples and networks that a run learns in a moment."""

from __future__ import annotations

import numpy as np
import pytest

from convscope.core.data.dataset import Examples
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten
from convscope.core.network import Network

SIDE = 6
CLASSES = 3


def make_examples(count: int, seed: int) -> Examples:
    """Return noisy images in which one of three double rows is brighter: its number is the label."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, CLASSES, count)
    images = random.integers(0, 150, (count, 1, SIDE, SIDE), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[0, 2 * label : 2 * label + 2] += 60
    return Examples(images, labels)


@pytest.fixture(scope="session")
def training() -> Examples:
    """Return 130 examples: a last batch of any usual size is smaller than the others."""
    return make_examples(130, 1)


@pytest.fixture(scope="session")
def validation() -> Examples:
    """Return 1,101 examples: more than two portions of a validation."""
    return make_examples(1101, 2)


@pytest.fixture(scope="session")
def network() -> Network:
    """Return a network that has nothing random in training."""
    layers = (Conv2d(filters=4), BatchNorm(), Activation(), Flatten(), Dense(units=CLASSES))
    return Network((1, SIDE, SIDE), layers, CLASSES)


@pytest.fixture(scope="session")
def random_network(network: Network) -> Network:
    """Return one with dropout and random slopes."""
    return network.replaced(2, Activation(function="rrelu")).inserted(4, Dropout(rate=0.3))
