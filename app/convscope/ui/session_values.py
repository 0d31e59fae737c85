"""What can be read of a session: its values, and the signals that tell when one is new."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from convscope.core.data.dataset import Dataset
from convscope.core.data.drawing import Drawing, network_image
from convscope.core.data.progress import Progress
from convscope.core.history import History
from convscope.core.large import is_large, is_traced_live
from convscope.core.mode import Mode
from convscope.core.network import Network
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import NO_WEIGHTS, Weights, missing_bytes
from convscope.ui.data_loading import DataLoading
from convscope.ui.document import Document
from convscope.ui.inspection import Inspection
from convscope.ui.large_tracing import LargeTracing
from convscope.ui.pointed_place import PointedPlace
from convscope.ui.run_state import RunProgress, RunState
from convscope.ui.step_watch import StepWatch
from convscope.ui.time_machine import TimeMachine
from convscope.ui.training_run import TrainingRun


@cache
def numbers(count: int) -> tuple[str, ...]:
    """Return the names of classes that have none; a thousand are asked for a thousand times while a list is made."""
    return tuple(str(number) for number in range(count))


class SessionValues(QObject):
    """Everything that panels show, to read only; `Session` changes it.

    Signals:
        network_changed, weights_changed, config_changed, drawing_changed, history_changed, switched_off_changed: That
            part is a new value. Of the weights, also: others are shown.
        trace_changed: The answer to the image is new, in one mode or in both.
        mode_changed: The image is seen in another mode, in both or no longer, or in another step of training.
        selection_changed: Another layer is selected.
        dataset_changed: Other examples were loaded.
        loading_changed: The loading of a data set began, went on or ended.
        run_state_changed, progress_changed: The run is in another state, or further.
        computing_progressed: The forward pass of a large network began, went on or ended.
        computing_changed: So did one that views wait for: `waiting` says something else. A later pass is not told.
        devices_changed: It is known what can train.
        modified_changed: There is something to save, or no longer.
        message_shown: A sentence for the status bar.
        download_needed: A data set must be downloaded first: its source id and a sentence about it.
        download_failed: It could not be downloaded: its source id, and why.
        failed: Something went wrong: a sentence, and the exception behind it, or None where there is none.
    """

    network_changed = Signal()
    weights_changed = Signal()
    config_changed = Signal()
    drawing_changed = Signal()
    history_changed = Signal()
    switched_off_changed = Signal()
    trace_changed = Signal()
    mode_changed = Signal()
    selection_changed = Signal()
    dataset_changed = Signal()
    loading_changed = Signal()
    run_state_changed = Signal()
    progress_changed = Signal()
    computing_progressed = Signal()
    computing_changed = Signal()
    devices_changed = Signal()
    modified_changed = Signal()
    message_shown = Signal(str)
    download_needed = Signal(str, str)
    download_failed = Signal(str, str)
    failed = Signal(str, object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._image = network_image(document.drawing, document.network.input_shape)
        self._gradients: Weights = NO_WEIGHTS
        self._trace: Any = None  # core.trace.Trace, whose module would load torch
        self._other_trace: Any = None  # in the mode that is not chosen
        self._mode = Mode.INFERENCE
        self._mask_seed: int = 0
        self._split = False
        self._selected = -1
        self._dataset: Dataset | None = None
        self._loading: DataLoading | None = None
        self._run: TrainingRun | None = None
        self._run_state = RunState.IDLE
        self._diverged_history: History | None = None  # of the last run whose loss became no number
        self._run_problem = ""  # what was said of it
        self._trained = False  # since the document was opened or saved
        self._devices: tuple[tuple[str, str], ...] = (("cpu", "Processor (CPU)"),)
        self._threads = 0
        self._large = LargeTracing(self)
        self.undo_stack = QUndoStack(self)
        self.inspection = Inspection(document.network, self)
        self.pointed_place = PointedPlace(self)
        self.step_watch = StepWatch(self)
        self.time_machine = TimeMachine(self)
        for changed in (self.network_changed, self.weights_changed, self.history_changed):
            changed.connect(self._follow_document)  # before any view does

    @property
    def network(self) -> Network:
        """The network."""
        return self._document.network

    @property
    def weights(self) -> Weights:
        """The weights of the network, the newest of a run: what is edited, trained and saved."""
        return self._document.weights

    @property
    def shown_weights(self) -> Weights:
        """What every view shows: the weights of the moment that the time machine looks at, else the present ones."""
        past = self.time_machine.weights
        return self._document.weights if past is None else past

    @property
    def gradients(self) -> Weights:
        """The gradients of the last batch of a run; empty once network or weights were changed by hand."""
        return self._gradients

    @property
    def shown_gradients(self) -> Weights:
        """The gradients that go with `shown_weights`: none are kept of a moment of the past."""
        return self._gradients if self.time_machine.weights is None else NO_WEIGHTS

    @property
    def config(self) -> TrainingConfig:
        """How the network is trained."""
        return self._document.config

    @property
    def drawing(self) -> Drawing:
        """What lies on the canvas, without a stroke that is being drawn."""
        return self._document.drawing

    @property
    def history(self) -> History:
        """The curves of the run, or of the last one."""
        return self._document.history

    @property
    def switched_off(self) -> frozenset[tuple[str, int]]:
        """The maps that are taken as zero, by layer name and channel; only those that the network has."""
        if not self._document.switched_off:
            return self._document.switched_off
        shapes = {row.layer.name: row.output_shape for row in self.network.report.rows}
        return frozenset(
            (name, channel) for name, channel in self._document.switched_off if channel < (shapes.get(name) or (0,))[0]
        )

    @property
    def history_is_former(self) -> bool:
        """Whether the curves are those of the network before it or its weights were changed."""
        history = self.history
        is_same = history.network in (None, self.network) and history.weights.is_on(self.weights)
        return len(history) > 0 and not is_same

    @property
    def history_source(self) -> str:
        """The id of the data that the curves come from, where the present ones are others; empty otherwise."""
        history, data = self.history, self._dataset
        is_other = len(history) > 0 and data is not None and data.id != history.dataset_id
        return history.dataset_id if is_other else ""

    @property
    def image(self) -> NDArray[np.float32]:
        """What the network sees, (C, H, W) with values 0 to 1."""
        return self._image

    @property
    def trace(self) -> Any:
        """The `Trace` of the image in the chosen mode, None before the first."""
        return self._trace

    @property
    def other_trace(self) -> Any:
        """The `Trace` of the same image in the other mode; None unless both are seen side by side."""
        return self._other_trace if self._split else None

    @property
    def inference_trace(self) -> Any:
        """The `Trace` of the image in inference, whichever mode is chosen; None before the first."""
        trace = self._trace
        return trace if trace is None or trace.mode is Mode.INFERENCE else self._other_trace

    @property
    def both_traces(self) -> tuple[Any, Any] | None:
        """The image in inference and in training, where it is seen in training at all and has been traced in both."""
        pair = self._trace, self._other_trace
        if None in pair or self._trace.network != self.network:
            return None
        return pair if self._trace.mode is Mode.INFERENCE else (pair[1], pair[0])

    @property
    def mode(self) -> Mode:
        """How the network works on the image; large networks are seen in inference whatever is chosen."""
        return self._mode

    @property
    def mask_seed(self) -> int:
        """The number of the step of training that is seen: it decides masks and companions."""
        return self._mask_seed

    @property
    def is_split(self) -> bool:
        """Whether both modes are seen side by side."""
        return self._split

    @property
    def selected(self) -> int:
        """The selected layer; -1 is the input."""
        return self._selected

    @property
    def dataset(self) -> Dataset | None:
        """The examples, None before they are loaded."""
        return self._dataset

    @property
    def loading(self) -> Progress | None:
        """How far the loading of a data set is, None when none is loaded."""
        if self._loading is None:
            return None
        return self._loading.progress or Progress("Loading", 0, 0)

    @property
    def loading_source(self) -> str:
        """The id of the source that is being loaded, empty when none is."""
        return self._loading.source_id if self._loading is not None else ""

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes."""
        classes = self.network.classes
        if self._dataset is not None and self._dataset.classes == classes:
            return self._dataset.class_names
        return numbers(classes)

    @property
    def known_label(self) -> int | None:
        """The right class of the sample on the canvas.

        None where nobody knows, as of one that was drawn over, and where the network tells other classes than the data.
        """
        drawing, data, classes = self.drawing, self._dataset, self.network.classes
        label = None if drawing.picture is None or drawing.strokes else drawing.picture.label
        fits = label is not None and label < classes and (data is None or data.classes == classes)
        return label if fits else None

    @property
    def run_state(self) -> RunState:
        """What the run is doing."""
        return self._run_state

    @property
    def diverged(self) -> bool:
        """Whether the run that made the curves ended because its loss was no number any more."""
        return self.history is self._diverged_history

    @property
    def run_problem(self) -> str:
        """Why that run was ended, and what to do; empty where none was."""
        return self._run_problem if self.diverged else ""

    @property
    def progress(self) -> RunProgress | None:
        """How far the run is, None without one."""
        return self._run.progress if self._run is not None else None

    @property
    def computing(self) -> Progress | None:
        """How far the forward pass of a large network is, None when none is on its way."""
        return self._large.progress

    @property
    def lacks_weights(self) -> bool:
        """Whether the network is so large that its weights wait to be asked for, by `draw_and_run`."""
        return is_large(self.network) and missing_bytes(self.network, self.weights) > 0

    @property
    def waiting(self) -> str:
        """Why a network that works has no trace, in a sentence or two; empty where it has one or will have it at once.

        For every view of what layers put out; `network_changed`, `weights_changed`, `trace_changed` and
        `computing_changed` tell when it is new.
        """
        if is_traced_live(self.network) or (self._trace is not None and self._trace.network == self.network):
            return ""
        if self.computing is not None:
            return f"{self.computing.text}…"
        if self.lacks_weights:
            return "This network has no weights yet. Choose Training → Draw random weights and run."
        return "This network has not seen the picture yet. Choose Training → Run the picture through."

    @property
    def devices(self) -> tuple[tuple[str, str], ...]:
        """What can train, as (name, title)."""
        return self._devices

    @property
    def threads(self) -> int:
        """On how many threads torch computes; 0 before it is loaded."""
        return self._threads

    @property
    def modified(self) -> bool:
        """Whether there is something to save."""
        return self._trained or not self.undo_stack.isClean()

    def _follow_document(self) -> None:
        self.time_machine.follow(self._document)
