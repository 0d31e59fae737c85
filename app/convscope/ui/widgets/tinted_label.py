"""A wrapped sentence in one of the theme's colours."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.ui import theme

Tint = Literal["text", "muted", "warning", "error", "accent"]


class TintedLabel(QWidget):
    """Takes its colour from the theme when it is painted, never asks for width, and is as high as its text.

    Not a QLabel, whose height for width makes every layout around it measure all of its contents several times.
    """

    def __init__(self, tint: Tint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tint: Tint = tint
        self._text, self._lines = "", 1
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._fit()

    def text(self) -> str:
        """Return the sentence."""
        return self._text

    def show_text(self, text: str) -> None:
        """Show another sentence."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self._fit()
            self.update()

    def reserve(self, lines: int) -> None:
        """Be at least so many lines high, so that what stands above does not move when the sentence changes."""
        if lines != self._lines:
            self._lines = lines
            self._fit()

    def _fit(self) -> None:
        room = QRect(0, 0, max(self.width(), 1), 10_000)
        height = self.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap, self._text).height()
        self.setFixedHeight(max(height, self._lines * self.fontMetrics().height()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the text is at another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Be as high as the text is in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text in the colour of the theme that is current now."""
        painter = QPainter(self)
        painter.setPen(getattr(theme.current(), self._tint))
        painter.drawText(self.rect(), Qt.TextFlag.TextWordWrap, self._text)
