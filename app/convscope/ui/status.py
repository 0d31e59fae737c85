"""The status bar: messages, the loading of data, and what the program computes with."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QProgressBar, QStatusBar, QToolButton, QWidget

from convscope.ui.icons import icon
from convscope.ui.session import Session
from convscope.ui.widgets.run_progress import progress_text

MESSAGE = 12_000  # milliseconds; long enough to read a sentence from the last row


class StatusBar(QStatusBar):
    """Shows the session's messages; a load of data has its progress here, and can be cancelled."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._run = self._label("status_run")
        self._loading_text = self._label("status_loading")
        self._loading_bar = QProgressBar(self)
        self._loading_bar.setAccessibleName("Progress of loading the data")
        self._loading_bar.setTextVisible(False)
        self._loading_bar.setFixedWidth(140)
        self._cancel = QToolButton(self)
        self._cancel.setObjectName("cancel_loading")
        self._cancel.setAccessibleName("Cancel loading the data")
        self._cancel.setIcon(icon("stop"))
        self._cancel.setAutoRaise(True)
        self._cancel.setToolTip("Cancel loading the data; the present data set stays.")
        self._cancel.clicked.connect(session.cancel_loading)
        self._data = self._label("status_data")
        self._device = self._label("status_device")
        for widget in (self._run, self._loading_text, self._loading_bar, self._cancel, self._data, self._device):
            self.addPermanentWidget(widget)
        session.message_shown.connect(lambda text: self.showMessage(text, MESSAGE))
        session.loading_changed.connect(self._show_loading)
        session.progress_changed.connect(self._show_run)
        session.run_state_changed.connect(self._show_run)
        session.dataset_changed.connect(self._show_data)
        session.devices_changed.connect(self._show_device)
        session.config_changed.connect(self._show_device)
        self._show_loading()
        self._show_data()
        self._show_device()

    def _label(self, name: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setContentsMargins(8, 0, 8, 0)
        return label

    def _show_run(self) -> None:
        progress = self._session.progress
        state = self._session.run_state.value
        self._run.setText("" if progress is None else f"{state} · {progress_text(progress)}")

    def _show_loading(self) -> None:
        progress = self._session.loading
        for widget in (self._loading_text, self._loading_bar, self._cancel):
            widget.setVisible(progress is not None)
        if progress is not None:
            self._loading_text.setText(f"{progress.text}…")
            self._loading_bar.setRange(0, 1000 if progress.total else 0)
            self._loading_bar.setValue(1000 * progress.done // (progress.total or 1))

    def _show_data(self) -> None:
        dataset = self._session.dataset
        if dataset is None:
            self._data.setText("No data yet")
        else:
            self._data.setText(f"{dataset.title}: {len(dataset.train):,} + {len(dataset.test):,} images")

    def _show_device(self) -> None:
        name = self._session.config.device
        title = dict(self._session.devices).get(name, name)
        threads = self._session.threads
        count = f", {threads} thread{'s' * (threads != 1)}" if threads and name == "cpu" else ""
        self._device.setText(f"{title}{count}" if threads else "Loading PyTorch…")
