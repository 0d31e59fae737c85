"""A bar of how far some work is, which takes no time from the work."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QWidget

from convscope.ui import theme

_TICK = 40  # milliseconds between two pictures of work without a known end
_ROUND = 25  # pictures from one end to the other
_SHARE = 0.25  # of the bar that moves to and fro


class ProgressBar(QProgressBar):
    """Shows a share without text, or something that moves to and fro while the range is 0 to 0.

    Qt's own is painted at once with each value, and with it all that waits to be painted; and once it has shown work
    without a known end, the style paints it sixty times a second ever after.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextVisible(False)
        self._ticks = 0
        self._timer = QTimer(self, interval=_TICK)
        self._timer.timeout.connect(self._move)

    def _move(self) -> None:
        self._ticks += 1
        self.update()

    def setRange(self, minimum: int, maximum: int) -> None:
        """Take another range, 0 to 0 for work without a known end; painted with all else."""
        if (minimum, maximum) != (self.minimum(), self.maximum()):
            self.setUpdatesEnabled(False)
            super().setRange(minimum, maximum)
            self.setUpdatesEnabled(True)

    def setValue(self, value: int) -> None:
        """Take another value; painted with all else."""
        if value != self.value():
            self.setUpdatesEnabled(False)
            super().setValue(value)
            self.setUpdatesEnabled(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop to move."""
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar; it moves only as long as the end is not known."""
        is_busy = self.maximum() <= self.minimum()
        if is_busy != self._timer.isActive():
            self._timer.start() if is_busy else self._timer.stop()
        colours, track = theme.current(), QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colours.muted)
        painter.setBrush(colours.base)
        radius = min(3.0, track.height() / 2)
        painter.drawRoundedRect(track, radius, radius)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.accent)
        if is_busy:
            place = abs((self._ticks % (2 * _ROUND)) / _ROUND - 1) * (1 - _SHARE)
            part = QRectF(track.left() + place * track.width(), track.top(), _SHARE * track.width(), track.height())
        else:
            share = (self.value() - self.minimum()) / (self.maximum() - self.minimum())
            part = QRectF(track.left(), track.top(), max(0.0, min(share, 1.0)) * track.width(), track.height())
        if part.width() > 0:
            painter.drawRoundedRect(part, radius, radius)
        painter.end()
