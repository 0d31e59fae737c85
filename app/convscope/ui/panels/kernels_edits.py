"""What the tools make of a layer's weights: pure functions, each of which returns a changed copy."""

from __future__ import annotations

from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from convscope.core.initialisation import PYTORCH, filling
from convscope.core.known_filters import KNOWN_FILTERS

Array = NDArray[np.float32]
Target = Literal["kernel", "alone", "filter"]  # see widgets.kernel_tools.TARGETS


def with_value(weights: Array, kernel: tuple[int, int], cell: tuple[int, int], value: float) -> Array:
    """Return weights with another number in one cell of a kernel.

    Args:
        weights: Never changed.  # (filters, channels, height, width)
        kernel: Filter and channel.
        cell: Row and column.
        value: The number.
    """
    changed = weights.copy()
    changed[(*kernel, *cell)] = value
    return changed


def with_kernel(weights: Array, kernel: tuple[int, int], values: NDArray[np.floating], target: str) -> Array:
    """Return weights with another kernel for one channel of a filter.

    Args:
        weights: Never changed.  # (filters, channels, height, width)
        kernel: Filter and channel.
        values: # (height, width), or (channels, height, width) for the target "filter"
        target: "kernel" changes nothing else, "alone" makes the filter's other kernels zero, "filter" gives the values
            to all channels of the filter.
    """
    number, channel = kernel
    changed = weights.copy()
    if cast(Target, target) == "filter":
        changed[number] = values
        return changed
    if cast(Target, target) == "alone":
        changed[number] = 0
    changed[number, channel] = values
    return changed


def with_known_filter(weights: Array, kernel: tuple[int, int], known: str, target: str) -> Array:
    """Return weights with the known filter of that id in them; see `with_kernel`."""
    chosen = next(one for one in KNOWN_FILTERS if one.id == known)
    return with_kernel(weights, kernel, chosen.kernel(*weights.shape[2:]), target)


def randomised(weights: Array, kernel: tuple[int, int], target: str, random: np.random.Generator) -> Array:
    """Return weights with random ones in a kernel, or other random ones in each of a filter's kernels.

    They are drawn as PyTorch draws the first weights of a layer, whatever the network began with: it may be zeros.
    """
    drawn = np.empty(weights.shape[1:] if target == "filter" else weights.shape[2:], np.float32)
    for _ in filling(drawn, "weight", weights.shape, PYTORCH, random):
        pass
    return with_kernel(weights, kernel, drawn, target)


def restored(weights: Array, kernel: tuple[int, int], former: Array, target: str) -> Array:
    """Return weights with a kernel as it was, or with the whole filter where more than the kernel is the target.

    Args:
        weights: Never changed.  # (filters, channels, height, width)
        kernel: Filter and channel.
        former: What the filter's kernels were.  # (channels, height, width)
        target: See `with_kernel`; "alone" had changed the whole filter, so all of it comes back.
    """
    number, channel = kernel
    if target == "kernel":
        return with_kernel(weights, kernel, former[channel], target)
    return with_kernel(weights, (number, channel), former, "filter")
