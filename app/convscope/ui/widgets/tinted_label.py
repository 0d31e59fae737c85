"""A wrapped sentence in one of the theme's colours, beside which nothing moves when it changes."""

from __future__ import annotations

from math import ceil
from typing import Literal

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from convscope.ui import theme
from convscope.ui.widgets.text_sizes import TextSizes

Tint = Literal["text", "muted", "warning", "error", "accent"]


class TintedLabel(QWidget):
    """Takes its colour from the theme when it is painted, never asks for width, and is as high as its text.

    Not a QLabel, which with every other text makes all layouts around it anew, so that all that lies in them is
    measured and painted again.
    """

    def __init__(self, tint: Tint, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tint: Tint = tint
        self._text = self._written = ""
        self._text_width = 0
        self._sizes, self._line = self._measures()
        self._across = Qt.TextFlag.TextWordWrap.value
        self._least, self._most = 1, 10_000  # lines
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._fit()

    def text(self) -> str:
        """Return the sentence."""
        return self._text

    @property
    def text_width(self) -> int:
        """How wide the sentence is in one line, in pixels."""
        return self._text_width

    def show_text(self, text: str) -> None:
        """Show another sentence."""
        if text != self._text:
            self._text, self._written = text, text.replace(" %", "\u00a0%")  # no line begins with a percent sign
            self.setAccessibleName(text)
            self._fit()
            self.update()

    def reserve(self, least: int, most: int = 10_000) -> None:
        """Be at least and at most so many lines high, so that what stands above does not move with each sentence."""
        if (least, most) != (self._least, self._most):
            self._least, self._most = least, most
            self._fit()

    def centre(self) -> None:
        """Stand in the middle of the height that is reserved, not at its top."""
        self._across |= Qt.AlignmentFlag.AlignVCenter.value
        self.update()

    def make_copyable(self) -> None:
        """Offer to copy the text, with a right click."""
        copy = QAction("Copy", self)
        copy.triggered.connect(lambda: QApplication.clipboard().setText(self._text))
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _measures(self) -> tuple[TextSizes, int]:
        """Return the sizes of texts and the height of a line in the present font."""
        return TextSizes(QFontMetricsF(self.font(), self)), self.fontMetrics().height()

    def _fit(self) -> None:
        line, height = self._line, self._least * self._line
        self._text_width = ceil(self._sizes.width(self._written))
        wraps = self._text_width > self.width() or "\n" in self._text
        if wraps and self._most > self._least:
            needed = ceil(self._sizes.wrapped_height(self._written, self.width()))
            if needed > height + line // 3:  # a sign of another font makes a line a little higher
                height = needed
        self.setFixedHeight(min(height, self._most * line))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the text is at another width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Be as high as the text is in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._sizes, self._line = self._measures()
            self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text in the colour of the theme that is current now."""
        painter = QPainter(self)
        painter.setPen(getattr(theme.current(), self._tint))
        painter.drawText(self.rect(), self._across, self._written)
