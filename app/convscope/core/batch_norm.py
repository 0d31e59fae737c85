"""Batch normalisation at work: one channel of a layer and a mini-batch of training images on its way through it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from math import prod

import numpy as np
from numpy.typing import NDArray

from convscope.core.data.dataset import Dataset
from convscope.core.layers import BatchNorm
from convscope.core.mode import batch_up_to, companions, last_by_batch, uses_batch
from convscope.core.network import Network
from convscope.core.report import BYTES
from convscope.core.training_config import TrainingConfig
from convscope.core.unit import SwitchedOff
from convscope.core.weights import Weights

Array = NDArray[np.float32]

_MOST_BYTES = 96 * 2**20  # of a batch: its images and all outputs on their way
_MOST_MACS = 10 * 10**9  # of a batch: some 0.3 s on one core
_MOST_IMAGES = 512  # more of them change neither mean nor variance visibly


@dataclass(frozen=True, eq=False)
class ChannelBatch:
    """One channel of a batch-norm layer, and what a mini-batch brings to it in a training step.

    Attributes:
        layer: The layer's name.
        channel: Its number, from 0.
        before: What reaches the layer, one entry for each image; the first is the drawing.  # (N, H, W) or (N,)
        running_mean: What takes the place of the batch's mean outside training.
        running_variance: The same for its variance.
        scale: γ; 1 where the layer learns none.
        shift: β.
        has_scale: Whether γ is learned.
        momentum: The share of a batch in the running averages.
        eps: What is added to a variance.
        trainable: Whether it goes by the batch in training. A frozen layer goes by its running averages there, too, and
            no batch moves them.
    """

    layer: str
    channel: int
    before: Array
    running_mean: float
    running_variance: float
    scale: float
    shift: float
    has_scale: bool
    momentum: float
    eps: float
    trainable: bool = True

    @property
    def count(self) -> int:
        """How many values the channel has in the batch: images × height × width."""
        return self.before.size

    @cached_property
    def mean(self) -> float:
        """The mean of the batch."""
        return float(self.before.mean(dtype=np.float64))

    @cached_property
    def variance(self) -> float:
        """The variance of the batch, divided by the number of values (biased), as it normalises."""
        return float(self.before.var(dtype=np.float64))

    @property
    def unbiased_variance(self) -> float:
        """The variance of the batch divided by one value less, as it goes into the running one; NaN of one value."""
        return self.variance * self.count / (self.count - 1) if self.count > 1 else math.nan

    @property
    def next_running_mean(self) -> float:
        """The running mean after this batch: (1 − momentum)·running + momentum·batch."""
        return self._moved(self.running_mean, self.mean)

    @property
    def next_running_variance(self) -> float:
        """The running variance after this batch, by its unbiased variance; NaN of one value."""
        return self._moved(self.running_variance, self.unbiased_variance)

    @cached_property
    def after(self) -> Array:
        """What leaves the layer in training, by the batch's mean and variance unless it is frozen.  # as `before`."""
        return self._normalised(self.mean, self.variance) if self.trainable else self.after_running

    @cached_property
    def after_running(self) -> Array:
        """What leaves it by the running averages.  # as `before`."""
        return self._normalised(self.running_mean, self.running_variance)

    def with_scale(self, scale: float, shift: float) -> ChannelBatch:
        """Return the same batch with another γ and β; what reaches the layer does not depend on them."""
        return replace(self, scale=scale, shift=shift)

    def alone(self) -> ChannelBatch:
        """Return what happens with a batch of the drawing alone, if the layers before gave the same."""
        return replace(self, before=self.before[:1])

    def _moved(self, running: float, batch: float) -> float:
        return (1 - self.momentum) * running + self.momentum * batch if self.trainable else running

    def _normalised(self, mean: float, variance: float) -> Array:
        factor = self.scale / math.sqrt(variance + self.eps)
        return ((self.before - np.float64(mean)) * factor + self.shift).astype(np.float32)


@dataclass(frozen=True)
class LayerSpread:
    """How the values of a layer are spread over a mini-batch, with batch norm and without.

    Attributes:
        name: The layer's.
        is_batch_norm: Whether it is one of those that are taken out.
        mean: Of all its values.
        std: Their standard deviation.
        mean_without: The same in the network without batch norm.
        std_without: # likewise
    """

    name: str
    is_batch_norm: bool
    mean: float
    std: float
    mean_without: float
    std_without: float


def mini_batch(
    network: Network, dataset: Dataset, config: TrainingConfig, drawing: Array, layer: int, *, seed: int = 0
) -> Array:
    """Return the mini-batch in which the drawing is traced in training mode; the drawing is its first image.

    Args:
        network: Its costs limit how many images there are.
        dataset: The others come from there; see `companions`.
        config: Gives the batch size, and says which images are trained on.
        drawing: Values 0 to 1.  # (C, H, W)
        layer: The batch norm that is looked at. Where all are frozen, the drawing is traced alone: then the batch is
            what could follow the pen up to there.
        seed: The number of the step of training that is seen.

    Returns:
        At most as many as the batch size says; values 0 to 1.  # (N, C, H, W)
    """
    last = last_by_batch(network)
    count = batch_up_to(network, layer if last < 0 else last, config.batch_size) - 1
    return np.concatenate((drawing[None], companions(dataset, config, count, seed)))


def affordable_images(network: Network) -> int:
    """Return how many images may be sent through a whole network while somebody waits; at least one."""
    report = network.report
    memory = report.memory + BYTES * prod(network.input_shape)
    return max(1, min(_MOST_IMAGES, _MOST_BYTES // memory, _MOST_MACS // max(1, report.macs)))


def channel_batch(
    network: Network,
    weights: Weights,
    images: Array,
    layer: int,
    channel: int,
    *,
    seed: int = 0,
    off: SwitchedOff = frozenset(),
) -> ChannelBatch:
    """Send a mini-batch through the network as a training step does, up to a batch-norm layer.

    Dropout is on, and batch norm before the layer works by the batch; `weights` stay what they are.

    Args:
        network: May have a problem behind the layer.
        weights: At least the arrays of the layers up to there.
        images: Values 0 to 1.  # (N, C, H, W)
        layer: Position of the batch-norm layer, which is switched on.
        channel: Which of its channels.
        seed: Draws masks and slopes, the same as in a trace of the drawing in training.
        off: Maps and units that are held at zero. Of the layer itself it is told what it makes of the channel.

    Raises:
        ValueError: It is no such layer, an array is missing, or a layer before it cannot normalise so small a batch.
    """
    described = network.layers[layer]
    if not isinstance(described, BatchNorm):
        raise ValueError(f"{described.name} is no batch normalisation.")
    reaching = _reaching(network, weights, images, layer, seed, off)
    name = described.name
    scale = weights.get(f"{name}.weight") if described.scale else None
    return ChannelBatch(
        name,
        channel,
        _read_only(reaching[:, channel].copy()),
        float(weights[f"{name}.running_mean"][channel]),
        float(weights[f"{name}.running_var"][channel]),
        1.0 if scale is None else float(scale[channel]),
        float(weights[f"{name}.bias"][channel]),
        scale is not None,
        described.momentum,
        described.eps,
        described.trainable,
    )


def spreads(network: Network, weights: Weights, images: Array, *, seed: int = 0) -> tuple[LayerSpread, ...]:
    """Return how every working layer spreads a mini-batch in training, with batch norm and with it switched off.

    Args:
        network: May have a problem; the layers before it work.
        weights: Used for both.
        images: Values 0 to 1; no more of them are used than `affordable_images`.  # (N, C, H, W)
        seed: Draws the masks of dropout, the same for both.

    Raises:
        ValueError: An array is missing, or a layer cannot normalise so small a batch.
    """
    last = len(network.layers) - 1
    images = images[: affordable_images(network)]
    with_it = _moments(network, weights, images, last, seed)
    without = _moments(switched_off(network), weights, images, last, seed)
    return tuple(
        LayerSpread(layer.name, isinstance(layer, BatchNorm) and layer.enabled, *one, *other)
        for layer, one, other in zip(network.layers, with_it, without, strict=False)
    )


def switched_off(network: Network) -> Network:
    """Return the network with every batch-norm layer switched off: the values pass it unchanged."""
    layers = (layer.changed(enabled=False) if isinstance(layer, BatchNorm) else layer for layer in network.layers)
    return replace(network, layers=tuple(layers))


def batches_to_forget(momentum: float, share: float) -> int | None:
    """Return after how many batches the running averages keep less than a share of what they were; None: never.

    After n batches (1 − momentum)ⁿ of it is left.

    Args:
        momentum: 0 to 1.
        share: Between 0 and 1.
    """
    if momentum <= 0:
        return None
    return 1 if momentum >= 1 else math.ceil(math.log(share) / math.log1p(-momentum))


def _reaching(network: Network, weights: Weights, images: Array, layer: int, seed: int, off: SwitchedOff) -> Array:
    """Return what reaches a layer, of the first image what a trace in training says.  # (N, …)."""
    what = network, weights
    (reaching,) = deque(_values(*what, images, layer - 1, seed, off), maxlen=1)
    last = last_by_batch(network)
    if layer < last or uses_batch(network.layers[layer]):
        return reaching
    # From the last layer that goes by the batch on a trace sends its image alone, which draws other masks.
    traced = images if last >= 0 else images[:1]
    (first,) = deque(_values(*what, traced, layer - 1, seed, off, batch_until=last), maxlen=1)
    return np.concatenate((first[:1], reaching[1:]))


def _moments(network: Network, weights: Weights, images: Array, last: int, seed: int) -> list[tuple[float, float]]:
    """Return mean and standard deviation of every working layer's output."""
    outputs = islice(_values(network, weights, images, last, seed), 1, None)
    return [(float(output.mean(dtype=np.float64)), float(output.std(dtype=np.float64))) for output in outputs]


def _values(
    network: Network,
    weights: Weights,
    images: Array,
    last: int,
    seed: int,
    off: SwitchedOff = frozenset(),
    *,
    batch_until: int = -1,
) -> Iterator[Array]:
    """Yield the images and the output of one working layer after the other, as in a training step, up to the last.

    See `Stack.steps` for `off` and `batch_until`.
    """
    import torch

    from convscope.core.module import build_module, load_weights

    module = build_module(network, torch.Generator().manual_seed(seed)).train()
    try:
        load_weights(module, weights)
    except KeyError as missing:
        raise ValueError(f"The weights {missing} are missing. Draw or load the network's weights first.") from missing
    module.take_notes(averaging=False)  # as a trace does: then the same masks are drawn
    x = torch.tensor(images)
    yield x.numpy()
    outputs = module.steps(x, off, batch_until=batch_until)
    for layer in network.layers[: min(last + 1, len(module.names))]:
        if uses_batch(layer) and x.numel() == x.shape[1]:
            raise ValueError(f"{layer.name} has one value per channel in a batch of 1. Use a larger batch size.")
        with torch.inference_mode():
            x = next(outputs)
        yield x.numpy()


def _read_only(array: Array) -> Array:
    array.flags.writeable = False
    return array
