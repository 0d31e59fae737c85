"""The weights that ship, so that the first drawing is recognised."""

from __future__ import annotations

from pathlib import Path

import pytest

from convscope.core.data.idx import read_idx_folder
from convscope.core.evaluation import measured
from convscope.core.module import build_module, load_weights
from convscope.core.presets import preset
from convscope.core.project import load
from convscope.core.training_setup import tensors_of
from convscope.paths import resources

PATH = resources() / "weights" / "cnn-batchnorm.safetensors"


def test_they_are_those_of_the_default_preset():
    project = load(PATH)
    default = preset("cnn-batchnorm")
    assert project.network == default.network
    assert project.config == default.training
    assert len(project.history.epochs) == default.training.epochs


def test_they_take_at_most_a_megabyte():
    assert PATH.stat().st_size <= 1_000_000


def test_they_name_no_folder_of_the_machine_that_made_them():
    assert load(PATH).dataset_id == "mnist"


@pytest.mark.mnist
def test_they_read_992_of_1000_test_digits_of_mnist(mnist_folder: Path):
    import torch

    project = load(PATH)
    module = build_module(project.network)
    load_weights(module, project.weights)
    images, labels = tensors_of(read_idx_folder(mnist_folder).test, torch.device("cpu"))
    right = sum(measured(module, images[i : i + 500], labels[i : i + 500])[1] for i in range(0, len(labels), 500))
    assert right / len(labels) >= 0.992
