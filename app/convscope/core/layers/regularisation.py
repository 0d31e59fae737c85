"""Batch normalisation and dropout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from convscope.core.layers.base import Layer, Shape
from convscope.core.settings import choice, number, switch


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Brings every channel to mean 0 and variance 1 over the mini-batch, then scales and shifts it.

    y = γ·(x − mean) / √(variance + eps) + β (Ioffe and Szegedy, 2015). Outside training the running averages take the
    place of the batch's: running ← (1 − momentum)·running + momentum·batch, as in PyTorch.
    """

    kind: ClassVar[str] = "batch_norm"
    title: ClassVar[str] = "Batch normalisation"
    group: ClassVar[str] = "Regularisation"
    help: ClassVar[str] = "Brings every channel to mean 0 and spread 1 over the batch, then scales and shifts it."
    prefix: ClassVar[str] = "batch_norm"
    live: ClassVar[frozenset[str]] = frozenset({"momentum"})

    momentum: float = number(
        0.1,
        label="Momentum",
        help="How much of each batch goes into the running averages that are used after training "
        "(PyTorch's meaning; Keras writes 1 minus this).",
        low=0.0,
        high=1.0,
        step=0.01,
    )
    eps: float = number(
        1e-5, label="Epsilon", help="Added to the variance so that nothing is divided by zero.", low=1e-12, high=1.0
    )
    scale: bool = switch(
        True,
        label="Scale",
        help="Learns a factor γ for every channel. Not needed where ReLU and another layer follow; the shift β stays.",
    )

    def summary(self) -> str:
        """Return the momentum, and whether there is no scale."""
        return f"momentum {self.momentum:g}" + ("" if self.scale else ", no scale")

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape that came in."""
        return shape

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return γ as weight (C,), when there is a scale, and β as bias (C,)."""
        return ({"weight": shape[:1]} if self.scale else {}) | {"bias": shape[:1]}

    def buffer_shapes(self, shape: Shape) -> dict[str, Shape]:
        """Return the running mean and variance, each (C,)."""
        return {"running_mean": shape[:1], "running_var": shape[:1]}


@dataclass(frozen=True)
class Dropout(Layer):
    """Sets units to zero at random while training and scales the others by 1 / (1 − rate)."""

    kind: ClassVar[str] = "dropout"
    title: ClassVar[str] = "Dropout"
    group: ClassVar[str] = "Regularisation"
    help: ClassVar[str] = "Switches units off at random in every training step, so that none is relied on alone."
    prefix: ClassVar[str] = "dropout"
    live: ClassVar[frozenset[str]] = frozenset({"rate", "mode"})

    rate: float = number(
        0.25, label="Rate", help="The share of units that is off in a training step.", low=0.0, high=0.95, step=0.05
    )
    mode: str = choice(
        "units",
        {"units": "Single units", "maps": "Whole maps"},
        label="Drop",
        help="Whole maps suit convolutions, where neighbouring units say much the same.",
    )

    def summary(self) -> str:
        """Return the rate, and whether whole maps go."""
        return f"rate {self.rate:g}" + (", whole maps" if self.mode == "maps" else "")

    def output_shape(self, shape: Shape) -> Shape:
        """Return the shape that came in."""
        return shape
