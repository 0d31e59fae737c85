"""The weights of a layer with their gradients beside them, to choose one weight from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from convscope.ui.widgets.kernel_places import SMALLEST_KERNEL, Spot
from convscope.ui.widgets.kernel_table import KernelTable

Describe = Callable[[Spot], str]

_WEIGHT = 12  # pixels: one weight is to be pointed at
_KERNEL = 36  # pixels: enough for a kernel whose weights are many


class StepKernels(KernelTable):
    """A table of kernels in which one weight is chosen: by a click, or Enter for the largest gradient of a kernel.

    Signals:
        weight_chosen(Spot): The user wants to see the update of this weight.
    """

    weight_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty table."""
        super().__init__(parent)
        self.setObjectName("step_kernels")
        self.setAccessibleName("Weights and gradients")
        self._chosen: Spot | None = None
        self._describe: Describe = lambda spot: ""

    @property
    def chosen(self) -> Spot | None:
        """The weight that is marked."""
        return self._chosen

    def show_chosen(self, spot: Spot | None, describe: Describe) -> None:
        """Mark a weight.

        Args:
            spot: Where it is; None for none.
            describe: Says what a weight is called and what its values are.
        """
        self._chosen, self._describe = spot, describe
        self.viewport().update()
        self.caption_changed.emit()

    def caption(self) -> str:
        """Return what is to be said of the weight under the pointer, else of the chosen one."""
        if self.values is None:
            return ""
        spot = self.hovered or self._chosen
        return self._describe(spot) if spot is not None else "Click a weight to see its update."

    def _paint(self, painter: QPainter) -> None:
        super()._paint(painter)
        if self.values is None or self._chosen is None:
            return
        for part in range(len(self.values.arrays)):
            spot = Spot(self._chosen.filter, self._chosen.channel, self._chosen.row, self._chosen.column, part)
            self._draw_ring(painter, self.cell_rect(spot).adjusted(-1, -1, 1, 1), 3)

    def _smallest(self, side: int) -> int:
        return max(SMALLEST_KERNEL, min(_KERNEL, _WEIGHT * side))

    def _open(self) -> None:
        """Choose the weight of the selected kernel whose gradient is largest."""
        if self.values is None:
            return
        number, channel = self.selected
        kernel = np.abs(np.nan_to_num(self.values.arrays[-1][number, channel]))
        row, column = np.unravel_index(int(kernel.argmax()), kernel.shape)
        self.weight_chosen.emit(Spot(number, channel, int(row), int(column)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the weight under the pointer."""
        spot = self.spot_at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or spot is None:
            event.ignore()
            return
        self.select(spot.filter, spot.channel)
        self.weight_chosen.emit(spot)
