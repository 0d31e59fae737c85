"""The heading of a layer's card: where its icon and texts go for a width, and how they are drawn."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter

from convscope.ui import icons, theme
from convscope.ui.widgets.card_data import CardData

ICON = 20
EDGE = 9  # between the card's border and what it shows
GAP = 8
LOCK = 14  # behind the name of a frozen layer
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CardHeading:
    """Where the texts of a heading go for one width, and how they are drawn there.

    Attributes:
        height: Of the whole heading, in pixels.
        count: How many rows of text there are.
    """

    def __init__(self, data: CardData, font: QFont, width: int) -> None:
        self._name_font, self._text_font = _fonts(font)
        name, text = QFontMetrics(self._name_font), QFontMetrics(self._text_font)
        left = EDGE + ICON + EDGE
        room = max(width - ICON - EDGE, 1)
        self._line = name.height()
        self._left, self._room = left, room
        shape = text_width(self._name_font, data.shape) + GAP * bool(data.shape)
        self._lock = LOCK + GAP // 2 if data.frozen else 0
        self._name_room = room - shape - self._lock
        summary, parameters = text_width(self._text_font, data.summary), text_width(self._text_font, data.parameters)
        beside = text_width(self._name_font, data.name) + self._lock + GAP + summary + GAP
        self.is_short = not data.parameters and beside <= room - shape
        wrapped = text.boundingRect(QRect(0, 0, room, 10_000), Qt.TextFlag.TextWordWrap, data.summary)
        self._summary_height = max(wrapped.height(), text.height())
        self.is_side_by_side = summary + GAP + parameters <= room
        second = 0 if self.is_short else self._summary_height
        third = 0 if self.is_side_by_side or not data.parameters else text.height()
        self.count = 1 + bool(second) + bool(third)
        self._text_line = text.height()
        self._pad = 7 if self.count > 1 else 8
        self.height = 2 * self._pad + max(self._line + second + third, ICON)

    def paint(self, painter: QPainter, data: CardData, *, selected: bool, ratio: float) -> None:
        """Draw icon and texts."""
        colours = theme.current()
        strong = QColor(colours.text if data.enabled and data.reached else colours.muted)
        tint = colours.warning if data.problem else colours.accent if selected else strong
        icon = icons.pixmap("warning" if data.problem else data.icon, ICON, tint, ratio)
        painter.drawPixmap(EDGE, (self.height - ICON) // 2 if self.count == 1 else self._pad + 2, icon)
        self._paint_first_row(painter, data, strong, ratio)
        painter.setPen(colours.muted)
        painter.setFont(self._text_font)
        if not self.is_short:
            self._paint_other_rows(painter, data)

    def _paint_first_row(self, painter: QPainter, data: CardData, strong: QColor, ratio: float) -> None:
        top = (self.height - self._line) // 2 if self.count == 1 else self._pad
        painter.setFont(self._name_font)
        painter.setPen(strong)
        row = QRect(self._left, top, self._room, self._line)
        painter.drawText(row, _RIGHT, data.shape)
        name = QFontMetrics(self._name_font).elidedText(data.name, Qt.TextElideMode.ElideRight, self._name_room)
        painter.drawText(row, _LEFT, name)
        if data.frozen:
            place = row.left() + text_width(self._name_font, name) + GAP // 2
            painter.drawPixmap(place, top + (self._line - LOCK) // 2, icons.pixmap("lock", LOCK, strong, ratio))
        if not data.enabled:
            self._strike(painter, row, text_width(self._name_font, name))
        if self.is_short:
            painter.setFont(self._text_font)
            painter.setPen(theme.current().muted)
            row.setLeft(self._left + text_width(self._name_font, data.name) + self._lock + GAP)
            painter.drawText(row, _LEFT, data.summary)

    def _paint_other_rows(self, painter: QPainter, data: CardData) -> None:
        top = self._pad + self._line
        summary = QRect(self._left, top, self._room, self._summary_height)
        painter.drawText(summary, Qt.TextFlag.TextWordWrap, data.summary)
        below = 0 if self.is_side_by_side else self._summary_height
        last = QRect(self._left, top + below, self._room, self._text_line)
        painter.drawText(last, _RIGHT, data.parameters)

    def _strike(self, painter: QPainter, row: QRect, width: int) -> None:
        middle = row.center().y() + 1
        painter.drawLine(row.left(), middle, row.left() + width, middle)


def text_width(font: QFont, text: str) -> int:
    """Return how wide a line of text is in pixels."""
    return QFontMetrics(font).horizontalAdvance(text) if text else 0


def _fonts(font: QFont) -> tuple[QFont, QFont]:
    """Return the fonts of the name and of the settings below it."""
    name, text = QFont(font), QFont(font)
    name.setWeight(QFont.Weight.DemiBold)
    text.setPointSizeF(max(9.0, font.pointSizeF() - 1))
    return name, text
