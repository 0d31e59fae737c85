"""What the commands work on: networks from presets and files, data sets, and how both are named."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from tqdm import tqdm

from convscope.cli.arguments import Parser
from convscope.cli.commands import CommandError, refusing
from convscope.core.data import sources
from convscope.core.data.dataset import DataError, Dataset
from convscope.core.network import Network
from convscope.core.presets import Preset, PresetError, preset, read_preset
from convscope.core.project import ProjectError, load

_NOT_WORTH_A_BAR = 0.5  # seconds


def add_data_arguments(parser: Parser, default: str | None, default_help: str) -> None:
    """Let the user choose a data set and allow its download."""
    named = ", ".join(source.id for source in sources.SOURCES if source.id != "folder")
    parser.add_argument(
        "--data",
        metavar="NAME|FOLDER",
        default=default,
        help=f"{named}, or a folder of four IDX files named as those of MNIST; by default {default_help}",
    )
    parser.add_argument(
        "--download", action="store_true", help="download the data set if it is not on this computer yet"
    )


def check_data(data: str) -> None:
    """Make sure, before anything slow is done, that `--data` names something."""
    source, folder = sources.source_of(data)
    if source == "folder" and folder is not None and not folder.is_dir():
        named = ", ".join(known.id for known in sources.SOURCES if known.id != "folder")
        raise CommandError(f'There is no data set and no folder "{data}"; choose {named} or a folder of IDX files.')


def load_data(data: str, download: bool) -> Dataset:
    """Return the data set that `--data` names, with a progress bar for what takes time.

    Raises:
        CommandError: It cannot be had.
    """
    source, folder = sources.source_of(data)
    try:
        # A saved project names the folder, and may be opened from elsewhere.
        return _loaded(sources.loading(source, folder=folder and folder.absolute(), download=download))
    except sources.NotDownloaded as error:
        raise CommandError(f"{error} Type --download or --data generated for that.") from error
    except DataError as error:
        raise CommandError(str(error), status=1) from error


def _loaded(work: sources.Loading) -> Dataset:
    bar = tqdm(file=sys.stderr, disable=None, leave=False, unit="", unit_scale=True, delay=_NOT_WORTH_A_BAR)
    with closing(work), bar:
        while True:
            try:
                progress = next(work)
            except StopIteration as end:
                return end.value
            bar.set_description(progress.text, refresh=False)
            bar.total = progress.total or None
            bar.update(progress.done - bar.n)


def read_network(path: Path) -> Preset:
    """Return network and training settings of a preset's file, of a bare network's, or of a saved project.

    Raises:
        CommandError: The file is none of these.
    """
    with refusing(PresetError, ProjectError):
        if not _is_project(path):
            return read_preset(path)
        project = load(path)
        return Preset(path.stem, path.stem, network=project.network, training=project.config)


def named_preset(name: str) -> Preset:
    """Return the preset called `name`, or raise a `CommandError` that lists them."""
    with refusing(PresetError):
        return preset(name)


def check_working(network: Network) -> None:
    """Raise the `CommandError` of a network with a problem."""
    if network.report.problem is not None:
        raise CommandError(f"The network does not work: {network.report.problem.located}")


def _is_project(path: Path) -> bool:
    """Say whether a file begins as safetensors do, with a length that it has; that of a text is beyond any file."""
    try:
        with path.open("rb") as file:
            start = file.read(8)
            return len(start) == 8 and int.from_bytes(start, "little") < file.seek(0, 2)
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error
