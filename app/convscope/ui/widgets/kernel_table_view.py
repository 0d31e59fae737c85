"""The table of kernels with what belongs to it: the value under the pointer, and what the colours mean."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from convscope.ui.widgets.colour_legend import ColourLegend
from convscope.ui.widgets.kernel_table import KernelTable
from convscope.ui.widgets.kernel_values import KernelValues

_WEIGHTS = "Weights"
_LEGEND = 148  # pixels; two of them stand side by side in a narrow dock
_BESIDE, _BELOW = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
_LOW, _WIDE = 220, 480  # pixels: lower and wider than this, two legends stand right of the table


class KernelTableView(QWidget):
    """Shows kernels with their caption and a legend each for weights and gradients."""

    def __init__(self, parent: QWidget | None = None, table: KernelTable | None = None) -> None:
        """Make an empty view, of a table of its own or of another kind."""
        super().__init__(parent)
        self.table = table or KernelTable(self)
        self._paired = False
        self._caption = QLabel(self)
        self._caption.setWordWrap(True)
        self._caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._names = [QLabel(text, self) for text in (_WEIGHTS, "∇")]
        self.legends = [ColourLegend(self), ColourLegend(self)]
        for legend in self.legends:
            legend.setFixedWidth(_LEGEND)
        self._names[0].setObjectName("kernel_scale_of")
        self._names[0].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._legends = QGridLayout()
        self._legends.setSpacing(6)
        self._beside = QBoxLayout(_BESIDE)
        self._beside.setSpacing(6)
        self._beside.addWidget(self.table, 1)
        self._below = QBoxLayout(_BESIDE)  # one above the other where there are two legends
        self._below.setContentsMargins(6, 0, 6, 0)
        self._below.setSpacing(2)
        self._below.addWidget(self._caption, 1)
        self._below.addLayout(self._legends)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._beside, 1)
        column.addLayout(self._below)
        self.table.caption_changed.connect(self._describe)
        self._arrange()

    def show_kernels(self, values: KernelValues) -> None:
        """Show the kernels of a layer."""
        self.table.show_kernels(values)
        self._describe()

    def show_message(self, text: str) -> None:
        """Show a sentence in the place of kernels."""
        self.table.show_message(text)
        self._describe()

    def caption(self) -> str:
        """Return what is read below the table."""
        return self._caption.text()

    def _arrange(self) -> None:
        """Put two legends right of the table where there is more room than below it."""
        aside = self._paired and self.height() < _LOW and self.width() >= _WIDE
        self._below.setDirection(_BELOW if self._paired and not aside else _BESIDE)
        self._caption.setMinimumHeight((1 if aside else 2) * self._caption.fontMetrics().height())
        home, other = (self._beside, self._below) if aside else (self._below, self._beside)
        other.removeItem(self._legends)
        if self._legends.parent() is not home:
            self._legends.setParent(None)
            home.addLayout(self._legends)
        for part, (name, legend) in enumerate(zip(self._names, self.legends, strict=True)):
            line, place = (part, 0) if aside else (0, 2 * part)
            self._legends.addWidget(name, line, place)
            self._legends.addWidget(legend, line, place + 1)
        self._legends.setRowStretch(2, int(aside))
        self._legends.setColumnStretch(4, int(not aside))

    def _describe(self) -> None:
        self._caption.setText(self.table.caption())
        values, hovered = self.table.values, self.table.hovered
        row = hovered.filter if hovered is not None else self.table.selected[0]
        paired = values is not None and values.gradients is not None
        if paired is not self._paired:
            self._paired = paired
            self._arrange()
        self._name_row(values, row)
        for part, (name, legend) in enumerate(zip(self._names, self.legends, strict=True)):
            name.setVisible(paired or (part == 0 and values is not None and values.own_scales))
            legend.setVisible(paired or part == 0)
            if values is None or part >= len(values.arrays):
                legend.show_scale(None)
            else:
                legend.show_scale(values.scale(part, row), values.scale_text(part, row))

    def _name_row(self, values: KernelValues | None, row: int) -> None:
        """Say beside the legend for which row it holds, where each has one of its own."""
        name = self._names[0]
        if values is None or not values.own_scales:
            name.setMinimumWidth(0)
            name.setText(_WEIGHTS)
            return
        rows = range(len(values.row_names)) or (values.shape[0] - 1,)  # the last filter's number is the longest
        width = max(name.fontMetrics().horizontalAdvance(values.row_title(number)) for number in rows)
        name.setMinimumWidth(width + 2)  # for all of them: nothing moves when the pointer goes from row to row
        name.setText(values.row_title(row))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the legends where there is room."""
        super().resizeEvent(event)
        self._arrange()
