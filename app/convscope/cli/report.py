"""The report that `convscope train` writes, and making sure beforehand that files can be written."""

from __future__ import annotations

import dataclasses
import json
import math
import platform
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convscope import __version__
from convscope.cli.commands import CommandError
from convscope.core.data.dataset import Dataset
from convscope.core.files import write_whole
from convscope.core.history import History
from convscope.core.network import Network
from convscope.core.snapshot import Snapshot
from convscope.core.training_config import TrainingConfig

if TYPE_CHECKING:
    from convscope.cli.measuring import TestResult  # its module loads torch


def check_writable(*paths: Path | None) -> None:
    """Make sure that files can be written, before the work whose result they shall hold.

    Raises:
        CommandError: A folder is missing or protected, a path is a folder's, or two paths are the same.
    """
    wanted = [path for path in paths if path is not None]
    for path in wanted:
        if path.is_dir():
            raise CommandError(f"{path} cannot be written: it is a folder.")
        try:
            with tempfile.TemporaryFile(dir=path.resolve().parent):
                pass
        except OSError as error:
            raise CommandError(f"{path} cannot be written: {error.strerror or error}.") from error
    if len({path.resolve() for path in wanted}) < len(wanted):
        raise CommandError(f"{wanted[0]} cannot hold two files; choose another name for one of them.")


def write_report(
    path: Path,
    network: Network,
    config: TrainingConfig,
    history: History,
    dataset: Dataset,
    last: Snapshot,
    threads: int,
    test: TestResult,
) -> None:
    """Write what was trained, how, with what result and by which versions, as JSON.

    Raises:
        CommandError: The file cannot be written.
    """
    values = {
        "versions": versions(),
        "threads": threads,
        "dataset": dataset.id,
        "training": config.to_json(),
        "network": network.to_json(),
        "parameters": network.report.parameters,
        "macs": network.report.macs,
        "steps": last.step,
        "epochs": [dataclasses.asdict(point) for point in history.epochs],
        "examples_per_second": last.examples_per_second,  # over the last seconds of training, validation left out
        "test": dataclasses.asdict(test),
    }
    try:
        write_whole(path, as_json_text(values, indent=2).encode() + b"\n")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror or error}.", status=1) from error


def versions() -> dict[str, str]:
    """Return the versions on which the numbers depend."""
    import numpy
    import torch

    return {
        "convscope": __version__,
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }


def as_json_text(values: object, indent: int | None = None) -> str:
    """Return values as JSON, with null for numbers that are none: an accuracy where nothing is classified."""
    return json.dumps(_with_nulls(values), indent=indent, ensure_ascii=False)


def _with_nulls(values: Any) -> Any:
    if isinstance(values, dict):
        return {key: _with_nulls(value) for key, value in values.items()}
    if isinstance(values, list | tuple):
        return [_with_nulls(value) for value in values]
    return None if isinstance(values, float) and not math.isfinite(values) else values
