"""Generated handwriting: the digits, their normalisation, the cache, and whether they are worth learning from."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from convscope.core.data import handwriting
from convscope.core.data.dataset import DataError, Dataset, Examples
from convscope.core.data.handwriting import cached, caching, generated, generating
from convscope.core.data.handwriting_hands import POINTS, hands
from convscope.core.data.handwriting_ink import centred, fitted, rendered

MNIST = os.environ.get("CONVSCOPE_MNIST")


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return generated(3, 2000, 500)


def _arrays(dataset: Dataset) -> list[NDArray[np.generic]]:
    return [dataset.train.images, dataset.train.labels, dataset.test.images, dataset.test.labels]


def _equal(one: Dataset, other: Dataset) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(_arrays(one), _arrays(other), strict=True))


def test_dataset_has_the_form_of_mnist(dataset: Dataset) -> None:
    assert (dataset.id, dataset.title) == ("generated", "Generated handwriting")
    assert dataset.class_names == tuple("0123456789")
    assert dataset.train.images.shape == (2000, 1, 28, 28)
    assert dataset.test.images.shape == (500, 1, 28, 28)
    assert dataset.train.images.dtype == np.uint8
    assert dataset.train.images.min() == 0
    assert dataset.train.images.max() == 255
    assert np.all(dataset.train.images.max(axis=(1, 2, 3)) > 180)


def test_classes_are_balanced_and_shuffled(dataset: Dataset) -> None:
    assert np.bincount(dataset.train.labels).tolist() == [200] * 10
    assert np.bincount(dataset.test.labels).tolist() == [50] * 10
    assert len(set(dataset.train.labels[:50].tolist())) == 10


def test_same_seed_same_digits(dataset: Dataset) -> None:
    assert _equal(generated(3, 2000, 500), dataset)
    assert not _equal(generated(4, 2000, 500), dataset)


def test_train_and_test_share_no_image() -> None:
    dataset = generated(0, 600, 600)
    train = {image.tobytes() for image in dataset.train.images}
    test = {image.tobytes() for image in dataset.test.images}
    assert len(train) == len(test) == 600
    assert not train & test


def test_longer_side_of_the_ink_is_20_pixels(dataset: Dataset) -> None:
    images = dataset.train.images[:, 0]
    sides: list[NDArray[np.int64]] = []
    for axis in (1, 2):
        touched = images.max(axis=axis) > 0  # (N, 28)
        sides.append(28 - touched[:, ::-1].argmax(axis=1) - touched.argmax(axis=1))
    longer = np.maximum(*sides)
    assert longer.max() == 20
    assert longer.min() >= 19


def test_centre_of_mass_is_in_the_middle(dataset: Dataset) -> None:
    images = dataset.train.images[:, 0].astype(float)
    masses = images.sum(axis=(1, 2))
    for axis in (1, 2):
        centres = images.sum(axis=axis) @ np.arange(28) / masses
        away = np.abs(centres - 14)
        at_the_edge = images.max(axis=axis)[:, [0, 27]].any(axis=1)  # a long tail: the ink has to stay in the field
        assert np.all((away < 0.51) | (at_the_edge & (away < 2)))
        assert np.mean(away > 0.51) < 0.005


def test_a_horizontal_line_becomes_a_bar_20_pixels_long() -> None:
    points = np.stack([np.linspace(-7, 3, POINTS), np.full(POINTS, 40)], axis=-1, dtype=np.float32)[None]
    points, radii = fitted(points, np.full((1, POINTS), 1, np.float32))
    image = centred(rendered(points, radii, np.ones(1, np.float32), np.ones(1, np.float32)))[0]
    assert image[14, 5:23].min() == 255
    assert image.max(axis=0).nonzero()[0].tolist() == list(range(4, 24))
    # 10 long and 2 wide, scaled by 20 / 12: an area of 10 · 2 + π, in pixels
    assert image.sum() / 255 == pytest.approx((20 + np.pi) * (20 / 12) ** 2, rel=0.02)


def test_darkness_scales_the_ink() -> None:
    points = np.full((2, POINTS, 2), 10, np.float32)
    boxes = rendered(
        points, np.full((2, POINTS), 3, np.float32), np.ones(2, np.float32), np.array([1, 0.5], np.float32)
    )
    assert boxes.max(axis=(1, 2)).tolist() == [255, 128]


def test_every_digit_has_several_hands_and_they_differ() -> None:
    for digit in range(10):
        ways = [hand for hand in hands() if hand.digit == digit]
        assert len(ways) >= 4
        assert sum(hand.share for hand in ways) == pytest.approx(1)
        assert len({hand.name for hand in ways}) == len(ways)
        paths = [hand.basis @ hand.control for hand in ways]
        for number, path in enumerate(paths):
            assert path.shape == (POINTS, 2)
            assert all(np.abs(path - other).max() > 0.05 for other in paths[:number])


def test_strokes_pass_through_their_points() -> None:
    for hand in hands():
        path = hand.basis @ hand.control
        distances = np.linalg.norm(path[:, None] - hand.control, axis=-1)
        assert distances.min(axis=0).max() < 0.03


def test_pen_is_lifted_between_strokes() -> None:
    seven = next(hand for hand in hands() if hand.name == "barred")
    path = seven.basis @ seven.control
    jumps = np.linalg.norm(np.diff(path, axis=0), axis=-1)
    assert np.sum(jumps > 0.2) == 1
    assert np.sort(jumps)[-2] < 0.1


def test_reports_its_progress() -> None:
    reports = list(generating(0, 1500, 700))
    done = [report[0] for report in reports]
    assert {total for _, total in reports} == {2200}
    assert done[0] == 0
    assert done[-1] == 2200
    assert done == sorted(done)
    assert max(np.diff(done)) <= 600  # digits between two reports: well under 0.2 s


@pytest.mark.parametrize(("train", "test"), [(0, 10), (10, 0)])
def test_refuses_an_empty_part(train: int, test: int) -> None:
    with pytest.raises(DataError, match="1 image or more"):
        generated(0, train, test)


def test_cache_keeps_the_digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = cached(tmp_path / "new", 5, 60, 20)
    monkeypatch.setattr(handwriting, "generating", None)  # not needed again
    again = cached(tmp_path / "new", 5, 60, 20)
    assert _equal(first, again)
    assert not again.train.images.flags.writeable
    (file,) = (tmp_path / "new").iterdir()
    assert f"-{handwriting.VERSION}-" in file.name


def test_cache_tells_seeds_and_sizes_apart(tmp_path: Path) -> None:
    cached(tmp_path, 5, 60, 20)
    assert _equal(cached(tmp_path, 6, 60, 20), generated(6, 60, 20))
    assert len(cached(tmp_path, 5, 70, 20).train) == 70


@pytest.mark.parametrize("damage", ["cut", "empty", "other", "flipped"])
def test_damaged_cache_is_made_anew(tmp_path: Path, damage: str) -> None:
    first = cached(tmp_path, 5, 60, 20)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    if damage == "other":
        np.savez(file, train_images=first.train.images)
    elif damage == "flipped":
        changed = bytearray(whole)
        changed[len(whole) // 2] ^= 255
        file.write_bytes(changed)
    else:
        file.write_bytes(whole[: len(whole) // 2] if damage == "cut" else b"")
    assert _equal(cached(tmp_path, 5, 60, 20), first)
    assert file.read_bytes() == whole


def test_no_damaged_byte_gets_through(tmp_path: Path) -> None:
    first = cached(tmp_path, 5, 12, 3)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    for position in range(0, len(whole), 151):
        file.write_bytes(whole[:position] + bytes([whole[position] ^ 255]) + whole[position + 1 :])
        assert _equal(cached(tmp_path, 5, 12, 3), first), f"byte {position}"


def test_cancelling_leaves_nothing(tmp_path: Path) -> None:
    work = caching(tmp_path, 5, 2000, 100)
    assert next(work) == (0, 2100)
    next(work)
    work.close()
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_written_to_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert _equal(cached(tmp_path / "file" / "cache", 5, 60, 20), generated(5, 60, 20))


def _pixels(examples: Examples) -> NDArray[np.float64]:
    return examples.images.reshape(len(examples), -1) / 255


def _recognised(learned: Examples, asked: Examples) -> float:
    """Return the share that ridge regression on the pixels, learned on one part, recognises of the other."""
    ones = np.eye(10)[learned.labels.astype(np.int64)]
    pixels = _pixels(learned)
    matrix = pixels.T @ pixels + 30 * np.eye(pixels.shape[1])
    weights = np.linalg.solve(matrix, pixels.T @ (ones - 0.1))
    return float(np.mean((_pixels(asked) @ weights).argmax(axis=1) == asked.labels))


def test_nearest_mean_image_recognises_new_digits(dataset: Dataset) -> None:
    means = np.stack([_pixels(dataset.train)[dataset.train.labels == digit].mean(axis=0) for digit in range(10)])
    pixels = _pixels(dataset.test)
    nearest = np.linalg.norm(pixels[:, None] - means, axis=-1).argmin(axis=1)
    assert np.mean(nearest == dataset.test.labels) > 0.55
    assert np.mean(nearest == dataset.test.labels) < 0.99  # else they are all alike


def _idx(path: Path) -> NDArray[np.uint8]:
    packed = path.with_name(path.name + ".gz")
    data = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    shape = np.frombuffer(data, ">i4", data[3], 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


@pytest.mark.mnist
@pytest.mark.skipif(MNIST is None, reason="CONVSCOPE_MNIST does not name the folder with MNIST's IDX files")
def test_what_is_learned_carries_over_to_mnist(dataset: Dataset) -> None:
    folder = Path(MNIST or "")
    images = _idx(folder / "t10k-images-idx3-ubyte")[:, None].copy()
    strangers = Examples(images, _idx(folder / "t10k-labels-idx1-ubyte").astype(np.int64))
    own = _recognised(dataset.train, dataset.test)
    assert own > 0.7
    assert _recognised(dataset.train, strangers) > 0.6
