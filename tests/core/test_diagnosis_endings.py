"""What is said of curves that were still falling when their run ended."""

from __future__ import annotations

import dataclasses

from convscope.core.diagnosis import Diagnosis, Kind, Sizes, diagnose
from convscope.core.history import History
from convscope.core.layers import Activation, Dense, Flatten
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig

from .made_curves import decaying, made_history

PLAIN = Network(layers=(Flatten(), Dense(units=50), Activation(), Dense(units=10)))
CONFIG = TrainingConfig(epochs=20, train_size=2000, validation_size=1000)
MANY = Sizes(60_000, 10_000)


def read(history: History, sizes: Sizes = MANY, *, is_over: bool = True) -> Diagnosis:
    return diagnose(history, CONFIG, PLAIN, sizes, is_over=is_over)


def falling() -> History:
    return made_history(decaying(12, 2.2, 0.3, 6), decaying(12, 2.1, 0.32, 6))


def worse_at_last() -> History:
    history = falling()
    last = history.epochs[-1]
    return history.extended(points=[dataclasses.replace(last, epoch=13, validation_loss=1.001 * last.validation_loss)])


def test_a_run_that_goes_on_is_still_learning_where_an_ended_one_was_stopped_early():
    history = falling()
    running = read(history, is_over=False)
    assert running.kind is Kind.LEARNING
    ended = diagnose(history, CONFIG, PLAIN, MANY, is_over=True, previous=running)
    assert ended.kind is Kind.STOPPED_EARLY
    assert ended.finding.figures == running.finding.figures


def test_early_stopping_is_answered_by_more_patience_not_by_more_epochs():
    history = worse_at_last()
    impatient = dataclasses.replace(CONFIG, patience=1, epochs=30)
    found = diagnose(history, impatient, PLAIN, MANY, is_over=True)
    assert found.kind is Kind.STOPPED_EARLY
    assert found.finding.sentence.startswith("Early stopping ended the run")
    assert found.remedies[0].label == "More patience: 1 → 3 epochs"
    assert not [remedy for remedy in found.remedies if remedy.label.startswith("Train longer")]
    patient = diagnose(history, dataclasses.replace(impatient, patience=2), PLAIN, MANY, is_over=True)
    assert patient.remedies[0].label == "Train longer: 30 → 60 epochs"


def test_early_stopping_is_judged_by_the_patience_that_the_run_had():
    history = falling()
    worse = dataclasses.replace(
        history.epochs[-1], epoch=13, validation_loss=1.001 * history.epochs[-1].validation_loss
    )
    history = history.extended(points=[worse])
    impatient = dataclasses.replace(CONFIG, patience=1)
    patient = dataclasses.replace(CONFIG, patience=3)
    found = diagnose(history, patient, PLAIN, MANY, is_over=True, trained_with=impatient)
    assert found.finding == diagnose(history, impatient, PLAIN, MANY, is_over=True).finding
    assert found.finding.sentence.startswith("Early stopping ended the run")
    later = diagnose(history, impatient, PLAIN, MANY, is_over=True, trained_with=patient)
    assert later.finding.sentence.startswith("The run ended")


# Losses of a deep network on 1,000 images that early stopping ended.
TRAINING = [1.899, 0.988, 0.658, 0.501, 0.419, 0.361, 0.305, 0.210]
VALIDATION = [1.301, 0.964, 0.759, 0.772, 0.707, 0.718, 0.711, 0.716]


def test_a_run_that_ended_where_validation_rests_is_not_said_to_be_still_falling():
    history = made_history(TRAINING, VALIDATION, noise=0)
    running = read(history, Sizes(1000, 1000), is_over=False)
    assert running.kind is Kind.LEARNING  # one epoch that speaks for another kind may be chance
    ended = read(history, Sizes(1000, 1000))
    assert ended.kind is Kind.OVERFIT
    assert ("Validation, epoch 8", "0.716 (+1 %)") in [(f.name, f.value) for f in ended.finding.figures]


def test_a_run_with_a_wide_gap_does_not_fit_too_little():
    training, validation = decaying(8, 2.0, 0.01, 1), decaying(8, 2.0, 0.35, 2)
    ended = read(made_history(training, validation, noise=0))
    assert ended.kind is Kind.LEARNING
    assert "far ahead" in ended.finding.sentence
    assert read(made_history(0.8 * validation, validation, noise=0)).kind is Kind.STOPPED_EARLY


def test_what_is_said_to_fall_falls_in_the_figures():
    validation = [1.19, 0.911, 0.79, 0.733, 0.678, 0.791]
    found = read(made_history([1.784, 0.898, 0.632, 0.493, 0.408, 0.36], validation, noise=0), is_over=False)
    assert found.kind is Kind.LEARNING
    assert ("Best validation, epochs 3–6", "0.790 → 0.678") in [(f.name, f.value) for f in found.finding.figures]
