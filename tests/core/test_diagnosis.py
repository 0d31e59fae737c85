"""What made curves show: every kind, with noise, at several lengths; and that it does not go to and fro."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convscope.core.diagnosis import Diagnosis, Kind, Sizes, diagnose, sizes_of
from convscope.core.history import History
from convscope.core.layers import Activation, Dense, Dropout, Flatten
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.training_config import TrainingConfig

from .made_curves import decaying, made_history

PLAIN = Network(layers=(Flatten(), Dense(units=50), Activation(), Dense(units=10)))
DROPPING = PLAIN.inserted(3, Dropout(rate=0.5))
CONFIG = TrainingConfig(epochs=20, train_size=2000, validation_size=1000)
MANY = Sizes(60_000, 10_000)
SEEDS = range(6)
LENGTHS = (12, 20, 40)


def read(history: History, sizes: Sizes = MANY, network: Network = PLAIN, *, is_over: bool = True) -> Diagnosis:
    return diagnose(history, CONFIG, network, sizes, is_over=is_over)


def prefixes(history: History) -> Iterable[History]:
    """Return what was known of a run at the end of each epoch."""
    for epochs in range(len(history.epochs) + 1):
        done = history.batch_epochs <= epochs + 1e-9
        arrays = history.batch_epochs[done], history.batch_losses[done], history.batch_accuracies[done]
        yield History(*arrays, history.epochs[:epochs])


def kinds(history: History, sizes: Sizes = MANY, network: Network = PLAIN) -> list[Kind]:
    """Return what is said from epoch to epoch while a run goes on, each kind once while it lasts."""
    said: list[Kind] = []
    previous = None
    for known in prefixes(history):
        previous = diagnose(known, CONFIG, network, sizes, previous=previous)
        if not said or said[-1] is not previous.kind:
            said.append(previous.kind)
    return said


# Each case: what it shows at the end, its curves for a number of epochs, the images it uses.
def good(n: int, seed: int) -> History:
    return made_history(decaying(n, 1.2, 0.05, 1), decaying(n, 0.9, 0.065, 1), seed=seed, noise=0.02)


def learning(n: int, seed: int) -> History:
    return made_history(decaying(n, 2.2, 0.3, n / 2), decaying(n, 2.1, 0.32, n / 2), seed=seed)


def flat(n: int, seed: int) -> History:
    return made_history(decaying(n, 1.9, 1.3, 1), decaying(n, 1.85, 1.32, 1), seed=seed)


def at_chance(n: int, seed: int) -> History:
    return made_history(np.linspace(2.33, 2.30, n), np.linspace(2.32, 2.30, n), seed=seed, noise=0.002)


def overfit(n: int, seed: int) -> History:
    rise = 0.6 * np.maximum(np.arange(1, n + 1) - n / 3, 0) / n
    return made_history(decaying(n, 1.5, 0.01, n / 8), decaying(n, 1.3, 0.25, n / 12) + rise, seed=seed)


def few_training(n: int, seed: int) -> History:
    return made_history(decaying(n, 1.4, 0.2, 1), decaying(n, 1.5, 0.45, 1), seed=seed)


def few_validation(n: int, seed: int) -> History:
    return made_history(decaying(n, 1.4, 0.2, 1.5), decaying(n, 1.3, 0.25, 1.5), seed=seed, images=40)


def easier(n: int, seed: int) -> History:
    return made_history(decaying(n, 1.6, 0.35, 3), decaying(n, 1.0, 0.2, 3), seed=seed)


def erratic(n: int, seed: int) -> History:
    curve = decaying(n, 1.5, 0.5, 3)
    return made_history(curve, 1.1 * curve, seed=seed, noise=0.5)


CASES = {
    Kind.GOOD: (good, MANY, PLAIN),
    Kind.STOPPED_EARLY: (learning, MANY, PLAIN),
    Kind.FLAT: (flat, MANY, PLAIN),
    Kind.OVERFIT: (overfit, Sizes(2000, 1000), PLAIN),
    Kind.TRAINING_TOO_SMALL: (few_training, Sizes(1000, 2000), PLAIN),
    Kind.VALIDATION_TOO_SMALL: (few_validation, Sizes(60_000, 40), PLAIN),
    Kind.VALIDATION_EASIER: (easier, MANY, DROPPING),
    Kind.ERRATIC: (erratic, MANY, PLAIN),
}


@pytest.mark.parametrize("epochs", LENGTHS)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.name.lower())
def test_a_curve_made_for_a_kind_is_read_as_that(kind: Kind, seed: int, epochs: int):
    make, sizes, network = CASES[kind]
    found = read(make(epochs, seed), sizes, network)
    assert found.kind is kind
    assert found.finding.sentence.endswith(".")
    assert found.finding.place is not None
    assert 0 < found.finding.place.first < found.finding.place.last <= epochs


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.name.lower())
def test_while_a_run_goes_on_no_kind_is_said_twice(kind: Kind, seed: int):
    make, sizes, network = CASES[kind]
    said = kinds(make(40, seed), sizes, network)
    assert len(said) == len(set(said)), said
    assert said[0] is Kind.TOO_EARLY


@pytest.mark.parametrize("seed", SEEDS)
def test_a_loss_at_chance_is_flat_from_the_third_epoch_on(seed: int):
    assert kinds(at_chance(20, seed)) == [Kind.TOO_EARLY, Kind.FLAT]
    third = read(list(prefixes(at_chance(20, seed)))[3])
    assert third.kind is Kind.FLAT
    assert "guessing" in third.finding.sentence
    assert "2.303" in [figure.value for figure in third.finding.figures]


def test_a_network_that_predicts_numbers_is_left_to_the_reader():
    heights = preset("height-mlp")
    found = diagnose(learning(12, 0), heights.training, heights.network, MANY, is_over=True)
    assert found.kind is Kind.NUMBERS
    assert "judge for yourself" in found.kind.value
    assert found.remedies == ()
    assert diagnose(History(), heights.training, heights.network, MANY).kind is Kind.TOO_EARLY


def test_a_loss_that_blew_up_and_came_back_to_guessing_is_called_blown_up():
    history = made_history([7.25e14, 62.7, 3.2, 3.121, 3.1], [1e9, 30, 3.2, 3.1, 3.1], noise=0)
    found = read(history)
    assert found.kind is Kind.ERRATIC
    assert "blew up" in found.finding.sentence
    assert ("Highest training loss, epoch 1", "7.25·10¹⁴") in [(f.name, f.value) for f in found.finding.figures]
    assert found.finding.place is not None
    assert found.finding.place.label == "blown up"
    calm = made_history([7e14, 62.7, *[2.31] * 20], [1e9, 30, *[2.31] * 20], noise=0)
    later = read(calm)
    assert later.kind is Kind.FLAT
    assert later.finding.sentence.startswith("At first the steps were so large")


@pytest.mark.parametrize("epochs", [0, 1, 2])
def test_up_to_two_epochs_it_is_too_early_to_tell(epochs: int):
    found = read(made_history([2.0, 1.0][:epochs], [1.5, 0.9][:epochs]))
    assert found.kind is Kind.TOO_EARLY
    assert found.finding.place is None


def test_overfitting_can_begin_where_the_validation_loss_was_0():
    validation = [0.3, 0.1, 0.0, 0.2, 0.3, 0.4, 0.5]
    found = read(made_history([0.5, 0.1, 0.01, 0.001, 0.0, 0.0, 0.0], validation, noise=0))
    assert found.kind is Kind.OVERFIT
    figures = {figure.name: figure.value for figure in found.finding.figures}
    assert figures["Validation, lowest"] == "0 (epoch 3)"
    assert figures["Validation, epoch 7"] == "0.500"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("turn", [6, 11])
def test_overfitting_names_the_epoch_in_which_validation_turned(seed: int, turn: int):
    epochs = np.arange(1, 26)
    validation = 0.4 + 0.004 * (epochs - turn) ** 2
    found = read(made_history(decaying(25, 1.5, 0.02, 3), validation, seed=seed), Sizes(3000, 1000))
    assert found.kind is Kind.OVERFIT
    assert found.finding.place is not None
    assert abs(found.finding.place.first - turn) <= 2
    assert found.finding.place.last == 25
    assert f"epoch {found.finding.place.first}" in found.finding.sentence


def test_a_loss_that_is_no_number_is_told_at_once_and_where():
    history = good(12, 0)
    broken = history.extended(([12.1, 12.2], [900.0, np.inf], [0.1, 0.1]))
    found = diagnose(broken, CONFIG, PLAIN, MANY, previous=read(history))
    assert found.kind is Kind.NOT_FINITE
    assert found.finding.place is not None
    assert found.finding.place.last == pytest.approx(12.1)
    assert ("Highest loss before", "900") in [(f.name, f.value) for f in found.finding.figures]
    assert ("No number any more", "from batch 362 on") in [(f.name, f.value) for f in found.finding.figures]


def test_a_run_that_diverged_is_told_by_who_ended_it():
    history = good(12, 0).extended(([12.1], [4e30], [0.1]))
    assert diagnose(history, CONFIG, PLAIN, MANY).kind is Kind.GOOD
    found = diagnose(history, CONFIG, PLAIN, MANY, diverged=True)
    assert found.kind is Kind.NOT_FINITE
    assert ("Highest loss before", "4·10³⁰") in [(f.name, f.value) for f in found.finding.figures]
    assert diagnose(History(), CONFIG, PLAIN, MANY, diverged=True).finding.place is None


def test_validation_is_easier_because_of_dropout_or_because_of_the_data():
    with_dropout, without = (read(easier(12, 0), MANY, network) for network in (DROPPING, PLAIN))
    assert "dropout switches units off" in with_dropout.finding.sentence
    assert "look at the data" in without.finding.sentence
    off = DROPPING.toggled(3)
    assert "look at the data" in read(easier(12, 0), MANY, off).finding.sentence


def test_a_network_that_learns_fast_has_no_easier_validation():
    """The mean over an epoch lags behind what validation sees at its end."""
    ends = 2.0 * 0.75 ** np.arange(0, 13)
    means = (ends[:-1] + ends[1:]) / 2
    assert (means > 1.1 * ends[1:]).all()
    assert kinds(made_history(means, ends[1:])) == [Kind.TOO_EARLY, Kind.LEARNING]


@pytest.mark.parametrize("level", [2.3, 0.9, 0.2])
@pytest.mark.parametrize("spread", [0.005, 0.03, 0.1, 0.3])
def test_pure_noise_is_not_read_to_and_fro(level: float, spread: float):
    returned = 0
    for seed in range(12):
        random = np.random.default_rng(seed)
        losses = level * np.exp(spread * random.standard_normal((2, 40)))
        said = kinds(made_history(*losses, noise=0, seed=seed), Sizes(2000, 1000))
        returned += len(said) > len(set(said))
        assert len(said) <= 4, said
        assert Kind.TRAINING_TOO_SMALL not in said
        assert Kind.VALIDATION_TOO_SMALL not in said
    assert returned <= 1  # of 480 epochs without any meaning


@pytest.mark.parametrize(("spread", "kind"), [(0.005, Kind.GOOD), (0.3, Kind.ERRATIC)])
def test_noise_at_a_low_level_is_a_good_fit_or_erratic(spread: float, kind: Kind):
    for seed in SEEDS:
        losses = 0.3 * np.exp(spread * np.random.default_rng(seed).standard_normal((2, 30)))
        assert read(made_history(*losses, noise=0, seed=seed)).kind is kind


@given(st.lists(st.tuples(st.floats(0.001, 4), st.floats(0.001, 4)), max_size=25), st.integers(0, 25))
@settings(max_examples=60)
def test_a_run_read_in_steps_is_read_as_one_read_at_its_end(losses: list[tuple[float, float]], middle: int):
    history = made_history([pair[0] for pair in losses], [pair[1] for pair in losses])
    *_, known = (p for p in prefixes(history) if len(p.epochs) <= middle)
    halfway = diagnose(known, CONFIG, PLAIN, MANY)
    assert diagnose(history, CONFIG, PLAIN, MANY, previous=halfway) == diagnose(history, CONFIG, PLAIN, MANY)


@given(st.lists(st.tuples(st.floats(0, 1e30), st.floats(0, 1e30)), max_size=12), st.integers(0, 2000))
@settings(max_examples=60)
def test_any_curves_get_a_reading(losses: list[tuple[float, float]], images: int):
    history = made_history([pair[0] for pair in losses], [pair[1] for pair in losses])
    found = read(history, Sizes(images, images))
    assert found.finding.sentence
    assert all(figure.value for figure in found.finding.figures)


def test_a_batch_alone_changes_nothing():
    history = overfit(20, 0)
    before = read(history)
    more = history.extended(([20.5], [9.0], [0.1]))
    after = diagnose(more, CONFIG, PLAIN, MANY, is_over=True, previous=before)
    assert (after.finding, after.course) == (before.finding, before.course)


def test_another_run_is_read_from_its_own_beginning():
    former = read(overfit(20, 0))
    for epochs in (1, 20):
        fresh = good(epochs, 1)
        assert diagnose(fresh, CONFIG, PLAIN, MANY, previous=former) == diagnose(fresh, CONFIG, PLAIN, MANY)


def test_a_single_outlier_does_not_change_a_reading():
    epochs = np.arange(1, 31)
    validation = decaying(30, 0.9, 0.065, 1)
    validation[20] *= 2.5
    history = made_history(decaying(30, 1.2, 0.05, 1), validation, noise=0.01)
    assert epochs[20] == 21
    assert kinds(history)[-1] is Kind.GOOD
    assert len(kinds(history)) == 3


def test_sizes_are_those_of_the_split():
    assert sizes_of(TrainingConfig(), 6000, 1000) == Sizes(6000, 1000)
    assert sizes_of(TrainingConfig(train_size=500, validation_size=40), 6000, 1000) == Sizes(500, 40)
    aside = dataclasses.replace(TrainingConfig(), held_out="train")
    assert sizes_of(aside, 6000, 1000) == Sizes(5000, 1000)
    assert sizes_of(dataclasses.replace(aside, validation_size=100), 6000, 1000) == Sizes(5900, 100)
