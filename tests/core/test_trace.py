"""The trace of an image: what the module gives, as copies, for every layer that works."""

from __future__ import annotations

import numpy as np
import torch

from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, MaxPool
from convscope.core.module import build_module, load_weights
from convscope.core.network import Network
from convscope.core.trace import Tracer, trace
from convscope.core.weights import Weights, frozen, initial_weights

NETWORK = Network(
    layers=(
        Conv2d(filters=5),
        BatchNorm(),
        Activation(),
        MaxPool(),
        Dropout(rate=0.9),
        Conv2d(filters=3, padding="same", enabled=False),
        Flatten(),
        Dense(units=10),
    )
)


def weights_of(network: Network) -> Weights:
    """Return weights whose running averages are not those at the start."""
    random = np.random.default_rng(4)
    arrays = dict(initial_weights(network, 0))
    for key in arrays:
        if "running" in key:
            arrays[key] = random.uniform(0.5, 2, arrays[key].shape).astype(np.float32)
    return frozen(arrays)


def image(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((1, 28, 28), np.float32)


def test_every_output_is_what_the_module_computes():
    seen = trace(NETWORK, weights_of(NETWORK), image())
    module = build_module(NETWORK).eval()
    load_weights(module, weights_of(NETWORK))
    with torch.inference_mode():
        x = torch.tensor(image())[None]
        for operation, output in zip(module.operations, seen.outputs, strict=True):
            x = operation(x)
            assert output is not None
            np.testing.assert_array_equal(output, x[0].numpy())
    assert seen.logits is not None
    np.testing.assert_array_equal(seen.logits, x[0].numpy())


def test_probabilities_are_the_softmax_of_the_logits():
    seen = trace(NETWORK, weights_of(NETWORK), image())
    assert seen.logits is not None
    assert seen.probabilities is not None
    powers = np.exp(seen.logits.astype(np.float64))
    np.testing.assert_allclose(seen.probabilities, powers / powers.sum(), rtol=1e-5)
    assert seen.probabilities.shape == (10,)


def test_dropout_and_batch_statistics_are_those_after_training():
    seen = trace(NETWORK, weights_of(NETWORK), image())
    weights = weights_of(NETWORK)
    np.testing.assert_array_equal(seen.outputs[4], seen.outputs[3])  # dropout is off
    assert seen.outputs[0] is not None
    assert seen.outputs[1] is not None
    mean, variance = (weights[f"batch_norm_1.running_{name}"][:, None, None] for name in ("mean", "var"))
    np.testing.assert_allclose(seen.outputs[1], (seen.outputs[0] - mean) / np.sqrt(variance + 1e-5), atol=1e-5)


def test_a_layer_that_is_off_shows_what_reaches_it():
    seen = trace(NETWORK, weights_of(NETWORK), image())
    np.testing.assert_array_equal(seen.outputs[5], seen.outputs[4])


def test_outputs_are_copies_that_nobody_can_change():
    seen = trace(NETWORK, weights_of(NETWORK), image())
    arrays = [output for output in seen.outputs if output is not None]
    arrays += [array for array in (seen.logits, seen.probabilities) if array is not None]
    assert len(arrays) == 10
    for index, array in enumerate(arrays):
        assert array.dtype == np.float32
        assert not array.flags.writeable
        assert array.flags.owndata
        assert not any(np.shares_memory(array, other) for other in arrays[:index])


def test_the_layers_before_a_problem_are_traced():
    broken = NETWORK.removed(6)
    seen = trace(broken, initial_weights(broken, 0), image())
    assert [output is None for output in seen.outputs] == [False] * 6 + [True]
    assert seen.logits is None
    assert seen.probabilities is None


def test_a_network_without_a_head_has_maps_and_no_logits():
    bare = Network(layers=(Conv2d(filters=2),))
    seen = trace(bare, initial_weights(bare, 0), image())
    assert seen.outputs[0] is not None
    assert seen.outputs[0].shape == (2, 26, 26)
    assert seen.logits is None


def test_a_network_without_layers_has_nothing_to_show():
    seen = trace(Network(), {}, image())
    assert seen.outputs == ()
    assert seen.logits is None


def test_one_tracer_follows_new_images_weights_and_networks():
    tracer = Tracer()
    other_network = NETWORK.replaced(0, Conv2d(filters=4))
    for network, seed in ((NETWORK, 0), (NETWORK, 0), (NETWORK, 1), (other_network, 1), (NETWORK, 0)):
        weights = initial_weights(network, seed)
        for picture in (image(1), image(2)):
            ours, fresh = tracer.trace(network, weights, picture), trace(network, weights, picture)
            np.testing.assert_array_equal(ours.logits, fresh.logits)
            assert ours.network is network
    first, second = (tracer.trace(NETWORK, initial_weights(NETWORK, seed), image()) for seed in (0, 1))
    assert not np.array_equal(np.asarray(first.logits), np.asarray(second.logits))


def test_a_trace_knows_the_weights_it_was_made_with():
    weights = weights_of(NETWORK)
    assert trace(NETWORK, weights, image()).weights is weights


def test_an_image_is_not_changed():
    picture = image()
    before = picture.copy()
    trace(Network(layers=(Activation(function="tanh"),)), {}, picture)
    np.testing.assert_array_equal(picture, before)


def test_a_map_that_is_switched_off_is_zero_and_the_layers_behind_see_that():
    weights, off = weights_of(NETWORK), frozenset({("conv_1", 2), ("dense_1", 0)})
    seen, whole = trace(NETWORK, weights, image(), off), trace(NETWORK, weights, image())
    module = build_module(NETWORK).eval()
    load_weights(module, weights)
    with torch.inference_mode():
        x = torch.tensor(image())[None]
        for operation, output in zip(module.operations, seen.outputs, strict=True):
            x = operation(x).clone()
            if len(x.shape) == 4 and output is seen.outputs[0]:
                x[:, 2] = 0
            if output is seen.outputs[-1]:
                x[:, 0] = 0
            np.testing.assert_array_equal(output, x[0].numpy())
    assert seen.switched_off == off
    assert whole.switched_off == frozenset()
    assert not np.array_equal(np.asarray(seen.logits), np.asarray(whole.logits))
    assert np.asarray(seen.logits)[0] == 0


def test_what_is_switched_off_although_it_is_not_there_changes_nothing():
    off = frozenset({("conv_1", 5), ("conv_1", -1), ("conv_9", 0)})
    seen, whole = (trace(NETWORK, weights_of(NETWORK), image(), these) for these in (off, frozenset()))
    np.testing.assert_array_equal(seen.logits, whole.logits)


def test_a_map_of_a_layer_that_is_off_can_be_held_at_zero_without_touching_what_reaches_it():
    network = Network((2, 3, 3), (Activation(enabled=False), Dropout()))
    picture = np.ones((2, 3, 3), np.float32)
    seen = trace(network, {}, picture, frozenset({("activation_1", 0)}))
    assert seen.outputs[0] is not None
    assert seen.outputs[0].sum((1, 2)).tolist() == [0, 9]
    assert seen.image.all()
