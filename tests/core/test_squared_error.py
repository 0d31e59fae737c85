"""Networks that predict numbers: their loss is PyTorch's, their training gradient descent, their end no softmax."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from torch import nn

from convscope.cli.by_hand import losses_by_hand
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


def losses_by_torch(config: TrainingConfig) -> list[float]:
    """Return the loss before each step on all ten rows, with nothing but PyTorch's own layers and optimiser."""
    model = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    weights = initial_weights(HAND.network, config.seed)
    arrays = (weights[f"dense_{n}.{kind}"] for n in (1, 2) for kind in ("weight", "bias"))
    nn.utils.vector_to_parameters(torch.cat([torch.tensor(array).flatten() for array in arrays]), model.parameters())
    optimizer = torch.optim.SGD(model.parameters(), config.learning_rate)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, config.decay)
    x, y = torch.tensor(PEOPLE.train.values[:, :, 0, 0]), torch.tensor(PEOPLE.train.labels)
    losses: list[float] = []
    for _ in range(config.epochs):
        loss = nn.functional.mse_loss(model(x), y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return losses


@pytest.mark.parametrize("decay", [1, 0.8])
def test_training_is_gradient_descent_as_done_by_hand(decay: float):
    """Every epoch is one step on all ten rows, so NumPy can follow with the chain rule and nothing else."""
    config = dataclasses.replace(HAND.training, epochs=20, schedule="exponential", decay=decay)
    by_hand = losses_by_hand(HAND.network, config)
    _, snapshots = trained(config)
    points = [point for snapshot in snapshots for point in snapshot.points]
    np.testing.assert_allclose(by_hand, losses_by_torch(config), rtol=1e-4)
    np.testing.assert_allclose([point.train_loss for point in points], by_hand, rtol=1e-4)


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
