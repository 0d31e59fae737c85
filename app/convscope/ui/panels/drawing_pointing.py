"""What the drawing panel shows of the value that is pointed at, and of the one that is taken apart."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF
from PySide6.QtWidgets import QWidget

from convscope.core.data.drawing import Drawing, placement
from convscope.core.data.drawing_raster import Placement
from convscope.core.receptive_field import Region
from convscope.core.unit import INPUT, Unit
from convscope.ui.widgets.cube_marks import MOST_BOXES
from convscope.ui.widgets.drawing_canvas import DrawingCanvas
from convscope.ui.widgets.network_input import NetworkInput
from convscope.ui.widgets.prediction_bars import PredictionBars

if TYPE_CHECKING:
    from convscope.ui.session import Session


class DrawingPointing(QObject):
    """Joins the network's input, the prediction and the canvas to what the user points at.

    A click on a pixel takes its first channel apart, a further one the next channel of the same pixel.
    """

    def __init__(
        self, session: Session, canvas: DrawingCanvas, image: NetworkInput, bars: PredictionBars, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._inspection = session, session.inspection
        self._canvas, self._image, self._bars = canvas, image, bars
        self._placed: tuple[tuple[Drawing, tuple[int, int, int]], Placement | None] | None = None  # of which drawing
        self._is_stale = False
        image.pixel_hovered.connect(self._hover_pixel)
        image.pixel_chosen.connect(self._pin_pixel)
        bars.class_hovered.connect(lambda k: self._inspection.hover(None if k is None else self._probability(k)))
        bars.class_chosen.connect(lambda k: self._inspection.pin(self._probability(k)))
        self._inspection.hovered_changed.connect(self._show_hovered)
        self._inspection.regions_changed.connect(self.show_regions)
        session.drawing_changed.connect(self._show_field)
        canvas.stroke_finished.connect(self._show_field)

    def catch_up(self) -> None:
        """Show what was missed while the panel was hidden."""
        if self._is_stale:
            self._show_hovered()
            self.show_regions()

    def show_regions(self) -> None:
        """Light up what the pinned value sees or reaches."""
        self._is_stale = not self._image.isVisible()
        if self._is_stale:
            return
        regions = self._inspection.regions
        self._image.show_region(regions.get(INPUT))
        marked = regions.get(len(self._session.network.layers))
        self._bars.show_marked([] if marked is None else np.flatnonzero(marked.channels).tolist())
        self._show_field()

    def _show_hovered(self) -> None:
        if not self._image.isVisible():
            self._is_stale = True
            return
        unit = self._inspection.hovered
        pixel = (unit.index[1], unit.index[2]) if unit is not None and unit.layer == INPUT else None
        self._image.show_pointed(pixel)
        at_end = unit is not None and unit.layer == len(self._session.network.layers)
        self._bars.show_pointed(unit.index[0] if unit is not None and at_end else None)

    def _show_field(self) -> None:
        """Tint what of the drawing is seen; not while the pen is down, for it would be in the way."""
        if not self._canvas.isVisible():
            self._is_stale = True
            return
        region = None if self._canvas.pen_is_down else self._inspection.regions.get(INPUT)
        self._canvas.show_field([] if region is None or region.empty else self._field(region))

    def _field(self, region: Region) -> list[QRectF]:
        """Return what of the drawing a region lies on: a box for each run of its rows and columns."""
        key = (self._session.drawing, self._session.network.input_shape)
        if self._placed is None or self._placed[0] != key:
            self._placed = key, placement(*key)
        placed = self._placed[1]
        if placed is None:
            return []
        parts = [[slice(*run) for run in runs] for runs in region.runs[1:]]
        if len(parts[0]) * len(parts[1]) > MOST_BOXES:
            parts = [[side] for side in region.box[1:]]
        boxes = [_clipped(*placed.box(rows, columns)) for rows, columns in product(*parts)]
        return [box for box in boxes if not box.isEmpty()]

    def _hover_pixel(self, pixel: tuple[int, int] | None) -> None:
        self._inspection.hover(None if pixel is None else Unit(INPUT, (0, *pixel)))

    def _pin_pixel(self, pixel: tuple[int, int]) -> None:
        pinned, channel = self._inspection.pinned, 0
        if pinned is not None and pinned.layer == INPUT and pinned.index[1:] == pixel:
            channel = (pinned.index[0] + 1) % self._session.network.input_shape[0]
        self._inspection.pin(Unit(INPUT, (channel, *pixel)))

    def _probability(self, number: int) -> Unit:
        return Unit(len(self._session.network.layers), (number,))


def _clipped(left: float, top: float, right: float, bottom: float) -> QRectF:
    """Return what of a box lies on the sheet."""
    return QRectF(QPointF(left, top), QPointF(right, bottom)) & QRectF(0, 0, 1, 1)
