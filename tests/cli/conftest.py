"""Small data and networks on files, so that the commands run in a moment."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

SIDE = 8
CLASSES = 4


def write_idx(path: Path, array: NDArray[np.uint8]) -> None:
    """Write an array as an IDX file of bytes."""
    path.write_bytes(struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes())


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of IDX files: noisy images in which one of four quarters is bright, which is the label."""
    folder = tmp_path_factory.mktemp("quarters")
    random = np.random.default_rng(5)
    for part, count in (("train", 240), ("t10k", 80)):
        labels = (np.arange(count) % CLASSES).astype(np.uint8)
        images = random.integers(0, 120, (count, SIDE, SIDE), dtype=np.uint8)
        half = SIDE // 2
        for image, label in zip(images, labels, strict=True):
            row, column = divmod(int(label), 2)
            image[row * half : (row + 1) * half, column * half : (column + 1) * half] += 80
        write_idx(folder / f"{part}-images-idx3-ubyte", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels)
    return folder


@pytest.fixture(scope="session")
def network_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the JSON file of a small convolutional network with training settings."""
    layers = [
        {"kind": "conv2d", "filters": 4, "padding": "same"},
        {"kind": "activation"},
        {"kind": "max_pool"},
        {"kind": "flatten"},
        {"kind": "dropout", "rate": 0.1},
        {"kind": "dense", "units": CLASSES},
    ]
    values = {
        "format": 1,
        "name": "small",
        "network": {"input_shape": [1, SIDE, SIDE], "classes": CLASSES, "layers": layers},
        "training": {"learning_rate": 0.02, "batch_size": 16, "epochs": 4},
    }
    path = tmp_path_factory.mktemp("network") / "small.json"
    path.write_text(json.dumps(values), "utf-8")
    return path
