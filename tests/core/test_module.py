"""The module against torch's own layers with the same weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from convscope.core.layers import (
    Activation,
    AveragePool,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool,
    Layer,
    MaxPool,
    MinPool,
    MisfitError,
    Reshape,
    SumPool,
)
from convscope.core.module import Stack, build_module, load_weights, read_weights
from convscope.core.network import Network
from convscope.core.weights import frozen, initial_weights


def made(layer: Layer, shape: tuple[int, int, int], seed: int = 0) -> Stack:
    """Return the module of one layer, with drawn weights, as after training."""
    network = Network(shape, (layer.changed(name="it"),))
    module = build_module(network, torch.Generator().manual_seed(seed))
    load_weights(module, initial_weights(network, 1))
    return module.eval()


def batch(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(7))


sizes = st.integers(1, 4) | st.tuples(st.integers(1, 4), st.integers(1, 4))
strides = st.integers(1, 3) | st.tuples(st.integers(1, 3), st.integers(1, 3))
sides = st.tuples(st.integers(1, 3), st.integers(1, 11), st.integers(1, 11))


def padded(x: Tensor, layer: Any, value: float = 0) -> Tensor:
    """Pad a batch as Keras does for "same": ceil(side / stride) values come out, an odd pixel goes to the end."""
    pads: list[int] = []
    dilation = getattr(layer, "dilation", 1)
    for axis in (1, 0):  # torch pads the last side first
        k, s, d = (v[axis] if isinstance(v, tuple) else v for v in (layer.kernel_size, layer.stride, dilation))
        side = x.shape[2 + axis]
        total = max(0, (-(-side // s) - 1) * s + d * (k - 1) + 1 - side)
        pads += [total // 2, total - total // 2]
    return functional.pad(x, pads, value=value)


@given(
    st.builds(
        Conv2d,
        filters=st.integers(1, 4),
        kernel_size=sizes,
        stride=strides,
        dilation=st.integers(1, 2),
        padding=st.sampled_from(["valid", "same"]) | st.integers(0, 6),
        bias=st.booleans(),
    ),
    sides,
)
def test_a_convolution_is_torchs_on_the_padded_maps(layer: Conv2d, shape: tuple[int, int, int]):
    assume(fits(layer, shape))
    module, x = made(layer, shape), batch(2, *shape)
    weights = {key: torch.tensor(array) for key, array in read_weights(module).items()}
    number = layer.padding if isinstance(layer.padding, int) else 0
    source = padded(x, layer) if layer.padding == "same" else functional.pad(x, [number] * 4)
    expected = functional.conv2d(
        source, weights["it.weight"], weights.get("it.bias"), layer.stride, dilation=layer.dilation
    )
    torch.testing.assert_close(module(x), expected)


@given(sizes, strides, st.sampled_from(["valid", "same"]) | st.integers(0, 2), sides)
def test_greatest_and_least_are_torchs_and_padding_never_counts(
    kernel: Any, stride: Any, padding: Any, shape: tuple[int, int, int]
):
    layer = MaxPool(kernel_size=kernel, stride=stride, padding=padding)
    assume(fits(layer, shape))
    x = batch(2, *shape) - 10  # below 0, so that a zero of the padding would win
    if padding == "same":
        expected = functional.max_pool2d(padded(x, layer, -torch.inf), kernel, stride)
    else:
        expected = functional.max_pool2d(x, kernel, stride, 0 if padding == "valid" else padding)
    torch.testing.assert_close(made(layer, shape)(x), expected)
    least = made(MinPool(kernel_size=kernel, stride=stride, padding=padding), shape)
    torch.testing.assert_close(least(-x), -expected)


@given(sizes, strides, st.sampled_from(["valid", "same"]) | st.integers(0, 2), sides)
def test_a_mean_leaves_the_padding_out_and_a_sum_adds_zeros(
    kernel: Any, stride: Any, padding: Any, shape: tuple[int, int, int]
):
    layer = AveragePool(kernel_size=kernel, stride=stride, padding=padding)
    assume(fits(layer, shape))
    x = batch(2, *shape)
    height, width = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    if padding == "same":
        means, shares = (
            functional.avg_pool2d(padded(values, layer), kernel, stride) for values in (x, torch.ones_like(x))
        )
        expected, total = means / shares, means * height * width
    else:
        number = 0 if padding == "valid" else padding
        expected = functional.avg_pool2d(x, kernel, stride, number, count_include_pad=False)
        total = functional.avg_pool2d(x, kernel, stride, number) * height * width
    torch.testing.assert_close(made(layer, shape)(x), expected)
    sums = made(SumPool(kernel_size=kernel, stride=stride, padding=padding), shape)
    torch.testing.assert_close(sums(x), total)


def fits(layer: Layer, shape: tuple[int, int, int]) -> bool:
    try:
        layer.output_shape(shape)
    except MisfitError:
        return False
    return True


def test_same_padding_with_a_stride_begins_at_the_first_pixel_as_in_keras():
    module = made(Conv2d(filters=1, kernel_size=(1, 3), stride=(1, 2), padding="same", bias=False), (1, 1, 6))
    load_weights(module, frozen({"it.weight": np.ones((1, 1, 1, 3), np.float32)}))
    row = torch.tensor([1.0, 2, 3, 4, 5, 6]).reshape(1, 1, 1, 6)
    assert module(row).flatten().tolist() == [6, 12, 11]  # PyTorch's symmetric padding would give 3, 9, 15
    mean = made(AveragePool(kernel_size=(1, 3), stride=(1, 2), padding="same"), (1, 1, 6))
    assert mean(row).flatten().tolist() == [2, 4, 5.5]


ORACLES: dict[str, nn.Module] = {
    "identity": nn.Identity(),
    "logistic": nn.Sigmoid(),
    "tanh": nn.Tanh(),
    "relu": nn.ReLU(),
    "leaky_relu": nn.LeakyReLU(0.2),
    "prelu": nn.PReLU(init=0.2),
    "rrelu": nn.RReLU(0.1, 0.5),
    "elu": nn.ELU(0.7),
    "softplus": nn.Softplus(),
    "gelu": nn.GELU(),
}
VALUES = torch.tensor([-30.0, -3, -1, -0.5, -1e-3, 0, 1e-3, 0.5, 1, 3, 30])


def activation(function: str) -> Stack:
    layer = Activation(function=function, slope=0.2, alpha=0.7, lower=0.1, upper=0.5)
    return made(layer, (1, 1, len(VALUES)))


@pytest.mark.parametrize("function", ORACLES)
def test_an_activation_is_torchs(function: str):
    x = VALUES.reshape(1, 1, 1, -1)
    torch.testing.assert_close(activation(function)(x), ORACLES[function].eval()(x))


@pytest.mark.parametrize(
    ("function", "formula"), [("arctan", np.arctan), ("binary_step", lambda x: np.where(x >= 0, 1.0, 0.0))]
)
def test_an_activation_that_torch_lacks_is_numpys(function: str, formula: Any):
    computed = activation(function)(VALUES.reshape(1, 1, 1, -1)).flatten().numpy()
    np.testing.assert_allclose(computed, formula(VALUES.numpy()), rtol=1e-6)


def test_random_slopes_lie_between_their_limits_and_differ_by_seed():
    layer = Activation(function="rrelu", lower=0.1, upper=0.5)
    x = -torch.ones(4, 1, 50, 50)
    slopes = -made(layer, (1, 50, 50)).train()(x)
    assert 0.1 <= slopes.min() < 0.11
    assert 0.49 < slopes.max() <= 0.5
    assert slopes.mean().item() == pytest.approx(0.3, abs=0.005)
    assert torch.equal(made(layer, (1, 50, 50)).train()(x), -slopes)
    assert not torch.equal(made(layer, (1, 50, 50), seed=1).train()(x), -slopes)
    assert torch.equal(made(layer, (1, 50, 50)).train()(-x), -x)


@pytest.mark.parametrize("rate", [0.25, 0.5, 0.9])
def test_dropout_switches_off_its_share_and_scales_the_others(rate: float):
    x = torch.full((20, 5, 10, 10), 3.0)
    out = made(Dropout(rate=rate), (5, 10, 10)).train()(x)
    off = (out == 0).float().mean().item()
    assert off == pytest.approx(rate, abs=0.02)
    torch.testing.assert_close(out[out != 0], torch.full_like(out[out != 0], 3 / (1 - rate)))
    assert out.mean().item() == pytest.approx(3, rel=0.05)
    by_map = (out == 0).flatten(2).float().mean(2)
    assert ((by_map > 0) & (by_map < 1)).all()  # single units, not whole maps


def test_dropout_of_whole_maps_leaves_none_half():
    out = made(Dropout(rate=0.5, mode="maps"), (50, 4, 4)).train()(torch.ones(40, 50, 4, 4))
    sums = out.flatten(2).sum(2)
    assert set(sums.unique().tolist()) == {0.0, 32.0}
    assert (sums == 0).float().mean().item() == pytest.approx(0.5, abs=0.05)
    assert (sums[0] != sums[1]).any()  # every image has its own


def test_dropout_of_a_vector_in_maps_mode_drops_units():
    network = Network((1, 10, 10), (Flatten(), Dropout(rate=0.5, mode="maps")))
    out = build_module(network).train()(torch.ones(50, 1, 10, 10))
    assert (out == 0).float().mean().item() == pytest.approx(0.5, abs=0.05)
    assert 0 < (out[0] == 0).sum() < 100


def test_dropout_is_off_after_training_and_at_rate_0():
    x = batch(3, 5, 10, 10)
    assert torch.equal(made(Dropout(rate=0.9), (5, 10, 10))(x), x)
    assert torch.equal(made(Dropout(rate=0.0), (5, 10, 10)).train()(x), x)


def test_dropout_masks_follow_the_generator_alone():
    first, second, other = (made(Dropout(), (5, 10, 10), seed).train() for seed in (0, 0, 1))
    x = torch.ones(2, 5, 10, 10)
    torch.manual_seed(1)
    drawn = first(x)
    torch.manual_seed(2)
    assert torch.equal(second(x), drawn)
    assert not torch.equal(other(x), drawn)
    assert not torch.equal(first(x), drawn)  # every step has a new mask


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("flat", [False, True])
def test_batch_norm_is_torchs_in_training_and_after(scale: bool, flat: bool):
    layer = BatchNorm(momentum=0.3, eps=1e-3, scale=scale, name="it")
    network = Network((3, 4, 4), (Flatten(), layer) if flat else (layer,))
    channels = 48 if flat else 3
    oracle = (nn.BatchNorm1d if flat else nn.BatchNorm2d)(channels, eps=1e-3, momentum=0.3)
    random = np.random.default_rng(0)
    weights = {
        f"it.{key}": random.uniform(0.5, 2, channels).astype(np.float32)
        for key in ("weight", "bias", "running_mean", "running_var")
    }
    with torch.no_grad():
        for key, array in weights.items():
            if key != "it.weight" or scale:
                getattr(oracle, key.removeprefix("it.")).copy_(torch.tensor(array))
    module = build_module(network).train()
    load_weights(module, frozen(weights))
    for step in range(3):
        x = batch(6, 3, 4, 4) * (step + 1)
        torch.testing.assert_close(module(x), oracle(x.flatten(1) if flat else x))
    kept = read_weights(module)
    for key in ("running_mean", "running_var"):
        np.testing.assert_allclose(kept[f"it.{key}"], getattr(oracle, key).numpy(), rtol=1e-5)
    assert ("it.weight" in kept) is scale
    x = batch(2, 3, 4, 4)
    torch.testing.assert_close(module.eval()(x), oracle.eval()(x.flatten(1) if flat else x))


def test_flatten_reshape_and_global_mean_keep_torchs_order():
    x = batch(2, 3, 4, 5)
    assert torch.equal(made(Flatten(), (3, 4, 5))(x), nn.Flatten()(x))
    assert torch.equal(made(Reshape(target=(5, 2, 6)), (3, 4, 5))(x), nn.Unflatten(1, (5, 2, 6))(x.flatten(1)))
    torch.testing.assert_close(made(GlobalAveragePool(), (3, 4, 5))(x), nn.AdaptiveAvgPool2d(1)(x).flatten(1))


@pytest.mark.parametrize("bias", [True, False])
def test_a_dense_layer_is_torchs(bias: bool):
    network = Network((1, 2, 3), (Flatten(), Dense(units=4, bias=bias)))
    weights = initial_weights(network, 0)
    oracle = nn.Linear(6, 4, bias=bias)
    oracle.load_state_dict({key.partition(".")[2]: torch.tensor(array) for key, array in weights.items()})
    module = build_module(network)
    load_weights(module, weights)
    x = batch(5, 1, 2, 3)
    torch.testing.assert_close(module(x), oracle(x.flatten(1)))


TWO = Network((1, 6, 6), (Conv2d(filters=2), Activation(), Flatten(), Dense()))


def test_weights_that_were_loaded_are_read_back():
    weights = initial_weights(TWO, 3)
    module = build_module(TWO)
    load_weights(module, weights)
    read = read_weights(module)
    assert read.keys() == weights.keys()
    for key in weights:
        np.testing.assert_array_equal(read[key], weights[key])


def test_what_was_read_does_not_follow_the_module():
    module = build_module(TWO)
    load_weights(module, initial_weights(TWO, 3))
    read = read_weights(module)
    before = read["dense_1.bias"].copy()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(1)
    np.testing.assert_array_equal(read["dense_1.bias"], before)
    assert not read["dense_1.bias"].flags.writeable


def test_what_has_not_changed_is_the_same_array():
    module = build_module(TWO)
    load_weights(module, initial_weights(TWO, 3))
    before = read_weights(module)
    with torch.no_grad():
        module.get_parameter("operations.0.weight").add_(1)
    after = read_weights(module, before)
    assert after["conv_1.bias"] is before["conv_1.bias"]
    assert after["dense_1.weight"] is before["dense_1.weight"]
    np.testing.assert_array_equal(after["conv_1.weight"], before["conv_1.weight"] + 1)


def test_weights_of_other_layers_are_handed_on():
    other = np.ones(3, np.float32)
    module = build_module(TWO)
    load_weights(module, initial_weights(TWO, 3))
    assert read_weights(module, {"off_1.bias": other, "dense_1.bias": other})["off_1.bias"] is other
    assert read_weights(module, {"dense_1.bias": other})["dense_1.bias"].shape == (10,)


def test_a_missing_array_is_an_error():
    with pytest.raises(KeyError, match=r"conv_1\.weight"):
        load_weights(build_module(TWO), {})


def test_outputs_are_those_of_each_layer_and_the_last_is_the_result():
    module = build_module(TWO)
    load_weights(module, initial_weights(TWO, 3))
    x = batch(2, 1, 6, 6)
    outputs = module.outputs(x)
    assert [tuple(output.shape[1:]) for output in outputs] == [(2, 4, 4), (2, 4, 4), (32,), (10,)]
    assert torch.equal(outputs[-1], module(x))
    assert torch.equal(outputs[1], outputs[0].relu())


def test_a_layer_that_is_off_passes_and_keeps_no_parameters():
    module = build_module(TWO.toggled(1).inserted(0, Conv2d(filters=1, kernel_size=1, enabled=False)))
    assert not any(key.startswith("conv_2") for key in read_weights(module))
    load_weights(module, initial_weights(TWO, 3))
    x = batch(2, 1, 6, 6)
    outputs = module.outputs(x)
    assert torch.equal(outputs[0], x)
    assert torch.equal(outputs[2], outputs[1])


def test_only_the_layers_before_a_problem_are_built():
    module = build_module(TWO.removed(2))
    assert not module.complete
    assert module.names == ("conv_1", "activation_1")
    assert build_module(TWO).complete
