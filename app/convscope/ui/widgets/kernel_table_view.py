"""The table of kernels with what belongs below it: the value under the pointer, and what the colours mean."""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from convscope.ui.widgets.colour_legend import ColourLegend
from convscope.ui.widgets.kernel_table import KernelTable
from convscope.ui.widgets.kernel_values import KernelValues

_LEGEND = 148  # pixels; two of them stand side by side in a narrow dock
_BESIDE, _BELOW = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom


class KernelTableView(QWidget):
    """Shows kernels with their caption and a legend each for weights and gradients."""

    def __init__(self, parent: QWidget | None = None, table: KernelTable | None = None) -> None:
        """Make an empty view, of a table of its own or of another kind."""
        super().__init__(parent)
        self.table = table or KernelTable(self)
        self._caption = QLabel(self)
        self._caption.setWordWrap(True)
        self._caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._caption.setMinimumHeight(2 * self._caption.fontMetrics().height())
        self._names = [QLabel(text, self) for text in ("Weights", "∇")]
        self.legends = [ColourLegend(self), ColourLegend(self)]
        legends = QHBoxLayout()
        legends.setSpacing(6)
        for name, legend in zip(self._names, self.legends, strict=True):
            legend.setFixedWidth(_LEGEND)
            legends.addWidget(name)
            legends.addWidget(legend)
        legends.addStretch(1)
        self._below = QBoxLayout(QBoxLayout.Direction.LeftToRight)  # one above the other where there are two legends
        self._below.setContentsMargins(6, 0, 6, 0)
        self._below.setSpacing(2)
        self._below.addWidget(self._caption, 1)
        self._below.addLayout(legends)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.table, 1)
        column.addLayout(self._below)
        self.table.caption_changed.connect(self._describe)

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

    def _describe(self) -> None:
        self._caption.setText(self.table.caption())
        values, hovered = self.table.values, self.table.hovered
        row = hovered.filter if hovered is not None else self.table.selected[0]
        paired = values is not None and values.gradients is not None
        self._below.setDirection(_BELOW if paired else _BESIDE)
        for part, (name, legend) in enumerate(zip(self._names, self.legends, strict=True)):
            name.setVisible(paired)
            legend.setVisible(paired or part == 0)
            if values is None or part >= len(values.arrays):
                legend.show_scale(None)
            else:
                of = ("weights", "gradients")[part]
                legend.show_scale(
                    values.scale(part, row), f"{of} of {values.row_name(row)}" if values.own_scales else of
                )
