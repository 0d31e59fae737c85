"""Kernels: the weights of the selected layer with their gradients, each kernel to be seen at work and changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from convscope.ui.panels.kernels_bench import KernelEditing
from convscope.ui.panels.kernels_source import dense_weights, kernel_values
from convscope.ui.panels.shown_layer import has_numbers, shown_layer
from convscope.ui.widgets.kernel_head import KernelHead
from convscope.ui.widgets.kernel_table_view import KernelTableView
from convscope.ui.widgets.kernel_units import UnitMosaic, UnitWeights
from convscope.ui.widgets.mosaic_view import MosaicView

if TYPE_CHECKING:
    from convscope.core.layers import Shape
    from convscope.ui.session import Session

_NONE = -1
_SMALLEST_WEIGHT = 3  # pixels; what would be smaller is shown one channel at a time


class KernelsPanel(QWidget):
    """Shows the weights of a layer, live while training runs: kernels as a table, a dense layer's units as pictures.

    A click on a kernel shows it at work, between the map it looks at and the map its filter makes.
    """

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("kernels_panel")
        self._session = session
        self._stale = True
        self._shown: tuple[str, Shape] | None = None  # name and weight shape of the layer the channel list is for
        self._head = KernelHead(self)
        self._table = KernelTableView(self)
        self._mosaic = UnitMosaic(self)
        self._units = MosaicView(self._mosaic, self)
        self._editing = KernelEditing(session, self)
        self._pages = QStackedWidget(self)
        self._build()
        self._connect()

    def _build(self) -> None:
        for page in (self._table, self._units, self._editing):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 4)
        column.setSpacing(4)
        column.addWidget(self._head)
        column.addWidget(self._pages, 1)

    def _connect(self) -> None:
        session, head = self._session, self._head
        head.picker.chosen.connect(session.select)
        head.look_changed.connect(self._refresh)
        head.kernel_wanted.connect(self._open)
        head.table_wanted.connect(self._close)
        self._table.table.kernel_chosen.connect(self._open)
        for signal in (
            session.weights_changed,
            session.network_changed,
            session.computing_changed,
            session.selection_changed,
        ):
            signal.connect(self._refresh)
        session.trace_changed.connect(self._follow_trace)
        session.inspection.hovered_changed.connect(self._show_marks)
        session.inspection.regions_changed.connect(self._show_marks)

    def _refresh(self) -> None:
        """Show the present weights, or remember that they are not shown."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        network = self._session.network
        entries = [(i, layer.name) for i, layer in enumerate(network.layers) if has_numbers(layer)]
        index = shown_layer(network, min(self._session.selected, len(network.layers) - 1))
        self._head.picker.show_entries(entries, _NONE if index is None else index)
        if self._editing.layer and (
            index is None or network.layers[index].name != self._editing.layer or not self._editing.fits()
        ):
            self._editing.close_kernel()
        if index is None:
            self._show_reason("No layer of this network has kernels: add a convolution or a dense layer.")
        elif self._editing.layer:
            self._show_kernel(index)
        elif network.layers[index].kind == "dense":
            self._show_units(index)
        else:
            self._show_table(index)

    def _show_table(self, index: int) -> None:
        head = self._head
        values = kernel_values(self._session, index, gradients=head.gradients, own_scales=head.own_scales)
        if values is None:
            self._show_reason(self._reason(index))
            return
        head.show_table(filters=not values.row_names)
        self._table.show_kernels(values)
        self._pages.setCurrentWidget(self._table)

    def _show_units(self, index: int) -> None:
        """Show what the units of a dense layer look at."""
        weights = dense_weights(self._session, index)
        if weights is None:
            self._show_reason(self._reason(index))
            return
        name = self._session.network.layers[index].name
        if self._shown != (name, weights.shape):
            self._shown = (name, weights.shape)
            self._list_channels(UnitWeights(weights))
        biases = self._session.shown_weights.get(f"{name}.bias")
        gradients = dense_weights(self._session, index, gradients=True) if self._head.instead else None
        shown = weights if gradients is None or gradients.shape != weights.shape else gradients
        units = UnitWeights(shown, biases, self._head.channel, self._head.own_scales, shown is gradients)
        self._head.show_units(matrix=units.is_matrix)
        self._mosaic.show_units(units)
        self._units.show_maps(units.maps())
        self._pages.setCurrentWidget(self._units)

    def _show_kernel(self, index: int) -> None:
        shape = self._session.shown_weights[f"{self._session.network.layers[index].name}.weight"].shape
        self._head.show_kernel(*self._editing.kernel, *shape[:2])
        self._editing.show_present()
        self._pages.setCurrentWidget(self._editing)

    def _list_channels(self, units: UnitWeights) -> None:
        """Offer the input channels of a dense layer, their mean where the single ones would be too small."""
        channels = 1 if units.is_matrix else units.weights.shape[1]
        layout = units.maps().layout((self._pages.width(), self._pages.height()), 1.0)
        self._head.list_channels(channels, mean=layout.rows.pixel < _SMALLEST_WEIGHT)

    def _show_reason(self, text: str) -> None:
        """Say in one sentence why there are no kernels to show."""
        self._shown = None
        self._head.show_nothing()
        self._table.show_message(text)
        self._pages.setCurrentWidget(self._table)

    def _reason(self, index: int) -> str:
        if self._session.lacks_weights and self._session.waiting:
            return self._session.waiting
        name = self._session.network.layers[index].name
        return f"{name} gets its weights as soon as the layers before it work."

    def _open(self, number: int, channel: int) -> None:
        """Show one kernel of the layer at work."""
        index = shown_layer(self._session.network, self._session.selected)
        if index is not None:
            self._editing.open(self._session.network.layers[index].name, number, channel)
            self._refresh()
            self._editing.bench.cells.setFocus(Qt.FocusReason.OtherFocusReason)

    def _close(self) -> None:
        """Go back to the table, to the kernel that was open."""
        kernel = self._editing.kernel
        self._editing.close_kernel()
        self._refresh()
        self._table.table.select(*kernel)
        self._table.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _follow_trace(self) -> None:
        if self._editing.layer and self.isVisible():
            self._editing.show_present()

    def _show_marks(self) -> None:
        if self._editing.layer and self.isVisible():
            self._editing.show_marks()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go back to the table at Escape."""
        if event.key() == Qt.Key.Key_Escape and self._editing.layer:
            self._close()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        if self._stale or self._editing.layer:
            self._refresh()
