"""The records that a session keeps of its training runs.

A record begins with the first batch of a run and is brought up to date while that goes on, also when Train is pressed
again after its last epoch. Whatever makes the next Train start a run with curves of its own (another network, other
weights, Stop, settings that a run cannot take over) ends it. Undo and redo leave records alone.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QObject, Signal

from convscope.core.data.dataset import Dataset
from convscope.core.presets import usable_presets
from convscope.core.report import smallest_batch
from convscope.core.run_text import network_text
from convscope.core.runs import COLOURS, MAX_NAME, MAX_NOTE, RunRecord, bounded, next_colour, with_shown
from convscope.core.snapshot import Snapshot
from convscope.core.training_config import LIVE, TrainingConfig
from convscope.core.weights import is_as_drawn
from convscope.ui.document import Document
from convscope.ui.session_run import RunSession

_TAKEN_OVER = LIVE - {"initialisation"}  # which says nothing about a run that has begun


class RecordingSession(RunSession):
    """A session that remembers its runs.

    Signals:
        runs_changed: A run began, ended an epoch or ended, or what the user says about one is new. Single batches are
            not told.
    """

    runs_changed = Signal()

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(document, parent)
        self._runs: tuple[RunRecord, ...] = ()
        self._beginning: RunRecord | None = None  # of a run whose first batch is not done
        self._recorded = 0  # the id of the run that goes on
        self._handed_on: TrainingConfig | None = None  # new settings of it, with which no batch is done yet
        self._next_id = 1

    @property
    def runs(self) -> tuple[RunRecord, ...]:
        """All runs that are remembered, the oldest first."""
        return self._runs

    @property
    def present_run(self) -> RunRecord | None:
        """The run whose curves are the session's; None where no record has them."""
        if self._recorded:
            return self.run_of(self._recorded)
        return next((run for run in self._runs if run.history is self.history), None)

    @property
    def goes_on(self) -> int:
        """The id of the run that is trained or can be trained on; 0 where there is none."""
        return self._recorded

    def run_of(self, id: int) -> RunRecord | None:
        """Return the run of that id, None where it is forgotten."""
        return next((run for run in self._runs if run.id == id), None)

    def describe_run(
        self, id: int, *, name: str | None = None, note: str | None = None, colour: int | None = None
    ) -> None:
        """Change what the user says about a run; None leaves it as it is, an empty name gives it its number."""
        changes: dict[str, Any] = {}
        if name is not None:
            changes["name"] = " ".join(name.split())[:MAX_NAME]
        if note is not None:
            changes["note"] = note.strip()[:MAX_NOTE]
        if colour is not None:
            changes["colour"] = colour % COLOURS
        run = self.run_of(id)
        if changes.get("name") == f"Run {id}":  # its number, left as it was
            changes["name"] = ""
        if run is not None and any(getattr(run, field) != value for field, value in changes.items()):
            self._update(id, **changes)
            self.runs_changed.emit()

    def show_runs(self, ids: Collection[int]) -> None:
        """Lay these runs over the plots, and no others; each in a colour of its own, as far as there are enough."""
        if {run.id for run in self._runs if run.shown} != set(ids) & {run.id for run in self._runs}:
            self._runs = with_shown(self._runs, ids)
            self.runs_changed.emit()

    def delete_runs(self, ids: Collection[int]) -> None:
        """Forget runs; network, weights and curves of the session stay as they are."""
        kept = tuple(run for run in self._runs if run.id not in ids)
        if len(kept) < len(self._runs):
            self._runs = kept
            self.runs_changed.emit()

    def _new_run(self, dataset: Dataset) -> bool:
        """Prepare a record; one that never finishes a batch leaves none."""
        if not super()._new_run(dataset):
            return False
        document, self._handed_on = self._document, None
        self._beginning = RunRecord(
            self._next_id,
            document.network,
            document.config,
            title=_title(document),
            dataset_id=dataset.id,
            dataset_title=dataset.title,
            origin=self._origin(document),
            colour=next_colour(self._runs),
        )
        return True

    def _end_run(self) -> None:
        self._beginning = None
        ended, self._recorded = self._recorded, 0
        super()._end_run()
        if ended:
            self._runs = bounded(self._runs, ended)
            self.runs_changed.emit()

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        began = self._begin_record(snapshot)
        super()._take_snapshot(snapshot)
        if not self._recorded:  # somebody ended the run meanwhile
            return
        news: dict[str, Any] = {"problem": self.run_problem} if snapshot.problem else {}
        if snapshot.batch_losses.size:
            news |= self._taken_over()
        self._update(self._recorded, history=self._document.history, weights=snapshot.weights, **news)
        if began or snapshot.points or news:
            self.runs_changed.emit()

    def _begin_record(self, snapshot: Snapshot) -> bool:
        """Remember the run from its first batch on, or from its failure in that; say whether that is new."""
        if self._beginning is None or not (snapshot.batch_losses.size or snapshot.problem):
            return False
        began, self._beginning = self._beginning, None
        self._recorded, self._next_id = began.id, began.id + 1
        self._runs = bounded((*self._runs, began), began.id)
        return True

    def _fail_run(self, error: Exception) -> None:
        if self._recorded:
            self._update(self._recorded, problem=str(error))
            self.runs_changed.emit()
        super()._fail_run(error)

    def _hand_on_config(self, old: TrainingConfig) -> None:
        super()._hand_on_config(old)
        if self._run is not None and self.config.batch_size >= smallest_batch(self.network):
            self._handed_on = self.config

    def _hand_on_network(self, old: Document) -> bool:
        goes_on = super()._hand_on_network(old)
        if goes_on and self._recorded:
            self._update(self._recorded, history=self._document.history)  # the same curves, of the network as it is now
        return goes_on

    def _taken_over(self) -> dict[str, Any]:
        """Return what is new in the record now that a batch was trained with what was handed on."""
        run, handed_on, self._handed_on = self.run_of(self._recorded), self._handed_on, None
        if run is None:
            return {}
        news: dict[str, Any] = {}
        if self.network != run.network_now:
            news["latest_network"] = self.network
        before = run.latest or run.config
        if handed_on is not None:
            latest = dataclasses.replace(before, **{name: getattr(handed_on, name) for name in _TAKEN_OVER})
            news |= {} if latest == before else {"latest": latest}
        return news

    def _update(self, id: int, **changes: Any) -> None:
        self._runs = tuple(dataclasses.replace(run, **changes) if run.id == id else run for run in self._runs)

    def _origin(self, document: Document) -> str:
        """Return where a run begins, in words; empty where that is with the weights that its seed draws."""
        config, weights = document.config, document.weights
        if is_as_drawn(document.network, weights, config.seed, config.initialisation):
            return ""
        for run in reversed(self._runs):
            if run.has_weights and all(weights.get(key) is array for key, array in run.weights.items()):
                return f"the weights of {run.label}"
        return "other weights, trained or changed before"


def _title(document: Document) -> str:
    """Return what a network is called: as the preset whose layers it has, else by what it is made of."""
    same = [preset for preset in usable_presets()[0] if preset.network.layers == document.network.layers]
    same.sort(key=lambda preset: preset.training != document.config)
    return same[0].title if same else network_text(document.network)
