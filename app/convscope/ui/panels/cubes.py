"""Data cubes: the whole network in a row, from the drawing to the classes, live under the pen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from convscope.core.large import is_traced_live
from convscope.ui.preferences import Preferences
from convscope.ui.widgets.colour_legend import ColourLegend
from convscope.ui.widgets.cube_controls import ControlState, CubeControls
from convscope.ui.widgets.cube_data import INPUT, cube_items
from convscope.ui.widgets.cube_geometry import Angle
from convscope.ui.widgets.cube_layout import SCALE_NOTE
from convscope.ui.widgets.cube_values import CubeValues
from convscope.ui.widgets.cube_view import ZOOM_STEP, CubeView

if TYPE_CHECKING:
    from convscope.ui.session import Session

HELP = (
    "Drag a cube to turn all of them; drag beside them, or with the middle button, to move along. The wheel scrolls, "
    "with Ctrl it zooms. A click selects a layer and pins the value under the pointer; a double click opens a cube.\n\n"
    "Left and right choose a cube, up and down slice it, with Shift the arrows move the pinned value. Enter opens, "
    f"Escape closes, F shows the whole network.\n\n{SCALE_NOTE}"
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
        self.view = CubeView(self)
        self.legend = ColourLegend(self)
        self._caption = QLabel(self)
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
        self._caption.setMinimumWidth(80)
        self._caption.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        below = QHBoxLayout()
        below.setContentsMargins(6, 0, 6, 0)
        below.setSpacing(10)
        below.addWidget(self._caption, 1)
        below.addWidget(self.legend)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 2, 2, 4)
        column.setSpacing(3)
        column.addWidget(self.controls)
        column.addWidget(self.view, 1)
        column.addLayout(below)

    def _connect(self) -> None:
        session, view, controls = self._session, self.view, self.controls
        session.network_changed.connect(self._refresh)
        session.dataset_changed.connect(self._refresh)
        session.trace_changed.connect(self._refresh_values)
        session.drawing_changed.connect(self._refresh_image)
        session.weights_changed.connect(self._refresh_caption)
        session.computing_changed.connect(self._refresh_caption)
        session.selection_changed.connect(self._refresh_selected)
        session.inspection.hovered_changed.connect(self._refresh_hovered)
        session.inspection.regions_changed.connect(self._refresh_pinned)
        view.layer_chosen.connect(session.select)
        view.unit_hovered.connect(session.inspection.hover)
        view.unit_pinned.connect(session.inspection.pin)
        view.angle_changed.connect(self._keep_angle)
        view.caption_changed.connect(self._describe)
        view.state_changed.connect(self._show_controls)
        controls.fit_wanted.connect(view.fit)
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
        self.view.show_items(cube_items(session.network), session.class_names)
        self.view.show_values(self._values())
        self.view.show_selected(session.selected)
        self.view.show_hovered(session.inspection.hovered)
        self.view.show_pinned(session.inspection.pinned, session.inspection.regions)

    def _refresh_values(self) -> None:
        if self._is_shown():
            self.view.show_values(self._values())

    def _refresh_image(self) -> None:
        """Show the image alone where no trace follows in a moment: else all cubes would be drawn twice."""
        if self._session.trace is None or not is_traced_live(self._session.network):
            self._refresh_values()

    def _refresh_selected(self) -> None:
        if self._is_shown():
            self.view.show_selected(self._session.selected)

    def _refresh_hovered(self) -> None:
        if self._is_shown():
            self.view.show_hovered(self._session.inspection.hovered)

    def _refresh_pinned(self) -> None:
        if self._is_shown():
            self.view.show_pinned(self._session.inspection.pinned, self._session.inspection.regions)

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

    def _values(self) -> CubeValues:
        """Return what is known of the present network; the image at once, the layers when they are computed."""
        session = self._session
        trace, network = session.trace, session.network
        arrays: dict[int, Array] = {INPUT: session.image}
        if trace is not None and trace.network == network:
            for layer in range(len(network.layers) + 1):
                array = trace.values(layer)
                if array is not None:
                    arrays[layer] = array
        return CubeValues(arrays, self.controls.scaling, self.view.scene.values)

    def _describe(self) -> None:
        view = self.view
        text, layer = view.caption(), view.selected
        if view.scene.values.array(layer) is None:
            self.legend.show_scale(None)
            self.legend.setVisible(not self._session.waiting)  # the sentence needs its room
            text = f"{text}.  {self._session.waiting}" if self._session.waiting else text
        else:
            self.legend.show()
            name = view.item.name if view.item is not None else ""
            self.legend.show_scale(view.scene.values.map_scale(layer, view.cut().channel), name)
        self._caption.setText(text)
        self._caption.setToolTip(text)

    def _show_controls(self) -> None:
        view = self.view
        sides = view.scene.sides(view.selected)
        slices = 0 if sides is None else sides[view.axis]
        at = view.cut().slice_along(view.axis) if sides is not None else 0
        self.controls.show_state(ControlState(view.axis, slices, at, view.can_open, view.opening.is_open))
        self._describe()

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
