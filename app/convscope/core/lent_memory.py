"""Tensors in the memory of read-only NumPy arrays."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from convscope.core.layers import Shape
from convscope.core.weights import Weights


class _Lent:
    """Says of a read-only array that it may be written to, because torch warns of every one that may not.

    It keeps the array alive as long as anybody uses its memory.
    """

    def __init__(self, array: NDArray[np.float32]) -> None:
        self._array = array
        self.__array_interface__ = {**array.__array_interface__, "data": (array.ctypes.data, False)}


def first_values(key: str, sides: Shape, weights: Weights | None) -> Tensor:
    """Return what an array holds at first: zeros, or what `weights` has under that name, in the same memory."""
    return torch.zeros(sides) if weights is None else torch.as_tensor(np.asarray(_Lent(weights[key])))
