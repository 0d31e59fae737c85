"""What is offered for each kind of curve: changes that work, that change something, and that suit the kind."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convscope.core.diagnosis import CurveRemedy, Kind
from convscope.core.diagnosis.remedies import MOST, remedies
from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, Layer, MaxPool
from convscope.core.network import Network
from convscope.core.presets import preset, presets
from convscope.core.training_config import TrainingConfig

CONFIG = TrainingConfig()
CNN = Network(layers=(Conv2d(filters=8), Activation(), Flatten(), Dense(units=40), Activation(), Dense(units=10)))


def labels(kind: Kind, network: Network = CNN, config: TrainingConfig = CONFIG, *, blown_up: bool = False) -> list[str]:
    return [remedy.label for remedy in remedies(kind, network, config, blown_up=blown_up)]


def chosen(kind: Kind, start: str, network: Network = CNN, config: TrainingConfig = CONFIG) -> CurveRemedy:
    [found] = [remedy for remedy in remedies(kind, network, config) if remedy.label.startswith(start)]
    return found


configs = st.builds(
    TrainingConfig,
    optimizer=st.sampled_from(["sgd", "adam", "momentum"]),
    learning_rate=st.sampled_from([1e-8, 0.001, 100.0]),
    schedule=st.sampled_from(["constant", "exponential"]),
    batch_size=st.sampled_from([1, 64, 10_000]),
    epochs=st.sampled_from([1, 5, 10_000]),
    train_size=st.sampled_from([0, 500]),
    validation_size=st.sampled_from([0, 40]),
    held_out=st.sampled_from(["test", "train"]),
    weight_decay=st.sampled_from([0.0, 0.01]),
    patience=st.sampled_from([0, 4]),
    shift=st.sampled_from([0, 3]),
)
SMALL = (Conv2d(filters=2), Activation(function="logistic"), Activation(), MaxPool(), BatchNorm(), Dropout(), Flatten())
EXTREME = (Dense(units=16_384), Dense(units=10), Dense(units=1), Dropout(enabled=False), Conv2d(filters=2048))
any_layer = st.sampled_from((*SMALL, *EXTREME))


@given(st.sampled_from(list(Kind)), st.lists(any_layer, max_size=6), configs, st.booleans())
@settings(max_examples=150)
def test_every_remedy_works_and_changes_something(
    kind: Kind, layers: list[Layer], config: TrainingConfig, blown_up: bool
):
    network = Network(layers=tuple(layers))
    offered = remedies(kind, network, config, blown_up=blown_up)
    assert len(offered) <= MOST
    assert len({remedy.label for remedy in offered}) == len(offered)
    for remedy in offered:
        assert remedy.reason.endswith(".")
        assert (remedy.config, remedy.network) != (None, None)
        assert remedy.config != config
        assert remedy.network != network
        assert remedy.network is None or remedy.network.report.problem is None


def test_numbers_are_not_augmented():
    numbers = Network((2, 1, 1), (Flatten(), Dense(units=16), Dense(units=1)), 1, loss="squared error")
    offered = labels(Kind.OVERFIT, numbers)
    assert offered
    assert not any(label.startswith("Augment") for label in offered)


def test_overfitting_is_answered_by_images_dropout_stopping_and_augmentation():
    few = dataclasses.replace(CONFIG, train_size=300)
    assert labels(Kind.OVERFIT, config=few) == [
        "Train on all images",
        "Insert dropout before dense_2",
        "Stop early (patience 3)",
        "Augment: shift 2 px, turn 10°",
    ]
    inserted = chosen(Kind.OVERFIT, "Insert dropout").network
    assert inserted is not None
    assert [layer.kind for layer in inserted.layers][-2:] == ["dropout", "dense"]
    stopping = chosen(Kind.OVERFIT, "Stop early").config
    assert stopping is not None
    assert (stopping.patience, stopping.keep_best) == (3, True)


def test_what_is_there_already_is_not_offered_again():
    armed = dataclasses.replace(CONFIG, patience=3, shift=2, weight_decay=0.001)
    dropping = CNN.inserted(5, Dropout())
    assert labels(Kind.OVERFIT, dropping, armed) == ["Narrow dense_1: 40 → 20 units", "Lower the rate: 0.001 → 0.0005"]
    assert labels(Kind.VALIDATION_TOO_SMALL, config=dataclasses.replace(CONFIG, held_out="train")) == []
    assert "Use Adam" not in labels(Kind.FLAT)


def test_a_flat_sigmoid_network_is_given_relu_and_adam():
    flat = preset("sigmoid-deep")
    assert labels(Kind.FLAT, flat.network, flat.training)[:3] == [
        "Use ReLU activations",
        "Use Adam",
        "Raise the rate: 0.003 → 0.009",
    ]
    relu = chosen(Kind.FLAT, "Use ReLU", flat.network, flat.training).network
    assert relu is not None
    assert relu.layers[2].name == flat.network.layers[2].name  # so that its neighbours keep their weights


def test_one_dense_layer_that_cannot_learn_more_gets_a_hidden_one():
    softmax = preset("softmax")
    added = chosen(Kind.FLAT, "Insert a hidden layer", softmax.network).network
    assert added is not None
    assert [layer.kind for layer in added.layers] == ["flatten", "dense", "activation", "dense"]


def test_after_a_loss_far_above_chance_no_rate_is_raised():
    assert labels(Kind.FLAT, blown_up=True)[0] == "Lower the rate: 0.001 → 0.0001"
    for kind in Kind:
        assert not [label for label in labels(kind, blown_up=True) if label.startswith("Raise")]


def test_erratic_curves_are_calmed():
    assert labels(Kind.ERRATIC) == [
        "Lower the rate: 0.001 → 0.0005",
        "Larger batches: 64 → 128",
        "Let the rate decay",
        "Insert batch normalisation",
    ]
    normalised = chosen(Kind.ERRATIC, "Insert batch").network
    assert normalised is not None
    kinds = [layer.kind for layer in normalised.layers]
    assert kinds == ["conv2d", "batch_norm", "activation", "flatten", "dense", "batch_norm", "activation", "dense"]


def test_a_run_that_still_falls_is_trained_longer_and_its_rate_decays_more_slowly():
    short = preset("cnn")
    assert labels(Kind.STOPPED_EARLY, short.network, short.training)[:2] == [
        "Train longer: 10 → 20 epochs",
        "Slower decay: 0.6 → 0.77",
    ]


def test_too_few_validation_images_are_made_more():
    few = dataclasses.replace(CONFIG, validation_size=30)
    more = chosen(Kind.VALIDATION_TOO_SMALL, "Validate on all", config=few).config
    assert more is not None
    assert more.validation_size == 0


def test_easier_validation_is_answered_by_what_makes_training_harder_or_by_other_images():
    dropping = CNN.inserted(5, Dropout(rate=0.5))
    halved = chosen(Kind.VALIDATION_EASIER, "Halve every dropout", dropping).network
    assert halved is not None
    assert getattr(halved.layers[5], "rate", None) == 0.25
    turned = dataclasses.replace(CONFIG, rotation=20.0)
    still = chosen(Kind.VALIDATION_EASIER, "No augmentation", config=turned).config
    assert still is not None
    assert not still.augments
    assert labels(Kind.VALIDATION_EASIER) == ["Validate on images kept aside"]


@pytest.mark.parametrize("name", [found.name for found in presets()])
def test_a_good_fit_of_any_preset_needs_nothing(name: str):
    assert labels(Kind.GOOD, preset(name).network, preset(name).training) == []
