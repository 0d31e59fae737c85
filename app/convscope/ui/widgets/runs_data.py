"""A row of the table of runs: what stands in its cells, and by what they are sorted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from convscope.core.number_text import loss_text
from convscope.core.run_text import settings_text
from convscope.core.runs import RunRecord
from convscope.ui.widgets.curve_data import percent_text

SortKey = str | float | None
NOTHING = "–"


@dataclass(frozen=True)
class RunRow:
    """A run as the table shows it.

    Attributes:
        run: The run.
        state: What it is doing, or what is missing of it, in a word or two.
        is_present: Whether its curves are the ones that are plotted.
    """

    run: RunRecord
    state: str = ""
    is_present: bool = False


@dataclass(frozen=True)
class RunColumn:
    """One column.

    Attributes:
        heading: Its head; the lines of it stand below each other.
        help: A sentence about it.
        text: What stands in a cell.
        key: What a cell is sorted by; None comes last, whichever way it is sorted.
        sample: The widest usual text, by which the column is as wide as needed.
        is_number: Whether it stands on the right.
        edits: "name" or "note", where a cell can be changed in place.
    """

    heading: str
    help: str
    text: Callable[[RunRow], str]
    key: Callable[[RunRow], SortKey]
    sample: str
    is_number: bool = True
    edits: str = ""


def row_of(run: RunRecord, doing: str, *, is_present: bool) -> RunRow:
    """Return the row of a run; `doing` says whether it is being trained."""
    missing = "" if run.has_weights else "no weights left"
    state = [doing, "failed" if run.problem else "", missing]
    if is_present and not doing:
        state.insert(0, "in the plots")
    return RunRow(run, ", ".join(filter(None, state)), is_present)


def _percent(value: float | None) -> str:
    return NOTHING if value is None else percent_text(100 * value)


def _loss(value: float | None) -> str:
    return NOTHING if value is None else loss_text(value)


def seconds_text(seconds: float) -> str:
    """Return a time as 0.8 s, 45 s, 3:07 or 1:02:03."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


COLUMNS = (  # the first four are read where the panel is narrow
    RunColumn(
        "Run",
        "Check it to lay its curves over the plots. F2 or a double click changes the name. Sorted by when it began.",
        lambda row: row.run.label,
        lambda row: row.run.id,
        "Run 88",
        is_number=False,
        edits="name",
    ),
    RunColumn(
        "Best\naccuracy",
        "The highest validation accuracy after any epoch.",
        lambda row: _percent(row.run.summary.best_accuracy),
        lambda row: row.run.summary.best_accuracy,
        "100.00 %",
    ),
    RunColumn(
        "Best\nloss",
        "The lowest validation loss after any epoch.",
        lambda row: _loss(row.run.summary.best_loss),
        lambda row: row.run.summary.best_loss,
        "0.00123",
    ),
    RunColumn(
        "Epochs",
        "How many epochs ended.",
        lambda row: f"{row.run.summary.epochs:,}",
        lambda row: row.run.summary.epochs,
        "Epochs",
    ),
    RunColumn(
        "Last\naccuracy",
        "The validation accuracy after the last epoch.",
        lambda row: _percent(row.run.summary.last_accuracy),
        lambda row: row.run.summary.last_accuracy,
        "100.00 %",
    ),
    RunColumn(
        "Last\nloss",
        "The validation loss after the last epoch.",
        lambda row: _loss(row.run.summary.last_loss),
        lambda row: row.run.summary.last_loss,
        "0.00123",
    ),
    RunColumn(
        "Time",
        "How long they took, without pauses.",
        lambda row: seconds_text(row.run.summary.seconds) if row.run.summary.epochs else NOTHING,
        lambda row: row.run.summary.seconds if row.run.summary.epochs else None,
        "59:59",
    ),
    RunColumn(
        "Settings",
        "The settings it began with, as far as they are not the usual ones.",
        lambda row: settings_text(row.run.config),
        lambda row: settings_text(row.run.config).casefold(),
        "SGD with momentum 0.001, batch 64",
        is_number=False,
    ),
    RunColumn(
        "Network",
        "What was trained.",
        lambda row: row.run.title,
        lambda row: row.run.title.casefold(),
        "2 convolutions, 2 dense layers",
        is_number=False,
    ),
    RunColumn(
        "Parameters",
        "Values that the network keeps.",
        lambda row: f"{row.run.network.report.parameters:,}",
        lambda row: row.run.network.report.parameters,
        "10,000,000",
    ),
    RunColumn(
        "State",
        "What it is doing, or what is missing of it.",
        lambda row: row.state,
        lambda row: row.state or None,
        "no weights left",
        is_number=False,
    ),
    RunColumn(
        "Note",
        "Your own words; F2 or a double click changes them.",
        lambda row: row.run.note,
        lambda row: row.run.note.casefold() or None,
        "Something to remember",
        is_number=False,
        edits="note",
    ),
)
NAME, NOTE = 0, len(COLUMNS) - 1
