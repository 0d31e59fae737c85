"""How every layer's values are spread, with batch norm and without: two bars for each layer on one axis."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from convscope.core.batch_norm import LayerSpread
from convscope.ui import theme
from convscope.ui.widgets.number_text import number_text

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_GAP = 6.0
_LINEAR = 20.0  # how many times the narrowest bar the axis may be long and still be an even one
_DECADES = 1e6  # by what the length of a logarithmic axis is at most divided


class BatchNormSpreads(QWidget):
    """One line for each layer: from mean − σ to mean + σ, above with batch norm, below without, and the numbers.

    Where one layer's values are spread much wider than another's, the axis is even near 0 and logarithmic beyond.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("batch_norm_spreads")
        self.setAccessibleName("Mean and standard deviation of every layer, with batch norm and without")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self._spreads: tuple[LayerSpread, ...] = ()
        self._range = (-1.0, 1.0)
        self._bend = 0.0  # value from which on the axis is logarithmic; 0 for an even one

    def show_spreads(self, spreads: Sequence[LayerSpread]) -> None:
        """Show how the layers' values lie."""
        self._spreads = tuple(spreads)
        pairs = [p for one in spreads for p in ((one.mean, one.std), (one.mean_without, one.std_without))]
        finite = [(mean, std) for mean, std in pairs if math.isfinite(mean) and math.isfinite(std)]
        low = min((mean - std for mean, std in finite), default=-1.0)
        high = max((mean + std for mean, std in finite), default=1.0)
        self._range = min(low, 0.0), max(high, 0.0, min(low, 0.0) + 1e-9)
        narrowest = min((std for _, std in finite if std > 0), default=0.0)
        length = self._range[1] - self._range[0]
        self._bend = max(narrowest, length / _DECADES) if length > _LINEAR * narrowest > 0 else 0.0
        self.setAccessibleDescription("; ".join(self.described(number) for number in range(len(spreads))))
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def described(self, number: int) -> str:
        """Return the figures of a layer in words."""
        one = self._spreads[number]
        return (
            f"{one.name}: {_figures(one.mean, one.std)} with batch norm, "
            f"{_figures(one.mean_without, one.std_without)} without"
        )

    def summary(self) -> str:
        """Return in a sentence how the spread changes from the first layer to the last one before the scores."""
        inner = [one for one in self._spreads if one.std > 0 and one.std_without > 0]
        if len(inner) < 2:
            return ""
        least_with, most_with = _extremes([one.std for one in inner])
        least, most = _extremes([one.std_without for one in inner])
        return (
            f"The standard deviations of the layers lie between {least_with} and {most_with} with batch norm, "
            f"between {least} and {most} without."
        )

    def _line(self) -> float:
        return 2 * QFontMetricsF(self.font()).height() * 0.92 + _GAP

    def _paint_line(self, painter: QPainter, number: int, names: float, figures: float) -> None:
        colours, one = theme.current(), self._spreads[number]
        half = (self._line() - _GAP) / 2
        top = self._head() + number * self._line()
        painter.setPen(colours.text)
        font = painter.font()
        font.setBold(one.is_batch_norm)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        name = metrics.elidedText(one.name, Qt.TextElideMode.ElideRight, names - 6)
        painter.drawText(QRectF(0, top, names, 2 * half), _LEFT, name)
        font.setBold(False)
        painter.setFont(font)
        bars = ((one.mean, one.std, colours.accent), (one.mean_without, one.std_without, colours.validation))
        for place, (mean, std, colour) in enumerate(bars):
            y = top + place * half
            painter.setPen(colours.text)
            painter.drawText(QRectF(self.width() - figures, y, figures, half), _RIGHT, _figures(mean, std))
            self._paint_bar(painter, QRectF(names, y + 3, self._room(names, figures), half - 6), mean, std, colour)

    def _paint_bar(self, painter: QPainter, room: QRectF, mean: float, std: float, colour: QColor) -> None:
        if not (math.isfinite(mean) and math.isfinite(std)):
            return
        x = self._x(room.left(), room.width(), mean)
        painter.fillRect(self.bar(room, mean, std), colour)
        painter.setPen(QPen(theme.current().base, 2))
        painter.drawLine(QPointF(x, room.top() + 1), QPointF(x, room.bottom() - 1))

    def _x(self, left: float, width: float, value: float) -> float:
        low, high, at = (self._bent(one) for one in (*self._range, value))
        return left + (at - low) / (high - low) * width

    def _bent(self, value: float) -> float:
        return math.asinh(value / self._bend) if self._bend else value

    @property
    def axis(self) -> str:
        """What the heading says of the axis."""
        return "mean ± σ, log scale" if self._bend else "mean ± σ"

    def bar(self, room: QRectF, mean: float, std: float) -> QRectF:
        """Return where in a room the values from mean − σ to mean + σ are drawn."""
        left, right = (self._x(room.left(), room.width(), value) for value in (mean - std, mean + std))
        return QRectF(left, room.top(), max(right - left, 1.5), room.height())

    def _room(self, names: float, figures: float) -> float:
        return max(self.width() - names - figures - 8, 1.0)

    def _head(self) -> float:
        return QFontMetricsF(self.font()).height() + 4

    def sizeHint(self) -> QSize:
        """Return room for a line a layer."""
        return QSize(320, round(self._head() + len(self._spreads) * self._line() + 2))

    def minimumSizeHint(self) -> QSize:
        """Return the least width at which bars can be told apart."""
        return QSize(220, self.sizeHint().height())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say the figures of the layer under the pointer."""
        number = int((event.position().y() - self._head()) // self._line())
        text = self.described(number) if 0 <= number < len(self._spreads) else ""
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of the new theme, or the height for another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.setFixedHeight(self.sizeHint().height())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a line for each layer."""
        painter = QPainter(self)
        colours, metrics = theme.current(), QFontMetricsF(self.font())
        names = min(max((metrics.horizontalAdvance(one.name) for one in self._spreads), default=0) + 16, 130.0)
        texts = [t for one in self._spreads for t in _texts(one)]
        figures = max((metrics.horizontalAdvance(text) for text in texts), default=0) + 6.0
        left = 0.0
        for text, colour in ((self.axis, colours.muted), ("with batch norm", colours.accent)):
            painter.setPen(colour)
            painter.drawText(QRectF(left, 0, 300, self._head()), _LEFT, text)
            left += metrics.horizontalAdvance(text) + 14
        painter.setPen(colours.validation)
        painter.drawText(QRectF(left, 0, 300, self._head()), _LEFT, "without")
        zero = self._x(names, self._room(names, figures), 0.0)
        painter.setPen(colours.border)
        painter.drawLine(QPointF(zero, self._head()), QPointF(zero, self.height()))
        for number in range(len(self._spreads)):
            self._paint_line(painter, number, names, figures)
        painter.end()


def _texts(one: LayerSpread) -> tuple[str, str]:
    return _figures(one.mean, one.std), _figures(one.mean_without, one.std_without)


def _figures(mean: float, std: float) -> str:
    return f"{number_text(mean, 2)} ± {number_text(std, 2)}"


def _extremes(values: Sequence[float]) -> tuple[str, str]:
    return number_text(min(values), 2), number_text(max(values), 2)
