"""First weights: the distributions of torch.nn.init, decided by seed and name, and what each does to a signal."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
import torch
from torch import nn

from convscope.core.data.progress import finished
from convscope.core.initialisation import INITIALISATIONS, TOO_LARGE, TOO_SMALL, fans
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.weights import carried_over, drawing_missing, initial_weights

LAYERS = (Conv2d(filters=60, kernel_size=(5, 3)), BatchNorm(), Activation(function="prelu"), Flatten(), Dense(units=10))
NETWORK = Network((3, 12, 12), LAYERS, 10)
OWN = ("conv_1.weight", "dense_1.weight")  # what the initialisation decides
ORACLES = {
    "glorot": lambda tensor, random: nn.init.xavier_uniform_(tensor, generator=random),
    "he": lambda tensor, random: nn.init.kaiming_normal_(tensor, nonlinearity="relu", generator=random),
}


@pytest.mark.parametrize("shape", [(60, 3, 5, 3), (10, 4800)])
def test_fans_are_counted_as_torch_does(shape: tuple[int, ...]):
    assert fans(shape) == nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))


@pytest.mark.parametrize("key", OWN)
@pytest.mark.parametrize("initialisation", ORACLES)
def test_weights_are_spread_as_those_of_torch(initialisation: str, key: str):
    ours = initial_weights(NETWORK, 3, initialisation)[key]
    torchs = ORACLES[initialisation](torch.empty(ours.shape), torch.Generator().manual_seed(0))
    assert ours.std() == pytest.approx(torchs.std().item(), rel=0.05)
    assert abs(ours.mean()) < 0.05 * ours.std()
    kurtosis = float(np.mean((ours / ours.std()) ** 4))  # 1.8 of a uniform distribution, 3 of a normal one
    assert kurtosis == pytest.approx(3.0 if initialisation == "he" else 1.8, abs=0.25)


@pytest.mark.parametrize("key", OWN)
@pytest.mark.parametrize(
    ("initialisation", "factor"), [("pytorch", 1), ("too_small", TOO_SMALL), ("too_large", TOO_LARGE)]
)
def test_too_small_and_too_large_are_shares_of_torchs_own_range(initialisation: str, factor: float, key: str):
    ours = initial_weights(NETWORK, 3, initialisation)[key]
    bound = factor / sqrt(fans(ours.shape)[0])
    assert 0.99 * bound < np.abs(ours).max() <= bound * (1 + 1e-6)
    np.testing.assert_allclose(ours, factor * initial_weights(NETWORK, 3)[key], rtol=1e-5)  # the same numbers, scaled


def test_zeros_are_zeros_and_biases_begin_at_zero():
    for initialisation in INITIALISATIONS:
        weights = initial_weights(NETWORK, 3, initialisation)
        assert any(weights[key].any() for key in OWN) is (initialisation != "zeros")
        assert weights["conv_1.bias"].any() == (initialisation == "pytorch")


def test_other_arrays_begin_the_same_whatever_the_initialisation():
    first = initial_weights(NETWORK, 3)
    for initialisation in INITIALISATIONS:
        weights = initial_weights(NETWORK, 3, initialisation)
        for key in ("batch_norm_1.weight", "batch_norm_1.running_var", "batch_norm_1.bias", "activation_1.weight"):
            np.testing.assert_array_equal(weights[key], first[key])


@pytest.mark.parametrize("initialisation", INITIALISATIONS)
def test_seed_and_name_alone_decide_the_numbers(initialisation: str):
    weights = initial_weights(NETWORK, 3, initialisation)
    longer = NETWORK.inserted(2, Conv2d(filters=60, kernel_size=1))
    np.testing.assert_array_equal(
        initial_weights(longer, 3, initialisation)["dense_1.weight"], weights["dense_1.weight"]
    )
    other = initial_weights(NETWORK, 4, initialisation)["dense_1.weight"]
    assert np.array_equal(other, weights["dense_1.weight"]) is (initialisation == "zeros")


@pytest.mark.parametrize("initialisation", INITIALISATIONS)
def test_what_is_missing_is_drawn_the_same_way(initialisation: str):
    weights = initial_weights(NETWORK, 3, initialisation)
    for name in weights:
        rest = {key: array for key, array in weights.items() if key != name}
        drawn = finished(drawing_missing(NETWORK, rest, 3, initialisation))
        np.testing.assert_array_equal(drawn[name], weights[name], err_msg=name)
        carried = carried_over(rest, NETWORK, 3, initialisation).weights
        np.testing.assert_array_equal(carried[name], weights[name], err_msg=name)
