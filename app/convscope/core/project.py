"""Open and save a project: network, weights, training settings, curves and drawing in one safetensors file.

The tensors are the weights under their own names and the curves as "history/…"; the rest is JSON in the file's
metadata. Nothing in the file is ever run, and everything in it is checked before any of it is used.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from safetensors import SafetensorError

from convscope.core.data.drawing import Drawing
from convscope.core.files import write_whole
from convscope.core.history import History
from convscope.core.network import Network
from convscope.core.report import MOST_BYTES
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import NO_WEIGHTS, Weights, check_weights, frozen

FORMAT = 1  # to be raised when older versions of Convscope could no longer read what this one writes
MAX_FILE = MOST_BYTES + 128 * 2**20  # whatever can be trained can be saved, with curves and drawing
MAX_HEADER = 25 * 2**20  # holds the names, the settings and the drawing
MAX_TEXT = 4096  # letters of the data set's id, which may be a folder's path
_HISTORY = "history/"  # no layer's name has a slash
_FORMAT_KEY = "convscope"  # its value is the format; other programs' files have no such key
_TEXTS = (_FORMAT_KEY, "network", "training", "drawing", "dataset", "curves", "former_curves")
_DTYPES = {"F32", "F64"}  # weights, and positions in the curves

Arrays = dict[str, NDArray[Any]]
T = TypeVar("T")


class ProjectError(Exception):
    """A project that cannot be opened or saved; the text names the file and the reason."""


@dataclass(frozen=True, eq=False)
class Project:
    """All that a user makes and may want back.

    Attributes:
        weights: Those of `network`, as `check_weights` wants them.
        dataset_id: `Dataset.id` of the data that belong to it; empty when there were none. Those that `history` tells
            of may be others.
        history_is_former: Whether the network or its weights were changed since, so that it tells of others.
    """

    network: Network = field(default_factory=Network)
    weights: Weights = field(default_factory=lambda: NO_WEIGHTS)
    config: TrainingConfig = field(default_factory=TrainingConfig)
    history: History = field(default_factory=History)
    drawing: Drawing = field(default_factory=Drawing)
    dataset_id: str = ""
    history_is_former: bool = False


class _UnfitError(Exception):
    """Why a file is no project; the text goes on after "… cannot be opened: "."""


def save(path: Path, project: Project) -> None:
    """Write a project; the file is replaced as a whole or stays as it was.

    Raises:
        ProjectError: The weights do not belong to the network or are not finite, the drawing is too large, or the
            file cannot be written. So whatever was saved can be opened.
    """
    try:
        content = _encoded(project)
        _checked_header(content[:8], len(content))
        write_whole(path, content)
    except OSError as error:
        raise ProjectError(f"{path} cannot be saved: {error.strerror or error}.") from error
    except (_UnfitError, ValueError) as error:
        raise ProjectError(f"{path} cannot be saved: {error}") from error


def load(path: Path) -> Project:
    """Read a project that `save` wrote.

    Raises:
        ProjectError: The file is damaged, foreign or too large, or what it holds does not fit together.
    """
    try:
        return _decoded(_read(path))
    except OSError as error:
        raise ProjectError(f"{path} cannot be opened: {error.strerror or error}.") from error
    except _UnfitError as error:
        raise ProjectError(f"{path} cannot be opened: {error}") from error


def _encoded(project: Project) -> bytes:
    check_weights(project.network, project.weights)
    history = {_HISTORY + name: array for name, array in project.history.to_arrays().items()}
    # safetensors takes the memory as it lies, so that a transposed array would be saved with its values mixed up.
    tensors = {name: np.ascontiguousarray(array) for name, array in {**project.weights, **history}.items()}
    texts = {
        _FORMAT_KEY: str(FORMAT),
        "network": json.dumps(project.network.to_json()),
        "training": json.dumps(project.config.to_json()),
        "drawing": json.dumps(project.drawing.to_json()),
        "dataset": json.dumps(_checked_id(project.dataset_id)),  # a path may hold what UTF-8 cannot
        "curves": json.dumps(_checked_id(project.history.dataset_id)),
        "former_curves": json.dumps(project.history_is_former),
    }
    if max(map(len, texts.values())) > MAX_HEADER:  # before the drawing is copied any further
        raise _UnfitError(f"its drawing takes more than {MAX_HEADER:,} bytes. Use a smaller picture.")
    return safetensors.numpy.save(tensors, texts)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        start = file.read(8)
        _checked_header(start, size)
        return start + file.read(MAX_FILE)


def _checked_header(start: bytes, size: int) -> int:
    """Return the length of the header that the first 8 bytes of a file of `size` bytes announce."""
    length = int.from_bytes(start, "little")
    if size > MAX_FILE:
        raise _UnfitError(f"it has {size:,} bytes; a project has at most {MAX_FILE:,}.")
    if len(start) < 8 or length > size - 8:
        raise _UnfitError("it is damaged, or no Convscope project.")
    if length > MAX_HEADER:
        raise _UnfitError(f"its header has {length:,} bytes; that of a project has at most {MAX_HEADER:,}.")
    return length


def _decoded(content: bytes) -> Project:
    length = _checked_header(content[:8], len(content))
    texts = _checked_texts(_parsed("header", content[8 : 8 + length]))
    tensors = _tensors(content)
    history = {name.removeprefix(_HISTORY): tensors.pop(name) for name in list(tensors) if name.startswith(_HISTORY)}
    curves = _built("curves", History.from_arrays, history)
    network = _built("network", Network.from_json, _object("network", texts))
    weights = frozen(tensors)
    _built("weights", lambda arrays: check_weights(network, arrays), weights)
    return Project(
        network,
        weights,
        _built("training settings", TrainingConfig.from_json, _object("training", texts)),
        dataclasses.replace(curves, dataset_id=_checked_id(_parsed("curves", texts["curves"]))),
        _built("drawing", Drawing.from_json, _object("drawing", texts)),
        _checked_id(_parsed("dataset", texts["dataset"])),
        _parsed("curves", texts["former_curves"]) is True,
    )


def _parsed(what: str, text: str | bytes) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:  # brackets nested ten thousand deep are valid JSON too
        raise _UnfitError(f"its {what} cannot be read. It is damaged, or no Convscope project.") from error


def _checked_texts(header: object) -> dict[str, str]:
    """Return the metadata of a header whose format and tensors are such that reading on makes sense."""
    entries = cast("dict[str, Any]", header) if isinstance(header, dict) else {}
    found = entries.pop("__metadata__", None)
    texts = cast("dict[str, object]", found) if isinstance(found, dict) else {}
    texts.setdefault("curves", texts.get("dataset"))  # older files name the data only once
    texts.setdefault("former_curves", "false")  # and do not tell
    if _FORMAT_KEY not in texts:
        raise _UnfitError("it was not written by Convscope.")
    if texts[_FORMAT_KEY] != str(FORMAT):
        raise _UnfitError(
            f"it has format {texts[_FORMAT_KEY]!r:.40}; this version reads format {FORMAT}. Install a newer Convscope."
        )
    for name in _TEXTS:
        if not isinstance(texts.get(name), str):
            raise _UnfitError(f"its part {name!r} is missing.")
    for name, entry in entries.items():
        dtype = cast("dict[str, object]", entry).get("dtype") if isinstance(entry, dict) else None
        if dtype not in _DTYPES:
            raise _UnfitError(f"its values {name!r:.80} have the type {dtype!r:.40}, not F32.")
    return cast("dict[str, str]", texts)


def _tensors(content: bytes) -> Arrays:
    try:
        return safetensors.numpy.load(content)
    except (SafetensorError, ValueError) as error:
        raise _UnfitError("it is damaged: something is missing or was changed.") from error


def _object(what: str, texts: Mapping[str, str]) -> dict[str, Any]:
    values = _parsed(what, texts[what])
    if not isinstance(values, dict):
        raise _UnfitError(f"its {what} must be a set of named values, not {values!r:.40}.")
    return cast("dict[str, Any]", values)


def _built(what: str, build: Callable[[Any], T], values: object) -> T:
    try:
        return build(values)
    except (ValueError, TypeError, OverflowError) as error:  # 1e400 as a whole number overflows where it is compared
        raise _UnfitError(f"its {what} cannot be used. {error}") from error


def _checked_id(dataset_id: object) -> str:
    if not isinstance(dataset_id, str) or len(dataset_id) > MAX_TEXT:
        raise _UnfitError(f"the name of its data set must be text of at most {MAX_TEXT:,} letters.")
    return dataset_id
