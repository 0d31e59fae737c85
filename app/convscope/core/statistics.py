"""How a network's layers react to many images, and how well it does without some of its maps."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from convscope.core.data.dataset import Examples
from convscope.core.data.fitting import label_misfit
from convscope.core.data.progress import Progress
from convscope.core.histogram import BINS, Counter, Histogram
from convscope.core.layers import shape_text
from convscope.core.network import Network
from convscope.core.report import BYTES
from convscope.core.unit import INPUT, SwitchedOff
from convscope.core.weights import Weights

if TYPE_CHECKING:  # torch is loaded on the thread that runs the generators
    from convscope.core.module import Stack

Images = NDArray[np.uint8] | NDArray[np.float32]

_MOST_BYTES = 16 * 1024**2  # of one portion, its images and all outputs: counting them takes 50 to 100 ms
_MOST_MACS = 2 * 10**9  # of one portion: 40 to 100 ms on one core, for who cancels must not wait
_MOST_IMAGES = 500  # of one portion; more of them gain nothing


@dataclass(frozen=True, eq=False)
class LayerActivity:
    """What a layer gave for many images.

    Attributes:
        name: The layer's.
        histogram: Of all its values for all images; its zeros_share is the layer's.
        zeros: The share of zeros of each map or unit, 0 to 1.  # (C,) or (N,)
        active: The share of images for which a map or unit has any value other than 0.  # (C,) or (N,)
    """

    name: str
    histogram: Histogram
    zeros: NDArray[np.float64]
    active: NDArray[np.float64]

    @property
    def dead(self) -> NDArray[np.bool_]:
        """Which maps or units are 0 everywhere for every image.  # (C,) or (N,)."""
        return self.active == 0


@dataclass(frozen=True, eq=False)
class Activity:
    """What every layer of a network gave for many images.

    Attributes:
        images: How many.
        input: The images themselves, values 0 to 1.
        layers: One per layer, None from the first problem on.
    """

    images: int
    input: LayerActivity
    layers: tuple[LayerActivity | None, ...]

    def at(self, layer: int) -> LayerActivity | None:
        """Return what a layer gave, the images for −1."""
        return self.input if layer == INPUT else self.layers[layer]


@dataclass(frozen=True)
class Score:
    """How well a network does on examples.

    Attributes:
        loss: Mean cross-entropy.
        accuracy: The share that was classified correctly, 0 to 1.
        examples: How many there were.
        switched_off: Maps and units that were held at zero.
    """

    loss: float
    accuracy: float
    examples: int
    switched_off: SwitchedOff


def activations_of(
    network: Network,
    weights: Weights,
    images: Images,
    *,
    switched_off: SwitchedOff = frozenset(),
    bins: int = BINS,
) -> Generator[Progress, None, Activity]:
    """Let every layer react to many images, step by step; closing the generator cancels.

    Args:
        network: May have a problem; the layers before it work.
        weights: At least the arrays of the working layers; never changed.
        images: Pixels 0 to 255 of the network's input shape, uint8, or numbers, float32.  # (N, C, H, W)
        switched_off: Maps and units to hold at zero.
        bins: The most bins of a histogram, at least 2.

    Raises:
        ValueError: There are no images, or they have another shape; or a weight is missing.
    """
    _check_images(network, images)
    from convscope.core.module import evaluating

    module = evaluating(network, weights)
    names = ("input", *module.names)
    tallies = [_Tally(bins) for _ in names]
    memory = network.report.memory + BYTES * prod(network.input_shape)
    size = min(_MOST_IMAGES, _affordable(network), max(1, _MOST_BYTES // memory))
    for start in range(0, len(images), size):
        yield Progress("Looking at images", start, len(images))
        for tally, output in zip(tallies, _outputs(module, images[start : start + size], switched_off), strict=True):
            tally.add(output)
    given, *found = (tally.counted(name) for tally, name in zip(tallies, names, strict=True))
    return Activity(len(images), given, (*found, *(None for _ in network.layers[len(found) :])))


def accuracy(
    network: Network, weights: Weights, examples: Examples, switched_off: SwitchedOff = frozenset()
) -> Generator[Progress, None, Score]:
    """Classify examples with some maps held at zero, step by step; closing the generator cancels.

    Args:
        network: One without a problem.
        weights: Its arrays; never changed.
        examples: Images of the network's input shape and labels of its classes.
        switched_off: Maps and units to hold at zero.

    Raises:
        ValueError: The network has a problem or lacks a weight, or the examples do not suit it.
    """
    _check_examples(network, examples)
    import torch

    from convscope.core.evaluation import CHUNK, measured
    from convscope.core.module import evaluating
    from convscope.core.training_setup import tensors_of

    module = evaluating(network, weights)
    images, labels = tensors_of(examples, torch.device("cpu"))
    size = min(CHUNK, _affordable(network))  # the portions of a validation, where they can be: both round alike
    loss, right = 0.0, 0
    for start in range(0, len(examples), size):
        yield Progress("Classifying images", start, len(examples))
        portion = slice(start, start + size)
        more = measured(module, images[portion], labels[portion], switched_off)
        loss, right = loss + more[0], right + more[1]
    return Score(loss / len(examples), right / len(examples), len(examples), switched_off)


class _Tally:
    """Counts what one layer gives, portion by portion."""

    def __init__(self, bins: int) -> None:
        self._counter = Counter(bins)
        self._images = 0
        self._active: NDArray[np.int64] | int = 0
        self._zeros: NDArray[np.float64] | float = 0.0  # the sum over images of each map's share

    def add(self, output: NDArray[np.float32]) -> None:
        """Count the output for some images: (N, C, H, W) or (N, F)."""
        self._counter.add(output)
        maps = output.reshape(*output.shape[:2], -1)
        filled = np.count_nonzero(maps, axis=2)  # (N, C)
        self._images += len(output)
        self._active = self._active + np.count_nonzero(filled, axis=0)
        self._zeros = self._zeros + (1 - filled / maps.shape[2]).sum(0)

    def counted(self, name: str) -> LayerActivity:
        """Return what has been counted."""
        zeros, active = np.asarray(self._zeros) / self._images, np.asarray(self._active) / self._images
        for array in (zeros, active):
            array.flags.writeable = False
        return LayerActivity(name, self._counter.counted(), zeros, active)


def _outputs(module: Stack, images: Images, switched_off: SwitchedOff) -> list[NDArray[np.float32]]:
    """Return the images as values 0 to 1, and what every layer makes of them."""
    import torch

    from convscope.core.criterion import values_of

    with torch.inference_mode():
        x = values_of(torch.tensor(images))
        return [output.numpy() for output in (x, *module.outputs(x, switched_off))]


def _affordable(network: Network) -> int:
    """Return how many images pass the network in the time that who cancels may wait; at least one."""
    return max(1, _MOST_MACS // max(1, network.report.macs))


def _check_images(network: Network, images: Images) -> None:
    if len(images) == 0:
        raise ValueError("There are no images to look at.")
    if images.shape[1:] != network.input_shape:
        shapes = shape_text(images.shape[1:]), shape_text(network.input_shape)
        raise ValueError(f"The images are {shapes[0]}, but the network takes {shapes[1]}.")


def _check_examples(network: Network, examples: Examples) -> None:
    problem = network.report.problem
    if problem is not None:
        raise ValueError(f"The network cannot classify yet. {problem.located}")
    _check_images(network, examples.images)
    if misfit := label_misfit(network, examples):
        raise ValueError(misfit)
