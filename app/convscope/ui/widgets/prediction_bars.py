"""What the network takes the drawing for: a bar for each class and the winner in large."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QRegion,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convscope.core.probability_text import WIDEST
from convscope.ui import theme
from convscope.ui.widgets.prediction_data import SHOWN, Bar, bars_of
from convscope.ui.widgets.prediction_pair import paint_percents, paint_tracks, paint_winners
from convscope.ui.widgets.prediction_single import paint_tick, paint_track, paint_winner
from convscope.ui.widgets.prediction_words import bold

_HINT = "Draw something or show a sample to see what the network takes it for."
_GAP = 6
_TINT = 0.2  # opacity over a class that is taken apart
_LARGE = 2.2  # font of the winner, times the ordinary one
_BESIDE_FROM = 20  # times the height of a line: width from which the winner stands beside the bars
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MIDDLE = Qt.AlignmentFlag.AlignCenter


class PredictionBars(QWidget):
    """Shows probabilities; the winner stands out, a known label is ticked and outlined.

    With the keyboard, Up and Down go from class to class, and Enter chooses one.

    Signals:
        class_hovered: The number of the class that the user points at, or None.
        class_chosen: The number of the class that the user clicked.
    """

    class_hovered = Signal(object)
    class_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("prediction_bars")
        self.setAccessibleName("Prediction")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._bars: tuple[Bar, ...] = ()
        self._columns: list[tuple[object, ...]] = []  # what their places depend on, row by row
        self._appearances: list[tuple[object, ...]] = []  # of the rows
        self._winners: list[tuple[object, ...]] = []  # what is written in large
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._message = ""
        self._pointed: int | None = None
        self._points_itself = False  # the pointer or the keyboard is here, not in another view
        self._marked: frozenset[int] = frozenset()
        self.show_message(_HINT)

    def show_pointed(self, number: int | None) -> None:
        """Ring a class that is pointed at anywhere in the window."""
        if number != self._pointed:
            self._pointed = number
            self.update()

    def show_marked(self, numbers: Iterable[int]) -> None:
        """Tint the classes that are taken apart, or that a value reaches."""
        if frozenset(numbers) != self._marked:
            self._marked = frozenset(numbers)
            self.update()

    @property
    def bars(self) -> tuple[Bar, ...]:
        """The bars that are shown, from top to bottom; none while a message is shown."""
        return self._bars

    @property
    def message(self) -> str:
        """The message that is shown in place of bars."""
        return self._message

    def show_prediction(
        self,
        probabilities: NDArray[np.floating] | None,
        class_names: Sequence[str] = (),
        expected: int | None = None,
        other: NDArray[np.floating] | None = None,
    ) -> None:
        """Show the probability of each class, 0 to 1; None for nothing to classify.

        Args:
            probabilities: One for each class.  # (classes,)
            class_names: What the classes are called; a missing name is the class number.
            expected: The known label of the image.
            other: What training gives, to be shown below what inference gives.  # (classes,)
        """
        if probabilities is None or not len(probabilities):
            self.show_message(_HINT)
            return
        if not (np.isfinite(probabilities).all() and (other is None or np.isfinite(other).all())):
            self.show_message("The network's answer is not a number: its weights have grown beyond all bounds.")
            return
        self._message = ""
        self._bars = bars_of(probabilities, class_names, expected, other)
        likely = sorted(self._bars, key=lambda bar: -bar.probability)[:3]
        self.setAccessibleDescription(", ".join(f"{bar.name}: {bar.described()}" for bar in likely))
        self._update_rows()

    def _update_rows(self) -> None:
        """Have the rows drawn anew that look different: under a pen most classes stay as unlikely as they were."""
        columns, before, winners = self._columns, self._appearances, self._winners
        self._columns = [(bar.name, bar.number, bar.expected, self._is_pair) for bar in self._bars]
        self._appearances = [bar.appearance for bar in self._bars]
        self._winners = [(bar.number, bar.appearance) for bar in self._bars if bar.wins or bar.other_wins]
        if columns != self._columns:
            self.update()
            return
        if winners != self._winners:
            self.update(self._arranged()[0])
        if before != self._appearances:
            for old, new, row in zip(before, self._appearances, self.bar_rows(), strict=True):
                if old != new:
                    self.update(row.toAlignedRect())

    def show_message(self, text: str) -> None:
        """Show a sentence in place of the bars."""
        if (self._bars, self._message) != ((), text):
            self._bars, self._message, self._columns = (), text, []
            self.setAccessibleDescription(text)
            self.update()

    def _point(self, number: int | None) -> None:
        if number is None and not self._points_itself:
            return  # what is shown is pointed at elsewhere
        self._points_itself = number is not None
        if number != self._pointed:
            self._pointed = number
            self.update()
            self.class_hovered.emit(number)

    def _class_at(self, point: QPointF) -> int | None:
        rows = zip(self._bars, self.bar_rows(), strict=True)
        return next((bar.number for bar, row in rows if row.contains(point)), None)

    def _line(self) -> int:
        return QFontMetrics(self.font()).height()

    def _arranged(self) -> tuple[QRect, QRect]:
        """Return the areas of the winner (empty where it does not fit) and of the bars."""
        line, area = self._line(), self.rect()
        if area.width() >= _BESIDE_FROM * line:
            side = QRect(area.left(), area.top(), area.width() // 3, area.height())
            return side, area.adjusted(side.width() + _GAP, 0, 0, 0)
        top = round(_LARGE * line)
        if self._is_pair and area.height() < top + SHOWN * line:
            top = line  # both names stand there as the key, however little room there is
        if self._is_pair or area.height() >= top + SHOWN * line:
            return QRect(area.left(), area.top(), area.width(), top), area.adjusted(0, top, 0, 0)
        return QRect(), area

    @property
    def _is_pair(self) -> bool:
        return bool(self._bars) and self._bars[0].other is not None

    def bar_rows(self) -> list[QRectF]:
        """Return the area of each bar's row, from top to bottom."""
        _, area = self._arranged()
        count = max(len(self._bars), 1)
        height = min(area.height() / count, 2.0 * self._line())
        top = area.top() + (area.height() - height * count) / 2
        return [QRectF(area.left(), top + k * height, area.width(), height) for k in range(len(self._bars))]

    def _paint_bars(self, painter: QPainter, region: QRegion) -> None:
        """Draw the rows that lie in a region."""
        metrics = QFontMetrics(bold(self.font()))
        names = max(metrics.horizontalAdvance(bar.name) for bar in self._bars)
        names = min(names, int(0.42 * self._arranged()[1].width()))
        tick = metrics.height() if any(bar.expected for bar in self._bars) else 0
        percents = metrics.horizontalAdvance(WIDEST) * (2 if self._is_pair else 1) + 6 * self._is_pair
        for bar, row in zip(self._bars, self.bar_rows(), strict=True):
            # At a screen scale of 1.5 what is cleared around a row reaches a device pixel into its neighbours.
            if not region.intersects(row.toAlignedRect().adjusted(0, -1, 0, 1)):
                continue
            inside = row.adjusted(2, 0, -2, 0)
            name = QRectF(inside.left() + tick, inside.top(), names, inside.height())
            percent = QRectF(inside.right() - percents, inside.top(), percents, inside.height())
            track = QRectF(name.right() + _GAP, inside.top(), 0, inside.height())
            track.setRight(percent.left() - _GAP)
            self._paint_words(painter, bar, name, percent)
            self._paint_track(painter, bar, track)
            self._paint_marks(painter, bar, row)
            if bar.expected:
                paint_tick(painter, QRectF(inside.left(), inside.top(), tick, inside.height()), theme.current().text)

    def _paint_marks(self, painter: QPainter, bar: Bar, row: QRectF) -> None:
        """Tint a class that is taken apart, and ring one that is pointed at."""
        accent = QColor(theme.current().accent)
        if bar.number == self._pointed:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(accent, 1.5))
            painter.drawRoundedRect(row.adjusted(1, 1, -1, -1), 3, 3)
        if bar.number in self._marked:
            accent.setAlphaF(_TINT)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(accent)
            painter.drawRoundedRect(row.adjusted(1, 1, -1, -1), 3, 3)

    def _paint_words(self, painter: QPainter, bar: Bar, name: QRectF, percent: QRectF) -> None:
        painter.setFont(bold(self.font()) if bar.wins else self.font())
        painter.setPen(theme.current().accent if bar.wins else theme.current().text)
        text = bar.name
        if painter.fontMetrics().horizontalAdvance(text) > name.width() + 1:
            text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(name.width()) + 1)
        painter.drawText(name, _LEFT, text)
        if bar.other is None:
            painter.drawText(percent, _RIGHT, bar.percent)
        else:
            paint_percents(painter, bar, percent, self.font(), bold(self.font()))

    def _paint_track(self, painter: QPainter, bar: Bar, track: QRectF) -> None:
        colours = theme.current()
        thick = min(0.62 * track.height(), 20.0)
        track = QRectF(track.left(), track.center().y() - thick / 2, track.width(), thick)
        if track.width() < 4:
            return
        faint = QColor(colours.border)
        faint.setAlphaF(0.5)
        if bar.other is None:
            paint_track(painter, bar, track, faint)
        else:
            paint_tracks(painter, bar, track, faint)
        if bar.expected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colours.text, 1.5))
            painter.drawRoundedRect(track.adjusted(-1, -1, 1, 1), 3, 3)

    def sizeHint(self) -> QSize:
        """Return comfortable rows under the winner."""
        line = self._line()
        return QSize(13 * line, round((_LARGE + 1.25 * SHOWN) * line))

    def minimumSizeHint(self) -> QSize:
        """Return a line for each bar."""
        return QSize(10 * self._line(), SHOWN * self._line())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the class under the pointer."""
        self._point(self._class_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the class under the pointer."""
        number = self._class_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and number is not None:
            self.class_chosen.emit(number)
        else:
            event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at none."""
        self._point(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point at none."""
        self._point(None)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the next class, or choose one."""
        numbers = [bar.number for bar in self._bars]
        way = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if numbers and way is not None:
            at = numbers.index(self._pointed) + way if self._pointed in numbers else 0
            self._point(numbers[min(max(at, 0), len(numbers) - 1)])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._pointed in numbers:
            assert self._pointed is not None
            self.class_chosen.emit(self._pointed)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Tell a bar's exact probability where the pointer rests."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            for bar, row in zip(self._bars, self.bar_rows(), strict=True):
                if row.contains(QPointF(event.pos())):
                    text = f"{bar.name}: {bar.described(exactly=True)}"
                    QToolTip.showText(event.globalPos(), text, self, row.toRect())
                    return True
            QToolTip.hideText()
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the winner and the bars, or the message."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._bars:
            if self._is_pair:
                paint_winners(painter, self._arranged()[0], self._bars, self.font())
            else:
                paint_winner(painter, self._arranged()[0], self._bars, self.font())
            self._paint_bars(painter, event.region())
        else:
            painter.setPen(theme.current().muted)
            flags = _MIDDLE.value | Qt.TextFlag.TextWordWrap.value
            painter.drawText(self.rect().adjusted(8, 4, -8, -4), flags, self._message)
        painter.end()
