"""The table of runs as a model: rows come, change and go without touching what is selected or being typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap

from convscope.ui import theme
from convscope.ui.widgets.curve_legend import paint_sample
from convscope.ui.widgets.runs_data import COLUMNS, NAME, RunRow

Index = QModelIndex | QPersistentModelIndex
SWATCH = 24, 16  # pixels
_ROOT = QModelIndex()
_SHARP = 3  # pixels of a swatch for each of the screen's, so that it can be enlarged


class RunsModel(QAbstractTableModel):
    """Rows of runs, the oldest first. What is typed or checked is a wish; nothing changes until `show_rows` says so.

    Signals:
        text_entered: The user typed the name or note of a run: its id, "name" or "note", the text.
        check_toggled: The user wants a run laid over the plots, or no longer: its id, and whether.
    """

    text_entered = Signal(int, str, str)
    check_toggled = Signal(int, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[RunRow] = []

    @property
    def rows(self) -> Sequence[RunRow]:
        """What is shown."""
        return self._rows

    def show_rows(self, rows: Sequence[RunRow]) -> None:
        """Show these rows, in the order of their runs' ids."""
        wanted = {row.run.id for row in rows}
        for number in reversed(range(len(self._rows))):
            if self._rows[number].run.id not in wanted:
                self.beginRemoveRows(_ROOT, number, number)
                del self._rows[number]
                self.endRemoveRows()
        for number, row in enumerate(rows[: len(self._rows)]):
            self._replace(number, row)
        if len(rows) > len(self._rows):
            self.beginInsertRows(_ROOT, len(self._rows), len(rows) - 1)
            self._rows.extend(rows[len(self._rows) :])
            self.endInsertRows()

    def _replace(self, number: int, row: RunRow) -> None:
        """Take another row in; only cells that read otherwise are told, so that a name that is being typed stays."""
        old, self._rows[number] = self._rows[number], row
        if old == row:
            return
        if row.is_present != old.is_present:  # all of the row becomes bold, or is no longer
            self.dataChanged.emit(self.index(number, 0), self.index(number, len(COLUMNS) - 1))
            return
        look = (row.run.shown, row.run.colour) != (old.run.shown, old.run.colour)
        for column, described in enumerate(COLUMNS):
            if described.text(row) != described.text(old) or (column == NAME and look):
                index = self.index(number, column)
                self.dataChanged.emit(index, index)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return the number of runs."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _ROOT) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else len(COLUMNS)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let names and notes be edited, and runs be checked."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if COLUMNS[index.column()].edits:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == NAME else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what stands in a cell."""
        row, column = self._rows[index.row()], COLUMNS[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.EditRole:
                return column.text(row)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _side(index.column())
            case Qt.ItemDataRole.ToolTipRole:
                return f"{column.text(row)}\n{column.help}" if column.text(row) else column.help
            case Qt.ItemDataRole.FontRole:
                return _font(is_bold=row.is_present)
            case Qt.ItemDataRole.CheckStateRole if index.column() == NAME:
                return Qt.CheckState.Checked if row.run.shown else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.DecorationRole if index.column() == NAME:
                return swatch(row.run.colour)
            case _:
                return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tell what the user wants."""
        run = self._rows[index.row()].run
        if role == Qt.ItemDataRole.CheckStateRole:
            self.check_toggled.emit(run.id, Qt.CheckState(value) == Qt.CheckState.Checked)
        elif role == Qt.ItemDataRole.EditRole:
            self.text_entered.emit(run.id, COLUMNS[index.column()].edits, str(value))
        return False

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a heading."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section].heading
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(section)
        return COLUMNS[section].help if role == Qt.ItemDataRole.ToolTipRole else None


class SortedRuns(QSortFilterProxyModel):
    """The rows in the order of a column; cells without a value come last either way."""

    def lessThan(self, source_left: Index, source_right: Index) -> bool:
        """Compare two cells of a column, as values and not as texts."""
        rows = self.runs.rows
        key = COLUMNS[source_left.column()].key
        left, right = key(rows[source_left.row()]), key(rows[source_right.row()])
        if left is None or right is None:
            is_rising = self.sortOrder() == Qt.SortOrder.AscendingOrder
            return left is not None and right is None if is_rising else left is None and right is not None
        return left < right  # pyright: ignore[reportOperatorIssue]  # a column has texts or numbers

    @property
    def runs(self) -> RunsModel:
        """The rows in the order of their runs."""
        model = self.sourceModel()
        assert isinstance(model, RunsModel)
        return model


_swatches: dict[tuple[int, bool], QIcon] = {}


def swatch(number: int) -> QIcon:
    """Return a piece of the line that a run of this colour has in the plots."""
    key = number, theme.current().dark
    if key not in _swatches:
        icon = QIcon(_sample(number, Qt.GlobalColor.transparent))
        icon.addPixmap(
            _sample(number, theme.current().base), QIcon.Mode.Selected
        )  # colours are seen on no other ground
        _swatches[key] = icon
    return _swatches[key]


def _sample(number: int, ground: QColor | Qt.GlobalColor) -> QPixmap:
    width, height = SWATCH
    picture = QPixmap(width * _SHARP, height * _SHARP)
    picture.setDevicePixelRatio(_SHARP)
    picture.fill(ground)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_sample(painter, QRectF(0, 0, width, height), number)
    painter.end()
    return picture


def _font(*, is_bold: bool) -> QFont | None:
    if not is_bold:
        return None
    font = QFont()
    font.setBold(True)
    return font


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if COLUMNS[column].is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
