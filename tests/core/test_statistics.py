"""How values and activations are spread, held against NumPy's own counts and a plain pass of the module."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from convscope.core.data.dataset import Examples
from convscope.core.data.progress import finished
from convscope.core.histogram import Counter, Histogram, histogram
from convscope.core.layers import Activation, Conv2d, Dense, Flatten, GlobalAveragePool, MaxPool
from convscope.core.module import build_module, load_weights
from convscope.core.network import Network
from convscope.core.statistics import LayerActivity, accuracy, activations_of
from convscope.core.trace import trace
from convscope.core.weights import Weights, frozen, initial_weights

floats = arrays.arrays(
    np.float32, st.integers(0, 80), elements=st.floats(-1e6, 1e6, width=32) | st.sampled_from([0.0, -0.0, 1e-30])
)


def check_counts(found: Histogram, values: np.ndarray[Any, Any]) -> None:
    """Hold a histogram against NumPy's on the same edges; a last bin holds its upper edge there, and never here."""
    assert (np.diff(found.edges) > 0).all()
    assert found.edges[0] <= found.low <= found.high < found.edges[-1]
    counts, _ = np.histogram(values.astype(np.float64), found.edges)
    np.testing.assert_array_equal(found.counts, counts)
    assert found.counts.sum() == values.size


@given(floats, st.integers(2, 40))
def test_a_histogram_counts_every_value_and_tells_their_spread(values: np.ndarray[Any, Any], bins: int):
    found = histogram(values, bins)
    assert found.total == values.size
    assert found.non_finite == 0
    assert 1 <= len(found.counts) <= bins
    if not values.size:
        return
    check_counts(found, values)
    assert (found.low, found.high) == (values.min(), values.max())
    assert found.zeros_share == (values == 0).mean()
    wide = values.astype(np.float64)
    assert found.mean == pytest.approx(wide.mean(), rel=1e-9, abs=1e-9)
    assert found.std == pytest.approx(wide.std(), rel=1e-9, abs=1e-9)


@given(st.lists(floats, max_size=6), st.integers(2, 20))
def test_portions_are_counted_as_the_whole_is(portions: list[np.ndarray[Any, Any]], bins: int):
    counter = Counter(bins)
    for portion in portions:
        counter.add(portion)
    whole = np.concatenate([np.zeros(0, np.float32), *portions])
    found = counter.counted()
    assert len(found.counts) <= bins
    if whole.size:
        check_counts(found, whole)
        assert found.std == pytest.approx(whole.astype(np.float64).std(), rel=1e-6, abs=1e-6)
        assert found.zeros_share == (whole == 0).mean()


def test_bins_are_as_many_as_asked_or_half():
    values = np.random.default_rng(0).normal(0, 1, (50, 40)).astype(np.float32)
    for bins in (10, 64, 100):
        found = histogram(values, bins)
        assert bins / 2 - 1 <= len(found.counts) <= bins
        assert 0 in found.edges


def test_values_that_are_equal_have_one_bin_around_them():
    for value in (0.0, 3.0, -1e20, 1e-35):
        found = histogram(np.full(7, value, np.float32))
        assert found.counts.tolist() == [7]
        assert found.edges[0] < value < found.edges[1]
        assert found.std == 0


@pytest.mark.parametrize("values", [[np.nan, np.inf, -np.inf], []])
def test_without_finite_values_there_is_nothing_to_tell(values: list[float]):
    found = histogram(np.array(values, np.float32))
    assert found.counts.tolist() == [0]
    assert (found.total, found.non_finite, found.zeros_share) == (len(values), len(values), 0)
    assert np.isnan([found.low, found.high, found.mean, found.std]).all()


def test_what_is_not_finite_is_counted_apart():
    found = histogram(np.array([np.nan, 1, np.inf, 2, 0, -np.inf], np.float32))
    assert (found.low, found.high, found.non_finite, found.counts.sum()) == (0, 2, 3, 3)
    assert found.mean == 1
    assert found.zeros_share == 1 / 6


@pytest.mark.parametrize("values", [[-3e38, 3e38], [1e-45, 2e-45], [1e30, 1.0000001e30], [0, 1e-45], [-1e-45, 3e38]])
def test_extremes_of_single_precision_are_counted(values: list[float]):
    whole = np.array(values, np.float32)
    found = histogram(whole, 8)
    check_counts(found, whole)


def test_a_histogram_needs_no_torch():
    code = "import sys, convscope.core.statistics; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": "app"}, check=False).returncode == 0


NETWORK = Network(
    (1, 6, 6),
    (Conv2d(filters=4), Activation(), MaxPool(), Conv2d(filters=2, enabled=False), Flatten(), Dense(units=3)),
    3,
)


def weights_with_a_dead_map() -> Weights:
    """Return weights by which map 1 of the convolution is below 0 for any image."""
    drawn = {key: array.copy() for key, array in initial_weights(NETWORK, 0).items()}
    drawn["conv_1.weight"][1], drawn["conv_1.bias"][1] = 0, -1
    return frozen(drawn)


def plain_outputs(weights: Weights, images: np.ndarray[Any, Any], off: Any = frozenset()) -> list[np.ndarray[Any, Any]]:
    """Return each layer's output image by image."""
    traces = [trace(NETWORK, weights, (image / 255).astype(np.float32), off) for image in images]
    return [np.stack([np.asarray(one.outputs[layer]) for one in traces]) for layer in range(len(NETWORK.layers))]


def test_activity_is_what_a_plain_pass_counts(validation: Examples):
    weights, images = weights_with_a_dead_map(), validation.images
    found = finished(activations_of(NETWORK, weights, images, bins=20))
    assert found.images == len(images) == 1101
    for layer, values in enumerate(plain_outputs(weights, images)):
        given_off = found.at(layer)
        assert given_off is not None
        assert given_off.name == NETWORK.layers[layer].name
        maps = values.reshape(len(images), values.shape[1], -1)
        spread = given_off.histogram
        assert spread.total == spread.counts.sum() == values.size
        assert (spread.low, spread.high) == pytest.approx((values.min(), values.max()), abs=1e-5)
        assert spread.mean == pytest.approx(values.mean(dtype=np.float64), abs=1e-6)
        assert spread.std == pytest.approx(values.std(dtype=np.float64), abs=1e-6)
        assert spread.zeros_share == pytest.approx((values == 0).mean(), abs=1e-4)
        np.testing.assert_allclose(given_off.zeros, (maps == 0).mean((0, 2)), atol=1e-3)
        np.testing.assert_allclose(given_off.active, (maps != 0).any(2).mean(0), atol=1e-3)


def test_a_map_that_is_zero_for_every_image_is_dead(validation: Examples):
    found = finished(activations_of(NETWORK, weights_with_a_dead_map(), validation.images[:40]))
    before, relu, pool = (found.layers[layer] for layer in range(3))
    assert isinstance(before, LayerActivity)
    assert isinstance(relu, LayerActivity)
    assert isinstance(pool, LayerActivity)
    assert not before.dead.any()
    assert relu.dead[1]
    assert relu.zeros[1] == 1
    assert pool.dead.tolist() == relu.dead.tolist()
    assert not relu.zeros.flags.writeable


def test_what_is_switched_off_is_dead(validation: Examples):
    weights, off = initial_weights(NETWORK, 1), frozenset({("conv_1", 2), ("dense_1", 0)})
    found = finished(activations_of(NETWORK, weights, validation.images[:30], switched_off=off))
    for layer, silent in ((0, 2), (5, 0)):
        one = found.layers[layer]
        assert one is not None
        assert np.flatnonzero(one.dead).tolist() == [silent]


def test_the_images_themselves_are_told_as_the_layer_before_the_first(validation: Examples):
    found = finished(activations_of(NETWORK, initial_weights(NETWORK, 1), validation.images))
    assert found.at(-1) is found.input
    assert found.input.histogram.mean == pytest.approx(validation.images.mean() / 255, rel=1e-5)
    assert found.input.histogram.high == pytest.approx(validation.images.max() / 255)


def test_layers_behind_a_problem_have_no_activity(validation: Examples):
    broken = NETWORK.removed(4)
    found = finished(activations_of(broken, initial_weights(broken, 0), validation.images[:5]))
    assert [one is None for one in found.layers] == [False] * 4 + [True]


def test_images_come_in_portions_between_which_it_can_be_cancelled(validation: Examples):
    weights = initial_weights(NETWORK, 0)
    steps = list(activations_of(NETWORK, weights, validation.images))
    assert [(step.done, step.total) for step in steps] == [(0, 1101), (500, 1101), (1000, 1101)]
    work = activations_of(NETWORK, weights, validation.images)
    next(work)
    work.close()
    with pytest.raises(StopIteration):
        next(work)


def test_a_costly_network_takes_fewer_images_at_a_time():
    network = Network((3, 64, 64), (Conv2d(filters=64, padding="same"), Conv2d(filters=64, padding="same")))
    images = np.zeros((40, 3, 64, 64), np.uint8)
    steps = list(activations_of(network, initial_weights(network, 0), images))
    portion = steps[1].done
    assert portion * network.report.macs <= 2e9
    assert portion * network.report.memory <= 16 * 2**20
    assert portion > 1


def test_great_images_are_taken_few_at_a_time_by_a_network_that_makes_little_of_them():
    network = Network((3, 512, 512), (GlobalAveragePool(),))
    steps = list(activations_of(network, {}, np.zeros((12, 3, 512, 512), np.uint8)))
    assert 1 < steps[1].done <= 16 * 2**20 / (4 * 3 * 512 * 512)


def plain_score(weights: Weights, examples: Examples, off: Any) -> tuple[float, float]:
    module = build_module(NETWORK).eval()
    load_weights(module, weights)
    with torch.inference_mode():
        logits = module(torch.tensor(examples.images).float() / 255, off)
        labels = torch.tensor(examples.labels)
        loss = torch.nn.functional.cross_entropy(logits, labels)
    return loss.item(), (logits.argmax(1) == labels).float().mean().item()


@given(
    st.integers(0, 50), st.sets(st.tuples(st.sampled_from(["conv_1", "activation_1", "dense_1"]), st.integers(0, 3)))
)
@settings(max_examples=15)
def test_a_score_is_that_of_a_plain_pass(validation: Examples, seed: int, off: set[tuple[str, int]]):
    weights = initial_weights(NETWORK, seed)
    found = finished(accuracy(NETWORK, weights, validation, frozenset(off)))
    loss, right = plain_score(weights, validation, frozenset(off))
    assert found.loss == pytest.approx(loss, rel=1e-5)
    assert found.accuracy == pytest.approx(right)
    assert (found.examples, found.switched_off) == (1101, off)


def test_switching_all_off_leaves_the_bias_to_guess(validation: Examples):
    weights = initial_weights(NETWORK, 2)
    off = frozenset(("conv_1", channel) for channel in range(4))
    found = finished(accuracy(NETWORK, weights, validation, off))
    guess = int(weights["dense_1.bias"].argmax())
    assert found.accuracy == pytest.approx((validation.labels == guess).mean())


def test_a_score_can_be_cancelled(validation: Examples):
    work = accuracy(NETWORK, initial_weights(NETWORK, 2), validation)
    assert next(work).done == 0
    assert next(work).done == 500
    work.close()
    with pytest.raises(StopIteration):
        next(work)


def test_what_does_not_go_together_is_refused(validation: Examples):
    weights = initial_weights(NETWORK, 0)
    for work, reason in (
        (activations_of(NETWORK, weights, validation.images[:0]), "no images"),
        (activations_of(NETWORK, weights, np.zeros((2, 1, 4, 4), np.uint8)), "images are 4×4×1, but the network takes"),
        (activations_of(NETWORK, {}, validation.images), "'conv_1.weight' are missing"),
        (accuracy(NETWORK.removed(4), weights, validation), "cannot classify yet"),
        (accuracy(NETWORK, weights, validation.taken(slice(0))), "no images"),
        (accuracy(NETWORK, weights, Examples(validation.images.copy(), validation.labels + 1)), "labels beyond"),
    ):
        with pytest.raises(ValueError, match=reason):
            next(work)
