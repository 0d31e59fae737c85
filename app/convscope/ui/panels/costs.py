"""Costs: parameters, operations, memory and receptive field of every layer, to compare and to copy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from convscope.core.costs import Costs, as_csv, as_markdown, costs_of, head_comparison
from convscope.ui.widgets.cost_comparison import CostComparison
from convscope.ui.widgets.cost_table import CostTable

if TYPE_CHECKING:
    from convscope.ui.session import Session

_LOW, _HIGH = 190, 320  # pixels of height from which the table leaves room for the comparison, and for all of it


class CostsPanel(QWidget):
    """Shows what each layer of the network costs; selecting a row selects the layer, and the other way round."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("costs_panel")
        self._session = session
        self._stale = True
        self.table = CostTable(self)
        self.comparison = CostComparison(self)
        self._lay_out()
        self.table.row_chosen.connect(session.select)
        self.table.copy_wanted.connect(self.copy_markdown)
        session.network_changed.connect(self._refresh)
        session.selection_changed.connect(self._show_selected)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 6, 0)
        label = QLabel("Copy as", self)
        label.setProperty("picture_tool", True)
        head.addWidget(label)
        head.addWidget(self._copier("Markdown", "for notes and web pages (Ctrl+C in the table)", self.copy_markdown))
        head.addWidget(self._copier("CSV", "for a spreadsheet", self.copy_csv))
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addWidget(self.comparison)

    def _copier(self, name: str, purpose: str, copy: Callable[[], None]) -> QToolButton:
        """Return a button that copies the table; the table's context menu has the same."""
        action = QAction(name, self)
        action.setToolTip(f"Copy the table as {name}, {purpose}.")
        action.triggered.connect(lambda _=False: copy())
        entry = QAction(f"Copy as {name}", self.table)
        entry.triggered.connect(lambda _=False: copy())
        self.table.addAction(entry)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        button = QToolButton(self)
        button.setObjectName(f"copy_costs_{name.lower()}")
        button.setDefaultAction(action)
        button.setAccessibleName(f"Copy costs as {name}")
        return button

    def copy_csv(self) -> None:
        """Put the table on the clipboard for a spreadsheet."""
        self._copy(as_csv(self._costs()), "text/csv", "CSV")

    def copy_markdown(self) -> None:
        """Put the table on the clipboard for notes."""
        self._copy(as_markdown(self._costs()), "text/markdown", "Markdown")

    def _costs(self) -> Costs:
        return costs_of(self._session.network)

    def _copy(self, text: str, kind: str, name: str) -> None:
        data = QMimeData()
        data.setText(text)
        data.setData(kind, text.encode())
        QGuiApplication.clipboard().setMimeData(data)
        self._session.message_shown.emit(f"The costs are on the clipboard as {name}.")

    def _refresh(self) -> None:
        """Show the present network's costs, or remember that they are not shown."""
        self._stale = not self.isVisible()
        if not self._stale:
            network = self._session.network
            self.table.show_costs(costs_of(network), min(self._session.selected, len(network.layers) - 1))
            self.comparison.show_comparison(head_comparison(network))

    def _show_selected(self) -> None:
        self._stale = self._stale or not self.isVisible()
        if not self._stale:
            self.table.show_selected(self._session.selected)

    def minimumSizeHint(self) -> QSize:
        """Return the size of a few rows of the table alone: its dock must not take the room of others."""
        return QSize(215, 150)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the comparison out where the table needs the room."""
        super().resizeEvent(event)
        self.comparison.show_low(self.height() < _HIGH)
        self.comparison.setVisible(self.height() >= _LOW)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        if self._stale:
            self._refresh()
