"""The course of a run: reports, single steps, failure, what it refuses, and snapshots that stay as they are."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from convscope.core.data.dataset import Examples
from convscope.core.history import EpochPoint
from convscope.core.layers import BatchNorm, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.snapshot import Orders, RunPhase, Snapshot, TrainingError
from convscope.core.training import train
from convscope.core.training_config import TrainingConfig
from convscope.core.training_setup import device_named
from convscope.core.weights import NO_WEIGHTS, initial_weights

CONFIG = TrainingConfig(learning_rate=0.01, batch_size=32, epochs=2, seed=5)
SLOW = 1e9  # a pace at which only epochs report
ONE = Orders(batches=1)
NORMALISED = Network((1, 6, 6), (Flatten(), Dense(units=8), BatchNorm(), Dense(units=3)), 3)


def started(
    network: Network, training: Examples, validation: Examples, config: TrainingConfig = CONFIG, **options: Any
) -> Any:
    """Begin a run from its seed's weights."""
    options.setdefault("pace", SLOW)
    return train(network, initial_weights(network, config.seed), config, training, validation, **options)


def test_a_quick_pace_reports_every_batch_and_every_portion_of_a_validation(
    network: Network, training: Examples, validation: Examples
):
    snapshots = list(started(network, training, validation, pace=0))
    phases = "".join(snapshot.phase.name[0] for snapshot in snapshots)
    assert phases == "TTTTVVVT" + "TTTTVVVF"
    assert [snapshot.step for snapshot in snapshots] == [1, 2, 3, 4, 5, 5, 5, 5, 6, 7, 8, 9, 10, 10, 10, 10]
    assert [len(snapshot.batch_losses) for snapshot in snapshots[:8]] == [1, 1, 1, 1, 1, 0, 0, 0]
    assert [len(snapshot.points) for snapshot in snapshots] == [0] * 7 + [1] + [0] * 7 + [1]


def test_a_slow_pace_reports_epochs_with_all_their_batches(network: Network, training: Examples, validation: Examples):
    first, second = started(network, training, validation)
    assert (first.phase, second.phase) == (RunPhase.TRAINING, RunPhase.FINISHED)
    assert [len(snapshot.batch_losses) for snapshot in (first, second)] == [5, 5]
    assert (first.epoch, first.epochs, second.epoch) == (1, 2, 2)
    assert first.examples_per_second > 0
    assert first.seconds_left > 0
    assert second.seconds_left == 0


def test_progress_counts_the_batches_of_the_present_epoch(network: Network, training: Examples, validation: Examples):
    snapshots = list(started(network, training, validation, pace=0))
    learning = [s for s in snapshots if s.phase is RunPhase.TRAINING and not s.points]
    assert [(s.epoch, s.epoch_step, s.epoch_steps) for s in learning] == [
        (epoch, step, 5) for epoch in (1, 2) for step in (1, 2, 3, 4)
    ]
    assert (snapshots[-1].epoch_step, snapshots[-1].epoch_steps) == (5, 5)


def test_single_batches_report_one_by_one_also_across_an_epochs_end(
    network: Network, training: Examples, validation: Examples
):
    run = started(network, training, validation, orders=ONE)
    snapshots = [next(run)] + [run.send(ONE) for _ in range(6)]
    assert [snapshot.step for snapshot in snapshots] == [1, 2, 3, 4, 5, 6, 7]
    assert [len(snapshot.points) for snapshot in snapshots] == [0, 0, 0, 0, 1, 0, 0]
    assert all(len(snapshot.batch_losses) == 1 for snapshot in snapshots)


def test_an_order_for_several_batches_holds_once(network: Network, training: Examples, validation: Examples):
    run = started(network, training, validation, orders=Orders(batches=3))
    assert next(run).step == 3
    assert next(run).step == 5  # from here on the pace decides again: the end of the epoch


def test_steps_have_the_numbers_of_a_run_without_them(
    random_network: Network, training: Examples, validation: Examples
):
    run = started(random_network, training, validation, orders=ONE)
    steps: list[Snapshot] = [next(run)]
    while steps[-1].phase is not RunPhase.FINISHED:
        steps.append(run.send(ONE))
    whole = list(started(random_network, training, validation))
    np.testing.assert_array_equal(
        np.concatenate([step.batch_losses for step in steps]), np.concatenate([end.batch_losses for end in whole])
    )


def test_a_finished_run_that_is_resumed_without_an_order_ends(
    network: Network, training: Examples, validation: Examples
):
    run = started(network, training, validation)
    assert [next(run).phase for _ in range(2)][-1] is RunPhase.FINISHED
    with pytest.raises(StopIteration):
        next(run)


def test_fewer_epochs_than_have_passed_end_the_run_with_the_present_one(
    network: Network, training: Examples, validation: Examples
):
    run = started(network, training, validation, dataclasses.replace(CONFIG, epochs=9))
    assert [next(run).epoch for _ in range(2)] == [1, 2]
    assert run.send(ONE).step == 11  # the third epoch has begun
    third = run.send(Orders(CONFIG, batches=1))
    assert (third.epoch, third.epochs, third.step) == (3, 2, 12)
    assert third.seconds_left > 0
    last = next(run)
    assert last.phase is RunPhase.FINISHED
    assert last.seconds_left == 0
    assert last.points[0].epoch == 3
    assert list(run) == []


def test_an_order_that_makes_the_last_epoch_the_last_finishes_the_run(
    network: Network, training: Examples, validation: Examples
):
    run = started(network, training, validation, dataclasses.replace(CONFIG, epochs=9))
    assert [next(run).phase for _ in range(2)] == [RunPhase.TRAINING] * 2
    last = run.send(Orders(CONFIG))
    assert (last.phase, last.epoch, last.epochs, last.step) == (RunPhase.FINISHED, 2, 2, 10)
    assert (last.points, last.batch_losses.size) == ((), 0)
    assert run.send(Orders(dataclasses.replace(CONFIG, epochs=3))).points[0].epoch == 3


def test_a_run_that_is_closed_does_no_more(network: Network, training: Examples, validation: Examples):
    run = started(network, training, validation, pace=0)
    snapshot = next(run)
    run.close()
    assert list(run) == []
    assert snapshot.step == 1


def test_snapshots_own_their_weights(network: Network, training: Examples, validation: Examples):
    weights = initial_weights(network, 5)
    before = {key: array.copy() for key, array in weights.items()}
    run = train(network, weights, CONFIG, training, validation, pace=0)
    first = next(run)
    kept = {key: array.copy() for key, array in first.weights.items()}
    later = next(run)
    assert first.weights.keys() == weights.keys()
    for key, array in first.weights.items():
        assert not array.flags.writeable
        np.testing.assert_array_equal(array, kept[key], err_msg=key)
        np.testing.assert_array_equal(weights[key], before[key], err_msg=key)
        assert not np.array_equal(array, later.weights[key]), key


def test_weights_of_a_layer_that_is_off_are_kept(network: Network, training: Examples, validation: Examples):
    off = network.toggled(1)
    last = list(started(off, training, validation))[-1]
    start = initial_weights(off, 5)
    assert last.weights.keys() == start.keys()
    np.testing.assert_array_equal(last.weights["batch_norm_1.running_mean"], start["batch_norm_1.running_mean"])


DEEP = Network((1, 6, 6), (Flatten(), *(Dense(units=40) for _ in range(4)), Dense(units=3)), 3)


@pytest.mark.parametrize("pace", [0, SLOW])
@pytest.mark.parametrize(("optimizer", "rate"), [("sgd", 100), ("sgd", 1), ("momentum", 3)])
def test_a_loss_that_is_not_finite_stops_the_run_and_says_what_to_try(
    pace: float, optimizer: str, rate: float, training: Examples, validation: Examples
):
    config = dataclasses.replace(CONFIG, optimizer=optimizer, learning_rate=rate, epochs=500)
    snapshots = list(started(DEEP, training, validation, config, pace=pace))
    last = snapshots[-1]
    assert last.phase is RunPhase.FAILED
    assert f"In batch {last.step + 1} the loss became not a number, so the run was stopped" in last.problem
    assert f"try a learning rate of {rate / 10:g} instead of {rate:g}" in last.problem
    assert not any(snapshot.problem for snapshot in snapshots[:-1])
    for snapshot in snapshots:
        for key, array in snapshot.weights.items():
            assert np.isfinite(array).all(), (snapshot.step, key)
    assert np.isfinite(np.concatenate([snapshot.batch_losses for snapshot in snapshots])).all()


def test_a_validation_that_is_not_finite_stops_the_run_too(training: Examples, validation: Examples):
    config = dataclasses.replace(CONFIG, optimizer="sgd", learning_rate=10)
    snapshots = list(started(DEEP, training, validation, config, pace=0))
    assert snapshots[-1].phase is RunPhase.FAILED
    assert "In epoch 1 the validation loss is not a number" in snapshots[-1].problem
    assert not any(snapshot.points for snapshot in snapshots)


def test_a_step_that_overflows_leaves_the_last_finite_weights(training: Examples, validation: Examples):
    two = Network((1, 6, 6), (Flatten(), Dense(units=4), Dense(units=3)), 3)
    weights = dict(initial_weights(two, 5))
    weights["dense_2.weight"] = weights["dense_2.weight"] * np.float32(3e37)
    config = dataclasses.replace(CONFIG, optimizer="sgd", learning_rate=100)
    snapshots = list(train(two, weights, config, training, validation, pace=0))
    assert (snapshots[0].phase, snapshots[0].step) == (RunPhase.TRAINING, 1)  # the loss was still finite
    assert snapshots[-1].phase is RunPhase.FAILED
    for snapshot in snapshots:
        for key, array in snapshot.weights.items():
            np.testing.assert_array_equal(array, weights[key], err_msg=key)


def test_one_example_left_over_is_left_out_where_batch_norm_could_not_take_it(training: Examples, validation: Examples):
    odd = training.taken(slice(0, 65))
    [end] = started(NORMALISED, odd, validation, dataclasses.replace(CONFIG, epochs=1))
    assert (end.step, len(end.batch_losses)) == (2, 2)
    assert np.isfinite(end.points[0].train_loss)
    [whole] = started(DEEP, odd, validation, dataclasses.replace(CONFIG, epochs=1))
    assert whole.step == 3


@pytest.mark.parametrize("maps", [False, True])
def test_batches_of_one_are_refused_where_batch_norm_has_one_value_per_channel(
    maps: bool, training: Examples, validation: Examples
):
    pointwise = Network((1, 6, 6), (Conv2d(filters=4, kernel_size=6), BatchNorm(), Flatten(), Dense(units=3)), 3)
    network = pointwise if maps else NORMALISED
    with pytest.raises(TrainingError, match="batch size of at least 2"):
        next(started(network, training, validation, dataclasses.replace(CONFIG, batch_size=1)))
    with pytest.raises(TrainingError, match="batch size of at least 2"):
        next(started(network, training.taken(slice(0, 1)), validation))
    run = started(network, training, validation, pace=0)
    next(run)
    with pytest.raises(TrainingError, match="batch size of at least 2"):
        run.send(Orders(dataclasses.replace(CONFIG, batch_size=1)))


def test_batches_of_one_are_fine_elsewhere(network: Network, training: Examples, validation: Examples):
    config = dataclasses.replace(CONFIG, batch_size=1, epochs=1)
    [end] = started(network, training.taken(slice(0, 20)), validation, config)
    assert end.step == 20


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"network": Network((1, 6, 6), (Dense(units=3),), 3)}, "cannot be trained yet. dense_1: A dense layer needs"),
        ({"network": Network((3, 1, 1), (Flatten(),), 3)}, "no parameters to train"),
        ({"network": Network((1, 5, 5), (Flatten(), Dense(units=3)), 3)}, "images are 6×6×1, but .* takes 5×5×1"),
        ({"network": Network((1, 6, 6), (Flatten(), Dense(units=2)), 2)}, "labels beyond the network's 2 classes"),
        ({"training": slice(0, 0)}, "no images to train on"),
        ({"validation": slice(0, 0)}, "no images to train on or to validate on"),
        ({"config": dataclasses.replace(CONFIG, device="abacus")}, "no device 'abacus' here; .* Choose another"),
    ],
)
def test_what_does_not_go_together_is_refused_before_the_first_step(
    changed: dict[str, Any], reason: str, network: Network, training: Examples, validation: Examples
):
    network = changed.get("network", network)
    run = started(
        network,
        training.taken(changed.get("training", slice(None))),
        validation.taken(changed.get("validation", slice(None))),
        changed.get("config", CONFIG),
    )
    with pytest.raises(TrainingError, match=reason):
        next(run)


def test_cuda_is_the_first_graphics_card(monkeypatch: pytest.MonkeyPatch):
    cards = (("cpu", "Processor"), ("cuda:0", "A card"), ("cuda:1", "Another"))
    monkeypatch.setattr("convscope.core.training_setup.devices", lambda: cards)
    assert str(device_named("cuda")) == "cuda:0"
    assert str(device_named("cuda:1")) == "cuda:1"


def snapshot(step: int, points: tuple[EpochPoint, ...] = ()) -> Snapshot:
    places = np.array([step - 1.0, step - 0.5])
    rest = {"phase": RunPhase.TRAINING, "epoch": 1, "epochs": 9, "epoch_step": step, "epoch_steps": 50}
    return Snapshot(
        **rest,
        step=step,
        batch_epochs=places,
        batch_losses=places.astype(np.float32) + 10,
        batch_accuracies=places.astype(np.float32) + 20,
        points=points,
        weights=NO_WEIGHTS,
        examples_per_second=float(step),
        seconds_left=1.0,
    )


def test_a_newer_snapshot_takes_over_what_nobody_has_seen():
    points = [EpochPoint(n, 0, 0, 0, 0, 0, 0) for n in (1, 2)]
    merged = snapshot(3, (points[1],)).after(snapshot(2, (points[0],)).after(snapshot(1)))
    assert (merged.step, merged.examples_per_second) == (3, 3.0)
    assert merged.batch_epochs.tolist() == [0, 0.5, 1, 1.5, 2, 2.5]
    assert merged.batch_losses.tolist() == [10, 10.5, 11, 11.5, 12, 12.5]
    assert merged.batch_accuracies.tolist() == [20, 20.5, 21, 21.5, 22, 22.5]
    assert merged.points == tuple(points)
    assert merged.batch_losses.dtype == np.float32
