"""The two ways in which a network works: in training and in inference."""

from __future__ import annotations

from enum import Enum

import numpy as np
from numpy.typing import NDArray

from convscope.core.data.dataset import Dataset
from convscope.core.layers import Activation, BatchNorm, Dropout, Layer
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig

MOST_IN_BATCH = 64  # images, as training takes them in the lectures
LEAST_IN_BATCH = 8  # fewer say next to nothing of mean and variance
_MOST_MACS = 4 * 10**7  # of a batch up to the last batch normalisation: 3 ms on one core, so that it follows the pen

Array = NDArray[np.float32]


class Mode(Enum):
    """How a network works on an image."""

    INFERENCE = "inference"  # eval(): dropout passes everything, batch norm goes by its running averages
    TRAINING = "training"  # train(): dropout draws a mask, batch norm goes by the batch

    @property
    def other(self) -> Mode:
        """The mode that this one is compared with."""
        return Mode.TRAINING if self is Mode.INFERENCE else Mode.INFERENCE


def uses_batch(layer: Layer) -> bool:
    """Say whether a layer goes by the batch in training mode: a batch normalisation that is neither frozen nor off."""
    return isinstance(layer, BatchNorm) and layer.enabled and layer.trainable


def drops(layer: Layer) -> bool:
    """Say whether a layer is dropout that is not switched off; its rate may be 0."""
    return isinstance(layer, Dropout) and layer.enabled


def dropouts(network: Network) -> list[int]:
    """Return the places of the dropout layers that work."""
    return [place for place, row in enumerate(network.report.rows) if row.output_shape is not None and drops(row.layer)]


def draws(layer: Layer) -> bool:
    """Say whether a layer draws at random in training mode: dropout that drops, or a randomised leaky ReLU."""
    if isinstance(layer, Dropout):
        return layer.enabled and layer.rate > 0
    return isinstance(layer, Activation) and layer.enabled and layer.function == "rrelu" and layer.lower < layer.upper


def last_by_batch(network: Network) -> int:
    """Return the place of the last layer that goes by the batch, −1 where none does: behind it each image is alone."""
    places = [place for place, layer in enumerate(network.layers) if uses_batch(layer)]
    return places[-1] if places else -1


def traced_batch(network: Network, batch_size: int) -> int:
    """Return how many images are sent through the network in training mode to see one of them.

    Args:
        network: One image is enough where no layer goes by the batch.
        batch_size: That of training; fewer are taken where so many would not follow the pen.
    """
    last = last_by_batch(network)
    return 1 if last < 0 else batch_up_to(network, last, batch_size)


def batch_up_to(network: Network, last: int, batch_size: int) -> int:
    """Return how many images of a batch can be sent up to a layer while the pen moves; no fewer than say something.

    Args:
        network: What they are sent through.
        last: Position of the layer.
        batch_size: That of training; there are never more.
    """
    macs = sum(row.macs for row in network.report.rows[: last + 1])
    follows_pen = max(LEAST_IN_BATCH, _MOST_MACS // max(1, macs))
    return min(batch_size, MOST_IN_BATCH, follows_pen)


def companions(dataset: Dataset, config: TrainingConfig, count: int, seed: int) -> Array:
    """Return images that share a batch with a drawing, in every view the same ones.

    Args:
        dataset: Where they come from.
        config: Says which of its images are trained on; none that is kept for validation is taken.
        count: How many; all there are where there are fewer.
        seed: The number of the step of training that is seen. The same one gives the same images.

    Returns:
        Values 0 to 1, read-only.  # (count, C, H, W)
    """
    sizes = config.train_size, config.validation_size
    places = dataset.training_places(*sizes, held_out=config.held_out, seed=config.seed)
    chosen = np.random.default_rng(seed).choice(places, min(count, len(places)), replace=False)
    images = dataset.train.taken(chosen).values
    images.flags.writeable = False
    return images
