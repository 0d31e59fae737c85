"""The picture of a prediction through training: axes, one line for each class or number, names, and a read-out.

It is painted into any rectangle: the plot on the screen and the pictures of a film are the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from convscope.ui import theme
from convscope.ui.painting import is_vector
from convscope.ui.widgets.class_colours import class_colour, class_pen
from convscope.ui.widgets.curve_data import even_ticks
from convscope.ui.widgets.time_plot_data import PredictionCourse, bends, dashes, epoch_text, spread

_THICK, _THIN = 0.19, 0.085  # of the height of a letter
_SEEN = 0.1  # logical pixels, a difference in height
_FAINT = 110  # alpha of the lines without a name
_LEAST_READ = 4.5  # lines of height from which a read-out leaves something of the curves to be seen
_MOST_LABEL = 0.4  # of the width
_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class TimePicture:
    """A course laid out in a rectangle; there must be at least one moment."""

    def __init__(self, course: PredictionCourse, room: QRectF, font: QFont) -> None:
        self._course = course
        self._font = font
        self._metrics = QFontMetricsF(font)
        self._line = self._metrics.height()
        self._gap = self._line / 3
        self._named = course.named()
        self._label_width = self._width_of_labels(room)
        height = room.height() - 1.5 * self._line - self._gap
        self._least, self._greatest = course.ends
        self._ticks = course.ticks(5 if height > 7 * self._line else 3)
        widest = max((self._metrics.horizontalAdvance(text) for _, text in self._ticks), default=0.0)
        left, right = widest + self._gap + 2, self._label_width + 2 * self._gap
        width = room.width() - left - right
        self.area = QRectF(room.left() + left, room.top() + self._line / 2, max(width, 10), max(height, 10))
        self._low, self._high = float(course.positions[0]), float(course.positions[-1])
        if self._high <= self._low:
            self._high = self._low + 1

    def x_of(self, position: float) -> float:
        """Return where an epoch lies, inside the area."""
        share = (position - self._low) / (self._high - self._low)
        return self.area.left() + self.area.width() * min(max(share, 0.0), 1.0)

    def _heights_of(self, answers: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return where answers lie; those that are no numbers are none here, too."""
        share = (answers.astype(np.float64) - self._least) / (self._greatest - self._least)
        return self.area.bottom() - self.area.height() * share

    def position_at(self, x: float) -> float:
        """Return which epoch lies there, from the first moment to the last."""
        share = min(max((x - self.area.left()) / self.area.width(), 0.0), 1.0)
        return self._low + share * (self._high - self._low)

    def moment_at(self, point: QPointF) -> int | None:
        """Return the number of the moment nearest to a point; None outside the lines."""
        near = self.area.adjusted(-self._gap, -self._gap, self._gap, self._gap).contains(point)
        return self._course.nearest(self.position_at(point.x())) if near else None

    def paint(self, painter: QPainter, shown: float | None = None, hovered: int | None = None) -> None:
        """Paint everything; see `paint_lines` and `paint_moment`."""
        self.paint_lines(painter)
        self.paint_moment(painter, shown, hovered)

    def paint_lines(self, painter: QPainter) -> None:
        """Paint what is the same whatever moment is looked at: axes, lines and their names."""
        painter.setFont(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_heights(painter)
        self._paint_epochs(painter)
        self._paint_lines(painter)
        self._paint_labels(painter)

    def paint_moment(self, painter: QPainter, shown: float | None = None, hovered: int | None = None) -> None:
        """Paint which moment is looked at, and what was answered then.

        Args:
            painter: On the screen or on a picture.
            shown: The place of the run that is looked at, in epochs; None for the present.
            hovered: The number of the moment to read the values of, instead of that one.
        """
        painter.setFont(self._font)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if shown is not None:
            x = self.x_of(shown)
            painter.setPen(QPen(theme.current().accent, self._line * 0.14))
            painter.drawLine(QPointF(x, self.area.top()), QPointF(x, self.area.bottom()))
        moment = hovered if hovered is not None or shown is None else self._course.nearest(shown)
        if moment is not None and self.area.height() >= _LEAST_READ * self._line:
            self._paint_readout(painter, moment)

    def _width_of_labels(self, room: QRectF) -> float:
        widest = max((self._metrics.horizontalAdvance(self._label(number)) for number in self._named), default=0.0)
        return min(widest + 2, _MOST_LABEL * room.width())

    def _label(self, number: int) -> str:
        end = self._course.text(float(self._course.answers[-1, number]))
        return f"{self._course.name(number)}: {end}{' ✓' * (number == self._course.label)}"

    def _paint_heights(self, painter: QPainter) -> None:
        area, colours = self.area, theme.current()
        for value, text in self._ticks:
            y = area.bottom() - area.height() * (value - self._least) / (self._greatest - self._least)
            painter.setPen(QPen(colours.border, 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(colours.muted)
            box = QRectF(area.left() - self._gap - 100, y - self._line / 2, 100, self._line)
            painter.drawText(box, _RIGHT, text)

    def _paint_epochs(self, painter: QPainter) -> None:
        area, width = self.area, self._metrics.horizontalAdvance
        top, name = area.bottom() + self._gap, width("Epoch ")
        painter.setPen(theme.current().muted)
        for tick in even_ticks(self._low, self._high, max(2, int(area.width() / width("000.00  ")))):
            x, reach = self.x_of(tick), width("000.00")
            if x + width(f"{tick:.4g}") / 2 < area.right() - name:
                painter.drawText(QRectF(x - reach / 2, top, reach, self._line), _CENTRE, f"{tick:.4g}")
        painter.drawText(QRectF(area.right() - name, top, name, self._line), _RIGHT, "Epoch")

    def _paint_lines(self, painter: QPainter) -> None:
        heights = self._heights_of(self._course.answers)
        xs = np.array([self.x_of(float(position)) for position in self._course.positions])
        rest = [number for number in range(heights.shape[1]) if number not in self._named]
        for number in (*rest, *reversed(self._named)):
            points = np.stack([xs, heights[:, number]], axis=1)
            points = points[np.isfinite(points[:, 1])]
            if len(points):
                needed = bends(points[:, 1], _SEEN)  # of most lines few: smooth ones take milliseconds
                _paint_line(painter, points[needed], self._pen(number))

    def _pen(self, number: int) -> QPen:
        if number in self._named:
            return class_pen(number, _THICK * self._line)
        colour = QColor(class_colour(number))
        colour.setAlpha(_FAINT)
        return QPen(colour, _THIN * self._line)

    def _paint_labels(self, painter: QPainter) -> None:
        """Name the lines at their ends; where they end too close to each other, a stroke leads to the name."""
        area, half = self.area, self._line / 2
        ends = np.nan_to_num(self._heights_of(self._course.answers[-1]), nan=area.bottom(), posinf=area.bottom(),
                             neginf=area.top())[list(self._named)].tolist()  # fmt: skip
        places = spread(ends, self._line, area.top() - half, area.bottom() + half)
        for number, end, place in zip(self._named, ends, places, strict=True):
            left = area.right() + 2 * self._gap
            painter.setPen(QPen(class_colour(number), 1))
            painter.drawLine(QPointF(area.right(), end), QPointF(left - 2, place))
            text = self._metrics.elidedText(self._label(number), Qt.TextElideMode.ElideRight, self._label_width)
            painter.drawText(QRectF(left, place - half, self._label_width + 4, self._line), _LEFT, text)

    def _paint_readout(self, painter: QPainter, moment: int) -> None:
        """Paint a small table of the strongest classes, or of the numbers, beside the place that it is of."""
        course, area, colours, width = self._course, self.area, theme.current(), self._metrics.horizontalAdvance
        rows = [(course.name(k), course.text(p), class_colour(k)) for k, p in course.strongest(moment)]
        title = epoch_text(float(course.positions[moment]))
        names = min(max(width(name) for name, _, _ in rows), area.width() / 2)
        wide, high = max(width(title), names + width(f"  {course.widest}")), (len(rows) + 1) * self._line
        size = wide + 2 * self._gap, high + self._gap
        x = self.x_of(float(course.positions[moment]))
        left = x + self._gap if x + self._gap + size[0] <= area.right() else x - self._gap - size[0]
        box = QRectF(max(left, area.left()), area.top() + self._gap / 2, *size)
        painter.setPen(QPen(colours.muted, 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        painter.setPen(QPen(colours.border, 1))
        painter.setBrush(colours.card)
        painter.drawRoundedRect(box, 3, 3)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        row = QRectF(box.left() + self._gap, box.top() + self._gap / 2, size[0] - 2 * self._gap, self._line)
        painter.setPen(colours.muted)
        painter.drawText(row, _LEFT, title)
        for name, value, colour in rows:
            row.translate(0, self._line)
            painter.setPen(colour)
            painter.drawText(row, _LEFT, self._metrics.elidedText(name, Qt.TextElideMode.ElideRight, names + 1))
            painter.drawText(row, _RIGHT, value)


def _paint_line(painter: QPainter, points: NDArray[np.float64], pen: QPen) -> None:
    """Paint a line through points, on pixels piece by piece: that takes an eighth of the time.  # (N, 2)."""
    if is_vector(painter):
        painter.setPen(pen)
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points.tolist()]))
        return
    dashed = pen.style() != Qt.PenStyle.SolidLine
    lengths = [pen.widthF() * length for length in pen.dashPattern()[:2]] if dashed else []
    pieces = dashes(points, *lengths) if dashed else np.concatenate([points[:-1], points[1:]], axis=1)
    pen.setStyle(Qt.PenStyle.SolidLine)
    # Pieces that overlap close the gaps at bends; of a colour that lets others through each overlap would be seen.
    solid = not dashed and pen.color().alpha() == 255
    pen.setCapStyle(Qt.PenCapStyle.SquareCap if solid else Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.drawLines([QLineF(*piece) for piece in pieces.tolist()])
