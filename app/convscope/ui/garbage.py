"""Garbage collection on the window's thread alone.

Python collects on whatever thread allocates just then. Among the garbage may be Qt objects, and one that a worker
destroys takes the program down.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL = 1000  # milliseconds; by then there is seldom more garbage than a millisecond's


class GarbageCollector(QObject):
    """Collects in place of Python, as seldom as Python would, from the moment it is made."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collect)
        self._timer.start(INTERVAL)

    def keep_what_is_loaded(self) -> None:
        """Never look through what exists now again: of PyTorch's modules alone that takes a tenth of a second."""
        gc.freeze()

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()

    def _collect(self) -> None:
        counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
        due = [generation for generation, (count, most) in enumerate(counts) if count > most]
        if due:
            gc.collect(due[-1])
