"""`convscope results`: train the lectures' networks on MNIST and say whether they keep what was promised of them."""

from __future__ import annotations

import argparse
import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

from convscope.cli.arguments import Parser
from convscope.cli.commands import CommandError, refusing
from convscope.cli.inputs import load_data, named_preset
from convscope.cli.outcomes import Outcome, as_markdown, read_outcomes, write_outcomes, write_table
from convscope.cli.promises import PROMISES
from convscope.cli.report import check_writable, versions
from convscope.core.data.dataset import DataError, Dataset
from convscope.core.data.download import MNIST, missing
from convscope.core.data.idx import read_idx_folder
from convscope.core.presets import Preset
from convscope.paths import cache_folder

SEEDS = (0, 1, 2)
FOLDER = "CONVSCOPE_MNIST"  # the variable that names the folder of MNIST's four files


def run(arguments: list[str]) -> int:
    """Train what `arguments` say and has not been trained yet, print and write the table, return the exit status.

    Every run is written as it ends: after Ctrl-C the next call goes on with the run that was cut short.

    Raises:
        CommandError: Something stands in the way.
    """
    options = _parser().parse_args(arguments)
    chosen = [named_preset(name) for name in options.only or PROMISES]
    with refusing(OSError):
        options.out.mkdir(parents=True, exist_ok=True)
    kept, table = options.out / "results.json", options.out / "results.md"
    check_writable(kept, table)
    outcomes = () if options.again else read_outcomes(kept)
    wanted = [_seeded(preset, seed) for preset in chosen for seed in options.seeds]
    untrained = [preset for preset in wanted if not any(_is_of(outcome, preset) for outcome in outcomes)]
    if untrained:
        mnist = _mnist(options.download) if any(not preset.data for preset in untrained) else None
        for number, preset in enumerate(untrained, 1):
            print(f"{preset.name}, seed {preset.training.seed} ({number} of {len(untrained)})", flush=True)
            dataset = load_data(preset.data, options.download) if preset.data or mnist is None else mnist
            outcomes = _with(outcomes, _trained(preset, dataset))
            write_outcomes(kept, outcomes, PROMISES)
    shown = [outcome for outcome in outcomes if outcome.preset in PROMISES and _is_current(outcome)]
    text = as_markdown(_in_order(shown), PROMISES)
    write_table(table, text)
    print(f"\n{text}\nwritten to {table} and {kept}")
    return 0


def _parser() -> Parser:
    parser = Parser(
        "convscope results",
        "Train the lectures' networks on MNIST, each with its own settings, and compare the results with what the "
        f"lectures promise. The environment variable {FOLDER} may name the folder of MNIST's four files.",
    )
    parser.add_argument(
        "--only", nargs="+", metavar="PRESET", choices=PROMISES, help=f"some of {', '.join(PROMISES)}; by default all"
    )
    text = ", ".join(map(str, SEEDS))
    parser.add_argument(
        "--seeds", nargs="+", type=_seed, default=SEEDS, metavar="N", help=f"a run for each; by default {text}"
    )
    parser.add_argument("--out", type=Path, default=Path("results"), metavar="FOLDER", help="by default results")
    parser.add_argument("--again", action="store_true", help="forget earlier results; without it only what is missing")
    parser.add_argument("--download", action="store_true", help="download MNIST if it is not on this computer yet")
    return parser


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**31:
        raise argparse.ArgumentTypeError(f"a seed is a whole number from 0 on, not {text}")
    return int(text)


def _seeded(preset: Preset, seed: int) -> Preset:
    return dataclasses.replace(preset, training=dataclasses.replace(preset.training, seed=seed))


def _mnist(download: bool) -> Dataset:
    named = os.environ.get(FOLDER)
    if named:
        with refusing(DataError):
            return read_idx_folder(Path(named), id="mnist", title="MNIST")
    if not download and missing(MNIST, cache_folder() / "mnist"):
        raise CommandError(
            f"MNIST is not on this computer yet. Type --download to fetch it ({MNIST.size / 1e6:.0f} MB), or let "
            f"{FOLDER} name the folder of its four files."
        )
    return load_data("mnist", download)


def _trained(preset: Preset, dataset: Dataset) -> Outcome:
    """Train a preset with its own settings and measure it on the test images."""
    from convscope.cli.measuring import tested  # loads torch, for which wrong arguments do not wait
    from convscope.cli.running import trained
    from convscope.core.backend import use_threads

    threads = use_threads()
    last, history = trained(preset.network, preset.training, dataset)
    result = tested(preset.network, last.weights, dataset.test)
    return Outcome(
        preset.name,
        preset.training.seed,
        _settings(preset),
        history.epochs,
        result.loss,
        result.accuracy,
        versions(),
        threads,
    )


def _settings(preset: Preset) -> dict[str, object]:
    return {"network": preset.network.to_json(), "training": preset.training.to_json()}


def _is_of(outcome: Outcome, preset: Preset) -> bool:
    return outcome.preset == preset.name and outcome.settings == _settings(preset)  # the seed is one of them


def _is_current(outcome: Outcome) -> bool:
    return _is_of(outcome, _seeded(named_preset(outcome.preset), outcome.seed))


def _with(outcomes: Sequence[Outcome], new: Outcome) -> tuple[Outcome, ...]:
    """Return the outcomes with one more, in the place of that of the same preset and seed."""
    others = (other for other in outcomes if (other.preset, other.seed) != (new.preset, new.seed))
    return (*others, new)


def _in_order(outcomes: Sequence[Outcome]) -> list[Outcome]:
    names = list(PROMISES)
    return sorted(outcomes, key=lambda outcome: (names.index(outcome.preset), outcome.seed))
