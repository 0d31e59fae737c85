"""The data sets to choose: each is loaded, kept, or refused with a way out."""

from __future__ import annotations

import gzip
import hashlib
import struct
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest

from convscope.core.data import handwriting, sources
from convscope.core.data.dataset import DataError, Dataset, Examples
from convscope.core.data.download import Collection, RemoteFile
from convscope.core.data.progress import Progress
from convscope.core.data.sources import SOURCES, NotDownloaded, load, loading, source_of, title_of

IMAGES = np.arange(3 * 5 * 4, dtype=np.uint8).reshape(3, 5, 4)
LABELS = np.array([0, 2, 1], np.uint8)


def packed(array: np.ndarray) -> bytes:
    """A gzip-compressed IDX file."""
    return gzip.compress(struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes(), mtime=0)


FILES = {
    "train-images-idx3-ubyte.gz": packed(IMAGES),
    "train-labels-idx1-ubyte.gz": packed(LABELS),
    "t10k-images-idx3-ubyte.gz": packed(IMAGES),
    "t10k-labels-idx1-ubyte.gz": packed(LABELS),
}


def fill(folder: Path) -> Path:
    """Write a small data set of four files."""
    folder.mkdir(exist_ok=True)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(params=["mnist", "fashion-mnist"])
def small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The id of a source whose collection is small here, and whose only mirror is not there."""
    files = tuple(RemoteFile(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in FILES.items())
    title = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST"}[request.param]
    collection = Collection(title, ("http://127.0.0.1:1/",), files)
    _, names = sources._DOWNLOADS[request.param]
    monkeypatch.setitem(sources._DOWNLOADS, request.param, (collection, names))
    return request.param


def test_every_source_has_a_title_and_a_sentence():
    assert [source.id for source in SOURCES] == ["generated", "mnist", "fashion-mnist", "heights", "folder"]
    assert [source.needs_download for source in SOURCES] == [False, True, True, False, False]
    assert all(source.title and source.help.endswith(".") for source in SOURCES)


def test_the_sizes_that_the_sentences_promise_are_true():
    for source in SOURCES:
        if source.needs_download:
            collection, _ = sources._DOWNLOADS[source.id]
            assert f"{collection.size / 1e6:.0f} MB" in source.help


def test_what_was_downloaded_is_read_without_a_network(small: str, tmp_path: Path):
    fill(tmp_path / small)
    dataset = load(small, cache=tmp_path)
    assert dataset.id == small
    assert dataset.title == {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST"}[small]
    assert dataset.class_names[9] == {"mnist": "9", "fashion-mnist": "Ankle boot"}[small]
    assert dataset.classes == 10
    np.testing.assert_array_equal(dataset.train.images[:, 0], IMAGES)


def test_complete_files_are_not_asked_for_again(small: str, tmp_path: Path):
    fill(tmp_path / small)
    assert load(small, cache=tmp_path, download=True).id == small


def test_nothing_is_downloaded_unless_asked(small: str, tmp_path: Path):
    with pytest.raises(NotDownloaded, match=r"not on this computer.*generated handwriting"):
        load(small, cache=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_counts_as_not_downloaded(small: str, tmp_path: Path):
    path = fill(tmp_path / small) / "t10k-labels-idx1-ubyte.gz"
    path.write_bytes(bytes(len(path.read_bytes())))
    with pytest.raises(NotDownloaded):
        load(small, cache=tmp_path)


def test_a_download_that_fails_is_an_error_of_its_own(small: str, tmp_path: Path):
    with pytest.raises(DataError, match="could not be downloaded") as caught:
        load(small, cache=tmp_path, download=True)
    assert not isinstance(caught.value, NotDownloaded)


def test_a_folder_is_read_where_it_lies(tmp_path: Path):
    dataset = load("folder", folder=fill(tmp_path / "mine"))
    assert (dataset.id, dataset.title) == (str(tmp_path / "mine"), "mine")


def test_a_folder_must_be_named():
    with pytest.raises(DataError, match="No folder was chosen"):
        load("folder")


def test_an_unknown_source_is_an_error_that_lists_the_known_ones():
    with pytest.raises(DataError, match="generated, mnist, fashion-mnist, heights, folder"):
        load("cifar")


def test_starting_to_load_does_nothing_yet(tmp_path: Path):
    loading("cifar", cache=tmp_path).close()  # no error before the first step: a worker thread is to meet it


def some_digits(closed: list[bool]) -> Generator[tuple[int, int], None, Dataset]:
    """Stand in for the generator of digits; tells whether it was closed early."""
    try:
        yield 0, 2
        yield 1, 2
    except GeneratorExit:
        closed.append(True)
        raise
    examples = Examples(np.zeros((1, 1, 28, 28), np.uint8), np.zeros(1, np.int64))
    return Dataset("generated", "Generated handwriting", examples, examples, sources.DIGITS)


def test_generated_digits_tell_how_far_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    asked: list[tuple[Path, int]] = []

    def caching(folder: Path, seed: int) -> Generator[tuple[int, int], None, Dataset]:
        asked.append((folder, seed))
        return some_digits([])

    monkeypatch.setattr(handwriting, "caching", caching)
    assert list(loading("generated", cache=tmp_path, seed=7)) == [
        Progress("Writing digits", 0, 2),
        Progress("Writing digits", 1, 2),
    ]
    assert asked == [(tmp_path / "handwriting", 7)]
    assert load("generated", cache=tmp_path).id == "generated"


def test_cancelling_reaches_the_generator_of_digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    closed: list[bool] = []
    monkeypatch.setattr(handwriting, "caching", lambda folder, seed: some_digits(closed))
    work = loading("generated", cache=tmp_path)
    next(work)
    work.close()
    assert closed == [True]


def test_the_cache_is_the_users_cache_folder(small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CONVSCOPE_CACHE", str(tmp_path))
    fill(tmp_path / small)
    assert load(small).id == small


def test_a_cache_folder_that_cannot_be_made_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("CONVSCOPE_CACHE", str(tmp_path / "file" / "folder"))
    with pytest.raises(DataError, match="CONVSCOPE_CACHE"):
        load("generated")


@pytest.mark.parametrize(
    ("dataset_id", "expected"),
    [
        ("generated", ("generated", None)),
        ("mnist", ("mnist", None)),
        ("fashion-mnist", ("fashion-mnist", None)),
        ("folder", ("folder", Path("folder"))),
        ("some/digits", ("folder", Path("some/digits"))),
    ],
)
def test_an_id_leads_back_to_its_source(dataset_id: str, expected: tuple[str, Path | None]):
    assert source_of(dataset_id) == expected


@pytest.mark.parametrize(
    ("dataset_id", "expected"),
    [("mnist", "MNIST digits"), ("some/digits", "digits"), ("folder", "folder"), ("/", "/")],
)
def test_an_id_has_a_title_before_its_data_are_loaded(dataset_id: str, expected: str):
    assert title_of(dataset_id) == expected
