"""How the mean over dropout masks comes to what inference passes, and how far the answers of the masks spread."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.core.probability_text import probability_text
from convscope.ui import theme
from convscope.ui.widgets.curve_data import even_ticks
from convscope.ui.widgets.mosaic_text import draw_sentence
from convscope.ui.widgets.number_text import number_text

Numbers = NDArray[np.floating]

SHOWN = 10  # classes, those with the highest probabilities
_CLOSE = 0.85  # of a line's height: so close may names stand one above the other
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_MIDDLE = int(Qt.AlignmentFlag.AlignCenter)


class _Plot(QWidget):
    """A heading, a room for the drawing, and a sentence where there is nothing to draw."""

    def __init__(self, name: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._heading = name
        self._message = "Masks are being drawn…"

    def show_message(self, text: str) -> None:
        """Show a sentence in the place of the drawing."""
        self._message = text
        self._tell(text)

    def _tell(self, text: str) -> None:
        self.setAccessibleDescription(text)
        self.update()

    def _line(self) -> float:
        return QFontMetricsF(self.font()).height()

    def _draw(self, painter: QPainter) -> None:
        raise NotImplementedError

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw heading and plot, or the sentence."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.current().text)
        heading = QFontMetricsF(self.font()).elidedText(self._heading, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(QRectF(0, 0, self.width(), self._line()), _LEFT, heading)
        if self._message:
            room = QRectF(self.rect()).adjusted(0, self._line(), 0, 0)
            draw_sentence(painter, room, self._message, theme.current().muted)
        else:
            self._draw(painter)

    def changeEvent(self, event: QEvent) -> None:
        """Take the other theme's colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def sizeHint(self) -> QSize:
        """Return a size at which the numbers are apart."""
        return QSize(280, 190)

    def minimumSizeHint(self) -> QSize:
        """Return the least size with axes that can be read."""
        return QSize(190, 140)


class ConvergencePlot(_Plot):
    """Draws how far the mean over n masks is from inference, beside what chance would give; both axes logarithmic."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Mean over n masks: distance from inference", parent)
        self.setObjectName("dropout_convergence")
        self._distances: Numbers = np.zeros(0)
        self._expected: Numbers = np.zeros(0)

    def show_distances(self, distances: Numbers, expected: Numbers) -> None:
        """Show both, each of one value per number of masks; relative, 1 is as large as what inference passes."""
        self._distances, self._expected, self._message = distances, expected, ""
        self._tell(f"After {len(distances)} masks {100 * distances[-1]:.1f} %, by chance {100 * expected[-1]:.1f} %.")

    @property
    def _ends(self) -> tuple[float, float]:
        values = np.concatenate((self._distances, self._expected))
        values = values[values > 0]
        if not values.size:
            return -2.0, 0.0
        low, high = math.log10(float(values.min())), math.log10(float(values.max()))
        return low - 0.08, max(high + 0.08, low + 0.5)

    def _room(self) -> QRectF:
        metrics, line = QFontMetricsF(self.font()), self._line()
        left = metrics.horizontalAdvance("100 %") + 8
        right = metrics.horizontalAdvance(f"{len(self._distances):,}") / 2 + 2  # a number below the end of the axis
        return QRectF(left, line + 6, max(1.0, self.width() - left - right), max(1.0, self.height() - 3 * line - 14))

    def _draw(self, painter: QPainter) -> None:
        room, (low, high) = self._room(), self._ends
        decades = max(math.log10(max(len(self._distances), 10)), 1.0)
        self._draw_axes(painter, room, decades)
        counts = np.arange(1, len(self._distances) + 1)
        xs = room.left() + np.log10(counts) / decades * room.width()
        colours = theme.current()
        chance = QPen(colours.muted, 1.6, Qt.PenStyle.DashLine)
        painter.setClipRect(room.adjusted(-2, -2, 2, 2))
        for values, pen in ((self._expected, chance), (self._distances, QPen(colours.accent, 2.2))):
            with np.errstate(divide="ignore"):
                ys = room.bottom() - (np.log10(values) - low) / (high - low) * room.height()
            painter.setPen(pen)
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(xs, ys, strict=True) if np.isfinite(y)]))
        painter.setClipping(False)
        self._draw_key(painter, QRectF(0, self.height() - self._line(), self.width(), self._line()), chance)

    def _draw_axes(self, painter: QPainter, room: QRectF, decades: float) -> None:
        colours, line, (low, high) = theme.current(), self._line(), self._ends
        last = -math.inf
        for exponent in range(math.floor(low), math.ceil(high) + 1):
            for step in (1, 2, 5):
                place = exponent + math.log10(step)
                y = room.bottom() - (place - low) / (high - low) * room.height()
                if not low <= place <= high or abs(y - last) < 1.2 * line:
                    continue
                last = y
                painter.setPen(colours.border)
                painter.drawLine(QLineF(room.left(), y, room.right(), y))
                painter.setPen(colours.text)
                text = f"{number_text(100 * step * 10.0**exponent, 3)} %"
                painter.drawText(QRectF(0, y - line / 2, room.left() - 6, line), _RIGHT, text)
        for exponent in range(int(decades + 1e-9) + 1):
            x = room.left() + exponent / decades * room.width()
            painter.setPen(colours.border)
            painter.drawLine(QLineF(x, room.top(), x, room.bottom()))
            painter.setPen(colours.text)
            painter.drawText(QRectF(x - 40, room.bottom() + 2, 80, line), _MIDDLE, f"{10**exponent:,}")

    def _draw_key(self, painter: QPainter, box: QRectF, chance: QPen) -> None:
        colours, metrics, x = theme.current(), QFontMetricsF(self.font()), self._room().left()
        for text, pen in (("measured", QPen(colours.accent, 2.2)), ("by chance: ∝ 1/√n", chance)):
            painter.setPen(pen)
            painter.drawLine(QLineF(x, box.center().y(), x + 18, box.center().y()))
            painter.setPen(colours.text)
            painter.drawText(QRectF(x + 23, box.top(), self.width(), box.height()), _LEFT, text)
            x += metrics.horizontalAdvance(text) + 40


class SpreadPlot(_Plot):
    """Draws the answers of all masks as dots, a row for each class, with their mean and what inference answers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Predictions of the masked networks", parent)
        self.setObjectName("dropout_spread")
        self._answers: Numbers = np.zeros((0, 0))
        self._inference: Numbers = np.zeros(0)
        self._names: tuple[str, ...] = ()
        self._fractions = True

    def show_answers(self, answers: Numbers, inference: Numbers, names: Sequence[str], *, fractions: bool) -> None:
        """Show them.

        Args:
            answers: # (n, classes)
            inference: # (classes,)
            names: Of the classes.
            fractions: Whether they are probabilities, which have an axis from 0 to 1.
        """
        self._answers, self._inference, self._names, self._message = answers, inference, tuple(names), ""
        self._fractions = fractions
        best = int(inference.argmax())
        column = answers[:, best]
        figures = (inference[best], column.mean(), column.min(), column.max())
        written = probability_text if fractions else self._text
        known, mean, least, most = (written(float(figure)) for figure in figures)
        self._tell(f"{self._names[best]}: {known} in inference, {mean} on average, from {least} to {most}.")

    @property
    def rows(self) -> list[int]:
        """The classes that are shown, in their order."""
        means = np.maximum(self._answers.mean(0), self._inference)
        return sorted(int(number) for number in np.argsort(-means, kind="stable")[:SHOWN])

    @property
    def named(self) -> list[int]:
        """The classes whose names are written: all, or every other one where the rows are lower than a line."""
        rows = self.rows
        return rows[:: max(1, math.ceil(_CLOSE * self._line() * len(rows) / self._height))]

    @property
    def _height(self) -> float:
        """How high the rows are together."""
        return max(1.0, self.height() - 3 * self._line() - 12)

    def _text(self, value: float) -> str:
        """Return what is written beside the axis."""
        return f"{100 * value:.0f} %" if self._fractions else number_text(value, 3)

    @property
    def _ends(self) -> tuple[float, float]:
        if self._fractions:
            return 0.0, 1.0
        low, high = float(self._answers.min()), float(self._answers.max())
        margin = 0.05 * (high - low) or 0.5
        return low - margin, high + margin

    def _draw(self, painter: QPainter) -> None:
        colours, metrics, line, rows = theme.current(), QFontMetricsF(self.font()), self._line(), self.rows
        left = max(metrics.horizontalAdvance(self._names[row]) for row in rows) + 12
        right = metrics.horizontalAdvance(self._text(self._ends[1])) / 2 + 2
        room = QRectF(left, line + 4, max(1.0, self.width() - left - right), self._height)
        low, high = self._ends
        for value in even_ticks(low, high, max(2, int(room.width() / metrics.horizontalAdvance("100 %   ")))):
            x = room.left() + (value - low) / (high - low) * room.width()
            painter.setPen(colours.border)
            painter.drawLine(QLineF(x, room.top(), x, room.bottom()))
            painter.setPen(colours.text)
            painter.drawText(QRectF(x - 40, room.bottom() + 2, 80, line), _MIDDLE, self._text(value))
        height = room.height() / len(rows)
        for place, row in enumerate(rows):
            self._draw_row(painter, row, QRectF(room.left(), room.top() + place * height, room.width(), height))
        self._draw_key(painter, left)

    def _draw_row(self, painter: QPainter, row: int, box: QRectF) -> None:
        colours, (low, high) = theme.current(), self._ends
        painter.setPen(colours.text)
        if row in self.named:
            name = QRectF(0, box.center().y() - self._line() / 2, box.left() - 6, self._line())
            painter.drawText(name, _RIGHT, self._names[row])
        values = self._answers[:, row]
        xs = box.left() + (values - low) / (high - low) * box.width()
        # Each mask keeps its height in the row, so that dots do not dance while more come.
        ys = box.top() + box.height() * (0.18 + 0.64 * ((np.arange(len(values)) * 0.618034) % 1))
        dot = QColor(colours.train)
        dot.setAlphaF(0.45)
        painter.setPen(QPen(dot, 3.2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPoints(QPolygonF([QPointF(x, y) for x, y in zip(xs, ys, strict=True)]))
        for value, pen in self._marks(float(values.mean()), float(self._inference[row])):
            x = box.left() + (value - low) / (high - low) * box.width()
            painter.setPen(pen)
            painter.drawLine(QLineF(x, box.top() + 1, x, box.bottom() - 1))

    def _marks(self, mean: float, inference: float) -> tuple[tuple[float, QPen], tuple[float, QPen]]:
        colours = theme.current()
        return (inference, QPen(colours.text, 3)), (mean, QPen(colours.validation, 2, Qt.PenStyle.DashLine))

    def _draw_key(self, painter: QPainter, left: float) -> None:
        metrics, box = QFontMetricsF(self.font()), QRectF(0, self.height() - self._line(), self.width(), self._line())
        (_, inference), (_, mean) = self._marks(0, 0)
        dots, x = QPen(theme.current().train, 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap), left
        for text, pen in (("one mask", dots), ("mean", mean), ("inference", inference)):
            painter.setPen(pen)
            y = box.center().y()
            if pen is dots:
                painter.drawPoint(QPointF(x + 4, y))
            else:
                painter.drawLine(QLineF(x + 4, y - 6, x + 4, y + 6))
            painter.setPen(theme.current().text)
            painter.drawText(QRectF(x + 12, box.top(), self.width(), box.height()), _LEFT, text)
            x += metrics.horizontalAdvance(text) + 26
