"""`convscope train`: train a network without a window, with the same numbers as the window's."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

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
from convscope.cli.report import check_writable, write_report
from convscope.core.data.number_rows import takes_numbers
from convscope.core.large import adapted, data_misfit
from convscope.core.project import Project, ProjectError, save
from convscope.core.settings import Setting, SettingError, settings_of
from convscope.core.training_config import TrainingConfig

_NO_IMAGES = (
    "Augmentation changes images, but these examples are rows of numbers. Leave shift, rotation, shear, stretch, flip, "
    "hue and noise off."
)


def run(arguments: list[str]) -> int:
    """Train as `arguments` say and return the exit status.

    Raises:
        CommandError: Something stands in the way; nothing was written.
    """
    options = _parser().parse_args(arguments)
    chosen = read_network(options.network) if options.network else named_preset(options.preset)
    with refusing(SettingError):
        config = dataclasses.replace(chosen.training, **_settings(options))
    data = options.data or chosen.data or "generated"
    check_data(data)
    check_writable(options.save, options.json)
    dataset = load_data(data, options.download)
    if config.augments and takes_numbers(dataset.image_shape):
        raise CommandError(_NO_IMAGES)
    with refusing(SettingError):
        network = adapted(chosen.network, dataset.image_shape, dataset.classes, dataset.loss)
    check_working(network)
    if misfit := data_misfit(network, dataset.image_shape, dataset.classes, dataset.loss):
        raise CommandError(misfit)

    # Torch takes a second or two to load: what is wrong is said before.
    from convscope.cli.measuring import tested
    from convscope.cli.running import trained
    from convscope.core.backend import use_threads

    threads = use_threads()
    snapshot, history = trained(network, config, dataset)
    result = tested(network, snapshot.weights, dataset.test)
    print(f"test: {result.text} on {result.images:,} {result.what}")

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
    add_data_arguments(parser, None, "what the preset is made for, else generated")
    parser.add_argument("--save", type=Path, metavar="FILE", help="write a project that the window opens")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write settings, results and versions")
    group = parser.add_argument_group("training settings")
    for setting in settings_of(TrainingConfig):
        _add_setting(group, setting)
    return parser


def _add_setting(group: argparse._ArgumentGroup, setting: Setting) -> None:
    name = f"--{setting.name.replace('_', '-')}"
    if setting.kind == "switch":
        group.add_argument(name, action=argparse.BooleanOptionalAction, help=setting.help)
        return
    kinds: dict[str, Any] = {"integer": int, "number": float}
    group.add_argument(
        name,
        type=kinds.get(setting.kind, str),
        choices=[value for value, _ in setting.choices] or None,
        metavar=None if setting.choices else {"integer": "N", "number": "X"}.get(setting.kind, "NAME"),
        help=setting.help.replace("%", "%%"),  # argparse fills in what stands after a percent sign
    )


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    """Return the training settings that were typed."""
    typed = {setting.name: getattr(options, setting.name) for setting in settings_of(TrainingConfig)}
    return {name: value for name, value in typed.items() if value is not None}
