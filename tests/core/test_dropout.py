"""Many dropout masks, against PyTorch's own dropout and against chance."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from convscope.core.dropout import MaskSampler, MaskSamples
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten
from convscope.core.mode import dropouts
from convscope.core.network import Network
from convscope.core.trace import trace
from convscope.core.weights import initial_weights

NETWORK = Network(
    layers=(Conv2d(6, 5, 2), BatchNorm(), Activation(), Dropout(rate=0.3), Flatten(), Dropout(rate=0.5), Dense(10))
)
WEIGHTS = initial_weights(NETWORK, 1)
IMAGE = np.random.default_rng(0).random((1, 28, 28), np.float32)


def sampled(count: int, network: Network = NETWORK, layer: int = 3, **options: int) -> MaskSamples:
    return MaskSampler().sample(
        network, initial_weights(network, 1), IMAGE, layer=layer, count=count, seed=options.get("seed", 0)
    )


def test_without_dropout_every_sample_is_the_inference_of_the_trace():
    network = Network(layers=(Conv2d(6, 5, 2), Dropout(rate=0.0), Flatten(), Dense(10)))
    samples = sampled(5, network, 1)
    expected = trace(network, initial_weights(network, 1), IMAGE).probabilities
    assert expected is not None
    np.testing.assert_allclose(samples.inference, expected, rtol=1e-5)
    np.testing.assert_allclose(samples.answers, np.tile(expected, (5, 1)), rtol=1e-5)
    assert np.all(samples.distances < 1e-6)
    assert samples.agreement == 1


def test_inference_is_what_the_trace_says():
    expected = trace(NETWORK, WEIGHTS, IMAGE).probabilities
    assert expected is not None
    np.testing.assert_allclose(sampled(2).inference, expected, rtol=1e-5)


@pytest.mark.parametrize("mode", ["units", "maps"])
@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_the_mean_comes_to_what_inference_passes_as_fast_as_chance_allows(rate: float, mode: str):
    network = Network(layers=(Conv2d(32, 5, 2), Dropout(rate=rate, mode=mode), Flatten(), Dense(10)))
    samples = sampled(400, network, 1)
    ratio = samples.distances / samples.expected
    assert 0.4 < np.sqrt((ratio[200:] ** 2).mean()) < 2.0
    assert samples.distances[-1] < samples.distances[0] / 5


def test_each_output_is_the_input_scaled_or_nothing():
    layer = Dropout(rate=0.5)
    network = Network(layers=(Flatten(), layer, Dense(10)))
    one = sampled(1, network, 1)
    values = one.total / np.where(IMAGE.reshape(-1) > 0, IMAGE.reshape(-1), 1)
    assert set(np.round(values[IMAGE.reshape(-1) > 0], 4)) == {0.0, 2.0}


def test_the_answers_are_those_of_torch_given_the_masks():
    """The masks are recovered from a network that shows them, drawn by the same seed."""
    network = Network(layers=(Flatten(), Dropout(rate=0.4), Dense(10)))
    weights = initial_weights(network, 3)
    samples = MaskSampler().sample(network, weights, IMAGE, layer=1, count=4, seed=7)
    random = torch.Generator().manual_seed(7 * 1_000_003)
    masks = torch.empty(4, 784).bernoulli_(0.6, generator=random) / 0.6
    logits = torch.nn.functional.linear(
        torch.tensor(IMAGE.reshape(1, -1)) * masks,
        torch.tensor(weights["dense_1.weight"]),
        torch.tensor(weights["dense_1.bias"]),
    )
    np.testing.assert_allclose(samples.answers, torch.softmax(logits, 1).numpy(), rtol=1e-4, atol=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(0, 5))
def test_samples_that_come_in_parts_add_up(parts: list[int], seed: int):
    sampler, samples = MaskSampler(), None
    for count in parts:
        samples = sampler.sample(NETWORK, WEIGHTS, IMAGE, layer=5, count=count, seed=seed, before=samples)
    assert samples is not None
    assert len(samples) == len(samples.answers) == sum(parts)
    passed = trace(NETWORK, WEIGHTS, IMAGE).outputs[4]
    assert passed is not None
    distance = np.linalg.norm(samples.total / sum(parts) - passed) / np.linalg.norm(passed)
    assert samples.distances[-1] == pytest.approx(distance, rel=1e-4)
    np.testing.assert_allclose(samples.answers.sum(1), 1, rtol=1e-5)


def test_the_same_seed_draws_the_same_masks_and_another_one_others():
    np.testing.assert_array_equal(sampled(8, seed=4).answers, sampled(8, seed=4).answers)
    assert not np.array_equal(sampled(8, seed=4).answers, sampled(8, seed=5).answers)


def test_a_network_with_a_problem_behind_the_layer_still_shows_the_layers_mean():
    network = Network(layers=(Conv2d(6, 5, 2), Dropout(rate=0.5), Conv2d(3, 40), Flatten(), Dense(10)))
    samples = sampled(10, network, 1)
    assert samples.answers.shape == (10, 0)
    assert len(samples.distances) == 10


def test_only_dropout_layers_that_work_can_be_sampled():
    network = Network(layers=(Dropout(enabled=False), Conv2d(2, 3), Dropout(rate=0.0), Flatten(), Dense(10)))
    assert dropouts(network) == [2]
    for layer in (-1, 0, 1, 9):
        with pytest.raises(ValueError, match="no dropout layer"):
            MaskSampler().sample(network, initial_weights(network, 0), IMAGE, layer=layer, count=1)
