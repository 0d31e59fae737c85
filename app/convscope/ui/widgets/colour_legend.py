"""The colour bar beside a picture: which colour is which number."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.ui import theme
from convscope.ui.colour_maps import ColourScale, strip
from convscope.ui.painting import draw_part
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.text_sizes import TextSizes

_BAR = 12  # logical pixels


class ColourLegend(QWidget):
    """A bar from the least to the greatest value, with the numbers of both and of zero."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale: ColourScale | None = None
        self._of = ""
        self._cut = (False, False)
        self._sizes: TextSizes | None = None  # of the numbers, until the font is another
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Colour scale")

    def show_scale(self, scale: ColourScale | None, of: str = "", gain: float = 1.0) -> None:
        """Show what the colours stand for.

        Args:
            scale: None shows nothing.
            of: For what it holds, such as "map 5"; told to the screen reader and in the tooltip.
            gain: How much the contrast is boosted; an end that is cut by it is marked as such.
        """
        shown = None if scale is None else scale.boosted(gain)
        cut = (False, False) if scale is None or shown is None else (scale.low < shown.low, scale.high > shown.high)
        if (shown, of, cut) == (self._scale, self._of, self._cut):
            return
        self._scale, self._of, self._cut = shown, of, cut
        self.setToolTip(self._spoken())
        self.setAccessibleDescription(self._spoken())
        self.update()

    def labels(self) -> tuple[tuple[float, str], ...]:
        """Return the numbers under the bar, each with its place from 0 (left) to 1 (right)."""
        if self._scale is None:
            return ()
        low, high = self._scale.low, self._scale.high
        if low == high:
            return ((0.5, number_text(low, 3)),)
        low_text, high_text = number_text(low, 3), number_text(high, 3)
        ends = (
            (0.0, f"≤ {low_text}" if self._cut[0] else low_text),
            (1.0, f"≥ {high_text}" if self._cut[1] else high_text),
        )
        zero = -low / (high - low)
        return ends if low == 0 or high == 0 else (ends[0], (zero, "0"), ends[1])

    def _spoken(self) -> str:
        if self._scale is None:
            return ""
        kind = "blue below zero, orange above" if self._scale.kind == "diverging" else "from zero up"
        of = f"Colours of {self._of}" if self._of else "Colours"
        beyond = " What lies beyond has the colour of the end." if any(self._cut) else ""
        return f"{of}: {number_text(self._scale.low, 3)} to {number_text(self._scale.high, 3)}, {kind}.{beyond}"

    def _label_boxes(self, labels: Sequence[tuple[float, str]], bar: QRectF) -> list[tuple[QRectF, str]]:
        """Return where the numbers go: ends flush with the bar, zero near its place if there is room."""
        self._sizes = sizes = self._sizes or TextSizes(QFontMetricsF(self.font()))
        height, boxes = sizes.metrics.height(), list[tuple[QRectF, str]]()
        for place, text in labels:
            width = sizes.width(text) + 1
            left = bar.left() + place * bar.width() - width / 2
            left = min(max(left, bar.left()), bar.right() - width)
            boxes.append((QRectF(left, bar.bottom() + 1, width, height), text))
        if len(boxes) == 3:
            space = sizes.width(" ")
            low, zero, high = (box for box, _ in boxes)
            free = (low.right() + space, high.left() - space - zero.width())
            if free[0] > free[1]:
                return [boxes[0], boxes[2]]  # the stroke through the bar is left
            zero.moveLeft(min(max(zero.left(), free[0]), free[1]))
        return boxes

    def sizeHint(self) -> QSize:
        """Return room for three numbers side by side."""
        metrics = QFontMetricsF(self.font())
        return QSize(
            int(metrics.horizontalAdvance("≤ −1.23·10⁻³⁸ 0 ≥ 1.23·10⁻³⁸")) + 16, int(_BAR + metrics.height() + 4)
        )

    def changeEvent(self, event: QEvent) -> None:
        """Measure anew in another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._sizes = None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bar and its numbers."""
        if self._scale is None:
            return
        shown, labels = theme.current(), self.labels()
        painter = QPainter(self)
        bar = QRectF(0.5, 0.5, self.width() - 1, _BAR)
        draw_part(painter, bar, *strip(self._scale))
        painter.setPen(shown.border)
        painter.drawRect(bar)
        painter.setPen(shown.text)
        for place, text in labels:
            if text == "0" and 0 < place < 1:
                painter.drawLine(bar.topLeft() + (bar.topRight() - bar.topLeft()) * place,
                                 bar.bottomLeft() + (bar.bottomRight() - bar.bottomLeft()) * place)  # fmt: skip
        for box, text in self._label_boxes(labels, bar):
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
        painter.end()
