"""Some values on their way through dropout, one beside the other: what comes, by what it is multiplied, what goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.ui import theme
from convscope.ui.widgets.mosaic_text import draw_sentence
from convscope.ui.widgets.number_text import cell_text, number_text

_ROWS = ("in", "×", "out")
_MIDDLE = int(Qt.AlignmentFlag.AlignCenter)
_SIDE = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


@dataclass(frozen=True)
class Passage:
    """One value at a dropout layer.

    Attributes:
        name: Which one, in a word or a number.
        value: What comes.
        factor: 0 where it is dropped, else 1 / (1 − rate).
    """

    name: str
    value: float
    factor: float

    @property
    def dropped(self) -> bool:
        """Whether it is dropped."""
        return self.factor == 0

    @property
    def texts(self) -> tuple[str, str, str]:
        """What is read of the value, of the factor and of their product; the factor as sentences write it."""
        return cell_text(self.value), number_text(self.factor), cell_text(self.value * self.factor)


class DropoutStrip(QWidget):
    """Shows as many passages as there is room for; dropped ones are crossed out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dropout_strip")
        self.setAccessibleName("Values on their way through dropout")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._passages: tuple[Passage, ...] = ()
        self._message = ""

    @property
    def passages(self) -> tuple[Passage, ...]:
        """What is shown, as far as there is room."""
        return self._passages

    def show_passages(self, passages: Sequence[Passage]) -> None:
        """Show values, the first ones if there are too many."""
        self._passages, self._message = tuple(passages), ""
        said = (f"{p.name}: {number_text(p.value)} {'dropped' if p.dropped else 'kept'}" for p in self._passages[:12])
        self.setAccessibleDescription(", ".join(said))
        self.update()

    def show_message(self, text: str) -> None:
        """Show a sentence in their place."""
        self._passages, self._message = (), text
        self.setAccessibleDescription(text)
        self.update()

    def _paint_column(self, painter: QPainter, passage: Passage, left: float, width: float) -> None:
        colours, line = theme.current(), self._line()
        painter.setPen(colours.muted)
        painter.drawText(QRectF(left, 0, width, line), _MIDDLE, passage.name)
        for row, text in enumerate(passage.texts):
            cell = QRectF(left + 2, (row + 1) * line + 2, width - 4, line - 3)
            if row != 1:
                painter.fillRect(cell, self._tint(passage.dropped and row == 2))
            painter.setPen(colours.muted if passage.dropped and row else colours.text)
            painter.drawText(cell, _MIDDLE, text)
        if passage.dropped:
            painter.setPen(QPen(colours.error, 1.6))
            cross = QRectF(left + 4, 3 * line + 4, width - 8, line - 7)
            painter.drawLine(cross.topLeft(), cross.bottomRight())
            painter.drawLine(cross.topRight(), cross.bottomLeft())

    def _tint(self, dropped: bool) -> QColor:
        colour = QColor(theme.current().muted if dropped else theme.current().accent)
        colour.setAlphaF(0.14)
        return colour

    def _line(self) -> float:
        return QFontMetricsF(self.font()).height() + 6

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the columns, with the names of their rows on the left."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._message:
            draw_sentence(painter, QRectF(self.rect()), self._message, theme.current().muted)
            return
        metrics, line = QFontMetricsF(self.font()), self._line()
        width, left = metrics.horizontalAdvance("−0.000") + 10, metrics.horizontalAdvance("out") + 10
        painter.setPen(theme.current().muted)
        for row, name in enumerate(_ROWS):
            painter.drawText(QRectF(0, (row + 1) * line, left - 6, line), _SIDE, name)
        room = max(1, int((self.width() - left) // width))
        for place, passage in enumerate(self._passages[:room]):
            self._paint_column(painter, passage, left + place * width, width)
        if len(self._passages) > room:
            painter.setPen(theme.current().muted)
            painter.drawText(QPointF(self.width() - metrics.horizontalAdvance("…") - 1, 2.5 * line), "…")

    def changeEvent(self, event: QEvent) -> None:
        """Take the other theme's colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def sizeHint(self) -> QSize:
        """Leave room for four lines."""
        return QSize(320, round(4 * self._line() + 2))

    def minimumSizeHint(self) -> QSize:
        """Leave room for four lines of a few values."""
        return QSize(160, round(4 * self._line() + 2))
