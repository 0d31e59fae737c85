"""The sentences that say when training and inference disagree about an image, and why."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, Layer
from convscope.core.mode import Mode
from convscope.core.mode_difference import Difference, difference
from convscope.core.network import Network
from convscope.core.trace import Trace, trace
from convscope.core.weights import initial_weights

IMAGE = np.random.default_rng(0).random((1, 28, 28), np.float32)


def both(*layers: Layer, companions: int = 3) -> tuple[Trace, Trace]:
    network = Network(layers=(*layers, Flatten(), Dense(units=10)))
    weights = initial_weights(network, 0)
    others = np.random.default_rng(1).random((companions, 1, 28, 28), np.float32)
    return (
        trace(network, weights, IMAGE),
        trace(network, weights, IMAGE, mode=Mode.TRAINING, companions=others),
    )


def said(inference: list[float], training: list[float], *layers: Layer, names: tuple[str, ...] = ()) -> Difference:
    first, second = both(*layers)
    first, second = (
        dataclasses.replace(one, probabilities=np.array(shares, np.float32))
        for one, shares in ((first, inference), (second, training))
    )
    found = difference(first, second, names)
    assert found is not None
    return found


def test_another_class_is_a_disagreement():
    found = said([0.9, 0.1], [0.25, 0.75], names=("cat", "dog"))
    assert not found.agree
    assert found.verdict == "They disagree: inference says cat (90.0 %), training dog (75.0 %)."


def test_the_same_class_less_surely_is_one_too():
    found = said([0.9, 0.1], [0.6, 0.4])
    assert not found.agree
    assert found.verdict == "Both say 0, but not equally surely. 0: inference 90.0 %, training 60.0 %."
    found = said([0.9, 0.1, 0.0], [0.9, 0.05, 0.05])
    assert found.verdict == "Both say 0, but not equally surely. 1: inference 10.0 %, training 5.0 %."


def test_less_than_a_hundredth_is_agreement():
    found = said([0.905, 0.095], [0.9, 0.1])
    assert found.agree
    assert found.verdict == "They agree: 0, 90.5 %."


def test_what_is_not_a_number_cannot_be_compared():
    found = said([0.9, 0.1], [float("nan"), 0.1])
    assert not found.agree
    assert "not numbers" in found.verdict


def test_a_network_without_such_layers_says_so():
    assert "no dropout" in said([1, 0], [1, 0], Conv2d(), Activation()).reason


def test_dropout_is_named_with_rate_and_factor():
    reason = said([1, 0], [1, 0], Dropout(rate=0.75, mode="maps")).reason
    assert reason == "In training, dropout_1 drops 75 % of the maps and multiplies the others by 4."
    assert "of the values" in said([1, 0], [1, 0], Dropout(rate=0.75)).reason


def test_only_layers_that_work_in_another_way_are_named():
    layers = (Dropout(rate=0), Dropout(name="off", enabled=False), BatchNorm(trainable=False))
    assert "Nothing in this network" in said([1, 0], [1, 0], *layers).reason


def test_several_layers_are_named_and_many_are_counted():
    two = [Dropout(name="a", rate=0.25), Dropout(name="b", rate=0.5)]
    assert "a and b drop 25 % to 50 %" in said([1, 0], [1, 0], *two).reason
    many = [BatchNorm(name=f"norm_{k}") for k in range(6)]
    assert "norm_0, norm_1 and 4 more use mean" in said([1, 0], [1, 0], *many).reason


@pytest.mark.parametrize(
    ("companions", "words"), [(3, "the drawing and 3 training images"), (1, "1 training image)"), (0, "batch of one")]
)
def test_batch_norm_is_named_with_its_batch(companions: int, words: str):
    found = difference(*both(BatchNorm(), companions=companions))
    assert found is not None
    assert "batch_norm_1 uses mean and variance of" in found.reason
    assert words in found.reason


@pytest.mark.parametrize(
    ("batch_size", "cause"), [(1, "(the batch size is 1)"), (8, "(load data to"), (None, "(load data to")]
)
def test_a_batch_of_one_is_explained(batch_size: int | None, cause: str):
    found = difference(*both(BatchNorm(), companions=0), batch_size=batch_size)
    assert found is not None
    assert f"of a batch of one, the drawing {cause}" in found.reason


def test_a_random_slope_is_named():
    reason = said([1, 0], [1, 0], Dropout(rate=0.5), Activation(name="bent", function="rrelu")).reason
    assert reason.startswith("In training, dropout_1 drops 50 %")
    assert reason.endswith("; bent draws the slope below 0 at random for each value.")


def predicted(inference: list[float], training: list[float], *names: str, unit: str = "") -> Difference:
    """Return what is said of a network that predicts these numbers."""
    layers = (Flatten(), Dropout(rate=0.5), Dense(units=len(inference)))
    network = Network((2, 1, 1), layers, len(inference), loss="squared error")
    seen = trace(network, initial_weights(network, 0), np.ones((2, 1, 1), np.float32))
    assert seen.probabilities is None
    first, second = (
        dataclasses.replace(seen, logits=np.array(numbers, np.float32)) for numbers in (inference, training)
    )
    found = difference(first, second, names, unit)
    assert found is not None
    return found


def test_a_predicted_number_is_compared_in_its_unit():
    found = predicted([0.96], [-1.2], unit="m")
    assert not found.agree
    assert found.verdict == "They disagree: inference predicts 0.96 m, training −1.2 m."
    assert found.reason.startswith("In training, dropout_1 drops 50 %")


def test_numbers_less_than_a_hundredth_apart_agree():
    assert predicted([100], [100.5], unit="kg").verdict == "They agree: 100 kg."
    assert not predicted([100], [102], unit="kg").agree
    assert predicted([0.0], [1e-8]).agree  # so small a difference is rounding


def test_of_several_numbers_the_most_different_is_named():
    found = predicted([1.0, 10.0], [1.2, 10.3], "height", "weight")
    assert found.verdict == "They disagree about height: inference predicts 1, training 1.2."
    assert predicted([1.0, 10.0], [1.0, 10.0]).verdict == "They agree: all 2 numbers are nearly the same."


def test_a_prediction_beyond_all_bounds_cannot_be_compared():
    found = predicted([1.0], [float("inf")])
    assert not found.agree
    assert found.verdict == "A prediction is not a number, so nothing can be compared."


def test_without_an_answer_nothing_is_said():
    network = Network(layers=(Conv2d(),))
    seen = trace(network, initial_weights(network, 0), IMAGE)
    assert difference(seen, seen) is None
