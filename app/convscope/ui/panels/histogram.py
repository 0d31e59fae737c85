"""Histograms: how the activations and the weights of the selected layer are spread."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from convscope.core.data.progress import Progress
from convscope.core.histogram import histogram
from convscope.core.large import is_traced_live
from convscope.core.unit import INPUT
from convscope.ui.job import Job, validation_examples
from convscope.ui.panels.histogram_text import biases_text, dead_text, strange_text, thinned, thinned_text
from convscope.ui.panels.mosaic_pointing import crossed_of, part_name
from convscope.ui.run_state import RunState
from convscope.ui.widgets.histogram_view import HistogramView, Values
from convscope.ui.widgets.layer_picker import LayerPicker
from convscope.ui.widgets.progress_bar import ProgressBar

if TYPE_CHECKING:
    from convscope.core.statistics import Activity
    from convscope.ui.session import Session

MOST_IMAGES = 1000
_DRAWING_WAIT = 66  # milliseconds between two pictures of the drawing's values, so that the pen never waits for them
_SAMPLE_WAIT = 600  # milliseconds of rest before the sample is looked at anew
_SIDE_BY_SIDE = 500  # pixels of width from which both plots stand beside each other


class HistogramPanel(QWidget):
    """Shows how a layer's outputs for the drawing and for many images are spread, and its weights.

    The drawing's values are live. Those of the images are computed on a thread, when nothing has changed for a while.
    """

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("histogram_panel")
        self._session = session
        self._stale = True
        self._question: tuple[Any, ...] = ()  # what the activity belongs to
        self._activity: Activity | None = None
        self._refused = False  # the user cancelled; the sample waits for the button
        self._counted: tuple[Any, Any] | None = None  # the weights and biases that are shown
        self._job = Job(self)
        self._soon = QTimer(self, singleShot=True, interval=_DRAWING_WAIT)
        self._pause = QTimer(self, singleShot=True, interval=_SAMPLE_WAIT)
        self._picker = LayerPicker(self)
        self._log = QCheckBox("Log scale", self)
        self._bar = ProgressBar(self)
        self._button = QPushButton("Look at images", self)
        self._activations = HistogramView("Activations", self)
        self._weights = HistogramView("Weights", self)
        self._build()
        self._follow()

    def _build(self) -> None:
        self._log.setToolTip("Show rare values beside frequent ones: each step up is ten times as many")
        self._log.setObjectName("histogram_log")
        self._bar.setFixedWidth(70)
        self._bar.setAccessibleName("Progress of looking at images")
        self._button.setObjectName("histogram_sample")
        head = QHBoxLayout()
        head.setContentsMargins(4, 2, 4, 0)
        head.addWidget(self._picker)
        head.addWidget(self._log)
        head.addStretch(1)
        head.addWidget(self._bar)
        head.addWidget(self._button)
        self._plots = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._plots.setSpacing(10)
        self._plots.addWidget(self._activations, 1)
        self._plots.addWidget(self._weights, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 2, 4, 4)
        column.setSpacing(4)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        column.addLayout(head)
        column.addLayout(self._plots, 1)

    def _follow(self) -> None:
        session = self._session
        self._picker.chosen.connect(session.select)
        self._log.toggled.connect(self._activations.plot.show_logarithmic)
        self._log.toggled.connect(self._weights.plot.show_logarithmic)
        self._button.clicked.connect(self._cancel_or_look)
        self._soon.timeout.connect(self._refresh)
        self._pause.timeout.connect(self._look)
        self._job.progressed.connect(self._show_progress)
        self._job.done.connect(self._take_activity)
        self._job.failed.connect(self._tell_failure)
        for signal in (session.trace_changed, session.drawing_changed, session.weights_changed):
            signal.connect(self._refresh_soon)
        for signal in (session.network_changed, session.selection_changed, session.computing_changed):
            signal.connect(self._refresh)
        for signal in (
            session.network_changed,
            session.weights_changed,
            session.dataset_changed,
            session.config_changed,
            session.switched_off_changed,
            session.run_state_changed,
        ):
            signal.connect(self._look_soon)

    @property
    def _layer(self) -> int:
        return min(self._session.selected, len(self._session.network.layers) - 1)

    def _refresh_soon(self) -> None:
        self._stale = not self.isVisible()
        if not self._stale and not self._soon.isActive():
            self._soon.start()

    def _refresh(self) -> None:
        """Show the present values, or remember that they are not shown."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        layers = self._session.network.layers
        self._picker.show_entries([(INPUT, "Input"), *((i, layer.name) for i, layer in enumerate(layers))], self._layer)
        self._show_activations()
        self._show_weights()
        self._show_button()

    def _show_activations(self) -> None:
        trace, layer = self._session.trace, self._layer
        outputs = trace.outputs if trace is not None and trace.network == self._session.network else ()
        values = self._session.image if layer == INPUT else outputs[layer] if outputs else None
        drawing = None if values is None else Values("drawing", histogram(thinned(values)))
        activity = self._activity if self._activity is not None and self._is_current() else None
        found = None if activity is None else activity.at(layer)
        if drawing is None and found is None:
            self._activations.show_message(self._reason(layer))
            return
        sample, notes = None, [] if values is None or drawing is None else [strange_text(drawing.histogram)]
        if values is not None:
            notes.append(thinned_text(values))
        if activity is not None and found is not None:
            sample = Values(f"{activity.images:,} images", found.histogram)
            notes.append(
                dead_text(found.dead, crossed_of(self._session, layer), part_name(self._session.network, layer))
            )
        title = "Activations" if layer != INPUT else "Pixels"
        self._activations.show_values(title, sample, drawing, " ".join(note for note in notes if note))

    def _show_weights(self) -> None:
        """Show the weights of the layer, or of the last one before it that has some."""
        weights = self._session.shown_weights
        names = [layer.name for layer in self._session.network.layers[: self._layer + 1]]
        name = next((name for name in reversed(names) if f"{name}.weight" in weights), None)
        if name is None:
            self._counted = None
            self._weights.show_message(self._session.waiting or "No layer up to here has weights.")
            return
        values, biases = weights[f"{name}.weight"], weights.get(f"{name}.bias")
        if self._counted is not None and self._counted[0] is values and self._counted[1] is biases:
            return  # the pen moves, the weights do not
        self._counted, found = (values, biases), histogram(thinned(values))
        note = strange_text(found) or thinned_text(values) or ("" if biases is None else biases_text(biases))
        title = f"{values.size:,} weight{'s' * (values.size != 1)}"
        self._weights.show_values(title, Values(name, found), None, note)

    def _reason(self, layer: int) -> str:
        problem = self._session.network.report.problem
        if problem is not None and problem.index <= layer:
            return problem.located
        return self._session.waiting or "The values are being computed."

    def _present_question(self) -> tuple[Any, ...]:
        session = self._session
        return session.network, session.shown_weights, session.dataset, session.config, session.switched_off

    def _is_current(self) -> bool:
        """Say whether the activity is that of the present network on the present data."""
        present = self._present_question()
        return len(self._question) == len(present) and all(
            a is b or (isinstance(a, frozenset) and a == b) for a, b in zip(self._question, present, strict=True)
        )

    def _may_look(self) -> bool:
        session = self._session
        training = session.run_state in (RunState.LOADING, RunState.RUNNING)
        suits = session.dataset is not None and session.dataset.image_shape == session.network.input_shape
        return suits and not training and is_traced_live(session.network)

    def _look_soon(self) -> None:
        """Look at images anew once nothing has changed for a while; forget what is no longer true."""
        if not self._is_current():
            self._job.cancel()
            if self._activity is not None:
                self._activity = None
                self._refresh_soon()
        if self.isVisible() and self._may_look() and not self._refused and not self._is_current():
            self._pause.start()
        self._show_button()

    def _look(self) -> None:
        self._pause.stop()
        if not self._may_look():
            return
        self._question = self._present_question()
        question = self._question
        self._job.start(lambda: _course(*question))
        self._show_button()

    def _cancel_or_look(self) -> None:
        self._refused = self._job.is_running
        if self._refused:
            self._job.cancel()
            self._question = ()
            self._show_button()
        else:
            self._look()

    def _show_progress(self, progress: Progress) -> None:
        self._bar.setRange(0, progress.total)
        self._bar.setValue(progress.done)

    def _show_button(self) -> None:
        running = self._job.is_running
        self._bar.setVisible(running)
        self._button.setText("Cancel" if running else "Look at images")
        self._button.setToolTip(f"Send up to {MOST_IMAGES:,} validation images through the network")
        self._button.setVisible(running or self._activity is None)
        self._button.setEnabled(running or self._may_look())

    def _take_activity(self, activity: Activity) -> None:
        self._activity = activity
        self._refresh()

    def _tell_failure(self, error: Exception) -> None:
        self._refused = True
        self._show_button()
        self._session.message_shown.emit(f"The images could not be looked at: {error}")

    def minimumSizeHint(self) -> QSize:
        """Return the size of one small plot above the other."""
        return QSize(290, 150)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the plots beside each other where there is room."""
        super().resizeEvent(event)
        wide = self.width() >= _SIDE_BY_SIDE
        self._plots.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def hideEvent(self, event: QHideEvent) -> None:
        """Compute nothing that nobody sees."""
        super().hideEvent(event)
        self._soon.stop()
        self._pause.stop()
        if self._job.is_running:
            self._job.cancel()
            self._question = ()
        self._stale = True

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        self._refresh()
        self._look_soon()


def _course(network: Any, weights: Any, dataset: Any, config: Any, off: Any) -> Generator[Progress, None, Activity]:
    """Look at validation images; runs on the job's thread."""
    from convscope.core.backend import use_threads
    from convscope.core.statistics import activations_of

    use_threads()
    images = validation_examples(dataset, config, MOST_IMAGES).images
    return (yield from activations_of(network, weights, images, switched_off=off))
