"""`convscope train`: train a network without a window, with the same numbers as the window's."""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from tqdm import tqdm

from convscope.cli.arguments import Parser
from convscope.cli.commands import CommandError, refusing
from convscope.cli.inputs import (
    add_data_arguments,
    check_data,
    check_working,
    load_data,
    named_preset,
    read_network,
)
from convscope.cli.report import check_writable, tested, write_report
from convscope.core import backend
from convscope.core.data.dataset import DataError, Dataset
from convscope.core.history import EpochPoint, History
from convscope.core.network import Network
from convscope.core.project import Project, ProjectError, save
from convscope.core.settings import Setting, SettingError, settings_of
from convscope.core.snapshot import RunPhase, Snapshot
from convscope.core.training import TrainingError, train
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import initial_weights

PACE = 0.25  # seconds between two looks at the run; a progress bar needs no more


def run(arguments: list[str]) -> int:
    """Train as `arguments` say and return the exit status.

    Raises:
        CommandError: Something stands in the way; nothing was written.
    """
    options = _parser().parse_args(arguments)
    chosen = read_network(options.network) if options.network else named_preset(options.preset)
    with refusing(SettingError):
        config = dataclasses.replace(chosen.training, **_settings(options))
    check_data(options.data)
    check_writable(options.save, options.json)

    threads = backend.use_threads()
    dataset = load_data(options.data, options.download)
    with refusing(SettingError):
        network = chosen.network.for_data(dataset.image_shape, dataset.classes)
    check_working(network)
    snapshot, history = _trained(network, config, dataset)
    result = tested(network, snapshot.weights, dataset.test)
    print(f"test: loss {result.loss:.4f}, accuracy {result.accuracy:.2%} on {result.images:,} images")

    if options.save:
        project = Project(network, snapshot.weights, config, history, dataset_id=dataset.id)
        with refusing(ProjectError, status=1):
            save(options.save, project)
        print(f"saved {options.save}")
    if options.json:
        write_report(options.json, network, config, history, dataset, snapshot, threads, result)
    return 0


def _parser() -> Parser:
    parser = Parser(
        "convscope train", "Train a network; settings that are not given are those of the preset or the file."
    )
    network = parser.add_mutually_exclusive_group(required=True)
    network.add_argument("--preset", metavar="NAME", help="one of the presets, such as cnn-batchnorm")
    network.add_argument(
        "--network",
        type=Path,
        metavar="FILE",
        help="a preset's or a network's JSON file, or a saved project, whose network is trained anew",
    )
    add_data_arguments(parser, "generated", "generated")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write a project that the window opens")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write settings, results and versions")
    group = parser.add_argument_group("training settings")
    for setting in settings_of(TrainingConfig):
        _add_setting(group, setting)
    return parser


def _add_setting(group: argparse._ArgumentGroup, setting: Setting) -> None:
    kinds: dict[str, Any] = {"integer": int, "number": float}
    group.add_argument(
        f"--{setting.name.replace('_', '-')}",
        type=kinds.get(setting.kind, str),
        choices=[value for value, _ in setting.choices] or None,
        metavar=None if setting.choices else {"integer": "N", "number": "X"}.get(setting.kind, "NAME"),
        help=setting.help.replace("%", "%%"),  # argparse fills in what stands after a percent sign
    )


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    """Return the training settings that were typed."""
    typed = {setting.name: getattr(options, setting.name) for setting in settings_of(TrainingConfig)}
    return {name: value for name, value in typed.items() if value is not None}


def _trained(network: Network, config: TrainingConfig, dataset: Dataset) -> tuple[Snapshot, History]:
    """Return the run's last snapshot and its curves; each epoch is printed as it ends."""
    with refusing(DataError, TrainingError):
        training, validation = dataset.split(
            config.train_size, config.validation_size, held_out=config.held_out, seed=config.seed
        )
        run = train(network, initial_weights(network, config.seed), config, training, validation, pace=PACE)
        snapshot = first = next(run)  # what the run refuses, it refuses before its first step
    history = History()
    images = config.epochs * len(training)
    bar = tqdm(total=images, file=sys.stderr, disable=None, leave=False, unit="image", mininterval=0)
    with closing(run), bar:
        for snapshot in itertools.chain([first], run):
            batches = (snapshot.batch_epochs, snapshot.batch_losses, snapshot.batch_accuracies)
            history = history.extended(batches, snapshot.points)
            _show(bar, snapshot, len(training))
    if snapshot.phase is RunPhase.FAILED:
        raise CommandError(snapshot.problem, status=1)
    return snapshot, history


def _show(bar: Any, snapshot: Snapshot, images_per_epoch: int) -> None:
    for point in snapshot.points:
        bar.write(_line(point, snapshot.epochs), file=sys.stdout)
        sys.stdout.flush()  # a log file is read while the run goes on
    if snapshot.batch_losses.size:
        bar.set_postfix_str(f"loss {snapshot.batch_losses[-1]:.4f}", refresh=False)
        bar.update(round(snapshot.batch_epochs[-1] * images_per_epoch) - bar.n)


def _line(point: EpochPoint, epochs: int) -> str:
    return (
        f"epoch {point.epoch}/{epochs}: training loss {point.train_loss:.4f}, accuracy {point.train_accuracy:.2%}; "
        f"validation loss {point.validation_loss:.4f}, accuracy {point.validation_accuracy:.2%}; {point.seconds:.1f} s"
    )
