"""Every value taken apart, held against what torch computed, for layers and places drawn at random."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from convscope.core.arithmetic import explain
from convscope.core.arithmetic.breakdowns import (
    BatchNormBreakdown,
    Breakdown,
    ConvolutionBreakdown,
    CopyBreakdown,
    DenseBreakdown,
    DropoutBreakdown,
    GlobalAverageBreakdown,
    PixelBreakdown,
    PoolingBreakdown,
    SoftmaxBreakdown,
    SwitchedOffBreakdown,
)
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
    Reshape,
    SumPool,
)
from convscope.core.network import Network
from convscope.core.trace import Trace, trace
from convscope.core.unit import Unit
from convscope.core.weights import Weights, frozen, initial_weights

sizes = st.integers(1, 4) | st.tuples(st.integers(1, 4), st.integers(1, 4))
strides = st.integers(1, 3) | st.tuples(st.integers(1, 3), st.integers(1, 3))
shapes = st.tuples(st.integers(1, 4), st.integers(1, 11), st.integers(1, 11))
paddings: st.SearchStrategy[Any] = st.sampled_from(["valid", "same"]) | st.integers(0, 3)
convolutions = st.builds(
    Conv2d,
    filters=st.integers(1, 5),
    kernel_size=sizes,
    stride=strides,
    padding=paddings,
    dilation=sizes,
    bias=st.booleans(),
)
pools = st.sampled_from([MaxPool, MinPool, AveragePool, SumPool]).flatmap(
    lambda kind: st.builds(kind, kernel_size=sizes, stride=strides, padding=paddings)
)


def traced(network: Network, seed: int, scale: float = 2.0) -> tuple[Weights, Trace]:
    """Return weights, none of them as at the start, and the trace of an image with values on either side of 0."""
    random = np.random.default_rng(seed)
    arrays = {
        key: (random.uniform(0.1, 3, array.shape) if "running_var" in key else random.normal(0, 1, array.shape))
        for key, array in initial_weights(network, 0).items()
    }
    weights = frozen({key: array.astype(np.float32) for key, array in arrays.items()})
    image = random.normal(0, scale, network.input_shape).astype(np.float32)
    return weights, trace(network, weights, image)


def some_units(network: Network, layer: int, seed: int, count: int = 8) -> Iterator[Unit]:
    """Return places in a layer's output: its corners and others."""
    shape = network.shape_at(layer)
    assert shape is not None
    random = np.random.default_rng(seed)
    yield Unit(layer, tuple(0 for _ in shape))
    yield Unit(layer, tuple(side - 1 for side in shape))
    for _ in range(count):
        yield Unit(layer, tuple(int(random.integers(side)) for side in shape))


def explained(network: Network, seed: int, layer: int = 0) -> Iterator[tuple[Any, Trace]]:
    """Return breakdowns of a layer's values, each with the trace, after checking that they are torch's value."""
    weights, seen = traced(network, seed)
    for unit in some_units(network, layer, seed):
        found = explain(network, weights, seen, unit)
        assert found.unit == unit
        check(found, seen)
        yield found, seen


def check(found: Breakdown, seen: Trace) -> None:
    values = seen.values(found.unit.layer)
    assert values is not None
    assert found.computed == values[found.unit.index]
    assert found.is_rounding, found
    assert found.value == pytest.approx(found.computed, rel=1e-3, abs=1e-4)


def works(layer: Layer, shape: tuple[int, ...]) -> bool:
    return Network(shape, (layer,)).report.rows[0].output_shape is not None  # pyright: ignore[reportArgumentType]


@given(layer=convolutions, shape=shapes, seed=st.integers(0, 99))
@settings(max_examples=60)
def test_a_convolution_is_products_summed_by_channel(layer: Conv2d, shape: Any, seed: int):
    assume(works(layer, shape))
    for found, seen in explained(Network(shape, (layer,)), seed):
        assert isinstance(found, ConvolutionBreakdown)
        np.testing.assert_array_equal(found.products, found.patches * found.kernels)
        np.testing.assert_array_equal(found.channel_sums, found.products.sum((1, 2)))
        assert found.value == found.channel_sums.sum() + (found.bias or 0)
        assert (found.bias is not None) is layer.bias
        for (row, column), inside in np.ndenumerate(found.inside):
            place = found.rows[row], found.columns[column]
            assert inside == (0 <= place[0] < shape[1] and 0 <= place[1] < shape[2])
            expected = seen.image[:, place[0], place[1]] if inside else np.zeros(shape[0])
            np.testing.assert_array_equal(found.patches[:, row, column], expected)


@given(layer=pools, shape=shapes, seed=st.integers(0, 99))
@settings(max_examples=60)
def test_a_pool_is_the_greatest_least_mean_or_sum_of_its_window(layer: Any, shape: Any, seed: int):
    assume(works(layer, shape))
    functions = {"max": np.nanmax, "min": np.nanmin, "average": np.nanmean, "sum": np.nansum}
    for found, _ in explained(Network(shape, (layer,)), seed):
        assert isinstance(found, PoolingBreakdown)
        assert found.value == pytest.approx(functions[found.function](found.patch))
        assert found.count == found.inside.sum()
        np.testing.assert_array_equal(np.isnan(found.patch), ~found.inside)
        if found.winner is None:
            assert found.total == pytest.approx(np.nansum(found.patch))
        else:
            assert found.total == found.patch[found.winner] == found.computed


@given(
    layer=st.sampled_from([MaxPool, MinPool]).flatmap(
        lambda kind: st.builds(kind, kernel_size=sizes, stride=strides, padding=paddings)
    ),
    shape=shapes,
    seed=st.integers(0, 99),
)
@settings(max_examples=30)
def test_of_equal_values_the_one_that_gets_torchs_gradient_wins(layer: Any, shape: Any, seed: int):
    import torch

    from convscope.core.module import build_module

    assume(works(layer, shape))
    network = Network(shape, (layer,))
    image = np.random.default_rng(seed).integers(0, 2, shape).astype(np.float32)  # full of equal values
    seen = trace(network, {}, image)
    for unit in some_units(network, 0, seed, 4):
        found: Any = explain(network, {}, seen, unit)
        x = torch.tensor(image)[None].requires_grad_()
        build_module(network)(x)[0][unit.index].backward()
        assert x.grad is not None
        place = (unit.index[0], found.rows[found.winner[0]], found.columns[found.winner[1]])
        assert np.argwhere(x.grad[0].numpy()).tolist() == [list(place)]


def test_a_window_of_least_numbers_is_not_won_by_the_padding():
    network = Network((1, 2, 2), (MaxPool(kernel_size=2, stride=1, padding=1),))
    image = np.full((1, 2, 2), -np.inf, np.float32)
    found: Any = explain(network, {}, trace(network, {}, image), Unit(0, (0, 0, 0)))
    assert found.inside[found.winner]
    assert found.is_rounding


@pytest.mark.parametrize("scale", [True, False])
@pytest.mark.parametrize("flat", [True, False])
def test_batch_norm_is_its_formula(flat: bool, scale: bool):
    network = Network((4, 5, 6), ((Flatten(),) if flat else ()) + (BatchNorm(scale=scale, eps=1e-3),))
    for found, _ in explained(network, 3, len(network.layers) - 1):
        assert isinstance(found, BatchNormBreakdown)
        assert found.has_scale is scale
        assert scale or found.scale == 1
        assert found.value == pytest.approx(found.normalised * found.scale + found.shift)
        assert found.normalised == pytest.approx((found.x - found.mean) / math.sqrt(found.variance + 1e-3))


def test_batch_norm_near_its_mean_is_still_rounding():
    network = Network((1, 1, 1), (BatchNorm(eps=1e-12),))
    arrays = {"running_mean": 1000.0, "running_var": 1e-6, "weight": 3.0, "bias": 1.0}
    weights = frozen({f"batch_norm_1.{key}": np.full(1, value, np.float32) for key, value in arrays.items()})
    image = np.full((1, 1, 1), 1000.0001, np.float32)
    found = explain(network, weights, trace(network, weights, image), Unit(0, (0, 0, 0)))
    assert found.is_rounding
    assert found.bound < 1e-6 * 6e6  # two products of 3,000,000 cancel


@pytest.mark.parametrize("mode", ["units", "maps"])
def test_dropout_passes_every_value_after_training(mode: str):
    for found, _ in explained(Network((2, 3, 3), (Dropout(rate=0.75, mode=mode),)), 1):
        assert isinstance(found, DropoutBreakdown)
        assert (found.x, found.value, found.kept, found.rate, found.mode) == (found.computed,) * 2 + (None, 0.75, mode)
        assert found.residual == 0
        assert found.factor == 4


@given(st.integers(0, 99), shapes)
@settings(max_examples=20)
def test_flattened_reshaped_and_switched_off_values_come_from_one_place(seed: int, shape: Any):
    channels, height, width = shape
    target = (height, channels, width)
    network = Network(shape, (Conv2d(filters=7, enabled=False), Reshape(target=target), Flatten()))
    for layer, reason in enumerate(["switched off", "reshape", "flatten"]):
        for found, seen in explained(network, seed, layer):
            assert isinstance(found, CopyBreakdown)
            assert (found.reason, found.origin.layer) == (reason, layer - 1)
            before = seen.values(layer - 1)
            assert before is not None
            assert before[found.origin.index] == found.value == found.computed


@given(st.integers(0, 99), shapes, st.booleans())
@settings(max_examples=20)
def test_a_dense_layer_is_inputs_times_weights(seed: int, shape: Any, bias: bool):
    network = Network(shape, (Activation(), Flatten(), Dropout(), Dense(units=3, bias=bias), Dense(units=10)))
    for found, seen in explained(network, seed, 3):
        assert isinstance(found, DenseBreakdown)
        np.testing.assert_array_equal(found.inputs, seen.values(2))
        np.testing.assert_array_equal(found.products, found.inputs * found.weights)
        assert found.value == found.products.sum() + (found.bias or 0)
        assert (found.bias is not None) is bias
        assert found.maps_shape == shape
        assert (np.diff(found.products[found.order]) <= 0).all()
    for found, _ in explained(network, seed, 4):
        assert found.maps_shape is None  # the values of a dense layer never were maps


@given(st.integers(0, 99), shapes)
@settings(max_examples=20)
def test_a_global_average_is_the_mean_of_a_map(seed: int, shape: Any):
    network = Network(shape, (GlobalAveragePool(), Dense(units=2)))
    for found, seen in explained(network, seed):
        assert isinstance(found, GlobalAverageBreakdown)
        np.testing.assert_array_equal(found.values, seen.image[found.unit.index[0]])
        assert found.total == pytest.approx(found.values.sum())
        assert found.value == found.total / found.values.size
    assert next(explained(network, seed, 1))[0].maps_shape is None


@given(st.integers(0, 99), st.integers(1, 30), st.floats(0.1, 40))
@settings(max_examples=30)
def test_a_probability_is_its_share_of_the_powers(seed: int, classes: int, scale: float):
    network = Network((1, 4, 4), (Flatten(), Dense(units=classes)), classes)
    weights, seen = traced(network, seed, scale)
    shares: list[float] = []
    for number in range(classes):
        found = explain(network, weights, seen, Unit(2, (number,)))
        assert isinstance(found, SoftmaxBreakdown)
        check(found, seen)
        assert seen.logits is not None
        np.testing.assert_array_equal(found.logits, seen.logits)
        assert found.greatest == found.logits.max()
        assert found.value == pytest.approx(found.exponentials[number] / found.total)
        shares.append(found.value)
    assert sum(shares) == pytest.approx(1)


def test_a_map_held_at_zero_is_zero_and_what_follows_is_worked_out_from_that():
    network = Network((1, 6, 6), (Conv2d(filters=3), Activation(function="tanh"), Flatten(), Dense(units=10)))
    weights, seen = traced(network, 2)
    off = frozenset({("conv_1", 1), ("dense_1", 4)})
    silent = trace(network, weights, seen.image, off)
    for layer, row in enumerate(network.layers):
        for unit in some_units(network, layer, 1, 20):
            found = explain(network, weights, silent, unit)
            check(found, silent)
            assert isinstance(found, SwitchedOffBreakdown) is ((row.name, unit.index[0]) in off)
    found = explain(network, weights, silent, Unit(0, (1, 2, 2)))
    assert isinstance(found, SwitchedOffBreakdown)
    assert found.value == found.computed == 0
    assert found.otherwise == explain(network, weights, seen, Unit(0, (1, 2, 2))).value
    check(explain(network, weights, silent, Unit(4, (4,))), silent)


def test_a_pixel_is_a_pixel():
    for found, _ in explained(Network((2, 3, 4)), 1, -1):
        assert isinstance(found, PixelBreakdown)
        assert found.value == found.computed
        assert found.residual == 0


@pytest.mark.parametrize("key", ["conv_1.weight", "conv_1.bias", "batch_norm_1.running_mean", "dense_1.weight"])
def test_a_wrong_weight_is_more_than_rounding(key: str):
    network = Network((3, 8, 8), (Conv2d(filters=4), BatchNorm(), Flatten(), Dense(units=10)))
    weights, seen = traced(network, 5)
    changed = weights[key].copy()
    changed.flat[0] += 1
    layer = network.index_of(key.partition(".")[0])
    unit = Unit(layer, (0, 1, 1) if layer < 3 else (0,))
    assert explain(network, weights, seen, unit).is_rounding
    assert not explain(network, frozen({**weights, key: changed}), seen, unit).is_rounding


def test_what_is_not_finite_agrees_when_it_is_the_same():
    network = Network((1, 3, 3), (Conv2d(filters=1),))
    weights, _ = traced(network, 0)
    for poison in (np.nan, np.inf, 3e38):
        image = np.full((1, 3, 3), poison, np.float32)
        assert explain(network, weights, trace(network, weights, image), Unit(0, (0, 0, 0))).is_rounding


def test_infinity_times_zero_agrees_without_a_warning():
    network = Network((1, 1, 2), (Conv2d(filters=1, kernel_size=(1, 2)), Flatten(), Dense(units=10)))
    weights = {key: np.zeros_like(array) for key, array in traced(network, 0)[0].items()}
    seen = trace(network, weights, np.array([[[np.inf, 1]]], np.float32))
    for layer in range(4):
        found = explain(network, weights, seen, Unit(layer, (0, 0, 0) if layer == 0 else (0,)))
        assert math.isnan(found.computed)
        assert found.is_rounding


@pytest.mark.parametrize(
    ("layer", "index"), [(GlobalAveragePool(), (0,)), (AveragePool(kernel_size=(1, 2)), (0, 0, 0))]
)
def test_a_mean_whose_sum_overflows_is_rounding(layer: Layer, index: tuple[int, ...]):
    network = Network((1, 1, 2), (layer,))
    image = np.full((1, 1, 2), 3e38, np.float32)
    found = explain(network, {}, trace(network, {}, image), Unit(0, index))
    assert (found.value, found.computed) == (pytest.approx(3e38), math.inf)
    assert found.is_rounding


def test_a_sum_that_overflows_on_its_way_is_rounding():
    network = Network((1, 1, 3), (SumPool(kernel_size=(1, 3), stride=1),))
    image = np.array([[[3e38, 3e38, -3e38]]], np.float32)
    found = explain(network, {}, trace(network, {}, image), Unit(0, (0, 0, 0)))
    assert (found.value, found.computed) == (pytest.approx(3e38), math.inf)
    assert found.is_rounding


SMALL = Network((1, 4, 4), (Conv2d(filters=2), Flatten(), Dense(units=10)))


@pytest.mark.parametrize(
    "unit", [Unit(-2, (0, 0, 0)), Unit(4, (0,)), Unit(0, (2, 0, 0)), Unit(1, (0, 0, 0)), Unit(3, (-1,)), Unit(3, (10,))]
)
def test_a_value_that_is_not_there_is_refused(unit: Unit):
    weights, seen = traced(SMALL, 0)
    with pytest.raises(ValueError, match="no value"):
        explain(SMALL, weights, seen, unit)


def test_values_behind_a_problem_are_refused():
    broken = SMALL.removed(1)
    weights, seen = traced(broken, 0)
    assert explain(broken, weights, seen, Unit(0, (0, 0, 0))).is_rounding
    for unit in (Unit(1, (0,)), Unit(2, (0,))):
        with pytest.raises(ValueError, match="no value"):
            explain(broken, weights, seen, unit)


def test_a_trace_of_another_network_is_refused_and_that_of_an_equal_one_is_not():
    weights, seen = traced(SMALL, 0)
    same = Network((1, 4, 4), SMALL.layers)
    assert explain(same, weights, seen, Unit(0, (0, 0, 0))).is_rounding
    with pytest.raises(ValueError, match="another network"):
        explain(SMALL.toggled(0), weights, seen, Unit(0, (0, 0, 0)))


def test_weights_of_another_network_are_refused():
    weights, seen = traced(SMALL, 0)
    for wrong in (frozen({}), frozen({**weights, "conv_1.weight": np.zeros((2, 1, 2, 2), np.float32)})):
        with pytest.raises(ValueError, match="conv_1: its weight"):
            explain(SMALL, wrong, seen, Unit(0, (0, 0, 0)))


def test_taking_apart_needs_no_torch():
    import subprocess
    import sys

    code = "import sys, convscope.core.arithmetic; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": "app"}, check=False).returncode == 0
