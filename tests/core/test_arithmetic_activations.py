"""The activation functions taken apart, held against torch's values and gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from convscope.core.arithmetic import explain
from convscope.core.arithmetic.breakdowns import ActivationBreakdown
from convscope.core.layers import Activation
from convscope.core.layers.activations import FUNCTIONS
from convscope.core.module import build_module, load_weights
from convscope.core.network import Network
from convscope.core.trace import trace
from convscope.core.unit import Unit
from convscope.core.weights import frozen

PLACES = (0.0, -0.0, 1e-30, -1e-30, 1e-6, -1e-6, 0.5, -0.5, 3.0, -3.0, 6.0, -6.0, 19.99, 20.0, 20.01, 87.0, -87.0)
EXTREMES = (100.0, -100.0, 1e4, -1e4, 3e38, -3e38, math.inf, -math.inf)
LAYERS = [
    *(Activation(function=function) for function in FUNCTIONS),
    Activation(function="leaky_relu", slope=-0.3),
    Activation(function="rrelu", lower=0.0, upper=0.7),
    Activation(function="elu", alpha=2.5),
    Activation(function="elu", alpha=0.0),
]


def explained(layer: Activation, values: list[float]) -> list[ActivationBreakdown]:
    """Return the breakdowns of f of each value; PReLU has learned the slope 0.3."""
    network = Network((1, 1, len(values)), (layer.changed(name="it"),))
    weights = frozen({"it.weight": np.full(1, 0.3, np.float32)} if layer.function == "prelu" else {})
    seen = trace(network, weights, np.array(values, np.float32).reshape(1, 1, -1))
    found = [explain(network, weights, seen, Unit(0, (0, 0, place))) for place in range(len(values))]
    return [one for one in found if isinstance(one, ActivationBreakdown)]


def torchs_slopes(layer: Activation, values: list[float]) -> np.ndarray:
    network = Network((1, 1, len(values)), (layer.changed(name="it"),))
    module = build_module(network).eval()
    if layer.function == "prelu":
        load_weights(module, frozen({"it.weight": np.full(1, 0.3, np.float32)}))
    x = torch.tensor(values).reshape(1, 1, 1, -1).requires_grad_()
    module(x).sum().backward()
    assert x.grad is not None
    return x.grad.numpy().ravel()


@pytest.mark.parametrize("layer", LAYERS, ids=Activation.summary)
def test_every_function_is_torchs(layer: Activation):
    for found in explained(layer, [*PLACES, *EXTREMES]):
        assert found.function == layer.function
        assert found.is_rounding, found


@pytest.mark.parametrize("layer", LAYERS, ids=Activation.summary)
@given(values=st.lists(st.floats(-120, 120, width=32), min_size=1, max_size=40))
@settings(max_examples=15)
def test_every_function_is_torchs_anywhere(layer: Activation, values: list[float]):
    for found in explained(layer, values):
        assert found.is_rounding, found
        assert found.bound <= 1e-5 * max(1, abs(found.x))  # no bound that everything would keep


@pytest.mark.parametrize("layer", [one for one in LAYERS if one.function != "binary_step"], ids=Activation.summary)
def test_slopes_are_those_of_torchs_backward_pass(layer: Activation):
    slopes = [found.slope for found in explained(layer, [*PLACES, 100.0, -100.0])]
    np.testing.assert_allclose(slopes, torchs_slopes(layer, [*PLACES, 100.0, -100.0]), rtol=1e-5, atol=3e-7)


def test_the_binary_step_is_level_and_has_no_slope_where_it_jumps():
    slopes = [found.slope for found in explained(Activation(function="binary_step"), [-1.0, 0.0, 2.0])]
    assert slopes[0] == slopes[2] == 0
    assert math.isnan(slopes[1])


@pytest.mark.parametrize("layer", LAYERS, ids=Activation.summary)
def test_the_curve_is_the_function_around_0_and_x(layer: Activation):
    for found in explained(layer, [0.0, -2.0, 30.0]):
        assert (np.diff(found.curve_x) > 0).all()
        assert found.curve_x[0] < min(found.x, 0) <= max(found.x, 0) < found.curve_x[-1]
        again = explained(layer, found.curve_x.tolist())
        np.testing.assert_allclose(found.curve_y, [one.computed for one in again], rtol=1e-5, atol=1e-5)


def test_parameters_are_those_after_training():
    wanted = {"leaky_relu": 0.2, "prelu": np.float32(0.3), "rrelu": 0.4, "elu": 1.5}
    for function in FUNCTIONS:
        layer = Activation(function=function, slope=0.2, alpha=1.5, lower=0.2, upper=0.6)
        assert explained(layer, [1.0])[0].parameter == wanted.get(function)


def test_the_softplus_bends_into_x_where_torchs_does():
    below, above = (found.value for found in explained(Activation(function="softplus"), [20.0, 20.000002]))
    assert below > 20
    assert above == np.float32(20.000002)
