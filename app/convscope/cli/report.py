"""What the commands measure at the end, and the report they write of it."""

from __future__ import annotations

import dataclasses
import json
import platform
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from convscope import __version__
from convscope.cli.commands import CommandError
from convscope.core.data.dataset import Dataset, Examples
from convscope.core.files import write_whole
from convscope.core.history import History
from convscope.core.module import build_module, load_weights
from convscope.core.network import Network
from convscope.core.snapshot import Snapshot
from convscope.core.training import CHUNK, measured, tensors_of
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import Weights


@dataclass(frozen=True)
class TestResult:
    """Mean loss of test images, and the fraction of them that was classified correctly."""

    loss: float
    accuracy: float
    images: int


def tested(network: Network, weights: Weights, examples: Examples) -> TestResult:
    """Measure a network on examples, in the portions in which a run validates, so that both give the same numbers."""
    module = build_module(network)
    load_weights(module, weights)
    images, labels = tensors_of(examples, torch.device("cpu"))
    loss, right = 0.0, 0
    for start in range(0, len(labels), CHUNK):
        more = measured(module, images[start : start + CHUNK], labels[start : start + CHUNK])
        loss, right = loss + more[0], right + more[1]
    return TestResult(loss / len(labels), right / len(labels), len(labels))


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
        write_whole(path, json.dumps(values, indent=2, ensure_ascii=False).encode() + b"\n")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror or error}.", status=1) from error


def versions() -> dict[str, str]:
    """Return the versions on which the numbers depend."""
    return {
        "convscope": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }
