"""Records of runs: their figures, what they keep in memory, and how they are told apart in words."""

from __future__ import annotations

import csv
import dataclasses
import io
from math import inf, nan
from typing import Any

import numpy as np
import pytest

from convscope.core.history import EpochPoint, History
from convscope.core.layers import Activation, Conv2d, Dense, Dropout, Flatten, MaxPool
from convscope.core.network import Network
from convscope.core.run_text import changes_meanwhile, differences, network_text, settings_text, table
from convscope.core.runs import COLOURS, RunRecord, bounded, memory_of, next_colour, summary, with_shown
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import frozen, initial_weights, is_as_drawn

NETWORK = Network(layers=(Conv2d(4, 5, 2), Activation(), Flatten(), Dense(10)))
KILOBYTE = 256  # float32 values


def point(epoch: int, loss: float, accuracy: float, seconds: float = 2.0) -> EpochPoint:
    return EpochPoint(epoch, 0.5, 0.8, loss, accuracy, 0.001, seconds)


def record(number: int = 1, kilobytes: int = 1, batches: int = 10, **changes: Any) -> RunRecord:
    positions = np.linspace(0.1, 1, batches)
    noise = np.ones(batches, np.float32)
    points = (point(1, 0.4, 0.9),)
    return RunRecord(
        number,
        NETWORK,
        TrainingConfig(),
        title="My network",
        dataset_id="mnist",
        dataset_title="MNIST",
        history=History(positions, noise, noise.copy(), points, NETWORK),
        weights=frozen({"dense_1.weight": np.zeros(KILOBYTE * kilobytes, np.float32)}),
        **changes,
    )


def test_the_summary_names_the_best_and_the_last_epoch():
    figures = summary([point(1, 0.5, 0.8, 1.5), point(2, 0.2, 0.9, 2.5), point(3, 0.3, 0.95, 3.0), point(4, 0.4, 0.95)])
    assert (figures.epochs, figures.seconds) == (4, 9.0)
    assert (figures.best_loss, figures.best_loss_epoch, figures.last_loss) == (0.2, 2, 0.4)
    assert (figures.best_accuracy, figures.best_accuracy_epoch, figures.last_accuracy) == (0.95, 3, 0.95)


def test_a_summary_without_epochs_or_without_numbers_has_no_best():
    assert summary([]).best_loss is None
    assert summary([]).epochs == 0
    figures = summary([point(1, nan, nan), point(2, inf, nan)])
    assert (figures.best_loss, figures.last_loss, figures.best_accuracy) == (None, None, None)
    assert summary([point(1, 0.0, 0.0), point(2, nan, 0.0)]).best_loss == 0.0


def test_within_the_bounds_nothing_changes():
    runs = tuple(record(number) for number in range(1, 4))
    assert all(kept is run for kept, run in zip(bounded(runs), runs, strict=True))


def test_the_oldest_without_a_name_gives_its_weights_first_and_keeps_its_curves():
    runs = tuple(record(number, name="Mine" if number == 1 else "") for number in range(1, 6))
    kept = bounded(runs, weight_bytes=3 * 1024)
    assert [run.id for run in kept if run.has_weights] == [1, 4, 5]
    assert all(run.history is before.history for run, before in zip(kept, runs, strict=True))


def test_the_run_that_goes_on_keeps_everything_and_counts_for_nothing():
    runs = tuple(record(number) for number in range(1, 4))
    kept = bounded(runs, 1, weight_bytes=1024, batch_bytes=0)
    assert [run.has_weights for run in kept] == [True, False, True]
    assert [run.has_batches for run in kept] == [True, False, False]


def test_weights_that_runs_share_count_once():
    first = record(1)
    runs = (first, dataclasses.replace(record(2), weights=first.weights), record(3))
    assert all(run.has_weights for run in bounded(runs, weight_bytes=2 * 1024))
    assert memory_of(runs) == 2 * 1024 + 3 * 10 * (8 + 4 + 4)


def test_weights_too_large_to_be_kept_at_all_cost_no_other_run_its_own():
    runs = (record(1), record(2, kilobytes=10), record(3))
    assert [run.has_weights for run in bounded(runs, weight_bytes=4 * 1024)] == [True, False, True]


def test_curves_of_batches_go_before_those_of_epochs():
    first = record(1, batches=1000)
    kept = bounded([first, record(2, batches=1000)], batch_bytes=16_000)
    assert [run.has_batches for run in kept] == [False, True]
    assert [run.summary.epochs for run in kept] == [1, 1]
    assert kept[0].history.network is NETWORK
    assert kept[0].history.weights is first.history.weights


def test_of_too_many_runs_the_oldest_without_a_name_go():
    runs = [record(number, name="Mine" if number == 2 else "") for number in range(1, 6)]
    assert [run.id for run in bounded(runs, most=3)] == [2, 4, 5]


def test_hundreds_of_runs_stay_within_the_bounds():
    runs: tuple[RunRecord, ...] = ()
    for number in range(1, 300):
        runs = bounded(
            (*runs, record(number, kilobytes=2, batches=100)), number, weight_bytes=40_000, batch_bytes=9_000
        )
        assert memory_of(runs) <= 40_000 + 9_000 + 2 * 1024 + 1600  # and the one that goes on
    assert len(runs) == 200


def test_colours_are_shared_evenly():
    runs: list[RunRecord] = []
    for number in range(2 * COLOURS):
        runs.append(record(number, colour=next_colour(runs)))
    assert sorted(run.colour for run in runs) == sorted([*range(COLOURS)] * 2)
    assert next_colour(run for run in runs if run.colour != 3) == 3


def test_runs_that_are_shown_together_differ_in_colour():
    runs = tuple(record(number, colour=(number - 1) % COLOURS) for number in range(1, 15))
    shown = with_shown(runs, {1, 7})
    assert [run.id for run in shown if run.shown] == [1, 7]
    assert shown[0].colour == runs[0].colour
    assert shown[6].colour != runs[0].colour
    assert [run for run in shown if not run.shown] == [run for run in runs if run.id not in (1, 7)]
    more = with_shown(shown, {7, 8, 9, 10, 11, 12})
    assert more[6] is shown[6]  # one that stays keeps its colour
    assert len({run.colour for run in more if run.shown}) == COLOURS
    everything = with_shown(more, {run.id for run in more})
    colours = [run.colour for run in everything]
    assert {colours.count(colour) for colour in range(COLOURS)} == {2, 3}
    assert not any(run.shown for run in with_shown(everything, ()))


def test_training_again_takes_as_many_epochs_as_were_trained():
    history = History(epochs=tuple(point(epoch, 0.3, 0.9) for epoch in range(1, 8)))  # 5, and 2 more
    run = dataclasses.replace(record(), history=history)
    assert run.config_again() == TrainingConfig(epochs=7)
    assert record().config_again() == TrainingConfig(epochs=5)


def test_weights_as_drawn_are_told_from_trained_ones():
    weights = initial_weights(NETWORK, 3)
    assert is_as_drawn(NETWORK, weights, 3)
    assert not is_as_drawn(NETWORK, weights, 4)
    assert not is_as_drawn(NETWORK, weights, 3, "glorot")
    changed = weights["dense_1.weight"].copy()
    changed[0, 0] += 1
    assert not is_as_drawn(NETWORK, {**weights, "dense_1.weight": changed}, 3)
    assert is_as_drawn(NETWORK, {**weights, "dense_1.weight": changed}, 3, most=0)  # larger than the convolution
    assert is_as_drawn(NETWORK, {}, 3)  # they will be drawn when the run begins


def test_a_network_and_its_settings_in_a_line():
    network = Network(layers=(Conv2d(4), Conv2d(4), MaxPool(2), Dropout(0.2, enabled=False), Flatten(), Dense(10)))
    assert network_text(network) == "2 convolutions, 1 dense layer, 1 pooling layer"
    assert network_text(Network()) == "no layers"
    assert settings_text(TrainingConfig()) == "Adam 0.001, batch 64"
    assert settings_text(TrainingConfig(initialisation="he")) == "Adam 0.001, batch 64, first weights He normal"
    assert "first weights too small" in settings_text(TrainingConfig(initialisation="too_small"))
    config = TrainingConfig(
        optimizer="momentum", learning_rate=0.05, momentum=0.8, seed=7, rotation=10, train_size=1000
    )
    assert settings_text(config) == (
        "SGD with momentum 0.05, batch 64, momentum 0.8, training images 1,000, seed 7, rotation 10°"
    )


def test_differences_name_each_setting_from_one_run_to_the_other():
    one = record(1)
    other = record(2)
    assert differences(one, other) == ()
    config = TrainingConfig(learning_rate=0.01, optimizer="sgd", epochs=9, momentum=0.5)
    network = NETWORK.replaced(0, Conv2d(8, 5, 2)).inserted(2, Dropout(0.3))
    other = dataclasses.replace(other, config=config, network=network, dataset_id="x", dataset_title="Clothes")
    assert differences(one, other) == (
        "data MNIST → Clothes",
        "optimiser Adam → SGD",
        "learning rate 0.001 → 0.01",
        "with dropout_1",
        "conv_1 filters 4 → 8",
    )
    assert "without dropout_1" in differences(other, one)


def test_differences_name_switches_order_start_and_what_was_changed_meanwhile():
    one = record(1)
    layers = (Activation(enabled=False), Conv2d(4, 5, 2), Flatten(trainable=False), Dense(10))
    latest = TrainingConfig(learning_rate=0.01, epochs=10)
    other = record(2, origin="the weights of Run 1", latest=latest)
    other = dataclasses.replace(other, network=Network(layers=layers))
    assert differences(one, other) == (
        "learning rate 0.001 → 0.01 during Run 2",
        "layers in another order",
        "activation_1 on → off",
        "flatten_1 trained → frozen",
        "first weights: new → the weights of Run 1",
    )
    assert changes_meanwhile(one) == []


@pytest.mark.parametrize(("form", "delimiter"), [("CSV", ","), ("TSV", "\t")])
def test_the_table_can_be_read_back(form: Any, delimiter: str):
    runs = [record(1, note='with "quotes", commas\nand lines'), record(2, name="Second")]
    rows = list(csv.reader(io.StringIO(table(runs, form), newline=""), delimiter=delimiter))
    assert [row[0] for row in rows] == ["Run", "Run 1", "Second"]
    assert rows[1][6:11] == ["90.00", "90.00", "0.4000", "0.4000", "2.0"]
    assert rows[1][11].split() == ["with", '"quotes",', "commas", "and", "lines"]
    assert rows[2][1:6] == ["My network", "5874", "Adam 0.001, batch 64", "MNIST", "1"]


def test_the_table_in_markdown_escapes_bars_and_leaves_out_what_is_not_known():
    text = table([dataclasses.replace(record(1, note="a|b"), history=History())], "Markdown")
    heading, rule, row = text.splitlines()
    assert len(heading) == len(rule) == len(row)
    assert "| a\\|b |" in row
    assert "90.00" not in row
