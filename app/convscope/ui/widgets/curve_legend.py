"""The names of the runs that are laid over a plot, each with a piece of its line."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.ui import theme
from convscope.ui.widgets.curve_data import Overlay
from convscope.ui.widgets.curve_overlays import MARKER_SIZE, VALIDATION_WIDTH, paint_markers

_SAMPLE = 22  # pixels of line before a name
_GAP, _BETWEEN = 4, 14
_NARROWEST, _WIDEST = 60, 160  # pixels of a long name, as there is room
HELP = "Former runs: solid is validation, dashed is training. Choose them in the panel “Runs”."


class CurveLegend(QWidget):
    """One or two lines of names; hidden without any, and never asks for width."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curve_legend")
        self.setToolTip(HELP)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._overlays: tuple[Overlay, ...] = ()
        self._places: tuple[tuple[Overlay, QRectF], ...] = ()
        self._rest = ""
        self._most = 2  # lines
        self._widest = _WIDEST
        self.hide()

    def show_overlays(self, overlays: tuple[Overlay, ...]) -> None:
        """Name these runs."""
        self._overlays = overlays
        self.setAccessibleName("Former runs: " + ", ".join(overlay.name for overlay in overlays))
        self.setVisible(bool(overlays))
        self._arrange()

    def allow_lines(self, most: int) -> None:
        """Take no more lines than this; runs that find no room are counted."""
        if most != self._most:
            self._most = most
            self._arrange()

    def texts(self) -> list[str]:
        """Return what can be read, in the order from left to right and from top to bottom."""
        return [self._elided(overlay.name) for overlay, _ in self._places] + ([self._rest] if self._rest else [])

    def _elided(self, name: str) -> str:
        return self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, self._widest)

    def _arrange(self) -> None:
        """Put names beside each other, then into the next line; count those that find no room."""
        metrics = self.fontMetrics()
        height, room = metrics.height() + 2, max(self.width(), 1)
        fair = self._most * room // max(1, len(self._overlays)) - _SAMPLE - _GAP - _BETWEEN
        self._widest = min(max(fair, _NARROWEST), _WIDEST)
        counted = metrics.horizontalAdvance("+ 99 more") + _GAP
        places: list[tuple[Overlay, QRectF]] = []
        x, line = 0.0, 0
        for number, overlay in enumerate(self._overlays):
            width = _SAMPLE + _GAP + metrics.horizontalAdvance(self._elided(overlay.name))
            is_last = number == len(self._overlays) - 1
            reserved = counted if line == self._most - 1 and not is_last else 0
            if x > 0 and x + width + reserved > room:
                if line == self._most - 1:
                    break
                x, line = 0.0, line + 1
            places.append((overlay, QRectF(x, line * height, width, height)))
            x += width + _BETWEEN
        self._places = tuple(places)
        left = len(self._overlays) - len(places)
        self._rest = f"+ {left} more" if left else ""
        self.setFixedHeight(max(1, line + 1) * height)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of the lines."""
        return QSize(100, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Take over another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._arrange()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the samples and names."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle_left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        end = QRectF(0, 0, 0, self.height())
        for overlay, place in self._places:
            paint_sample(painter, QRectF(place.left(), place.top(), _SAMPLE, place.height()), overlay.colour)
            painter.setPen(theme.current().text)
            name = place.adjusted(_SAMPLE + _GAP, 0, 2, 0)
            painter.drawText(name, middle_left, self._elided(overlay.name))
            end = place
        if self._rest:
            painter.setPen(theme.current().muted)
            painter.drawText(QRectF(end.right() + _GAP, end.top(), 200, end.height()), middle_left, self._rest)


def paint_sample(painter: QPainter, room: QRectF, number: int) -> None:
    """Paint a piece of a run's line with its marker in the middle of `room`."""
    colour = theme.current().runs[number]
    middle = room.center()
    painter.setPen(QPen(colour, VALIDATION_WIDTH + 0.4))
    painter.drawLine(QPointF(room.left() + 1, middle.y()), QPointF(room.right() - 1, middle.y()))
    paint_markers(painter, (middle,), number, MARKER_SIZE + 0.6)
