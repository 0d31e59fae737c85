"""`convscope evaluate`: measure a saved network on the test images of a data set."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from convscope.cli.arguments import Parser
from convscope.cli.commands import CommandError, refusing
from convscope.cli.inputs import add_data_arguments, check_data, check_working, load_data
from convscope.cli.report import as_json_text
from convscope.core.data.dataset import Dataset
from convscope.core.large import data_misfit
from convscope.core.layers import shape_text
from convscope.core.network import Network
from convscope.core.project import ProjectError, load
from convscope.core.weights import missing_bytes

if TYPE_CHECKING:
    from convscope.cli.measuring import TestResult


def run(arguments: list[str]) -> int:
    """Measure as `arguments` say, print the result and return the exit status.

    Raises:
        CommandError: Something stands in the way.
    """
    options = _parser().parse_args(arguments)
    with refusing(ProjectError):
        project = load(options.file)
    check_working(project.network)
    if missing_bytes(project.network, project.weights):
        raise CommandError(
            f"{options.file} holds no weights: random ones of large networks are not saved. Train it first."
        )
    data = options.data or project.dataset_id or "generated"
    check_data(data)
    dataset = load_data(data, options.download)
    _check_fitting(project.network, dataset)

    from convscope.cli.measuring import tested  # loads torch, for which wrong arguments do not wait
    from convscope.core.backend import use_threads

    use_threads()
    _print(tested(project.network, project.weights, dataset.test), dataset, options.json)
    return 0


def _parser() -> Parser:
    parser = Parser("convscope evaluate", "Measure a saved network on the test images of a data set.")
    parser.add_argument("file", type=Path, metavar="FILE", help="a saved project")
    add_data_arguments(parser, None, "the data the network was trained on")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    return parser


def _check_fitting(network: Network, dataset: Dataset) -> None:
    if dataset.image_shape != network.input_shape:
        shapes = shape_text(network.input_shape), shape_text(dataset.image_shape)
        raise CommandError(f"The network takes images of {shapes[0]}, but those of {dataset.title} are {shapes[1]}.")
    if dataset.loss != network.loss:
        raise CommandError(data_misfit(network, dataset.image_shape, dataset.classes, dataset.loss))
    if dataset.classes > network.classes:
        raise CommandError(
            f"The network knows {network.classes} classes, but {dataset.title} has {dataset.classes} of them."
        )


def _print(result: TestResult, dataset: Dataset, as_json: bool) -> None:
    if as_json:
        print(as_json_text({"dataset": dataset.id} | dataclasses.asdict(result)))
    else:
        print(f"{dataset.title}, {result.images:,} test {result.what}: {result.text}")
