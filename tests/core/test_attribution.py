"""Gradients and Grad-CAM against a network written out by hand in torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from convscope.core.attribution import grad_cam, input_gradient, map_layer
from convscope.core.layers import Activation, Conv2d, Dense, Dropout, Flatten, GlobalAveragePool, Layer, MaxPool
from convscope.core.network import Network
from convscope.core.trace import trace
from convscope.core.weights import Weights, initial_weights

NETWORK = Network(
    (2, 12, 9),
    (
        Conv2d(filters=4, padding="same"),
        Activation(function="tanh"),
        Conv2d(filters=3, kernel_size=2, enabled=False),
        MaxPool(),
        Dropout(rate=0.9),
        Conv2d(filters=5, trainable=False),
        Activation(),
        Flatten(),
        Dense(units=10),
    ),
)


def weights_of(seed: int) -> Weights:
    return initial_weights(NETWORK, seed)


def image_of(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((2, 12, 9), np.float32)


def by_hand(weights: Weights, image: np.ndarray) -> tuple[torch.Tensor, dict[int, torch.Tensor], torch.Tensor]:
    """Return the image, the maps of each layer, and the logits."""
    arrays = {key: torch.tensor(array) for key, array in weights.items()}
    x = torch.tensor(image)[None].requires_grad_()
    maps = {0: functional.conv2d(x, arrays["conv_1.weight"], arrays["conv_1.bias"], padding=1)}
    maps[1] = maps[2] = maps[0].tanh()
    maps[3] = maps[4] = functional.max_pool2d(maps[1], 2)
    maps[5] = functional.conv2d(maps[4], arrays["conv_3.weight"], arrays["conv_3.bias"])
    maps[6] = maps[5].relu()
    logits = functional.linear(maps[6].flatten(1), arrays["dense_1.weight"], arrays["dense_1.bias"])
    return x, maps, logits[0]


def cam_by_hand(maps: torch.Tensor, logit: torch.Tensor) -> np.ndarray:
    gradient = torch.autograd.grad(logit, maps, retain_graph=True)[0]
    total = torch.zeros(1, 1, *maps.shape[2:])
    for channel in range(maps.shape[1]):
        total += gradient[0, channel].mean() * maps[0, channel]
    return functional.interpolate(total.clamp(min=0), (12, 9), mode="bilinear")[0, 0].detach().numpy()


@given(st.integers(0, 99), st.integers(0, 9))
@settings(max_examples=15)
def test_the_gradient_is_that_of_the_classs_logit(seed: int, klass: int):
    weights, image = weights_of(seed), image_of(seed)
    x, _, logits = by_hand(weights, image)
    logits[klass].backward()
    assert x.grad is not None
    found = input_gradient(NETWORK, weights, image, klass)
    np.testing.assert_allclose(found, x.grad[0].numpy(), rtol=1e-4, atol=1e-6)
    assert found.dtype == np.float32
    assert not found.flags.writeable


def test_a_step_along_the_gradient_raises_the_logit_as_much_as_it_says():
    weights, image = weights_of(1), image_of(1)
    gradient = input_gradient(NETWORK, weights, image, 7)
    step = (1e-3 * gradient / np.linalg.norm(gradient)).astype(np.float32)
    before, after = (trace(NETWORK, weights, picture).logits for picture in (image, image + step))
    assert before is not None
    assert after is not None
    assert after[7] - before[7] == pytest.approx(1e-3 * np.linalg.norm(gradient), rel=0.05)


@pytest.mark.parametrize("layer", [0, 1, 2, 3, 4, 5, 6, None])
@pytest.mark.parametrize("klass", [0, 4, 9])
def test_grad_cam_is_the_papers_formula(layer: int | None, klass: int):
    weights, image = weights_of(3), image_of(3)
    _, maps, logits = by_hand(weights, image)
    found = grad_cam(NETWORK, weights, image, klass, layer)
    expected = cam_by_hand(maps[6 if layer is None else layer], logits[klass])
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)
    assert found.shape == (12, 9)
    assert not found.flags.writeable


def test_some_class_is_spoken_for():
    weights, image = weights_of(3), image_of(3)
    assert any(grad_cam(NETWORK, weights, image, klass).any() for klass in range(10))


def test_maps_that_are_switched_off_speak_for_nothing():
    weights, image = weights_of(3), image_of(3)
    off = frozenset(("activation_2", channel) for channel in range(5))
    assert not grad_cam(NETWORK, weights, image, 4, switched_off=off).any()
    assert not input_gradient(NETWORK, weights, image, 4, off).any()
    one = frozenset({("conv_1", 0)})
    assert not np.array_equal(
        input_gradient(NETWORK, weights, image, 4), input_gradient(NETWORK, weights, image, 4, one)
    )


def test_weights_and_image_stay_as_they_are():
    weights, image = weights_of(3), image_of(3)
    before = {key: array.copy() for key, array in weights.items()}
    grad_cam(NETWORK, weights, image, 4)
    input_gradient(NETWORK, weights, image, 4)
    np.testing.assert_array_equal(image, image_of(3))
    for key, array in before.items():
        np.testing.assert_array_equal(weights[key], array)


def network_of(*layers: Layer) -> Network:
    return Network((1, 4, 4), layers)


def test_a_binary_step_lets_no_gradient_back_but_one_before_the_layer_does_no_harm():
    step = Activation(function="binary_step")
    behind = network_of(Conv2d(filters=3), step, Flatten(), step.changed(enabled=False), Dense(units=10))
    weights, image = initial_weights(behind, 0), np.ones((1, 4, 4), np.float32)
    with pytest.raises(ValueError, match="binary step in activation_1 has no slope"):
        input_gradient(behind, weights, image, 0)
    with pytest.raises(ValueError, match="binary step in activation_1 has no slope"):
        grad_cam(behind, weights, image, 0, 0)
    assert grad_cam(behind, weights, image, 0, 1).shape == (4, 4)


def test_a_network_with_a_problem_has_no_score():
    broken = network_of(Conv2d(filters=3))
    for ask in (input_gradient, grad_cam):
        with pytest.raises(ValueError, match=r"no score to look behind yet\. The last layer gives maps"):
            ask(broken, initial_weights(broken, 0), np.zeros((1, 4, 4), np.float32), 0)


@pytest.mark.parametrize("klass", [-1, 10])
def test_a_class_that_is_not_there_is_refused(klass: int):
    with pytest.raises(ValueError, match="classes 0 to 9"):
        input_gradient(NETWORK, weights_of(0), image_of(0), klass)


def test_a_network_without_weights_is_refused():
    with pytest.raises(ValueError, match=r"'conv_1\.weight' are missing\. Draw or load"):
        input_gradient(NETWORK, {}, image_of(0), 0)


def test_an_image_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="image is 4×4×1, but the network takes 12×9×2"):
        grad_cam(NETWORK, weights_of(0), np.zeros((1, 4, 4), np.float32), 0)


def test_grad_cam_needs_a_layer_with_maps():
    flat = network_of(Flatten(), Dense(units=10))
    with pytest.raises(ValueError, match="No layer of this network gives maps"):
        grad_cam(flat, initial_weights(flat, 0), np.zeros((1, 4, 4), np.float32), 0)
    pooled = network_of(Conv2d(filters=10), GlobalAveragePool())
    assert map_layer(pooled) == map_layer(pooled, 0) == 0
    with pytest.raises(ValueError, match=r"global_pool_1 gives no maps, .*\. Choose conv_1"):
        map_layer(pooled, 1)
    for place in (-1, 2):
        with pytest.raises(ValueError, match="That place gives no maps"):
            map_layer(pooled, place)
