"""What the user makes, as one value, and the one command by which it is undone and redone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from PySide6.QtGui import QUndoCommand

from convscope.core.data.drawing import Drawing
from convscope.core.history import History
from convscope.core.network import Network
from convscope.core.project import Project
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import NO_WEIGHTS, Weights, WeightsMark, carried_over, frozen

MERGE_SECONDS = 1.0  # turning a spin box is one step, not one for every value on the way


@dataclass(frozen=True, eq=False)
class Document:
    """Network, weights, settings, drawing and curves, which a file holds, and what else undo brings back.

    Attributes:
        switched_off: Maps, by layer name and channel, that the trace takes as zero; training uses all.
    """

    network: Network = field(default_factory=Network)
    weights: Weights = field(default_factory=lambda: NO_WEIGHTS)
    config: TrainingConfig = field(default_factory=TrainingConfig)
    drawing: Drawing = field(default_factory=Drawing)
    history: History = field(default_factory=History)
    switched_off: frozenset[tuple[str, int]] = frozenset()


def with_weights(document: Document) -> Document:
    """Return the document with weights drawn where layers have none."""
    config = document.config
    carried = carried_over(document.weights, document.network, config.seed, config.initialisation)
    return dataclasses.replace(document, weights=carried.weights)


def document_of(project: Project) -> Document:
    """Return what a file holds; its curves are those of its network and weights, unless it says otherwise."""
    p = project
    mark = WeightsMark.lost() if p.history_is_former else WeightsMark(p.weights)
    history = dataclasses.replace(p.history, network=p.network, weights=mark)
    return Document(p.network, p.weights, p.config, p.drawing, history)


def differences(before: Document, after: Document) -> dict[str, Any]:
    """Return the fields of `after` that are other objects than in `before`."""
    names = [f.name for f in dataclasses.fields(Document)]
    return {name: getattr(after, name) for name in names if getattr(after, name) is not getattr(before, name)}


def reapplied(current: Document, before: Document, after: Document) -> Document:
    """Return `current` with the step from `before` to `after` done to it.

    Training goes on between edits. So only the fields that the step changes are set, and of the weights only the arrays
    that it changes: undoing the edit of one layer keeps what the others have learned since.
    """
    changes = differences(before, after)
    if "weights" in changes:
        changes["weights"] = _reapplied_weights(current.weights, before.weights, after.weights)
    return dataclasses.replace(current, **changes)


def _reapplied_weights(current: Weights, before: Weights, after: Weights) -> Weights:
    kept = {key: current[key] if before.get(key) is array and key in current else array for key, array in after.items()}
    # Neither side knows what was drawn on request since; whoever sets the document knows which of it fits.
    drawn = {key: array for key, array in current.items() if key not in before and key not in after}
    return frozen({**kept, **drawn})


_BLANK = Document()


def _only(document: Document, fields: Iterable[str]) -> Document:
    """Return a document that has only some fields in common with another; the rest is always the same."""
    return dataclasses.replace(_BLANK, **{name: getattr(document, name) for name in fields})


class Change(QUndoCommand):
    """A step from one document to another."""

    def __init__(
        self,
        text: str,
        before: Document,
        after: Document,
        current: Callable[[], Document],
        apply: Callable[[Document], None],
    ) -> None:
        super().__init__(text)
        # The rest is not kept: each moment of a training run has weights of its own, a megabyte or more.
        self._fields = differences(before, after).keys()
        self._before = _only(before, self._fields)
        self._after = _only(after, self._fields)
        self._current = current
        self._apply = apply
        self._made = monotonic()

    def redo(self) -> None:
        """Do the step, at first when it is pushed."""
        self._before = self._with_what_was_learned(self._before, self._after)
        self._apply(reapplied(self._current(), self._before, self._after))

    def undo(self) -> None:
        """Take the step back."""
        self._after = self._with_what_was_learned(self._after, self._before)
        self._apply(reapplied(self._current(), self._after, self._before))

    def _with_what_was_learned(self, side: Document, other: Document) -> Document:
        """Return the side that is about to be left, with weights and curves as training has made them meanwhile."""
        now = self._current()
        changes: dict[str, Any] = {"history": now.history} if "history" in self._fields else {}
        if "weights" in self._fields:
            changes["weights"] = frozen(
                {
                    key: array if other.weights.get(key) is array else now.weights.get(key, array)
                    for key, array in side.weights.items()
                }
            )
        return dataclasses.replace(side, **changes)

    def id(self) -> int:
        """Say that steps of this kind may be merged."""
        return 1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take a step of the same name in, when it follows at once."""
        if not isinstance(other, Change) or other.text() != self.text() or not self.text().startswith("Change "):
            return False
        if other._made - self._made > MERGE_SECONDS or other._fields != self._fields:
            return False
        self._after, self._made = other._after, other._made
        return True
