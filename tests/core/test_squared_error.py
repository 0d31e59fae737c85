"""Networks that predict numbers: their loss is PyTorch's, their training gradient descent, their end no softmax."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from torch import nn

from convscope.core.criterion import losses_of, mean_loss, summed_loss
from convscope.core.data.dataset import Dataset
from convscope.core.data.heights import heights
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.project import Project, load, save
from convscope.core.receptive_field import reached_field
from convscope.core.settings import SettingError
from convscope.core.snapshot import Snapshot, TrainingError
from convscope.core.trace import trace
from convscope.core.training import train
from convscope.core.training_config import TrainingConfig
from convscope.core.unit import Unit
from convscope.core.weights import Weights, initial_weights

HAND = preset("height-mlp")
PEOPLE = heights()


def trained(config: TrainingConfig, people: Dataset = PEOPLE) -> tuple[Weights, list[Snapshot]]:
    weights = initial_weights(HAND.network, config.seed)
    return weights, list(train(HAND.network, weights, config, people.train, people.test, pace=0))


@pytest.mark.parametrize("outputs", [1, 3])
def test_the_loss_is_summed_over_the_values_and_averaged_over_the_examples(outputs: int):
    random = torch.Generator().manual_seed(1)
    predicted, targets = torch.randn(5, outputs, generator=random), torch.randn(5, outputs, generator=random)
    torch.testing.assert_close(mean_loss(predicted, targets), nn.MSELoss()(predicted, targets) * outputs)
    torch.testing.assert_close(summed_loss(predicted, targets), nn.MSELoss(reduction="sum")(predicted, targets))
    assert losses_of(predicted, targets).shape == (5,)


def test_training_is_gradient_descent_as_done_by_hand():
    """Every epoch is one step on all ten rows, so NumPy can follow with the chain rule and nothing else."""
    config = dataclasses.replace(HAND.training, epochs=20)
    weights, snapshots = trained(config)
    w1, b1, w2, b2 = (
        weights[key].astype(np.float64) for key in ("dense_1.weight", "dense_1.bias", "dense_2.weight", "dense_2.bias")
    )
    x, y = PEOPLE.train.values[:, :, 0, 0].astype(np.float64), PEOPLE.train.labels.astype(np.float64)
    losses: list[float] = []
    for _ in range(config.epochs):
        z = x @ w1.T + b1
        h = np.maximum(z, 0)
        error = h @ w2.T + b2 - y  # (10, 1)
        losses.append(float((error**2).mean()))
        to_output = 2 * error / len(x)
        to_hidden = (to_output @ w2) * (z > 0)
        w2, b2 = w2 - config.learning_rate * to_output.T @ h, b2 - config.learning_rate * to_output.sum(0)
        w1, b1 = w1 - config.learning_rate * to_hidden.T @ x, b1 - config.learning_rate * to_hidden.sum(0)
    points = [point for snapshot in snapshots for point in snapshot.points]
    np.testing.assert_allclose([point.train_loss for point in points], losses, rtol=1e-4)
    np.testing.assert_allclose(snapshots[-1].weights["dense_1.weight"], w1, atol=1e-5)


def test_the_preset_learns_the_ten_heights():
    _, snapshots = trained(HAND.training)
    assert snapshots[-1].points[-1].validation_loss < 0.005  # a mean error of 7 cm


def test_with_both_relus_dead_it_can_but_guess_the_mean():
    _, snapshots = trained(dataclasses.replace(HAND.training, seed=3))
    assert snapshots[-1].points[-1].validation_loss == pytest.approx(PEOPLE.train.labels.var(), rel=1e-3)


def test_there_is_no_accuracy():
    _, snapshots = trained(dataclasses.replace(HAND.training, epochs=1))
    assert math.isnan(snapshots[-1].points[-1].validation_accuracy)
    assert np.isnan(snapshots[-1].batch_accuracies).all()


def test_the_prediction_is_the_last_value_itself():
    weights = initial_weights(HAND.network, 0)
    traced = trace(HAND.network, weights, PEOPLE.test.values[0])
    assert traced.probabilities is None
    assert traced.logits is not None
    np.testing.assert_array_equal(traced.values(4), traced.logits)
    assert HAND.network.shape_at(4) == (1,)
    assert reached_field(HAND.network, Unit(3, (0,)))[4].mask((1,)).all()


def test_the_loss_belongs_to_the_network_and_its_file(tmp_path):
    assert Network.from_json(HAND.network.to_json()) == HAND.network
    assert "loss" not in preset("cnn").network.to_json()  # older versions read it as before
    weights = initial_weights(HAND.network, 0)
    save(tmp_path / "hand.safetensors", Project(HAND.network, weights, HAND.training, dataset_id="heights"))
    assert load(tmp_path / "hand.safetensors").network.loss == "squared error"
    for wrong in ("hinge", 3):
        with pytest.raises(SettingError, match="loss must be cross-entropy or squared error"):
            Network.from_json(HAND.network.to_json() | {"loss": wrong})


def test_numbers_and_classes_are_told_apart_before_training():
    classes = dataclasses.replace(HAND.network, loss="cross-entropy")
    with pytest.raises(TrainingError, match="have numbers, but the network predicts classes"):
        next(train(classes, initial_weights(classes, 0), HAND.training, PEOPLE.train, PEOPLE.test))
