"""One plot of how values are spread: filled bars, and an outline of others to compare them with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

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
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.core.histogram import Histogram
from convscope.ui import theme
from convscope.ui.widgets.histogram_data import Bars, Frame, framed, reaching
from convscope.ui.widgets.histogram_marks import Mark, marks_height, paint_marks
from convscope.ui.widgets.mosaic_text import draw_sentence
from convscope.ui.widgets.number_text import number_text

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class HistogramPlot(QWidget):
    """Shows one histogram, or two on the same axes; a bin under the pointer or the arrow keys' cursor is read out."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make an empty plot.

        Args:
            name: What is read aloud of it.
            parent: The widget it lies in.
        """
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._histograms: tuple[Histogram | None, Histogram | None] = (None, None)
        self._names = ("", "")
        self._message = ""
        self._logarithmic = False
        self._frame: Frame | None = None
        self._marks: tuple[Mark, ...] = ()
        self._bin: int | None = None  # number of the one that is read out
        self._laid: QRectF | None = None  # where the bars lie, until that changes

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The means and standard deviations that are shown above the bars."""
        return self._marks

    def show_histograms(
        self, filled: Histogram | None, outlined: Histogram | None = None, *, names: tuple[str, str] = ("", "")
    ) -> None:
        """Show how values are spread.

        Args:
            filled: Drawn as bars; None for none.
            outlined: Drawn as a line over them; None for none.
            names: What the two are called in the read-out.
        """
        self._histograms, self._names, self._message = (filled, outlined), names, ""
        self._reframe()

    def show_message(self, text: str) -> None:
        """Show a sentence in the place of bars."""
        self._histograms, self._message = (None, None), text
        self._reframe()

    def show_marks(self, marks: Sequence[Mark]) -> None:
        """Show means and standard deviations above the bars."""
        if tuple(marks) != self._marks:
            self._marks = tuple(marks)
            self._reframe()

    def show_logarithmic(self, logarithmic: bool) -> None:
        """Let shares grow tenfold along the axis, so that rare values are seen, or evenly."""
        self._logarithmic = logarithmic
        self._reframe()

    def readout(self) -> str:
        """Return the shares in the bin that is pointed at; empty where none is."""
        if self._frame is None or self._bin is None:
            return ""
        low, high = self._bin * self._frame.width, (self._bin + 1) * self._frame.width
        shares = [
            f"{name} {share_text(bars.at(self._bin))}".strip()
            for name, bars in zip(self._names, self._frame.series, strict=True)
            if bars is not None
        ]
        return f"{number_text(low, 3)} to {number_text(high, 3)}:  {',  '.join(shares)}"

    def bin_rect(self, number: int) -> QRectF:
        """Return the column of a bin by its number."""
        if self._frame is None:
            return QRectF()
        room = self._room()
        left, right = (self._x(k * self._frame.width) for k in (number, number + 1))
        return QRectF(left, room.top(), right - left, room.height())

    def _reframe(self) -> None:
        former, frame = self._frame, framed(self._histograms, logarithmic=self._logarithmic)
        self._frame = None if frame is None else reaching(frame, [mark.mean for mark in self._marks])
        if self._frame is None or former is None or self._frame.width != former.width:
            self._bin = None  # its number now stands for other values
        self._laid = None
        self.setAccessibleDescription(self._message if self._frame is None else self.readout())
        self.update()

    def _room(self) -> QRectF:
        """Return where the bars lie; labels are left of it and below."""
        if self._laid is None:  # every bar asks for it several times
            metrics = QFontMetricsF(self.font())
            left, line = self._beside(metrics), metrics.height()
            top = marks_height(self._marks, metrics) or line / 2  # half a label of the axis
            self._laid = QRectF(left, top, max(1.0, self.width() - left - 12), max(1.0, self.height() - line - top - 6))
        return self._laid

    def _beside(self, metrics: QFontMetricsF) -> float:
        """Return the width of the widest label beside the bars, and of the space around it."""
        shares = self._y_shares(self.height() - 2 * metrics.height()) if self._frame is not None else []
        widest = max((metrics.horizontalAdvance(tick_text(share)) for share in shares), default=0.0)
        return max(widest, metrics.horizontalAdvance("10 %")) + 12

    def _y_shares(self, height: float) -> list[float]:
        assert self._frame is not None
        return self._frame.y_ticks(max(2, int(height / (2.5 * QFontMetricsF(self.font()).height()))))

    def _x(self, value: float) -> float:
        assert self._frame is not None
        room = self._room()
        return room.left() + (value - self._frame.low) / (self._frame.high - self._frame.low) * room.width()

    def _ys(self, shares: Sequence[float] | NDArray[np.float64]) -> list[float]:
        """Return where shares lie."""
        assert self._frame is not None
        room = self._room()
        return (room.bottom() - self._frame.heights(np.asarray(shares, np.float64)) * room.height()).tolist()

    def _edges(self, bars: Bars) -> list[float]:
        """Return where the bins of bars begin, and where the last one ends."""
        assert self._frame is not None
        room, frame = self._room(), self._frame
        values = np.arange(bars.first, bars.first + len(bars.shares) + 1) * frame.width
        return (room.left() + (values - frame.low) * (room.width() / (frame.high - frame.low))).tolist()

    def _paint(self, painter: QPainter, frame: Frame) -> None:
        colours = theme.current()
        self._paint_axes(painter, frame)
        filled, outlined = frame.series
        if filled is not None:
            fill = QColor(colours.muted)
            fill.setAlphaF(0.45)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawRects(self._columns(filled))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        if outlined is not None:
            painter.setPen(QPen(colours.accent, 2))
            painter.drawPolyline(self._outline(outlined))
        paint_marks(painter, self._marks, self._room(), self._x)
        if self._bin is not None:
            painter.setPen(QPen(colours.text, 1, Qt.PenStyle.DashLine))
            painter.drawRect(self.bin_rect(self._bin))
            self._paint_readout(painter)

    def _paint_readout(self, painter: QPainter) -> None:
        """Write the shares of the bin that is pointed at upon a plate."""
        metrics = QFontMetricsF(self.font())
        text = self.readout()
        if metrics.horizontalAdvance(text) + 20 > self.width():
            text = text.replace(":  ", ":\n").replace(",  ", ",\n")
        size = metrics.size(0, text)
        box = QRectF(0, 0, size.width() + 12, size.height() + 4)
        box.moveTopRight(QPointF(self.width() - 4.0, 0))
        painter.fillRect(box, theme.current().card)
        painter.setPen(theme.current().text)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter.value, text)

    def _paint_axes(self, painter: QPainter, frame: Frame) -> None:
        colours, room, metrics = theme.current(), self._room(), QFontMetricsF(self.font())
        line = metrics.height()
        shares = self._y_shares(room.height())
        for share, y in zip(shares, self._ys(shares), strict=True):
            painter.setPen(colours.border)
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(colours.text)
            box = QRectF(0, y - line / 2, room.left() - 6, line)
            painter.drawText(box, (Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter).value, tick_text(share))
        painter.setPen(colours.muted)
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        for value in frame.x_ticks(max(2, int(room.width() / metrics.horizontalAdvance("−0.25 ")))):
            x = self._x(value)
            painter.setPen(colours.muted)
            painter.drawLine(QPointF(x, room.bottom()), QPointF(x, room.bottom() + 4))
            painter.setPen(colours.text)
            box = QRectF(x - 40, room.bottom() + 4, 80, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter.value, number_text(value, 3))
        if frame.low < 0 < frame.high:
            painter.setPen(QPen(colours.muted, 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(self._x(0), room.top()), QPointF(self._x(0), room.bottom()))

    def _columns(self, bars: Bars) -> list[QRectF]:
        bottom, edges = self._room().bottom(), self._edges(bars)
        tops = self._ys(bars.shares)
        return [QRectF(x, y, end - x, bottom - y) for x, end, y in zip(edges, edges[1:], tops, strict=False)]

    def _outline(self, bars: Bars) -> QPolygonF:
        """Return the line around bars, from the axis up, along their tops and down again."""
        bottom, edges = self._room().bottom(), self._edges(bars)
        tops = [bottom, *self._ys(bars.shares), bottom]
        return QPolygonF([QPointF(x, y) for x, sides in zip(edges, pairwise(tops), strict=True) for y in sides])

    def _point(self, number: int | None) -> None:
        if number != self._bin:
            self._bin = number
            self.setAccessibleDescription(self.readout())
            self.update()

    def _numbers(self) -> range:
        """Return the numbers of all bins there are."""
        if self._frame is None:
            return range(0)
        return range(round(self._frame.low / self._frame.width), round(self._frame.high / self._frame.width))

    def sizeHint(self) -> QSize:
        """Return a size at which bars can be told apart."""
        return QSize(320, 180)

    def minimumSizeHint(self) -> QSize:
        """Return the least size that shows something."""
        return QSize(160, 90)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the next bin."""
        step, numbers = _STEPS.get(Qt.Key(event.key())), self._numbers()
        if step is None or not numbers:
            super().keyPressEvent(event)
            return
        start = numbers[len(numbers) // 2] if self._bin is None else self._bin + step
        self._point(min(max(start, numbers[0]), numbers[-1]))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Read out the bin under the pointer."""
        room = self._room()
        if self._frame is None or not room.contains(event.position()):
            self._point(None)
            return
        share = (event.position().x() - room.left()) / room.width()
        self._point(math.floor((self._frame.low + share * (self._frame.high - self._frame.low)) / self._frame.width))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the bars out anew."""
        super().resizeEvent(event)
        self._laid = None

    def changeEvent(self, event: QEvent) -> None:
        """Lay the bars out anew in another font."""
        super().changeEvent(event)
        self._laid = None

    def leaveEvent(self, event: QEvent) -> None:
        """Read out nothing."""
        self._point(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Read out nothing."""
        super().focusOutEvent(event)
        self._point(None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the axes and the bars, or the sentence."""
        painter = QPainter(self)
        if self._frame is None:
            draw_sentence(painter, QRectF(self.rect()), self._message, theme.current().muted)
        else:
            self._paint(painter, self._frame)
        if self.hasFocus():
            painter.setPen(QPen(theme.current().accent, 2))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        painter.end()


def tick_text(share: float) -> str:
    """Return a share as it stands beside an axis, where the least one is a power of ten."""
    text = number_text(100 * share, 3) if share >= 1e-4 else number_text(float(f"{100 * share:.0e}"), 3)
    return f"{text.removeprefix('1·')} %"


def share_text(share: float) -> str:
    """Return a share as it is read out: never as 0 % or 100 % when it is not exactly that."""
    if share in (0, 1):
        return f"{share:.0%}".replace("%", " %")
    if share < 0.001 or share > 0.999:
        return "less than 0.1 %" if share < 0.5 else "more than 99.9 %"
    return f"{100 * share:.1f} %"
