"""The table of costs as Qt's views want it: what a cell says, and how much of the whole it is."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from convscope.core.costs import Cost, Costs
from convscope.core.large import bytes_text

LAYER, OUTPUT, PARAMETERS, MACS, MEMORY, FIELD = range(6)
HEADINGS = ("Layer", "Output", "Params", "MACs", "Memory", "Field")
HELP = (
    "The layer, and how many there are",
    "Height × width × channels of what the layer puts out",
    "Parameters: numbers the layer keeps, running averages included",
    "Multiply-accumulate operations for one image",
    "What the output of one image takes",
    "Receptive field: height × width of the image that one output value sees, one number where they are the same",
)
_WORDS = {PARAMETERS: "parameters", MACS: "multiply-accumulates", MEMORY: "memory of the output"}
SHARE = int(Qt.ItemDataRole.UserRole)  # of the whole network's, 0 to 1; None where there is no figure
_NOTHING = Costs((), Cost("Total"))
_Index = QModelIndex | QPersistentModelIndex


class CostModel(QAbstractTableModel):
    """Holds costs; the headings tell the sums, which so stay in sight in a long table."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._costs = _NOTHING

    @property
    def costs(self) -> Costs:
        """What the table holds."""
        return self._costs

    def show_costs(self, costs: Costs) -> None:
        """Hold other costs; where the layers are the same, only the figures are told to be new."""
        same = [row.name for row in costs.rows] == [row.name for row in self._costs.rows]
        if same:
            self._costs = costs
            if costs.rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(costs.rows) - 1, FIELD))
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, FIELD)
        else:
            self.beginResetModel()
            self._costs = costs
            self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 -- as Qt declares it
        """Return how many layers there are."""
        return 0 if parent.isValid() else len(self._costs.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 -- as Qt declares it
        """Return how many figures a layer has, its name included."""
        return 0 if parent.isValid() else len(HEADINGS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell says, its share of the whole, how it is aligned, or its exact figure."""
        row, column = self._costs.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(row, column)
        if role == SHARE:
            return self._share(row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return self._tip(row, column)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a heading with the sum below it."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{HEADINGS[section]}\n{self._sum(section)}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return HELP[section] if role == Qt.ItemDataRole.ToolTipRole else None

    def _sum(self, column: int) -> str:
        count = len(self._costs.rows)
        return f"{count} layer{'s' * (count != 1)}" if column == LAYER else _figure(self._costs.total, column)

    def _share(self, row: Cost, column: int) -> float | None:
        if column not in (PARAMETERS, MACS, MEMORY) or not row.known:
            return None
        return _count(row, column) / (_count(self._costs.total, column) or 1)

    def _tip(self, row: Cost, column: int) -> str:
        if not row.known:
            return f"{row.name}: nothing comes out of it, because of a problem in it or before it"
        if column in (PARAMETERS, MACS, MEMORY):
            unit = " bytes" if column == MEMORY else ""
            share = self._share(row, column) or 0.0
            return f"{row.name}: {_WORDS[column]} {_count(row, column):,}{unit}, {100 * share:.2f} % of the network"
        if column == FIELD:
            return f"{row.name}: one output value sees {row.field} pixels of the image"
        return f"{row.name}: {row.settings}" if row.settings else row.name


def _text(row: Cost, column: int) -> str:
    if column == LAYER:
        return row.name
    if not row.known:
        return "–"
    if column == FIELD:
        height, _, width = row.field.partition("×")
        return height if width in ("", height) else row.field
    return row.output if column == OUTPUT else _figure(row, column)


def _count(row: Cost, column: int) -> int:
    return {PARAMETERS: row.parameters, MACS: row.macs, MEMORY: row.memory}[column]


def _figure(row: Cost, column: int) -> str:
    """Return a figure short enough for a narrow column; empty in columns that have none."""
    if column == MEMORY:
        return bytes_text(row.memory)
    return short(_count(row, column)) if column in (PARAMETERS, MACS) else ""


def short(count: int) -> str:
    """Return a count in at most six signs: 36,928, 590 k, 103 M, 15.5 G."""
    if count < 99_950:
        return f"{count:,}"
    for unit, name in ((10**9, "G"), (10**6, "M"), (1000, "k")):
        if count >= 0.9995 * unit:
            value = count / unit
            return f"{value:,.0f} {name}" if value >= 99.95 else f"{value:.3g} {name}"
    return f"{count:,}"


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignLeft if column in (LAYER, OUTPUT) else Qt.AlignmentFlag.AlignRight
    return side | Qt.AlignmentFlag.AlignVCenter
