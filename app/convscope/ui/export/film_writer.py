"""Writing a film while the window stays live: pictures are painted one by one here, and encoded on a thread.

1. The thread asks for a picture by resting.
2. The GUI thread paints it, which takes milliseconds, and sends it along; then it can do other things.
3. The thread encodes it and rests again; after the last picture it writes the file.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from convscope.core.animation import Frame, Kind, write_animation
from convscope.ui.background import Stream
from convscope.ui.export.film import Film


class FilmWriter(QObject):
    """Writes one film at a time.

    Signals:
        progressed: So many pictures have been painted.
        done: The file is written; its size in bytes.
        failed: The exception that ended the work.
    """

    progressed = Signal(int)
    done = Signal(int)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._stream: Stream | None = None
        self._film: Film | None = None

    @property
    def is_running(self) -> bool:
        """Whether a film is being written."""
        return self._stream is not None

    def start(self, film: Film, path: Path, kind: Kind) -> None:
        """Begin to write a film; one that is under way is given up."""
        self.cancel()
        self._film = film
        self._stream = Stream(lambda: write_animation(path, kind))
        self._stream.rested.connect(self._send)
        self._stream.ended.connect(self._end)
        self._stream.failed.connect(self._fail)
        self._stream.resume(lambda _: True)
        self._stream.begin()

    def cancel(self) -> None:
        """Give the film up; no file is written, and nothing is told of it any more."""
        if self._stream is not None:
            self._stream.abandon()
            self._stream = self._film = None

    def _send(self, number: int) -> None:
        """Paint the picture that is asked for and send it along."""
        if self._stream is None or self._film is None:
            return
        film = self._film
        try:
            frame = Frame(film.pixels(number), film.times[number], is_last=number == len(film) - 1)
        except Exception as error:
            self._fail(error)
            return
        self.progressed.emit(number + 1)
        if self._stream is not None:  # it was not cancelled by who was told
            self._stream.resume(lambda _: True, order=frame)

    def _end(self, size: int) -> None:
        self._stream = self._film = None
        self.done.emit(size)

    def _fail(self, error: Exception) -> None:
        self.cancel()
        self.failed.emit(error)
