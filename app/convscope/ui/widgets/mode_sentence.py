"""Two lines that are painted anew with every movement of the pen and never ask for another size."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.ui import theme

_MARGIN = 2


class ModeSentence(QWidget):
    """Says whether training and inference agree, and below it why; what does not fit is in the tooltip.

    Not a label: a label in a toolbar has the whole window arranged anew when its text changes.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mode_sentence")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._verdict = self._reason = ""
        self._doubtful = False

    @property
    def text(self) -> str:
        """All that is said."""
        return f"{self._verdict} {self._reason}".strip()

    def show_sentence(self, verdict: str, reason: str, *, doubtful: bool = False) -> None:
        """Say something else.

        Args:
            verdict: The first line.
            reason: The second one.
            doubtful: The first line shall be noticed.
        """
        if (verdict, reason, doubtful) != (self._verdict, self._reason, self._doubtful):
            self._verdict, self._reason, self._doubtful = verdict, reason, doubtful
            self.setAccessibleName(self.text)
            self.setToolTip(self.text)
            self.update()

    def sizeHint(self) -> QSize:
        """Return the height of two lines; any width will do."""
        return QSize(200, 2 * self.fontMetrics().height() + 2 * _MARGIN)

    def minimumSizeHint(self) -> QSize:
        """Return the height of two lines."""
        return self.sizeHint()

    def changeEvent(self, event: QEvent) -> None:
        """Be as high as two lines of another font."""
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both lines in the colours of the present theme."""
        painter, colours = QPainter(self), theme.current()
        bold = QFont(self.font())
        bold.setBold(True)
        line = self.fontMetrics().height()
        top = (self.height() - 2 * line) // 2
        rows = (
            (self._verdict, bold, colours.warning if self._doubtful else colours.text),
            (self._reason, self.font(), colours.muted),
        )
        for number, (text, font, colour) in enumerate(rows):
            painter.setFont(font)
            painter.setPen(colour)
            box = QRect(0, top + number * line, self.width(), line)
            short = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), short)
        painter.end()
