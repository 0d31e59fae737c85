"""The bar below the toolbar that stands there while the network is seen in training: what that changes, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QToolBar, QToolButton, QWidget

from convscope.core.data.number_rows import takes_numbers, unit_of
from convscope.core.large import is_traced_live
from convscope.core.mode import Mode
from convscope.core.mode_difference import Difference, difference
from convscope.ui.session import Session
from convscope.ui.widgets.mode_sentence import ModeSentence

if TYPE_CHECKING:  # it loads torch
    from convscope.core.trace import Trace

RESAMPLING = 250  # milliseconds between two steps that run by themselves
_WIDE = 1500  # pixels
_TOOLS = ("training_mode", "split_modes", "resample", "resample_running")
_LARGE = "This network is so large that it is always seen in inference."
_LARGE_REASON = "A step of training would need a whole batch of it, and would not follow the pen."
_PROBLEM = "The network has a problem, so nothing can be compared."
_EMPTY = "Draw something or show a sample to compare training with inference."


class ModeBar(QToolBar):
    """Says when training and inference disagree and why, and shows step after step of training.

    It does the work of the actions that switch between the two. It is there as long as the network is seen in
    training, alone or beside inference.
    """

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget) -> None:
        super().__init__("Training mode", parent)
        self.setObjectName("mode_bar")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.toggleViewAction().setVisible(False)
        self._session = session
        self._training, self._split, self._resample, self._running = (actions[f"action_{name}"] for name in _TOOLS)
        self._timer = QTimer(self)
        self._timer.setInterval(RESAMPLING)
        self._timer.timeout.connect(session.resample)
        self._sentence = ModeSentence(self)
        self._lay_out()
        self.hide()
        self._connect()
        self.show_mode()

    @property
    def sentence(self) -> str:
        """What is said."""
        return self._sentence.text

    def _lay_out(self) -> None:
        row = QWidget(self)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(10, 0, 10, 0)
        layout.setSpacing(6)
        layout.addWidget(self._sentence, 1)
        layout.addSpacing(8)
        self._steps = [_button(action, row) for action in (self._resample, self._running)]
        for button in self._steps:
            layout.addWidget(button)
        self.addWidget(row)

    def _connect(self) -> None:
        session = self._session
        self._training.triggered.connect(self._switch_mode)
        self._split.triggered.connect(session.show_split)
        self._resample.triggered.connect(session.resample)
        self._running.toggled.connect(self._run)
        session.mode_changed.connect(self.show_mode)
        changes = session.trace_changed, session.network_changed, session.drawing_changed, session.config_changed
        for changed in changes:
            changed.connect(self._show_sentence)

    def _switch_mode(self, training: bool) -> None:
        self._session.change_mode(Mode.TRAINING if training else Mode.INFERENCE)

    def show_mode(self) -> None:
        """Show what is chosen, whoever chose it, and be there or not, whatever an arrangement remembers."""
        session = self._session
        training, seen = session.mode is Mode.TRAINING, session.mode is Mode.TRAINING or session.is_split
        self._training.setChecked(training)
        self._split.setChecked(session.is_split)
        for action in (self._resample, self._running):
            action.setEnabled(seen)
        if not seen:
            self._running.setChecked(False)
        if self.isHidden() == seen:
            self.setVisible(seen)
        self._show_sentence()

    def _show_sentence(self) -> None:
        if not self.isVisible():
            return
        session, doubtful = self._session, False
        pair = session.both_traces
        if not is_traced_live(session.network):
            verdict, reason = _LARGE, _LARGE_REASON
        elif session.network.report.problem is not None:
            verdict, reason = _PROBLEM, ""
        elif pair is None:
            return  # both follow in a moment
        elif (found := self._difference(*pair)) is None:
            verdict, reason = _PROBLEM, ""
        else:
            doubtful, verdict, reason = not found.agree, found.verdict, found.reason
            if session.image.max() <= 0 and not takes_numbers(session.network.input_shape):
                doubtful, verdict = False, _EMPTY
        self._sentence.show_sentence(verdict, reason, doubtful=doubtful)

    def _difference(self, inference: Trace, training: Trace) -> Difference | None:
        session = self._session
        unit = unit_of(session.dataset, session.network.input_shape)
        return difference(inference, training, session.class_names, unit, batch_size=session.config.batch_size)

    def _run(self, running: bool) -> None:
        if running and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the words of the steps away where the sentence needs their room."""
        super().resizeEvent(event)
        styles = Qt.ToolButtonStyle
        wide = event.size().width() >= _WIDE
        for button in self._steps:
            button.setToolButtonStyle(styles.ToolButtonTextBesideIcon if wide else styles.ToolButtonIconOnly)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up, and go on where steps were running."""
        super().showEvent(event)
        self._run(self._running.isChecked())
        self._show_sentence()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while hidden."""
        self._timer.stop()
        super().hideEvent(event)


def _button(action: QAction, parent: QWidget) -> QToolButton:
    button = QToolButton(parent)
    button.setDefaultAction(action)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setIconSize(QSize(18, 18))
    button.setAutoRaise(True)
    button.setObjectName(f"mode_{action.objectName().removeprefix('action_')}")
    button.setAccessibleName(action.iconText())
    return button
