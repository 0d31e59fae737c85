"""The status bar: messages, long work in the background, and what the program computes with."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, QRect, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QStatusBar, QStyle, QStyleOption, QWidget

from convscope.ui.run_state import RunState
from convscope.ui.session import Session
from convscope.ui.widgets.run_progress import progress_text
from convscope.ui.widgets.work_progress import WorkProgress

_INDENT = 6  # pixels before and behind a message
_SPARE = 12  # pixels that the text about a run may grow by
MESSAGE = 12_000  # milliseconds; long enough to read a sentence from the last row


class StatusBar(QStatusBar):
    """Shows the session's messages; long work has its progress here, and can be cancelled."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._run = self._label("status_run")
        self._run.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._loading = WorkProgress(
            "loading", "loading the data", "Cancel loading the data; the present data set stays.", self
        )
        self._loading.cancelled.connect(session.cancel_loading)
        self._computing = WorkProgress(
            "computing", "computing", "Cancel this pass through the network; weights it drew are forgotten.", self
        )
        self._computing.cancelled.connect(session.cancel_computing)
        self._data = self._label("status_data")
        self._device = self._label("status_device")
        for widget in (self._run, self._loading, self._computing, self._data, self._device):
            self.addPermanentWidget(widget)
        self._held = QElapsedTimer()  # since a message of the session
        self._is_new = False  # of a message, until everything is done that happens together with it
        session.message_shown.connect(self._tell)
        session.undo_stack.indexChanged.connect(self._follow_step)
        self.messageChanged.connect(lambda text: self._run.setVisible(not text))  # both do not fit a small screen
        session.loading_changed.connect(self._show_loading)
        session.computing_progressed.connect(self._show_computing)
        session.progress_changed.connect(self._show_run)
        session.run_state_changed.connect(self._show_run)
        session.run_state_changed.connect(self._follow_run)
        self._was_active = session.run_state.is_active
        session.dataset_changed.connect(self._show_data)
        session.devices_changed.connect(self._show_device)
        session.config_changed.connect(self._show_device)
        self._show_loading()
        self._show_data()
        self._show_device()

    def shown_text(self) -> str:
        """Return what can be read of the message: what does not fit beside the rest ends in an ellipsis."""
        return self.fontMetrics().elidedText(
            self.currentMessage(), Qt.TextElideMode.ElideRight, self._message_place().width()
        )

    @property
    def is_read(self) -> bool:
        """Whether a message stands there that hints about what the pointer passes over must not replace."""
        return self._held.isValid() and not self._held.hasExpired(MESSAGE)

    def _tell(self, text: str) -> None:
        self._held.start()
        self._is_new = True
        QTimer.singleShot(0, self, self._age)
        self.showMessage(text, MESSAGE)

    def _age(self) -> None:
        self._is_new = False

    def _follow_step(self) -> None:
        """Forget what belongs to the step before; what the present one has just said stays."""
        if not self._is_new:
            self._forget()

    def _forget(self) -> None:
        self._held.invalidate()
        self.clearMessage()

    def _follow_run(self) -> None:
        """Forget what was said before a run began."""
        was_active, self._was_active = self._was_active, self._session.run_state.is_active
        if self._was_active and not was_active:
            self._forget()

    def _message_place(self) -> QRect:
        beside = (self._run, self._loading, self._computing, self._data, self._device)
        end = min((widget.x() for widget in beside if widget.isVisible()), default=self.width())
        return QRect(_INDENT, 0, end - 2 * _INDENT, self.height())

    def _label(self, name: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setContentsMargins(8, 0, 8, 0)
        return label

    def _show_run(self) -> None:
        progress = self._session.progress
        state = self._session.run_state
        told = progress_text(progress) if progress is not None and state is RunState.RUNNING else ""
        text = " · ".join(part for part in (state.value, told) if part) if progress is not None else ""
        self._run.setText(text)
        margins = self._run.contentsMargins()
        needed = self._run.fontMetrics().horizontalAdvance(text) + margins.left() + margins.right()
        if not text or needed > self._run.width():  # else each number would have the window's layout made anew
            self._run.setFixedSize(needed + _SPARE * bool(text), self._run.sizeHint().height())

    def _show_loading(self) -> None:
        self._loading.show_progress(self._session.loading)

    def _show_computing(self) -> None:
        self._computing.show_progress(self._session.computing)

    def _show_data(self) -> None:
        dataset = self._session.dataset
        if dataset is None:
            self._data.setText("No data yet")
        else:
            count = f"{len(dataset.train):,} + {len(dataset.test):,} images"
            self._data.setText(f"{dataset.title}: {count if dataset.target is None else f'{len(dataset.test):,} rows'}")

    def _show_device(self) -> None:
        name = self._session.config.device
        title = dict(self._session.devices).get(name, name)
        threads = self._session.threads
        count = f", {threads} thread{'s' * (threads != 1)}" if threads and name == "cpu" else ""
        self._device.setText(f"{title}{count}" if threads else "Loading PyTorch…")

    def event(self, event: QEvent) -> bool:
        """Give the whole of a message that does not fit as a tooltip."""
        if event.type() == QEvent.Type.ToolTip:
            message = self.currentMessage()
            self.setToolTip(message if message != self.shown_text() else "")
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the message; Qt would cut it off without a sign."""
        if not self.currentMessage():
            super().paintEvent(event)
            return
        painter, option = QPainter(self), QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_PanelStatusBar, option, painter, self)
        painter.setPen(self.palette().windowText().color())
        painter.drawText(self._message_place(), Qt.AlignmentFlag.AlignVCenter, self.shown_text())
