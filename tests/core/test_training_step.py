"""A step in slow motion: the same numbers as at full speed, and each stage tells what torch computed in it."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.nn import functional

from convscope.core.batch_step import Notes
from convscope.core.data.dataset import Examples
from convscope.core.layers import Activation, BatchNorm, Dense, Dropout, Flatten
from convscope.core.module import build_module, load_weights
from convscope.core.network import Network
from convscope.core.snapshot import Orders, RunPhase, Snapshot
from convscope.core.training import Run, train
from convscope.core.training_config import OPTIMIZERS, TrainingConfig
from convscope.core.training_step import Stage
from convscope.core.weights import Weights, initial_weights

CONFIG = TrainingConfig(learning_rate=0.01, batch_size=32, epochs=2, seed=5)
SLOWLY = Orders(slowly=True)
SLOW = 1e9  # a pace at which only epochs report


def started(
    network: Network,
    training: Examples,
    validation: Examples,
    config: TrainingConfig = CONFIG,
    orders: Orders | None = SLOWLY,
) -> Run:
    weights = initial_weights(network, config.seed)
    return train(network, weights, config, training, validation, pace=SLOW, orders=orders)


def same(one: Weights, other: Weights) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(array, other[key]) for key, array in one.items())


def test_going_on_leads_from_stage_to_stage_and_then_to_the_next_report(
    network: Network, training: Examples, validation: Examples
):
    run = started(network, training, validation)
    stages = [next(run).stage for _ in range(4)]
    assert stages == list(Stage)
    assert [stage.number for stage in Stage] == [0, 1, 2, 3]
    after = next(run)
    assert after.stage is None
    assert (after.phase, len(after.points)) == (RunPhase.TRAINING, 1)  # the batch is over, so is the slow motion


def test_weights_change_only_at_the_update(random_network: Network, training: Examples, validation: Examples):
    run = started(random_network, training, validation)
    start = initial_weights(random_network, CONFIG.seed)
    *earlier, last = [next(run) for _ in range(4)]
    for snapshot in earlier:
        assert same(snapshot.weights, start)  # also the averages of batch norm, which torch moves in the forward pass
        assert (snapshot.step, snapshot.epoch_step, snapshot.epoch, len(snapshot.batch_losses)) == (0, 0, 1, 0)
        assert snapshot.epoch_steps == 5
    assert (last.step, last.epoch_step, last.epoch_steps, len(last.batch_losses)) == (1, 1, 5, 1)
    assert last.details is not None
    assert last.details.before.keys() == start.keys()
    for key, update in last.updates.items():
        np.testing.assert_array_equal(last.weights[key], last.details.after[key])
        np.testing.assert_array_equal(update, last.weights[key] - start[key], err_msg=key)
        np.testing.assert_array_equal(update, last.details.updates[key])
        assert update.any(), key


def test_each_stage_adds_what_torch_computes_in_it(network: Network, training: Examples, validation: Examples):
    run = started(network, training, validation)
    forward, loss, backward, update = (next(run).details for _ in range(4))
    assert forward
    assert loss
    assert backward
    assert update
    module = build_module(network).train()
    load_weights(module, initial_weights(network, CONFIG.seed))
    logits = module(torch.tensor(forward.images))
    labels = torch.tensor(forward.labels)
    losses = functional.cross_entropy(logits, labels, reduction="none")
    losses.mean().backward()
    np.testing.assert_allclose(forward.logits, logits.detach().numpy(), atol=1e-6)
    np.testing.assert_array_equal(forward.predicted, logits.argmax(1).numpy())
    assert forward.losses.size == 0
    assert len(forward.gradients) == 0
    np.testing.assert_allclose(loss.losses, losses.detach().numpy(), atol=1e-6)
    assert loss.mean_loss == pytest.approx(losses.detach().mean().item(), abs=1e-6)
    assert len(loss.gradients) == 0
    assert loss.worst_first()[0] == losses.argmax()
    assert (np.diff(loss.losses[loss.worst_first()]) <= 0).all()
    names = dict(zip(module.names, module.operations, strict=True))
    for key, gradient in backward.gradients.items():
        layer, _, name = key.partition(".")
        torchs_own = names[layer].get_parameter(name).grad
        assert torchs_own is not None
        np.testing.assert_allclose(gradient, torchs_own, atol=1e-6, err_msg=key)
        place = backward.largest_gradient(key)
        assert place is not None
        assert abs(gradient[place]) == np.abs(gradient).max()
    assert len(backward.updates) == len(backward.after) == 0
    assert update.updates.keys() == backward.gradients.keys()


def test_the_images_are_those_that_the_network_got(network: Network, training: Examples, validation: Examples):
    plain = next(started(network, training, validation)).details
    changed = next(started(network, training, validation, dataclasses.replace(CONFIG, flip="both", noise=0.2))).details
    assert plain
    assert changed
    for image, label in zip(plain.images, plain.labels, strict=True):
        found = (training.images == np.round(image * 255)).all((1, 2, 3))
        assert training.labels[found].tolist() == [label]
    np.testing.assert_array_equal(plain.labels, changed.labels)
    assert not np.array_equal(plain.images, changed.images)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_run_with_slow_steps_has_exactly_the_weights_of_one_without(
    optimizer: str, random_network: Network, training: Examples, validation: Examples
):
    config = dataclasses.replace(CONFIG, optimizer=optimizer, noise=0.1, weight_decay=0.01)
    plain = list(started(random_network, training, validation, config, orders=None))
    run = started(random_network, training, validation, config)
    snapshots = [next(run) for _ in range(2)]
    snapshots += [run.send(Orders(config, batches=1))]  # on in the middle of a batch, to its end
    assert snapshots[-1].step == 1
    assert snapshots[-1].stage is None
    snapshots += [run.send(SLOWLY) for _ in range(9)]
    assert [snapshot.stage for snapshot in snapshots[-9:]] == [*Stage, *Stage, Stage.FORWARD]
    snapshots += [run.send(Orders(config)), *run]  # to the end from a forward pass
    expected, losses = (np.concatenate([s.batch_losses for s in run]) for run in (plain, snapshots))
    np.testing.assert_array_equal(losses, expected)
    assert same(plain[-1].weights, snapshots[-1].weights)
    assert snapshots[-1].phase is RunPhase.FINISHED
    assert snapshots[-1].details is None


def slow_batches(run: Run, count: int) -> list[Snapshot]:
    """Return the updates of so many batches, over ends of epochs."""
    found: list[Snapshot] = []
    snapshot = next(run)
    while len(found) < count:
        if snapshot.stage is Stage.UPDATE:
            found.append(snapshot)
        snapshot = run.send(SLOWLY)
    return found


def test_the_last_batch_of_an_epoch_shows_its_update_before_the_validation(
    network: Network, training: Examples, validation: Examples
):
    batches = slow_batches(started(network, training, validation), 7)
    assert [snapshot.step for snapshot in batches] == [1, 2, 3, 4, 5, 6, 7]
    assert [snapshot.epoch for snapshot in batches] == [1, 1, 1, 1, 1, 2, 2]
    assert [snapshot.epoch_step for snapshot in batches] == [1, 2, 3, 4, 5, 1, 2]
    assert [len(snapshot.details.labels) for snapshot in batches if snapshot.details] == [32, 32, 32, 32, 2, 32, 32]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_formula_of_any_weight_comes_to_what_torch_computed(
    optimizer: str, network: Network, training: Examples, validation: Examples
):
    config = dataclasses.replace(CONFIG, optimizer=optimizer, weight_decay=0.02, schedule="exponential")
    random = np.random.default_rng(3)
    for number, snapshot in enumerate(slow_batches(started(network, training, validation, config), 6)):
        step = snapshot.details
        assert step is not None
        assert step.rule.learning_rate == pytest.approx(0.01 * 0.6 ** (number // 5))
        for key, gradient in step.gradients.items():
            index = tuple(int(random.integers(side)) for side in gradient.shape)
            worked = step.worked(key, index)
            assert worked is not None
            assert worked.moment.computed == snapshot.weights[key][index]
            assert abs(worked.residual) <= worked.bound < 1e-5, (key, index, worked)


def test_before_the_update_a_formula_has_no_result_of_torch(network: Network, training: Examples, validation: Examples):
    run = started(network, training, validation)
    forward, _, backward = (next(run).details for _ in range(3))
    assert forward
    assert backward
    assert forward.worked("dense_1.weight", (0, 0)) is None
    worked = backward.worked("dense_1.weight", (0, 0))
    assert worked is not None
    assert np.isnan(worked.moment.computed)
    assert np.isfinite(worked.value)


def test_a_loss_that_is_no_number_ends_the_run_after_its_stages(training: Examples, validation: Examples):
    network = Network((1, 6, 6), (Flatten(), Dense(units=3)), 3)
    weights = {**initial_weights(network, 5), "dense_1.weight": np.full((3, 36), 3e38, np.float32)}
    snapshots = list(train(network, weights, CONFIG, training, validation, pace=SLOW, orders=SLOWLY))
    assert [snapshot.stage for snapshot in snapshots] == [Stage.FORWARD, Stage.LOSS, Stage.BACKWARD, None]
    assert snapshots[-1].phase is RunPhase.FAILED
    assert snapshots[2].details is not None
    assert len(snapshots[2].details.gradients) == 0


def test_behind_a_binary_step_nothing_moves(training: Examples, validation: Examples):
    network = Network((1, 6, 6), (Flatten(), Dense(units=3), Activation(function="binary_step")), 3)
    update = slow_batches(started(network, training, validation), 1)[0].details
    assert update is not None
    assert len(update.gradients) == len(update.updates) == 0
    assert update.largest_gradient("dense_1.weight") is None


def test_settings_changed_amid_a_batch_hold_for_its_update(network: Network, training: Examples, validation: Examples):
    config = dataclasses.replace(CONFIG, optimizer="sgd", learning_rate=0.1)
    run = started(network, training, validation, config)
    next(run)
    faster = Orders(dataclasses.replace(config, learning_rate=0.5), slowly=True)
    update = [run.send(faster) for _ in range(3)][-1]
    assert update.details is not None
    assert update.details.rule.learning_rate == 0.5
    for key, gradient in update.gradients.items():
        np.testing.assert_allclose(update.updates[key], -0.5 * gradient, rtol=1e-3, atol=1e-6, err_msg=key)


def test_every_report_tells_what_its_step_added(random_network: Network, training: Examples, validation: Examples):
    before = initial_weights(random_network, CONFIG.seed)
    steps = [
        snapshot
        for snapshot in train(random_network, before, CONFIG, training, validation, pace=0)
        if snapshot.phase is RunPhase.TRAINING and snapshot.flow is not None
    ]
    assert [snapshot.step for snapshot in steps] == [1, 2, 3, 4, 6, 7, 8, 9]  # the others report with the validation
    assert all(not array.flags.writeable for array in steps[0].updates.values())
    for earlier, later in pairwise(steps):
        if later.step != earlier.step + 1:
            continue
        for key, update in later.updates.items():
            np.testing.assert_array_equal(update, later.weights[key] - earlier.weights[key], err_msg=key)


def test_a_report_that_was_not_foreseen_says_which_step_was_looked_at(
    network: Network, training: Examples, validation: Examples
):
    answers = iter([False, True] * 3)  # before and after each batch
    weights, orders = initial_weights(network, CONFIG.seed), Orders(batches=1)
    run = train(network, weights, CONFIG, training, validation, pace=SLOW, orders=orders, hurried=lambda: next(answers))
    foreseen, hurried = next(run), next(run)
    assert (foreseen.step, foreseen.noted_step) == (1, 1)
    assert (hurried.step, hurried.noted_step) == (2, 1)
    assert hurried.batch_statistics is foreseen.batch_statistics
    assert hurried.updates is foreseen.updates
    known = run.send(orders)
    assert (known.step, known.noted_step) == (3, 3)


def test_a_report_tells_what_batch_norm_took_from_the_batch(network: Network, training: Examples, validation: Examples):
    config = dataclasses.replace(CONFIG, optimizer="sgd", learning_rate=1e-8)  # so that the weights are known
    run = started(network, training, validation, config)
    details = next(run).details
    statistics = [next(run) for _ in range(3)][-1].batch_statistics
    assert details is not None
    module = build_module(network)
    load_weights(module, details.before)
    x = module.operations[0](torch.tensor(details.images)).detach().numpy()
    assert statistics.keys() == {"batch_norm_1"}
    found = statistics["batch_norm_1"]
    np.testing.assert_allclose(found.mean, x.mean((0, 2, 3)), atol=1e-6)
    np.testing.assert_allclose(found.variance, x.var((0, 2, 3)), rtol=1e-5)
    assert found.count == 32 * 16


def test_a_batch_that_is_looked_at_goes_through_as_any_other():
    layers = (Flatten(), Dropout(rate=0), Dense(units=8), BatchNorm(), Dropout(rate=0.5), Dense(units=3))
    network, x = Network((1, 4, 4), layers, 3), torch.rand(6, 1, 4, 4, generator=torch.Generator().manual_seed(2))
    weights, answers = initial_weights(network, 1), []
    for watched in (False, True):
        module = build_module(network, torch.Generator().manual_seed(7)).train()
        load_weights(module, weights)
        answers.append(Notes(module, 1).forward(module, x) if watched else module(x))
    assert torch.equal(*answers)
    with pytest.raises(ValueError, match="more than 1 value"):
        Notes(module, 2).forward(module, x[:1])
