"""Brings the arithmetic of a value that was clicked to the front."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from convscope.core.unit import Unit
from convscope.ui.inspection import Inspection
from convscope.ui.panel_dock import PanelDock


class ArithmeticFront(QTimer):
    """Raises the panel of a pinned value, unless it was closed.

    It waits until the click can no more become a double-click, which takes back what its first half has pinned.
    """

    def __init__(self, dock: PanelDock, inspection: Inspection) -> None:
        """Make what raises `dock`, and belongs to it."""
        super().__init__(dock, singleShot=True, interval=QApplication.doubleClickInterval())
        self._dock = dock
        self._inspection = inspection
        self._settled: Unit | None = None  # what was pinned when it last came to rest
        self.timeout.connect(self._raise)
        inspection.pinned_changed.connect(self._follow)

    def _follow(self) -> None:
        pinned = self._inspection.pinned
        if pinned is None:
            self._settled = None
        if pinned == self._settled:
            self.stop()
        else:
            self.start()

    def _raise(self) -> None:
        self._settled = self._inspection.pinned
        if self._dock.isVisible() and not self._dock.panel.isVisible():
            self._dock.raise_()
