"""The column of cards in a stack: clicked to select, dragged to another place, and dropped on from the palette."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QApplication, QWidget

from convscope.ui import theme
from convscope.ui.widgets.card_data import CardData
from convscope.ui.widgets.drag_marks import MARGIN, CardGhost, DropLine
from convscope.ui.widgets.layer_card import LayerCard
from convscope.ui.widgets.layer_editor import LayerEditor

SPACING = 5
LAYER_KIND = "application/x-convscope-layer-kind"  # what the palette's entries carry


class CardColumn(QWidget):
    """Shows cards from the input to the output; positions count from the input's card at 0.

    Signals:
        card_clicked(int): The heading of the card at this position was clicked.
        card_moved(int, int): The card at the first position was dropped so that it lands at the second.
        kind_dropped(str, int): A layer of this kind was dropped so that it lands at this position.
        remedy_chosen(int): The remedy of this number was pressed in the card with the problem.
        drag_moved(): Something is being dragged over the column.
        fit_wanted(): The height may have changed; whoever places the column should call `fit`.
        drag_ended(): It was dropped or carried away, or the user thought better of it.
    """

    card_clicked = Signal(int)
    card_moved = Signal(int, int)
    kind_dropped = Signal(str, int)
    remedy_chosen = Signal(int)
    drag_moved = Signal()
    drag_ended = Signal()
    fit_wanted = Signal()

    def __init__(self, tools: Sequence[QAction] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cards: list[LayerCard] = []
        self.editor = LayerEditor(tools, self)  # lies over a card: to give it another parent costs 30 ms
        self._open: int | None = None
        self._pressed: tuple[int, QPoint] | None = None  # position and place in the column
        self._drop_position: int | None = None
        self._pointer = QPoint()  # on the screen
        self._ghost = CardGhost(self)
        self._line = DropLine(self)
        self._editor_height = 0
        self.setAcceptDrops(True)

    def show_cards(self, cards: Sequence[CardData], selected: int) -> None:
        """Show these cards, changing only those that differ, and mark the one at position `selected`."""
        self.cancel_drag()
        while len(self.cards) > len(cards):
            self._remove_last()
        while len(self.cards) < len(cards):
            self._append()
        for position, (card, data) in enumerate(zip(self.cards, cards, strict=True)):
            card.show_data(data)
            card.show_selected(position == selected)

    def open_card(self, position: int | None) -> None:
        """Show the editor in the card at a position, or nowhere; `fit` then finds its place."""
        self._open = position
        self.editor.setVisible(position is not None)

    def fit(self, width: int) -> int:
        """Place the cards below each other in a width, and return the height that takes."""
        top = MARGIN
        for position, card in enumerate(self.cards):
            editor = self.editor if position == self._open else None
            height = card.fit(width - 2 * MARGIN, editor)
            card.setGeometry(MARGIN, top, width - 2 * MARGIN, height)
            if editor is not None:
                self._editor_height = editor.sizeHint().height()
                editor.setGeometry(card.editor_place(self._editor_height))
            top += height + SPACING
        return top - SPACING + MARGIN

    @property
    def is_dragging(self) -> bool:
        """Whether a card or a palette entry is being dragged over the column."""
        return self._drop_position is not None

    @property
    def drop_position(self) -> int | None:
        """Where what is being dragged would land; None when nothing is, or it would stay where it is."""
        return None if self._line.isHidden() else self._drop_position

    def drag_again(self) -> None:
        """Follow a pointer that rests while the column moves below it."""
        if self.is_dragging:
            self._drag_to(self.mapFromGlobal(self._pointer))

    def pointer(self) -> QPoint:
        """Where the pointer was last seen in a drag, on the screen."""
        return self._pointer

    def cancel_drag(self) -> None:
        """Leave the dragged card where it was."""
        if self.is_dragging:
            self._end_drag()
        self._pressed = None

    def position_at(self, place: QPoint) -> int | None:
        """Return the position of the card whose heading is at a place of the column."""
        for position, card in enumerate(self.cards):
            if card.geometry().contains(place) and card.heading.contains(place - card.pos()):
                return position
        return None

    def _append(self) -> None:
        card = LayerCard(self)
        card.remedy_chosen.connect(self.remedy_chosen)
        card.fit_wanted.connect(self.fit_wanted)
        self.cards.append(card)
        card.show()
        for above in (self.editor, self._ghost, self._line):
            above.raise_()

    def _remove_last(self) -> None:
        card = self.cards.pop()
        card.hide()
        card.deleteLater()

    def _start_drag(self) -> None:
        assert self._pressed is not None
        position, place = self._pressed
        card = self.cards[position]
        self._ghost.carry(card.picture(), place - card.pos())
        card.show_dragged(True)
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def _drag_to(self, place: QPoint) -> None:
        """Show where the dragged thing would land if dropped at a place of the column."""
        self._ghost.follow(place)
        layers = range(1, len(self.cards) - 1)
        gap = 1 + sum(place.y() > self.cards[position].geometry().center().y() for position in layers)
        start = self._pressed[0] if self._pressed else None
        stays = start is not None and gap in (start, start + 1)
        self._drop_position = gap if start is None or gap <= start else gap - 1
        above, below = self.cards[gap - 1].geometry(), self.cards[gap].geometry()
        self._line.show_at(None if stays else (above.bottom() + below.top() + 1) // 2)
        self.drag_moved.emit()

    def _end_drag(self) -> None:
        if self._pressed and self._pressed[0] < len(self.cards):
            self.cards[self._pressed[0]].show_dragged(False)
        self._pressed = None
        self._drop_position = None
        self._ghost.hide()
        self._line.show_at(None)
        self.unsetCursor()
        self.drag_ended.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember the card that may be clicked or dragged."""
        position = self.position_at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or position is None:
            super().mousePressEvent(event)
            return
        self._pressed = (position, event.position().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the pressed card once the pointer has left its place."""
        if self._pressed is None:
            return
        position, start = self._pressed
        place = event.position().toPoint()
        self._pointer = event.globalPosition().toPoint()
        if not self.is_dragging:
            far = (place - start).manhattanLength() >= QApplication.startDragDistance()
            if not far or not 0 < position < len(self.cards) - 1:
                return
            self._start_drag()
        self._drag_to(place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drop the dragged card, or count the press as a click."""
        if self._pressed is None or event.button() != Qt.MouseButton.LeftButton:
            return
        start = self._pressed[0]
        end, dragged = self.drop_position, self.is_dragging
        self.cancel_drag()
        if dragged and end is not None:
            self.card_moved.emit(start, end)
        elif not dragged:
            self.card_clicked.emit(start)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome an entry of the palette."""
        if carried_kind(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where the layer would be inserted."""
        if carried_kind(event.mimeData()):
            place = event.position().toPoint()
            self._pointer = self.mapToGlobal(place)
            self._drag_to(place)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Forget a drag that went elsewhere."""
        self.cancel_drag()

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for a layer where the entry was dropped."""
        kind = carried_kind(event.mimeData())
        if not kind:
            return
        self._drag_to(event.position().toPoint())
        position = self._drop_position
        self.cancel_drag()
        event.acceptProposedAction()
        if position is not None:
            self.kind_dropped.emit(kind, position)

    def event(self, event: QEvent) -> bool:
        """Ask for another height when the editor has changed its own."""
        if event.type() == QEvent.Type.LayoutRequest and self.editor.sizeHint().height() != self._editor_height:
            self.fit_wanted.emit()  # only then: fitting asks for a layout itself, and would never come to rest
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Join the cards by the line along which the data flows."""
        painter = QPainter(self)
        painter.setPen(QPen(theme.current().border, 2))
        x = MARGIN + 21
        for above, below in zip(self.cards, self.cards[1:], strict=False):
            painter.drawLine(x, above.geometry().bottom(), x, below.geometry().top())


def mime_of(kind: str) -> QMimeData:
    """Return what a drag of a layer kind carries."""
    mime = QMimeData()
    mime.setData(LAYER_KIND, kind.encode())
    return mime


def carried_kind(mime: QMimeData) -> str:
    """Return the layer kind that a drag carries; empty when it carries something else."""
    return mime.data(LAYER_KIND).toStdString()
