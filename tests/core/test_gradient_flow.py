"""What is said of gradients: measured as NumPy would, named on real runs that suffer, and not on those that learn."""

from __future__ import annotations

import dataclasses
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from convscope.core.data.dataset import Dataset, Examples
from convscope.core.data.handwriting import generated
from convscope.core.diagnosis.remedies import gradient_remedies
from convscope.core.gradient_flow import (
    FEWEST,
    MOST_POINTS,
    WINDOW,
    FlowPoint,
    GradientFlow,
    Trouble,
    flow_point,
)
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.snapshot import RunPhase
from convscope.core.training import train
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import initial_weights

LAYERS = ("dense_1", "dense_2", "dense_3")


def point(
    gradients: tuple[float, ...] = (0.3, 0.4, 0.5),
    updates: tuple[float, ...] = (0.01, 0.01, 0.01),
    *,
    epoch: float = 0.0,
    dead: float = 0.0,
) -> FlowPoint:
    silent = {"activation_1": np.arange(20) < 20 * dead}
    return FlowPoint(epoch, LAYERS, np.array(gradients), np.array(updates), np.ones(3), silent)


def read(*points: FlowPoint) -> GradientFlow:
    flow = GradientFlow()
    for one in points:
        flow = flow.extended(one)
    return flow


def named(flow: GradientFlow) -> list[tuple[Trouble, str]]:
    return [(finding.trouble, finding.layer) for finding in flow.findings]


VANISHING = point((0.02, 0.4, 0.5), (1e-5, 1e-3, 1e-3))
HEALTHY = point()


def test_sizes_are_the_lengths_of_all_arrays_of_a_layer():
    layers = (Conv2d(filters=2), BatchNorm(), Activation(), Flatten(), Dense(units=4, trainable=False), Dense(units=3))
    network = Network((1, 6, 6), layers, 3)
    weights = initial_weights(network, 1)
    gradients = {key: 2 * array for key, array in weights.items() if not key.startswith("dense_1")}
    updates = {key: array / np.float32(10) for key, array in gradients.items()}
    found = flow_point(network, 0.5, gradients, updates, weights)
    assert found.layers == ("conv_1", "dense_2")  # neither batch norm nor what is frozen
    for number, name in enumerate(found.layers):
        length = np.sqrt(sum(np.square(weights[f"{name}.{key}"]).sum() for key in ("weight", "bias")))
        assert found.weights[number] == pytest.approx(length, rel=1e-6)
        assert found.gradients[number] == pytest.approx(2 * length, rel=1e-6)
        assert found.relative_updates[number] == pytest.approx(0.2, rel=1e-6)


def test_weights_of_zero_move_by_infinitely_much_or_not_at_all():
    still = FlowPoint(0, ("a", "b"), np.zeros(2), np.array([0.0, 0.1]), np.zeros(2))
    assert still.relative_updates.tolist() == [0.0, np.inf]


def test_a_layer_that_no_gradient_reaches_has_one_of_zero():
    network = Network((1, 6, 6), (Flatten(), Dense(units=3), Activation(function="binary_step"), Dense(units=3)), 3)
    weights = initial_weights(network, 1)
    gradients = {key: array for key, array in weights.items() if key.startswith("dense_2")}
    updates = {key: array / np.float32(100) for key, array in gradients.items()}
    found = flow_point(network, 0, gradients, updates, weights)
    assert found.gradients[0] == 0 < found.gradients[1]
    flow = read(*[found] * FEWEST)
    assert named(flow) == [(Trouble.VANISHING, "dense_1")]
    assert flow.findings[0].sentence == "No gradient reaches dense_1: it cannot learn."


def test_healthy_sizes_are_not_accused():
    assert named(read(*[HEALTHY] * 30)) == []
    slow = point((0.3, 0.4, 0.5), (1e-6, 1e-6, 1e-6))  # at the end of a decaying rate
    assert named(read(*[slow] * 30)) == []
    adam = point((0.02, 0.4, 0.5), (0.01, 0.01, 0.01))  # small gradients, which Adam makes up for
    assert named(read(*[adam] * 30)) == []


def test_vanishing_gradients_are_named_with_their_layer_and_numbers():
    flow = read(*[VANISHING] * FEWEST)
    assert named(flow) == [(Trouble.VANISHING, "dense_1")]
    assert flow.findings[0].sentence == (
        "The gradient of dense_1 is 25 times smaller than that of dense_3, and a step moves its weights by only "
        "1 / 100,000 of their length: it hardly learns."
    )
    assert named(read(*[VANISHING] * (FEWEST - 1))) == []  # too early to tell


def test_a_layer_that_does_not_move_at_all_is_said_not_to():
    flow = read(*[point((0.02, 0.4, 0.5), (0.0, 1e-3, 1e-3))] * FEWEST)
    assert flow.findings[0].sentence == (
        "The gradient of dense_1 is 25 times smaller than that of dense_3, and a step does not move its weights at "
        "all: it does not learn."
    )


def test_what_is_still_named_is_told_by_the_numbers_that_showed_it():
    """Half the window is healthy again: its numbers would contradict the trouble."""
    recovered = [point((0.9, 0.4, 0.5))] * (WINDOW // 2)
    suffered = point((0.01, 0.4, 0.5), (1e-5, 1e-3, 1e-3))
    flow = read(*[VANISHING] * WINDOW, suffered, *recovered)
    assert [finding.sentence for finding in flow.findings] == [
        "The gradient of dense_1 is 50 times smaller than that of dense_3, and a step moves its weights by only "
        "1 / 100,000 of their length: it hardly learns."
    ]
    flow = read(*[point((0.5, 500.0, 3.0))] * WINDOW, point((0.5, 700.0, 3.0)), *recovered)
    assert [finding.sentence for finding in flow.findings] == [
        "The gradient of dense_2 has a length of 700: such steps leap out of the valley."
    ]


def test_a_later_gradient_beyond_all_numbers_is_not_what_others_are_compared_with():
    flow = read(*[point((0.02, 0.4, np.nan), (1e-5, 1e-3, 1e-3))] * FEWEST)
    assert (Trouble.VANISHING, "dense_1") in named(flow)
    assert "20 times smaller than that of dense_2" in flow.findings[-1].sentence


@pytest.mark.parametrize(
    ("gradients", "updates"),
    [((0.5, 500.0, 3.0), (0.1, 0.1, 0.1)), ((0.5, 1.0, 3.0), (0.1, 0.9, 0.1)), ((1.0, np.inf, 1.0), (0.1, 0.1, 0.1))],
)
def test_exploding_gradients_are_named(gradients: tuple[float, ...], updates: tuple[float, ...]):
    assert named(read(*[point(gradients, updates)] * FEWEST)) == [(Trouble.EXPLODING, "dense_2")]


def test_a_loss_that_is_no_number_blames_the_layer_that_moved_most():
    flow = read(point(updates=(0.1, 0.2, 0.4))).failed()
    assert named(flow) == [(Trouble.EXPLODING, "dense_3")]
    assert "40 %" in flow.findings[0].sentence
    assert named(GradientFlow().failed()) == []


def test_a_loss_that_is_no_number_after_calm_steps_is_not_laid_to_a_small_gradient():
    flow = read(point(updates=(0.001, 0.03, 0.002))).failed()
    assert [finding.sentence for finding in flow.findings] == [
        "The weights of dense_2 moved most before the loss became no number: such steps leap out of the valley."
    ]


def test_where_only_batch_norm_is_trained_no_layer_is_blamed():
    frozen = Network((1, 6, 6), (Flatten(), Dense(units=3, trainable=False), BatchNorm()), 3)
    weights = initial_weights(frozen, 1)
    found = flow_point(frozen, 0.5, {}, {}, weights)
    assert found.layers == ()
    assert named(read(*[found] * WINDOW).failed()) == []


def test_dead_units_are_those_that_were_silent_in_all_batches():
    assert named(read(*[point(dead=0.45)] * WINDOW)) == [(Trouble.DEAD, "activation_1")]
    assert named(read(*[point(dead=0.45)] * (WINDOW - 1))) == []
    assert named(read(*[point(dead=0.35)] * WINDOW)) == []
    now_and_then = [point(dead=0.45) for _ in range(WINDOW - 1)] + [point()]
    assert named(read(*now_and_then)) == []
    flow = read(*[point(dead=1.0)] * WINDOW)
    assert "All 20 outputs of activation_1" in flow.findings[0].sentence


def test_what_is_named_does_not_change_from_batch_to_batch():
    random = np.random.default_rng(1)
    for share in (0.5, 0.9):
        flow, changes = GradientFlow(), 0
        for suffers in random.random(400) < share:
            former = named(flow)
            flow = flow.extended(VANISHING if suffers else HEALTHY)
            changes += named(flow) != former
        assert changes <= 2, share
    flow = read(*[VANISHING] * WINDOW, *[HEALTHY] * (WINDOW // 2))
    assert named(flow) == [(Trouble.VANISHING, "dense_1")]  # half the window is not enough to withdraw it
    assert named(read(*[VANISHING] * WINDOW, *[HEALTHY] * WINDOW)) == []


def test_the_history_is_bounded_and_thinned_evenly():
    flow = GradientFlow()
    for number in range(5 * MOST_POINTS):
        flow = flow.extended(point(epoch=float(number)))
        assert flow.points[-1].epoch == number
        assert len(flow.points) <= MOST_POINTS + 1
    places = np.array([one.epoch for one in flow.points])
    assert places[0] == 0
    assert set(np.diff(places)[:-1]) == {8.0}
    assert [one.epoch for one in flow.recent] == list(range(5 * MOST_POINTS - WINDOW, 5 * MOST_POINTS))


def test_another_network_begins_anew():
    other = FlowPoint(0, ("conv_1",), np.ones(1), np.ones(1), np.ones(1))
    flow = read(*[VANISHING] * WINDOW, other)
    assert flow.points == (other,)
    assert flow.findings == ()


@cache
def digits() -> Dataset:
    return generated(seed=1, train_size=3000, test_size=100)


def readings(name: str, steps: int, **changes: object) -> list[GradientFlow]:
    """Return what is said after each of so many batches of a real run."""
    found = preset(name)
    config = dataclasses.replace(found.training, **changes)  # pyright: ignore[reportArgumentType]
    weights = initial_weights(found.network, config.seed, config.initialisation)
    flow, told = GradientFlow(), list[GradientFlow]()
    for snapshot in train(found.network, weights, config, digits().train, digits().test, pace=0):
        if snapshot.flow is not None:
            flow = flow.extended(snapshot.flow)
        if snapshot.phase is RunPhase.FAILED:
            flow = flow.failed()
        told.append(flow)
        if snapshot.step >= steps or snapshot.phase is RunPhase.FAILED:
            break
    return told


def changes_of(told: list[GradientFlow]) -> int:
    return sum(named(one) != named(other) for one, other in pairwise(told))


def test_the_gradients_of_sigmoid_deep_vanish():
    told = readings("sigmoid-deep", 100)
    assert (Trouble.VANISHING, "dense_1") in named(told[FEWEST])
    assert (Trouble.VANISHING, "dense_1") in named(told[-1])
    assert (Trouble.VANISHING, "dense_3") not in named(told[-1])
    assert changes_of(told) <= 3


@pytest.mark.parametrize(("name", "steps"), [("relu-deep", 140), ("softmax", 60), ("cnn-batchnorm", 25), ("cnn", 25)])
def test_networks_that_learn_are_never_accused(name: str, steps: int):
    for flow in readings(name, steps):
        assert named(flow) == []


def test_sigmoids_trained_by_adam_are_not_accused():
    told = readings("sigmoid-deep", 60, optimizer="adam", learning_rate=0.001)
    assert named(told[-1]) == []


def test_units_that_large_steps_killed_are_named():
    told = readings("relu-deep", 60, learning_rate=0.5)
    assert (Trouble.DEAD, "activation_1") in named(told[-1]) or (Trouble.DEAD, "activation_2") in named(told[-1])


def test_too_large_first_weights_explode():
    told = readings("cnn", 12, initialisation="too_large")
    assert any(trouble is Trouble.EXPLODING for flow in told for trouble, _ in named(flow))


def test_first_weights_of_zero_let_no_gradient_through():
    told = readings("relu-deep", 10, optimizer="sgd", learning_rate=0.1, initialisation="zeros")
    assert named(told[-1])[0] == (Trouble.ALL_ZERO, "dense_1")
    assert told[-1].findings[0].sentence.startswith("All weights of dense_1 are 0 and get no gradient")


def test_first_weights_of_zero_that_begin_anew_let_the_gradient_through():
    relus = preset("relu-deep")
    zeros = dataclasses.replace(relus.training, initialisation="zeros")
    [remedy] = gradient_remedies(Trouble.ALL_ZERO, relus.network, zeros)
    assert remedy.begins_anew
    assert remedy.config is not None
    assert "“Zeros”" in remedy.reason
    assert named(readings("relu-deep", 10, initialisation=remedy.config.initialisation)[-1]) == []


@pytest.mark.parametrize("trouble", [Trouble.DEAD, Trouble.VANISHING])
def test_weights_that_begin_too_small_are_the_first_to_change(trouble: Trouble):
    relus = preset("relu-deep")
    small = dataclasses.replace(relus.training, initialisation="too_small")
    assert labels(trouble, relus.network, small)[0] == "Draw weights as PyTorch does"


def labels(trouble: Trouble, network: Network, config: TrainingConfig) -> list[str]:
    return [remedy.label for remedy in gradient_remedies(trouble, network, config)]


def test_remedies_fit_the_network():
    sigmoids, relus = preset("sigmoid-deep"), preset("relu-deep")
    assert labels(Trouble.VANISHING, sigmoids.network, sigmoids.training) == [
        "Use ReLU activations",
        "Insert batch normalisation",
        "Use Adam",
    ]
    assert labels(Trouble.DEAD, relus.network, relus.training) == [
        "Use leaky ReLU activations",
        "Insert batch normalisation",
        "Lower the rate: 0.001 → 0.0001",
    ]
    large = dataclasses.replace(relus.training, optimizer="sgd", initialisation="too_large")
    assert labels(Trouble.EXPLODING, relus.network, large) == [
        "Draw weights as PyTorch does",
        "Lower the rate: 0.001 → 0.0001",
        "Insert batch normalisation",
        "Use Adam",
    ]


@pytest.mark.parametrize("number", range(3))
def test_each_remedy_of_vanishing_gradients_helps_sigmoid_deep(number: int):
    found = preset("sigmoid-deep")
    remedy = gradient_remedies(Trouble.VANISHING, found.network, found.training)[number]
    network, config = remedy.network or found.network, remedy.config or found.training
    flow = GradientFlow()
    examples: Examples = digits().train
    for snapshot in train(network, initial_weights(network, 0), config, examples, digits().test, pace=0):
        if snapshot.flow is not None:
            flow = flow.extended(snapshot.flow)
        if snapshot.step >= 40:
            break
    assert named(flow) == []
