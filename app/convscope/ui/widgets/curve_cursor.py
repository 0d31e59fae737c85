"""The moment of the run that is looked at, as a vertical line in a curve plot that can be dragged and put elsewhere."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from convscope.ui import theme

_WIDTH = 2.5  # pixels
_REACH = 7  # pixels beside it where it can still be caught
_ABOVE = 10  # all curves


class CurveCursor(QObject):
    """A line over the curves, there while the past is looked at; a click beside it puts it there.

    Signals:
        position_chosen(object): This place of the run, in epochs, shall be looked at; None for the present.
    """

    position_chosen = Signal(object)

    def __init__(self, canvas: pg.PlotWidget, view: Any) -> None:
        """Make a hidden line on `view` of `canvas`."""
        super().__init__(canvas)
        self._canvas = canvas
        self._view = view
        self._position: float | None = None
        self._before: float | None = None  # where it was when the last click put it elsewhere
        self._pressed: QPointF | None = None  # where a click may have begun
        self._is_dragged = False
        self.line = pg.InfiniteLine(angle=90, movable=False)  # pyqtgraph's own can hardly be caught
        self.line.setZValue(_ABOVE)
        view.addItem(self.line, ignoreBounds=True)
        self.show_position(None)
        self.refresh_colours()

    @property
    def position(self) -> float | None:
        """Where the line stands, in epochs; None while there is none."""
        return self._position

    def show_position(self, position: float | None) -> None:
        """Put the line somewhere, or show none."""
        self._position = position
        self.line.setVisible(position is not None)
        if position is not None:
            self.line.setValue(position)

    def refresh_colours(self) -> None:
        """Take over the colours of the theme."""
        self.line.setPen(pg.mkPen(theme.current().accent, width=_WIDTH))

    def press(self, event: QMouseEvent) -> bool:
        """Note where a click may begin; say whether the line was caught, so that the plot must not move."""
        is_left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = event.position() if is_left else None
        self._is_dragged = is_left and self._is_near(event.position())
        return self._is_dragged

    def move(self, event: QMouseEvent) -> bool:
        """Choose the places that the line is dragged over; say whether it is dragged."""
        if self._is_dragged:
            self.position_chosen.emit(self._epoch_at(event.position()))
        elif not event.buttons():
            shape = Qt.CursorShape.SplitHCursor if self._is_near(event.position()) else Qt.CursorShape.ArrowCursor
            self._canvas.viewport().setCursor(shape)
        return self._is_dragged

    def release(self, event: QMouseEvent) -> bool:
        """Choose the place that was clicked, if the mouse was not moved; say whether the line was dragged."""
        was_dragged, self._is_dragged = self._is_dragged, False
        pressed, self._pressed = self._pressed, None
        if pressed is None or was_dragged:
            return was_dragged
        moved = (event.position() - pressed).manhattanLength() >= QApplication.startDragDistance()
        if not moved and self._view.sceneBoundingRect().contains(self._in_scene(event.position())):
            self._before = self._position
            self.position_chosen.emit(self._epoch_at(event.position()))
        return False

    def take_back(self) -> None:
        """Undo the click that a double click began with; what follows of it is no click, either."""
        self._pressed = None
        self.position_chosen.emit(self._before)

    def _is_near(self, point: QPointF) -> bool:
        if self._position is None:
            return False
        place = self._canvas.mapFromScene(self._view.mapViewToScene(QPointF(self._position, 0)))
        inside = self._view.sceneBoundingRect().contains(self._in_scene(point))
        return inside and abs(place.x() - point.x()) <= _REACH

    def _in_scene(self, point: QPointF) -> QPointF:
        return self._canvas.mapToScene(point.toPoint())

    def _epoch_at(self, point: QPointF) -> float:
        return float(self._view.mapSceneToView(self._in_scene(point)).x())
