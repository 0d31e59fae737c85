"""The table of costs: a row for each layer, and behind each figure a bar for its share of the whole."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from convscope.core.costs import Costs
from convscope.ui import theme
from convscope.ui.widgets.cost_model import FIELD, HEADINGS, LAYER, OUTPUT, SHARE, CostModel

_SEEN = 0.005  # the least share that gets a bar; a hairline in every other row would look like a grid
_PAD = 3
_NAME = 84  # pixels in which a name can still be told from others


class CostTable(QTableView):
    """Shows what each layer costs.

    Signals:
        row_chosen: The user selected another row: its number.
        copy_wanted: The user pressed the keys for copying.
    """

    row_chosen = Signal(int)
    copy_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cost_table")
        self.setAccessibleName("Costs of the layers")
        self._model = CostModel(self)
        self._needs = [0] * len(HEADINGS)  # width of each column
        self._shows = False  # what is selected from outside is no wish of the user
        self.setModel(self._model)
        self.setItemDelegate(_ShareBars(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setAlternatingRowColors(True)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names differ in their ends
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)  # Tab leaves the table
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(round(1.5 * self.fontMetrics().height()))
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(LAYER, QHeaderView.ResizeMode.Stretch)
        # Not the current row: that becomes the first one as soon as the table has the focus.
        self.selectionModel().selectionChanged.connect(self._tell_row)

    @property
    def costs(self) -> Costs:
        """What is shown."""
        return self._model.costs

    def show_costs(self, costs: Costs, selected: int) -> None:
        """Show costs and the selected layer, −1 for none."""
        self._shows = True
        self._model.show_costs(costs)
        self._shows = False
        header = self.horizontalHeader()
        self.setColumnHidden(OUTPUT, False)  # a hidden one would need no room
        self._needs = [max(self.sizeHintForColumn(c), header.sectionSizeHint(c)) + _PAD for c in range(len(HEADINGS))]
        self._share_width()
        self.show_selected(selected)

    def show_selected(self, row: int) -> None:
        """Show which layer is selected, −1 for none."""
        self._shows = True
        if 0 <= row < len(self.costs.rows):
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(self._model.index(row, LAYER), flags)
        else:
            self.selectionModel().clear()
        self._shows = False

    def _tell_row(self) -> None:
        rows = self.selectionModel().selectedRows()
        if not self._shows and rows:
            self.row_chosen.emit(rows[0].row())

    def minimumSizeHint(self) -> QSize:
        """Return a size that a narrow dock has room for."""
        return QSize(200, 90)

    def _share_width(self) -> None:
        """Give each figure the room it needs and the names the rest.

        Names may be cut in their middle. Where even so there is no room, the output shapes, which the stack shows too,
        are left out.
        """
        least = min(self._needs[LAYER], _NAME) + sum(self._needs[OUTPUT:])
        self.setColumnHidden(OUTPUT, least > self.viewport().width())
        for column in range(OUTPUT, len(HEADINGS)):
            self.horizontalHeader().resizeSection(column, self._needs[column])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width."""
        super().resizeEvent(event)
        self._share_width()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the panel copy the whole table, not the one cell that Qt would."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)


class _ShareBars(QStyledItemDelegate):
    """Paints a figure upon a bar as long as its share of the whole."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint the row's ground as the style does, then the bar, then the text."""
        share = index.data(SHARE)
        if share and share >= _SEEN:
            self._paint_bar(painter, QRectF(option.rect), share)  # pyright: ignore[reportAttributeAccessIssue]
        super().paint(painter, option, index)

    def _paint_bar(self, painter: QPainter, cell: QRectF, share: float) -> None:
        colour = QColor(theme.current().accent)
        colour.setAlphaF(0.45 if theme.current().dark else 0.35)
        room = cell.adjusted(2, 2, -2, -2)
        painter.fillRect(QRectF(room.left(), room.top(), max(2.0, room.width() * share), room.height()), colour)

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        """Let zeros and what is unknown stand back."""
        super().initStyleOption(option, index)
        value = index.data()
        if value in ("0", "–", "0 bytes") or (index.column() == FIELD and value == "all"):
            option.palette.setColor(option.palette.ColorRole.Text, theme.current().muted)  # pyright: ignore
