"""Data cubes: the whole network in a row, from the drawing to the classes, live under the pen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from convscope.core.large import is_traced_live
from convscope.core.mode import Mode
from convscope.ui.preferences import Preferences
from convscope.ui.widgets.colour_legend import ColourLegend
from convscope.ui.widgets.cube_controls import ControlState, CubeControls
from convscope.ui.widgets.cube_data import INPUT, cube_items
from convscope.ui.widgets.cube_geometry import Angle
from convscope.ui.widgets.cube_layout import SCALE_NOTE
from convscope.ui.widgets.cube_pair import CubePair
from convscope.ui.widgets.cube_values import CubeValues
from convscope.ui.widgets.cube_view import ZOOM_STEP
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.tinted_label import TintedLabel

if TYPE_CHECKING:
    from convscope.ui.session import Session

MODES = (Mode.INFERENCE, Mode.TRAINING)  # of the two rows
HELP = (
    "Drag a cube to turn all of them; drag beside them, or with the middle button, to move along. The wheel scrolls, "
    "with Ctrl it zooms. A click selects a layer and pins the value under the pointer; a double click opens a cube.\n\n"
    "Left and right choose a cube, up and down slice it, with Shift the arrows move the pinned value. Enter opens, "
    f"Escape closes, F fits the network; again, it turns it back, or shows all of a long one.\n\n{SCALE_NOTE}"
)

Array = NDArray[np.float32]


class CubesPanel(QWidget):
    """Shows every layer's output as a data cube, with the value pointed at and the region of the pinned one."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cubes_panel")
        self._session = session
        self._preferences = Preferences()
        self._stale = True
        self._network = session.network  # the one that is shown
        self.controls = CubeControls(HELP, self)
        self._pair = CubePair(self)
        self.view = self._pair.first
        self.legend = ColourLegend(self)
        self._caption = TintedLabel("text", self)
        self._build()
        self._connect()
        across, up = self._preferences.cube_angle
        self.view.show_angle(Angle().turned(across - Angle().across, up - Angle().up))
        self.view.show_axis(self._preferences.cube_axis)

    def caption(self) -> str:
        """Return what is read below the cubes."""
        return self._caption.text()

    def _build(self) -> None:
        self.view.setAccessibleDescription(HELP)
        self._caption.reserve(2, most=2)  # the cubes must not jump
        self._caption.setMinimumWidth(80)
        below = QHBoxLayout()
        below.setContentsMargins(6, 0, 6, 0)
        below.setSpacing(10)
        below.addStrut(self.legend.sizeHint().height())  # the cubes must not jump when it comes or goes
        below.addWidget(self._caption, 1)
        below.addWidget(self.legend)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 4)
        column.setSpacing(3)
        column.addWidget(self.controls)
        column.addWidget(self._pair, 1)
        column.addLayout(below)

    def _connect(self) -> None:
        session, view, controls = self._session, self.view, self.controls
        session.network_changed.connect(self._refresh)
        session.dataset_changed.connect(self._refresh)
        session.trace_changed.connect(self._refresh_values)
        session.mode_changed.connect(self._refresh_split)
        session.drawing_changed.connect(self._refresh_image)
        session.weights_changed.connect(self._refresh_caption)
        session.computing_changed.connect(self._refresh_caption)
        session.selection_changed.connect(self._refresh_selected)
        session.inspection.hovered_changed.connect(self._refresh_hovered)
        session.inspection.regions_changed.connect(self._refresh_pinned)
        view.layer_chosen.connect(session.select)
        view.unit_hovered.connect(session.inspection.hover)
        self._pair.row_pinned.connect(lambda row: session.change_mode(MODES[row]))  # its numbers are taken apart
        self._pair.unit_pinned.connect(session.inspection.pin)
        view.angle_changed.connect(self._keep_angle)
        view.caption_changed.connect(self._describe)
        view.state_changed.connect(self._show_controls)
        view.places_changed.connect(self._show_fit)
        view.angle_changed.connect(self._show_fit)
        controls.fit_wanted.connect(view.fit_further)
        controls.zoom_wanted.connect(lambda larger: view.zoom(ZOOM_STEP if larger else 1 / ZOOM_STEP))
        controls.axis_chosen.connect(self._choose_axis)
        controls.slice_chosen.connect(view.show_slice)
        controls.opening_wanted.connect(view.toggle_fan)
        controls.scaling_chosen.connect(self._refresh_values)

    def _refresh(self) -> None:
        """Show the present state, or remember that it is not shown."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        session = self._session
        self._network = session.network
        self._pair.show_split(self._is_split)
        values = self._values()
        for view, own in zip(self._pair.views, values, strict=True):
            view.show_items(cube_items(session.network), session.class_names)
            view.show_values(own)
            view.show_selected(session.selected)
            view.show_hovered(session.inspection.hovered)
            view.show_pinned(session.inspection.pinned, session.inspection.regions)
        self._pair.align()
        self._describe()  # with the values of both rows

    def _refresh_values(self) -> None:
        if not self._is_shown():
            return
        if self._pair.is_split is not self._is_split:
            self._refresh()
            return
        for view, values in reversed(list(zip(self._pair.views, self._values(), strict=True))):
            view.show_values(values)  # of the first row last, for it tells when the caption is to be written

    def _refresh_split(self) -> None:
        """Show one row or two; what is new in them comes with its trace."""
        if self._pair.is_split is not self._is_split:
            self._refresh_values()

    def _refresh_image(self) -> None:
        """Show the image alone where no trace follows in a moment: else all cubes would be drawn twice."""
        if self._session.trace is None or not is_traced_live(self._session.network):
            self._refresh_values()

    def _refresh_selected(self) -> None:
        if self._is_shown():
            for view in self._pair.views:
                view.show_selected(self._session.selected)
            self._pair.align()

    def _refresh_hovered(self) -> None:
        if self._is_shown():
            for view in self._pair.views:
                view.show_hovered(self._session.inspection.hovered)

    def _refresh_pinned(self) -> None:
        if self._is_shown():
            for view in self._pair.views:
                view.show_pinned(self._session.inspection.pinned, self._session.inspection.regions)

    def _refresh_caption(self) -> None:
        if self._is_shown():
            self._describe()

    def _is_shown(self) -> bool:
        """Say whether what is new can be shown now; if not, all is shown anew: with the panel, or with the network."""
        self._stale = self._stale or not self.isVisible()
        if not self._stale and self._network is not self._session.network:
            self._refresh()  # image, selection and regions are told before the network they belong to
            return False
        return not self._stale

    @property
    def _is_split(self) -> bool:
        """Whether inference and training are seen side by side."""
        return self._session.is_split and is_traced_live(self._session.network)

    @property
    def _traces(self) -> tuple[Any, ...]:
        """What each row shows; None until the present network has been traced."""
        trace, network = self._session.trace, self._session.network
        if self._is_split:
            return self._session.both_traces or (None, None)
        return (trace if trace is not None and trace.network == network else None,)

    def _values(self) -> list[CubeValues]:
        """Return what each row shows of the present network; the image at once, the layers when they are computed."""
        traces, scaling = self._traces, self.controls.scaling
        rows = [self._arrays(trace) for trace in traces]
        beside = rows[::-1] if len(rows) > 1 else [{}]
        return [
            CubeValues(arrays, scaling, view.scene.values, beside=others, dropped=dropped(trace, arrays))
            for arrays, others, trace, view in zip(rows, beside, traces, self._pair.views, strict=True)
        ]

    def _arrays(self, trace: Any) -> dict[int, Array]:
        arrays: dict[int, Array] = {INPUT: self._session.image}
        if trace is not None:
            found = {layer: trace.values(layer) for layer in range(len(trace.network.layers) + 1)}
            if self._is_empty:
                del found[len(trace.network.layers)]  # it would be an answer to nothing
            arrays |= {layer: array for layer, array in found.items() if array is not None}
        return arrays

    @property
    def _is_empty(self) -> bool:
        """Whether nothing is drawn, not even by a pen that is down."""
        return self._session.drawing.is_empty and bool(np.ptp(self._session.image) == 0)

    def _describe(self) -> None:
        view, text = self.view, self.view.caption() + self._in_training()
        item, unit = view.told  # the colours are those of what is told
        layer = view.selected if item is None else item.layer
        if view.scene.values.array(layer) is None:
            self.legend.show_scale(None)
            self.legend.setVisible(not self._session.waiting)  # the sentence needs its room
            text = f"{text}.  {self._session.waiting}" if self._session.waiting else text
        else:
            self.legend.show()
            channel = view.cut().channel if unit is None else unit.index[0]
            self.legend.show_scale(view.scene.values.map_scale(layer, channel), "" if item is None else item.name)
        if text != self._caption.text():
            self._caption.show_text(text)
            self._caption.setToolTip(text)

    def _in_training(self) -> str:
        """Return what the second row holds where the pointer is."""
        unit = self._session.inspection.hovered
        if not self._pair.is_split or unit is None:
            return ""
        value = self._pair.second.scene.values.value(unit.layer, unit.index)
        return "" if value is None else f" in eval(),  {number_text(value)} in train()"

    def _show_controls(self) -> None:
        view = self.view
        sides = view.scene.sides(view.selected)
        slices = 0 if sides is None else sides[view.axis]
        at = view.cut().slice_along(view.axis) if sides is not None else 0
        self.controls.show_state(ControlState(view.axis, slices, at, view.can_open, view.opening.is_open))
        self._describe()

    def _show_fit(self) -> None:
        self.controls.show_fit(self.view.next_fit)

    def _choose_axis(self, axis: int) -> None:
        self._preferences.set_cube_axis(axis)
        self.view.show_axis(axis)

    def _keep_angle(self) -> None:
        angle = self.view.scene.angle
        self._preferences.set_cube_angle(angle.across, angle.up)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        if self._stale:
            self._refresh()


def dropped(trace: Any, arrays: Mapping[int, Array]) -> dict[int, NDArray[np.bool_]]:
    """Return which values of the layers dropout set to zero in a trace, by layer; only where it drops something."""
    if trace is None:
        return {}
    places = {trace.network.index_of(name): mask for name, mask in trace.masks.items()}
    return {layer: np.broadcast_to(mask == 0, arrays[layer].shape) for layer, mask in places.items() if layer in arrays}
