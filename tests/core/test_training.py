"""The numbers of a run: those of a bare PyTorch loop, repeated by the seed, measured as torch would."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from convscope.core.data.dataset import Examples
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, Layer
from convscope.core.module import build_module, load_weights
from convscope.core.network import Network
from convscope.core.snapshot import Orders, RunPhase, Snapshot, TrainingError
from convscope.core.training import train
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import Weights, initial_weights

CONFIG = TrainingConfig(learning_rate=0.01, batch_size=32, epochs=3, seed=5)
SLOW = 1e9  # a pace at which only epochs report


def ended(
    network: Network, config: TrainingConfig, training: Examples, validation: Examples, pace: float = SLOW
) -> list[Snapshot]:
    """Return all snapshots of a run from its seed's weights."""
    return list(train(network, initial_weights(network, config.seed), config, training, validation, pace=pace))


def assert_same(one: Weights, other: Weights) -> None:
    assert one.keys() == other.keys()
    for key, array in one.items():
        np.testing.assert_array_equal(array, other[key])


def losses(snapshots: list[Snapshot]) -> np.ndarray:
    return np.concatenate([snapshot.batch_losses for snapshot in snapshots])


OPTIMIZERS: dict[str, Any] = {
    "sgd": lambda parameters, rate: torch.optim.SGD(parameters, rate),
    "momentum": lambda parameters, rate: torch.optim.SGD(parameters, rate, momentum=0.8),
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
}


class Bare:
    """A loop as PyTorch's tutorials write it, for the network of the fixtures."""

    def __init__(self, weights: Weights, config: TrainingConfig, frozen: Sequence[str] = ()) -> None:
        self.model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3))
        places = {"conv_1": self.model[0], "batch_norm_1": self.model[1], "dense_1": self.model[4]}
        self.arrays = {key: getattr(places[key.partition(".")[0]], key.partition(".")[2]) for key in weights}
        with torch.no_grad():
            for key, tensor in self.arrays.items():
                tensor.copy_(torch.tensor(weights[key]))
        self.frozen = [places[name] for name in frozen]
        for module in self.frozen:
            module.requires_grad_(False)
        self.optimizer = OPTIMIZERS[config.optimizer](self.model.parameters(), config.learning_rate)
        self.shuffle = torch.Generator().manual_seed(config.seed)
        self.losses: list[float] = []

    def train(self, examples: Examples, size: int, rates: list[float]) -> None:
        """Train one epoch for each learning rate."""
        images, labels = torch.tensor(examples.images).float() / 255, torch.tensor(examples.labels)
        self.model.train()
        for module in self.frozen:
            module.eval()
        for rate in rates:
            self.optimizer.param_groups[0]["lr"] = rate
            for chosen in torch.randperm(len(examples), generator=self.shuffle).split(size):
                loss = functional.cross_entropy(self.model(images[chosen]), labels[chosen])
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                self.losses.append(loss.item())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_run_has_the_numbers_of_a_bare_loop(
    optimizer: str, network: Network, training: Examples, validation: Examples
):
    rate = 0.1 if optimizer in ("sgd", "momentum") else 0.01
    config = dataclasses.replace(
        CONFIG, optimizer=optimizer, learning_rate=rate, momentum=0.8, schedule="exponential", decay=0.5
    )
    bare = Bare(initial_weights(network, config.seed), config)
    bare.train(training, config.batch_size, [rate, rate / 2, rate / 4])
    snapshots = ended(network, config, training, validation)
    np.testing.assert_allclose(losses(snapshots), bare.losses, atol=1e-5)
    for key, tensor in bare.arrays.items():
        np.testing.assert_allclose(snapshots[-1].weights[key], tensor.detach().numpy(), atol=1e-5, err_msg=key)
    assert [snapshot.points[0].learning_rate for snapshot in snapshots] == [rate, rate / 2, rate / 4]


def test_the_same_seed_gives_the_same_numbers_at_any_pace(
    random_network: Network, training: Examples, validation: Examples
):
    slow = ended(random_network, CONFIG, training, validation)
    quick = ended(random_network, CONFIG, training, validation, pace=0)
    assert len(quick) > len(slow) == 3
    np.testing.assert_array_equal(losses(slow), losses(quick))
    for key, array in slow[-1].weights.items():
        np.testing.assert_array_equal(array, quick[-1].weights[key], err_msg=key)
    measures = [[dataclasses.replace(p, seconds=0) for s in run for p in s.points] for run in (slow, quick)]
    assert measures[0] == measures[1]


def test_the_seed_decides_order_and_dropout_and_not_only_the_weights(
    random_network: Network, training: Examples, validation: Examples
):
    weights = initial_weights(random_network, 0)
    runs = [
        list(train(random_network, weights, dataclasses.replace(CONFIG, seed=seed), training, validation, pace=SLOW))
        for seed in (1, 2)
    ]
    assert not np.array_equal(losses(runs[0]), losses(runs[1]))


def test_torchs_global_randomness_has_no_part_in_it(random_network: Network, training: Examples, validation: Examples):
    torch.manual_seed(1)
    first = losses(ended(random_network, CONFIG, training, validation))
    torch.manual_seed(2)
    before = torch.get_rng_state()
    np.testing.assert_array_equal(losses(ended(random_network, CONFIG, training, validation)), first)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_network_learns(network: Network, training: Examples, validation: Examples):
    points = [
        snapshot.points[0] for snapshot in ended(network, dataclasses.replace(CONFIG, epochs=8), training, validation)
    ]
    assert points[-1].validation_accuracy > 0.95
    assert points[-1].train_loss < points[0].train_loss / 2


def test_validation_is_what_torch_measures_with_the_same_weights(
    random_network: Network, training: Examples, validation: Examples
):
    for snapshot in ended(random_network, CONFIG, training, validation):
        module = build_module(random_network).eval()
        load_weights(module, snapshot.weights)
        labels = torch.tensor(validation.labels)
        with torch.inference_mode():
            logits = module(torch.tensor(validation.images).float() / 255)
        [point] = snapshot.points
        assert point.validation_loss == pytest.approx(functional.cross_entropy(logits, labels).item(), rel=1e-5)
        assert point.validation_accuracy == pytest.approx((logits.argmax(1) == labels).double().mean().item())


def test_an_epochs_training_measures_are_the_means_over_its_images(
    network: Network, training: Examples, validation: Examples
):
    sizes = np.array([32, 32, 32, 32, 2])
    for snapshot in ended(network, CONFIG, training, validation):
        [point] = snapshot.points
        assert point.train_loss == pytest.approx(np.average(snapshot.batch_losses, weights=sizes), rel=1e-5)
        assert point.train_accuracy == pytest.approx(np.average(snapshot.batch_accuracies, weights=sizes), rel=1e-5)
        assert point.seconds > 0


def test_batches_lie_where_their_last_image_comes_in_the_epoch(
    network: Network, training: Examples, validation: Examples
):
    snapshots = ended(network, CONFIG, training, validation)
    places = np.concatenate([snapshot.batch_epochs for snapshot in snapshots])
    expected = np.array([32, 64, 96, 128, 130]) / 130
    np.testing.assert_allclose(places, np.concatenate([expected, expected + 1, expected + 2]))
    assert [snapshot.points[0].epoch for snapshot in snapshots] == [1, 2, 3]


def test_a_new_learning_rate_holds_from_the_next_batch_on(network: Network, training: Examples, validation: Examples):
    config = dataclasses.replace(CONFIG, optimizer="sgd", learning_rate=0.1, batch_size=130, epochs=2)
    run = train(network, initial_weights(network, 5), config, training, validation, pace=SLOW)
    first = next(run)
    second = run.send(Orders(dataclasses.replace(config, learning_rate=0.7)))
    bare = Bare(initial_weights(network, 5), config)
    bare.train(training, 130, [0.1, 0.7])
    np.testing.assert_allclose(losses([first, second]), bare.losses, atol=1e-5)
    np.testing.assert_allclose(second.weights["dense_1.bias"], bare.arrays["dense_1.bias"].detach().numpy(), atol=1e-5)
    assert second.points[0].learning_rate == 0.7


def test_a_new_batch_size_holds_for_the_rest_of_the_epoch(network: Network, training: Examples, validation: Examples):
    run = train(network, initial_weights(network, 5), CONFIG, training, validation, pace=0)
    assert next(run).batch_epochs.tolist() == [32 / 130]
    smaller = Orders(dataclasses.replace(CONFIG, batch_size=49), batches=10)
    np.testing.assert_allclose(run.send(smaller).batch_epochs, np.array([81, 130]) / 130)


@pytest.mark.parametrize(
    ("layer", "change"),
    [(Dropout(rate=0.5), {"rate": 0.0}), (Dropout(rate=0.5), {"mode": "maps"}), (BatchNorm(), {"momentum": 0.7})],
)
def test_a_layers_live_settings_hold_from_the_next_batch_on(
    layer: Layer, change: dict[str, Any], training: Examples, validation: Examples
):
    before = Network((1, 6, 6), (Conv2d(filters=2), layer, Flatten(), Dense(units=3)), classes=3)
    after = before.replaced(1, before.layers[1].changed(**change))
    assert after.carries_on(before)
    weights = initial_weights(before, 5)
    run = train(before, weights, CONFIG, training, validation, pace=SLOW, orders=Orders(network=after))
    told, known = [next(run), *run][-1], ended(after, CONFIG, training, validation)[-1]
    assert told.points == (dataclasses.replace(known.points[0], seconds=told.points[0].seconds),)
    assert_same(told.weights, known.weights)
    late = train(before, weights, CONFIG, training, validation, pace=SLOW)
    first, second = next(late), late.send(Orders(network=after))
    unchanged = ended(before, CONFIG, training, validation)
    assert_same(first.weights, unchanged[0].weights)
    assert any((second.weights[key] != array).any() for key, array in unchanged[1].weights.items())


def test_settings_that_cannot_change_stay_as_they_were(network: Network, training: Examples, validation: Examples):
    other = dataclasses.replace(CONFIG, optimizer="sgd", seed=9, train_size=3, device="elsewhere")
    run = train(network, initial_weights(network, 5), CONFIG, training, validation, pace=SLOW)
    changed = [next(run), run.send(Orders(other)), next(run)]
    np.testing.assert_array_equal(losses(changed), losses(ended(network, CONFIG, training, validation)))


def test_a_finished_run_goes_on_as_if_more_epochs_had_been_ordered_at_once(
    random_network: Network, training: Examples, validation: Examples
):
    two = dataclasses.replace(CONFIG, epochs=2)
    run = train(random_network, initial_weights(random_network, 5), two, training, validation, pace=SLOW)
    snapshots = [next(run), next(run)]
    assert snapshots[-1].phase is RunPhase.FINISHED
    snapshots += [run.send(Orders(CONFIG)), *run]
    whole = ended(random_network, CONFIG, training, validation)
    np.testing.assert_array_equal(losses(snapshots), losses(whole))
    np.testing.assert_array_equal(snapshots[-1].weights["conv_1.weight"], whole[-1].weights["conv_1.weight"])
    assert [snapshot.points[0].epoch for snapshot in snapshots] == [1, 2, 3]


def test_nothing_before_a_binary_step_can_learn(training: Examples, validation: Examples):
    layers = (Conv2d(filters=2), Activation(function="binary_step"), Flatten(), Dense(units=3))
    network = Network((1, 6, 6), layers, 3)
    start = initial_weights(network, 5)
    last = ended(network, CONFIG, training, validation)[-1]
    np.testing.assert_array_equal(last.weights["conv_1.weight"], start["conv_1.weight"])
    assert not np.array_equal(last.weights["dense_1.weight"], start["dense_1.weight"])
    only_step = Network((1, 6, 6), (Flatten(), Dense(units=3), Activation(function="binary_step")), 3)
    last = ended(only_step, CONFIG, training, validation)[-1]
    assert last.phase is RunPhase.FINISHED
    np.testing.assert_array_equal(last.weights["dense_1.bias"], initial_weights(only_step, 5)["dense_1.bias"])


def freeze(network: Network, *names: str) -> Network:
    for name in names:
        index = network.index_of(name)
        network = network.replaced(index, network.layers[index].changed(trainable=False))
    return network


@pytest.mark.parametrize("names", [("conv_1",), ("batch_norm_1",), ("dense_1",), ("conv_1", "batch_norm_1")])
@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_a_frozen_layer_stays_as_it_is_and_the_others_learn_as_in_a_bare_loop(
    names: tuple[str, ...], optimizer: str, network: Network, training: Examples, validation: Examples
):
    config = dataclasses.replace(CONFIG, optimizer=optimizer, momentum=0.8)
    start = initial_weights(network, config.seed)
    bare = Bare(start, config, names)
    bare.train(training, config.batch_size, [config.learning_rate] * config.epochs)
    snapshots = ended(freeze(network, *names), config, training, validation)
    np.testing.assert_allclose(losses(snapshots), bare.losses, atol=1e-5)
    for key, array in snapshots[-1].weights.items():
        if key.partition(".")[0] in names:
            np.testing.assert_array_equal(array, start[key], err_msg=key)
        else:
            np.testing.assert_allclose(array, bare.arrays[key].detach().numpy(), atol=1e-5, err_msg=key)
            assert not np.array_equal(array, start[key]), key


def test_where_everything_is_frozen_nothing_can_be_trained(network: Network, training: Examples, validation: Examples):
    whole = freeze(network, "conv_1", "batch_norm_1", "dense_1")
    with pytest.raises(TrainingError, match="Let a frozen layer train again"):
        next(train(whole, initial_weights(whole, 5), CONFIG, training, validation))


def test_a_frozen_batch_norm_trains_on_single_examples(training: Examples, validation: Examples):
    layers = (Flatten(), Dense(units=5), BatchNorm(), Dense(units=3))
    network = freeze(Network((1, 6, 6), layers, 3), "batch_norm_1")
    config = dataclasses.replace(CONFIG, batch_size=1, epochs=1)
    [last] = ended(network, config, training, validation)
    assert last.phase is RunPhase.FINISHED
    assert last.step == len(training)


def test_gradients_are_those_of_the_last_batch(network: Network, training: Examples, validation: Examples):
    config = dataclasses.replace(CONFIG, optimizer="sgd", epochs=1)
    start = initial_weights(network, config.seed)
    for names in ((), ("conv_1",)):
        bare = Bare(start, config, names)
        bare.train(training, config.batch_size, [config.learning_rate])
        [snapshot] = ended(freeze(network, *names), config, training, validation)
        expected = {key: tensor.grad for key, tensor in bare.arrays.items() if tensor.grad is not None}
        assert snapshot.gradients.keys() == expected.keys() != set()
        for key, gradient in expected.items():
            np.testing.assert_allclose(snapshot.gradients[key], gradient.numpy(), atol=1e-5, err_msg=key)
            assert not snapshot.gradients[key].flags.writeable
