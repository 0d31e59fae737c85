"""How the first weights of convolutions and dense layers are drawn."""

from __future__ import annotations

from collections.abc import Generator
from math import prod, sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]

PYTORCH = "pytorch"
INITIALISATIONS = {
    PYTORCH: "PyTorch's",
    "glorot": "Glorot uniform",
    "he": "He normal",
    "too_small": "Too small",
    "too_large": "Too large",
    "zeros": "Zeros",
}
TOO_SMALL, TOO_LARGE = 0.01, 10.0  # times PyTorch's bound: signals fade or blow up within two or three layers
_CHUNK = 2**18  # values drawn between two reports: some milliseconds


def fans(weight: tuple[int, ...]) -> tuple[int, int]:
    """Return fan_in and fan_out of a weight array, counted as `torch.nn.init` does.

    Args:
        weight: Its shape, (filters, channels, height, width) or (units, inputs).
    """
    window = prod(weight[2:])
    return weight[1] * window, weight[0] * window


def filling(
    array: Array, key: str, weight: tuple[int, ...], initialisation: str, random: np.random.Generator
) -> Generator[int, None, None]:
    """Fill the weights or biases of a convolution or dense layer.

    - "pytorch": weights and biases uniform in ±1/√fan_in, as `torch.nn.Conv2d` and `Linear` draw them.
    - "glorot": weights uniform in ±√(6 / (fan_in + fan_out)); Glorot and Bengio 2010, equation 16.
    - "he": weights normal with mean 0 and standard deviation √(2 / fan_in); He et al. 2015, equation 10.
    - "too_small", "too_large": weights uniform in 0.01 and 10 times PyTorch's range.
    - "zeros": all weights 0, so that all units of a layer stay alike.

    Biases begin at 0 except with PyTorch's.

    Args:
        array: What is filled.
        key: "weight" or "bias".
        weight: Shape of the layer's weights.
        initialisation: One of `INITIALISATIONS`.
        random: Draws the numbers.

    Yields:
        The bytes of each part that is done.
    """
    values = array.reshape(-1)
    fan_in, fan_out = fans(weight)
    bound = _bound(initialisation, key, fan_in, fan_out)
    # Part by part: NumPy lets other threads work meanwhile, and doubles never take much memory.
    for start in range(0, values.size, _CHUNK):
        part = values[start : start + _CHUNK]
        if initialisation == "he" and key == "weight":
            part[...] = random.normal(0, sqrt(2 / fan_in), part.size)
        else:
            part[...] = random.uniform(-bound, bound, part.size)
        yield part.nbytes


def _bound(initialisation: str, key: str, fan_in: int, fan_out: int) -> float:
    """Return the greatest size of the numbers of a uniform distribution."""
    if initialisation == PYTORCH:
        return 1 / sqrt(fan_in)
    if key == "bias":
        return 0
    bounds = {
        "glorot": sqrt(6 / (fan_in + fan_out)),
        "too_small": TOO_SMALL / sqrt(fan_in),
        "too_large": TOO_LARGE / sqrt(fan_in),
    }
    return bounds.get(initialisation, 0)
