"""The maps of all layers at once: one row a layer, from the input down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from convscope.ui.widgets.mosaic import Mosaic
from convscope.ui.widgets.mosaic_maps import Maps
from convscope.ui.widgets.mosaic_marks import Marks

_ROW_HEIGHT = 68  # logical pixels; two rows of maps of 28×28


@dataclass(frozen=True, eq=False)
class MapRow:
    """One layer: what it is called, the shape of its output, and its maps or why there are none."""

    name: str
    shape: str
    maps: Maps | None
    message: str = ""


class MapRows(QWidget):
    """Rows of maps; rows out of sight cost nothing, for a mosaic makes its picture when it is painted.

    Signals:
        row_chosen: The user wants to see the layer of this row alone.
        place_hovered: Row and `Place` under the pointer, None when it has left.
        place_pinned: Row and `Place` of the value that the user clicked.
        pin_withdrawn: That click was the first half of a double-click.
        menu_wanted: Row, tile and global position of a click with the right button.
    """

    row_chosen = Signal(int)
    place_hovered = Signal(int, object)
    place_pinned = Signal(int, object)
    pin_withdrawn = Signal()
    menu_wanted = Signal(int, int, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._area = QScrollArea(self)
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setAccessibleName("Feature maps of all layers")
        inside = QWidget(self._area)
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(4, 0, 4, 0)
        self._column.setSpacing(2)
        self._area.setWidget(inside)
        self._caption = QLabel(self)
        self._caption.setContentsMargins(6, 0, 6, 0)
        self._caption.setMinimumWidth(80)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._area, 1)
        column.addWidget(self._caption)
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

    def show_marks(self, marks: Sequence[Marks]) -> None:
        """Mark values and maps of the layers from the input on."""
        for row, own in zip(self._rows, marks, strict=False):
            row.mosaic.show_marks(own)
        self._caption.setText(self.caption())

    def caption(self) -> str:
        """Return what is said of the value that is pointed at, else of the pinned one."""
        marked = [(row, row.mosaic.hovered) for row in self._rows] + [(r, r.mosaic.marks.pinned) for r in self._rows]
        for row, place in marked:
            if place is not None and row.mosaic.maps is not None:
                return f"{row.name}:  {row.mosaic.described(place, row.mosaic.value_at(place))}"
        return "Click a value to pin it; double-click a row to see its layer alone."

    def _add(self, index: int) -> None:
        row = _Row(self._area.widget())
        row.button.clicked.connect(lambda: self.row_chosen.emit(index))
        row.mosaic.opened.connect(lambda: self.row_chosen.emit(index))
        row.mosaic.place_hovered.connect(lambda place: self.place_hovered.emit(index, place))
        row.mosaic.pin_withdrawn.connect(self.pin_withdrawn)
        row.mosaic.place_pinned.connect(lambda place: self.place_pinned.emit(index, place))
        row.mosaic.menu_wanted.connect(lambda tile, where: self.menu_wanted.emit(index, tile, where))
        self._rows.append(row)
        self._column.addWidget(row, 1)


class _Row(QWidget):
    """The name of a layer beside its maps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = ""
        self.button = QToolButton(self)
        self.button.setFixedWidth(self.button.fontMetrics().horizontalAdvance("batch_norm_10") + 20)
        self.button.setToolTip("Show this layer alone")
        self.mosaic = Mosaic(self, compact=True)
        self.mosaic.setMinimumHeight(_ROW_HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.button)
        row.addWidget(self.mosaic, 1)

    def show_row(self, row: MapRow) -> None:
        """Show a layer."""
        self.name = row.name
        self.button.setText(f"{row.name}\n{row.shape}")
        self.button.setAccessibleName(f"Show {row.name} alone")
        self.mosaic.setAccessibleName(f"Feature maps of {row.name}")
        if row.maps is None:
            self.mosaic.show_message(row.message)
        else:
            self.mosaic.show_maps(row.maps)
