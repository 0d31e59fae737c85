"""Runs in words: what a network and its settings come to, what two runs differ in, and the table to copy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from convscope.core import table_text
from convscope.core.layers import Layer, shape_text
from convscope.core.network import Network
from convscope.core.runs import RunRecord
from convscope.core.settings import Described, Setting, settings_of
from convscope.core.training_config import OPTIMIZERS, TrainingConfig

TableFormat = Literal["Markdown", "CSV", "TSV"]
HEADINGS = (
    "Run",
    "Network",
    "Parameters",
    "Settings",
    "Data",
    "Epochs",
    "Best accuracy (%)",
    "Last accuracy (%)",
    "Best loss",
    "Last loss",
    "Seconds",
    "Note",
)
_NUMERIC = (2, 5, 6, 7, 8, 9, 10)
_COUNTED = {"conv": "convolution", "dense": "dense layer", "pool": "pooling layer"}  # plural by an s
_NAMED = {"batch_norm": "batch norm", "dropout": "dropout"}
_IN_EVERY_LINE = {"optimizer", "learning_rate", "batch_size"}
_PROPER = {"PyTorch's", "Glorot", "He"}  # names with which an initialisation may begin; they keep their capitals
_LEFT_OUT = {"epochs", "device"}  # the first has a column, the second changes no result that matters


def network_text(network: Network) -> str:
    """Return what a network is made of: "2 convolutions, 1 dense layer, dropout"."""
    kinds = Counter(_kind(layer) for layer in network.layers if layer.enabled)
    counted = [f"{kinds[kind]} {name}{'s' * (kinds[kind] > 1)}" for kind, name in _COUNTED.items() if kinds[kind]]
    return ", ".join([*counted, *(name for kind, name in _NAMED.items() if kinds[kind])]) or "no layers"


@lru_cache(maxsize=512)  # a table that is sorted by it asks thousands of times
def settings_text(config: TrainingConfig) -> str:
    """Return the settings of a run in one line: the optimiser, its rate, the batch, then what is not as usual."""
    parts = [f"{OPTIMIZERS[config.optimizer]} {config.learning_rate:g}", f"batch {config.batch_size:,}"]
    for setting in _relevant(config):
        value = getattr(config, setting.name)
        if setting.name not in _IN_EVERY_LINE and value != setting.default:
            parts.append(f"{setting.label.lower()} {value_text(setting, value)}")
    return ", ".join(parts)


def value_text(setting: Setting, value: Any) -> str:
    """Return the value of a setting as the user reads it."""
    match setting.kind:
        case "choice":
            text = dict(setting.choices)[value]
            return text if text in OPTIMIZERS.values() or text.split()[0] in _PROPER else text.lower()
        case "switch":
            return "on" if value else "off"
        case "number":
            return f"{value:.6g}{_unit(setting)}"
        case "integer":
            return f"{value:,}{_unit(setting)}"
        case _ if isinstance(value, tuple):
            return "×".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]
        case _:
            return str(value)


def differences(one: RunRecord, other: RunRecord) -> tuple[str, ...]:
    """Return what was done otherwise in another run, each in a few words: "learning rate 0.001 → 0.01"."""
    found: list[str] = []
    if one.dataset_id != other.dataset_id:
        found.append(f"data {one.dataset_title} → {other.dataset_title}")
    found += config_differences(one.config, other.config)
    for run in (one, other):  # beside the settings they began with, which alone would mislead
        found += [f"{change} during {run.label}" for change in changes_meanwhile(run)]
    found += network_differences(one.network, other.network)
    if one.origin != other.origin:
        found.append(f"first weights: {one.origin or 'new'} → {other.origin or 'new'}")
    return tuple(found)


def changes_meanwhile(run: RunRecord) -> list[str]:
    """Return which settings of it and its layers were changed while a run went on; more epochs are no change."""
    return [
        *config_differences(run.config, run.latest or run.config),
        *network_differences(run.network, run.network_now),
    ]


def config_differences(one: TrainingConfig, other: TrainingConfig) -> list[str]:
    """Return which settings differ that have an effect on at least one side, without the number of epochs."""
    shown = {setting.name for config in (one, other) for setting in _relevant(config)}
    return _changes(one, other, shown)


def network_differences(one: Network, other: Network) -> list[str]:
    """Return which layers of two networks differ, by their names."""
    found: list[str] = []
    if one.input_shape != other.input_shape:
        found.append(f"input {shape_text(one.input_shape)} → {shape_text(other.input_shape)}")
    if one.classes != other.classes:
        found.append(f"classes {one.classes} → {other.classes}")
    olds, news = ({layer.name: layer for layer in network.layers} for network in (one, other))
    for word, names in (("without", olds.keys() - news.keys()), ("with", news.keys() - olds.keys())):
        if names:
            found.append(f"{word} {', '.join(name for name in (*olds, *news) if name in names)}")
    common = [name for name in olds if name in news]
    if common != [name for name in news if name in olds]:
        found.append("layers in another order")
    for name in common:
        found += _layer_differences(olds[name], news[name])
    return found


def table(runs: Sequence[RunRecord], form: TableFormat) -> str:
    """Return the results of runs as text; accuracies in percent with two digits, losses with four."""
    rows = [_row(run) for run in runs]
    if form == "CSV":
        return table_text.as_csv(HEADINGS, rows)
    return table_text.as_tsv(HEADINGS, rows) if form == "TSV" else table_text.as_markdown(HEADINGS, rows, _NUMERIC)


def _row(run: RunRecord) -> list[str | int]:
    figures, parameters = run.summary, run.network.report.parameters
    accuracies = [_fixed(value and 100 * value, 2) for value in (figures.best_accuracy, figures.last_accuracy)]
    losses = [_fixed(value, 4) for value in (figures.best_loss, figures.last_loss)]
    start: list[str | int] = [run.label, run.title, parameters, settings_text(run.config), run.dataset_title]
    return [*start, figures.epochs, *accuracies, *losses, f"{figures.seconds:.1f}", run.note]


def _fixed(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _layer_differences(one: Layer, other: Layer) -> list[str]:
    if one.kind != other.kind:
        return [f"{one.name} {one.title.lower()} → {other.title.lower()}"]
    found = [f"{one.name} {change}" for change in _changes(one, other)]
    if one.enabled != other.enabled:
        found.append(f"{one.name} {'on' if one.enabled else 'off'} → {'on' if other.enabled else 'off'}")
    if one.trainable != other.trainable:
        found.append(f"{one.name} {_trained(one)} → {_trained(other)}")
    return found


def _trained(layer: Layer) -> str:
    return "trained" if layer.trainable else "frozen"


def _changes(one: Described, other: Described, names: set[str] | None = None) -> list[str]:
    """Return the settings of two values of one kind that differ, of those in `names` where it is given."""
    found: list[str] = []
    for setting in settings_of(one):
        before, after = getattr(one, setting.name), getattr(other, setting.name)
        if before != after and (names is None or setting.name in names):
            found.append(f"{setting.label.lower()} {value_text(setting, before)} → {value_text(setting, after)}")
    return found


def _relevant(config: TrainingConfig) -> list[Setting]:
    """Return the settings that have an effect on a run, but those that are told elsewhere."""
    return [setting for setting in settings_of(config) if setting.name not in _LEFT_OUT and setting.shown(config)]


def _kind(layer: Layer) -> str:
    return "pool" if layer.prefix.endswith("pool") else layer.prefix


def _unit(setting: Setting) -> str:
    return setting.unit if setting.unit in ("", "°") else f" {setting.unit}"
