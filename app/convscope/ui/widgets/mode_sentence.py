"""Two lines that are painted anew with every movement of the pen and never ask for another size."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.ui import theme

_MARGIN = 2


class ModeSentence(QWidget):
    """Says whether training and inference agree, and why, in two lines; what does not fit is in the tooltip.

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
            verdict: What the first line begins with.
            reason: What follows, over the end of that line.
            doubtful: The verdict shall be noticed.
        """
        if (verdict, reason, doubtful) != (self._verdict, self._reason, self._doubtful):
            self._verdict, self._reason, self._doubtful = verdict, reason, doubtful
            self.setAccessibleName(self.text)
            self.setToolTip(self.text)
            self.update()

    def reason_lines(self) -> tuple[str, str]:
        """Return what of the reason stands behind the verdict, and what below it: all of it where that has room."""
        metrics = self.fontMetrics()
        if metrics.horizontalAdvance(self._reason) <= self.width():
            return "", self._reason
        words, free = self._reason.split(), self.width() - self._verdict_width()
        count = len(words)
        while count and metrics.horizontalAdvance(" ".join(words[:count])) > free:
            count -= 1
        return " ".join(words[:count]), " ".join(words[count:])

    def _verdict_width(self) -> int:
        return QFontMetrics(self._bold()).horizontalAdvance(f"{self._verdict}  ")

    def _bold(self) -> QFont:
        bold = QFont(self.font())
        bold.setBold(True)
        return bold

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
        bold = self._bold()
        line = self.fontMetrics().height()
        top = (self.height() - 2 * line) // 2
        verdict = self._verdict_width()
        begun, rest = self.reason_lines()
        parts = (
            (
                self._verdict,
                bold,
                colours.warning if self._doubtful else colours.text,
                QRect(0, top, self.width(), line),
            ),
            (begun, self.font(), colours.muted, QRect(verdict, top, self.width() - verdict, line)),
            (rest, self.font(), colours.muted, QRect(0, top + line, self.width(), line)),
        )
        for text, font, colour, box in parts:
            painter.setFont(font)
            painter.setPen(colour)
            short = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), short)
        painter.end()
