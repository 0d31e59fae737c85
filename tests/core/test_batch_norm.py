"""One channel of batch norm against PyTorch: the batch's figures, the running ones, and the changes to a network."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from convscope.core.batch_norm import (
    ChannelBatch,
    affordable_images,
    batches_to_forget,
    channel_batch,
    mini_batch,
    spreads,
    switched_off,
)
from convscope.core.batch_norm_changes import (
    batch_norms,
    has_bias,
    layer_before,
    nearest_batch_norm,
    with_batch_norm,
    with_bias,
    without_batch_norm,
    without_bias,
)
from convscope.core.data.dataset import Dataset, Examples
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, MaxPool
from convscope.core.mode import Mode, companions, traced_batch
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.trace import Trace, trace
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import Weights, check_weights, frozen, initial_weights

SIDE, CLASSES = 6, 3
LAYERS = (
    Conv2d(filters=4),
    BatchNorm(),
    Activation(),
    Flatten(),
    Dense(units=5),
    BatchNorm(momentum=0.3, scale=False),
    Dense(units=CLASSES),
)
NETWORK = Network((1, SIDE, SIDE), LAYERS, CLASSES)


def weights_of(network: Network, seed: int = 0) -> Weights:
    """Return weights whose batch norms are no longer as at the beginning."""
    random = np.random.default_rng(seed)
    arrays = dict(initial_weights(network, seed))
    for key, array in arrays.items():
        if key.startswith("batch_norm"):
            arrays[key] = random.uniform(0.5, 2, array.shape).astype(np.float32)
    return frozen(arrays)


def images_of(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((count, 1, SIDE, SIDE), dtype=np.float32)


def torchs_layer(weights: Weights, name: str, momentum: float, channels: int) -> nn.BatchNorm1d | nn.BatchNorm2d:
    """Return PyTorch's own batch norm with the same arrays."""
    kind = nn.BatchNorm2d if name == "batch_norm_1" else nn.BatchNorm1d
    layer = kind(channels, momentum=momentum)
    arrays = {key: torch.tensor(weights[f"{name}.{key}"]) for key in layer.state_dict() if f"{name}.{key}" in weights}
    layer.load_state_dict(layer.state_dict() | arrays)
    return layer


@given(st.integers(2, 9), st.integers(0, 3), st.integers(0, 1000))
@settings(max_examples=15)
def test_a_channel_of_maps_is_normalised_as_by_torch(count: int, channel: int, seed: int) -> None:
    weights, images = weights_of(NETWORK, seed), images_of(count, seed)
    found = channel_batch(NETWORK, weights, images, 1, channel)
    conv = nn.functional.conv2d(
        torch.tensor(images), torch.tensor(weights["conv_1.weight"]), torch.tensor(weights["conv_1.bias"])
    )
    layer = torchs_layer(weights, "batch_norm_1", 0.1, 4)
    layer.eval()
    by_running = layer(conv)[:, channel].detach().numpy()
    layer.train()
    by_batch = layer(conv)[:, channel].detach().numpy()
    np.testing.assert_allclose(found.before, conv[:, channel].numpy(), atol=1e-6)
    np.testing.assert_allclose(found.after, by_batch, atol=2e-5)
    np.testing.assert_allclose(found.after_running, by_running, atol=2e-5)
    assert found.mean == pytest.approx(conv[:, channel].mean().item(), abs=1e-6)
    assert found.variance == pytest.approx(conv[:, channel].var(unbiased=False).item(), rel=1e-4)
    assert layer.running_mean is not None
    assert layer.running_var is not None
    assert found.next_running_mean == pytest.approx(layer.running_mean[channel].item(), abs=1e-6)
    assert found.next_running_variance == pytest.approx(layer.running_var[channel].item(), rel=1e-5)


def test_a_channel_of_a_vector_without_scale_is_normalised_as_by_torch() -> None:
    weights, images = weights_of(NETWORK), images_of(7)
    before = dict(weights)
    found = channel_batch(NETWORK, weights, images, 5, 2)
    assert found.before.shape == (7,)
    assert not found.has_scale
    x = torch.tensor(np.stack([channel_batch(NETWORK, weights, images, 5, unit).before for unit in range(5)], 1))
    layer = torchs_layer(weights, "batch_norm_2", 0.3, 5)
    np.testing.assert_allclose(found.after, layer(x)[:, 2].detach().numpy(), atol=2e-5)
    assert layer.running_var is not None
    assert found.next_running_variance == pytest.approx(layer.running_var[2].item(), rel=1e-5)
    assert all(weights[key] is array for key, array in before.items())  # the running averages stay what they are


def test_other_scale_and_shift_give_what_torch_gives_with_them() -> None:
    weights, images = weights_of(NETWORK), images_of(5)
    found = channel_batch(NETWORK, weights, images, 1, 3).with_scale(-1.5, 0.25)
    for key, value in (("weight", -1.5), ("bias", 0.25)):
        array = weights[f"batch_norm_1.{key}"].copy()
        array[3] = value
        weights = frozen({**weights, f"batch_norm_1.{key}": array})
    np.testing.assert_array_equal(found.after, channel_batch(NETWORK, weights, images, 1, 3).after)


def test_dropout_before_the_layer_is_on_and_drawn_by_the_seed() -> None:
    network = NETWORK.inserted(4, Dropout(rate=0.5))
    weights, images = weights_of(network), images_of(8)
    first, again, other = (channel_batch(network, weights, images, 6, 0, seed=seed).before for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_batch_of_one_has_no_spread_in_a_vector_and_torch_refuses_it() -> None:
    weights, images = weights_of(NETWORK), images_of(6)
    alone = channel_batch(NETWORK, weights, images, 5, 1).alone()
    assert (alone.count, alone.variance) == (1, 0.0)
    assert alone.after == pytest.approx(float(weights["batch_norm_2.bias"][1]))  # whatever came in
    assert math.isnan(alone.next_running_variance)
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        torchs_layer(weights, "batch_norm_2", 0.1, 5)(torch.zeros(1, 5))
    maps = channel_batch(NETWORK, weights, images, 1, 1).alone()
    assert maps.count == (SIDE - 2) ** 2
    assert maps.mean == pytest.approx(float(maps.before[0].mean()), abs=1e-6)


def test_a_layer_before_that_cannot_normalise_one_image_is_named() -> None:
    network = NETWORK.inserted(6, BatchNorm())
    with pytest.raises(ValueError, match=r"batch_norm_2 .* larger batch"):
        channel_batch(network, weights_of(network), images_of(1), 6, 0)


def test_what_is_no_batch_norm_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="conv_1"):
        channel_batch(NETWORK, weights_of(NETWORK), images_of(2), 0, 0)
    with pytest.raises(ValueError, match=r"conv_1\.weight"):
        channel_batch(NETWORK, frozen({}), images_of(2), 1, 0)


@given(st.floats(0.001, 0.999), st.floats(0.001, 0.5))
@settings(max_examples=30)
def test_running_averages_forget_by_the_momentum(momentum: float, share: float) -> None:
    count = batches_to_forget(momentum, share)
    assert count is not None
    kept = math.exp(count * math.log1p(-momentum))
    assert kept <= share * (1 + 1e-9)
    assert kept / (1 - momentum) >= share * (1 - 1e-9)


def test_a_momentum_of_0_never_forgets_and_1_at_once() -> None:
    assert batches_to_forget(0, 0.1) is None
    assert batches_to_forget(1, 0.1) == 1


def dataset_of(count: int) -> Dataset:
    images = np.arange(count, dtype=np.uint8)[:, None, None, None] * np.ones((1, 1, SIDE, SIDE), np.uint8)
    examples = Examples(images, np.zeros(count, np.int64))
    return Dataset("numbered", "Numbered", examples, examples.taken(slice(0, 2)), tuple("abc"))


@pytest.mark.parametrize("held_out", ["test", "train"])
def test_a_mini_batch_is_the_drawing_and_training_images_chosen_by_the_seed(held_out: str) -> None:
    dataset, drawing = dataset_of(200), np.full((1, SIDE, SIDE), 0.5, np.float32)
    config = TrainingConfig(batch_size=9, train_size=20, held_out=held_out, validation_size=2, seed=3)
    batch = mini_batch(NETWORK, dataset, config, drawing, 1, seed=5)
    assert batch.shape == (9, 1, SIDE, SIDE)
    np.testing.assert_array_equal(batch[0], drawing)
    numbers = {round(float(image[0, 0, 0]) * 255) for image in batch[1:]}
    training, _ = dataset.split(20, 2, held_out=held_out, seed=3)
    assert len(numbers) == 8
    assert numbers <= {int(image[0, 0, 0]) for image in training.images}
    other = mini_batch(NETWORK, dataset, config, drawing, 1, seed=6)
    assert not np.array_equal(batch, other)


def test_a_large_network_gets_a_smaller_batch() -> None:
    large = Network((3, 224, 224), (Conv2d(filters=64), BatchNorm(), Activation(), Flatten(), Dense(units=3)), 3)
    assert affordable_images(large) < 10 < affordable_images(NETWORK)


def channels_of(seen: Trace, layer: int, images: np.ndarray) -> list[ChannelBatch]:
    """Return every channel of a layer in the batch that was traced."""
    shape = seen.network.shape_at(layer)
    assert shape is not None
    where = seen.network, seen.weights, images, layer
    return [channel_batch(*where, channel, seed=seen.seed, off=seen.switched_off) for channel in range(shape[0])]


@pytest.mark.parametrize("frozen_layers", [(), (2,), (6,), (2, 6)])
def test_a_batch_is_normalised_as_the_trace_of_its_first_image(frozen_layers: tuple[int, ...]) -> None:
    network = NETWORK.inserted(0, Dropout(rate=0)).inserted(4, Dropout(rate=0.4))
    bn = [place for place, layer in enumerate(network.layers) if layer.kind == "batch_norm"]
    for place in (bn[0] if one == 2 else bn[1] for one in frozen_layers):
        network = network.replaced(place, network.layers[place].changed(trainable=False))
    config, data = TrainingConfig(batch_size=7), dataset_of(50)
    image, off = images_of(1)[0], frozenset({("conv_1", 2)})
    others = companions(data, config, traced_batch(network, 7) - 1, 3)
    seen = trace(network, weights_of(network), image, off, mode=Mode.TRAINING, seed=3, companions=others)
    for layer in bn:
        images = mini_batch(network, data, config, image, layer, seed=3)
        found = channels_of(seen, layer, images)
        assert len(images) == 7
        np.testing.assert_allclose([one.before[0] for one in found], np.asarray(seen.values(layer - 1)), atol=1e-5)
        np.testing.assert_allclose([one.after[0] for one in found], np.asarray(seen.values(layer)), atol=1e-4)
        statistics = seen.batch_statistics.get(network.layers[layer].name)
        assert (statistics is None) == (not found[0].trainable)
        if statistics is not None:
            assert statistics.count == found[0].count
            np.testing.assert_allclose([one.mean for one in found], statistics.mean, atol=1e-6)
            np.testing.assert_allclose([one.variance for one in found], statistics.variance, rtol=1e-4, atol=1e-7)


def test_no_batch_moves_the_averages_of_a_frozen_layer() -> None:
    network = NETWORK.replaced(1, NETWORK.layers[1].changed(trainable=False))
    found = channel_batch(network, weights_of(network), images_of(6), 1, 2)
    assert (found.next_running_mean, found.next_running_variance) == (found.running_mean, found.running_variance)
    np.testing.assert_array_equal(found.after, found.after_running)


def test_the_spread_without_batch_norm_is_that_of_a_network_that_has_none() -> None:
    weights, images = weights_of(NETWORK), images_of(10)
    found = spreads(NETWORK, weights, images)
    assert [one.name for one in found] == [layer.name for layer in NETWORK.layers]
    assert [one.name for one in found if one.is_batch_norm] == ["batch_norm_1", "batch_norm_2"]
    plain = NETWORK.removed(5).removed(1)
    others = {one.name: one for one in spreads(plain, weights, images)}
    for one in found:
        if not one.is_batch_norm:
            assert (one.mean_without, one.std_without) == (others[one.name].mean, others[one.name].std)
    normalised = channel_batch(NETWORK, weights, images, 5, 0)
    assert found[5].mean_without == found[4].mean_without
    assert found[5].std != found[5].std_without
    assert normalised.count == 10


def test_switching_off_leaves_the_other_layers() -> None:
    off = switched_off(NETWORK)
    assert batch_norms(off) == []
    assert [a == b for a, b in zip(NETWORK.layers, off.layers, strict=True)] == [i not in (1, 5) for i in range(7)]


@pytest.mark.parametrize("index", [1, 5])
def test_taking_the_bias_away_changes_no_answer(index: int) -> None:
    weights, images = weights_of(NETWORK), torch.tensor(images_of(6))
    assert batch_norms(NETWORK) == [1, 5]
    before = index - 1
    assert layer_before(NETWORK, index) == before
    changed, arrays = without_bias(NETWORK, weights, index)
    check_weights(changed, arrays)
    assert not has_bias(changed, before)
    np.testing.assert_allclose(answers(changed, arrays, images), answers(NETWORK, weights, images), atol=1e-5)
    back, again = with_bias(changed, arrays, index, seed=8)
    check_weights(back, again)
    assert back == NETWORK
    np.testing.assert_allclose(answers(back, again, images), answers(NETWORK, weights, images), atol=1e-5)


@pytest.mark.parametrize("index", [1, 5])
def test_in_training_the_bias_before_batch_norm_does_nothing(index: int) -> None:
    weights, images = weights_of(NETWORK), images_of(6)
    changed, arrays = without_bias(NETWORK, weights, index)
    one, other = (channel_batch(*pair, images, index, 0) for pair in ((NETWORK, weights), (changed, arrays)))
    bias = float(weights[f"{NETWORK.layers[index - 1].name}.bias"][0])
    assert one.mean - other.mean == pytest.approx(bias, abs=1e-6)
    np.testing.assert_allclose(one.after, other.after, atol=1e-4)


def answers(network: Network, weights: Weights, images: torch.Tensor) -> np.ndarray:
    from convscope.core.module import build_module, load_weights

    module = build_module(network).eval()
    load_weights(module, weights)
    with torch.inference_mode():
        return module(images).numpy()


def test_a_layer_behind_pooling_has_no_bias_to_take_away() -> None:
    network = NETWORK.inserted(1, MaxPool())
    assert layer_before(network, 2) is None
    assert layer_before(network.toggled(1), 2) == 0  # a layer that is off hands the values on


@pytest.mark.parametrize(("selected", "nearest"), [(-1, 1), (0, 1), (1, 1), (2, 1), (3, 5), (4, 5), (6, 5)])
def test_a_layer_finds_the_batch_norm_beside_it(selected: int, nearest: int) -> None:
    assert nearest_batch_norm(NETWORK, selected) == nearest
    assert nearest_batch_norm(switched_off(NETWORK), selected) is None


def test_batch_norm_is_put_behind_the_first_convolution_or_hidden_layer() -> None:
    plain = NETWORK.removed(5).removed(1)
    found = with_batch_norm(plain)
    assert found is not None
    assert (found.index, found.behind) == (1, "conv_1")
    assert batch_norms(found.network) == [1]
    dense = with_batch_norm(plain.removed(0))
    assert dense is not None
    assert dense.behind == "dense_1"
    softmax = Network((1, SIDE, SIDE), (Flatten(), Dense(units=CLASSES)), CLASSES)
    assert with_batch_norm(softmax) is None


def test_without_batch_norm_the_same_weights_are_drawn_and_the_layers_get_biases() -> None:
    network = preset("cnn-batchnorm").network
    changed, arrays = without_batch_norm(network, 7, "pytorch")
    check_weights(changed, arrays)
    first = initial_weights(network, 7)
    for key, array in first.items():
        np.testing.assert_array_equal(arrays[key], array)
    assert batch_norms(changed) == []
    assert "conv_1.bias" in arrays
    assert "conv_1.bias" not in first
