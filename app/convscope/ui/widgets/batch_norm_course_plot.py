"""One figure of the batches through a run, and the running average that follows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.ui import theme
from convscope.ui.widgets.curve_data import even_ticks
from convscope.ui.widgets.mosaic_text import draw_sentence
from convscope.ui.widgets.number_text import number_text

Numbers = NDArray[np.float64]

_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_SMALLEST = 0.75  # of the heading's letters, against the usual ones
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


@dataclass(frozen=True, eq=False)
class Following:
    """A figure of the batches and its running average; all arrays of one length, at least 1.

    Attributes:
        positions: When, in epochs, ascending.
    """

    positions: Numbers
    batch: Numbers
    running: Numbers

    @property
    def span(self) -> tuple[float, float]:
        """The least and the greatest finite value, a little apart."""
        values = np.concatenate((self.batch, self.running))
        values = values[np.isfinite(values)]
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
        margin = 0.05 * (high - low) or max(0.5 * abs(high), 0.5)
        return low - margin, high + margin


class BatchNormCoursePlot(QWidget):
    """Draws the batches as a thin line and the running average as a strong one; a moment pointed at is read out."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        """Make an empty plot of what `title` names."""
        super().__init__(parent)
        self.setAccessibleName(f"{title} of the batches and running, through the run")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._title = title
        self._shown: Following | None = None
        self._message = ""
        self._moment: int | None = None
        self._cursor: float | None = None

    def show_course(self, shown: Following) -> None:
        """Show how both went."""
        self._shown, self._message = shown, ""
        if self._moment is not None:
            self._moment = min(self._moment, len(shown.positions) - 1)
        self._describe()

    def show_cursor(self, position: float | None) -> None:
        """Mark the moment whose weights are looked at, in epochs; None for the present one."""
        if position != self._cursor:
            self._cursor = position
            self.update()

    def show_message(self, text: str) -> None:
        """Show a sentence in the place of the lines."""
        self._shown, self._message, self._moment = None, text, None
        self._describe()

    def readout(self) -> str:
        """Return the values at the moment that is pointed at, else at the last one; empty without any."""
        if self._shown is None:
            return ""
        shown, at = self._shown, -1 if self._moment is None else self._moment
        batch, running = (number_text(float(values[at]), 3) for values in (shown.batch, shown.running))
        return f"epoch {number_text(float(shown.positions[at]), 3)}:  batch {batch},  running {running}"

    def _describe(self) -> None:
        self.setAccessibleDescription(self.readout() or self._message)
        self.update()

    def _room(self) -> QRectF:
        metrics = QFontMetricsF(self.font())
        left, line = metrics.horizontalAdvance("−0.0001") + 8, metrics.height()
        return QRectF(left, line + 4, max(1.0, self.width() - left - 10), max(1.0, self.height() - 2 * line - 10))

    def _end(self, shown: Following) -> float:
        return max(float(shown.positions[-1]), 1e-9)

    def _points(self, shown: Following, values: Numbers) -> QPolygonF:
        room, (low, high) = self._room(), shown.span
        xs = room.left() + shown.positions / self._end(shown) * room.width()
        ys = room.bottom() - (values - low) / (high - low) * room.height()
        return QPolygonF([QPointF(x, y) for x, y in zip(xs, ys, strict=True) if np.isfinite(y)])

    def _paint(self, painter: QPainter, shown: Following) -> None:
        colours, room = theme.current(), self._room()
        self._paint_axes(painter, shown)
        for values, colour, width in ((shown.batch, colours.validation, 1.2), (shown.running, colours.accent, 2.75)):
            points = self._points(shown, values)
            painter.setPen(QPen(colour, width))
            painter.drawPolyline(points)
            if points.count() == 1:
                painter.drawEllipse(points.at(0), 2.0, 2.0)
        if self._cursor is not None:
            x = room.left() + min(self._cursor / self._end(shown), 1.0) * room.width()
            painter.setPen(QPen(colours.text, 1.5))
            painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))
        if self._moment is not None:
            x = room.left() + float(shown.positions[self._moment]) / self._end(shown) * room.width()
            painter.setPen(QPen(colours.muted, 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))
            self._paint_moment(painter, x, f"epoch {number_text(float(shown.positions[self._moment]), 3)}")
        self._paint_heading(painter, shown)

    def _paint_axes(self, painter: QPainter, shown: Following) -> None:
        colours, room, metrics = theme.current(), self._room(), QFontMetricsF(self.font())
        (low, high), line = shown.span, metrics.height()
        for value in even_ticks(low, high, max(4, int(room.height() / (1.6 * line)))):
            y = room.bottom() - (value - low) / (high - low) * room.height()
            painter.setPen(colours.border)
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(colours.text)
            painter.drawText(QRectF(0, y - line / 2, room.left() - 6, line), _RIGHT, number_text(value, 3))
        end = self._end(shown)
        for value in even_ticks(0.0, end, max(2, int(room.width() / metrics.horizontalAdvance("0.0001 ")))):
            box = QRectF(room.left() + value / end * room.width() - 40, room.bottom() + 2, 80, line)
            box.moveRight(min(box.right(), self.width() + 20.0))
            painter.setPen(colours.text)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter.value, number_text(value, 3))

    def _paint_moment(self, painter: QPainter, x: float, text: str) -> None:
        """Write when it was upon a plate beside the line."""
        metrics = QFontMetricsF(self.font())
        box = QRectF(x + 4, self._room().top(), metrics.horizontalAdvance(text) + 8, metrics.height())
        if box.right() > self.width():
            box.moveRight(x - 4)
        painter.fillRect(box, theme.current().card)
        painter.setPen(theme.current().text)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter.value, text)

    def _paint_heading(self, painter: QPainter, shown: Following) -> None:
        """Write the title and both values, each in the colour of its line."""
        colours, metrics = theme.current(), QFontMetricsF(self.font())
        at = -1 if self._moment is None else self._moment
        values = (float(shown.batch[at]), float(shown.running[at]))
        parts: tuple[tuple[str, QColor], ...] = (
            (f"{self._title}:", colours.text),
            (f"batch {number_text(values[0], 3)}", colours.validation),
            (f"running {number_text(values[1], 3)}", colours.accent),
        )
        wide = sum(metrics.horizontalAdvance(text) + 10 for text, _ in parts)
        if wide > self.width():  # all three words are needed, so they become smaller
            font = self.font()
            font.setPointSizeF(max(_SMALLEST, self.width() / wide) * font.pointSizeF())
            painter.setFont(font)
            metrics = QFontMetricsF(font)
        left = 4.0
        for text, colour in parts:
            painter.setPen(colour)
            painter.drawText(QPointF(left, metrics.ascent()), text)
            left += metrics.horizontalAdvance(text) + metrics.horizontalAdvance("  ")

    def _point(self, moment: int | None) -> None:
        if moment != self._moment:
            self._moment = moment
            self._describe()

    def sizeHint(self) -> QSize:
        """Return a size at which the lines can be followed."""
        return QSize(300, 130)

    def minimumSizeHint(self) -> QSize:
        """Return the least size that shows something."""
        return QSize(140, 90)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the next moment."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or self._shown is None:
            super().keyPressEvent(event)
            return
        last = len(self._shown.positions) - 1
        self._point(min(max((last if self._moment is None else self._moment) + step, 0), last))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read out the moment nearest to the pointer."""
        room = self._room()
        if self._shown is None or not room.contains(event.position()):
            self._point(None)
            return
        at = (event.position().x() - room.left()) / room.width() * self._end(self._shown)
        self._point(int(np.argmin(np.abs(self._shown.positions - at))))

    def leaveEvent(self, event: QEvent) -> None:
        """Read out the last moment again."""
        self._point(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Read out the last moment again."""
        super().focusOutEvent(event)
        self._point(None)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axes and lines, or the sentence."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._shown is None:
            draw_sentence(painter, QRectF(self.rect()), self._message, theme.current().muted)
        else:
            self._paint(painter, self._shown)
        if self.hasFocus():
            painter.setPen(QPen(theme.current().accent, 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()
