"""What stands at the end of a row of data cubes: the bars of the classes, or why a layer cannot work."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from convscope.ui import theme
from convscope.ui.widgets.cube_layout import Place
from convscope.ui.widgets.cube_values import CubeValues

_CELL = 12.0  # logical pixels, width of a class's coloured cell
_GAP = 4.0
_LEAST_LINE = 9.5  # of a class whose name can be read


def draw_classes(painter: QPainter, place: Place, values: CubeValues, names: Sequence[str]) -> None:
    """Draw a cell, a name and a bar for every class; names where they have room, and always that of the likeliest."""
    assert place.item.shape is not None
    probabilities = values.array(place.item.layer)
    line = (place.bottom - place.top) / place.item.shape[0]
    painter.save()
    painter.setFont(_fitted(painter.font(), line))
    metrics = QFontMetricsF(painter.font())
    winner = None if probabilities is None else int(np.argmax(probabilities))
    pixels = None if probabilities is None else values.pixels(place.item.layer, probabilities)
    readable = line >= _LEAST_LINE
    widest = max((metrics.horizontalAdvance(name) for name in names), default=0) if readable else 0.0
    for number in range(place.item.shape[0]):
        left, top, right, bottom = place.class_box(number)
        cell = QRectF(left, top, _CELL, bottom - top)
        painter.fillRect(cell, theme.current().base if pixels is None else QColor.fromRgb(int(pixels[number])))
        if readable:
            painter.setPen(theme.current().accent if number == winner else theme.current().text)
            room = min(widest, 46.0)
            text = names[number]
            if widest > room:
                text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room + 1)
            painter.drawText(QRectF(left + _CELL + _GAP, top, room + 1, bottom - top), _LEFT, text)
        start = left + _CELL + _GAP + (min(widest, 46.0) + _GAP if readable else 0)
        share = 0.0 if probabilities is None else float(probabilities[number])
        if readable or probabilities is not None:
            _draw_bar(painter, QRectF(start, top, right - start, bottom - top), share, number == winner)
    _draw_frame(painter, place, line)
    painter.restore()
    if winner is not None and probabilities is not None and (not readable or line < 1.2 * metrics.height()):
        text = f"{probabilities[winner]:.0%}" if readable else f"{names[winner]} {probabilities[winner]:.0%}"
        _draw_winner(painter, place, winner, text, QFontMetricsF(painter.font()))


def _fitted(font: QFont, line: float) -> QFont:
    """Return a font that goes into a line of names, as far as it can still be read."""
    height = QFontMetricsF(font).height()
    if _LEAST_LINE <= line < height:
        font = QFont(font)
        font.setPointSizeF(font.pointSizeF() * line / height)
    return font


_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


def _draw_bar(painter: QPainter, room: QRectF, share: float, wins: bool) -> None:
    thick = min(0.62 * room.height(), 14.0)
    track = QRectF(room.left(), room.center().y() - thick / 2, room.width(), thick)
    faint = QColor(theme.current().border)
    faint.setAlphaF(0.5)
    painter.fillRect(track, faint)
    track.setWidth(max(share * track.width(), 2.0 if share >= 0.0005 else 0.0))
    painter.fillRect(track, theme.current().accent if wins else theme.current().muted)


def _draw_frame(painter: QPainter, place: Place, line: float) -> None:
    painter.setPen(QPen(theme.current().muted, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(place.left, place.top, _CELL, place.bottom - place.top))
    if line >= 5 and place.item.shape is not None:
        for number in range(1, place.item.shape[0]):
            y = place.top + number * line
            painter.drawLine(QPointF(place.left, y), QPointF(place.left + _CELL, y))


def _draw_winner(painter: QPainter, place: Place, winner: int, text: str, metrics: QFontMetricsF) -> None:
    """Write the likeliest class over the bars, where lines are too thin for names."""
    _, top, _, bottom = place.class_box(winner)
    middle = min(max((top + bottom) / 2, place.top + metrics.height() / 2), place.bottom - metrics.height() / 2)
    room = place.right - place.left - _CELL - 2 * _GAP
    text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
    width = metrics.horizontalAdvance(text)
    box = QRectF(place.right - width - 4, middle - metrics.height() / 2, width + 4, metrics.height())
    plate = QColor(theme.current().base)
    plate.setAlphaF(0.85)
    painter.fillRect(box, plate)
    painter.setPen(theme.current().accent)
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)


def draw_problem(painter: QPainter, place: Place) -> None:
    """Draw a red gap where a cube should stand, with the sentence that says why there is none."""
    colours = theme.current()
    fill = QColor(colours.error)
    fill.setAlphaF(0.10)
    painter.setPen(QPen(colours.error, 1.5, Qt.PenStyle.DashLine))
    painter.setBrush(fill)
    box = QRectF(place.left, place.top, place.right - place.left, place.bottom - place.top)
    painter.drawRoundedRect(box, 4, 4)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    bold = QFont(painter.font())
    bold.setBold(True)
    plain = QFont(painter.font())
    inside = box.adjusted(8, 6, -8, -6)
    painter.setFont(bold)
    heading = painter.boundingRect(inside, int(Qt.AlignmentFlag.AlignLeft), place.item.name)
    painter.setPen(colours.error)
    painter.drawText(heading, int(Qt.AlignmentFlag.AlignLeft), place.item.name)
    painter.setFont(plain)
    painter.setPen(colours.text)
    inside.setTop(heading.bottom() + 2)
    painter.drawText(inside, int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap), place.item.problem)
