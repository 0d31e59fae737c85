"""What a session has the network make of its image: live for small networks, on request for large ones."""

from __future__ import annotations

import dataclasses
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from convscope.core.data.dataset import Dataset
from convscope.core.data.drawing import Drawing, network_image
from convscope.core.large import is_traced_live
from convscope.core.mode import Mode, companions, traced_batch
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import NO_WEIGHTS, Array, Weights, frozen
from convscope.ui.document import Document
from convscope.ui.session_values import SessionValues
from convscope.ui.tracing import Answer, Question, Tracing
from convscope.ui.turns import after_paint


class TracingSession(SessionValues):
    """A session whose image is traced through the network on a thread, always the newest."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(document, parent)
        self._told_waiting = ""  # what views have shown of it last
        self._random: WeakValueDictionary[str, Array] = WeakValueDictionary()  # weights that were drawn on request
        self._previewed: Weights = NO_WEIGHTS  # arrays that are being changed by the mouse
        self._chosen: NDArray[np.float32] | None = None  # companions of the drawing
        self._chosen_by: tuple[Dataset, TrainingConfig, int, int] | None = None
        self._tracing = Tracing(self)
        self._tracing.traced.connect(self._take_answer)
        self._tracing.devices_found.connect(self._take_devices)
        self._tracing.failed.connect(self._tell_failure)
        self.config_changed.connect(self._follow_batch)
        self.dataset_changed.connect(self._follow_batch)
        self._large.traced.connect(self._take_large_trace)
        self._large.progress_changed.connect(self._tell_computing)
        self._large.failed.connect(self._tell_failure)
        self.time_machine.changed.connect(self._show_moment)

    @property
    def has_random_weights(self) -> bool:
        """Whether weights of a large network were drawn on request and never trained."""
        return any(self._random.get(key) is array for key, array in self.weights.items())

    def preview_drawing(self, drawing: Drawing) -> None:
        """Show a drawing whose stroke is not finished; `edit` makes it last."""
        self._see(drawing, trace=is_traced_live(self.network))

    def preview_weights(self, changed: Weights) -> None:
        """Show what the network makes of the image with other arrays; `edit` makes them last.

        Args:
            changed: Those that differ, by their names; none of them ends the preview.
        """
        if changed:
            self.time_machine.look_at(None)  # it is the present kernel that is being changed
        self._previewed = changed
        self._ask()

    def change_mode(self, mode: Mode) -> None:
        """See the image in training or in inference; nothing of it is kept, and nothing can be undone."""
        if mode is not self._mode:
            self._mode = mode
            self._see_modes()

    def show_split(self, on: bool) -> None:
        """See the image in both modes, side by side."""
        if on != self._split:
            self._split = on
            self._see_modes()

    def resample(self) -> None:
        """See another step of training: other masks, and other images in the batch."""
        self._mask_seed += 1
        self._see_modes()

    def start(self) -> None:
        """Begin to trace; the window calls it when it is on the screen, because this loads torch."""
        self._ask()
        if not is_traced_live(self.network):  # which may never be traced
            self._tracing.warm_up()

    def draw_and_run(self) -> None:
        """Draw the weights that a large network lacks, and send the image through it once, with progress."""
        self._large.run(self._question(), self.config)

    def cancel_computing(self) -> None:
        """End the forward pass of a large network; weights it has drawn are forgotten."""
        self._large.cancel()

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
        weights = frozen({**self.weights, **self._previewed}) if self._previewed else self.shown_weights
        seen = self.network, weights, self._image, self.switched_off
        if not self._sees_training:
            return Question(*seen)
        return Question(*seen, self._mode, self._mask_seed, self._companions(), both=True)

    def _companions(self) -> NDArray[np.float32] | None:
        """Return the training images that share a batch with the drawing; None where none do."""
        data = self._dataset
        if data is None or data.image_shape != self.network.input_shape:
            return None
        count = traced_batch(self.network, self.config.batch_size) - 1
        chosen_by = data, self.config, count, self._mask_seed
        if chosen_by != self._chosen_by:
            self._chosen_by = chosen_by
            self._chosen = companions(*chosen_by) if count else None
        return self._chosen

    def _show_moment(self) -> None:
        """Show the weights of another moment: at once where they are looked at, in the maps as soon as computed."""
        self._large.cancel()  # a pass with the weights of another moment
        self._ask()
        self.weights_changed.emit()

    @property
    def _sees_training(self) -> bool:
        return (self._split or self._mode is Mode.TRAINING) and is_traced_live(self.network)

    def _see_modes(self) -> None:
        self.mode_changed.emit()
        if is_traced_live(self.network):
            self._ask()

    def _follow_batch(self) -> None:
        """Trace the drawing in another company, where data or batch size changed."""
        former = self._chosen
        if self._sees_training and self._companions() is not former:
            self._ask()

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
            after_paint(self, lambda: self._show_large_trace(trace))  # each makes views draw for a while
        else:
            self._show_large_trace(trace)

    def _show_large_trace(self, trace: Any) -> None:
        if trace.network is not self.network:
            return
        self._take_trace(trace)
        self._told_waiting = ""  # by the trace
        if trace.image is not self._image or trace.switched_off != self.switched_off:
            self._ask()

    def _take_answer(self, answer: Answer) -> None:
        self._take_trace(answer.trace, answer.other)

    def _take_trace(self, trace: Any, other: Any = None) -> None:
        first, self._trace, self._other_trace = self._trace is None, trace, other
        self.trace_changed.emit()
        if first:  # torch is loaded; what training needs beyond that comes after the first picture
            self._tracing.warm_up()

    def _take_devices(self, found: tuple[tuple[tuple[str, str], ...], int]) -> None:
        self._devices, self._threads = found
        self.devices_changed.emit()

    def _tell_failure(self, error: Exception) -> None:
        self.failed.emit(str(error), error)
