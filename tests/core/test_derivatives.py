"""The chain rule by hand gives what autograd gives, up to rounding, for any stack of dense layers and activations."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convscope.core.data.heights import heights
from convscope.core.derivatives import Derivatives, derivatives
from convscope.core.layers import Activation, Conv2d, Dense, Dropout, Flatten, Layer
from convscope.core.loss import CROSS_ENTROPY, SQUARED_ERROR
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.weights import initial_weights

HAND = preset("height-mlp")
PEOPLE = heights()
SMOOTH = ("identity", "logistic", "tanh", "arctan", "relu", "leaky_relu", "prelu", "rrelu", "elu", "softplus", "gelu")


@st.composite
def networks(draw: st.DrawFn) -> Network:
    layers: list[Layer] = [Flatten()]
    for _ in range(draw(st.integers(0, 3))):
        layers.append(Dense(draw(st.integers(1, 5)), bias=draw(st.booleans())))
        layers.append(draw(st.sampled_from([Activation(function) for function in SMOOTH] + [Dropout()])))
    outputs, loss = draw(st.integers(1, 4)), draw(st.sampled_from([CROSS_ENTROPY, SQUARED_ERROR]))
    return Network((draw(st.integers(1, 5)), 1, 1), (*layers, Dense(outputs)), outputs, loss)


@settings(max_examples=40)
@given(networks(), st.integers(0, 1000), st.floats(0.1, 8))
def test_all_derivatives_are_autograds_up_to_rounding(network: Network, seed: int, scale: float):
    random = np.random.default_rng(seed)
    image = (scale * random.standard_normal(network.input_shape)).astype(np.float32)
    target = (
        int(random.integers(network.classes))
        if network.classifies
        else random.standard_normal(network.classes).astype(np.float32)
    )
    found = derivatives(network, initial_weights(network, seed), image, target)
    assert found.agree
    assert found.loss == pytest.approx(found.computed, rel=1e-4, abs=1e-6)
    assert [layer.place for layer in found.layers] == list(range(len(network.layers)))[::-1]
    assert found.layers[-1].to_x.values.size == network.input_shape[0]


def by_hand(row: int = 0) -> Derivatives:
    weights = initial_weights(HAND.network, 2)
    return derivatives(HAND.network, weights, PEOPLE.test.values[row], PEOPLE.test.labels[row])


def test_the_squared_error_begins_with_twice_the_error():
    found = by_hand()
    error = found.outputs[0] - found.target[0]
    assert found.loss == error**2
    assert found.to_outputs.values[0] == 2 * error
    assert found.probabilities is None


def test_a_weight_s_derivative_is_what_a_small_change_of_it_changes():
    weights = initial_weights(HAND.network, 2)
    last = by_hand().layers[0]
    assert last.to_weights is not None
    key, step = "dense_2.weight", 1e-2
    losses = []
    for way in (-step, step):
        moved = dict(weights)
        moved[key] = weights[key] + np.array([[way, 0]], np.float32)
        losses.append(derivatives(HAND.network, moved, PEOPLE.test.values[0], PEOPLE.test.labels[0]).loss)
    assert last.to_weights.values[0, 0] == pytest.approx((losses[1] - losses[0]) / (2 * step), rel=1e-3, abs=1e-6)


def test_wrong_autograd_would_be_noticed():
    slopes = by_hand().to_outputs
    assert slopes.agree
    assert not dataclasses.replace(slopes, computed=slopes.computed * 1.001).agree


def test_a_unit_held_at_zero_gets_no_derivative():
    weights = initial_weights(HAND.network, 2)
    off = frozenset({("activation_1", 0)})
    found = derivatives(HAND.network, weights, PEOPLE.test.values[0], PEOPLE.test.labels[0], off)
    assert found.agree
    assert found.layers[1].to_x.values[0] == 0


def test_the_chain_ends_at_a_convolution():
    network = Network((1, 6, 6), (Conv2d(2, kernel_size=3), Activation(), Flatten(), Dense(3)), 3)
    image = np.random.default_rng(1).random((1, 6, 6), np.float32)
    found = derivatives(network, initial_weights(network, 0), image, 1)
    assert found.stopped_at == "conv_1"
    assert [layer.place for layer in found.layers] == [3, 2, 1]
    assert found.agree


def test_a_target_of_the_other_kind_is_refused():
    weights = initial_weights(HAND.network, 2)
    with pytest.raises(ValueError, match="a class for a cross-entropy"):
        derivatives(HAND.network, weights, PEOPLE.test.values[0], 3)
