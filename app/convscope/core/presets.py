"""The lectures' networks with their training settings, read from JSON files that a lecturer can copy and change.

A file is an object with these entries:
    format: 1.
    name: What the command line calls the preset.
    title, description: What the user reads; by default the name, and nothing.
    order: Its place in the list, a number; by default behind the others.
    network: As `Network.to_json` writes it; settings at their default and automatic names of layers may be left out.
    training: Settings of `TrainingConfig`; those left out take their default.
    data: The id of the data set it is made for; left out for images of digits.

A bare network, as `Network.to_json` writes it, can be read too: a preset named after its file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from pathlib import Path
from typing import Any, cast

from convscope.core.network import Network
from convscope.core.settings import SettingError
from convscope.core.training_config import TrainingConfig
from convscope.paths import resources

FORMAT = 1  # to be raised when older versions of Convscope could no longer read what is written for this one
MAX_FILE = 2**20  # bytes; the largest that ships has about 1,600
_TEXTS = ("name", "title", "description")
_ENTRIES = {"format", "order", *_TEXTS, "network", "training", "data"}


class PresetError(Exception):
    """A preset that cannot be had; the text names the file and the reason."""


@dataclass(frozen=True)
class Preset:
    """A network to begin with, and how it is trained.

    Attributes:
        name: What the command line and scripts call it.
        title: What the user reads.
        description: One or two sentences about what it shows.
        data: The id of the data set it is made for; empty where any images will do.
    """

    name: str
    title: str = ""
    description: str = ""
    network: Network = field(default_factory=Network)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    data: str = ""


def presets(folder: Path | None = None) -> tuple[Preset, ...]:
    """Return the presets of a folder, by default those that ship, in teaching order.

    Raises:
        PresetError: A file is broken, or two have the same name.
    """
    usable, errors = usable_presets(folder)
    if errors:
        raise errors[0]
    return usable


def usable_presets(folder: Path | None = None) -> tuple[tuple[Preset, ...], tuple[PresetError, ...]]:
    """Return what `presets` does without the files that cannot be used, and what is wrong with each of those."""
    found: list[tuple[float, Preset]] = []
    errors: list[PresetError] = []
    for path in sorted((folder or resources() / "presets").glob("*.json")):
        try:
            found.append(_read(path))
        except PresetError as error:
            errors.append(error)
    named: dict[str, Preset] = {}
    for _, preset in sorted(found, key=lambda pair: pair[0]):  # by name of file where orders are equal
        if preset.name in named:
            text = f'Two files in {folder or "the presets"} have the name "{preset.name}". Change one.'
            errors.append(PresetError(text))
        else:
            named[preset.name] = preset
    return tuple(named.values()), tuple(errors)


def preset(name: str) -> Preset:
    """Return the preset that ships under this name.

    Raises:
        PresetError: There is none.
    """
    known = presets()
    for candidate in known:
        if candidate.name == name:
            return candidate
    raise PresetError(f'There is no preset "{name}". Choose {", ".join(candidate.name for candidate in known)}.')


def read_preset(path: Path) -> Preset:
    """Return the preset of a file.

    Raises:
        PresetError: The file cannot be read, or what it holds is no preset.
    """
    return _read(path)[1]


def _read(path: Path) -> tuple[float, Preset]:
    """Return a file's place in the order and its preset."""
    try:
        return _built(_object("A preset", json.loads(_content(path))), path.stem)
    except OSError as error:
        raise PresetError(f"{path} cannot be read: {error.strerror or error}.") from error
    except SettingError as error:
        raise PresetError(f"{path} is no preset that can be used. {error}") from error
    except (ValueError, RecursionError) as error:  # also bytes that are no text, and brackets nested ten thousand deep
        raise PresetError(f"{path} is not written in JSON: {error}.") from error


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise SettingError(f"It is larger than {MAX_FILE:,} bytes.")
    return content


def _built(values: Mapping[str, Any], stem: str) -> tuple[float, Preset]:
    if "layers" in values:
        return inf, Preset(stem, stem, network=Network.from_json(values))
    if values.get("format") != FORMAT:
        raise SettingError(f"Its format is {values.get('format')!r:.40}; this version reads format {FORMAT}.")
    if unknown := values.keys() - _ENTRIES:
        raise SettingError(f"A preset has no {', '.join(sorted(unknown))}.")
    if "network" not in values:
        raise SettingError("It has no network.")
    name, title, description = (_text(key, values.get(key, "")) for key in _TEXTS)
    if not name:
        raise SettingError("It has no name.")
    network = Network.from_json(values["network"])
    training = TrainingConfig.from_json(_object("The training", values.get("training", {})))
    data = _text("data", values.get("data", ""))
    return _order(values.get("order", inf)), Preset(name, title or name, description, network, training, data)


def _object(what: str, values: object) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise SettingError(f"{what} must be an object with named values, not {values!r:.40}.")
    return cast("dict[str, Any]", values)


def _text(key: str, value: object) -> str:
    if not isinstance(value, str):
        raise SettingError(f"Its {key} must be text, not {value!r:.40}.")
    return value


def _order(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # an int may overflow isnan
        raise SettingError(f"Its order must be a number, not {value!r:.40}.")
    return value
