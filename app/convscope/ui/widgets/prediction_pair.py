"""Two answers to the same image, of inference and of training: two bars for each class, and both winners as the key."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from convscope.core.probability_text import probability_text
from convscope.ui import theme
from convscope.ui.widgets.prediction_data import Bar
from convscope.ui.widgets.prediction_words import write_fitted

NAMES = ("eval()", "train()")
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_MIDDLE = int(Qt.AlignmentFlag.AlignCenter)
_THICK = 0.36  # of a row's height, each of the two bars
_LARGE_FROM = 3.0  # lines of room from which a winner is written large
_MOST = 7.0  # lines that such a winner takes at most, with its name and its percent
_LARGEST = 6.0  # font of a winner, times the ordinary one


def pair_colours() -> tuple[QColor, QColor]:
    """Return the colours of inference and of training in the present theme."""
    return theme.current().accent, theme.current().warning


def paint_tracks(painter: QPainter, bar: Bar, track: QRectF, faint: QColor) -> None:
    """Draw the probability in inference above that in training."""
    thick = min(_THICK * track.height(), 10.0)
    top = track.center().y() - thick - 0.5
    painter.setPen(Qt.PenStyle.NoPen)
    for number, (share, colour) in enumerate(zip((bar.share, bar.other_share), pair_colours(), strict=True)):
        line = QRectF(track.left(), top + number * (thick + 1), track.width(), thick)
        painter.setBrush(faint)
        painter.drawRect(line)
        painter.setBrush(colour)
        length = max(line.width() * min(share, 1.0), 2.0 if share > 0 else 0.0)
        painter.drawRect(QRectF(line.topLeft(), QPointF(line.left() + length, line.bottom())))


def paint_percents(painter: QPainter, bar: Bar, area: QRectF, font: QFont, bold: QFont) -> None:
    """Write both percents in the colours of their bars, in two columns."""
    half = area.width() / 2
    columns = ((bar.percent, bar.wins), (probability_text(bar.other or 0.0), bar.other_wins))
    for number, ((text, wins), colour) in enumerate(zip(columns, pair_colours(), strict=True)):
        painter.setFont(bold if wins else font)
        painter.setPen(colour if wins else theme.current().text)
        painter.drawText(QRectF(area.left() + number * half, area.top(), half, area.height()), _RIGHT, text)


def paint_winners(painter: QPainter, area: QRect, bars: Sequence[Bar], font: QFont) -> None:
    """Write the winner of each, large where there is room, else in a line; with the names it is the key."""
    line = QFontMetricsF(font).height()
    half = area.height() / 2
    beside = half < line
    for number, (name, colour) in enumerate(zip(NAMES, pair_colours(), strict=True)):
        winner = next((bar for bar in bars if (bar.other_wins if number else bar.wins)), None)
        if winner is None:
            continue
        share = (winner.other or 0.0) if number else winner.probability
        if beside:
            box = QRectF(area.left() + number * area.width() / 2, area.top(), area.width() / 2 - 4, area.height())
        else:
            box = QRectF(area.left(), area.top() + number * half, area.width(), half)
        painter.setPen(colour)
        if half >= _LARGE_FROM * line:
            box = box.adjusted(0, max(half - _MOST * line, 0) / 2, 0, -max(half - _MOST * line, 0) / 2)
            _write_large(painter, box, (name, winner.name, probability_text(share)), font)
        else:
            _write_line(painter, box, (name, winner.name, "" if beside else probability_text(share)), font, colour)


def _write_large(painter: QPainter, box: QRectF, words: tuple[str, str, str], font: QFont) -> None:
    line = QFontMetricsF(font).height()
    painter.setFont(font)
    painter.drawText(QRectF(box.left(), box.top(), box.width(), line), _MIDDLE, words[0])
    painter.drawText(QRectF(box.left(), box.bottom() - line, box.width(), line), _MIDDLE, words[2])
    room = QRectF(box.left(), box.top() + line, box.width(), max(box.height() - 2 * line, line))
    write_fitted(painter, room, words[1], font, min(_LARGEST, 0.8 * room.height() / line), _MIDDLE)


def _write_line(painter: QPainter, box: QRectF, words: tuple[str, str, str], font: QFont, colour: QColor) -> None:
    line = QFontMetricsF(font).height()
    swatch = QRectF(box.left() + 2, box.center().y() - line / 4, line / 2, line / 2)
    painter.fillRect(swatch, colour)
    painter.setFont(font)
    name = QRectF(swatch.right() + 5, box.top(), QFontMetricsF(font).horizontalAdvance(NAMES[1]) + 6, box.height())
    painter.drawText(name, _LEFT, words[0])
    rest = QRectF(name.right(), box.top(), max(box.right() - name.right() - 2, 0.0), box.height())
    percent = QFontMetricsF(font).horizontalAdvance(words[2])
    painter.drawText(rest, _RIGHT, words[2])
    write_fitted(painter, rest.adjusted(0, 0, -percent - 4 * bool(words[2]), 0), words[1], font, 1.2, _LEFT)
