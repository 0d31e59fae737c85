"""The rows of the layer palette: headings, and entries with icon, title and a line of help that can be dragged."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDrag, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from convscope.ui import icons, theme
from convscope.ui.widgets.layer_column import mime_of

ENTRY = Qt.ItemDataRole.UserRole  # the kind; None in a heading
HELP = Qt.ItemDataRole.UserRole + 1
ICON = 22
PAD = 5
SCROLL_BAR = 14

Index = QModelIndex | QPersistentModelIndex


class PaletteList(QListWidget):
    """Lists layer kinds; an entry can be dragged onto a stack.

    Signals:
        drag_started(): An entry is being dragged, and the list should get out of the way.
    """

    drag_started = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Kinds of layers")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setItemDelegate(_RowDelegate(self))
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys go to the search field
        self.text_width = 300
        self.itemEntered.connect(self._point_at)

    def add_heading(self, text: str) -> None:
        """Append the heading of a group."""
        item = QListWidgetItem(text, self)
        item.setFlags(Qt.ItemFlag.NoItemFlags)

    def add_entry(self, kind: str, title: str, help_line: str) -> None:
        """Append a layer kind."""
        item = QListWidgetItem(title, self)
        item.setData(ENTRY, kind)
        item.setData(HELP, help_line)
        item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, help_line)

    def rows(self) -> list[QListWidgetItem]:
        """Return headings and entries in their order."""
        return [self.item(row) for row in range(self.count())]

    def shown_kinds(self) -> list[str]:
        """Return the kinds that are not filtered out."""
        return [item.data(ENTRY) for item in self.rows() if item.data(ENTRY) and not item.isHidden()]

    def full_width(self) -> int:
        """Return the width that shows every help in one line."""
        _, text = _fonts(self.font())
        helps = [QFontMetrics(text).horizontalAdvance(item.data(HELP)) for item in self.rows() if item.data(ENTRY)]
        return max(helps, default=0) + ICON + 3 * PAD + SCROLL_BAR

    def wrap_at(self, width: int) -> None:
        """Break helps that are longer than a list of this width can show."""
        self.text_width = width - ICON - 3 * PAD - SCROLL_BAR
        self.doItemsLayout()

    def full_height(self) -> int:
        """Return the height that shows every row without scrolling."""
        return sum(self.sizeHintForRow(row) for row in range(self.count()) if not self.item(row).isHidden()) + 4

    def step(self, by: int) -> None:
        """Move the current entry up or down past headings and hidden rows."""
        entries = [item for item in self.rows() if item.data(ENTRY) and not item.isHidden()]
        if entries:
            current = self.currentItem()
            row = entries.index(current) + by if current in entries else 0
            self.setCurrentItem(entries[max(0, min(row, len(entries) - 1))])

    def _point_at(self, item: QListWidgetItem) -> None:
        if item.data(ENTRY):
            self.setCurrentItem(item)

    def startDrag(self, supportedActions: Qt.DropAction) -> None:  # noqa: N803 (Qt's name)
        """Carry the current entry to wherever it is dropped."""
        item = self.currentItem()
        if item is None or not item.data(ENTRY):
            return
        drag = QDrag(self)
        drag.setMimeData(mime_of(item.data(ENTRY)))
        picture = self.viewport().grab(self.visualItemRect(item))
        drag.setPixmap(picture)
        QTimer.singleShot(0, self, self.drag_started.emit)  # the drag must begin before its origin may be hidden
        drag.exec(Qt.DropAction.CopyAction)


class _RowDelegate(QStyledItemDelegate):
    """Draws a heading, or an icon with a title above its help."""

    def __init__(self, parent: PaletteList) -> None:
        super().__init__(parent)
        self._list = parent

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        _, text = _fonts(option.font)
        text.setWeight(QFont.Weight.DemiBold)
        painter.setFont(text)
        painter.setPen(theme.current().muted)
        row = option.rect.adjusted(PAD, 0, -PAD, 0)
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, index.data())
        painter.setPen(theme.current().border)
        start = row.left() + QFontMetrics(text).horizontalAdvance(index.data()) + PAD
        painter.drawLine(start, row.center().y(), row.right(), row.center().y())

    def _paint_entry(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours = theme.current()
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colours.accent)
            painter.drawRoundedRect(option.rect, 6, 6)
        ink = colours.on_accent if selected else colours.text
        title, text = _fonts(option.font)
        place = option.rect.adjusted(PAD, PAD, -PAD, -PAD)
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(place.topLeft(), icons.pixmap(index.data(ENTRY), ICON, ink, ratio))
        place.setLeft(place.left() + ICON + PAD)
        painter.setFont(title)
        painter.setPen(ink)
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, index.data())
        painter.setFont(text)
        painter.setPen(ink if selected else colours.muted)
        place.setTop(place.top() + QFontMetrics(title).height())
        place.setWidth(self._list.text_width)
        painter.drawText(place, Qt.TextFlag.TextWordWrap, index.data(HELP))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Give a heading one line, and an entry as many as its help takes."""
        title, text = _fonts(option.font)
        if index.data(ENTRY) is None:
            return QSize(0, QFontMetrics(text).height() + 2 * PAD)
        room = QRect(0, 0, self._list.text_width, 10_000)
        lines = QFontMetrics(text).boundingRect(room, Qt.TextFlag.TextWordWrap, index.data(HELP))
        return QSize(0, QFontMetrics(title).height() + lines.height() + 2 * PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.data(ENTRY) is None:
            self._paint_heading(painter, option, index)
        else:
            self._paint_entry(painter, option, index)
        painter.restore()


def _fonts(font: QFont) -> tuple[QFont, QFont]:
    """Return the fonts of a title and of what stands below it."""
    title, text = QFont(font), QFont(font)
    title.setWeight(QFont.Weight.DemiBold)
    text.setPointSizeF(max(9.0, font.pointSizeF() - 1))
    return title, text
