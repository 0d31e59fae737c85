"""Loading a data set in the background, as the window sees it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from convscope.core.data.progress import Progress
from convscope.core.data.sources import NotDownloaded, loading
from convscope.ui.background import Stream


class DataLoading(QObject):
    """Loads one data set on a thread of its own; a new load is a new object.

    Signals:
        progressed: A `Progress`.
        loaded: The `Dataset`.
        download_needed: The sentence of the `NotDownloaded` that says how much there is to download.
        failed: The exception that kept the data from being loaded.
    """

    progressed = Signal(object)
    loaded = Signal(object)
    download_needed = Signal(str)
    failed = Signal(object)

    def __init__(self, source_id: str, folder: Path | None, download: bool, parent: QObject) -> None:
        super().__init__(parent)
        self.source_id = source_id
        self.folder = folder
        self.downloads = download
        self.progress: Progress | None = None
        self._stream = Stream(lambda: loading(source_id, folder=folder, download=download))
        self._stream.received.connect(self._progress)
        self._stream.ended.connect(self.loaded)
        self._stream.failed.connect(self._fail)
        self._stream.begin()
        self._stream.resume(lambda _: False)

    def cancel(self) -> None:
        """End the load; nothing is told any more, and nothing half loaded stays."""
        self._stream.abandon()
        self.deleteLater()

    def _progress(self, progress: Progress) -> None:
        self.progress = progress
        self.progressed.emit(progress)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, NotDownloaded):
            self.download_needed.emit(str(error))
        else:
            self.failed.emit(error)
