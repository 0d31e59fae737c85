"""Curves made for one purpose each, with the noise of batches and epochs that real ones have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convscope.core.history import EpochPoint, History

Numbers = NDArray[np.floating[Any]]
BATCHES = 30  # per epoch


def made_history(
    train: Sequence[float] | Numbers,
    validation: Sequence[float] | Numbers,
    *,
    seed: int = 0,
    noise: float = 0.01,
    images: int = 0,
    batch_noise: float = 0.15,
) -> History:
    """Return a run with these losses of its epochs.

    Args:
        train: Training loss at the middle of each epoch.
        validation: Validation loss at the end of each epoch.
        seed: Of the noise.
        noise: Standard deviation of both, as a part of the loss; training has a third of it, as in real runs.
        images: Validation images, whose number rounds the accuracy and adds its binomial noise; 0 adds none.
        batch_noise: Standard deviation of the batches' losses, as a part of the loss.
    """
    random = np.random.default_rng(seed)
    train, validation = np.asarray(train, np.float64), np.asarray(validation, np.float64)
    train = train * np.exp(noise / 3 * random.standard_normal(train.size))
    validation = validation * np.exp(noise * random.standard_normal(validation.size))
    right = np.exp(-validation)
    if images:
        drawn = random.binomial(images, right) / images
        validation, right = validation + 1.5 * (right - drawn), drawn
    x = np.arange(1, train.size * BATCHES + 1) / BATCHES
    within = np.interp(x, np.arange(train.size) + 0.5, train) if train.size else x
    losses = np.abs(within * (1 + batch_noise * random.standard_normal(x.size)))
    points = [
        EpochPoint(epoch, float(t), float(np.exp(-t)), float(max(v, 0.0)), float(a), 0.001, 1.0)
        for epoch, (t, v, a) in enumerate(zip(train, validation, right, strict=True), 1)
    ]
    return History(x, losses.astype(np.float32), np.exp(-losses).astype(np.float32), tuple(points))


def decaying(epochs: int, start: float, end: float, half: float, at: float = 0.0) -> Numbers:
    """Return an exponential fall from `start` to `end`, half of it every `half` epochs; `at` shifts it to the right."""
    return end + (start - end) * 0.5 ** (np.maximum(np.arange(1, epochs + 1) - at, 0) / half)
