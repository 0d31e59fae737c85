"""Dropout: what one mask does to the values that pass, and what many masks come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from convscope.core.layers import Dropout
from convscope.core.mode import dropouts
from convscope.ui.panels import dropout_text as text
from convscope.ui.panels.dropout_edits import RATES, DropoutEdits
from convscope.ui.panels.dropout_work import Masks, Question
from convscope.ui.panels.shown_layer import nearest
from convscope.ui.run_state import RunState
from convscope.ui.widgets.dropout_plots import ConvergencePlot, SpreadPlot
from convscope.ui.widgets.dropout_strip import DropoutStrip
from convscope.ui.widgets.layer_picker import LayerPicker
from convscope.ui.widgets.tinted_label import TintedLabel

if TYPE_CHECKING:
    from convscope.ui.session import Session

MASKS = (100, 500, 2000)  # how many are drawn
_WAIT = 80  # milliseconds between two questions while the pen moves
_TRAINING_WAIT = 500  # while a run goes on
_BESIDE = 560  # pixels of width from which the two plots stand beside each other


class DropoutPanel(QWidget):
    """Shows one dropout layer: a step of training as it is seen everywhere, and many masks drawn on a thread."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dropout_panel")
        self._session = session
        self._layer: int | None = None
        self._work = Masks(self)
        self._edits = DropoutEdits(session, self)
        self._soon = QTimer(self, singleShot=True)
        self._picker = LayerPicker(self)
        self._rate = QSlider(Qt.Orientation.Horizontal, self)
        self._rate_text = QLabel(self)
        self._kind = QComboBox(self)
        self._count = QComboBox(self)
        self._message = TintedLabel("text", self)
        self._remedy = QPushButton(self)
        self._step_text = TintedLabel("text", self)
        self.strip = DropoutStrip(self)
        self._result = TintedLabel("text", self)
        self.convergence = ConvergencePlot(self)
        self.spread = SpreadPlot(self)
        self._contents = QScrollArea(self)
        self._plots = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._split = actions["action_split_modes"]
        self._buttons = [self._button(actions[f"action_{name}"]) for name in ("resample", "resample_running")]
        self._show_step = QPushButton("See a step of training", self)
        self._build()
        self._follow()

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setAccessibleName(action.iconText())
        return button

    def _build(self) -> None:
        self._rate.setObjectName("dropout_rate")
        self._rate.setAccessibleName("Rate")
        self._rate.setRange(0, RATES)
        self._rate.setPageStep(10)
        self._rate.setToolTip("The share of values that is dropped in a step of training.")
        self._rate_text.setMinimumWidth(self.fontMetrics().horizontalAdvance("rate 95 %  "))
        self._kind.setObjectName("dropout_kind")
        self._kind.setAccessibleName("What is dropped")
        self._kind.addItems(["Single units", "Whole maps"])
        self._count.setObjectName("dropout_count")
        self._count.setAccessibleName("Number of masks")
        self._count.addItems([f"{count:,} masks" for count in MASKS])
        self._count.setCurrentIndex(1)
        self._remedy.setObjectName("dropout_insert")
        self._remedy.setAccessibleName("Insert dropout")
        self._show_step.setObjectName("dropout_show_step")
        self._show_step.setToolTip(self._split.toolTip())
        rate = QHBoxLayout()
        for widget, stretch in ((self._rate_text, 0), (self._rate, 1), (self._kind, 0)):
            rate.addWidget(widget, stretch)
        step = QHBoxLayout()
        step.addWidget(self._step_text, 1)
        for widget in (self._show_step, *self._buttons):
            step.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
        result = QHBoxLayout()
        result.addWidget(self._result, 1)
        result.addWidget(self._count, 0, Qt.AlignmentFlag.AlignTop)
        self._plots.addWidget(self.convergence, 1)
        self._plots.addWidget(self.spread, 1)
        contents = QWidget(self._contents)
        inner = QVBoxLayout(contents)
        inner.setContentsMargins(4, 0, 4, 4)
        inner.setSpacing(6)
        for layout in (rate, step):
            inner.addLayout(layout)
        inner.addWidget(self.strip)
        inner.addLayout(result)
        inner.addLayout(self._plots, 1)
        self._contents.setWidget(contents)
        self._contents.setWidgetResizable(True)
        self._contents.setFrameShape(QFrame.Shape.NoFrame)
        self._contents.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(4)
        for widget in (self._picker, self._message):
            column.addWidget(widget)
        column.addWidget(self._remedy, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._contents, 1)
        column.addStretch()  # without dropout there is little to show, and it stands at the top

    def _follow(self) -> None:
        session = self._session
        self._picker.chosen.connect(session.select)
        self._rate.valueChanged.connect(lambda value: self._edits.change(self._layer, rate=value / 100))
        self._kind.activated.connect(lambda i: self._edits.change(self._layer, mode=("units", "maps")[i]))
        self._count.activated.connect(self._ask)
        self._remedy.clicked.connect(self._edits.insert)
        self._show_step.clicked.connect(self._split.trigger)
        self._soon.timeout.connect(self._ask)
        self._work.answered.connect(self._take)
        self._work.failed.connect(lambda error: self._show_no_samples(str(error)))
        for signal in (session.network_changed, session.selection_changed):
            signal.connect(self._refresh)
        for signal in (session.weights_changed, session.drawing_changed, session.switched_off_changed):
            signal.connect(self._ask_soon)
        for signal in (session.trace_changed, session.mode_changed, session.inspection.pinned_changed):
            signal.connect(self._show_mask)

    @property
    def _is_training(self) -> bool:
        return self._session.run_state in (RunState.LOADING, RunState.RUNNING)

    def _refresh(self) -> None:
        """Show the layer that is selected, or the nearest one."""
        if not self.isVisible():
            return
        session = self._session
        found = dropouts(session.network)
        self._layer = layer = nearest(found, session.selected)
        self._picker.show_entries([(i, session.network.layers[i].name) for i in found], -1 if layer is None else layer)
        self._picker.setVisible(layer is not None)
        self._contents.setVisible(layer is not None)
        sentence, label = ("", "") if layer is not None else self._edits.offer()
        self._message.show_text(sentence)
        self._message.setVisible(bool(sentence))
        self._remedy.setText(label)
        self._remedy.setVisible(bool(label))
        if layer is None:
            self._work.stop()
            return
        self._show_settings(layer)
        self._show_mask()
        self._ask()

    def _show_settings(self, layer: int) -> None:
        described = self._session.network.layers[layer]
        assert isinstance(described, Dropout)
        with QSignalBlocker(self._rate):
            self._rate.setValue(round(100 * described.rate))
        self._rate_text.setText(f"rate {100 * described.rate:.0f} %")
        self._kind.setCurrentIndex(int(described.mode == "maps"))
        shape = self._session.network.shape_at(layer)
        self._kind.setVisible(shape is not None and len(shape) == 3)

    def _show_mask(self) -> None:
        """Show the mask of the step of training that is seen in the whole window."""
        if not self.isVisible() or self._layer is None:
            return
        session, pair = self._session, self._session.both_traces
        step = text.step_of(pair[1], self._layer, session.inspection.pinned) if pair is not None else None
        self._show_step.setVisible(pair is None)
        for button in self._buttons:
            button.setVisible(pair is not None)
        if step is None:
            self._step_text.show_text("One mask: which values it drops, and by what the others are multiplied.")
            self.strip.hide()
            return
        self._step_text.show_text(step.sentence)
        self.strip.show_passages(step.passages)
        self.strip.show()

    def _ask_soon(self) -> None:
        """Ask again in a moment, but not as often as a run or the pen changes something."""
        if self.isVisible() and self._layer is not None and not self._soon.isActive():
            self._soon.start(_TRAINING_WAIT if self._is_training else _WAIT)

    def _ask(self) -> None:
        if self._layer is None or not self.isVisible():
            return
        problem = self._edits.hindrance()
        if problem:
            self._work.stop()
            self._show_no_samples(problem)
            return
        session = self._session
        wanted = MASKS[0] if self._is_training else MASKS[self._count.currentIndex()]
        seen = session.network, session.shown_weights, session.image, session.switched_off
        self._work.ask(Question(*seen, self._layer, 0, wanted))

    def _take(self, asked: Question, samples: Any) -> None:
        """Show masks as far as they are drawn; while a run or the pen changes everything, whole sets only."""
        if asked.network is not self._session.network or asked.layer != self._layer or not self.isVisible():
            return
        if len(samples) < min(asked.wanted, MASKS[0]):
            return
        self._result.show_text(text.result_sentence(samples, self._session.class_names))
        self.convergence.show_distances(samples.distances, samples.expected)
        if samples.answers.shape[1] == 0:
            self.spread.show_message("The network has a problem, so it gives no answer.")
            return
        classifies = self._session.network.classifies
        names = self._session.class_names if classifies else text.numbered(samples.answers.shape[1])
        self.spread.show_answers(samples.answers, samples.inference, names, fractions=classifies)

    def _show_no_samples(self, sentence: str) -> None:
        self._result.show_text("")
        self.convergence.show_message(sentence)
        self.spread.show_message(sentence)

    def minimumSizeHint(self) -> QSize:
        """Return the least size at which it can be scrolled through."""
        return QSize(300, 200)

    def sizeHint(self) -> QSize:
        """Return a size for the plots one below the other."""
        return QSize(360, 620)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the plots beside each other where there is room."""
        super().resizeEvent(event)
        beside = event.size().width() >= _BESIDE
        self._plots.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)

    def hideEvent(self, event: QHideEvent) -> None:
        """Draw no masks that nobody sees."""
        super().hideEvent(event)
        self._soon.stop()
        self._work.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while the panel was hidden."""
        super().showEvent(event)
        self._refresh()
