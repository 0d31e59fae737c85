"""The maps of all layers at once: one row a layer, from the input down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from convscope.ui.widgets.mosaic import Mosaic
from convscope.ui.widgets.mosaic_maps import Maps

_ROW_HEIGHT = 68  # logical pixels; two rows of maps of 28×28


@dataclass(frozen=True, eq=False)
class MapRow:
    """One layer: what it is called, the shape of its output, and its maps or why there are none."""

    name: str
    shape: str
    maps: Maps | None
    message: str = ""


class MapRows(QScrollArea):
    """Rows of maps; rows out of sight cost nothing, for a mosaic makes its picture when it is painted.

    Signals:
        row_chosen: The user wants to see the layer of this row alone.
    """

    row_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Feature maps of all layers")
        inside = QWidget(self)
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(4, 0, 4, 0)
        self._column.setSpacing(2)
        self.setWidget(inside)
        self._rows: list[_Row] = []

    def show_rows(self, rows: Sequence[MapRow]) -> None:
        """Show the layers from the input on."""
        while len(self._rows) < len(rows):
            self._add(len(self._rows))
        for surplus in self._rows[len(rows) :]:
            self._column.removeWidget(surplus)
            surplus.deleteLater()
        del self._rows[len(rows) :]
        for widget, row in zip(self._rows, rows, strict=True):
            widget.show_row(row)

    def _add(self, index: int) -> None:
        row = _Row(self.widget())
        row.button.clicked.connect(lambda: self.row_chosen.emit(index))
        row.mosaic.pressed.connect(lambda: self.row_chosen.emit(index))
        self._rows.append(row)
        self._column.addWidget(row, 1)


class _Row(QWidget):
    """The name of a layer beside its maps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QToolButton(self)
        self.button.setFixedWidth(self.button.fontMetrics().horizontalAdvance("batch_norm_10") + 20)
        self.button.setToolTip("Show this layer alone")
        self.mosaic = Mosaic(self, interactive=False)
        self.mosaic.setMinimumHeight(_ROW_HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.button)
        row.addWidget(self.mosaic, 1)

    def show_row(self, row: MapRow) -> None:
        """Show a layer."""
        self.button.setText(f"{row.name}\n{row.shape}")
        self.button.setAccessibleName(f"Show {row.name} alone")
        self.mosaic.setAccessibleName(f"Feature maps of {row.name}")
        if row.maps is None:
            self.mosaic.show_message(row.message)
        else:
            self.mosaic.show_maps(row.maps)
