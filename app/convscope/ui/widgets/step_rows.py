"""The rows of a batch of numbers: what is known of each, what is wanted, what the network gives, and the loss."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from convscope.core.data.dataset import Quantity
from convscope.core.number_text import digits_of_terms, number_text
from convscope.core.training_step import StepDetails

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_READ_ONLY = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class BatchRows(QTableWidget):
    """Shows a line for each row of a batch, the one with the largest loss first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty table."""
        super().__init__(parent)
        self.setObjectName("step_rows")
        self.setAccessibleName("Rows of the batch")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setTabKeyNavigation(False)  # Tab leaves the table
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(round(1.5 * self.fontMetrics().height()))
        header = self.horizontalHeader()
        header.setHighlightSections(False)

    def show_rows(self, details: StepDetails, features: Sequence[Quantity], target: Quantity) -> None:
        """Show the rows of a step.

        Args:
            details: The step of a network that predicts one number.
            features: What the numbers that the network gets are.
            target: What is to be predicted.
        """
        headings = [_heading(one) for one in features]
        headings += [_heading(target, "wanted"), _heading(target, "predicted"), "loss"]
        self.setColumnCount(len(headings))
        self.setHorizontalHeaderLabels(headings)
        self.setRowCount(len(details.labels))
        for line, row in enumerate(details.worst_first().tolist()):
            for column, (text, tip) in enumerate(_cells(details, row, features)):
                item = QTableWidgetItem(text)
                item.setTextAlignment(_RIGHT)
                item.setToolTip(tip)
                item.setFlags(_READ_ONLY)
                self.setItem(line, column, item)
        self._share_width()

    def line(self, number: int) -> list[str]:
        """Return what is read in a line."""
        items = (self.item(number, column) for column in range(self.columnCount()))
        return ["" if item is None else item.text() for item in items]

    def _share_width(self) -> None:
        """Give all columns the same width, or each what it needs where one would be cut off."""
        header = self.horizontalHeader()
        most = max((header.sectionSizeHint(column) for column in range(self.columnCount())), default=0)
        even = most * self.columnCount() <= self.viewport().width()
        modes = QHeaderView.ResizeMode
        header.setSectionResizeMode(modes.Stretch if even else modes.ResizeToContents)

    def sizeHint(self) -> QSize:
        """Return a size at which ten rows are seen."""
        return QSize(380, 11 * self.verticalHeader().defaultSectionSize() + 8)

    def minimumSizeHint(self) -> QSize:
        """Return a size at which a few rows are seen; the rest can be scrolled to."""
        return QSize(200, 70)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width among the columns."""
        super().resizeEvent(event)
        self._share_width()


def _heading(quantity: Quantity, name: str = "") -> str:
    return f"{name or quantity.name} ({quantity.unit})" if quantity.unit else name or quantity.name


def _cells(details: StepDetails, row: int, features: Sequence[Quantity]) -> list[tuple[str, str]]:
    """Return the texts of a row, each with what is said of it under the pointer."""
    cells = [
        (number_text(feature.measured(float(given))), f"The network gets it standardised: {number_text(float(given))}")
        for feature, given in zip(features, details.images[row].reshape(-1), strict=True)
    ]
    wanted, given = float(details.labels[row][0]), float(details.logits[row][0])
    digits = digits_of_terms(given - wanted, given, wanted) if details.losses.size else 4
    cells += [(number_text(wanted, digits), ""), (number_text(given, digits), "")]
    loss = number_text(float(details.losses[row])) if details.losses.size else "–"
    return [*cells, (loss, "(predicted − wanted)²" if details.losses.size else "Comes with the next stage")]
