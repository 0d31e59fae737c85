"""Short texts, such as the numbers in cells, that are laid out once and painted many times."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QStaticText, QTransform

_MOST = 4000  # texts that are kept: more than numbers of two decimals there are on a screen


class LaidOutTexts:
    """Texts of one font. To lay a number out takes three times as long as to paint it."""

    def __init__(self, font: QFont) -> None:
        self._font = font
        self._texts: dict[str, tuple[QStaticText, float, float]] = {}

    def paint(self, painter: QPainter, box: QRectF, text: str) -> None:
        """Write a text into the middle of a box; the painter has the font, and the colour as its pen."""
        laid_out, width, height = self._texts.get(text) or self._laid_out(text)
        place = QPointF(box.x() + (box.width() - width) / 2, box.y() + (box.height() - height) / 2)
        painter.drawStaticText(place, laid_out)

    def _laid_out(self, text: str) -> tuple[QStaticText, float, float]:
        if len(self._texts) >= _MOST:
            self._texts.clear()
        laid_out = QStaticText(text)
        laid_out.setTextFormat(Qt.TextFormat.PlainText)
        laid_out.prepare(QTransform(), self._font)
        size = laid_out.size()
        self._texts[text] = laid_out, size.width(), size.height()
        return self._texts[text]
