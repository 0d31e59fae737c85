"""What a whole network costs: parameters, operations and memory side by side."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.ui import theme
from convscope.ui.widgets.card_data import Totals

PAD = 8


class TotalsBar(QWidget):
    """Shows the sums over all layers, each figure above what it counts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("stack_totals")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.columns: tuple[tuple[str, str], ...] = ()

    def show_totals(self, totals: Totals) -> None:
        """Show other sums."""
        columns = (
            (totals.parameters, "parameters"),
            (totals.macs, "multiply-adds"),
            (totals.memory, "memory"),
        )
        if columns != self.columns:
            self.columns = columns
            self.setToolTip(totals.details)
            self.setAccessibleName("Totals: " + ", ".join(f"{figure} {what}" for figure, what in columns))
            self.update()

    def _fonts(self) -> tuple[QFont, QFont]:
        figure, caption = QFont(self.font()), QFont(self.font())
        figure.setWeight(QFont.Weight.DemiBold)
        figure.setPointSizeF(self.font().pointSizeF() + 2)
        caption.setPointSizeF(max(9.0, self.font().pointSizeF() - 1))
        return figure, caption

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the figures in as many columns, under a hairline."""
        colours = theme.current()
        figure_font, caption_font = self._fonts()
        figure_height = QFontMetrics(figure_font).height()
        painter = QPainter(self)
        painter.setPen(colours.border)
        painter.drawLine(0, 0, self.width(), 0)
        width = self.width() / max(len(self.columns), 1)
        for column, (figure, caption) in enumerate(self.columns):
            cell = QRect(round(column * width), PAD, round(width), self.height() - 2 * PAD)
            painter.setFont(figure_font)
            painter.setPen(colours.text)
            painter.drawText(cell, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, figure)
            painter.setFont(caption_font)
            painter.setPen(colours.muted)
            cell.setTop(cell.top() + figure_height)
            painter.drawText(cell, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, caption)

    def sizeHint(self) -> QSize:
        """Leave room for a figure and its caption."""
        figure, caption = self._fonts()
        return QSize(240, QFontMetrics(figure).height() + QFontMetrics(caption).height() + 2 * PAD)
