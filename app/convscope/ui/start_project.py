"""What the program opens with: the default network, trained."""

from __future__ import annotations

import dataclasses

from convscope.core.presets import preset
from convscope.core.project import Project, load
from convscope.core.weights import initial_weights
from convscope.paths import resources

DEFAULT = "cnn-batchnorm"


def start_project() -> Project:
    """Return the default preset with the weights that ship, or with new ones where there are none."""
    path = resources() / "weights" / f"{DEFAULT}.safetensors"
    if path.exists():
        return dataclasses.replace(load(path), dataset_id="")  # opening it must not ask to download MNIST
    chosen = preset(DEFAULT)
    training = chosen.training
    weights = initial_weights(chosen.network, training.seed, training.initialisation)
    return Project(chosen.network, weights, training)
