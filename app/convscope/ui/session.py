"""The one mutable object: what the user makes, the data, the run and the selection.

`session_values` holds what can be read of it, `session_trace` has its image traced, `session_run` trains it,
`session_runs` remembers its runs; this file edits and opens. How an edit travels:

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

from PySide6.QtCore import QObject

from convscope.core.data import heights
from convscope.core.data.dataset import Dataset
from convscope.core.data.number_rows import row_of
from convscope.core.data.sources import source_of
from convscope.core.history import History
from convscope.core.large import adapted, is_large
from convscope.core.layers import Shape
from convscope.core.network import Network
from convscope.core.presets import Preset
from convscope.core.project import Project
from convscope.core.runs import RunRecord
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import DRAWN_AT_ONCE, NO_WEIGHTS, Weights, carried_over, missing_bytes, same_arrays
from convscope.ui.data_loading import DataLoading
from convscope.ui.document import Change, Document, differences, document_of, with_weights
from convscope.ui.run_state import RunState
from convscope.ui.session_runs import RecordingSession
from convscope.ui.turns import after_paint

DIGIT_SOURCES = ("generated", "mnist")  # what goes with a project that names no data


class Session(RecordingSession):
    """What is open in the window, and all that can be done to it."""

    def __init__(self, document: Document | None = None, parent: QObject | None = None) -> None:
        super().__init__(with_weights(document or Document()), parent)
        self._dataset_id = ""  # of the data that the document belongs to
        self._former_data: dict[tuple[Shape, int], str] = {}  # ids of those used last, by images' shape and classes
        self._image_data = DIGIT_SOURCES[0]  # the images that were there last, to come back to from numbers
        self._loading_purpose = ""  # what a failure to load data would otherwise leave unsaid
        self.undo_stack.setUndoLimit(200)
        self.undo_stack.cleanChanged.connect(self.modified_changed)

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
            if not same_arrays(carried.weights, self.weights):  # else the step would take back what is learned later
                after = dataclasses.replace(after, weights=carried.weights)
            redrawn = carried.drawn
        if differences(self._document, after):
            trained = self._run_state.is_active
            self.undo_stack.push(Change(text, self._document, after, lambda: self._document, self._apply))
            if redrawn:  # after the step, whose own message it completes
                ended = " The run ended." if trained and not self._run_state.is_active else ""
                names = ", ".join(redrawn)
                missing = missing_bytes(after.network, after.weights)  # a large network's are drawn when asked for
                told = f"The weights of {names} no longer fit" if missing else f"New weights were drawn for {names}"
                self.message_shown.emit(f"{told}.{ended}")

    def select(self, index: int) -> None:
        """Select a layer; -1 is the input."""
        index = max(-1, min(index, len(self.network.layers) - 1))
        if index != self._selected:
            self._selected = index
            self.selection_changed.emit()

    def reset_weights(self, *, text: str = "Reset weights", config: TrainingConfig | None = None) -> None:
        """Draw all weights anew, by other settings where they are given, and clear the curves; one step to undo."""
        self.stop()
        new = config or self.config
        weights = carried_over(NO_WEIGHTS, self.network, new.seed, new.initialisation).weights
        self.edit(text, weights=weights, history=History(), config=new)

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
        if self._dataset is not None and self._dataset.loss == network.loss:
            network = adapted(network, self._dataset.image_shape, self._dataset.classes, network.loss)
        weights = carried_over(NO_WEIGHTS, network, preset.training.seed, preset.training.initialisation).weights
        new = {"config": preset.training, "history": History(), "switched_off": Document().switched_off}
        self.inspection.pin(None)  # the same name in another network is another layer
        self.edit(f"Choose {preset.title}", network=network, weights=weights, **new)
        self.select(0)
        if preset.data not in ("", self._present_data):
            self.change_dataset(preset.data)
        if not self.waiting:  # the bar below the toolbar says for what, as long as it is so
            self.message_shown.emit(f"{preset.title}: the weights are new. Press Train.")

    def restore_run(self, id: int) -> bool:
        """Put the network of a run in the place of the present one, with weights, settings, curves and data.

        Returns:
            Whether anything changed: not where all of that is there already, or the run goes on.
        """
        run = self.run_of(id)
        if run is None or not run.has_weights or (id == self.goes_on and self._run_state.is_active):
            return False
        before, config = self._document, run.latest or run.config
        is_there = run.history is self.history and run.network_now == self.network and config == self.config
        if not (is_there and same_arrays(run.weights, self.weights)):
            self.stop()
            run = self.run_of(id) or run  # as it ended
            self._put_back(f"Restore {run.label}", run.network_now, run.weights, config, run.history)
        loads = self._use_data_of(run)
        return self._document is not before or loads

    def train_again(self, id: int) -> None:
        """Repeat a run: the same network, settings and data, from the weights that its seed draws."""
        run = self.run_of(id)
        if run is None:
            return
        self.stop()
        config = run.config_again()
        weights = carried_over(NO_WEIGHTS, run.network, config.seed, config.initialisation).weights
        self._put_back(f"Train {run.label} again", run.network, weights, config, History())
        if self._use_data_of(run):
            self._wanted_start = "train"
            self._set_run_state(RunState.LOADING)
        else:
            self.train()

    def project(self) -> Project:
        """Return what a file holds; of a large network without the random weights, which the seed gives again."""
        d = self._document
        weights = {key: array for key, array in d.weights.items() if self._random.get(key) is not array}
        if missing_bytes(d.network, weights) <= DRAWN_AT_ONCE:
            weights = d.weights
        return Project(d.network, weights, d.config, d.history, d.drawing, self._dataset_id, self.history_is_former)

    def open_project(self, project: Project) -> None:
        """Put a project in the place of everything; what was undone before cannot come back."""
        document = with_weights(document_of(project))
        self.stop()
        was_loading = self._loading is not None
        self._abandon_loading()
        self.undo_stack.clear()
        self.time_machine.forget()  # no step back leads to that run any more
        self._apply(document)
        self.note_saved()
        self._dataset_id = project.dataset_id
        usual = DIGIT_SOURCES if project.network.classifies else (heights.ID,)
        suitable = (project.dataset_id,) if project.dataset_id else usual
        present = self._dataset.id if self._dataset is not None else ""
        if present not in suitable and (present or was_loading or project.dataset_id):
            self.change_dataset(*source_of(suitable[0]))
            self._loading_purpose = "The project is open, but its examples are not there: "

    def note_saved(self) -> None:
        """Take the document as saved."""
        self._trained = False
        self.undo_stack.setClean()
        self.modified_changed.emit()

    def close(self) -> None:
        """End all work; the threads end soon after."""
        self._forget_course()
        self.stop()
        self.cancel_loading()
        self._tracing.stop()
        self._large.stop()

    def _put_back(
        self, text: str, network: Network, weights: Weights, config: TrainingConfig, history: History
    ) -> None:
        if network is not self.network:  # the same name in another network is another layer
            self.inspection.pin(None)
        new = {"config": config, "history": history, "switched_off": Document().switched_off}
        self.edit(text, network=network, weights=weights, **new)

    def _use_data_of(self, run: RunRecord) -> bool:
        """Load the data of a run where there are others; say whether they are loaded now."""
        if self._dataset is not None and self._dataset.id == run.dataset_id and self._loading is None:
            return False
        self.change_dataset(*source_of(run.dataset_id))
        return True

    def _apply(self, document: Document) -> None:
        """Set a document and tell what is new in it."""
        if is_large(document.network) or is_large(self.network):
            document = with_weights(document)  # a step back knows nothing of weights that were drawn since
        if differences(self._document, document).keys() & {"network", "weights"}:
            self.time_machine.look_at(None)
        old, self._document = self._document, document
        changes = differences(old, document)
        if changes.keys() & {"network", "weights"} and not self._hand_on_network(old):
            self._gradients, self._previewed = NO_WEIGHTS, NO_WEIGHTS
            self.step_watch.begin()
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
        if old.network.loss != document.network.loss:
            self._load_fitting_data()
        elif "network" in changes:
            self._load_former_data()
        if changes.keys() & {"network", "weights", "switched_off"}:
            after_paint(self, self._ask)  # the thread that answers slows this one down

    def _followed(self, old: Network) -> int:
        """Return where the selected layer is now, or the nearest place when it has gone."""
        if self._selected < 0:
            return -1
        try:
            return self.network.index_of(old.layers[self._selected].name)
        except KeyError:
            return min(self._selected, len(self.network.layers) - 1)

    @property
    def _present_data(self) -> str:
        """The id of the data that are there or on their way; empty where there are none."""
        return self.loading_source or (self._dataset.id if self._dataset is not None else "")

    @property
    def _fitting_data(self) -> str:
        """The id of data of the kind that the network predicts: the last images, or rows of numbers."""
        return self._image_data if self.network.classifies else heights.ID

    def _load_fitting_data(self) -> None:
        """Load data of the kind that the network predicts where the present ones are of the other."""
        fitting = self._fitting_data
        if (self._present_data == heights.ID) == (fitting == heights.ID):
            return
        if self._dataset is not None and self._dataset.id == fitting:  # still there: others were only on their way
            self.cancel_loading()
        else:
            self.change_dataset(*source_of(fitting))

    def _load_former_data(self) -> None:
        """Load the data again for which the network once got its input and its classes, where these are back."""
        kind, data = (self.network.input_shape, self.network.classes), self._dataset
        former = self._former_data.get(kind, self._present_data)
        if data is not None and (data.image_shape, data.classes) != kind and former != self._present_data:
            self.change_dataset(*source_of(former))

    def _go_on(self, how: str) -> None:
        """Load data first where there are none."""
        if self._dataset is not None:
            super()._go_on(how)
            return
        self._wanted_start = how
        if self._loading is None:
            self.change_dataset(*source_of(self._fitting_data))
        self._set_run_state(RunState.LOADING)

    def _has_replaced(self, index: int, old: Network) -> bool:
        """Say whether another layer stands at a place than before."""
        return index < len(self.network.layers) and self.network.layers[index].name != old.layers[index].name

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
        self._former_data[dataset.image_shape, dataset.classes] = dataset.id
        if dataset.id != heights.ID:
            self._image_data = dataset.id
        network = adapted(self.network, dataset.image_shape, dataset.classes, dataset.loss)
        changes: dict[str, Any] = {} if network == self.network else {"network": network}
        if dataset.target is not None and len(self.drawing.numbers) != len(dataset.features):
            changes["drawing"] = dataclasses.replace(self.drawing, **row_of(dataset.test, 0))
        if changes:
            self.edit(f"Use {dataset.title}", **changes)
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
        loading, purpose, self._wanted_start = self._loading, self._loading_purpose, ""
        self._end_loading()
        self._end_waiting()
        if loading is not None and loading.downloads:
            self.download_failed.emit(loading.source_id, str(error))
        else:
            self.failed.emit(f"{purpose}{error}", error)

    def _abandon_loading(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
            self._end_loading()

    def _end_loading(self) -> None:
        if self._loading is not None:
            self._loading.deleteLater()
        self._loading, self._loading_purpose = None, ""
        self.loading_changed.emit()

    def _end_waiting(self) -> None:
        """Be ready again where a run only waited for data that do not come."""
        if self._run_state is RunState.LOADING and self._run is None:
            self._set_run_state(RunState.IDLE)
