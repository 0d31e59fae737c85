"""Generated handwriting: a data set of digits that needs no download, written by our own pen strokes.

Each digit is written in one of its hands (`handwriting_glyphs`) by a writer drawn at random (`handwriting_writers`) and
normalised as the MNIST digits are (`handwriting_ink`).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import numpy as np

from convscope.core.data.dataset import DataError, Dataset, Examples
from convscope.core.data.handwriting_ink import FIELD
from convscope.core.data.handwriting_writers import written

VERSION = 1  # to be raised with every change of the digits, so that older caches are not used
TRAIN_SIZE = 60_000
TEST_SIZE = 10_000

Work = Generator[tuple[int, int], None, Dataset]

_CHUNK = 512  # digits between two reports: under 0.1 s


def generated(seed: int = 0, train_size: int = TRAIN_SIZE, test_size: int = TEST_SIZE) -> Dataset:
    """Return the data set that belongs to a seed: on one machine, always the same."""
    return _finished(generating(seed, train_size, test_size))


def generating(seed: int = 0, train_size: int = TRAIN_SIZE, test_size: int = TEST_SIZE) -> Work:
    """Generate the data set step by step; closing the generator cancels and leaves nothing behind.

    Args:
        seed: Chooses the digits; the training and the test part come from separate streams of it.
        train_size: Number of training images, at least 1.
        test_size: Number of test images, at least 1.

    Yields:
        How many images are done, and how many there will be; several times a second.

    Returns:
        The data set, images of shape (1, 28, 28).
    """
    if train_size < 1 or test_size < 1:
        raise DataError(f"Generated handwriting needs 1 image or more in each part, not {train_size} and {test_size}.")
    total = train_size + test_size
    parts: list[Examples] = []
    done = 0
    for size, stream in zip((train_size, test_size), np.random.SeedSequence(seed).spawn(2), strict=True):
        rng = np.random.default_rng(stream)
        labels = rng.permutation(np.arange(size, dtype=np.int64) % 10)  # as many of each digit
        images = np.empty((size, 1, FIELD, FIELD), np.uint8)
        for start in range(0, size, _CHUNK):
            yield done + start, total
            images[start : start + _CHUNK, 0] = written(labels[start : start + _CHUNK], rng)
        done += size
        parts.append(Examples(images, labels))
    yield total, total
    return Dataset("generated", "Generated handwriting", *parts, class_names=tuple("0123456789"))


def cached(folder: Path, seed: int = 0, train_size: int = TRAIN_SIZE, test_size: int = TEST_SIZE) -> Dataset:
    """Return the data set, read from `folder` if it was generated before, and otherwise kept there."""
    return _finished(caching(folder, seed, train_size, test_size))


def caching(folder: Path, seed: int = 0, train_size: int = TRAIN_SIZE, test_size: int = TEST_SIZE) -> Work:
    """Read the data set from `folder`, or generate it step by step (see `generating`) and keep it there.

    A damaged file is made anew. A folder that cannot be written to only costs the time next time.
    """
    path = folder / f"handwriting-{VERSION}-{seed}-{train_size}-{test_size}.npz"
    dataset = _read(path, train_size, test_size)
    if dataset is None:
        dataset = yield from generating(seed, train_size, test_size)
        _write(path, dataset)
    return dataset


def _read(path: Path, train_size: int, test_size: int) -> Dataset | None:
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            parts = [Examples(file[f"{part}_images"], file[f"{part}_labels"]) for part in ("train", "test")]
    except Exception:  # whatever zipfile and NumPy meet in a damaged file; there are a dozen kinds
        return None
    shapes = [part.images.shape for part in parts]
    if shapes != [(train_size, 1, FIELD, FIELD), (test_size, 1, FIELD, FIELD)]:
        return None
    return Dataset("generated", "Generated handwriting", *parts, class_names=tuple("0123456789"))


def _write(path: Path, dataset: Dataset) -> None:
    """Write aside and move into place, so that a reader never sees half a file."""
    aside: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            aside = Path(file.name)
            arrays = {
                f"{name}_{kind}": getattr(part, kind)
                for name, part in (("train", dataset.train), ("test", dataset.test))
                for kind in ("images", "labels")
            }
            np.savez(file, **arrays)
        os.replace(aside, path)
    except OSError:
        pass  # a full or locked folder costs the time of generating again, nothing else
    finally:
        if aside is not None:
            aside.unlink(missing_ok=True)


def _finished(work: Work) -> Dataset:
    while True:
        try:
            next(work)
        except StopIteration as stop:
            return stop.value
