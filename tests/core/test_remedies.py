"""A network that cannot work: the sentence, remedies that help, and the layers before it that stay alive."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from convscope.core.layers import (
    LAYER_KINDS,
    Activation,
    AveragePool,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool,
    Layer,
    MaxPool,
    Reshape,
)
from convscope.core.network import Network
from convscope.core.report import Problem
from convscope.core.trace import trace
from convscope.core.weights import initial_weights


def problem_of(*layers: Layer, input_shape: tuple[int, int, int] = (1, 28, 28)) -> tuple[Network, Problem]:
    network = Network(input_shape, layers)
    assert network.report.problem is not None
    return network, network.report.problem


def remedy(problem: Problem, label: str) -> Network:
    """Return what the remedy of that label makes of the network."""
    labels = [remedy.label for remedy in problem.remedies]
    assert label in labels
    return problem.remedies[labels.index(label)].network


def test_a_kernel_too_large_says_by_how_much_and_offers_three_ways():
    head = (Flatten(), Dense())
    _, problem = problem_of(MaxPool(kernel_size=9, stride=9), Conv2d(filters=4, kernel_size=6), *head)
    assert problem.index == 1
    assert problem.message == "A 6×6 kernel does not fit the 3×3 map that reaches it."
    assert [remedy.label for remedy in problem.remedies] == [
        'Use padding "same"',
        "Use a kernel of at most 3×3",
        "Remove conv_1",
    ]
    smaller = remedy(problem, "Use a kernel of at most 3×3")
    assert smaller.report.problem is None
    assert smaller.report.rows[1].output_shape == (4, 1, 1)
    assert remedy(problem, 'Use padding "same"').report.rows[1].output_shape == (4, 3, 3)


def test_a_remedy_keeps_the_layers_name_and_so_its_weights():
    _, problem = problem_of(MaxPool(kernel_size=9, stride=9), Conv2d(kernel_size=6, name="mine"), Flatten(), Dense())
    assert remedy(problem, 'Use padding "same"').layers[1].name == "mine"


def test_maps_before_a_dense_layer_can_be_flattened_or_averaged():
    _, problem = problem_of(Conv2d(filters=4), Dense())
    assert problem.message == "A dense layer needs one vector, but maps of 26×26×4 reach it."
    flat = remedy(problem, "Insert a flatten layer (2,704 values)")
    assert [layer.kind for layer in flat.layers] == ["conv2d", "flatten", "dense"]
    assert flat.report.problem is None
    assert remedy(problem, "Insert global average pooling (4 values)").report.rows[-1].trainable == 4 * 10 + 10
    assert flat.layers[2].name == "dense_1"


def test_a_convolution_behind_a_flatten_can_do_without_the_flatten_or_with_a_reshape():
    network, problem = problem_of(Flatten(), Conv2d(filters=10, kernel_size=28), GlobalAveragePool())
    assert problem.index == 1
    assert "a vector of 784 values without rows and columns reaches it" in problem.message
    assert remedy(problem, "Remove flatten_1").report.problem is None
    assert remedy(problem, "Insert a reshape to 28×28×1").report.problem is None
    removed = remedy(problem, "Remove conv_1")
    assert [layer.kind for layer in removed.layers] == ["flatten", "global_average_pool"]
    assert removed.report.problem is not None
    assert network.report.problem == problem


@pytest.mark.parametrize(
    ("layers", "message", "label"),
    [
        ((), "The last layer gives maps of 28×28×1; the 10 classes need a vector of 10.", "Add a flatten and a dense "),
        ((Flatten(),), "The last layer gives 784 values; the 10 classes need 10.", "Add a dense layer of 10"),
        (
            (Flatten(), Dense(units=12)),
            "The last layer gives 12 values; the 10 classes need 10.",
            "Give dense_1 10 units",
        ),
    ],
)
def test_a_missing_head_can_be_added(layers: tuple[Layer, ...], message: str, label: str):
    _, problem = problem_of(*layers)
    assert problem.index == len(layers)
    assert problem.message == message
    [found] = [remedy for remedy in problem.remedies if remedy.label.startswith(label)]
    assert found.network.report.problem is None
    assert found.network.report.rows[-1].output_shape == (10,)


def test_a_dense_layer_that_is_off_is_not_given_other_units():
    _, problem = problem_of(Flatten(), Dense(units=12, enabled=False))
    assert [remedy.label for remedy in problem.remedies] == ["Add a dense layer of 10"]


def test_a_reshape_that_does_not_add_up_shows_both_counts():
    _, problem = problem_of(Conv2d(filters=2), Reshape(target=(1, 28, 28)), Flatten(), Dense())
    assert problem.message == "28×28×1 holds 784 values, but 1,352 (26×26×2) reach this layer."
    assert remedy(problem, "Reshape to 26×26×2").report.problem is None


def test_a_network_too_large_for_any_computer_is_refused_with_the_size():
    _, problem = problem_of(Flatten(), Dense(units=16_384), Dense(units=16_384), Dense(units=16_384), Dense())
    assert problem.index == 3
    assert "With this layer the weights would take 2.0 GiB; at most 2 GiB is allowed" in problem.message
    assert remedy(problem, "Remove dense_3").report.problem is None


def test_layers_behind_a_problem_wait_and_those_before_it_live():
    layers = (Conv2d(filters=3), MaxPool(kernel_size=20), Conv2d(filters=2, kernel_size=5), Flatten(), Dense())
    network, problem = problem_of(*layers, input_shape=(1, 28, 28))
    assert problem.index == 2
    rows = network.report.rows
    assert [row.output_shape for row in rows] == [(3, 26, 26), (3, 4, 4), None, None, None]
    assert [row.input_shape for row in rows] == [(1, 28, 28), (3, 26, 26), (3, 4, 4), None, None]
    image = np.random.default_rng(0).random((1, 28, 28), np.float32)
    seen = trace(network, initial_weights(network, 0), image)
    assert [None if output is None else output.shape for output in seen.outputs] == [
        (3, 26, 26),
        (3, 4, 4),
        *[None] * 3,
    ]
    assert seen.outputs[0] is not None
    assert np.abs(seen.outputs[0]).max() > 0
    assert seen.logits is None
    assert seen.probabilities is None


kinds = [kind for kind in LAYER_KINDS.values() if kind not in (Conv2d, Activation, Reshape)]
any_layer = st.one_of(
    st.sampled_from(kinds).map(lambda kind: kind()),
    st.builds(Conv2d, kernel_size=st.integers(1, 9), dilation=st.integers(1, 3), stride=st.integers(1, 3)),
    st.builds(MaxPool, kernel_size=st.integers(1, 9), stride=st.integers(1, 4), padding=st.integers(0, 5)),
    st.builds(AveragePool, kernel_size=st.integers(1, 9), padding=st.sampled_from(["valid", "same"])),
    st.builds(Reshape, target=st.sampled_from([(1, 28, 28), (784,), (16, 7, 7)])),
    st.builds(Activation, function=st.just("rrelu"), lower=st.floats(0, 1), upper=st.floats(0, 1)),
    st.builds(Dense, units=st.integers(1, 20), enabled=st.booleans()),
    st.builds(Dropout, enabled=st.booleans()),
)


@given(st.lists(any_layer, max_size=7), st.integers(1, 12))
def test_every_remedy_lets_at_least_one_more_layer_work(layers: list[Layer], side: int):
    network = Network((1, side, side), tuple(layers))
    problem = network.report.problem
    assume(problem is not None)
    assert problem is not None
    assert problem.message.endswith(".")
    assert problem.remedies
    waiting = len(network.layers) - problem.index
    for offered in problem.remedies:
        after = offered.network.report.problem
        assert after is None or len(offered.network.layers) - after.index < waiting


@given(st.lists(any_layer, max_size=6), st.integers(1, 12))
def test_following_first_remedies_ends_in_a_network_that_works(layers: list[Layer], side: int):
    network = Network((1, side, side), tuple(layers))
    for _ in range(len(layers) + 2):
        problem = network.report.problem
        if problem is None:
            break
        network = problem.remedies[0].network
    assert network.report.problem is None
