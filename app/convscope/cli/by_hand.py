"""Gradient descent for three neurons as it is done by hand: the chain rule in NumPy, and nothing of PyTorch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convscope.core.data.heights import heights
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import initial_weights

Doubles = NDArray[np.float64]


def losses_by_hand(network: Network, config: TrainingConfig) -> list[float]:
    """Return the mean squared error before each step, for as many steps as there are epochs.

    Args:
        network: Flatten, dense, ReLU, dense, as in the preset height-mlp; its first weights are drawn by the seed.
        config: Its rate and its number of epochs; every step is made on all ten rows.
    """
    weights = initial_weights(network, config.seed, config.initialisation)
    w1, b1, w2, b2 = (weights[f"dense_{n}.{kind}"].astype(np.float64) for n in (1, 2) for kind in ("weight", "bias"))
    people = heights().train
    x, y = people.values[:, :, 0, 0].astype(np.float64), people.labels.astype(np.float64)
    losses: list[float] = []
    for epoch in range(config.epochs):
        z = x @ w1.T + b1
        h = np.maximum(z, 0)
        error = h @ w2.T + b2 - y  # (10, 1)
        losses.append(float((error**2).mean()))
        to_output = 2 * error / len(x)  # ∂L/∂ŷ of every row
        to_hidden = (to_output @ w2) * (z > 0)
        rate = config.rate_in(epoch)
        w2, b2 = w2 - rate * to_output.T @ h, b2 - rate * to_output.sum(0)
        w1, b1 = w1 - rate * to_hidden.T @ x, b1 - rate * to_hidden.sum(0)
    return losses
