"""Kernels: the weights of the selected convolution or dense layer, or of the one before the selected layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from convscope.core.layers import Shape
from convscope.core.network import Network
from convscope.ui.widgets.kernel_grid import Array, Channel, KernelGrid, Kernels
from convscope.ui.widgets.layer_picker import LayerPicker
from convscope.ui.widgets.mosaic_view import MosaicView

if TYPE_CHECKING:
    from convscope.ui.session import Session

_KINDS = ("conv2d", "dense")
_KEEP_PLACES = ("flatten", "activation", "dropout", "batch_norm")  # leave every value where it was
_NONE = -1
_SMALLEST_WEIGHT = 3  # pixels; what would be smaller is shown one channel at a time


class KernelsPanel(QWidget):
    """Shows how the selected layer's weights look, live while training runs."""

    title: ClassVar[str] = "Kernels"

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("kernels_panel")
        self._session = session
        self._stale = True
        self._shown: tuple[str, Shape] | None = None  # name and weight shape of the layer the channel list is for
        self._picker = LayerPicker(self)
        self._channel = QComboBox(self)
        self._scale = QComboBox(self)
        self._grid = KernelGrid(self)
        self._view = MosaicView(self._grid, self)
        self._build()
        self._picker.chosen.connect(session.select)
        self._channel.activated.connect(self._refresh)
        self._scale.activated.connect(self._refresh)
        session.weights_changed.connect(self._refresh)
        session.network_changed.connect(self._refresh)
        session.selection_changed.connect(self._refresh)

    def _build(self) -> None:
        self._channel.setAccessibleName("Input channel")
        self._channel.setToolTip("Which input channel's kernels are shown")
        self._channel.setMaxVisibleItems(20)
        for box in (self._channel, self._scale):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.setMinimumWidth(64)  # rather cut than keep a dock from being made narrow
        self._scale.addItem("Scale: layer", False)
        self._scale.addItem("Scale: filter", True)
        self._scale.setAccessibleName("Colour scale")
        self._scale.setToolTip("Compare colours within one filter or all over the layer")
        head = QHBoxLayout()
        head.setContentsMargins(4, 2, 4, 0)
        head.addWidget(self._picker)
        head.addStretch(1)
        head.addWidget(self._channel)
        head.addWidget(self._scale)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 4)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._view, 1)

    def _refresh(self) -> None:
        """Show the present weights, or remember that they are not shown."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        entries = [(i, layer.name) for i, layer in enumerate(self._session.network.layers) if layer.kind in _KINDS]
        index = nearest([i for i, _ in entries], self._session.selected)
        self._picker.show_entries(entries, _NONE if index is None else index)
        weights = None if index is None else self._weights(index)
        if index is None or weights is None:
            self._show_reason(index)
        else:
            self._show_weights(index, weights)

    def _weights(self, index: int) -> Array | None:
        """Return a layer's weights in the places of what they are multiplied with; None while it has none."""
        network = self._session.network
        weights = self._session.weights.get(f"{network.layers[index].name}.weight")
        if weights is None or weights.ndim != 2:
            return weights
        maps = flattened_maps(network, index)
        return weights if maps is None or prod(maps) != weights.shape[1] else weights.reshape(-1, *maps)

    def _show_weights(self, index: int, weights: Array) -> None:
        layer = self._session.network.layers[index]
        name, dense = layer.name, layer.kind == "dense"
        if self._shown != (name, weights.shape):
            self._shown = (name, weights.shape)
            self._list_channels(Kernels(weights), dense)
        channel: Channel = self._channel.currentData() if self._channel.count() else "all"
        biases = self._session.weights.get(f"{name}.bias")
        own_scales = bool(self._scale.currentData())
        kernels = Kernels(weights, biases, "Unit" if dense else "Filter", channel, own_scales)
        self._scale.setVisible(not kernels.is_matrix)
        self._scale.setItemText(1, f"Scale: {kernels.filter_name.lower()}")
        self._grid.show_kernels(kernels)
        self._view.show_maps(kernels.maps())

    def _list_channels(self, kernels: Kernels, dense: bool) -> None:
        """Offer the input channels of a layer, all at once where that leaves the kernels large enough."""
        self._channel.clear()
        channels = 1 if kernels.is_matrix else kernels.weights.shape[1]
        self._channel.setVisible(channels > 1)
        if channels == 1:
            return
        self._channel.addItem("All channels", "all")
        self._channel.addItem("Channel mean", "mean")
        for channel in range(channels):
            self._channel.addItem(f"Channel {channel}", channel)
        layout = kernels.maps().layout((self._grid.width(), self._grid.height()), 1.0)
        if layout.rows.pixel < _SMALLEST_WEIGHT:
            # The places a unit looks at are seen in the mean; the mean of a filter's kernels shows nothing it does.
            self._channel.setCurrentIndex(1 if dense else 2)

    def _show_reason(self, index: int | None) -> None:
        """Say in one sentence why there are no kernels to show."""
        self._channel.hide()
        self._scale.hide()
        self._shown = None
        if index is None:
            self._view.show_message("No layer of this network has kernels: add a convolution or a dense layer.")
        elif self._session.lacks_weights:
            self._view.show_message(self._session.waiting)
        else:
            name = self._session.network.layers[index].name
            self._view.show_message(f"{name} gets its weights as soon as the layers before it work.")

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        if self._stale:
            self._refresh()


def nearest(indices: Sequence[int], selected: int) -> int | None:
    """Return the last of the sorted `indices` up to `selected`, else the first; None where there is none.

    So the kernels that made what a ReLU or a pooling layer works on stay in view when that is selected.
    """
    return max((i for i in indices if i <= selected), default=indices[0] if indices else None)


def flattened_maps(network: Network, index: int) -> tuple[int, int, int] | None:
    """Return the (C, H, W) that the inputs of a dense layer were before they were flattened, or None."""
    for row in reversed(network.report.rows[:index]):
        if row.layer.enabled and row.layer.kind not in _KEEP_PLACES:
            break
        if row.input_shape is not None and len(row.input_shape) == 3:
            return row.input_shape[0], row.input_shape[1], row.input_shape[2]
    return None
