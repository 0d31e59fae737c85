"""How far a batch's outputs are from what they should be, by either loss."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def losses_of(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the loss of each example.

    Args:
        outputs: What the last layer gives.  # (N, K)
        targets: Class numbers, int64 (N,), for the cross-entropy behind a softmax; numbers, float (N, K), for the
            squared error, summed over the K values.

    Returns:
        # (N,)
    """
    if targets.is_floating_point():
        return (outputs - targets).square().sum(1)
    return functional.cross_entropy(outputs, targets, reduction="none")


def mean_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the mean loss of a batch; see `losses_of`."""
    if targets.is_floating_point():
        return losses_of(outputs, targets).mean()
    return functional.cross_entropy(outputs, targets)


def summed_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """Return the summed loss of a batch; see `losses_of`."""
    if targets.is_floating_point():
        return losses_of(outputs, targets).sum()
    return functional.cross_entropy(outputs, targets, reduction="sum")


def count_right(outputs: Tensor, targets: Tensor) -> float:
    """Return how many examples are classified correctly; not a number where the targets are no classes."""
    if targets.is_floating_point():
        return float("nan")
    return float((outputs.argmax(1) == targets).sum().item())


def values_of(images: Tensor) -> Tensor:
    """Return images as a network gets them: bytes as 0 to 1, numbers as they are."""
    return images if images.dtype == torch.float32 else images.float().div_(255)
