"""The picture of a table of kernels: the part that is in sight, composed as one image."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QImage, QPainter

from convscope.ui import theme
from convscope.ui.colour_maps import image_of
from convscope.ui.widgets.kernel_places import BLOCK_GAP, GAP, PAIR_GAP, KernelPlaces, Spot
from convscope.ui.widgets.kernel_values import KernelValues
from convscope.ui.widgets.number_text import cell_text

MOST_NUMBERS = 100  # each costs about 15 µs, and must not make training slow
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_GRADIENT = "∇"


def heads(values: KernelValues, font: QFont) -> tuple[int, int]:
    """Return the width of the row headings and the height of the column headings."""
    metrics = QFontMetrics(small(font))
    names = values.row_names or (str(values.shape[0] - 1),)
    return max(metrics.horizontalAdvance(name) for name in names) + 8, metrics.height() + 2


def number_width(metrics: QFontMetrics) -> int:
    """Return how wide a weight must be to hold its number."""
    return metrics.horizontalAdvance("−0.00") + 2


def column_texts(places: KernelPlaces, metrics: QFontMetrics, *, named: bool) -> Callable[[int, int], str]:
    """Return what stands above each column, by channel and part: as much as stands clear of its neighbours.

    Args:
        places: Where the columns are.
        metrics: Of the headings' font.
        named: Whether the columns are said to be channels, where there is room for that.
    """
    width, last, kernel = metrics.horizontalAdvance, str(places.shape[1] - 1), places.kernel_size[0]
    longer = ("channel {}", "ch {}") if named else ()
    words = next((words for words in longer if width(f"  {words.format(last)}") <= kernel + GAP), "{}")
    every = ceil(width(f"{last} ") / places.step[0])
    gradient = _GRADIENT if width(last + _GRADIENT) / 2 <= kernel + PAIR_GAP else ""
    return lambda channel, part: gradient if part else "" if channel % every else words.format(channel)


class KernelPicture:
    """Draws the part of a table that is in sight.

    Attributes:
        values: What is shown.
        places: Where it lies.
        view: The part in sight, in the table's own pixels.
    """

    def __init__(self, values: KernelValues, places: KernelPlaces, view: QRect, font: QFont) -> None:
        self.values, self.places, self.view = values, places, view
        self._font = small(font)
        self._sticky = places.across == 1  # else the table is never wider than the view

    def image(self, ratio: float) -> QImage:
        """Return the picture, of the view's size."""
        image = QImage(self.view.size() * ratio, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        painter = QPainter(image)
        self.paint(painter)
        painter.end()
        return image

    def paint(self, painter: QPainter) -> None:
        """Paint the view, with headings that stay in sight; the painter's origin is its corner."""
        painter.fillRect(QRect(QPoint(0, 0), self.view.size()), theme.current().window)
        painter.setFont(self._font)
        self._paint_kernels(painter)
        self._paint_numbers(painter)
        self._paint_headings(painter)

    @property
    def lines(self) -> range:
        """The lines of filters that are in sight."""
        first, last = (max(0, self.places.line_at(y)) for y in (self.view.top(), self.view.bottom()))
        return range(first, min(last + 1, self.places.lines))

    @property
    def channels(self) -> range:
        """The input channels that are in sight."""
        count = self.places.shape[1]
        if self.places.across > 1:
            return range(count)
        first, last = (
            max(0, (x - self.places.head[0] - GAP) // self.places.step[0])
            for x in (self.view.left(), self.view.right())
        )
        return range(first, min(last + 1, count))

    def _paint_kernels(self, painter: QPainter) -> None:
        places, lines, channels = self.places, self.lines, self.channels
        filters = slice(lines.start * places.across, lines.stop * places.across)
        pixels = self.values.pixels(filters, slice(channels.start, channels.stop))
        background = theme.current().border.rgb()
        height, width = pixels.shape[3:]
        grid = np.full((len(lines) * places.across, *pixels.shape[1:]), background, np.uint32)
        grid[: len(pixels)] = pixels
        down, across = len(lines) * height, places.across * pixels.shape[1] * pixels.shape[2] * width
        plane = np.full((down + 1, across + 1), background, np.uint32)  # the last ones are what index −1 shows
        split = grid.reshape(len(lines), places.across, *pixels.shape[1:])
        plane[:-1, :-1] = split.transpose(0, 4, 1, 2, 3, 5).reshape(down, across)
        view = self.view
        row_index = _moved(places.row_index[view.top() : view.bottom() + 1], lines.start * height)
        first = channels.start * pixels.shape[2] * width
        column_index = _moved(places.column_index[view.left() : view.right() + 1], first)
        painter.drawImage(QPoint(0, 0), image_of(plane[:, column_index][row_index]))

    def _paint_numbers(self, painter: QPainter) -> None:
        metrics = QFontMetrics(self._font)
        values, places = self.values, self.places
        if places.pixel[0] < number_width(metrics):
            return
        numbers = range(self.lines.start * places.across, min(self.lines.stop * places.across, places.shape[0]))
        count = len(numbers) * len(self.channels) * places.parts * places.shape[2] * places.shape[3]
        if count > MOST_NUMBERS:
            return
        pixels = values.pixels(slice(numbers.start, numbers.stop), slice(self.channels.start, self.channels.stop))
        for number, channel, part, row, column in np.ndindex(pixels.shape):
            spot = Spot(number + numbers.start, channel + self.channels.start, row, column, part)
            painter.setPen(theme.ink_on(int(pixels[number, channel, part, row, column])))
            painter.drawText(self._in_view(places.cell_box(spot)), _CENTRE, cell_text(values.value(spot)))

    def _paint_headings(self, painter: QPainter) -> None:
        window, places = theme.current().window, self.places
        painter.setPen(theme.current().muted)
        width, height = places.head
        end = QPoint(*places.size) - self.view.topLeft()
        for place in range(places.across):
            left = 0 if self._sticky else place * places.block - self.view.left()
            gap = BLOCK_GAP if place else 0
            painter.fillRect(QRect(left - gap, 0, width + gap, end.y()), window)
            for line in self.lines:
                number = line * places.across + place
                top = places.head[1] + GAP + line * places.step[1] - self.view.top()
                if number < places.shape[0]:
                    painter.drawText(
                        QRect(left, top, width - 4, places.kernel_size[1]), _RIGHT, self.values.row_name(number)
                    )
                else:  # places left over in the last line
                    painter.fillRect(QRect(left, top, places.block - BLOCK_GAP, places.step[1]), window)
        painter.fillRect(QRect(0, 0, self.view.width(), height), window)
        for place in range(places.across):
            self._paint_column_headings(painter, place)
        painter.fillRect(QRect(0, 0, width if self._sticky else 0, height), window)

    def _paint_column_headings(self, painter: QPainter, place: int) -> None:
        texts = column_texts(self.places, painter.fontMetrics(), named=not self.values.row_names)
        for channel in self.channels:
            for part in range(self.places.parts):
                box = self._in_view(self.places.kernel_box(place, channel, part))
                text = texts(channel, part)
                painter.drawText(QRectF(box.x() - GAP, 0, box.width() + 2 * GAP, self.places.head[1]), _CENTRE, text)

    def _in_view(self, box: QRect) -> QRect:
        return box.translated(-self.view.topLeft())


def _moved(index: np.ndarray, first: int) -> np.ndarray:
    """Return an index counted from another first value; −1 stays what it is."""
    return np.where(index < 0, -1, index - first)


def small(font: QFont) -> QFont:
    """Return the font of headings and numbers."""
    result = QFont(font)
    result.setPointSizeF(max(9.0, 0.88 * font.pointSizeF()))
    return result
