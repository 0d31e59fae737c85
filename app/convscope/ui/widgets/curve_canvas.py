"""The axes and lines of one curve plot; only this file and what it puts into the plot import pyqtgraph.

That import takes a quarter of a second, so a plot imports this file once it is seen, not when the window is built.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from convscope.core.diagnosis import Place
from convscope.ui import theme
from convscope.ui.widgets.curve_band import CurveBand
from convscope.ui.widgets.curve_cursor import CurveCursor
from convscope.ui.widgets.curve_data import (
    Curves,
    OverlayCurves,
    Quantity,
    Series,
    even_ticks,
    log_ticks,
    logarithm,
    readout,
    spanned,
    thinned,
    vertical_range,
)
from convscope.ui.widgets.curve_overlays import CurveOverlays, nearest_overlay
from convscope.ui.widgets.curve_readout import CurveReadout

pg.setConfigOption("exitCleanup", False)  # its clean-up crashes at exit

LEAST_AXIS_POINTS = 11.0  # readable from the last row of a lecture hall
LINE_WIDTH = 2.75
NAMED_FROM = 150  # pixels of height
REACH = 12  # pixels up to which a curve is the one that is pointed at
_DOTTED = 40  # batches in view up to which each gets a dot: a single one makes no line


def axis_font() -> QFont:
    """Return the font of axes and read-outs."""
    font = QApplication.font()
    font.setPointSizeF(max(LEAST_AXIS_POINTS, font.pointSizeF() * 1.1))
    return font


class CurveCanvas(pg.PlotWidget):
    """Draws curves; the wheel zooms, dragging moves, pointing reads values, a double click shows everything again.

    A click chooses a moment of the run; the `cursor_line` stands where one is looked at.
    """

    def __init__(self, quantity: Quantity, parent: QWidget | None = None) -> None:
        """Make an empty plot of `quantity`."""
        self._axis = _Axis("left")
        self._is_named: bool | None = None  # whether there is room for the axes' names
        super().__init__(parent, axisItems={"left": self._axis, "bottom": _Axis("bottom")})
        self._quantity = quantity
        self._curves: Curves | None = None
        self._former: tuple[OverlayCurves, ...] = ()
        self._switched = False
        self._follows = True  # until the user zooms
        self._limits: dict[str, float] = {}
        self._drawn: dict[Any, tuple[bytes, bytes, bool]] = {}  # what the lines of the epochs show
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumSize(120, 60)
        self._plot: Any = self.getPlotItem()  # pyqtgraph's types promise less than it keeps
        self.view: Any = self._prepared_view()
        self.batches: Any = pg.PlotDataItem()
        self.validation: Any = pg.PlotDataItem()
        self.train: Any = pg.PlotDataItem()
        self._crosshair = pg.InfiniteLine(angle=90, movable=False)
        for depth, item in enumerate((self.batches, self.validation, self.train, self._crosshair)):
            item.setZValue(depth)
            self.view.addItem(item, ignoreBounds=True)
        self.overlays = CurveOverlays(self.view, self._heights)
        self.band = CurveBand(self, self.view)
        self.cursor_line = CurveCursor(self, self.view)
        self.readout = CurveReadout(quantity, self)
        self.hide_readout()
        self.refresh_colours()

    def show_curves(self, curves: Curves, switched: bool) -> None:
        """Draw `curves`; keep what the user zoomed to unless the scale is another one."""
        self._follows = self._follows or switched != self._switched or curves.is_empty
        if switched != self._switched:
            self.overlays.forget()
        self._curves, self._switched = curves, switched
        self._axis.show_logarithmic(self._is_logarithmic)
        self._show_line(self.train, curves.train)
        self._show_line(self.validation, curves.validation)
        self._limit(curves)
        self._show_batches()

    def show_overlays(self, former: tuple[OverlayCurves, ...]) -> None:
        """Draw curves of former runs behind the present ones; the axes reach as far as all of them."""
        self._former = former
        self.overlays.show_overlays(former)
        self.hide_readout()
        if self._curves is not None:
            self._limit(self._curves)

    def show_place(self, place: Place | None, *, strongly: bool = False) -> None:
        """Mark some epochs, or none; strongly while somebody points at them."""
        self.band.show_place(place, strongly=strongly)

    def view_all(self) -> None:
        """Show the whole of all curves, also as they grow."""
        self._follows = True
        if self._limits:
            limits = self._limits
            self.view.setRange(
                xRange=(limits["xMin"], limits["xMax"]), yRange=(limits["yMin"], limits["yMax"]), padding=0
            )

    def hide_readout(self) -> None:
        """Show no values."""
        self.overlays.show_highlighted(0)
        self._crosshair.hide()
        self.readout.hide()

    def refresh_colours(self) -> None:
        """Take over the colours of the theme and the application's font."""
        colours, font = theme.current(), axis_font()
        self.setBackground(colours.base)
        for name, label in (("bottom", "Epoch"), ("left", self._quantity.axis)):
            axis = self._plot.getAxis(name)
            axis.setPen(pg.mkPen(colours.border))
            axis.setTextPen(pg.mkPen(colours.text))
            axis.setTickFont(font)
            axis.setStyle(tickTextOffset=4)
            axis.setLabel(label, **{"color": colours.text.name(), "font-size": f"{font.pointSizeF():g}pt"})
        self._is_named = None
        self._name_axes()
        self._plot.showGrid(x=False, y=True, alpha=0.8)
        self.batches.setSymbolBrush(_faded(colours.train, 200))
        self.batches.setSymbolPen(None)
        self._show_batches()
        for item, colour in ((self.train, colours.train), (self.validation, colours.validation)):
            item.setPen(pg.mkPen(colour, width=LINE_WIDTH))
            item.setSymbolBrush(colour)
            item.setSymbolPen(pg.mkPen(colours.base, width=1))
        self._crosshair.setPen(pg.mkPen(colours.muted, width=1, style=Qt.PenStyle.DashLine))
        self.overlays.forget()
        self.readout.setFont(font)
        self.band.refresh_colours(font)
        self.cursor_line.refresh_colours()

    def _name_axes(self) -> None:
        """Show the axes' names where they leave room for the curves; the heading says what is plotted, too."""
        is_named = self.height() >= NAMED_FROM
        if is_named == self._is_named:
            return
        self._is_named = is_named
        for name in ("bottom", "left"):
            self._plot.getAxis(name).showLabel(is_named)
        metrics = QFontMetrics(axis_font())
        name_height = metrics.height() if is_named else 0
        # The same width for all plots, and at rest while values change.
        self._axis.setWidth(metrics.horizontalAdvance("0.005") + name_height + 12)

    def _prepared_view(self) -> Any:
        plot = self._plot
        plot.setMenuEnabled(False)
        plot.ctrlMenu.setParent(self, plot.ctrlMenu.windowFlags())  # pyqtgraph leaves it without one, to outlive us
        plot.hideButtons()
        plot.setContentsMargins(0, 6, 14, 0)
        view = plot.getViewBox()
        for name in ("left", "bottom"):
            plot.getAxis(name).setZValue(view.zValue() - 1)  # the grid belongs behind the curves
        view.disableAutoRange()
        view.setDefaultPadding(0)
        view.sigRangeChangedManually.connect(self._leave_following)
        view.sigXRangeChanged.connect(self._show_batches)
        view.sigResized.connect(self._show_batches)
        return view

    @property
    def _is_logarithmic(self) -> bool:
        return self._switched and self._quantity.logarithmic

    def _show_line(self, item: Any, series: Series) -> None:
        """Draw the line of the epochs, unless it is the one that is drawn: it changes seldom, and takes a while."""
        drawn = (series.x.tobytes(), series.y.tobytes(), self._is_logarithmic)
        if self._drawn.get(item) == drawn:
            return
        self._drawn[item] = drawn
        symbol, size = ("o", 9) if item is self.train else ("s", 8)  # told apart without colour, too
        item.setData(series.x, self._heights(series), symbol=symbol, symbolSize=size)

    def _show_batches(self) -> None:
        if self._curves is None:
            return
        (low, high), _ = self.view.viewRange()
        shown = thinned(self._curves.batches, low, high, max(50, int(self.view.width())))
        crowding = len(shown) / max(50, self.view.width())  # points per column of pixels
        alpha = round(150 - 75 * min(1.0, max(0.0, crowding - 0.5)))  # a band must stay as light as single lines
        pen = pg.mkPen(_faded(theme.current().train, alpha), width=1)
        symbol = "o" if len(shown) <= _DOTTED else None
        self.batches.setData(shown.x, self._heights(shown), pen=pen, symbol=symbol, symbolSize=5)

    def _heights(self, series: Series) -> Any:
        return logarithm(series.y) if self._is_logarithmic else series.y

    def _limit(self, curves: Curves) -> None:
        curves = spanned(curves, self._former)
        low, high = vertical_range(self._quantity, curves, self._switched)
        right = curves.right_end * 1.02  # so that the last point is whole
        limits = {"xMin": 0.0, "xMax": right, "minXRange": right / 200, "maxXRange": right}
        limits |= {"yMin": low, "yMax": high, "minYRange": (high - low) / 200, "maxYRange": high - low}
        if limits != self._limits:
            self._limits = limits
            self.view.setLimits(**limits)
        if self._follows:
            self.view_all()

    def _leave_following(self) -> None:
        self._follows = False

    def _read_at(self, position: QPointF) -> None:
        area = self.view.sceneBoundingRect()
        found = None
        if area.contains(position) and self._curves is not None:
            found = readout(self._curves, self.view.mapSceneToView(position).x(), self._former)
        if found is None:
            self.hide_readout()
            return
        values = [(overlay.id, value) for overlay, value in found.overlays]
        pointed = nearest_overlay(values, self._scene_height, position.y(), REACH)
        self.overlays.show_highlighted(pointed)
        self._crosshair.setValue(found.x)
        self._crosshair.show()
        self.readout.show_values(found, pointed, self.view.mapViewToScene(QPointF(found.x, 0)).x(), area)

    def _scene_height(self, value: float) -> float:
        """Return how far from the top a value is drawn, in pixels."""
        height = float(logarithm(np.array([value]))[0]) if self._is_logarithmic else value
        return self.view.mapViewToScene(QPointF(0, height)).y()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Name the axes where there is room."""
        super().resizeEvent(event)
        if self._is_named is not None:  # else it is being made
            self._name_axes()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag the line or the view, or to click."""
        if not self.cursor_line.press(event):
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a drag, or choose the moment that was clicked."""
        if not self.cursor_line.release(event):
            super().mouseReleaseEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read the values under the pointer; pyqtgraph's own signal skips fast moves, the last one included."""
        if not self.cursor_line.move(event):
            super().mouseMoveEvent(event)
        self._read_at(self.mapToScene(event.position().toPoint()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show everything; the first of the two clicks chose no moment."""
        self.view_all()
        self.cursor_line.take_back()
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the values: nothing is pointed at."""
        self.hide_readout()
        super().leaveEvent(event)


class _Axis(pg.AxisItem):
    """An axis with few, round labels; on a logarithmic one they are the values themselves."""

    def __init__(self, orientation: str) -> None:
        self._is_logarithmic = False
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)
        # Its text takes 1 ms to draw, and seldom changes while the curves grow.
        self.setCacheMode(self.CacheMode.DeviceCoordinateCache)
        self.setStyle(hideOverlappingLabels=False, maxTickLevel=0)

    def show_logarithmic(self, is_logarithmic: bool) -> None:
        """Take the numbers along the axis for logarithms, or for the values themselves."""
        if is_logarithmic != self._is_logarithmic:
            self._is_logarithmic = is_logarithmic
            self.picture = None  # pyqtgraph's record of the labels
            self.update()

    def boundingRect(self) -> QRectF:
        """Leave room for the labels at both ends, which pyqtgraph drops when there is a grid."""
        room = axis_font().pointSizeF()
        return super().boundingRect().adjusted(-room, -room, room, room)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> Any:  # noqa: N803  # the base class's names
        """Return where ticks stand, as pyqtgraph wants it: [(distance, positions)]."""
        room = axis_font().pointSizeF() * (2.2 if self.orientation == "left" else 3.4)
        most = max(2, int(size / room))
        if self._is_logarithmic:
            return [(1.0, [math.log10(value) for value in log_ticks(minVal, maxVal, most)])]
        ticks = even_ticks(minVal, maxVal, most)
        return [(ticks[1] - ticks[0] if len(ticks) > 1 else 1.0, ticks)]

    def tickStrings(self, values: Any, scale: float, spacing: float) -> list[str]:
        """Return the labels of the ticks at `values`."""
        return [f"{10.0**value if self._is_logarithmic else value:.4g}" for value in values]


def _faded(colour: QColor, alpha: int) -> QColor:
    return QColor(colour.red(), colour.green(), colour.blue(), alpha)
