"""Weights: how they are drawn, what a changed network keeps of them, and arrays that do not belong."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt

import numpy as np
import pytest
import torch
from torch import nn

from convscope.core.data.progress import Progress, finished
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Flatten, MaxPool
from convscope.core.module import build_module
from convscope.core.network import Network
from convscope.core.weights import (
    DRAWN_AT_ONCE,
    Weights,
    WeightsError,
    WeightsMark,
    array_shapes,
    carried_over,
    check_weights,
    drawing_missing,
    frozen,
    initial_weights,
    missing_bytes,
)

NETWORK = Network(
    layers=(
        Conv2d(filters=12, kernel_size=5),
        BatchNorm(),
        Activation(function="prelu", slope=0.2),
        MaxPool(),
        Flatten(),
        Dense(units=10),
    )
)
FLAT = 12 * 12 * 12


def same(one: Weights, other: Weights) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[key], other[key]) for key in one)


def test_names_and_shapes_are_those_of_torchs_module():
    weights = initial_weights(NETWORK, 0)
    state = build_module(NETWORK).state_dict()
    assert sum(array.size for array in weights.values()) == sum(tensor.numel() for tensor in state.values())
    assert {key: array.shape for key, array in weights.items()} == {
        "conv_1.weight": (12, 1, 5, 5),
        "conv_1.bias": (12,),
        "batch_norm_1.weight": (12,),
        "batch_norm_1.bias": (12,),
        "batch_norm_1.running_mean": (12,),
        "batch_norm_1.running_var": (12,),
        "activation_1.weight": (1,),
        "dense_1.weight": (10, FLAT),
        "dense_1.bias": (10,),
    }


@pytest.mark.parametrize(("name", "fan_in"), [("conv_1", 25), ("dense_1", FLAT)])
def test_weights_fill_the_range_that_torch_draws_from(name: str, fan_in: int):
    weights = initial_weights(NETWORK, 0)
    bound = 1 / sqrt(fan_in)
    drawn = weights[f"{name}.weight"]
    assert np.abs(drawn).max() <= bound
    assert drawn.max() > 0.9 * bound
    assert drawn.min() < -0.9 * bound
    assert drawn.std() == pytest.approx(bound / sqrt(3), rel=0.1)  # that of a uniform distribution
    assert abs(drawn.mean()) < bound / 10
    assert np.abs(weights[f"{name}.bias"]).max() <= bound


def test_the_range_is_torchs_own():
    oracle = nn.Conv2d(3, 400, 5)
    ours = initial_weights(Network((3, 9, 9), (Conv2d(filters=400, kernel_size=5),)), 1)
    for key, tensor in oracle.named_parameters():
        assert ours[f"conv_1.{key}"].max() == pytest.approx(tensor.max().item(), rel=0.05)
        assert ours[f"conv_1.{key}"].std() == pytest.approx(tensor.std().item(), rel=0.1)


def test_batch_norm_and_prelu_begin_at_their_fixed_values():
    weights = initial_weights(NETWORK, 0)
    oracle = nn.BatchNorm2d(12).state_dict()
    for key in ("weight", "bias", "running_mean", "running_var"):
        np.testing.assert_array_equal(weights[f"batch_norm_1.{key}"], oracle[key].numpy())
    assert weights["activation_1.weight"].tolist() == [pytest.approx(0.2)]


def test_seed_and_name_alone_decide_the_numbers():
    weights = initial_weights(NETWORK, 0)
    assert same(weights, initial_weights(NETWORK, 0))
    other_seed = initial_weights(NETWORK, 1)
    assert not np.array_equal(weights["conv_1.weight"], other_seed["conv_1.weight"])
    longer = initial_weights(NETWORK.inserted(1, Conv2d(filters=12, kernel_size=1)), 0)
    assert np.array_equal(weights["conv_1.weight"], longer["conv_1.weight"])
    assert np.array_equal(weights["dense_1.weight"], longer["dense_1.weight"])


def test_two_layers_of_the_same_shape_are_drawn_differently():
    weights = initial_weights(Network((1, 4, 4), (Conv2d(filters=1), Conv2d(filters=1, padding="same"))), 0)
    assert weights["conv_1.weight"].shape == weights["conv_2.weight"].shape
    assert not np.array_equal(weights["conv_1.weight"], weights["conv_2.weight"])


def test_weights_are_single_precision_and_nobody_can_change_them():
    weights = initial_weights(NETWORK, 0)
    assert {array.dtype for array in weights.values()} == {np.dtype(np.float32)}
    with pytest.raises(ValueError, match="read-only"):
        weights["conv_1.bias"][0] = 1
    with pytest.raises(TypeError):
        weights["more"] = weights["conv_1.bias"]  # pyright: ignore[reportIndexIssue]


def test_layers_behind_a_problem_get_no_weights():
    assert initial_weights(NETWORK.removed(4), 0).keys() == initial_weights(NETWORK, 0).keys() - {
        "dense_1.weight",
        "dense_1.bias",
    }


def test_a_layer_that_is_off_has_its_weights():
    assert same(initial_weights(NETWORK.toggled(1), 0), initial_weights(NETWORK, 0))
    unfit = NETWORK.replaced(0, Conv2d(kernel_size=60, enabled=False))
    assert "conv_1" not in array_shapes(unfit)


def trained(network: Network) -> Weights:
    """Return weights that are not those at the start."""
    return frozen({key: array + 1 for key, array in initial_weights(network, 0).items()})


def test_a_change_without_other_shapes_keeps_every_array():
    weights = trained(NETWORK)
    for network in (NETWORK, NETWORK.toggled(1), NETWORK.replaced(2, Activation(function="prelu"))):
        carried = carried_over(weights, network, 5)
        assert same(carried.weights, weights)
        assert carried.drawn == ()


def test_only_layers_of_other_shapes_are_drawn_anew_and_named():
    weights = trained(NETWORK)
    network = NETWORK.replaced(0, Conv2d(filters=12, kernel_size=3))
    carried = carried_over(weights, network, 5)
    assert carried.drawn == ("conv_1", "dense_1")  # a smaller kernel leaves larger maps to the dense layer
    fresh = initial_weights(network, 5)
    for key, array in carried.weights.items():
        expected = fresh if key.partition(".")[0] in carried.drawn else weights
        np.testing.assert_array_equal(array, expected[key], err_msg=key)
    check_weights(network, carried.weights)


def test_a_bias_switched_off_goes_and_the_weights_stay():
    weights = trained(NETWORK)
    carried = carried_over(weights, NETWORK.replaced(5, Dense(units=10, bias=False)), 5)
    assert carried.drawn == ()
    assert same(carried.weights, {key: array for key, array in weights.items() if key != "dense_1.bias"})


def test_a_new_layer_is_drawn_and_not_reported_as_lost():
    network = NETWORK.inserted(1, Conv2d(filters=12, kernel_size=1))
    carried = carried_over(trained(NETWORK), network, 5)
    assert carried.drawn == ()
    np.testing.assert_array_equal(carried.weights["conv_2.weight"], initial_weights(network, 5)["conv_2.weight"])


def test_a_removed_layers_weights_are_gone():
    carried = carried_over(trained(NETWORK), NETWORK.removed(1), 5)
    assert not any(key.startswith("batch_norm_1") for key in carried.weights)
    check_weights(NETWORK.removed(1), carried.weights)


def test_weights_wait_behind_a_problem_until_it_is_mended():
    weights = trained(NETWORK)
    broken = NETWORK.replaced(0, Conv2d(filters=12, kernel_size=60))
    meanwhile = carried_over(weights, broken, 5)
    check_weights(broken, meanwhile.weights)
    assert meanwhile.drawn == ()
    mended = carried_over(meanwhile.weights, NETWORK, 5)
    assert mended.drawn == ()
    assert same(mended.weights, weights)


def wrong(key: str, array: object) -> dict[str, np.ndarray]:
    """Return good weights with one array exchanged, or left out."""
    weights = {name: values.copy() for name, values in initial_weights(NETWORK, 0).items()}
    weights.pop(key, None)
    return weights if array is None else weights | {key: np.asarray(array)}


@pytest.mark.parametrize(
    ("key", "array", "reason"),
    [
        ("conv_1.bias", None, "'conv_1.bias' are missing"),
        ("conv_1.bias", np.zeros(11, np.float32), "'conv_1.bias' are 11, not 12"),
        ("conv_1.weight", np.zeros((12, 5, 5), np.float32), "'conv_1.weight' are 12×5×5, not 12×1×5×5"),
        ("conv_1.bias", np.zeros(12), "'conv_1.bias' are float64, not float32"),
        ("conv_1.bias", np.full(12, np.nan, np.float32), "'conv_1.bias' hold values that are not finite"),
        ("dense_1.bias", np.full(10, np.inf, np.float32), "'dense_1.bias' hold values that are not finite"),
        ("conv_9.bias", np.zeros(12, np.float32), "'conv_9.bias' belong to no layer"),
        ("conv_1.scale", np.zeros(12, np.float32), "'conv_1.scale' are more than its layer has"),
        ("batch_norm_1.running_var", None, "'batch_norm_1.running_var' are missing"),
        ("dense_1.bias", np.float32(0), "'dense_1.bias' are one number, not 10"),
    ],
)
def test_an_array_that_does_not_belong_is_named_with_the_reason(key: str, array: object, reason: str):
    with pytest.raises(WeightsError, match=reason):
        check_weights(NETWORK, wrong(key, array))


def test_good_weights_pass_and_those_of_a_layer_that_is_off_may_be_missing():
    weights = initial_weights(NETWORK, 0)
    check_weights(NETWORK, weights)
    without = {key: array for key, array in weights.items() if not key.startswith("batch_norm_1")}
    check_weights(NETWORK.toggled(1), without)
    with pytest.raises(WeightsError, match="batch_norm_1"):
        check_weights(NETWORK, without)


def test_negative_running_variances_are_no_weights():
    negative = -np.ones(12, np.float32)
    assert torch.tensor(negative).sqrt().isnan().all()  # what batch norm would make of them
    with pytest.raises(WeightsError, match=r"'batch_norm_1\.running_var'.*negative"):
        check_weights(NETWORK, wrong("batch_norm_1.running_var", negative))


LARGE = Network((1, 28, 28), (Flatten(), Dense(units=16_384), Dense(units=2_000), Dense(units=10)))


def test_more_weights_than_can_be_drawn_at_once_wait_until_they_are_asked_for():
    assert 4 * LARGE.report.parameters > DRAWN_AT_ONCE
    assert carried_over({}, LARGE, 0).weights == {}
    assert missing_bytes(LARGE, {}) == 4 * LARGE.report.parameters
    check_weights(LARGE, {})


def test_what_was_drawn_step_by_step_has_the_numbers_that_are_drawn_at_once():
    steps = list[Progress]()
    work = drawing_missing(LARGE, {}, 4)
    while True:
        try:
            steps.append(next(work))
        except StopIteration as end:
            weights = end.value
            break
    assert same(weights, initial_weights(LARGE, 4))
    assert missing_bytes(LARGE, weights) == 0
    done = [step.done for step in steps]
    assert done == sorted(done)
    assert done[-1] == steps[-1].total == 4 * LARGE.report.parameters
    assert max(after - before for before, after in pairwise(done)) <= 2**20  # a step is short: a cancel does not wait
    assert not weights["dense_1.weight"].flags.writeable


def test_drawing_keeps_what_is_there():
    learned = np.ones((10, 2000), np.float32)
    weights = finished(drawing_missing(LARGE, {"dense_3.weight": learned}, 0))
    assert weights["dense_3.weight"] is learned
    np.testing.assert_array_equal(weights["dense_3.bias"], initial_weights(LARGE, 0)["dense_3.bias"])


def test_a_bias_switched_on_in_a_large_layer_is_drawn_at_once():
    without = LARGE.replaced(2, Dense(units=2_000, bias=False))
    weights = initial_weights(without, 0)
    carried = carried_over(weights, LARGE, 0).weights
    assert carried["dense_2.weight"] is weights["dense_2.weight"]
    np.testing.assert_array_equal(carried["dense_2.bias"], initial_weights(LARGE, 0)["dense_2.bias"])


def test_an_edit_of_a_large_network_draws_what_is_little_and_keeps_the_rest():
    weights = initial_weights(LARGE, 0)
    fewer = LARGE.replaced(3, Dense(units=7))
    carried = carried_over(weights, fewer, 0)
    assert carried.weights["dense_1.weight"] is weights["dense_1.weight"]
    assert carried.weights["dense_3.weight"].shape == (7, 2000)
    narrower = carried_over(weights, LARGE.replaced(2, Dense(units=1_999)), 0)
    assert narrower.drawn == ("dense_2", "dense_3")
    assert narrower.weights.keys() == {"dense_1.weight", "dense_1.bias"}


def test_a_mark_knows_weights_again_and_keeps_none_of_them():
    arrays = {"a": np.zeros(3, np.float32), "b": np.zeros(3, np.float32)}
    mark = WeightsMark(arrays)
    assert mark.is_on({**arrays, "drawn since": np.ones(1, np.float32)})
    assert not mark.is_on({**arrays, "b": arrays["b"].copy()})
    assert WeightsMark().is_on(arrays)  # nobody knows which
    kept = {"a": arrays["a"]}
    arrays.clear()
    assert not mark.is_on(kept)
