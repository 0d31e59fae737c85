"""The palette of layer kinds: a list that opens at a button, is searched by typing, clicked or dragged from."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QAction, QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidgetItem, QVBoxLayout, QWidget

from convscope.core.layers import LAYER_KINDS
from convscope.ui import icons
from convscope.ui.widgets.palette_list import ENTRY, PaletteList

MARGIN = 8


@dataclass(frozen=True)
class PaletteEntry:
    """One layer kind as the palette shows it."""

    kind: str
    title: str
    group: str
    help: str

    def matches(self, words: str) -> bool:
        """Say whether every word occurs in the title, the group or the help."""
        text = f"{self.title} {self.group} {self.help}".lower()
        return all(word in text for word in words.lower().split())


def palette_entries() -> tuple[PaletteEntry, ...]:
    """Return an entry for every kind of layer, in the order of the palette."""
    return tuple(PaletteEntry(layer.kind, layer.title, layer.group, layer.help) for layer in LAYER_KINDS.values())


class LayerPalette(QFrame):
    """A popup that offers every kind of layer under the heading of its group.

    Signals:
        kind_chosen(str): A kind was clicked, or Enter was pressed on it.
        closed(): The palette is no longer seen, for whatever reason.
    """

    kind_chosen = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("layer_palette")
        self.setAccessibleName("Kinds of layers")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search layers")
        self.search.setAccessibleName("Search layers")
        self.search.setClearButtonEnabled(True)
        self.search.addAction(QAction(icons.icon("zoom"), "", self), QLineEdit.ActionPosition.LeadingPosition)
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self.list = PaletteList(self)
        self.list.itemClicked.connect(self._choose)
        self.list.drag_started.connect(self.hide)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        layout.setSpacing(MARGIN)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        self._fill()

    def open_beside(self, place: QRect) -> None:
        """Open below a rectangle of the screen, or wherever there is room for the whole palette."""
        self.search.clear()
        self._filter("")
        screen = self.screen().availableGeometry()
        width = min(self.list.full_width(), screen.width() - 2 * MARGIN)
        self.list.wrap_at(width)
        height = self.list.full_height() + self.search.sizeHint().height() + 3 * MARGIN
        self.resize(width + 2 * MARGIN + 2, min(height + 2, screen.height()))
        corner = place.bottomLeft() + QPoint(0, 2)
        corner.setX(max(screen.left(), min(corner.x(), screen.right() - self.width())))
        corner.setY(max(screen.top(), min(corner.y(), screen.bottom() - self.height())))
        self.move(corner)
        self.show()
        self.search.setFocus(Qt.FocusReason.PopupFocusReason)

    def _fill(self) -> None:
        group = ""
        for entry in palette_entries():
            if entry.group != group:
                group = entry.group
                self.list.add_heading(group)
            self.list.add_entry(entry.kind, entry.title, entry.help)
        self._entries = {entry.kind: entry for entry in palette_entries()}

    def _filter(self, words: str) -> None:
        """Show the entries that match, under the headings that are still needed."""
        heading: QListWidgetItem | None = None
        matches: list[QListWidgetItem] = []
        for item in self.list.rows():
            kind = item.data(ENTRY)
            if not kind:
                heading = item
                item.setHidden(True)
                continue
            item.setHidden(not self._entries[kind].matches(words))
            if not item.isHidden():
                matches.append(item)
                if heading is not None:
                    heading.setHidden(False)
        matches.sort(key=lambda item: not item.text().lower().startswith(words.lower()))  # a title before a help
        self.list.scrollToTop()
        self.list.setCurrentRow(self.list.row(matches[0]) if matches else -1)

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(ENTRY):
            self.hide()
            self.kind_chosen.emit(item.data(ENTRY))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the search field move along the list and choose from it."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.list.step(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentItem())
        elif event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            return False
        return True

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell that the palette is closed."""
        super().hideEvent(event)
        self.closed.emit()
