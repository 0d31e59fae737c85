"""The words of a prediction, bold and as large as they have room for."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter


def bold(font: QFont, scale: float = 1.0) -> QFont:
    """Return a font bold and larger."""
    font = QFont(font)
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * scale)
    return font


def write_fitted(painter: QPainter, room: QRectF, text: str, font: QFont, scale: float, where: int) -> None:
    """Write a text bold and as large as `scale` says, or as the room allows, but not smaller than `font`."""
    large = bold(font, max(scale, 1.0))
    width = QFontMetricsF(large).horizontalAdvance(text)
    if width > room.width() > 0:
        large.setPointSizeF(max(large.pointSizeF() * room.width() / width, font.pointSizeF()))
    painter.setFont(large)
    painter.drawText(room, where, QFontMetricsF(large).elidedText(text, Qt.TextElideMode.ElideRight, room.width()))
