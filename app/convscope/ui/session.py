"""The one mutable object: what the user makes, the data, the run and the selection.

How an edit travels:

1. A widget announces a wish by a signal; its panel calls `edit` with the new value.
2. `edit` makes the document that follows, draws weights where layers need other ones, and pushes one `Change`.
3. The change sets the new document; the session emits what is new: `network_changed`, `weights_changed`…
4. The image is asked for its new trace, on a thread of its own; `trace_changed` follows a few milliseconds later.
5. The panels hand the new values to their widgets, which draw them.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from PySide6.QtCore import QObject, QTimer

from convscope.core.data.dataset import Dataset
from convscope.core.data.drawing import Drawing, network_image
from convscope.core.data.sources import source_of
from convscope.core.history import History
from convscope.core.large import adapted, data_misfit, is_large, is_traced_live, memory_text
from convscope.core.network import Network
from convscope.core.presets import Preset
from convscope.core.project import Project
from convscope.core.report import smallest_batch
from convscope.core.snapshot import Snapshot
from convscope.core.training_config import LIVE, TrainingConfig
from convscope.core.weights import DRAWN_AT_ONCE, NO_WEIGHTS, Array, Weights, carried_over, frozen, missing_bytes
from convscope.ui.data_loading import DataLoading
from convscope.ui.document import Change, Document, differences, document_of
from convscope.ui.run_state import RunState
from convscope.ui.session_values import SessionValues
from convscope.ui.tracing import Question, Tracing
from convscope.ui.training_run import TrainingRun

DIGIT_SOURCES = ("generated", "mnist")  # what goes with a project that names no data


class Session(SessionValues):
    """What is open in the window, and all that can be done to it."""

    def __init__(self, document: Document | None = None, parent: QObject | None = None) -> None:
        super().__init__(_with_weights(document or Document()), parent)
        self._told_waiting = ""  # what views have shown of it last
        self._random: WeakValueDictionary[str, Array] = WeakValueDictionary()  # weights that were drawn on request
        self._wanted_start = ""  # the method of a run to call when the data are there
        self._previewed: Weights = NO_WEIGHTS  # arrays that are being changed by the mouse
        self._former_history = self.history  # to come back when a run cannot start
        self._dataset_id = ""  # of the data that the document belongs to
        self.undo_stack.setUndoLimit(200)
        self.undo_stack.cleanChanged.connect(self.modified_changed)
        self._tracing = Tracing(self)
        self._tracing.traced.connect(self._take_trace)
        self._tracing.devices_found.connect(self._take_devices)
        self._tracing.failed.connect(self._tell_failure)
        self._large.traced.connect(self._take_large_trace)
        self._large.progress_changed.connect(self._tell_computing)
        self._large.failed.connect(self._tell_failure)

    def edit(self, text: str, **changes: Any) -> None:
        """Change parts of the document in one step that can be undone.

        Args:
            text: What the step is called in the Undo menu.
            changes: New values by the names of `Document`'s fields. Weights follow a new network by themselves.
        """
        after = dataclasses.replace(self._document, **changes)
        redrawn: tuple[str, ...] = ()
        if "network" in changes and "weights" not in changes:
            carried = carried_over(self.weights, after.network, self.config.seed, self.config.initialisation)
            after = dataclasses.replace(after, weights=carried.weights)
            redrawn = carried.drawn
        if differences(self._document, after):
            trained = self._run_state.is_active
            self.undo_stack.push(Change(text, self._document, after, lambda: self._document, self._apply))
            if redrawn:  # after the step, whose own message it completes
                ended = "The training run was ended. " if trained and not self._run_state.is_active else ""
                names = ", ".join(redrawn)
                self.message_shown.emit(f"{ended}{text}: the shapes changed, so these layers start anew: {names}")

    def preview_drawing(self, drawing: Drawing) -> None:
        """Show a drawing whose stroke is not finished; `edit` makes it last."""
        self._see(drawing, trace=is_traced_live(self.network))

    def preview_weights(self, changed: Weights) -> None:
        """Show what the network makes of the image with other arrays; `edit` makes them last.

        Args:
            changed: Those that differ, by their names; none of them ends the preview.
        """
        self._previewed = changed
        self._ask()

    def select(self, index: int) -> None:
        """Select a layer; -1 is the input."""
        index = max(-1, min(index, len(self.network.layers) - 1))
        if index != self._selected:
            self._selected = index
            self.selection_changed.emit()

    def start(self) -> None:
        """Begin to trace; the window calls it when it is on the screen, because this loads torch."""
        self._ask()
        if not is_traced_live(self.network):  # which may never be traced
            self._tracing.warm_up()

    def draw_and_run(self) -> None:
        """Draw the weights that a large network lacks, and send the image through it once, with progress."""
        self.message_shown.emit(f"This network {memory_text(self.network, self.weights)}")
        self._large.run(self._question(), self.config)

    def cancel_computing(self) -> None:
        """End the forward pass of a large network; weights it has drawn are forgotten."""
        self._large.cancel()

    def train(self) -> None:
        """Start a run, or go on with one that pauses; after its last epoch train as many again."""
        self._go_on("train")

    def step_batch(self) -> None:
        """Train on one batch."""
        self._go_on("step_batch")

    def step_epoch(self) -> None:
        """Train to the end of the epoch."""
        self._go_on("step_epoch")

    def pause(self) -> None:
        """Let the run rest after the present batch."""
        if self._run is not None:
            self._run.pause()

    def stop(self) -> None:
        """End the run; weights and curves stay."""
        self._wanted_start = ""
        self._end_run()

    def reset_weights(self) -> None:
        """Draw all weights anew and clear the curves, in one step that can be undone."""
        self.stop()
        weights = carried_over(NO_WEIGHTS, self.network, self.config.seed, self.config.initialisation).weights
        self.edit("Reset weights", weights=weights, history=History())

    def change_dataset(self, source_id: str, folder: Path | None = None, *, download: bool = False) -> None:
        """Load another data set; the present one stays until it is there."""
        self._abandon_loading()
        self._loading = DataLoading(source_id, folder, download, self)
        self._loading.progressed.connect(self.loading_changed)
        self._loading.loaded.connect(self._take_dataset)
        self._loading.download_needed.connect(self._ask_for_download)
        self._loading.failed.connect(self._fail_loading)
        self.loading_changed.emit()

    def cancel_loading(self) -> None:
        """Keep the present data set after all; a run that waits for another one is given up."""
        self._wanted_start = ""
        self._abandon_loading()
        self._end_waiting()

    def load_preset(self, preset: Preset) -> None:
        """Put a preset in the place of network and settings, with new weights."""
        network = preset.network
        if self._dataset is not None:
            network = adapted(network, self._dataset.image_shape, self._dataset.classes)
        weights = carried_over(NO_WEIGHTS, network, preset.training.seed, preset.training.initialisation).weights
        new = {"config": preset.training, "history": History(), "switched_off": Document().switched_off}
        self.edit(f"Choose {preset.title}", network=network, weights=weights, **new)
        self.select(0)
        hint = self.waiting or "the weights are new. Press Train."
        self.message_shown.emit(f"{preset.title}: {hint}")

    def project(self) -> Project:
        """Return what a file holds; of a large network without the random weights, which the seed gives again."""
        d = self._document
        weights = {key: array for key, array in d.weights.items() if self._random.get(key) is not array}
        if missing_bytes(d.network, weights) <= DRAWN_AT_ONCE:
            weights = d.weights
        return Project(d.network, weights, d.config, d.history, d.drawing, self._dataset_id)

    def open_project(self, project: Project) -> None:
        """Put a project in the place of everything; what was undone before cannot come back."""
        document = _with_weights(document_of(project))
        self.stop()
        was_loading = self._loading is not None
        self._abandon_loading()
        self.undo_stack.clear()
        self._apply(document)
        self.note_saved()
        self._dataset_id = project.dataset_id
        suitable = (project.dataset_id,) if project.dataset_id else DIGIT_SOURCES
        present = self._dataset.id if self._dataset is not None else ""
        if present not in suitable and (present or was_loading or project.dataset_id):
            self.change_dataset(*source_of(suitable[0]))

    def note_saved(self) -> None:
        """Take the document as saved."""
        self._trained = False
        self.undo_stack.setClean()
        self.modified_changed.emit()

    def close(self) -> None:
        """End all work; the threads end soon after."""
        self.stop()
        self.cancel_loading()
        self._tracing.stop()
        self._large.stop()

    def _apply(self, document: Document) -> None:
        """Set a document and tell what is new in it."""
        if is_large(document.network) or is_large(self.network):
            document = _with_weights(document)  # a step back knows nothing of weights that were drawn since
        old, self._document = self._document, document
        changes = differences(old, document)
        if changes.keys() & {"network", "weights"}:
            self._gradients, self._previewed = NO_WEIGHTS, NO_WEIGHTS
            if self._run is not None:
                if self._run_state.is_active:
                    what = "network" if "network" in changes else "weights"
                    self.message_shown.emit(f"The {what} changed, so the training run was ended.")
                self._end_run()
        if "config" in changes:
            self._hand_on_config(old.config)
        if "drawing" in changes or old.network.input_shape != document.network.input_shape:
            self._see(document.drawing)
        selected = self._selected
        if "network" in changes:  # before anything is told, so that nobody looks for a layer that has gone
            self._selected = self._followed(old.network)
            self.inspection.follow(document.network)
        for name in ("network", "weights", "config", "history", "switched_off"):
            if name in changes:
                getattr(self, f"{name}_changed").emit()
        if self._selected != selected or (selected >= 0 and self._has_replaced(selected, old.network)):
            self.selection_changed.emit()
        if changes.keys() & {"network", "weights", "switched_off"}:
            QTimer.singleShot(0, self, self._ask)  # in a turn of its own: the thread that answers slows this one down

    def _see(self, drawing: Drawing, *, trace: bool = True) -> None:
        self._image = network_image(drawing, self.network.input_shape)
        self.drawing_changed.emit()
        if trace:
            self._ask()

    def _ask(self) -> None:
        """Trace the image, as soon as the newest question of a small network or a pass of a large one allows."""
        if is_traced_live(self.network):
            self._large.cancel()
            self._tracing.ask(self._question())
        else:
            self._large.ask(self._question(), self.config)

    def _question(self) -> Question:
        weights = frozen({**self.weights, **self._previewed}) if self._previewed else self.weights
        return self.network, weights, self._image, self.switched_off

    def _tell_computing(self) -> None:
        self.computing_progressed.emit()
        former, self._told_waiting = self._told_waiting, self.waiting
        if self._told_waiting != former:
            self.computing_changed.emit()

    def _take_large_trace(self, trace: Any) -> None:
        if trace.network is not self.network:  # edited in this very moment
            return
        if self.lacks_weights:
            self._document = dataclasses.replace(self._document, weights=trace.weights)
            self._random.update(trace.weights)
            self.weights_changed.emit()
        self._take_trace(trace)
        self._told_waiting = ""  # by the trace
        if trace.image is not self._image or trace.switched_off != self.switched_off:
            self._ask()

    def _take_trace(self, trace: Any) -> None:
        first, self._trace = self._trace is None, trace
        self.trace_changed.emit()
        if first:  # torch is loaded; what training needs beyond that comes after the first picture
            self._tracing.warm_up()

    def _take_devices(self, found: tuple[tuple[tuple[str, str], ...], int]) -> None:
        self._devices, self._threads = found
        self.devices_changed.emit()

    def _followed(self, old: Network) -> int:
        """Return where the selected layer is now, or the nearest place when it has gone."""
        if self._selected < 0:
            return -1
        try:
            return self.network.index_of(old.layers[self._selected].name)
        except KeyError:
            return min(self._selected, len(self.network.layers) - 1)

    def _has_replaced(self, index: int, old: Network) -> bool:
        """Say whether another layer stands at a place than before."""
        return index < len(self.network.layers) and self.network.layers[index].name != old.layers[index].name

    def _go_on(self, how: str) -> None:
        if self._dataset is None:
            self._wanted_start = how
            if self._loading is None:
                self.change_dataset("generated")
            self._set_run_state(RunState.LOADING)
            return
        fresh = self._run is None or self._run_state is RunState.FAILED
        if fresh and not self._new_run(self._dataset):
            return
        assert self._run is not None
        getattr(self._run, how)()
        self._set_run_state(self._run.state)

    def _new_run(self, dataset: Dataset) -> bool:
        """Make a run; say whether there is something to train."""
        problem = self.network.report.problem
        if problem is not None:
            self.failed.emit(f"The network cannot be trained yet. {problem.located}", None)
            return False
        misfit = data_misfit(self.network, dataset.image_shape, dataset.classes)
        if misfit:
            self.failed.emit(f"The network cannot be trained on these data. {misfit}", None)
            return False
        self._end_run()
        self._former_history = self.history
        self._document = dataclasses.replace(self._document, history=History(network=self.network))
        self._run = TrainingRun(self.network, self.weights, self.config, dataset, self)
        self._run.snapshot_taken.connect(self._take_snapshot)
        self._run.state_changed.connect(self._set_run_state)
        self._run.failed.connect(self._fail_run)
        self.history_changed.emit()
        if self.switched_off:
            self.message_shown.emit("Training uses every map: those that are switched off are off only for looking.")
        return True

    def _end_run(self) -> None:
        if self._run is not None:
            self._run.stop()
            self._run = None
            self.progress_changed.emit()
        self._set_run_state(RunState.IDLE)

    def _take_snapshot(self, snapshot: Snapshot) -> None:
        batches = (snapshot.batch_epochs, snapshot.batch_losses, snapshot.batch_accuracies)
        history = self.history.extended(batches, snapshot.points)
        self._document = dataclasses.replace(self._document, weights=snapshot.weights, history=history)
        self._gradients = snapshot.gradients
        if snapshot.problem:
            self._diverged_history = history
        if not self._trained:
            self._trained = True
            self.modified_changed.emit()
        self._ask()
        self.weights_changed.emit()
        self.history_changed.emit()
        self.progress_changed.emit()
        if snapshot.problem:
            self.failed.emit(snapshot.problem, None)
        if snapshot.note:
            self.message_shown.emit(snapshot.note)

    def _fail_run(self, error: Exception) -> None:
        if self._run is not None and self._run.progress is None:  # it never began, so the curves are still the old ones
            self._document = dataclasses.replace(self._document, history=self._former_history)
            self.history_changed.emit()
        self._tell_failure(error)

    def _set_run_state(self, state: RunState) -> None:
        if state is not self._run_state:
            self._run_state = state
            self.run_state_changed.emit()

    def _hand_on_config(self, old: TrainingConfig) -> None:
        """Tell the run what of the new settings it can take over."""
        if self._run is None:
            return
        changed = {name for name, value in self.config.to_json().items() if value != getattr(old, name)}
        if changed - LIVE:  # what a run cannot take over; the next Train starts one that has it
            if self._run_state.is_active:
                self.message_shown.emit("The settings changed, so the training run was ended.")
            self._end_run()
            return
        if self.config.batch_size < smallest_batch(self.network):
            self.message_shown.emit("Batch normalisation needs batches of at least 2; the run keeps its batch size.")
        elif changed & LIVE:
            self._run.change_config(self.config)

    def _take_dataset(self, dataset: Dataset) -> None:
        self._end_loading()
        if self._run is not None:
            if self._run_state.is_active:
                self.message_shown.emit("The data set changed, so the training run was ended.")
            self._end_run()
        if self._dataset_id not in ("", dataset.id):
            self._trained = True  # the file names other data
            self.modified_changed.emit()
        self._dataset, self._dataset_id = dataset, dataset.id
        network = adapted(self.network, dataset.image_shape, dataset.classes)
        if network != self.network:
            self.edit(f"Use {dataset.title}", network=network)
        self.dataset_changed.emit()
        wanted, self._wanted_start = self._wanted_start, ""
        if wanted:
            self._set_run_state(RunState.IDLE)
            self._go_on(wanted)

    def _ask_for_download(self, sentence: str) -> None:
        source_id = self._loading.source_id if self._loading is not None else ""
        self._end_loading()
        self.download_needed.emit(source_id, sentence)

    def _fail_loading(self, error: Exception) -> None:
        self._wanted_start = ""
        self._end_loading()
        self._end_waiting()
        self._tell_failure(error)

    def _abandon_loading(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
            self._end_loading()

    def _end_loading(self) -> None:
        if self._loading is not None:
            self._loading.deleteLater()
        self._loading = None
        self.loading_changed.emit()

    def _end_waiting(self) -> None:
        """Be ready again where a run only waited for data that do not come."""
        if self._run_state is RunState.LOADING and self._run is None:
            self._set_run_state(RunState.IDLE)

    def _tell_failure(self, error: Exception) -> None:
        self.failed.emit(str(error), error)


def _with_weights(document: Document) -> Document:
    """Return the document with weights drawn where layers have none."""
    config = document.config
    carried = carried_over(document.weights, document.network, config.seed, config.initialisation)
    return dataclasses.replace(document, weights=carried.weights)
