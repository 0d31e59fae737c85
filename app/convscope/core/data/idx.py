"""IDX files, the format of MNIST: one array a file, and a folder of four files as a data set."""

from __future__ import annotations

import gzip
import math
import re
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray

from convscope.core.data.dataset import DataError, Dataset, Examples
from convscope.core.data.progress import Progress, finished

MAX_BYTES = 2**30  # of one unpacked file; MNIST's largest is 47 MB
MAX_SIDE = 512  # pixels of an image
_CHUNK = 2**22  # unpacked in about 20 ms, so that cancelling is answered at once
_NAMES_BYTES = 2**16  # of classes.txt; labels are bytes, so there are at most 256 names
_BYTE = 0x08  # the type code of unsigned bytes, the only one image collections use
_DIMENSIONS = {"labels": (1,), "images": (3, 4)}  # of what a file may hold
_PARTS = {"train": ("train",), "test": ("t10k", "test")}
_NAME = re.compile(
    r"(?P<prefix>.*[-_])?(?P<part>train|t10k|test)[-_.](?P<content>images|labels)[-_.]idx\d[-_.]ubyte(?P<gz>\.gz)?",
    re.I,
)


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the array of an IDX file, gzip-compressed or not.

    The format: two zero bytes, a type code, the number of dimensions, each of them as four big-endian bytes, the data.

    Raises:
        DataError: The file cannot be read, is damaged, or is no IDX file of unsigned bytes of at most 1 GiB.
    """
    return finished(reading_idx(path))


def reading_idx(path: Path, content: str = "") -> Generator[Progress, None, NDArray[np.uint8]]:
    """Do what `read_idx` does in steps that can be shown and cancelled.

    Args:
        path: The file.
        content: "images" or "labels": what it must hold by its number of dimensions; empty for anything.
    """
    try:
        with path.open("rb") as file:
            compressed = file.read(2) == b"\x1f\x8b"  # the contents tell, a name may lie
            file.seek(0)
            stream = cast(IO[bytes], gzip.GzipFile(fileobj=file)) if compressed else file
            return (yield from _reading(stream, path, content))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{path} is damaged: it does not unpack ({error}). Copy or download it again.") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error


def _reading(stream: IO[bytes], path: Path, content: str) -> Generator[Progress, None, NDArray[np.uint8]]:
    shape = _read_shape(stream, path, content)
    size = math.prod(shape)
    if size > MAX_BYTES:
        raise DataError(f"{path} announces {size:,} bytes of data; at most {MAX_BYTES:,} are read. Use fewer images.")
    data = np.empty(size, np.uint8)  # takes real memory only as far as it is filled, so a false size costs nothing
    done = 0
    while done < size:
        chunk = stream.read(min(_CHUNK, size - done))
        if not chunk:
            raise DataError(f"{path} ends after {done:,} of {size:,} bytes. Copy or download it again.")
        data[done : done + len(chunk)] = np.frombuffer(chunk, np.uint8)
        done += len(chunk)
        yield Progress(f"Reading {path.name}", done, size)
    if stream.read(1):  # reaching the end also makes gzip compare its checksum
        raise DataError(f"{path} holds more than the {size:,} bytes it announces. Copy or download it again.")
    return data.reshape(shape)


def _read_shape(stream: IO[bytes], path: Path, content: str) -> tuple[int, ...]:
    magic = stream.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or not 1 <= magic[3] <= 4:
        raise DataError(f"{path} is no IDX file: it begins with the bytes {magic.hex(' ') or '(none)'}, not 00 00 08.")
    if magic[2] != _BYTE:
        raise DataError(f"{path} holds numbers of type {magic[2]:#04x}; only unsigned bytes (0x08) can be read.")
    if content and magic[3] not in _DIMENSIONS[content]:
        held = next((kind for kind, counts in _DIMENSIONS.items() if magic[3] in counts), "rows of numbers")
        raise DataError(
            f"{path} begins with {magic.hex(' ')}: that is a file of {held}, not of {content}. "
            "Put the file of that name in its place."
        )
    sides = stream.read(4 * magic[3])
    if len(sides) < 4 * magic[3]:
        raise DataError(f"{path} ends within its header. Copy or download it again.")
    shape = tuple(int.from_bytes(sides[i : i + 4], "big") for i in range(0, len(sides), 4))
    if 0 in shape:
        raise DataError(f"{path} is empty: it announces the sizes {' × '.join(map(str, shape))}.")
    return shape


def read_idx_folder(folder: Path, *, class_names: tuple[str, ...] = (), id: str = "", title: str = "") -> Dataset:
    """Return the data set of a folder with images and labels for training and test, named as MNIST's files are.

    Images are grey (N, H, W) or coloured (N, H, W, C) with 1 or 3 channels. Without `class_names` the folder's
    classes.txt names the classes, one a line; without that they are numbered up to the greatest training label, and
    each of them needs training images.

    Args:
        folder: Where the four files lie.
        class_names: The name of each class.
        id: The data set's id; by default the folder's path.
        title: The data set's title; by default the folder's name.

    Raises:
        DataError: A file is missing, damaged, or does not fit the others; the text names it.
    """
    return finished(reading_idx_folder(folder, class_names=class_names, id=id, title=title))


def reading_idx_folder(
    folder: Path, *, class_names: tuple[str, ...] = (), id: str = "", title: str = ""
) -> Generator[Progress, None, Dataset]:
    """Do what `read_idx_folder` does in steps that can be shown and cancelled."""
    files = _found(folder)  # all four, before the first is read
    class_names = class_names or _class_names(folder / "classes.txt")
    train = yield from _reading_part(files["train", "images"], files["train", "labels"])
    test = yield from _reading_part(files["test", "images"], files["test", "labels"])
    if train.images.shape[1:] != test.images.shape[1:]:
        raise DataError(
            f"{files['test', 'images']} holds images of {_sides(test)}, but {files['train', 'images'].name} images of "
            f"{_sides(train)} (height × width × channels). Both files must hold images of one size."
        )
    class_names = class_names or _numbered_classes(train, files["train", "labels"])
    _check_labels(train, class_names, files["train", "labels"])
    _check_labels(test, class_names, files["test", "labels"])
    return Dataset(id or str(folder), title or folder.resolve().name, train, test, class_names)


def _found(folder: Path) -> dict[tuple[str, str], Path]:
    """Return the file of each part ("train", "test") and content ("images", "labels")."""
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise DataError(f"The folder {folder} cannot be read: {error.strerror or error}.") from error
    matches = [(match, path) for path in paths if (match := _NAME.fullmatch(path.name))]
    files: dict[tuple[str, str], Path] = {}
    for part, words in _PARTS.items():
        for content in ("images", "labels"):
            fitting = {
                # A file and its unpacked copy count once; the unpacked one sorts first and is read faster.
                path.name.lower().removesuffix(".gz"): path
                for match, path in reversed(matches)
                if match["part"].lower() in words and match["content"].lower() == content
            }
            files[part, content] = _only(list(fitting.values()), folder, f"{words[0]}-{content}-idx", content)
    return files


def _only(paths: list[Path], folder: Path, start: str, content: str) -> Path:
    if not paths:
        name = f"{start}{'3' if content == 'images' else '1'}-ubyte"
        raise DataError(f"The folder {folder} lacks the file {name} (or {name}.gz). Choose the folder that holds it.")
    if len(paths) > 1:
        names = " and ".join(sorted(path.name for path in paths))
        raise DataError(f"The folder {folder} holds {names}; keep the one that is meant and move the others away.")
    return paths[0]


def _reading_part(images_path: Path, labels_path: Path) -> Generator[Progress, None, Examples]:
    images = yield from reading_idx(images_path, "images")
    labels = yield from reading_idx(labels_path, "labels")
    if images.ndim == 4 and images.shape[3] not in (1, 3):
        raise DataError(
            f"{images_path} has the sizes {' × '.join(map(str, images.shape))}; images need number × height × width, "
            "or number × height × width × channels with 1 or 3 channels."
        )
    if max(images.shape[1:3]) > MAX_SIDE:
        height, width = images.shape[1:3]
        raise DataError(
            f"{images_path} holds images of {height}×{width} pixels; make them at most {MAX_SIDE} each way."
        )
    if len(labels) != len(images):
        raise DataError(
            f"{labels_path} holds {len(labels)} labels for the {len(images)} images of "
            f"{images_path.name}. Choose files that belong together."
        )
    images = images[:, None] if images.ndim == 3 else np.ascontiguousarray(images.transpose(0, 3, 1, 2))
    return Examples(images, labels.astype(np.int64))


def _sides(examples: Examples) -> str:
    channels, height, width = examples.images.shape[1:]
    return f"{height}×{width}×{channels}"


def _class_names(path: Path) -> tuple[str, ...]:
    try:
        if path.stat().st_size > _NAMES_BYTES:
            raise DataError(f"{path} is too long for a list of class names, one a line.")
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeError) as error:
        raise DataError(f"{path} cannot be read as text (UTF-8): {error}.") from error
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _numbered_classes(examples: Examples, path: Path) -> tuple[str, ...]:
    present = np.unique(examples.labels)
    gaps = np.flatnonzero(np.diff(present, prepend=-1) > 1)
    if gaps.size:
        label = int(present[gaps[-1]])
        first = int(present[gaps[-1] - 1]) + 1 if gaps[-1] else 0
        lacking = f"no {first}" if first == label - 1 else f"none of {first} to {label - 1}"
        raise DataError(
            f"{path} holds the label {label}, but {lacking}. Correct the labels, or, where classes without training "
            f"images are meant, name all {present[-1] + 1} classes in classes.txt beside it, one a line."
        )
    return tuple(map(str, range(len(present))))


def _check_labels(examples: Examples, class_names: tuple[str, ...], path: Path) -> None:
    greatest = int(examples.labels.max())
    if greatest >= len(class_names):
        raise DataError(
            f"{path} holds the label {greatest}, but there are {len(class_names)} classes, numbered from 0 to "
            f"{len(class_names) - 1}. Correct the labels, or name every class in classes.txt, one a line."
        )
