"""How a network does on examples, as after training."""

from __future__ import annotations

import torch
from torch import Tensor

from convscope.core.criterion import count_right, summed_loss, values_of
from convscope.core.module import Stack
from convscope.core.unit import SwitchedOff

CHUNK = 500  # images at a time: short enough to answer between two


def measured(
    module: Stack, images: Tensor, labels: Tensor, switched_off: SwitchedOff = frozenset()
) -> tuple[float, float]:
    """Return the summed loss of examples, as after training, and how many were classified correctly, if they can be."""
    module.eval()
    with torch.inference_mode():
        outputs = module(values_of(images), switched_off)
        return summed_loss(outputs, labels).item(), count_right(outputs, labels)
