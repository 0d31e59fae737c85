"""What a session has the network make of its image: live for small networks, on request for large ones."""

from __future__ import annotations

import dataclasses
from typing import Any
from weakref import WeakValueDictionary

from PySide6.QtCore import QObject, QTimer

from convscope.core.data.drawing import Drawing, network_image
from convscope.core.large import is_traced_live
from convscope.core.weights import NO_WEIGHTS, Array, Weights, frozen
from convscope.ui.document import Document
from convscope.ui.session_values import SessionValues
from convscope.ui.tracing import Question, Tracing


class TracingSession(SessionValues):
    """A session whose image is traced through the network on a thread, always the newest."""

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(document, parent)
        self._told_waiting = ""  # what views have shown of it last
        self._random: WeakValueDictionary[str, Array] = WeakValueDictionary()  # weights that were drawn on request
        self._previewed: Weights = NO_WEIGHTS  # arrays that are being changed by the mouse
        self._tracing = Tracing(self)
        self._tracing.traced.connect(self._take_trace)
        self._tracing.devices_found.connect(self._take_devices)
        self._tracing.failed.connect(self._tell_failure)
        self._large.traced.connect(self._take_large_trace)
        self._large.progress_changed.connect(self._tell_computing)
        self._large.failed.connect(self._tell_failure)

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
            QTimer.singleShot(0, self, lambda: self._show_large_trace(trace))  # each makes views draw for a while
        else:
            self._show_large_trace(trace)

    def _show_large_trace(self, trace: Any) -> None:
        if trace.network is not self.network:
            return
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

    def _tell_failure(self, error: Exception) -> None:
        self.failed.emit(str(error), error)
