"""Settings of a run beyond the optimiser: weight decay, early stopping, augmentation; PyTorch's loop is the oracle."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from convscope.core.augmentation import augmented, generator_for
from convscope.core.data.dataset import Examples
from convscope.core.early_stopping import EarlyStopping
from convscope.core.layers import Dense, Flatten
from convscope.core.module import build_module, load_weights
from convscope.core.network import Network
from convscope.core.snapshot import Orders, RunPhase, Snapshot
from convscope.core.training import train
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import NO_WEIGHTS, Weights, initial_weights

CONFIG = TrainingConfig(learning_rate=0.01, batch_size=32, epochs=3, seed=5)
SLOW = 1e9  # a pace at which only epochs report
AUGMENTED = dataclasses.replace(CONFIG, shift=1, rotation=10, flip="vertical", noise=0.1)
DECAY = 0.05

OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "sgd": torch.optim.SGD,
    "momentum": lambda parameters, **options: torch.optim.SGD(parameters, momentum=0.8, **options),
    "adagrad": torch.optim.Adagrad,
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
}


def started(network: Network, training: Examples, validation: Examples, config: TrainingConfig, **options: Any) -> Any:
    """Begin a run from its seed's weights."""
    options.setdefault("pace", SLOW)
    return train(network, initial_weights(network, config.seed), config, training, validation, **options)


def losses(snapshots: list[Snapshot]) -> np.ndarray:
    return np.concatenate([snapshot.batch_losses for snapshot in snapshots])


def bare_losses(network: Network, training: Examples, config: TrainingConfig) -> list[float]:
    """Return the losses of a loop as PyTorch's tutorials write it."""
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3))
    places = {"conv_1": model[0], "batch_norm_1": model[1], "dense_1": model[4]}
    with torch.no_grad():
        for key, array in initial_weights(network, config.seed).items():
            getattr(places[key.partition(".")[0]], key.partition(".")[2]).copy_(torch.tensor(array))
    rate = config.learning_rate
    optimizer = OPTIMIZERS[config.optimizer](model.parameters(), lr=rate, weight_decay=config.weight_decay)
    shuffle, random = torch.Generator().manual_seed(config.seed), generator_for(config.seed)
    images, labels = torch.tensor(training.images).float() / 255, torch.tensor(training.labels)
    found: list[float] = []
    for _ in range(config.epochs):
        for chosen in torch.randperm(len(training), generator=shuffle).split(config.batch_size):
            loss = functional.cross_entropy(model(augmented(images[chosen], config, random)), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            found.append(loss.item())
    return found


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_weight_decay_is_that_of_torchs_optimisers(
    optimizer: str, network: Network, training: Examples, validation: Examples
):
    config = dataclasses.replace(CONFIG, optimizer=optimizer, momentum=0.8, weight_decay=DECAY)
    ours = losses(list(started(network, training, validation, config)))
    np.testing.assert_allclose(ours, bare_losses(network, training, config), atol=1e-5)
    without = losses(list(started(network, training, validation, dataclasses.replace(config, weight_decay=0))))
    assert not np.allclose(ours, without, atol=1e-4)


def test_weight_decay_can_be_given_while_a_run_goes_on(network: Network, training: Examples, validation: Examples):
    # Without a learning signal the weights shrink by 1 - rate · decay at each step.
    images = training.taken(slice(0, 32))
    still = Network((1, 6, 6), (Flatten(), Dense(units=3)), 3)
    config = dataclasses.replace(CONFIG, optimizer="sgd", learning_rate=1e-8, batch_size=32, epochs=2)
    run = started(still, images, validation, config)
    first = next(run)
    second = run.send(Orders(dataclasses.replace(config, learning_rate=0.5, weight_decay=1)))
    gradient = second.gradients["dense_1.weight"]
    expected = first.weights["dense_1.weight"] * 0.5 - 0.5 * gradient
    np.testing.assert_allclose(second.weights["dense_1.weight"], expected, atol=1e-6)


def test_training_images_are_augmented_and_validation_images_are_not(
    network: Network, training: Examples, validation: Examples
):
    snapshots = list(started(network, training, validation, AUGMENTED))
    np.testing.assert_allclose(losses(snapshots), bare_losses(network, training, AUGMENTED), atol=1e-5)
    module = build_module(network).eval()
    load_weights(module, snapshots[-1].weights)
    with torch.inference_mode():
        logits = module(torch.tensor(validation.images).float() / 255)
    expected = functional.cross_entropy(logits, torch.tensor(validation.labels)).item()
    assert snapshots[-1].points[0].validation_loss == pytest.approx(expected, rel=1e-5)


def test_augmentation_repeats_at_any_pace_and_beside_dropout(
    random_network: Network, training: Examples, validation: Examples
):
    config = dataclasses.replace(AUGMENTED, hue=0.1, shear=5, stretch=0.1)
    slow = losses(list(started(random_network, training, validation, config)))
    np.testing.assert_array_equal(losses(list(started(random_network, training, validation, config, pace=0))), slow)
    other = dataclasses.replace(config, noise=0.11)
    assert not np.array_equal(losses(list(started(random_network, training, validation, other))), slow)


def test_augmentation_can_be_switched_on_while_a_run_goes_on(
    network: Network, training: Examples, validation: Examples
):
    run = started(network, training, validation, CONFIG)
    first, second = next(run), run.send(Orders(dataclasses.replace(AUGMENTED, noise=1)))
    plain = list(started(network, training, validation, CONFIG))
    np.testing.assert_array_equal(first.batch_losses, plain[0].batch_losses)
    assert second.batch_losses.mean() > plain[1].batch_losses.mean() + 0.1


WORSE = dataclasses.replace(CONFIG, optimizer="sgd", learning_rate=3, epochs=40, patience=3)


def test_a_run_whose_validation_loss_no_longer_falls_is_stopped(
    network: Network, training: Examples, validation: Examples
):
    snapshots = list(started(network, training, validation, WORSE))
    found = [snapshot.points[0].validation_loss for snapshot in snapshots]
    best = int(np.argmin(found)) + 1
    assert len(snapshots) == best + 3 < 40
    last = snapshots[-1]
    assert (last.phase, last.epoch, last.epochs, last.seconds_left) == (RunPhase.FINISHED, best + 3, best + 3, 0)
    assert last.note == (
        f"Stopped after epoch {best + 3}: the validation loss has not fallen for 3 epochs; the weights of epoch {best} "
        "were best and are kept."
    )
    assert not any(snapshot.note or snapshot.problem for snapshot in snapshots[:-1])
    same_weights(last.weights, snapshots[best - 1].weights)


def same_weights(ours: Weights, expected: Weights) -> None:
    for key, array in expected.items():
        np.testing.assert_array_equal(ours[key], array, err_msg=key)


def test_a_stopped_run_has_the_curves_of_one_that_was_not(network: Network, training: Examples, validation: Examples):
    stopped = list(started(network, training, validation, WORSE))
    patient = dataclasses.replace(WORSE, patience=0, epochs=len(stopped))
    whole = list(started(network, training, validation, patient))
    np.testing.assert_array_equal(losses(stopped), losses(whole))
    points = [[dataclasses.replace(p, seconds=0) for s in run for p in s.points] for run in (stopped, whole)]
    assert points[0] == points[1]
    assert not whole[-1].note
    own = list(started(network, training, validation, dataclasses.replace(WORSE, keep_best=False)))
    same_weights(own[-1].weights, whole[-1].weights)
    assert "was best, and the weights are those of epoch" in own[-1].note


def test_a_stopped_run_ends_without_an_order_and_goes_on_with_one(
    network: Network, training: Examples, validation: Examples
):
    run = started(network, training, validation, WORSE)
    last = next(snapshot for snapshot in run if snapshot.note)
    more = Orders(dataclasses.replace(WORSE, learning_rate=1e-8, epochs=last.epoch + 2))
    again = [run.send(more), next(run)]
    assert [snapshot.points[0].epoch for snapshot in again] == [last.epoch + 1, last.epoch + 2]
    assert [snapshot.note for snapshot in again] == ["", ""]  # patience begins anew
    assert again[-1].phase is RunPhase.FINISHED
    for key in ("conv_1.weight", "dense_1.weight"):  # from the best weights, with hardly a step
        np.testing.assert_allclose(again[-1].weights[key], last.weights[key], atol=1e-5)
    assert list(run) == []
    ended = started(network, training, validation, WORSE)
    assert [snapshot.note for snapshot in ended][-1] == last.note


def test_a_run_that_goes_on_and_gets_no_better_returns_to_its_best_epoch(
    network: Network, training: Examples, validation: Examples
):
    run = started(network, training, validation, WORSE)
    first = next(snapshot for snapshot in run if snapshot.note)
    second = run.send(Orders(dataclasses.replace(WORSE, learning_rate=90, patience=2)))
    second = next(run) if not second.note else second
    assert f"Stopped after epoch {first.epoch + 2}: the validation loss has not fallen for 2 epochs" in second.note
    same_weights(second.weights, first.weights)


def test_the_best_weights_are_restored_with_what_batch_norm_averaged_and_a_new_optimiser(
    network: Network, training: Examples, validation: Examples
):
    config = dataclasses.replace(WORSE, optimizer="momentum", momentum=0.9, learning_rate=1)
    run = started(network, training, validation, config)
    last = next(snapshot for snapshot in run if snapshot.note)
    plain = dataclasses.replace(config, optimizer="sgd", epochs=last.epoch + 1, batch_size=130, learning_rate=0.1)
    step = run.send(Orders(dataclasses.replace(plain, optimizer="momentum")))
    expected = last.weights["dense_1.weight"] - 0.1 * step.gradients["dense_1.weight"]  # nothing left of old momentum
    np.testing.assert_allclose(step.weights["dense_1.weight"], expected, atol=1e-6)


def test_patience_can_be_given_while_a_run_goes_on(network: Network, training: Examples, validation: Examples):
    run = started(network, training, validation, dataclasses.replace(WORSE, patience=0))
    snapshots = [next(run) for _ in range(12)]
    best = int(np.argmin([snapshot.points[0].validation_loss for snapshot in snapshots])) + 1
    assert best < 12
    last = run.send(Orders(dataclasses.replace(WORSE, patience=1)))
    assert last.phase is RunPhase.FINISHED
    assert f"the weights of epoch {best} were best" in last.note
    same_weights(last.weights, snapshots[best - 1].weights)


def test_only_a_lower_loss_is_better_and_patience_counts_in_a_row():
    watch = EarlyStopping()
    answers = [watch.is_over(n, loss, NO_WEIGHTS, 2) for n, loss in enumerate([3, 3, 2, 2.5, 1, 1, 1], 1)]
    assert answers == [False] * 6 + [True]
    assert (watch.epoch, watch.loss) == (5, 1)
    watch.wait_again()
    assert not watch.is_over(8, 1, NO_WEIGHTS, 2)
    assert not watch.is_over(9, 7, NO_WEIGHTS, 0)


def test_one_epoch_is_not_called_epochs():
    watch = EarlyStopping()
    watch.is_over(1, 1.0, NO_WEIGHTS, 1)
    assert watch.is_over(2, 1.0, NO_WEIGHTS, 1)
    assert "for 1 epoch;" in watch.sentence(2, keep_best=True)
