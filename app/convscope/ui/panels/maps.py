"""Feature maps: what the selected layer, or every layer, makes of the drawing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAction, QKeyEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QMenu, QStackedWidget, QVBoxLayout, QWidget

from convscope.core.large import is_traced_live
from convscope.core.layers import shape_text
from convscope.core.unit import INPUT
from convscope.ui.panels.maps_accuracy import AccuracyLine
from convscope.ui.panels.maps_tools import MapsTools
from convscope.ui.panels.mosaic_pointing import crossed_of, marks_of, part_name, see_side, unit_of
from convscope.ui.panels.mosaic_source import Source, missing_text
from convscope.ui.widgets.layer_picker import LayerPicker
from convscope.ui.widgets.map_rows import MapRow, MapRows
from convscope.ui.widgets.mosaic import Mosaic
from convscope.ui.widgets.mosaic_comparison import Comparison, MosaicComparison
from convscope.ui.widgets.mosaic_layout import Place
from convscope.ui.widgets.mosaic_view import MosaicView

if TYPE_CHECKING:
    from convscope.ui.session import Session

_ALL_LAYERS = -2
MODES = ("eval()", "train()", "train() − eval()")
_HELD = "Held: these maps stay as they are while you draw on."


class MapsPanel(QWidget):
    """Shows the maps of the selected layer, live while the user draws and while training runs.

    The maps can be held while the drawing changes, compared with those of another drawing, and switched off one by one.
    """

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("maps_panel")
        self._session = session
        self._shows_all = False
        self._stale = True
        self._held: Any = None  # the trace that is shown instead of the live one
        self._kept: Any = None  # the trace that is A of a comparison
        self._picker = LayerPicker(self)
        self._shape = QLabel(self)
        self._shape.setToolTip("Height × width × channels of what this layer puts out")
        self._tools = MapsTools(self)
        self._banner = QLabel(self)
        self._view = MosaicView(Mosaic(self), self)
        self._rows = MapRows(self)
        self._comparison = MosaicComparison(self)
        self._tiles: Mosaic | MosaicComparison = self._view.mosaic  # in which a map is selected
        self._pages = QStackedWidget(self)
        self._accuracy = AccuracyLine(session, self)
        self._build()
        self._follow_widgets()
        session.drawing_changed.connect(self._show_drawing)
        session.trace_changed.connect(self._refresh)
        session.network_changed.connect(self._follow_network)
        session.selection_changed.connect(self._show_selected)
        session.switched_off_changed.connect(self._refresh)
        session.computing_changed.connect(self._refresh)
        session.inspection.hovered_changed.connect(self._show_marks)
        session.inspection.regions_changed.connect(self._show_pinned)

    def _build(self) -> None:
        left = QHBoxLayout()
        left.addWidget(self._picker)
        left.addWidget(self._shape)
        left.addStretch(1)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setContentsMargins(4, 2, 4, 0)
        self._head.setSpacing(2)
        self._head.addLayout(left, 1)
        self._head.addWidget(self._tools, alignment=Qt.AlignmentFlag.AlignRight)
        for page in (self._view, self._rows, self._comparison):
            self._pages.addWidget(page)
        self._banner.setObjectName("maps_banner")
        self._banner.setContentsMargins(6, 1, 6, 1)
        self._banner.setAutoFillBackground(True)
        self._banner.setBackgroundRole(QPalette.ColorRole.Highlight)
        self._banner.setForegroundRole(QPalette.ColorRole.HighlightedText)
        self._banner.setMinimumWidth(80)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 4)
        column.setSpacing(4)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        column.addLayout(self._head)
        column.addWidget(self._banner)
        column.addWidget(self._pages, 1)
        column.addWidget(self._accuracy)

    def _follow_widgets(self) -> None:
        self._picker.chosen.connect(self._choose)
        self._tools.look_changed.connect(self._refresh)
        self._tools.hold_toggled.connect(self._hold)
        self._tools.compare_toggled.connect(self._compare)
        self._tools.off_toggled.connect(lambda off: self._switch(self._layer, self._tiles.selected, off=off))
        for view in (self._view.mosaic, self._comparison):
            view.place_hovered.connect(lambda place: self._hover(self._layer, place))
            view.place_pinned.connect(lambda place: self._pin(self._layer, place))
            view.pin_withdrawn.connect(self._session.inspection.take_back)
            view.menu_wanted.connect(lambda tile, where: self._open_menu(self._layer, tile, where))
        self._comparison.side_pinned.connect(lambda side: self._is_split and see_side(self._session, side))
        self._view.mosaic.caption_changed.connect(self._show_tools)
        self._comparison.tile_chosen.connect(self._show_tools)
        self._rows.row_chosen.connect(lambda row: self._choose(row - 1))
        self._rows.place_hovered.connect(lambda row, place: self._hover(row - 1, place))
        self._rows.place_pinned.connect(lambda row, place: self._pin(row - 1, place))
        self._rows.pin_withdrawn.connect(self._session.inspection.take_back)
        self._rows.menu_wanted.connect(lambda row, tile, where: self._open_menu(row - 1, tile, where))

    @property
    def _layer(self) -> int:
        """The layer that is shown alone; of a smaller network it is said only after the maps are."""
        return min(self._session.selected, len(self._session.network.layers) - 1)

    @property
    def _is_split(self) -> bool:
        """Whether inference and training stand side by side, instead of two drawings."""
        session = self._session
        return session.is_split and self._held is None and self._kept is None and is_traced_live(session.network)

    @property
    def _compares(self) -> bool:
        """Whether two pictures of a layer stand side by side."""
        return self._kept is not None or self._is_split

    @property
    def _source(self) -> Source:
        return Source.live(self._session) if self._held is None else Source.kept(self._held)

    def _choose(self, key: int) -> None:
        """Show one layer, or all; which layer is selected is the whole program's affair."""
        self._shows_all = key == _ALL_LAYERS
        if not self._shows_all and key != self._session.selected:
            self._session.select(key)
        else:
            self._refresh()

    def _step_layer(self, steps: int) -> None:
        if not self._shows_all:
            self._session.select(self._layer + steps)

    def _hover(self, layer: int, place: Place | None) -> None:
        network = self._session.network
        self._session.inspection.hover(None if place is None else unit_of(network, layer, place))

    def _pin(self, layer: int, place: Place) -> None:
        self._session.inspection.pin(unit_of(self._session.network, layer, place))

    def _hold(self, held: bool) -> None:
        """Keep the present maps of all layers, or follow the drawing again."""
        self._held = self._present_trace() if held else None
        self._refresh()

    def _compare(self, compared: bool) -> None:
        self._kept = (self._held or self._present_trace()) if compared else None
        self._held = None  # or both sides would show the same drawing
        self._shows_all = False
        self._refresh()

    def _present_trace(self) -> Any:
        trace = self._session.trace
        return trace if trace is not None and trace.network == self._session.network else None

    def _switch(self, layer: int, tile: int, *, off: bool) -> None:
        """Ask for a map to be taken as zero, or no longer."""
        if self._possible_off(layer) is None:
            return
        entry = frozenset({(self._session.network.layers[layer].name, tile)})
        present = self._session.switched_off
        text = "Switch map off" if off else "Switch map on"
        self._session.edit(text, switched_off=present | entry if off else present - entry)

    def _possible_off(self, layer: int) -> frozenset[int] | None:
        """Return which maps of a layer are off, None where none can be."""
        works = layer != INPUT and self._session.network.shape_at(layer) is not None
        return crossed_of(self._session, layer) if works else None

    def _open_menu(self, layer: int, tile: int, where: QPoint) -> None:
        crossed = self._possible_off(layer)
        if crossed is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        off = tile in crossed
        part = part_name(self._session.network, layer)
        action = menu.addAction(f"Switch {part} {tile} {'on' if off else 'off'}")
        action.triggered.connect(lambda: self._switch(layer, tile, off=not off))
        if self._session.switched_off:
            every = menu.addAction("Switch all maps on")
            every.triggered.connect(lambda: self._session.edit("Switch all maps on", switched_off=frozenset()))
        menu.popup(where)

    def _show_drawing(self) -> None:
        """Show the input at once; the layers' maps follow with the trace."""
        if self._session.selected == INPUT and not self._shows_all:
            self._refresh()

    def _follow_network(self) -> None:
        """Forget maps of a network that is no more."""
        network = self._session.network
        if self._held is not None and self._held.network != network:
            self._held = None
        if self._kept is not None and self._kept.network != network:
            self._kept = None
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
        entries = [(INPUT, "Input"), *((i, _entry(layer.name, layer.enabled)) for i, layer in enumerate(layers))]
        key = _ALL_LAYERS if self._shows_all else self._layer
        self._picker.show_entries([*entries, (_ALL_LAYERS, "All layers")], key)
        self._shape.setText("" if self._shows_all else self._shape_text(self._layer))
        if self._shows_all:
            self._pages.setCurrentWidget(self._rows)
            self._rows.show_rows([self._row(layer) for layer in range(INPUT, len(layers))])
        elif self._compares:
            self._pages.setCurrentWidget(self._comparison)
            (self._show_modes if self._is_split else self._show_comparison)(self._layer)
            self._carry_on(self._comparison)
        else:
            self._pages.setCurrentWidget(self._view)
            self._show_layer(self._layer)
            self._carry_on(self._view.mosaic)
        self._show_banner()
        self._show_marks()
        self._show_tools()

    def _carry_on(self, tiles: Mosaic | MosaicComparison) -> None:
        """Select the same map, and show it alone or among all, when two pictures come in the place of one, or go."""
        if tiles is not self._tiles and tiles.has_maps:
            tiles.show_tile(self._tiles.selected, zoomed=self._tiles.zoomed)
            self._tiles = tiles

    def _show_layer(self, layer: int) -> None:
        maps = self._tools.look.maps(self._source, layer)
        if maps is None:
            self._view.show_message(missing_text(self._session, layer))
        else:
            self._view.show_maps(maps)

    def _show_comparison(self, layer: int) -> None:
        kept, source = Source.kept(self._kept), self._source
        maps = self._tools.look.compared(kept, source, layer)
        shown = None if maps is None else Comparison(*maps, images=(kept.image, source.image))
        self._comparison.show_comparison(shown, missing_text(self._session, layer))

    def _show_modes(self, layer: int) -> None:
        both = self._session.both_traces
        sources = None if both is None else (Source.kept(both[0]), Source.kept(both[1]))
        maps = None if sources is None else self._tools.look.compared(*sources, layer)
        if sources is None or maps is None:
            self._comparison.show_comparison(None, missing_text(self._session, layer))
        else:
            images = (sources[0].image, sources[1].image)
            self._comparison.show_comparison(Comparison(*maps, images=images, titles=MODES, names=MODES))

    def _row(self, layer: int) -> MapRow:
        maps = self._tools.look.maps(self._source, layer)
        name = "Input" if layer == INPUT else self._session.network.layers[layer].name
        return MapRow(name, self._shape_text(layer), maps, "" if maps else missing_text(self._session, layer))

    def _show_marks(self) -> None:
        """Show what is pointed at here and elsewhere."""
        self._stale = self._stale or not self.isVisible()
        if self._stale:
            return
        if self._shows_all:
            layers = range(INPUT, len(self._session.network.layers))
            self._rows.show_marks([marks_of(self._session, layer) for layer in layers])
        elif self._is_split:
            marks = marks_of(self._session, self._layer)
            self._comparison.show_marks(marks, off_in_a=marks.crossed)
        elif self._kept is not None:
            name = "" if self._layer == INPUT else self._session.network.layers[self._layer].name
            off = frozenset(channel for owner, channel in self._kept.switched_off if owner == name)
            self._comparison.show_marks(marks_of(self._session, self._layer), off_in_a=off)
        else:
            self._view.show_marks(marks_of(self._session, self._layer))

    def _show_pinned(self) -> None:
        self._show_marks()
        if not self._stale:
            self._show_tools()  # the map with the value is selected now

    def _show_tools(self) -> None:
        crossed = None if self._shows_all else self._possible_off(self._layer)
        self._tools.show_state(
            held=self._held is not None,
            compared=self._kept is not None,
            off=None if crossed is None else self._tiles.selected in crossed,
            possible=self._present_trace() is not None,
        )

    def _show_banner(self) -> None:
        self._banner.setText(_HELD if self._held is not None else "")
        self._banner.setVisible(self._held is not None)

    def _shape_text(self, layer: int) -> str:
        shape = self._session.network.shape_at(layer)
        return "" if shape is None else shape_text(shape)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step through the layers, boost the contrast, hold, compare, switch off, let the pinned value go."""
        key, alt = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if key == Qt.Key.Key_PageUp or (alt and key == Qt.Key.Key_Up):
            self._step_layer(-1)
        elif key == Qt.Key.Key_PageDown or (alt and key == Qt.Key.Key_Down):
            self._step_layer(1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._tools.step_contrast(1)
        elif key == Qt.Key.Key_Minus:
            self._tools.step_contrast(-1)
        elif key == Qt.Key.Key_Escape and self._session.inspection.pinned is not None:
            self._session.inspection.pin(None)
        elif (button := self._tools.button_of(key)) is not None:
            button.click()
        else:
            super().keyPressEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Return the size at which tools and maps can be seen with the tools in a row of their own."""
        return QSize(self._tools.minimumSizeHint().width() + 60, 150)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the tools below the layer where both do not fit beside each other."""
        super().resizeEvent(event)
        needed = self._picker.minimumSizeHint().width() + 120 + self._tools.sizeHint().width()
        wide = self.width() >= needed
        self._head.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        if self._stale:
            self._refresh()


def _entry(name: str, enabled: bool) -> str:
    return name if enabled else f"{name} (off)"
