"""Batch norm: what the selected layer does to one channel of a mini-batch, and to the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from convscope.core.batch_norm import ChannelBatch
from convscope.core.batch_norm_changes import batch_norms, nearest_batch_norm
from convscope.core.histogram import Histogram
from convscope.core.layers import BatchNorm
from convscope.core.mode import draws, uses_batch
from convscope.core.unit import Unit
from convscope.ui.panels import batchnorm_text as text
from convscope.ui.panels.batchnorm_edits import BatchNormEdits
from convscope.ui.panels.batchnorm_folds import BatchNormFolds
from convscope.ui.panels.batchnorm_live import BatchNormLive
from convscope.ui.panels.batchnorm_work import Answer, Batches, Question, histograms_of
from convscope.ui.run_state import RunState
from convscope.ui.widgets.batch_norm_view import BatchNormView
from convscope.ui.widgets.layer_picker import LayerPicker
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.tinted_label import TintedLabel
from convscope.ui.widgets.unit_picker import UnitPicker

if TYPE_CHECKING:
    from convscope.ui.session import Session

_HEAD_WIDTH = 500  # pixels from which layer and value stand in one line
_WAIT = 80  # milliseconds between two questions while the pen moves
_QUICKLY = 20_000  # values counted at each movement of the mouse: 2 ms
_TRAINING_WAIT = 500  # while a run goes on
_FIXED = "While training goes on, γ and β change by themselves. Pause to set them by hand, which ends the run."


class BatchnormPanel(QWidget):
    """Shows one channel of a batch-norm layer, live while the user draws, drags γ and β, and trains.

    The mini-batch is run on a thread: the drawing first, then training images that the seed chooses.
    """

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("batchnorm_panel")
        self.setAccessibleName("Batch norm")
        self._session = session
        self._layer: int | None = None
        self._index: tuple[int, ...] = ()  # of the value that the steps are of; empty: not chosen yet
        self._batch: ChannelBatch | None = None
        self._work = Batches(self)
        self._edits = BatchNormEdits(session, self)
        self._soon = QTimer(self, singleShot=True)
        self._picker = LayerPicker(self)
        self._units = UnitPicker(parent=self)
        self._message = TintedLabel("text", self)
        self._remedy = QPushButton(self)
        self.view = BatchNormView(self)
        self._live = BatchNormLive(session, self.view)
        self.folds = BatchNormFolds(self)
        self._area = QScrollArea(self)
        self._build()
        self._follow()

    def _build(self) -> None:
        self._remedy.setObjectName("batch_norm_insert")
        self._remedy.setAccessibleName("Insert batch norm")
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setContentsMargins(4, 2, 4, 0)
        self._head.addWidget(self._picker)
        self._head.addWidget(self._units, 1)
        contents = QWidget(self)
        contents.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # as narrow as the panel
        inner = QVBoxLayout(contents)
        inner.setContentsMargins(4, 2, 8, 8)
        inner.setSpacing(8)
        inner.addWidget(self.view)
        inner.addWidget(self.folds)
        inner.addStretch(1)
        self._area.setWidget(contents)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 2, 2, 2)
        column.setSpacing(4)
        column.addLayout(self._head)
        column.addWidget(self._message)
        column.addWidget(self._remedy, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._area, 1000)
        column.addStretch(1)  # below the sentence that stands in the place of all

    def _follow(self) -> None:
        session, view = self._session, self.view
        self._picker.chosen.connect(session.select)
        self._units.index_chosen.connect(self._choose)
        self._remedy.clicked.connect(self._edits.insert)
        self._soon.timeout.connect(self._catch_up)
        self._work.answered.connect(self._take)
        self._work.failed.connect(lambda error: self._show_problem(str(error)))
        view.sliders.dragged.connect(self._drag)
        view.sliders.entered.connect(lambda *values: self._edits.change(self._layer, self._channel, *values))
        view.momentum.entered.connect(lambda value: self._edits.change_momentum(self._layer, value))
        view.maps.mosaic.tile_chosen.connect(self._choose_tile)
        self.folds.opened.connect(self._ask_soon)
        self.folds.bias_wanted.connect(lambda on: self._edits.change_bias(self._layer, on))
        self.folds.plain_wanted.connect(self._edits.train_without)
        for signal in (session.network_changed, session.selection_changed):
            signal.connect(self._refresh)
        for signal in (session.weights_changed, session.drawing_changed, session.dataset_changed):
            signal.connect(self._ask_soon)
        for signal in (session.config_changed, session.mode_changed, session.history_changed):
            signal.connect(self._ask_soon)
        session.switched_off_changed.connect(self._ask_soon)
        session.run_state_changed.connect(self._allow_sliders)
        self._allow_sliders()
        session.trace_changed.connect(self._show_live_maps)
        session.inspection.pinned_changed.connect(self._follow_pinned)

    @property
    def _channel(self) -> int:
        return self._index[0] if self._index else 0

    @property
    def _is_training(self) -> bool:
        return self._session.run_state in (RunState.LOADING, RunState.RUNNING)

    def _allow_sliders(self) -> None:
        self.view.sliders.show_hindrance(_FIXED if self._is_training else "")

    def _refresh(self) -> None:
        """Show the layer that is selected, or the nearest one."""
        if not self.isVisible():
            return
        session = self._session
        found = batch_norms(session.network)
        layer = nearest_batch_norm(session.network, session.selected)
        if layer != self._layer or (layer is not None and not self._fits(layer)):
            self._layer, self._index, self._batch = layer, (), None
        self._picker.show_entries([(i, session.network.layers[i].name) for i in found], -1 if layer is None else layer)
        self._picker.setVisible(layer is not None)
        self._units.setVisible(layer is not None)
        if layer is None:
            self._show_none()
            return
        described = session.network.layers[layer]
        assert isinstance(described, BatchNorm)
        self.view.momentum.show_value(described.momentum, keep_typing=True)
        self._remedy.hide()
        self._follow_pinned()
        self._show_unit()
        self._catch_up()

    def _fits(self, layer: int) -> bool:
        shape = self._session.network.shape_at(layer)
        return not self._index or Unit(layer, self._index).fits(shape)

    def _show_none(self) -> None:
        """Say that there is no batch norm, and offer one."""
        self._work.stop()
        sentence, label = self._edits.offer()
        self._message.show_text(sentence)
        self._remedy.setText(label)
        self._message.show()
        self._remedy.setVisible(bool(label))
        self._area.hide()

    def _show_problem(self, sentence: str) -> None:
        self._batch = None
        self._message.show_text(sentence)
        self._message.show()
        self._area.hide()

    def _ask_soon(self) -> None:
        """Ask again in a moment, but not as often as a run or the pen changes something."""
        if self.isVisible() and self._layer is not None and not self._soon.isActive():
            self._soon.start(_TRAINING_WAIT if self._is_training else _WAIT)

    def _catch_up(self) -> None:
        """Show what the batch is now, once that is known."""
        session = self._session
        if self._layer is None or not self.isVisible():
            return
        self._live.show(self._layer, self._index)
        problem = self._edits.hindrance()
        if problem or session.dataset is None:
            self._show_problem(problem)
            return
        compares = self.folds.plain.is_open
        asked = session.network, session.shown_weights, session.image, session.dataset, session.config
        where = self._layer, self._channel, session.mask_seed, session.switched_off
        self._work.ask(Question(*asked, *where, compares))

    def _take(self, answer: Answer) -> None:
        asked = answer.question
        if asked.network is not self._session.network or (asked.layer, asked.channel) != (self._layer, self._channel):
            return
        if answer.batch is None:
            self._show_problem(answer.problem)
            return
        self._batch, sliders, histograms = answer.batch, self.view.sliders, answer.histograms
        if sliders.is_dragging:
            self._batch = answer.batch.with_scale(sliders.scale.value, sliders.shift.value)
            histograms = histograms_of(self._batch, _QUICKLY)
        else:
            sliders.show_values(answer.batch.scale if answer.batch.has_scale else None, answer.batch.shift)
        if not self._index:
            self._index = (self._channel, *_strongest(answer.batch))
        self._message.show_text(self._edits.remark(asked.layer, asked.channel, answer.images))
        self._message.setVisible(bool(self._message.text()))
        self._area.show()
        self._show_batch(self._batch, histograms)
        if answer.spreads:
            self.folds.spreads.show_spreads(answer.spreads)
            self.folds.show_plain(self.folds.spreads.summary())

    def _show_batch(self, batch: ChannelBatch, histograms: tuple[Histogram, ...]) -> None:
        """Show everything that the batch tells of the channel."""
        view = self.view
        before, after, running = histograms
        view.show_count(text.count_text(batch))
        view.before.show_histograms(before, names=("batch", ""))
        view.before.show_marks(text.marks(batch, "before"))
        if batch.trainable:
            view.after.show_histograms(after, running, names=("by the batch", "by the running ones"))
        else:
            view.after.show_histograms(running, names=("by the running ones", ""))
        view.after.show_marks(text.marks(batch, "after"))
        view.momentum_text.show_text(text.momentum_text(batch))
        self._show_unit()
        self._show_folds(batch)

    def _show_unit(self) -> None:
        """Show which value is taken apart, and its steps."""
        layer, network = self._layer, self._session.network
        shape = None if layer is None else network.shape_at(layer)
        if layer is None or shape is None:
            return
        index = self._index or (0,) * len(shape)
        batch = self._batch
        value = "" if batch is None else number_text(float(batch.after[0][index[1:]]))
        self._units.show_unit(network.layers[layer].name, index, shape, value, member="channel")
        if batch is not None:
            self._live.show_marks(layer, index)
            other_x = any(uses_batch(one) or draws(one) for one in network.layers[:layer])
            sheet = text.steps_sheet(batch, Unit(layer, index), self.view.digits)
            self.view.show_steps(sheet, text.steps_note(batch, other_x=other_x))

    def _show_folds(self, batch: ChannelBatch) -> None:
        assert self._layer is not None
        self.folds.show_one(text.one_text(batch))
        bias = self._edits.bias_of(self._layer, batch.channel)
        if bias is None:
            self.folds.show_bias(text.NO_LAYER_BEFORE, None)
        else:
            self.folds.show_bias(text.bias_text(batch, bias), bias.exists)

    def _show_live_maps(self) -> None:
        """Show the maps as they answer; while a run goes on they wait for the next moment."""
        if self._is_training and not self.view.sliders.is_dragging:
            self._ask_soon()
        elif self.isVisible() and self._layer is not None:
            self._live.show_maps(self._layer, self._index)

    def _choose(self, index: tuple[int, ...]) -> None:
        """Take another value, and its channel."""
        if index == self._index:
            return
        is_other = not self._index or index[0] != self._channel
        self._index = index
        if is_other:
            self._batch = None
            self._catch_up()
        self._show_unit()

    def _choose_tile(self, tile: int) -> None:
        if tile != self._channel or not self._index:
            shape = self._session.network.shape_at(self._layer) if self._layer is not None else None
            rest = self._index[1:] or (0,) * (len(shape or (0,)) - 1)
            self._choose((tile, *rest))

    def _drag(self, scale: float, shift: float) -> None:
        """Show the histograms with another γ and β at once, and have the maps answer."""
        if self._batch is not None and self._layer is not None:
            self._batch = self._batch.with_scale(scale, shift)
            self._show_batch(self._batch, histograms_of(self._batch, _QUICKLY))
            self._session.preview_weights(self._edits.arrays(self._layer, self._channel, scale, shift))

    def _follow_pinned(self) -> None:
        """Take the value that was pinned anywhere, if it is one that the layer takes or gives."""
        pinned, layer = self._session.inspection.pinned, self._layer
        if not self.isVisible() or layer is None or pinned is None or pinned.layer not in (layer - 1, layer):
            return
        if pinned.fits(self._session.network.shape_at(layer)):
            self._choose(pinned.index)

    def _step_channel(self, steps: int) -> None:
        shape = None if self._layer is None else self._session.network.shape_at(self._layer)
        if shape is not None:
            index = self._index or (0,) * len(shape)
            self._choose((min(max(index[0] + steps, 0), shape[0] - 1), *index[1:]))

    def minimumSizeHint(self) -> QSize:
        """Return the size at which one plot and its figures can be read."""
        return QSize(300, 200)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the next channel or layer."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_PageDown: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageUp: -1}.get(
            Qt.Key(event.key())
        )
        if step is None:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier:
            found = batch_norms(self._session.network)
            if self._layer in found:
                self._session.select(found[min(max(found.index(self._layer) + step, 0), len(found) - 1)])
        else:
            self._step_channel(step)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the value below the layer where both do not fit beside each other."""
        super().resizeEvent(event)
        wide = self.width() >= _HEAD_WIDTH
        self._head.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def hideEvent(self, event: QHideEvent) -> None:
        """Compute nothing that nobody sees."""
        super().hideEvent(event)
        self._soon.stop()
        self._work.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        self._refresh()


def _strongest(batch: ChannelBatch) -> tuple[int, ...]:
    """Return where the drawing gives the channel's greatest value; () in a vector."""
    return tuple(int(side) for side in np.unravel_index(int(batch.before[0].argmax()), batch.before[0].shape))
