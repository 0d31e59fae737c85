"""Flatten and dense against global average pooling: two bars with the products behind them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.core.costs import Head, HeadComparison
from convscope.ui import theme

_NONE = "No dense layer follows a flatten or global average pooling layer, so there is nothing to compare."
_PAD = 8
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)


class CostComparison(QWidget):
    """Shows how many parameters the first dense layer has behind either of the two; the network's own stands out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cost_comparison")
        self.setAccessibleName("Flatten against global average pooling")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._comparison: HeadComparison | None = None
        self._low = False
        self.show_comparison(None)

    @property
    def text(self) -> str:
        """What is shown, in words."""
        return self._comparison.text if self._comparison is not None else _NONE

    def show_comparison(self, comparison: HeadComparison | None) -> None:
        """Show a comparison, or say that the network offers none."""
        self._comparison = comparison
        self.setAccessibleDescription(self.text)
        self.setToolTip(self.text if comparison is not None else "")
        self.update()

    def show_low(self, low: bool) -> None:
        """Leave out the lines below the bars, or show them."""
        if low != self._low:
            self._low = low
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        """Return the height of a heading and two bars with a line below each."""
        return QSize(260, (3 if self._low else 5) * self._line() + (3 if self._low else 4) * _PAD)

    def minimumSizeHint(self) -> QSize:
        """Return the same height in a narrow dock."""
        return QSize(180, self.sizeHint().height())

    def _line(self) -> int:
        return QFontMetrics(self.font()).height()

    def changeEvent(self, event: QEvent) -> None:
        """Make room for another font."""
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the two bars, or the sentence."""
        painter = QPainter(self)
        colours = theme.current()
        painter.setPen(colours.border)
        painter.drawLine(0, 0, self.width(), 0)
        room = QRectF(self.rect()).adjusted(_PAD, _PAD, -_PAD, -_PAD / 2)
        found = self._comparison
        if found is None:
            painter.setPen(colours.muted)
            painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), _NONE)
            return
        line = self._line()
        painter.setPen(colours.muted)
        heading = QRectF(room.left(), room.top(), room.width(), line)
        painter.drawText(heading, _LEFT, self._fitted(f"Parameters of {found.dense} behind …", room.width()))
        most = max(found.flattened.parameters, found.pooled.parameters)
        for number, (name, head, own) in enumerate(
            (
                ("Flatten", found.flattened, found.is_flattened),
                ("Global average pooling", found.pooled, not found.is_flattened),
            )
        ):
            top = room.top() + line + _PAD / 2 + number * (line + _PAD / 2 if self._low else 2 * line + _PAD)
            self._draw_head(painter, QRectF(room.left(), top, room.width(), 2 * line), name, head, most, own=own)

    def _draw_head(self, painter: QPainter, room: QRectF, name: str, head: Head, most: int, *, own: bool) -> None:
        colours, line = theme.current(), room.height() / 2
        bar = QRectF(room.left(), room.top(), max(2.0, room.width() * head.parameters / most), line)
        fill = QColor(colours.accent)
        fill.setAlphaF((0.42 if own else 0.20) + 0.08 * colours.dark)
        painter.fillRect(bar, fill)
        row = QRectF(room.left() + _PAD / 2, room.top(), room.width() - _PAD, line)
        font = QFont(self.font())
        font.setBold(own)
        painter.setFont(font)
        painter.setPen(colours.text)
        figure = f"{head.parameters:,}"
        painter.drawText(row, _RIGHT, figure)
        free = row.width() - QFontMetrics(font).horizontalAdvance(figure) - _PAD
        name += " (as it is)" if own else " instead"
        product = head.sum_text.partition(" = ")[0]
        painter.drawText(row, _LEFT, self._fitted(f"{name}: {product}" if self._low else name, free))
        if self._low:
            painter.setFont(self.font())
            return
        painter.setFont(self.font())
        painter.setPen(colours.muted)
        whole = f"{head.whole:,} in all"
        painter.drawText(row.translated(0, line), _RIGHT, whole)
        free = row.width() - QFontMetrics(self.font()).horizontalAdvance(whole) - _PAD
        painter.drawText(row.translated(0, line), _LEFT, self._fitted(product, free))

    def _fitted(self, text: str, width: float) -> str:
        return QFontMetrics(self.font()).elidedText(text, Qt.TextElideMode.ElideRight, int(width))
