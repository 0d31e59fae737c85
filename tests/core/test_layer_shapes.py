"""Shapes, parameters, costs and receptive fields against PyTorch, on random stacks of layers."""

from __future__ import annotations

import json
from math import prod
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

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
    Window,
)
from convscope.core.module import build_module, load_weights
from convscope.core.network import Network
from convscope.core.weights import initial_weights

FUNCTIONS = ["relu", "tanh", "prelu", "rrelu", "gelu"]


def sizes(low: int, high: int) -> st.SearchStrategy[Any]:
    return st.integers(low, high) | st.tuples(st.integers(low, high), st.integers(low, high))


def paddings(high: int) -> st.SearchStrategy[Any]:
    return st.sampled_from(["valid", "same"]) | sizes(0, high)


convolutions = st.builds(
    Conv2d,
    filters=st.integers(1, 5),
    kernel_size=sizes(1, 5),
    stride=sizes(1, 3),
    padding=paddings(3),
    dilation=sizes(1, 2),
    bias=st.booleans(),
)
pool_settings: dict[str, Any] = {"kernel_size": sizes(1, 4), "stride": sizes(1, 3), "padding": paddings(2)}
pools = st.one_of(*(st.builds(kind, **pool_settings) for kind in (MaxPool, AveragePool, MinPool, SumPool)))
anywhere = st.one_of(
    st.builds(BatchNorm, scale=st.booleans()),
    st.builds(Dropout, mode=st.sampled_from(["units", "maps"])),
    st.builds(Activation, function=st.sampled_from(FUNCTIONS)),
    st.builds(Flatten),
)
switches = st.sampled_from([True, True, True, False])


def reshapes(shape: tuple[int, ...]) -> st.SearchStrategy[Layer]:
    """Return reshapes of `shape` into a vector or into maps."""
    values = prod(shape)
    divisors = [n for n in range(1, values + 1) if values % n == 0]
    maps = st.sampled_from(divisors).map(lambda n: (values // n, 1, n))
    return (maps | st.just((values,))).map(lambda target: Reshape(target=target))


@st.composite
def networks(draw: st.DrawFn, side: int = 12, most: int = 8) -> Network:
    """Draw a network in which every layer but the missing head works."""
    shape: tuple[int, ...] = (draw(st.integers(1, 3)), draw(st.integers(1, side)), draw(st.integers(1, side)))
    first, layers = shape, list[Layer]()
    for _ in range(draw(st.integers(1, most))):
        kinds = [anywhere, reshapes(shape)]
        kinds += [convolutions, pools, st.builds(GlobalAveragePool)] if len(shape) == 3 else []
        kinds += [st.builds(Dense, units=st.integers(1, 9), bias=st.booleans())] if len(shape) == 1 else []
        layer = draw(st.one_of(kinds)).changed(enabled=draw(switches))
        if layer.enabled:
            try:
                shape = layer.output_shape(shape)
            except MisfitError:
                continue
        layers.append(layer)
    return Network((first[0], first[1], first[2]), tuple(layers))


@given(networks())
def test_every_shape_and_parameter_is_what_torch_has(network: Network):
    module = build_module(network)
    load_weights(module, initial_weights(network, 0))
    outputs = (
        module.train()(torch.rand(2, *network.input_shape)),
        module.eval().outputs(torch.rand(3, *network.input_shape)),
    )
    assert outputs[0].shape[0] == 2
    for row, operation, output in zip(network.report.rows, module.operations, outputs[1], strict=True):
        assert output.shape == (3, *(row.output_shape or ()))
        assert row.trainable == sum(tensor.numel() for tensor in operation.parameters())
        assert row.frozen == sum(tensor.numel() for tensor in operation.buffers())
        assert row.memory == (output[0].nbytes if row.layer.enabled else 0)
    assert network.report.trainable == sum(tensor.numel() for tensor in module.parameters())
    assert network.report.parameters == sum(tensor.numel() for tensor in module.state_dict().values())


@given(networks())
def test_a_network_comes_back_from_its_json_text(network: Network):
    assert Network.from_json(json.loads(json.dumps(network.to_json()))) == network


@given(networks())
@settings(max_examples=50)
def test_operations_are_half_of_torchs_flops(network: Network):
    module = build_module(network).eval()
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        module(torch.rand(1, *network.input_shape))
    assert network.report.macs * 2 == counter.get_total_flops()


@given(convolutions, st.integers(1, 12), st.integers(1, 12), st.integers(1, 3))
def test_a_convolution_has_the_shape_and_parameters_of_torchs_layer(
    layer: Conv2d, height: int, width: int, channels: int
):
    assume(layer.padding != "same")  # torch has it at stride 1 only; below it is held against Keras's rule
    padding: Any = 0 if layer.padding == "valid" else layer.padding
    oracle = nn.Conv2d(
        channels, layer.filters, layer.kernel_size, layer.stride, padding, layer.dilation, bias=layer.bias
    )
    shapes = {name: tuple(tensor.shape) for name, tensor in oracle.named_parameters()}
    try:
        output = oracle(torch.zeros(1, channels, height, width)).shape[1:]
    except RuntimeError:  # torch refuses a kernel that does not fit
        with pytest.raises(MisfitError, match="does not fit"):
            layer.output_shape((channels, height, width))
        return
    assert layer.output_shape((channels, height, width)) == tuple(output)
    assert layer.parameter_shapes((channels, height, width)) == shapes


@given(pools, st.integers(1, 12), st.integers(1, 12))
def test_a_pool_has_the_shape_of_torchs_layer(layer: Any, height: int, width: int):
    assume(layer.padding != "same")
    padding: Any = 0 if layer.padding == "valid" else layer.padding
    oracle = nn.MaxPool2d(layer.kernel_size, layer.stride, padding)
    try:
        output = oracle(torch.zeros(1, 2, height, width)).shape[1:]
    except RuntimeError:  # torch refuses padding of more than half a window, and a window that does not fit
        with pytest.raises(MisfitError):
            layer.output_shape((2, height, width))
        return
    assert layer.output_shape((2, height, width)) == tuple(output)


@given(sizes(1, 6), sizes(1, 4), sizes(1, 3), st.integers(1, 30), st.integers(1, 30))
def test_same_padding_follows_kerass_rule(kernel: Any, stride: Any, dilation: Any, height: int, width: int):
    window = Window(kernel, stride, "same", dilation)
    as_pair = [value if isinstance(value, tuple) else (value, value) for value in (kernel, stride, dilation)]
    rule = zip((height, width), *as_pair, window.pads((height, width)), window.places((height, width)), strict=True)
    for side, k, s, d, (before, after), places in rule:
        assert places == -(-side // s)
        assert before + after == max(0, (places - 1) * s + (k - 1) * d + 1 - side)
        assert after - before in (0, 1)


@pytest.mark.parametrize(
    ("side", "kernel", "stride", "pads", "places"),
    [  # by tf.nn.convolution's documentation
        (28, 3, 1, (1, 1), 28),
        (28, 6, 2, (2, 2), 14),
        (14, 6, 2, (2, 2), 7),
        (6, 3, 2, (0, 1), 3),
        (5, 2, 1, (0, 1), 5),
        (5, 2, 2, (0, 1), 3),
        (7, 1, 3, (0, 0), 3),
    ],
)
def test_same_padding_of_known_cases(side: int, kernel: int, stride: int, pads: tuple[int, int], places: int):
    window = Window(kernel, stride, "same")
    assert window.pads((side, side)) == (pads, pads)
    assert window.places((side, side)) == (places, places)


steps = st.one_of(
    st.builds(
        Conv2d,
        filters=st.just(1),
        kernel_size=sizes(1, 4),
        stride=sizes(1, 2),
        padding=st.sampled_from(["valid", "same"]) | sizes(0, 2),
        dilation=sizes(1, 2),
    ),
    *(
        st.builds(kind, kernel_size=sizes(2, 3), stride=sizes(1, 2), padding=st.sampled_from(["valid", "same"]))
        for kind in (MaxPool, AveragePool, MinPool, SumPool)
    ),
)


@given(st.lists(steps, min_size=1, max_size=4))
@settings(max_examples=60)
def test_receptive_field_is_what_one_output_value_notices(layers: list[Layer]):
    side = 72
    network = Network((1, side, side), tuple(layers))
    assume(network.report.rows[-1].output_shape is not None)
    noticed = [extent(network, side, axis) for axis in (1, 2)]
    assume(all(first > 0 and last < side - 1 for first, last in noticed))  # at the edge it would be cut off
    field = tuple(last - first + 1 for first, last in noticed)
    assert network.report.rows[-1].receptive_field == field


def extent(network: Network, side: int, axis: int) -> tuple[int, int]:
    """Return the first and last row (axis 1) or column (axis 2) of the image that the central output value notices.

    Each of `side` images has one row or column that is not a number, which spreads to all that is computed from it.
    """
    images = torch.zeros(side, 1, side, side)
    images.movedim(axis + 1, 0)[range(side), range(side)] = torch.nan
    module = build_module(network)
    load_weights(module, initial_weights(network, 0))
    with torch.inference_mode():
        output = module(images)
    centre = output[:, 0, output.shape[2] // 2, output.shape[3] // 2]
    noticed = centre.isnan().nonzero().flatten().tolist()
    return noticed[0], noticed[-1]


def test_receptive_field_of_the_lectures_examples():
    two = Network((1, 28, 28), (Conv2d(), Conv2d()))
    assert [row.receptive_field for row in two.report.rows] == [(3, 3), (5, 5)]
    dilated = Network((1, 28, 28), (Conv2d(dilation=2),))
    assert dilated.report.rows[0].receptive_field == (5, 5)
    assert dilated.report.rows[0].trainable == 16 * 9 + 16


def test_a_dense_layer_and_a_global_mean_see_all_that_their_inputs_see():
    network = Network((1, 28, 20), (Conv2d(kernel_size=5), MaxPool(), Flatten(), Dense(), Activation()))
    fields = [row.receptive_field for row in network.report.rows]
    assert fields == [(5, 5), (6, 6), (6, 6), (28, 20), (28, 20)]
    assert Network((3, 28, 20), (GlobalAveragePool(),)).report.rows[0].receptive_field == (28, 20)


def test_the_lectures_counting_exercise():
    assert Conv2d(filters=10, kernel_size=5).parameter_shapes((3, 32, 32)) == {"weight": (10, 3, 5, 5), "bias": (10,)}
    assert Network((3, 32, 32), (Conv2d(filters=10, kernel_size=5),)).report.trainable == 760
