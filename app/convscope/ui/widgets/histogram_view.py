"""A histogram under its title, with what its colours stand for and the figures of it in a small table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from convscope.core.histogram import Histogram
from convscope.ui import theme
from convscope.ui.widgets.histogram_plot import HistogramPlot, share_text
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.tinted_label import TintedLabel

_COLUMNS = {"zeros": "Share of values that are exactly 0", "mean": "Mean", "s. d.": "Standard deviation"}
_ROWS = 2


@dataclass(frozen=True, eq=False)
class Values:
    """Some values, what they are called and how they are spread."""

    name: str
    histogram: Histogram

    @property
    def figures(self) -> tuple[str, str, str]:
        """Share of zeros, mean and standard deviation, as they are read."""
        found = self.histogram
        return share_text(found.zeros_share), number_text(found.mean, 2), number_text(found.std, 2)


class HistogramView(QWidget):
    """Shows one plot: bars, an outline over them or both, and below it a line of figures for each."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self.plot = HistogramPlot(f"Histogram: {title}", self)
        self._heading = _Name(self)
        font = self._heading.font()
        font.setBold(True)
        self._heading.setFont(font)
        self._keys = tuple(_Key(filled, self) for filled in (True, False))
        self._cells = [[_Name(self), *(_Figure(self) for _ in _COLUMNS)] for _ in range(_ROWS)]
        self._heads = [QLabel(text, self) for text in _COLUMNS]
        for head, tip in zip(self._heads, _COLUMNS.values(), strict=True):
            head.setToolTip(tip)
        self._note = TintedLabel("text", self)
        self._note.setToolTip("Dead is what is 0 for every one of the images.")
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 4, 0)
        column.setSpacing(2)
        column.addLayout(self._table())
        column.addWidget(self.plot, 1)
        column.addWidget(self._note)
        self.show_message("")

    def _table(self) -> QGridLayout:
        table = QGridLayout()
        table.setContentsMargins(0, 0, 0, 0)
        table.setVerticalSpacing(0)
        table.setHorizontalSpacing(7)
        table.setColumnStretch(1, 1)
        table.addWidget(self._heading, 0, 0, 1, 2)
        for place, head in enumerate(self._heads):
            head.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            table.addWidget(head, 0, 2 + place, Qt.AlignmentFlag.AlignRight)
        for row, (key, cells) in enumerate(zip(self._keys, self._cells, strict=True), start=1):
            table.addWidget(key, row, 0)
            for place, cell in enumerate(cells):
                side = Qt.AlignmentFlag.AlignRight if place else Qt.AlignmentFlag(0)
                table.addWidget(cell, row, 1 + place, side)  # a name takes all the width that is left
        return table

    def show_values(self, title: str, filled: Values | None, outlined: Values | None = None, note: str = "") -> None:
        """Show how values are spread.

        Args:
            title: What they are.
            filled: Drawn as bars; None for none.
            outlined: Drawn as a line over them; None for none.
            note: What else is to be said.
        """
        self._heading.setText(title)
        shown = (filled, outlined)
        histograms = [None if values is None else values.histogram for values in shown]
        self.plot.show_histograms(*histograms, names=(filled.name if filled else "", outlined.name if outlined else ""))
        self._show_table(shown)
        self._note.show_text(note)

    def show_message(self, text: str) -> None:
        """Show why there is no histogram."""
        self._heading.setText(self._title)
        self.plot.show_message(text)
        self._show_table((None, None))
        self._note.show_text("")

    def table(self) -> list[tuple[str, ...]]:
        """Return the lines of figures that are shown."""
        return [tuple(cell.text() for cell in cells) for cells in self._cells if cells[0].text()]

    def note(self) -> str:
        """Return what else is said."""
        return self._note.text()

    def _show_table(self, shown: Sequence[Values | None]) -> None:
        for values, key, cells in zip(shown, self._keys, self._cells, strict=True):
            texts = ("",) * len(cells) if values is None else (values.name, *values.figures)
            for cell, text in zip(cells, texts, strict=True):
                cell.setText(text)
                cell.setVisible(values is not None)
            key.setVisible(values is not None)
        for head in self._heads:
            head.setVisible(any(shown))
        self._note.setVisible(any(shown))


class _Figure(QLabel):
    """A number as wide as the widest it has shown, so that another one moves nothing."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setFixedSize(0, self.fontMetrics().height())

    def setText(self, text: str) -> None:
        super().setText(text)
        needed = self.fontMetrics().horizontalAdvance(text)
        if needed > self.maximumWidth():
            self.setFixedWidth(needed)


class _Name(QLabel):
    """A name that ends in dots where it has no room, and is read whole when the pointer rests on it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        painter.end()


class _Key(QWidget):
    """A sample of bars or of an outline."""

    def __init__(self, filled: bool, parent: QWidget) -> None:
        super().__init__(parent)
        self._filled = filled
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(20, 14)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle = self.height() // 2
        if self._filled:
            fill = QColor(theme.current().muted)
            fill.setAlphaF(0.45)
            painter.fillRect(2, middle - 5, 16, 10, fill)
        else:
            painter.setPen(QPen(theme.current().accent, 2))
            painter.drawLine(2, middle, 18, middle)
        painter.end()
