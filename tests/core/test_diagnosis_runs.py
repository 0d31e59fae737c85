"""What real runs of the presets show on generated handwriting, read as they go on."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

import pytest

from convscope.core.data.dataset import Dataset
from convscope.core.data.handwriting import generated
from convscope.core.diagnosis import Diagnosis, Kind, Sizes, diagnose
from convscope.core.history import History
from convscope.core.layers import Dense, Flatten
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.project import load
from convscope.core.training import train
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import initial_weights
from convscope.paths import resources

# Nothing in it bounds what its layers pass on, so that steps too large can grow beyond all numbers.
LINEAR = Network(layers=(Flatten(), Dense(units=60), Dense(units=60), Dense(units=10)))


@dataclasses.dataclass(frozen=True)
class Reading:
    """What was said of a run.

    Attributes:
        said: Kinds in the order in which they were said while it went on, each once while it lasted.
        last: What is said of it at its end.
    """

    said: list[Kind]
    last: Diagnosis
    network: Network
    config: TrainingConfig


@cache
def data() -> Dataset:
    return generated(seed=3, train_size=2000, test_size=600)


@cache
def read(name: str, train_size: int, validation_size: int, **settings: Any) -> Reading:
    """Train a preset from its seed's weights, and read its curves at every report, as the window does."""
    network = preset(name).network if name != "linear" else LINEAR
    settings |= {"train_size": train_size, "validation_size": validation_size}
    config = dataclasses.replace(preset(name).training if name != "linear" else TrainingConfig(), **settings)
    examples = data().split(train_size, validation_size)
    sizes = Sizes(train_size, validation_size)
    history, said, last = History(), [Kind.TOO_EARLY], None
    diverged = False
    for snapshot in train(network, initial_weights(network, 0), config, *examples, pace=0.02):
        history = history.extended(
            (snapshot.batch_epochs, snapshot.batch_losses, snapshot.batch_accuracies), snapshot.points
        )
        diverged = bool(snapshot.problem)
        last = diagnose(history, config, network, sizes, diverged=diverged, previous=last)
        said += [last.kind] if last.kind is not said[-1] else []
    last = diagnose(history, config, network, sizes, is_over=True, diverged=diverged, previous=last)
    return Reading(said, last, network, config)


RUNS = {
    "overfit": ("relu-deep", 400, 600, {"epochs": 30}),
    "flat": ("sigmoid-deep", 2000, 600, {"epochs": 8}),
    "learning": ("minho", 1500, 400, {"epochs": 5}),
    "easier": ("cnn-pool-dropout", 1000, 500, {"epochs": 6}),
    "erratic": ("relu-deep", 2000, 600, {"optimizer": "sgd", "learning_rate": 1.0, "epochs": 14}),
    "noisy": ("relu-deep", 2000, 600, {"learning_rate": 0.03, "epochs": 14}),
    "lost": ("relu-deep", 1000, 600, {"optimizer": "sgd", "learning_rate": 3.0, "epochs": 8}),
    "diverged": ("linear", 400, 200, {"optimizer": "sgd", "learning_rate": 10, "epochs": 20}),
    "few to validate": ("softmax", 2000, 30, {"learning_rate": 0.3, "epochs": 14}),
    "gap": ("relu-deep", 1500, 600, {"learning_rate": 0.005, "schedule": "exponential", "epochs": 12}),
}
SHOWN = {
    "overfit": Kind.OVERFIT,
    "flat": Kind.FLAT,
    "learning": Kind.STOPPED_EARLY,
    "easier": Kind.VALIDATION_EASIER,
    "erratic": Kind.ERRATIC,
    "noisy": Kind.ERRATIC,
    "lost": Kind.ERRATIC,
    "diverged": Kind.NOT_FINITE,
    "few to validate": Kind.VALIDATION_TOO_SMALL,
    "gap": Kind.TRAINING_TOO_SMALL,
}


def run(name: str) -> Reading:
    preset_name, train_size, validation_size, settings = RUNS[name]
    return read(preset_name, train_size, validation_size, **settings)


@pytest.mark.parametrize("name", RUNS)
def test_a_run_shows_at_its_end_what_it_is_known_for(name: str):
    assert run(name).last.kind is SHOWN[name], run(name).said


@pytest.mark.parametrize("name", RUNS)
def test_nothing_that_was_said_of_a_run_and_taken_back_is_said_again(name: str):
    said = run(name).said
    assert len(said) == len(set(said)), said
    assert len(said) <= 5


def test_the_run_that_made_the_shipped_weights_is_a_good_fit():
    project = load(resources() / "weights" / "cnn-batchnorm.safetensors")
    found = diagnose(project.history, project.config, project.network, Sizes(60_000, 10_000), is_over=True)
    assert found.kind is Kind.GOOD
    assert found.course.former <= {Kind.LEARNING}
    assert found.remedies == ()


def test_the_flat_run_is_given_relu_and_adam_and_then_learns():
    flat = run("flat")
    network, config = flat.network, flat.config
    for remedy in flat.last.remedies[:2]:
        network, config = remedy.network or network, remedy.config or config
    assert [remedy.label for remedy in flat.last.remedies[:2]] == ["Use ReLU activations", "Use Adam"]
    assert [layer for layer in network.layers if layer.kind == "activation"]
    assert all(getattr(layer, "function", "relu") == "relu" for layer in network.layers)
    history = History()
    for snapshot in train(network, initial_weights(network, 0), config, *data().split(2000, 600), pace=1e9):
        batches = snapshot.batch_epochs, snapshot.batch_losses, snapshot.batch_accuracies
        history = history.extended(batches, snapshot.points)
    assert diagnose(history, config, network, Sizes(2000, 600)).kind in (Kind.LEARNING, Kind.GOOD)
