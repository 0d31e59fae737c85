"""What of the batch-norm panel follows the drawing and the run by itself: the maps, the marks on them, the course."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from convscope.core.layers import Layer
from convscope.core.unit import Unit
from convscope.ui.panels.mosaic_pointing import marks_of, place_of, unit_of
from convscope.ui.panels.mosaic_source import Look, Source
from convscope.ui.widgets.batch_norm_course_plot import Following
from convscope.ui.widgets.batch_norm_view import BatchNormView
from convscope.ui.widgets.mosaic_layout import Place

if TYPE_CHECKING:
    from convscope.ui.session import Session

_NO_COURSE = "Press Train to see how the running average follows the batches"
_FROZEN = "The layer is frozen, so its running average stays as it is"


class BatchNormLive(QObject):
    """Shows what a layer puts out for the drawing, how its figures went, and what is pointed at."""

    def __init__(self, session: Session, view: BatchNormView) -> None:
        """Fill parts of `view`, which it belongs to from now on."""
        super().__init__(view)
        self._session = session
        self._view = view
        self._shown: tuple[int, tuple[int, ...]] | None = None  # layer and value
        view.maps.mosaic.place_hovered.connect(self._hover)
        view.maps.mosaic.place_pinned.connect(self._pin)
        view.maps.mosaic.pin_withdrawn.connect(session.inspection.take_back)
        view.steps.value_hovered.connect(session.inspection.hover)
        view.steps.value_chosen.connect(session.inspection.pin)
        session.inspection.hovered_changed.connect(self._refresh_marks)

    def show(self, layer: int, index: tuple[int, ...]) -> None:
        """Show a layer; `index` is that of the value whose steps are shown, () before it is known."""
        self.show_maps(layer, index)
        self._show_course(self._session.network.layers[layer], index[0] if index else 0)

    def show_maps(self, layer: int, index: tuple[int, ...]) -> None:
        """Show what the layer puts out for the drawing."""
        maps = Look().maps(Source.live(self._session), layer)
        if maps is None:
            self._view.maps.show_message(self._session.waiting or "The maps are being computed.")
            return
        self._view.maps.show_maps(maps)
        if index:
            mosaic = self._view.maps.mosaic
            mosaic.show_tile(index[0], zoomed=mosaic.zoomed)
        self.show_marks(layer, index)

    def show_marks(self, layer: int, index: tuple[int, ...]) -> None:
        """Show what is pointed at anywhere, and the value of the steps."""
        self._shown = layer, index
        marks = marks_of(self._session, layer)
        own = place_of(Unit(layer, index)) if index else None
        self._view.maps.show_marks(replace(marks, hovered=marks.hovered or own))
        self._view.steps.show_hovered(self._session.inspection.hovered)

    def _refresh_marks(self) -> None:
        if self._shown is not None and self._view.isVisible():
            self.show_marks(*self._shown)

    def _show_course(self, layer: Layer, channel: int) -> None:
        course = self._session.batch_norm_course.of(layer.name, channel)
        if course is None:
            for plot in (self._view.mean, self._view.variance):
                plot.show_message(_NO_COURSE if layer.trainable else _FROZEN)
            return
        for plot in (self._view.mean, self._view.variance):
            plot.show_cursor(self._session.time_machine.shown)
        at = course.positions
        self._view.mean.show_course(Following(at, course.batch_mean, course.running_mean))
        self._view.variance.show_course(Following(at, course.batch_variance, course.running_variance))

    def _hover(self, place: Place | None) -> None:
        if self._shown is not None:
            unit = None if place is None else unit_of(self._session.network, self._shown[0], place)
            self._session.inspection.hover(unit)

    def _pin(self, place: Place) -> None:
        if self._shown is not None:
            self._session.inspection.pin(unit_of(self._session.network, self._shown[0], place))
