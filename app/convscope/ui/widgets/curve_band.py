"""A place marked in a curve plot: a translucent band over some epochs, and what is seen there."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QLabel

from convscope.core.diagnosis import Place
from convscope.ui import theme

FAINT, STRONG = 38, 80  # alpha of the band; curves and the grid shine through
_MARGIN = 6  # pixels around the label


class CurveBand:
    """The band and its label, on a plot that they belong to."""

    def __init__(self, canvas: pg.PlotWidget, view: Any) -> None:
        """Make a hidden band on `view`, labelled over `canvas`."""
        self._canvas = canvas
        self._view = view
        self._place: Place | None = None
        self._strongly = False
        self.region = pg.LinearRegionItem(movable=False)
        self.region.setZValue(-1)  # behind the curves
        view.addItem(self.region, ignoreBounds=True)
        self.label = QLabel(canvas)
        self.label.setObjectName("curve_mark")
        self.label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.label.setMargin(2)
        self.label.setAutoFillBackground(True)
        self.label.setBackgroundRole(QPalette.ColorRole.Base)
        self.label.setForegroundRole(QPalette.ColorRole.Highlight)
        view.sigRangeChanged.connect(self._put_label)
        view.sigResized.connect(self._put_label)
        self.show_place(None)

    def show_place(self, place: Place | None, *, strongly: bool = False) -> None:
        """Mark a place, or none; strongly while somebody points at it."""
        self._place, self._strongly = place, strongly
        self.region.setVisible(place is not None)
        self.label.setVisible(place is not None)
        if place is not None:
            self.region.setRegion((place.first, place.last))
            self.label.setText(place.label)
            self._put_label()
        self.refresh_colours(self.label.font())

    def refresh_colours(self, font: QFont) -> None:
        """Take over the colours of the theme, and the plot's font."""
        accent = QColor(theme.current().accent)
        for line in self.region.lines:
            line.setPen(pg.mkPen(accent, width=3 if self._strongly else 1.5, style=Qt.PenStyle.DashLine))
        accent.setAlpha(STRONG if self._strongly else FAINT)
        self.region.setBrush(accent)
        self.label.setFont(font)

    def _put_label(self) -> None:
        """Put the label over the middle of what is seen of the band, inside the plot."""
        if self._place is None:
            return
        area = self._view.sceneBoundingRect()
        ends = [self._view.mapViewToScene(QPointF(x, 0)).x() for x in (self._place.first, self._place.last)]
        left, right = (min(max(x, area.left()), area.right()) for x in ends)
        seen = ends[0] <= area.right() and ends[1] >= area.left()
        self.label.setVisible(seen)
        self.label.adjustSize()
        width = self.label.width()
        x = min(max((left + right - width) / 2, area.left() + _MARGIN), area.right() - _MARGIN - width)
        self.label.move(round(max(x, area.left())), round(area.top()) + _MARGIN)
