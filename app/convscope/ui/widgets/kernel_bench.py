"""One kernel at work: the map it looks at, the kernel itself, and the map that its filter makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from convscope.core.settings import Setting
from convscope.ui.colour_maps import ColourScale, finite_range
from convscope.ui.widgets.kernel_cell_editor import MOST
from convscope.ui.widgets.kernel_cells import KernelCells
from convscope.ui.widgets.kernel_picture import small
from convscope.ui.widgets.kernel_tools import KernelTools
from convscope.ui.widgets.mosaic import Mosaic
from convscope.ui.widgets.mosaic_maps import Maps
from convscope.ui.widgets.mosaic_marks import Marks
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.setting_editors import ARROWS, StepEditor

Array = NDArray[np.floating[Any]]

_SIGNS = 70  # pixels that the signs between them and the margins take
_LEAST_MAP = 50  # pixels that a map needs
_WIDE = 560  # pixels, from which three maps and the tools fit side by side


@dataclass(frozen=True, eq=False)
class Bench:
    """What the bench shows.

    Attributes:
        number: Of the filter.
        channel: The input channel of the kernel.
        channels: How many channels the filter has.
        kernel: # (height, width)
        bias: Of the filter; None for a layer without.
        before: The input channel's map.  # (height, width)
        after: The filter's output map.  # (height, width)
        reason: Why there are no maps; empty where there are.
        sentence: What is said below, while nothing is pointed at.
    """

    number: int
    channel: int
    channels: int
    kernel: Array
    bias: float | None = None
    before: Array | None = None
    after: Array | None = None
    reason: str = ""
    sentence: str = ""


class KernelBench(QWidget):
    """Shows a kernel between the two maps it joins, with the tools that change it.

    Signals:
        bias_entered(object): The filter's bias shall be this.
    """

    bias_entered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tools = KernelTools(self)
        self.before, self.after = Mosaic(self), Mosaic(self)
        self.cells = KernelCells(self)
        self.bias = StepEditor(Setting("number", "The bias", "Added to every value.", 0.0, -MOST, MOST, 0.1), self)
        self._titles = [QLabel(self) for _ in range(3)]
        self._caption = QLabel(self)
        self._bias_label = QLabel("&Bias", self)
        self._described, self._refusal = "", ""
        self._sentence = ""
        self._lay_out()
        self.tools.brush_changed.connect(self._take_brush)
        self.bias.entered.connect(self.bias_entered)
        for source in (self.cells, self.bias):
            source.refused.connect(self._refuse)

    def show_bench(self, bench: Bench) -> None:
        """Show a kernel at work."""
        self.tools.show_kernel((bench.kernel.shape[0], bench.kernel.shape[1]), bench.channels)
        self.cells.show_kernel(bench.kernel, ColourScale.signed(bench.kernel))
        for view, values in ((self.before, bench.before), (self.after, bench.after)):
            if values is None:
                view.show_message(bench.reason)
            else:
                view.show_maps(Maps.of(values[None], ColourScale.of(values)))
        self._divide()
        names = "Input", "Kernel", "Output"
        for label, name, values in zip(self._titles, names, (bench.before, bench.kernel, bench.after), strict=True):
            label.setText(name if values is None else f"{name}\n{_range_text(values)}")
        for part in (self.bias, self._bias_label):
            part.setVisible(bench.bias is not None)
        if bench.bias is not None:
            self.bias.show_value(bench.bias, keep_typing=True)
        self._sentence = bench.sentence
        self._show_caption()

    def describe(self, text: str) -> None:
        """Say something below; empty says what the kernel does."""
        self._described = text
        self._show_caption()

    def show_marks(self, before: Marks, after: Marks) -> None:
        """Mark values of the two maps."""
        self.before.show_marks(before)
        self.after.show_marks(after)

    def caption(self) -> str:
        """Return what is read below: what is wrong with what is typed, else what is pointed at."""
        return self._caption.text()

    def _show_caption(self) -> None:
        self._caption.setText(self._refusal or self._described or self._sentence)
        role = QPalette.ColorRole.BrightText if self._refusal else QPalette.ColorRole.WindowText  # the theme's error
        self._caption.setForegroundRole(role)

    def _lay_out(self) -> None:
        for view in (self.before, self.after):
            view.setMinimumWidth(_LEAST_MAP)
        self.before.setAccessibleName("Input map")
        self.after.setAccessibleName("Output map")
        self.bias.setObjectName("kernel_bias")
        self.bias.setAccessibleName("Bias")
        self.bias.setMinimumWidth(self.bias.fontMetrics().horizontalAdvance("−0.0123456") + ARROWS)
        self._bias_label.setBuddy(self.bias)
        grid = QGridLayout()
        grid.setContentsMargins(2, 0, 2, 0)
        grid.setHorizontalSpacing(2)
        grid.setVerticalSpacing(1)
        for place, widget in enumerate((self.before, self.cells, self.after)):
            self._titles[place].setFont(small(self.font()))
            self._titles[place].setToolTip("Least to greatest value; blue is below zero, orange above")
            self._titles[place].setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._titles[place].setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            grid.addWidget(self._titles[place], 0, 2 * place)
            grid.addWidget(widget, 1, 2 * place)
        for place, sign in ((1, "∗"), (3, "→")):
            label = QLabel(sign, self)
            font = label.font()
            font.setPointSizeF(1.5 * font.pointSizeF())
            label.setFont(font)
            grid.addWidget(label, 1, place)
        grid.setRowStretch(1, 1)
        self._grid = grid
        column = QVBoxLayout()
        column.setSpacing(3)
        column.addLayout(grid, 1)
        column.addLayout(self._made_foot())
        self._box = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)  # or the tools at the right, where room is low
        self._box.setContentsMargins(4, 0, 4, 0)
        self._box.setSpacing(3)
        self._box.addWidget(self.tools)
        self._box.addLayout(column, 1)

    def _made_foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(6)
        self._caption.setWordWrap(True)
        self._caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._caption.setMinimumHeight(2 * self._caption.fontMetrics().height())
        foot.addWidget(self._caption, 1)
        foot.addWidget(self._bias_label)
        foot.addWidget(self.bias)
        return foot

    def _take_brush(self, painting: bool, value: float) -> None:
        self.cells.show_brush(painting, value)

    def _refuse(self, reason: str) -> None:
        self._refusal = reason
        self._show_caption()

    def _divide(self) -> None:
        """Give the kernel the width that its numbers need, if the maps keep enough, and else a third."""
        tools = self.tools.sizeHint().width() if self._box.direction() == QBoxLayout.Direction.RightToLeft else 0
        free, kernel = self.width() - tools - _SIGNS, self.cells.width_for_numbers()
        maps = max((free - kernel) // 2, 0)
        equal = maps < _LEAST_MAP or maps > kernel
        for column, share in ((0, maps), (2, kernel), (4, maps)):
            self._grid.setColumnStretch(column, 1 if equal else share)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the tools where they take the least from the maps."""
        super().resizeEvent(event)
        beside = self.width() >= _WIDE and self.width() > 2 * self.height()
        directions = QBoxLayout.Direction
        self._box.setDirection(directions.RightToLeft if beside else directions.TopToBottom)
        self.tools.show_upright(beside)
        self._divide()


def _range_text(values: Array) -> str:
    """Return the least and the greatest value, which take the first and the last colour."""
    low, high = finite_range(values)
    return f"{number_text(low, 2)}…{number_text(high, 2)}"
