"""Which place of the curves is pointed at, the same in every plot."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from convscope.core.diagnosis import Place


class PointedPlace(QObject):
    """A place in the curves that a reading speaks of.

    Signals:
        changed: Another place, or none, or with another emphasis.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._place: Place | None = None
        self._strongly = False

    @property
    def place(self) -> Place | None:
        """The place; None where nothing is pointed at."""
        return self._place

    @property
    def strongly(self) -> bool:
        """Whether the pointer or the keyboard is on what speaks of it."""
        return self._strongly

    def point(self, place: Place | None, *, strongly: bool = False) -> None:
        """Point at a place, or at none."""
        if (place, strongly) != (self._place, self._strongly):
            self._place, self._strongly = place, strongly
            self.changed.emit()
