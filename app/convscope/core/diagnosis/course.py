"""How a reading changes from epoch to epoch: only when the evidence for another one has held."""

from __future__ import annotations

from dataclasses import dataclass

from convscope.core.diagnosis.evidence import judged
from convscope.core.diagnosis.kinds import Kind
from convscope.core.diagnosis.measures import JUMP_WINDOW, Measures
from convscope.core.history import EpochPoint

HOLD = 2  # epochs in a row that must speak for another kind
CALM = JUMP_WINDOW  # the same, to take back that curves are erratic: a window without jumps
RETURN = 8  # the same, for one that was said before: curves on the border between two are not read anew each time


@dataclass(frozen=True)
class Course:
    """What was read until an epoch, and what the latest epochs speak for.

    Attributes:
        epochs: How many are judged.
        newest: The last of them, by which a history is known again.
        kind: What is said.
        candidate: What the latest epochs speak for, where that is another kind.
        held: How many of them in a row.
        former: What was said before, without `Kind.TOO_EARLY`.
        agreed: The latest epoch that spoke for `kind`; 0 before there was one.
    """

    epochs: int = 0
    newest: EpochPoint | None = None
    kind: Kind = Kind.TOO_EARLY
    candidate: Kind | None = None
    held: int = 0
    former: frozenset[Kind] = frozenset()
    agreed: int = 0


def continued(course: Course, measures: Measures, points: tuple[EpochPoint, ...]) -> Course:
    """Return the course after all epochs, each judged by what was known when it ended.

    So a run that is read at every epoch and one that is read at its end are read alike.
    """
    for epochs in range(course.epochs + 1, len(measures) + 1):
        found = judged(measures.until(epochs), course.kind)
        course = _after(course, found, epochs, points[epochs - 1])
    return course


def _after(course: Course, found: Kind | None, epoch: int, point: EpochPoint) -> Course:
    kind, former = course.kind, course.former
    if found is None or found is kind:
        agreed = epoch if found is kind else course.agreed
        return Course(epoch, point, kind, None, 0, former, agreed)
    held = course.held + 1 if found is course.candidate else 1
    if held < (RETURN if found in former else CALM if kind is Kind.ERRATIC else HOLD):
        return Course(epoch, point, kind, found, held, former, course.agreed)
    former = former | {kind} - {Kind.TOO_EARLY}
    return Course(epoch, point, found, None, 0, former, epoch)
