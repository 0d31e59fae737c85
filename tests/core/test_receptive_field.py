"""The receptive field against torch's gradients through a network of ones, in which nothing cancels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from convscope.core.layers import (
    AveragePool,
    BatchNorm,
    Conv2d,
    Dense,
    Flatten,
    GlobalAveragePool,
    Layer,
    Reshape,
    SumPool,
)
from convscope.core.module import build_module, load_weights
from convscope.core.network import Network
from convscope.core.receptive_field import reached_field, receptive_field
from convscope.core.unit import Unit
from convscope.core.weights import frozen, initial_weights

sizes = st.integers(1, 3) | st.tuples(st.integers(1, 3), st.integers(1, 3))
windows = st.one_of(
    st.builds(
        Conv2d,
        filters=st.integers(1, 3),
        kernel_size=sizes,
        stride=sizes,
        padding=st.sampled_from(["valid", "same", 2]),
        dilation=sizes,
    ),
    st.builds(SumPool, kernel_size=sizes, stride=sizes, padding=st.sampled_from(["valid", "same"])),
    st.builds(AveragePool, kernel_size=sizes, stride=sizes, padding=st.sampled_from(["valid", "same"])),
    st.builds(BatchNorm),
)
ends = st.sampled_from([(), (Flatten(),), (GlobalAveragePool(),), (Flatten(), Dense(units=3))])


def gradients(network: Network, unit: Unit) -> dict[int, np.ndarray]:
    """Return the derivative of one value after each earlier one, by layer, in a network whose weights are all one."""
    module = build_module(network).eval()
    ones = {key: np.ones_like(array) for key, array in initial_weights(network, 0).items()}
    load_weights(module, frozen(ones))
    values = [torch.ones(1, *network.input_shape, requires_grad=True)]
    for operation in module.operations:
        values.append(operation(values[-1]))
        values[-1].retain_grad()
    values[unit.layer + 1][0][unit.index].backward()
    found = {layer: value.grad for layer, value in enumerate(values[: unit.layer + 2], start=-1)}
    return {layer: value[0].numpy() for layer, value in found.items() if value is not None}


def any_unit(data: st.DataObject, network: Network, layer: int) -> Unit:
    shape = network.shape_at(layer)
    assert shape is not None
    return Unit(layer, tuple(data.draw(st.integers(0, side - 1)) for side in shape))


@given(layers=st.lists(windows, min_size=1, max_size=4), end=ends, data=st.data())
def test_it_is_where_the_gradient_is_not_zero(layers: list[Layer], end: tuple[Layer, ...], data: st.DataObject) -> None:
    network = Network((2, 9, 8), (*layers, *end))
    working = sum(row.output_shape is not None for row in network.report.rows)
    assume(working > 0)
    unit = any_unit(data, network, working - 1)
    regions = receptive_field(network, unit)
    for layer, gradient in gradients(network, unit).items():
        np.testing.assert_array_equal(regions[layer].mask(gradient.shape), gradient != 0, str(layer))


@given(layers=st.lists(windows, min_size=1, max_size=3), end=ends, data=st.data())
def test_a_value_reaches_those_that_see_it(layers: list[Layer], end: tuple[Layer, ...], data: st.DataObject) -> None:
    network = Network((2, 6, 5), (*layers, *end))
    working = sum(row.output_shape is not None for row in network.report.rows)
    assume(working > 0)
    shape = network.shape_at(working - 1)
    assert shape is not None
    start = any_unit(data, network, -1)
    reached = reached_field(network, start)[working - 1].mask(shape)
    for index in np.ndindex(*shape):
        assert reached[index] == (start.index in receptive_field(network, Unit(working - 1, index))[-1])


def test_a_switched_off_layer_hands_on_and_a_probability_sees_everything() -> None:
    network = Network((1, 5, 5), (Conv2d(filters=2, enabled=False), Flatten(), Dense(units=10)))
    regions = receptive_field(network, Unit(0, (0, 3, 2)))
    assert regions[-1].box == (slice(0, 1), slice(3, 4), slice(2, 3))
    assert receptive_field(network, Unit(3, (4,)))[-1].mask((1, 5, 5)).all()
    assert reached_field(network, Unit(-1, (0, 0, 0)))[3].mask((10,)).all()


def test_what_lies_in_the_padding_alone_is_empty() -> None:
    network = Network((1, 3, 3), (Conv2d(filters=1, kernel_size=1, padding=2),))
    assert receptive_field(network, Unit(0, (0, 0, 0)))[-1].empty


@pytest.mark.parametrize("end", [(GlobalAveragePool(), Dense(units=10)), (Flatten(), Dense(units=10))])
def test_a_value_that_the_stride_leaves_out_reaches_nothing(end: tuple[Layer, ...]) -> None:
    network = Network((1, 5, 5), (Conv2d(filters=2, kernel_size=1, stride=2), *end))
    left_out, taken = reached_field(network, Unit(-1, (0, 1, 0))), reached_field(network, Unit(-1, (0, 2, 0)))
    assert [layer for layer, region in left_out.items() if not region.empty] == [-1]
    assert not any(region.empty for region in taken.values())


def test_what_lies_in_the_padding_alone_sees_nothing_before_a_dense_layer_either() -> None:
    layers = Dense(units=9), Reshape(target=(1, 3, 3)), Conv2d(filters=1, kernel_size=1, padding=2)
    network = Network((1, 3, 3), (Flatten(), *layers))
    assert receptive_field(network, Unit(3, (0, 0, 0)))[-1].empty
    assert receptive_field(network, Unit(3, (0, 2, 2)))[-1].mask((1, 3, 3)).all()


def test_a_value_that_is_not_there_is_refused() -> None:
    network = Network((1, 3, 3), (Conv2d(kernel_size=6),))
    with pytest.raises(ValueError, match="no value"):
        receptive_field(network, Unit(0, (0, 0, 0)))
    with pytest.raises(ValueError, match="no value"):
        receptive_field(network, Unit(-1, (0, 3, 0)))
