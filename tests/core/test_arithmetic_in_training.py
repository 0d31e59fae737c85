"""Values of a step of training taken apart: only rounding separates the steps from what torch computed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convscope.core.arithmetic import explain
from convscope.core.arithmetic.breakdowns import (
    ActivationBreakdown,
    BatchNormBreakdown,
    DropoutBreakdown,
    SwitchedOffBreakdown,
)
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, Layer, MaxPool
from convscope.core.mode import Mode
from convscope.core.network import Network
from convscope.core.trace import Trace, trace
from convscope.core.unit import SwitchedOff, Unit
from convscope.core.weights import Weights, frozen, initial_weights


def traced(network: Network, seed: int, batch: int, off: SwitchedOff = frozenset()) -> tuple[Weights, Trace]:
    """Return weights, none of them as at the start, and the trace of the first image of a batch."""
    random = np.random.default_rng(seed)
    shapes = {key: array.shape for key, array in initial_weights(network, 0).items()}
    weights = frozen(
        {key: random.normal(1 if "var" in key else 0, 0.3, shape).astype(np.float32) for key, shape in shapes.items()}
    )
    images = random.random((batch, *network.input_shape), np.float32)
    return weights, trace(network, weights, images[0], off, mode=Mode.TRAINING, seed=seed, companions=images[1:])


def some_units(network: Network, layer: int, seed: int, count: int = 6) -> list[Unit]:
    shape = network.shape_at(layer)
    assert shape is not None
    random = np.random.default_rng(seed)
    return [Unit(layer, tuple(int(random.integers(side)) for side in shape)) for _ in range(count)]


def explained(layers: tuple[Layer, ...], seed: int, batch: int = 8, layer: int | None = None) -> list[Any]:
    """Return breakdowns of some values of a layer, the last one by default."""
    network = Network((2, 9, 7), layers)
    weights, seen = traced(network, seed, batch)
    units = some_units(network, len(layers) - 1 if layer is None else layer, seed)
    return [explain(network, weights, seen, unit) for unit in units]


@given(
    rate=st.floats(0, 0.95),
    rates_2=st.floats(0.05, 0.95),
    maps=st.booleans(),
    batch=st.sampled_from([1, 2, 8, 17, 64]),
    size=st.sampled_from([1, 2, 3, 5]),
    filters=st.sampled_from([1, 3, 16]),
    seed=st.integers(0, 99),
)
@settings(max_examples=40)
def test_every_value_of_a_step_is_its_arithmetic(
    rate: float, rates_2: float, maps: bool, batch: int, size: int, filters: int, seed: int
):
    """Convolutions of a whole batch too, for which torch may take other ways than for a single image."""
    layers = (
        Conv2d(filters=filters, kernel_size=size, padding="same"),
        BatchNorm(),
        Activation(function="rrelu"),
        Dropout(rate=rate, mode="maps" if maps else "units"),
        Conv2d(name="conv_2", filters=4, kernel_size=3),
        BatchNorm(name="batch_norm_2", scale=False),
        Activation(name="activation_2"),
        MaxPool(),
        Flatten(),
        Dense(units=12),
        BatchNorm(name="batch_norm_3"),
        Dropout(name="dropout_2", rate=rates_2),
        Dense(name="dense_2", units=10),
    )
    network = Network((2, 12, 11), layers)
    weights, seen = traced(network, seed, batch)
    for layer in range(len(layers) + 1):
        values = seen.values(layer)
        assert values is not None
        for unit in some_units(network, layer, seed):
            found = explain(network, weights, seen, unit)
            assert found.computed == values[unit.index]
            assert found.is_rounding, (layers[layer : layer + 1], found)


@pytest.mark.parametrize("mode", ["units", "maps"])
def test_dropout_says_what_was_dropped_and_scales_what_was_kept(mode: str):
    found = [one for seed in range(5) for one in explained((Dropout(rate=0.75, mode=mode),), seed)]
    assert {one.kept for one in found} == {True, False}
    for one in found:
        assert isinstance(one, DropoutBreakdown)
        assert one.value == (one.x * 4 if one.kept else 0)
        assert one.residual == 0


def test_batch_norm_names_the_values_of_its_batch():
    for found in explained((BatchNorm(eps=1e-3),), 3):
        assert isinstance(found, BatchNormBreakdown)
        assert found.count == 8 * 9 * 7
        assert found.value == pytest.approx(found.normalised * found.scale + found.shift)


def test_the_mean_and_variance_are_those_of_the_batch():
    network = Network((2, 9, 7), (BatchNorm(),))
    random = np.random.default_rng(3)
    weights, _ = traced(network, 0, 1)
    images = random.random((5, 2, 9, 7), np.float32)
    seen = trace(network, weights, images[0], mode=Mode.TRAINING, companions=images[1:])
    found: Any = explain(network, weights, seen, Unit(0, (1, 2, 3)))
    assert found.mean == pytest.approx(images[:, 1].mean())
    assert found.variance == pytest.approx(images[:, 1].var(), rel=1e-4)


def test_a_frozen_batch_norm_goes_by_its_running_averages():
    for found in explained((BatchNorm(trainable=False),), 3):
        assert found.count is None
        assert found.is_rounding


def test_a_batch_of_one_is_its_own_mean():
    for found in explained((Flatten(), BatchNorm()), 3, batch=1):
        assert found.count == 1
        assert found.x == found.mean
        assert found.variance == 0
        assert found.value == found.shift


def test_a_randomised_slope_is_the_one_drawn_for_the_value():
    layers = (Conv2d(filters=6), Activation(function="rrelu", lower=0.1, upper=0.4))
    found = [one for seed in range(4) for one in explained(layers, seed)]
    below = [one for one in found if one.x < 0]
    assert all(isinstance(one, ActivationBreakdown) and one.is_drawn for one in found)
    assert len({one.parameter for one in below}) == len({one.unit.index for one in below}) > 3
    assert all(0.1 <= one.parameter <= 0.4 and one.slope == one.parameter for one in below)


def test_a_map_held_at_zero_stays_so_whatever_is_dropped():
    network = Network((2, 9, 7), (Conv2d(filters=3), Dropout(rate=0.5), Flatten(), Dense(units=10)))
    weights, seen = traced(network, 1, 4, frozenset({("conv_1", 1), ("dropout_1", 2)}))
    for layer in range(len(network.layers)):
        for unit in some_units(network, layer, 1, 12):
            assert explain(network, weights, seen, unit).is_rounding
    assert isinstance(explain(network, weights, seen, Unit(1, (2, 1, 1))), SwitchedOffBreakdown)
