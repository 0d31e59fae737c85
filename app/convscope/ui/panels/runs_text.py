"""What the panel of runs says about one run, and about two of them."""

from __future__ import annotations

from convscope.core.number_text import loss_text
from convscope.core.run_text import changes_meanwhile, differences, settings_text
from convscope.core.runs import RunRecord
from convscope.ui.widgets.curve_data import percent_text

INVITATION = (
    "No run yet. Press Train: every run is kept here with its network, settings, curves and weights for as long as the "
    "program is open."
)
KEPT = "Runs are kept for as long as the program is open; a project file holds the present one."
_MOST = 6  # differences that are told


def described(run: RunRecord) -> str:
    """Return what there is to know of a run beside its figures, in a few short sentences."""
    origin = run.origin or f"weights newly drawn from seed {run.config.seed}"
    sentences = [
        f"{run.label}: {run.title} on {run.dataset_title}, {settings_text(run.config)}.",
        f"Began at {run.started:%H:%M:%S} with {origin}.",
    ]
    if meanwhile := changes_meanwhile(run):
        sentences.append(f"Changed while it went on: {_listed(meanwhile)}.")
    if run.problem:
        sentences.append(run.problem)
    if not run.has_weights:
        sentences.append("Its weights had to make room for newer ones; Train again makes them anew.")
    if run.origin:
        sentences.append("Train again begins with new weights, so its numbers will differ.")
    return " ".join(sentences)


def compared(one: RunRecord, other: RunRecord) -> str:
    """Return what differs between two runs, and what came of it."""
    done = differences(one, other)
    what = _listed(done) if done else "the same data, network and settings"
    return f"{one.label} → {other.label}: {what}. {_outcome(one, other)}".strip()


def _outcome(one: RunRecord, other: RunRecord) -> str:
    before, after = one.summary, other.summary
    parts: list[str] = []
    if before.best_accuracy is not None and after.best_accuracy is not None:
        values = (percent_text(100 * value) for value in (before.best_accuracy, after.best_accuracy))
        parts.append(f"best accuracy {' → '.join(values)}")
    if before.best_loss is not None and after.best_loss is not None:
        parts.append(f"best loss {loss_text(before.best_loss)} → {loss_text(after.best_loss)}")
    text = ", ".join(parts)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def _listed(texts: list[str] | tuple[str, ...]) -> str:
    left = len(texts) - _MOST
    return "; ".join(texts[:_MOST]) + (f"; and {left} more" if left > 0 else "")
