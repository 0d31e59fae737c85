"""Texts that are laid out while nothing else is to be done, because they will be needed in a hurry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from PySide6.QtCore import QObject, QTimer

from convscope.ui.widgets.laid_out_text import LaidOutTexts

_AT_ONCE = 25  # texts, which take a quarter of a millisecond


class TextsAhead(QObject):
    """Lays texts out, some with each turn of the event loop in which nothing else waits."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._texts: LaidOutTexts | None = None
        self._wanted: Iterator[str] | None = None  # those that are not laid out yet
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)

    def begin(self, texts: LaidOutTexts, wanted: Iterable[str]) -> None:
        """Begin with texts of a font, or go on with them if they are those that were begun with last."""
        if texts is not self._texts:
            self._texts, self._wanted = texts, iter(wanted)
        if self._wanted is not None:
            self._timer.start()

    def rest(self) -> None:
        """Leave the others until they are needed."""
        self._timer.stop()

    def _go_on(self) -> None:
        assert self._texts is not None
        some = list(islice(self._wanted or (), _AT_ONCE))
        for text in some:
            self._texts.static(text)
        if not some:
            self._wanted = None
            self.rest()
