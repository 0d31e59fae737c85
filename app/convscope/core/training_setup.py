"""What a run is made of before its first batch: what is refused, the device, the examples and the optimiser."""

from __future__ import annotations

import torch
from torch import Tensor

from convscope.core.backend import devices
from convscope.core.data.dataset import Examples
from convscope.core.data.fitting import label_misfit
from convscope.core.layers import shape_text
from convscope.core.module import Stack
from convscope.core.network import Network
from convscope.core.report import batch_misfit
from convscope.core.snapshot import TrainingError
from convscope.core.training_config import TrainingConfig


def check_batch_size(network: Network, batch_size: int) -> None:
    """Raise the `TrainingError` of a batch in which a channel would have one value alone to normalise."""
    if misfit := batch_misfit(network, batch_size):
        raise TrainingError(misfit)


def check(network: Network, training: Examples, validation: Examples) -> None:
    """Raise the `TrainingError` of a network that cannot be trained, or not on these examples."""
    problem = network.report.problem
    if problem is not None:
        raise TrainingError(f"The network cannot be trained yet. {problem.located}")
    if network.report.trainable == 0:
        frozen = any(not row.layer.trainable and row.frozen for row in network.report.rows)
        remedy = "Let a frozen layer train again" if frozen else "Add a convolution or a dense layer"
        raise TrainingError(f"The network has no parameters to train. {remedy}.")
    for examples in (training, validation):
        if len(examples) == 0:
            raise TrainingError("There are no images to train on or to validate on.")
        if examples.images.shape[1:] != network.input_shape:
            shapes = shape_text(examples.images.shape[1:]), shape_text(network.input_shape)
            raise TrainingError(f"The images are {shapes[0]}, but the network takes {shapes[1]}.")
        if misfit := label_misfit(network, examples):
            raise TrainingError(misfit)


def optimizer_of(module: Stack, config: TrainingConfig) -> torch.optim.Optimizer:
    """Return the optimiser that settings name, which remembers nothing yet."""
    parameters, rate = module.parameters(), config.learning_rate
    match config.optimizer:
        case "momentum":
            return torch.optim.SGD(parameters, lr=rate, momentum=config.momentum)
        case "adagrad":
            return torch.optim.Adagrad(parameters, lr=rate)
        case "rmsprop":
            return torch.optim.RMSprop(parameters, lr=rate)
        case "adam":
            return torch.optim.Adam(parameters, lr=rate)
        case _:
            return torch.optim.SGD(parameters, lr=rate)


def tensors_of(examples: Examples, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return images (N, C, H, W), uint8 or float32, and labels (N,), or numbers (N, K), as tensors."""
    # By way of one dimension, because the strides of a single channel are arbitrary and decide which kernel torch
    # takes: the same pixels would give other roundings.
    images = torch.tensor(examples.images.reshape(-1), device=device).reshape(examples.images.shape)
    return images, torch.tensor(examples.labels, device=device)


def device_named(name: str) -> torch.device:
    """Return a device of this computer.

    Raises:
        TrainingError: It has none of that name.
    """
    known = dict(devices())
    full_name = "cuda:0" if name == "cuda" else name  # as torch too understands it
    if full_name not in known:
        raise TrainingError(f"There is no device {name!r} here; there is {', '.join(known)}. Choose another device.")
    return torch.device(full_name)
