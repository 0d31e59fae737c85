"""Feature maps: what the selected layer, or every layer, makes of the drawing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from convscope.core.layers import Shape, shape_text
from convscope.ui.colour_maps import ColourScale, finite_range
from convscope.ui.widgets.layer_picker import LayerPicker
from convscope.ui.widgets.map_rows import MapRow, MapRows
from convscope.ui.widgets.mosaic import Mosaic
from convscope.ui.widgets.mosaic_maps import Maps
from convscope.ui.widgets.mosaic_view import MosaicView

if TYPE_CHECKING:
    from convscope.ui.session import Session

_INPUT = -1
_ALL_LAYERS = -2
_SCALES = (("layer", "Scale: layer"), ("map", "Scale: map"), ("network", "Scale: network"))

Array = NDArray[np.float32]


class MapsPanel(QWidget):
    """Shows the maps of the selected layer, live while the user draws and while training runs."""

    title: ClassVar[str] = "Feature maps"

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("maps_panel")
        self._session = session
        self._shows_all = False
        self._stale = True
        self._picker = LayerPicker(self)
        self._shape = QLabel(self)
        self._shape.setToolTip("Height × width × channels of what this layer puts out")
        self._scale = QComboBox(self)
        self._view = MosaicView(Mosaic(self), self)
        self._rows = MapRows(self)
        self._pages = QStackedWidget(self)
        self._build()
        self._picker.chosen.connect(self._choose)
        self._scale.currentIndexChanged.connect(self._refresh)
        self._rows.row_chosen.connect(lambda row: self._choose(row - 1))
        session.drawing_changed.connect(self._show_drawing)
        session.trace_changed.connect(self._refresh)
        session.network_changed.connect(self._refresh)
        session.selection_changed.connect(self._show_selected)

    def _build(self) -> None:
        for key, text in _SCALES:
            self._scale.addItem(text, key)
        self._scale.setMinimumWidth(64)  # rather cut than keep a dock from being made narrow
        self._scale.setAccessibleName("Colour scale")
        self._scale.setToolTip("Compare colours within one map, all maps of the layer, or all layers of the network")
        head = QHBoxLayout()
        head.setContentsMargins(4, 2, 4, 0)
        head.addWidget(self._picker)
        head.addWidget(self._shape)
        head.addStretch(1)
        head.addWidget(self._scale)
        self._pages.addWidget(self._view)
        self._pages.addWidget(self._rows)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 4)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._pages, 1)

    def _choose(self, key: int) -> None:
        """Show one layer, or all; which layer is selected is the whole program's affair."""
        self._shows_all = key == _ALL_LAYERS
        if not self._shows_all and key != self._session.selected:
            self._session.select(key)
        else:
            self._refresh()

    def _show_drawing(self) -> None:
        """Show the input at once; the layers' maps follow with the trace."""
        if self._session.selected == _INPUT and not self._shows_all:
            self._refresh()

    def _show_selected(self) -> None:
        self._shows_all = False
        self._refresh()

    def _refresh(self) -> None:
        """Show the present state, or remember that it is not shown."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        layers = self._session.network.layers
        entries = [(_INPUT, "Input"), *((i, _entry(layer.name, layer.enabled)) for i, layer in enumerate(layers))]
        selected = min(self._session.selected, len(layers) - 1)  # of a smaller network it is said only after this
        key = _ALL_LAYERS if self._shows_all else selected
        self._picker.show_entries([*entries, (_ALL_LAYERS, "All layers")], key)
        self._pages.setCurrentIndex(int(self._shows_all))
        if self._shows_all:
            self._shape.setText("")
            self._show_all(["Input", *(layer.name for layer in layers)])
        else:
            self._show_layer(selected)

    def _show_layer(self, index: int) -> None:
        self._shape.setText(self._shape_text(index))
        array = self._output(index)
        if array is None:
            self._view.show_message(self._reason(index))
        else:
            self._view.show_maps(self._maps(array))

    def _show_all(self, names: list[str]) -> None:
        rows: list[MapRow] = []
        for index, name in enumerate(names, start=_INPUT):
            array = self._output(index)
            maps = None if array is None else self._maps(array)
            rows.append(MapRow(name, self._shape_text(index), maps, "" if maps else self._reason(index)))
        self._rows.show_rows(rows)

    def _maps(self, array: Array) -> Maps:
        match self._scale.currentData():
            case "map":
                return Maps.of(array)
            case "network":
                return Maps.of(array, self._network_scale(array))
            case _:
                return Maps.of(array, ColourScale.of(array))

    def _network_scale(self, array: Array) -> ColourScale:
        """Return the scale that all layers share; without negative values a layer keeps the map for activations."""
        trace = self._session.trace
        outputs = trace.outputs if trace is not None and trace.network == self._session.network else ()
        arrays = [array, self._session.image, *(output for output in outputs if output is not None)]
        ranges = [finite_range(one) for one in arrays]
        low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
        kind = ColourScale.of(array).kind
        return ColourScale(min(low, 0.0) if kind == "diverging" else 0.0, max(high, 0.0), kind)

    def _output(self, index: int) -> Array | None:
        """Return what a layer puts out; None where it has not been computed for the present network."""
        trace, network = self._session.trace, self._session.network
        if index == _INPUT:
            return self._session.image
        if trace is None or trace.network != network or index >= len(trace.outputs):
            return None
        return trace.outputs[index]

    def _shape_text(self, index: int) -> str:
        network = self._session.network
        shape: Shape | None = network.input_shape
        if index != _INPUT:
            shape = network.report.rows[index].output_shape if index < len(network.layers) else None
        return "" if shape is None else shape_text(shape)

    def _reason(self, index: int) -> str:
        """Return why a layer shows nothing, in one sentence."""
        problem = self._session.network.report.problem
        if problem is None or problem.index > index:
            return "The maps are being computed."
        if problem.index == index:
            return problem.message
        return f"Nothing reaches this layer: {self._session.network.layers[problem.index].name} before it cannot work."

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        if self._stale:
            self._refresh()


def _entry(name: str, enabled: bool) -> str:
    return name if enabled else f"{name} (off)"
