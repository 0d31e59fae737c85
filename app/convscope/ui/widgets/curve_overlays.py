"""The curves of former runs behind those of the present one, painted once and kept as a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from convscope.ui import theme
from convscope.ui.painting import is_vector, pixel_ratio
from convscope.ui.widgets.curve_data import OverlayCurves, Series, thinned

VALIDATION_WIDTH, TRAIN_WIDTH = 1.8, 1.2  # thinner than the present run's
_HIGHLIGHTED = 1.8  # times as wide
_MARKED = 60  # epochs in view up to which each gets a marker
MARKER_SIZE = 3.6  # half its width in pixels
_DASHES = [5.0, 4.0]

Corners = tuple[tuple[float, float], ...]
# Told apart without colour, too; from the middle, y downwards, in halves of the width.
MARKERS: tuple[Corners, ...] = (
    ((0, -1.2), (1.1, 0.8), (-1.1, 0.8)),
    ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    ((0, 1.2), (1.1, -0.8), (-1.1, -0.8)),
    ((-1.2, -0.4), (1.2, -0.4), (1.2, 0.4), (-1.2, 0.4)),
    ((-0.4, -1.2), (0.4, -1.2), (0.4, 1.2), (-0.4, 1.2)),
    ((-1.2, 0), (-0.6, -1), (0.6, -1), (1.2, 0), (0.6, 1), (-0.6, 1)),
)


class CurveOverlays(QGraphicsItem):
    """Lies in a view behind its curves; while those grow it only copies its picture."""

    def __init__(self, view: Any, heights: Callable[[Series], Any]) -> None:
        """Make an empty picture in `view`, whose child it is; `heights` are along its vertical axis."""
        super().__init__(view)
        self._view = view
        self._overlays: tuple[OverlayCurves, ...] = ()
        self._heights = heights
        self._highlighted = 0
        self._painted: tuple[object, ...] = ()  # what the picture shows
        self._picture = QPixmap()
        self.setZValue(-2)  # behind what belongs to the present run
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        view.sigRangeChanged.connect(lambda *_: self.update())
        view.sigResized.connect(lambda *_: self._resize())

    def show_overlays(self, overlays: tuple[OverlayCurves, ...]) -> None:
        """Show these curves."""
        self._overlays = overlays
        self.forget()

    def show_highlighted(self, id: int) -> None:
        """Draw one run's curves wider than the others; 0 is none."""
        if id != self._highlighted:
            self._highlighted = id
            self.update()

    def forget(self) -> None:
        """Paint anew, because colours or curves are others."""
        self._painted = ()
        self.update()

    def boundingRect(self) -> QRectF:
        """Return the whole of the view."""
        return QRectF(self._view.boundingRect())

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        """Copy the picture, made anew if something in it moved; a vector picture gets the lines themselves."""
        if not self._overlays:
            return
        if is_vector(painter):
            painter.save()
            painter.setClipRect(self.boundingRect())
            self._paint_all(painter)
            painter.restore()
            return
        ratio = pixel_ratio(painter)
        area = self.boundingRect()
        shown = (area, ratio, str(self._view.viewRange()), theme.current())
        if shown != self._painted:
            self._painted = shown
            self._picture = self._made_picture(area, ratio)
        painter.drawPixmap(area.topLeft(), self._picture)
        self._paint_highlighted(painter)

    def _made_picture(self, area: QRectF, ratio: float) -> QPixmap:
        picture = QPixmap((QSizeF(area.size()) * ratio).toSize())
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.translate(-area.topLeft())
        self._paint_all(painter)
        painter.end()
        return picture

    def _paint_all(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for overlay in self._overlays:
            self._paint_run(painter, overlay)

    def _paint_highlighted(self, painter: QPainter) -> None:
        """Paint one run over the picture, which need not be made anew for it."""
        for overlay in self._overlays:
            if overlay.overlay.id == self._highlighted:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._paint_run(painter, overlay, _HIGHLIGHTED)

    def _paint_run(self, painter: QPainter, overlay: OverlayCurves, wider: float = 1.0) -> None:
        run = overlay.overlay
        colour = theme.current().runs[run.colour]
        pen = QPen(colour, TRAIN_WIDTH * wider)
        pen.setDashPattern(_DASHES)
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF(self._places(overlay.curves.train)))
        begun = self._places(overlay.begun)
        painter.drawPolyline(QPolygonF(begun))
        painter.setPen(QPen(colour, VALIDATION_WIDTH * wider))
        places = self._places(overlay.curves.validation)
        painter.drawPolyline(QPolygonF(places))
        if len(places) <= _MARKED:
            paint_markers(painter, [*begun[-1:], *places], run.colour, MARKER_SIZE * wider)

    def _places(self, series: Series) -> list[QPointF]:
        """Return where the points of a curve lie in the view."""
        (left, right), (low, high) = self._view.viewRange()
        area = self.boundingRect()
        seen = thinned(series, left, right, max(50, int(area.width())))
        x = area.left() + (seen.x - left) * (area.width() / (right - left))
        y = area.bottom() - (np.asarray(self._heights(seen)) - low) * (area.height() / (high - low))
        y = np.clip(y, area.top() - 10_000, area.bottom() + 10_000)
        return [QPointF(*place) for place in zip(x.tolist(), y.tolist(), strict=True)]

    def _resize(self) -> None:
        self.prepareGeometryChange()
        self.update()


def paint_markers(painter: QPainter, places: Sequence[QPointF], number: int, half: float) -> None:
    """Paint the marker of a run's colour around each place; pen and brush are others afterwards."""
    painter.setPen(QPen(theme.current().base, 1))
    painter.setBrush(theme.current().runs[number])
    marker = QPolygonF([QPointF(half * x, half * y) for x, y in MARKERS[number]])
    for place in places:
        painter.drawPolygon(marker.translated(place))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def nearest_overlay(
    values: Sequence[tuple[int, float]], height_of: Callable[[float], float], pointer: float, reach: float
) -> int:
    """Return the id of the run whose value lies nearest to the pointer, in pixels of height; 0 beyond `reach`."""
    distances = [(abs(height_of(value) - pointer), id) for id, value in values]
    distance, id = min(distances, default=(np.inf, 0))
    return id if distance <= reach else 0
