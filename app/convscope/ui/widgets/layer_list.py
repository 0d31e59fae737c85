"""The scrolling list of a network's layers, one card each; the selected card opens and is edited in place."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QWidget

from convscope.core.settings import Described
from convscope.ui.widgets.card_data import CardData
from convscope.ui.widgets.layer_card import LayerCard
from convscope.ui.widgets.layer_column import CardColumn

EDGE = 36  # near the upper and lower edge, in pixels, a drag scrolls the list
TICK = 16  # milliseconds


class LayerList(QScrollArea):
    """Shows the cards of a network and turns clicks, drags and keys into wishes.

    Layers are counted from 0, and −1 is the input. Keys: Up and Down select, with Ctrl or Alt they move the layer;
    Home and End select the first and the last one; Enter goes to its settings and Esc comes back; Space switches it
    off, Delete removes it, Ctrl+D copies it, Insert and + add one.

    Signals:
        layer_selected(int): A card was clicked or reached by the keyboard.
        layer_moved(int, int): The first layer shall stand at the second place.
        layer_removed(int): The layer shall go.
        layer_duplicated(int): The layer shall stand there twice.
        layer_toggled(int): The layer shall be switched off, or on again.
        layer_wanted(): A layer shall be added behind the selected one.
        kind_dropped(str, int): A layer of this kind shall stand at this place.
        setting_changed(int, str, object): A setting of the layer shall have this value.
        remedy_chosen(int): The remedy of this number shall be applied.
    """

    layer_selected = Signal(int)
    layer_moved = Signal(int, int)
    layer_removed = Signal(int)
    layer_duplicated = Signal(int)
    layer_toggled = Signal(int)
    layer_wanted = Signal()
    kind_dropped = Signal(str, int)
    setting_changed = Signal(int, str, object)
    remedy_chosen = Signal(int)

    def __init__(self, tools: Sequence[QAction] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("layer_list")
        self.setAccessibleName("Layers")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._tools = tools
        self._selected = -1
        self.column = CardColumn(tools, self)
        self.editor = self.column.editor
        self.setWidget(self.column)
        self.viewport().setAutoFillBackground(False)
        self.column.setAutoFillBackground(False)
        self.editor.hide()
        self._scroller = QTimer(self, interval=TICK)
        self._connect()

    def show_stack(self, cards: Sequence[CardData], selected: int, layer: Described | None) -> None:
        """Show the cards of a network from input to output.

        Args:
            cards: As `cards_of` makes them.
            selected: The selected layer; −1 for the input.
            layer: Its settings; None for the input.
        """
        moved = selected != self._selected or len(cards) != len(self.column.cards)
        top = self._top_of(selected)
        height = self.card(selected).height() if top is not None else 0
        self._selected = selected
        self.column.show_cards(cards, selected + 1)
        if layer is not None:
            self.editor.show_layer(layer, cards[selected + 1])
        self.column.open_card(selected + 1 if layer is not None else None)
        self._fit()
        if moved or self.card(selected).height() != height:
            self._keep_in_view(top)

    def show_card(self, index: int) -> None:
        """Scroll as little as shows all of a layer's card, or of the output's."""
        card, bar = self.card(index).geometry(), self.verticalScrollBar()
        margin = 2 * self.column.cards[0].y()
        bar.setValue(max(bar.value(), card.bottom() + margin - self.viewport().height()))
        bar.setValue(min(bar.value(), card.top() - margin))

    def card(self, index: int) -> LayerCard:
        """Return the card of a layer; −1 is the input, the number of layers the output."""
        return self.column.cards[index + 1]

    @property
    def selected(self) -> int:
        """The layer shown as selected; −1 is the input."""
        return self._selected

    @property
    def layer_count(self) -> int:
        """How many layers are shown."""
        return max(len(self.column.cards) - 2, 0)

    def focus_settings(self) -> None:
        """Put the cursor into the first setting of the selected layer."""
        if self.editor.isVisible():
            self.editor.form.focus_first()

    def _connect(self) -> None:
        column = self.column
        column.card_clicked.connect(self._click)
        column.card_moved.connect(lambda start, end: self.layer_moved.emit(start - 1, end - 1))
        column.kind_dropped.connect(lambda kind, position: self.kind_dropped.emit(kind, position - 1))
        column.remedy_chosen.connect(self.remedy_chosen)
        column.fit_wanted.connect(self._fit)
        column.drag_moved.connect(self._scroller.start)
        column.drag_ended.connect(self._scroller.stop)
        self.editor.setting_changed.connect(lambda name, value: self.setting_changed.emit(self._selected, name, value))
        self._scroller.timeout.connect(self._scroll_while_dragging)

    def _click(self, position: int) -> None:
        if position <= self.layer_count and position - 1 != self._selected:
            self.layer_selected.emit(position - 1)

    def _top_of(self, index: int) -> int | None:
        if index + 1 >= len(self.column.cards):
            return None
        return self.card(index).y() - self.verticalScrollBar().value()

    def _keep_in_view(self, top: int | None = None) -> None:
        """Leave the card that was clicked below the pointer, and scroll as little as shows all of it."""
        if top is not None:
            self.verticalScrollBar().setValue(self.card(self._selected).y() - top)
        self.show_card(self._selected)

    def _is_seen(self, height: int) -> bool:
        """Say whether the whole selected card lies in the uppermost `height` pixels of what is shown."""
        card, top = self.card(self._selected).geometry(), self.verticalScrollBar().value()
        return card.top() >= top and card.bottom() <= top + height

    def _fit(self) -> None:
        """Place all cards for the width beside the scroll bar, which comes a frame late: no card may jump then."""
        height = self.column.fit(self.width() - self.verticalScrollBar().sizeHint().width())
        self.column.resize(self.viewport().width(), max(height, self.viewport().height()))

    def _scroll_while_dragging(self) -> None:
        y = self.viewport().mapFromGlobal(self.column.pointer()).y()
        beyond = min(y - EDGE, 0) or max(y - self.viewport().height() + EDGE, 0)
        if beyond:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + max(-EDGE, min(beyond, EDGE)) // 2)
            self.column.drag_again()

    def _move_selected(self, by: int) -> None:
        target = self._selected + by
        if self._selected >= 0 and 0 <= target < self.layer_count:
            self.layer_moved.emit(self._selected, target)

    def _select(self, target: int) -> None:
        target = max(-1, min(target, self.layer_count - 1))
        if target != self._selected:
            self.layer_selected.emit(target)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the class's text says of keys."""
        moving = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and (moving or self.hasFocus()):
            by = -1 if event.key() == Qt.Key.Key_Up else 1
            if moving:
                self._move_selected(by)
            else:
                self._select(self._selected + by)
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and self.hasFocus():
            self._select(0 if event.key() == Qt.Key.Key_Home else self.layer_count - 1)
        elif event.key() == Qt.Key.Key_Escape:
            self._escape(event)
        elif not self._change_by_key(event):
            super().keyPressEvent(event)

    def _escape(self, event: QKeyEvent) -> None:
        """Give up a drag, or come back from the settings to the list."""
        if self.column.is_dragging:
            self.column.cancel_drag()
        elif not self.hasFocus():
            self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            event.ignore()

    def _change_by_key(self, event: QKeyEvent) -> bool:
        """Apply a key that changes the selected layer; return whether it did."""
        key, selected = event.key(), self._selected
        if key == Qt.Key.Key_Insert or event.text() == "+":
            self.layer_wanted.emit()
            return True
        if not self.hasFocus() or selected < 0:  # a key that a setting had no use for must not remove the layer
            return False
        copies = key == Qt.Key.Key_D and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.layer_removed.emit(selected)
        elif copies:
            self.layer_duplicated.emit(selected)
        elif key == Qt.Key.Key_Space:
            self.layer_toggled.emit(selected)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.focus_settings()
        else:
            return False
        return True

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer the tools for the layer below the pointer."""
        position = self.column.position_at(self.column.mapFromGlobal(event.globalPos()))
        if position is None or not 0 < position <= self.layer_count or not self._tools:
            return
        self._click(position)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self._tools)
        menu.popup(event.globalPos() + QPoint(1, 1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the cards to another width without an unfinished frame in between."""
        super().resizeEvent(event)
        seen = bool(self.column.cards) and self._is_seen(event.oldSize().height())
        self._fit()
        if seen:
            self._keep_in_view()

    def showEvent(self, event: QShowEvent) -> None:
        """Fit the cards to a width that was only promised while nothing was visible."""
        super().showEvent(event)
        self._fit()
        if self.column.cards:
            self._keep_in_view()

    def hideEvent(self, event: QHideEvent) -> None:
        """Give up a drag and leave no timer behind."""
        self.column.cancel_drag()
        self._scroller.stop()
        super().hideEvent(event)
