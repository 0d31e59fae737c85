"""The small data set that `convscope selfcheck` trains on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convscope.core.data.handwriting import generated


def write_digits(folder: Path, train_size: int = 600, test_size: int = 200) -> Path:
    """Write a few generated digits as IDX files into a new folder, and return it."""
    folder.mkdir(parents=True)
    dataset = generated(1, train_size, test_size)
    for part, examples in (("train", dataset.train), ("t10k", dataset.test)):
        _write_idx(folder / f"{part}-images-idx3-ubyte", examples.images[:, 0].astype(np.uint8))  # (N, H, W)
        _write_idx(folder / f"{part}-labels-idx1-ubyte", examples.labels.astype(np.uint8))
    return folder


def _write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    sides = b"".join(side.to_bytes(4, "big") for side in array.shape)
    path.write_bytes(bytes((0, 0, 8, array.ndim)) + sides + array.tobytes())
