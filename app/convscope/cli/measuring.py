"""Measuring a network on test images, as the commands do at the end."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch

from convscope.core.data.dataset import Examples
from convscope.core.evaluation import CHUNK, measured
from convscope.core.module import build_module, load_weights
from convscope.core.network import Network
from convscope.core.training_setup import tensors_of
from convscope.core.weights import Weights


@dataclass(frozen=True)
class TestResult:
    """Mean loss of test images, and the fraction of them that was classified correctly."""

    loss: float
    accuracy: float
    images: int

    @property
    def what(self) -> str:
        """What was measured: images, or rows of numbers."""
        return "rows" if math.isnan(self.accuracy) else "images"

    @property
    def text(self) -> str:
        """The result in words; numbers that are predicted have no accuracy."""
        if math.isnan(self.accuracy):
            return f"mean squared error {self.loss:.5f}"
        return f"loss {self.loss:.4f}, accuracy {self.accuracy:.2%}"


def tested(network: Network, weights: Weights, examples: Examples) -> TestResult:
    """Measure a network on examples, in the portions in which a run validates, so that both give the same numbers."""
    module = build_module(network)
    load_weights(module, weights)
    images, labels = tensors_of(examples, torch.device("cpu"))
    loss, right = 0.0, 0
    for start in range(0, len(labels), CHUNK):
        more = measured(module, images[start : start + CHUNK], labels[start : start + CHUNK])
        loss, right = loss + more[0], right + more[1]
    return TestResult(loss / len(labels), right / len(labels), len(labels))
