"""What trained presets came to: one outcome for each run, kept in a JSON file and shown as a table."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convscope.cli.commands import CommandError
from convscope.cli.promises import Promise
from convscope.cli.report import as_json_text
from convscope.core.files import write_whole
from convscope.core.history import EpochPoint

FORMAT = 1
_HEADINGS = (
    "Preset",
    "Seeds",
    "Epochs",
    "Seconds",
    "Test accuracy",
    "Validation − training loss",
    "What the lecture promises",
    "Kept",
)


@dataclass(frozen=True)
class Outcome:
    """One run of a preset.

    Attributes:
        preset: Its name.
        seed: What the run began with.
        settings: Network and training settings as JSON, so that a changed preset is trained anew.
        points: What was measured after each epoch.
        test_loss: Mean loss of the test images at the end.
        test_accuracy: Fraction of them that was classified correctly.
        versions: On which versions the numbers depend.
        threads: On how many threads torch computed.
    """

    preset: str
    seed: int
    settings: Mapping[str, Any]
    points: tuple[EpochPoint, ...]
    test_loss: float
    test_accuracy: float
    versions: Mapping[str, str]
    threads: int

    @property
    def seconds(self) -> float:
        """How long training and validation took."""
        return sum(point.seconds for point in self.points)

    @property
    def gap(self) -> float:
        """Validation loss less training loss of the last epoch: much above 0 is learning by heart."""
        return self.points[-1].validation_loss - self.points[-1].train_loss


def read_outcomes(path: Path) -> tuple[Outcome, ...]:
    """Return the outcomes of a file that `write_outcomes` wrote; none where there is no file.

    Raises:
        CommandError: The file is damaged or foreign.
    """
    try:
        values = json.loads(path.read_text("utf-8"))
        if values["format"] != FORMAT:
            raise ValueError(values["format"])
        return tuple(_outcome(run) for run in values["runs"])
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CommandError(f"{path} holds no results that can be read. Remove it, or name another file.") from error


def write_outcomes(path: Path, outcomes: Iterable[Outcome], promises: Mapping[str, Promise]) -> None:
    """Write outcomes as JSON, each with what was promised of it and whether that was kept.

    Raises:
        CommandError: The file cannot be written.
    """
    outcomes = tuple(outcomes)
    runs = [_as_json(outcome, outcomes, promises) for outcome in outcomes]
    _write(path, as_json_text({"format": FORMAT, "runs": runs}, indent=2))


def write_table(path: Path, table: str) -> None:
    """Write a table.

    Raises:
        CommandError: The file cannot be written.
    """
    _write(path, table)


def as_markdown(outcomes: Sequence[Outcome], promises: Mapping[str, Promise]) -> str:
    """Return a table with a row for each preset, in the order of `promises`, and how to read it."""
    lines = [f"| {' | '.join(_HEADINGS)} |", "|---|---|---:|---:|---|---|---|---|"]
    for name, promise in promises.items():
        runs = [outcome for outcome in outcomes if outcome.preset == name]
        if runs:
            lines.append(f"| {' | '.join(_cells(runs, promise, outcomes))} |")
    return "\n".join(lines) + "\n\n" + _legend(outcomes)


def _cells(runs: Sequence[Outcome], promise: Promise, outcomes: Sequence[Outcome]) -> list[str]:
    """Return the row of one preset; runs differ in their seeds."""
    last = runs[0]
    accuracies = ", ".join(f"{100 * run.test_accuracy:.2f}" for run in runs) + " %"
    if math.isnan(last.test_accuracy):
        accuracies = "loss " + ", ".join(f"{run.test_loss:.4f}" for run in runs)
    return [
        f"`{last.preset}`",
        ", ".join(str(run.seed) for run in runs),
        str(len(last.points)),
        f"{sum(run.seconds for run in runs) / len(runs):.0f}",
        accuracies,
        ", ".join(f"{round(run.gap, 3) + 0.0:+.3f}" for run in runs),
        promise.text,
        _kept([promise.is_kept(run, outcomes) for run in runs]),
    ]


def _kept(answers: Sequence[bool | None]) -> str:
    known = [answer for answer in answers if answer is not None]
    if not known:
        return "not known yet"
    if len(known) == 1 or sum(known) in (0, len(known)):
        return "yes" if all(known) else "no"
    return f"{sum(known)} of {len(known)}"


def _legend(outcomes: Sequence[Outcome]) -> str:
    if not outcomes:
        return "No preset has been trained.\n"
    versions, threads = outcomes[-1].versions, outcomes[-1].threads
    count = "1 thread" if threads == 1 else f"{threads} threads"
    lines = (
        "Accuracies are those of MNIST's 10,000 test images after the last epoch, and so are the losses of the gap;",
        "the presets validate on the test images, too. `height-mlp` learns the heights of ten people.",
        f"Seconds are the mean of a run, validation included, on {count}, torch {versions.get('torch', '')},",
        f"Python {versions.get('python', '')}.",
    )
    return " ".join(lines) + "\n"


def _as_json(outcome: Outcome, outcomes: Sequence[Outcome], promises: Mapping[str, Promise]) -> dict[str, Any]:
    values = dataclasses.asdict(outcome) | {"seconds": outcome.seconds, "gap": outcome.gap}
    promise = promises.get(outcome.preset)
    if promise is not None:
        values |= {"promise": promise.text, "kept": promise.is_kept(outcome, outcomes)}
    return values


def _outcome(values: Mapping[str, Any]) -> Outcome:
    names = {field.name for field in dataclasses.fields(Outcome)}
    points = tuple(EpochPoint(**_with_numbers(point)) for point in values["points"])
    if not points:
        raise ValueError("a run without epochs")
    known: dict[str, Any] = {name: value for name, value in values.items() if name in names}
    arguments: dict[str, Any] = _with_numbers(known)
    arguments["points"] = points
    return Outcome(**arguments)


def _with_numbers(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with "not a number" for null, as JSON has it."""
    return {name: math.nan if value is None else value for name, value in values.items()}


def _write(path: Path, text: str) -> None:
    try:
        write_whole(path, text.rstrip("\n").encode() + b"\n")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror or error}.", status=1) from error
