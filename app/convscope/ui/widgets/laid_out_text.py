"""Short texts, such as the numbers in cells, that are laid out once and painted many times."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QStaticText

from convscope.ui.widgets.text_sizes import TextSizes

_MOST = 4000  # texts that are kept: more than numbers of two decimals there are on a screen


class LaidOutTexts:
    """Texts of one font. To lay a number out takes three times as long as to paint it.

    Attributes:
        font: What they are written in; whoever has them painted sets it first, once for many.
        metrics: Of that font.
        sizes: Of texts in it, also of such that are written in other ways.
    """

    def __init__(self, font: QFont) -> None:
        self.font = font
        self.metrics = QFontMetricsF(font)
        self._texts = _Texts(font)
        self.sizes = TextSizes(self.metrics)

    def static(self, text: str) -> QStaticText:
        """Return a line, laid out."""
        return self._texts[text][0]

    def paint(self, painter: QPainter, box: QRectF, text: str, across: float = 0.5) -> None:
        """Write a line into a box, in the middle of its height.

        Args:
            painter: It has the font, and the colour as its pen.
            box: Where.
            text: What.
            across: Where in the box's width: 0 at its left end, 1 at the right.
        """
        laid_out, width, height = self._texts[text]
        x, y, wide, high = box.getRect()  # pyright: ignore[reportGeneralTypeIssues]
        painter.drawStaticText(QPointF(x + (wide - width) * across, y + (high - height) / 2), laid_out)

    def paint_at(self, painter: QPainter, x: float, y: float, text: str) -> None:
        """Write a line with its middle at a point; the painter has the font, and the colour as its pen."""
        laid_out, width, height = self._texts[text]
        painter.drawStaticText(QPointF(x - width / 2, y - height / 2), laid_out)


class _Texts(dict[str, tuple[QStaticText, float, float]]):
    """Texts laid out when they are first asked for, with their widths and heights."""

    def __init__(self, font: QFont) -> None:
        super().__init__()
        self._font = font

    def __missing__(self, text: str) -> tuple[QStaticText, float, float]:
        if len(self) >= _MOST:
            self.clear()
        laid_out = QStaticText(text)
        laid_out.setTextFormat(Qt.TextFormat.PlainText)
        laid_out.prepare(font=self._font)
        size = laid_out.size()
        found = self[text] = laid_out, size.width(), size.height()
        return found
