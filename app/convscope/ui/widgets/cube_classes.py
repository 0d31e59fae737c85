"""The classes at the end of a row of data cubes: a cell, a name and a bar for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from convscope.core.probability_text import probability_text
from convscope.ui import theme
from convscope.ui.colour_maps import image_of
from convscope.ui.widgets.cube_layout import Place
from convscope.ui.widgets.cube_values import Array

CELL = 12.0  # logical pixels, width of a class's coloured cell
_GAP = 4.0
_LEAST_LINE = 9.5  # of a class whose name can be read
_LEAST_GAP = 3.0  # height of a class from which bars have gaps; those of finer ones would only show some of them
_WIDEST_NAME = 46.0
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class ClassColumn:
    """Draws the classes in a place of the row: what stays, and on request what the values are.

    Names are left out where they have no room, but for the likeliest, which is then written over the bars.
    """

    def __init__(self, place: Place, names: Sequence[str], font: QFont) -> None:
        """Work out where everything lies.

        Args:
            place: Of the classes, whose shape is known.
            names: Of all classes.
            font: For names that have room; a smaller one is used where that helps.
        """
        assert place.item.shape is not None
        self._place, self._count = place, place.item.shape[0]
        self._line = (place.bottom - place.top) / self._count
        self._readable = self._line >= _LEAST_LINE
        self._font = _fitted(font, self._line)
        self._metrics = QFontMetricsF(self._font)
        self._whole = names
        widest = max((self._metrics.horizontalAdvance(name) for name in names), default=0.0) if self._readable else 0.0
        self._room = min(widest, _WIDEST_NAME)
        self._names = [self._metrics.elidedText(n, Qt.TextElideMode.ElideRight, self._room + 1) for n in names]
        start = place.left + CELL + _GAP + (self._room + _GAP if self._readable else 0)
        thick = min(0.62 * self._line, 14.0) if self._line >= _LEAST_GAP else self._line
        tops = [place.top + (number + 0.5) * self._line - thick / 2 for number in range(self._count)]
        self._tracks = [QRectF(start, top, place.right - start, thick) for top in tops]

    def draw_frame(self, painter: QPainter, winner: int | None) -> None:
        """Draw the names, that of the likeliest class emphasised, and the frames of the cells."""
        place, look = self._place, theme.current()
        if self._readable:
            painter.setFont(self._font)
            for number, name in enumerate(self._names):
                painter.setPen(look.accent if number == winner else look.text)
                top = place.top + number * self._line
                painter.drawText(QRectF(place.left + CELL + _GAP, top, self._room + 1, self._line), _LEFT, name)
        painter.setPen(QPen(look.muted, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self._cells)
        if self._line >= 5:
            heights = [place.top + number * self._line for number in range(1, self._count)]
            painter.drawLines([QLineF(place.left, y, place.left + CELL, y) for y in heights])

    def draw_values(self, painter: QPainter, probabilities: Array | None, pixels: NDArray[np.uint32] | None) -> None:
        """Draw a coloured cell and a bar for every class.

        Args:
            painter: In the row's coordinates.
            probabilities: Of the classes; None where they are not known.  # (N,)
            pixels: Their colours as 0xAARRGGBB.  # (N,)
        """
        look = theme.current()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self._readable or probabilities is not None:
            faint = QColor(look.border)
            faint.setAlphaF(0.5)
            painter.setBrush(faint)
            painter.drawRects(self._tracks)
        if probabilities is None or pixels is None:
            painter.fillRect(self._cells, look.base)
            return
        painter.drawImage(self._cells, image_of(pixels[:, None]))
        winner, bars = int(np.argmax(probabilities)), list[QRectF]()
        for track, share in zip(self._tracks, probabilities.tolist(), strict=True):
            width = max(share * track.width(), 2.0 if share >= 0.0005 else 0.0)
            bars.append(QRectF(track.left(), track.top(), width, track.height()))
        painter.setBrush(look.muted)
        painter.drawRects(bars)
        share = probability_text(probabilities[winner])
        self._draw_winner(painter, winner, bars[winner], share if self._readable else f"{self._whole[winner]} {share}")

    @property
    def _cells(self) -> QRectF:
        return QRectF(self._place.left, self._place.top, CELL, self._place.bottom - self._place.top)

    def _draw_winner(self, painter: QPainter, winner: int, bar: QRectF, text: str) -> None:
        """Draw the likeliest class's bar so high that it can be read on it how likely that is.

        Where lines are too thin for names, it says which class it is, too.
        """
        place, height, look = self._place, self._metrics.height(), theme.current()
        middle = min(max(place.top + (winner + 0.5) * self._line, place.top + height / 2), place.bottom - height / 2)
        text = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.right - place.left - CELL - 2 * _GAP)
        width = self._metrics.horizontalAdvance(text)
        box = QRectF(place.right - width - 4, middle - height / 2, width + 4, height)
        bar = QRectF(bar.left(), box.top(), bar.width(), height)
        plate = QColor(look.base)
        plate.setAlphaF(0.85)
        painter.fillRect(box, plate)
        painter.fillRect(bar, look.accent)
        painter.setFont(self._font)
        if bar.right() < box.right() - 2:  # all of what is written, or its end, stands beside the bar
            painter.setPen(look.accent)
            painter.drawText(box, _CENTRE, text)
        if bar.right() > box.left() + 2:
            painter.save()
            if bar.right() < box.right() - 2:
                painter.setClipRect(bar, Qt.ClipOperation.IntersectClip)
            painter.setPen(look.base)
            painter.drawText(box, _CENTRE, text)
            painter.restore()


def _fitted(font: QFont, line: float) -> QFont:
    """Return a font that goes into a line of names, as far as it can still be read."""
    height = QFontMetricsF(font).height()
    if _LEAST_LINE <= line < height:
        font = QFont(font)
        font.setPointSizeF(font.pointSizeF() * line / height)
    return font
