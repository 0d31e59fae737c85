"""IDX files and folders of them: what is read, and what is refused with which reason."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from convscope.core.data import idx
from convscope.core.data.dataset import DataError
from convscope.core.data.idx import read_idx, read_idx_folder, reading_idx, reading_idx_folder

RNG = np.random.default_rng(1)
GREY = RNG.integers(0, 256, (6, 5, 4), dtype=np.uint8)
COLOUR = RNG.integers(0, 256, (6, 5, 4, 3), dtype=np.uint8)
LABELS = np.array([0, 1, 2, 0, 1, 2], np.uint8)


def encoded(array: np.ndarray) -> bytes:
    """The bytes of an IDX file."""
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def fill(folder: Path, **changes: np.ndarray | None) -> Path:
    """Write the four files of a data set; `train_images=…` changes one, None leaves it out."""
    contents = {"train_images": GREY, "train_labels": LABELS, "t10k_images": GREY[:3], "t10k_labels": LABELS[:3]}
    for name, array in (contents | changes).items():
        if array is not None:
            part, content = name.split("_")
            (folder / f"{part}-{content}-idx{3 if content == 'images' else 1}-ubyte").write_bytes(encoded(array))
    return folder


@pytest.mark.parametrize("array", [LABELS, GREY, COLOUR], ids=["labels", "grey", "colour"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gz"])
def test_a_file_is_read_as_it_was_written(tmp_path: Path, array: np.ndarray, pack):
    path = tmp_path / "any name"
    path.write_bytes(pack(encoded(array)))
    np.testing.assert_array_equal(read_idx(path), array)


def test_a_large_file_is_read_in_steps_that_show_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(idx, "_CHUNK", 50)
    path = tmp_path / "images"
    path.write_bytes(gzip.compress(encoded(GREY)))
    steps = list(reading_idx(path))
    assert [step.done for step in steps] == [50, 100, 120]
    assert {step.total for step in steps} == {120}


GOOD = encoded(GREY)
PACKED = gzip.compress(GOOD)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no IDX file"),
        (GOOD[:3], "no IDX file"),
        (b"<!DOCTYPE html><html></html>", "no IDX file"),
        (b"\x00\x01" + GOOD[2:], "no IDX file"),
        (b"\x00\x00\x08\x00" + GOOD[4:], "no IDX file"),
        (b"\x00\x00\x0d\x03" + GOOD[4:], "unsigned bytes"),
        (GOOD[:9], "within its header"),
        (GOOD[:-1], "ends after 119 of 120 bytes"),
        (GOOD[:16], "ends after 0 of 120 bytes"),
        (GOOD + b"\0", "holds more than the 120 bytes"),
        (encoded(GREY[:0]), "is empty"),
        (struct.pack(">HBB3I", 0, 8, 3, 2**31, 2**31, 4), "at most"),
        (PACKED[:-1], "damaged"),
        (PACKED[:30], "damaged"),
        (PACKED[:-8] + bytes(4) + PACKED[-4:], "damaged"),
        (PACKED[:20] + bytes([PACKED[20] ^ 0xFF]) + PACKED[21:], "damaged"),
        (gzip.compress(GOOD + b"\0"), "holds more"),
        (gzip.compress(GOOD[:-1]), "ends after 119"),
        (gzip.compress(struct.pack(">HBB3I", 0, 8, 3, 60000, 512, 512)), "at most"),
    ],
)
def test_a_wrong_file_is_refused_by_its_name_with_the_reason(tmp_path: Path, content: bytes, reason: str):
    path = tmp_path / "some-file"
    path.write_bytes(content)
    with pytest.raises(DataError, match=reason) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_is_an_error_that_names_it(tmp_path: Path):
    with pytest.raises(DataError, match="nowhere cannot be read"):
        read_idx(tmp_path / "nowhere")


def test_a_folder_is_read_as_a_data_set(tmp_path: Path):
    dataset = read_idx_folder(fill(tmp_path))
    assert (dataset.id, dataset.title) == (str(tmp_path), tmp_path.name)
    assert dataset.image_shape == (1, 5, 4)
    assert dataset.class_names == ("0", "1", "2")
    np.testing.assert_array_equal(dataset.train.images[:, 0], GREY)
    np.testing.assert_array_equal(dataset.train.labels, LABELS)
    np.testing.assert_array_equal(dataset.test.images[:, 0], GREY[:3])


def test_colour_comes_channels_first(tmp_path: Path):
    dataset = read_idx_folder(fill(tmp_path, train_images=COLOUR, t10k_images=COLOUR[:3]))
    assert dataset.image_shape == (3, 5, 4)
    np.testing.assert_array_equal(dataset.train.images[2, 1], COLOUR[2, :, :, 1])


@pytest.mark.parametrize(
    "names",
    [
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"),
        (
            "train-images-idx3-ubyte.gz",
            "train-labels-idx1-ubyte.gz",
            "test-images-idx3-ubyte",
            "test-labels-idx1-ubyte",
        ),
        (
            "emnist-digits-train-images-idx3-ubyte.gz",
            "emnist-digits-train-labels-idx1-ubyte.gz",
            "emnist-digits-test-images-idx3-ubyte.gz",
            "emnist-digits-test-labels-idx1-ubyte.gz",
        ),
    ],
)
def test_the_usual_names_are_found(tmp_path: Path, names: tuple[str, ...]):
    for name, array in zip(names, (GREY, LABELS, GREY[:3], LABELS[:3]), strict=True):
        (tmp_path / name).write_bytes(gzip.compress(encoded(array)) if name.endswith("gz") else encoded(array))
    assert len(read_idx_folder(tmp_path).train) == 6


def test_an_unpacked_copy_is_preferred_to_the_packed_file(tmp_path: Path):
    (fill(tmp_path) / "train-images-idx3-ubyte.gz").write_bytes(b"\x1f\x8b damaged")
    assert len(read_idx_folder(tmp_path).train) == 6


def test_two_files_for_one_purpose_are_refused(tmp_path: Path):
    (fill(tmp_path) / "test-images-idx3-ubyte").write_bytes(encoded(GREY))
    with pytest.raises(DataError, match="t10k-images-idx3-ubyte and test-images-idx3-ubyte"):
        read_idx_folder(tmp_path)


@pytest.mark.parametrize("name", ["train_images", "train_labels", "t10k_images", "t10k_labels"])
def test_a_missing_file_is_named(tmp_path: Path, name: str):
    fill(tmp_path, **{name: None})
    with pytest.raises(DataError, match=name.replace("_", "-")):
        read_idx_folder(tmp_path)


def test_a_folder_that_is_not_there_is_an_error_that_names_it(tmp_path: Path):
    with pytest.raises(DataError, match="nowhere cannot be read"):
        read_idx_folder(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("changes", "file", "reason"),
    [
        ({"train_labels": LABELS[:5]}, "train-labels", "5 labels for the 6 images"),
        ({"t10k_labels": LABELS}, "t10k-labels", "6 labels for the 3 images"),
        ({"train_labels": GREY}, "train-labels", "begins with 00 00 08 03: that is a file of images, not of labels"),
        ({"train_labels": COLOUR}, "train-labels", "begins with 00 00 08 04: that is a file of images, not of labels"),
        ({"t10k_labels": GREY[0]}, "t10k-labels", "that is a file of rows of numbers, not of labels"),
        ({"train_labels": np.array([0, 1, 2, 0, 1, 9], np.uint8)}, "train-labels", "the label 9, but none of 3 to 8"),
        ({"train_labels": np.array([0, 1, 3, 0, 1, 3], np.uint8)}, "train-labels", "the label 3, but no 2"),
        ({"train_labels": np.array([2, 1, 2, 1, 1, 2], np.uint8)}, "train-labels", "the label 1, but no 0"),
        ({"t10k_labels": np.array([0, 1, 3], np.uint8)}, "t10k-labels", "the label 3, but there are 3 classes"),
        ({"t10k_images": GREY[:3, :4]}, "t10k-images", "5×4×1"),
        ({"train_images": COLOUR}, "t10k-images", "5×4×3"),
        ({"train_images": LABELS}, "train-images", "begins with 00 00 08 01: that is a file of labels, not of images"),
        ({"train_images": LABELS, "train_labels": GREY}, "train-images", "a file of labels, not of images"),
        ({"train_images": np.zeros((6, 5, 4, 2), np.uint8)}, "train-images", "1 or 3 channels"),
        ({"train_images": np.zeros((6, 513, 1), np.uint8)}, "train-images", "513×1 pixels"),
        ({"train_images": np.zeros((6, 1, 513), np.uint8)}, "train-images", "1×513 pixels"),
    ],
)
def test_files_that_do_not_fit_are_refused_by_name(tmp_path: Path, changes: dict, file: str, reason: str):
    fill(tmp_path, **changes)
    with pytest.raises(DataError, match=reason) as caught:
        read_idx_folder(tmp_path)
    assert file in str(caught.value)


def test_classes_are_named_by_a_text_file(tmp_path: Path):
    (fill(tmp_path) / "classes.txt").write_text("Cat\n  Kühe \n\nDog\nNone\n", "utf-8")
    assert read_idx_folder(tmp_path).class_names == ("Cat", "Kühe", "Dog", "None")


def test_a_kind_of_file_is_told_by_its_first_bytes_however_little_follows(tmp_path: Path):
    fill(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x03" + encoded(LABELS)[4:])
    with pytest.raises(DataError, match="train-labels-idx1-ubyte begins with 00 00 08 03: that is a file of images"):
        read_idx_folder(tmp_path)


def test_classes_without_training_images_can_be_named(tmp_path: Path):
    fill(tmp_path, train_labels=np.array([0, 1, 3, 0, 1, 3], np.uint8))
    with pytest.raises(DataError, match=r"name all 4 classes in classes\.txt"):
        read_idx_folder(tmp_path)
    (tmp_path / "classes.txt").write_text("Cat\nDog\nCow\nPig\n")
    assert read_idx_folder(tmp_path).class_names == ("Cat", "Dog", "Cow", "Pig")


def test_names_of_too_few_classes_are_refused(tmp_path: Path):
    (fill(tmp_path) / "classes.txt").write_text("Cat\nDog\n")
    with pytest.raises(DataError, match=r"train-labels.* the label 2, but there are 2 classes"):
        read_idx_folder(tmp_path)


@pytest.mark.parametrize("content", [b"\xff\xfe\xff", b"x" * 70_000])
def test_a_list_of_names_that_is_none_is_refused(tmp_path: Path, content: bytes):
    (fill(tmp_path) / "classes.txt").write_bytes(content)
    with pytest.raises(DataError, match=r"classes\.txt"):
        read_idx_folder(tmp_path)


def test_given_names_and_title_win(tmp_path: Path):
    (fill(tmp_path) / "classes.txt").write_text("Cat\nDog\nCow\n")
    dataset = read_idx_folder(tmp_path, class_names=("a", "b", "c", "d"), id="letters", title="Letters")
    assert (dataset.id, dataset.title, dataset.class_names) == ("letters", "Letters", ("a", "b", "c", "d"))


def test_reading_a_folder_tells_which_file_is_read(tmp_path: Path):
    texts = [step.text for step in reading_idx_folder(fill(tmp_path))]
    assert texts == [
        "Reading train-images-idx3-ubyte",
        "Reading train-labels-idx1-ubyte",
        "Reading t10k-images-idx3-ubyte",
        "Reading t10k-labels-idx1-ubyte",
    ]
