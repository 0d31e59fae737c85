"""All kernels of a layer: a row for each filter, a column for each input channel."""

from __future__ import annotations

import logging

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from convscope.ui import theme
from convscope.ui.painting import pixel_ratio, square_pen
from convscope.ui.widgets.kernel_picture import KernelPicture, heads, number_width, small
from convscope.ui.widgets.kernel_places import GAP, SMALLEST_KERNEL, KernelPlaces, Spot, fitted, rows_of_numbers
from convscope.ui.widgets.kernel_values import KernelValues
from convscope.ui.widgets.mosaic_text import draw_sentence

log = logging.getLogger(__name__)


class KernelTable(QAbstractScrollArea):
    """Shows kernels as coloured squares, with their gradients beside them where there are any.

    The kernels are as large as the room allows; where they would be too small to be told apart, the table is scrolled
    under headings that stay. The arrow keys choose a kernel, Enter opens it.

    Signals:
        kernel_chosen: The user wants to see this filter's kernel for this input channel.
        caption_changed: `caption()` tells something new.
    """

    kernel_chosen = Signal(int, int)
    caption_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("kernel_table")
        self.setAccessibleName("Kernels")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self._values: KernelValues | None = None
        self._places: KernelPlaces | None = None
        self._message = ""
        self._failure = ""
        self._hovered: Spot | None = None
        self._selected = (0, 0)  # filter and channel
        self._picture: QImage | None = None
        self.horizontalScrollBar().valueChanged.connect(self._redraw)
        self.verticalScrollBar().valueChanged.connect(self._redraw)

    @property
    def values(self) -> KernelValues | None:
        """What is shown; None while there is a message instead."""
        return self._values

    @property
    def hovered(self) -> Spot | None:
        """The weight under the pointer."""
        return self._hovered

    @property
    def selected(self) -> tuple[int, int]:
        """Filter and channel of the kernel that the keys move, and that was clicked last."""
        return self._selected

    @property
    def message(self) -> str:
        """The sentence in the place of kernels; empty while there are some."""
        return self._message

    def show_kernels(self, values: KernelValues) -> None:
        """Show the kernels of a layer."""
        if self._values is None or values.shape != self._values.shape:
            self._selected, self._hovered, self._failure = (0, 0), None, ""
        self._values, self._message = values, ""
        self.setAccessibleDescription(values.summary())
        self._place()
        self._redraw()

    def show_message(self, text: str) -> None:
        """Show a sentence in the place of kernels."""
        self._values, self._places, self._message, self._hovered = None, None, text, None
        self.setAccessibleDescription(text)
        self._place()
        self._redraw()

    def select(self, number: int, channel: int) -> None:
        """Choose a kernel, and scroll as little as shows all of it."""
        if self._values is None or self._places is None:
            return
        self._selected = (number, channel)
        box, head = self._places.kernel_box(number, channel), self._places.head
        box.setRight(box.left() + self._places.step[0])
        room = self.viewport().size()
        for bar, first, last, free, fixed in (
            (self.horizontalScrollBar(), box.left(), box.right(), room.width(), head[0] + GAP),
            (self.verticalScrollBar(), box.top(), box.bottom(), room.height(), head[1] + GAP),
        ):
            bar.setValue(min(max(bar.value(), last + 2 - free), first - fixed))
        self.setAccessibleDescription(self._values.kernel_name(number, channel))
        self.viewport().update()
        self.caption_changed.emit()

    def caption(self) -> str:
        """Return what is to be said of the weight under the pointer, else of the selected kernel or of all."""
        if self._values is None:
            return ""
        if self._hovered is not None:
            return self._values.described(self._hovered)
        if self.hasFocus() and not self._values.row_names:
            return f"{self._values.kernel_name(*self._selected)}; Enter opens it."
        return self._values.summary()

    def spot_at(self, point: QPoint) -> Spot | None:
        """Return the weight at a point of the viewport."""
        there = self._in_table(point)
        return None if there is None or self._places is None else self._places.find(there.x(), there.y())

    def cell_rect(self, spot: Spot) -> QRect:
        """Return where a weight lies in the viewport; empty while there is a message."""
        return QRect() if self._places is None else self._places.cell_box(spot).translated(-self._origin)

    @property
    def _origin(self) -> QPoint:
        return QPoint(self.horizontalScrollBar().value(), self.verticalScrollBar().value())

    def _in_table(self, point: QPoint) -> QPoint | None:
        """Return the place of the table at a point of the viewport, None under the headings."""
        if self._places is None or point.y() < self._places.head[1]:
            return None
        return None if self._places.across == 1 and point.x() < self._places.head[0] else point + self._origin

    def _place(self) -> None:
        """Fit the table into the room there is, or let it be scrolled."""
        if self._values is None:
            size = QSize(0, 0)
        else:
            room, bar = self.maximumViewportSize(), self.verticalScrollBar().sizeHint().width()
            self._places = self._fitted(self._values, (room.width(), room.height()), bar)
            size = QSize(*self._places.size)
        room = self.viewport().size()
        for scroll, whole, seen in (
            (self.horizontalScrollBar(), size.width(), room.width()),
            (self.verticalScrollBar(), size.height(), room.height()),
        ):
            scroll.setRange(0, max(0, whole - seen))
            scroll.setPageStep(seen)
            scroll.setSingleStep(1 if self._places is None else self._places.step[1])

    def _fitted(self, values: KernelValues, room: tuple[int, int], bar: int) -> KernelPlaces:
        head = heads(values, self.font())
        if values.row_names:
            return rows_of_numbers(values.shape, head, room, bar, number_width(QFontMetrics(small(self.font()))))
        return fitted(values.shape, len(values.arrays), head, room, bar, self._smallest(max(values.shape[2:])))

    def _smallest(self, side: int) -> int:
        """Return the side of a kernel of `side` × `side` weights below which the table is scrolled."""
        return SMALLEST_KERNEL

    def _redraw(self) -> None:
        self._picture = None
        self.viewport().update()

    def _paint(self, painter: QPainter) -> None:
        if self._values is None or self._places is None:
            draw_sentence(painter, QRectF(self.viewport().rect()), self._message, theme.current().muted)
            return
        ratio = self.devicePixelRatioF()
        picture = KernelPicture(self._values, self._places, QRect(self._origin, self.viewport().size()), self.font())
        if self._picture is None or self._picture.devicePixelRatio() != ratio:
            self._picture = picture.image(ratio)
        if pixel_ratio(painter) == ratio:
            painter.drawImage(0, 0, self._picture)
        else:
            picture.paint(painter)
        painter.setClipRect(self.viewport().rect().adjusted(self._stays_left, self._places.head[1] - 2, 0, 0))
        if self.hasFocus() and not self._values.row_names:
            self._draw_ring(painter, self._kernel_rect(*self._selected), 3)
        if self._hovered is not None:
            self._draw_ring(painter, self._kernel_rect(self._hovered.filter, self._hovered.channel), 1)
            self._draw_ring(painter, self.cell_rect(self._hovered), 2)

    @property
    def _stays_left(self) -> int:
        return self._places.head[0] - 2 if self._places is not None and self._places.across == 1 else 0

    def _kernel_rect(self, number: int, channel: int) -> QRect:
        assert self._places is not None
        last = self._places.kernel_box(number, channel, self._places.parts - 1)
        return self._places.kernel_box(number, channel).united(last).translated(-self._origin)

    def _draw_ring(self, painter: QPainter, box: QRect, width: int) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(square_pen(theme.current().accent, width))
        painter.drawRect(QRectF(box).adjusted(-1, -1, 1, 1))

    def _hover(self, spot: Spot | None) -> None:
        if spot != self._hovered:
            self._hovered = spot
            self.caption_changed.emit()
            self.viewport().update()

    def sizeHint(self) -> QSize:
        """Return a size at which the kernels of a usual layer can be told apart."""
        return QSize(480, 260)

    def minimumSizeHint(self) -> QSize:
        """Return the least size that still shows something."""
        return QSize(120, 40)

    def changeEvent(self, event: QEvent) -> None:
        """Redraw in the new theme or font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._place()
            self._redraw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the kernels into the new size."""
        self._place()
        self._redraw()

    def focusInEvent(self, event: QEvent) -> None:
        """Show which kernel the keys move."""
        self.viewport().update()
        self.caption_changed.emit()

    def focusOutEvent(self, event: QEvent) -> None:
        """Hide it again."""
        self.viewport().update()
        self.caption_changed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the value under the pointer."""
        self._hover(self.spot_at(event.position().toPoint()))

    def viewportEvent(self, event: QEvent) -> bool:
        """Forget the value under the pointer when that leaves."""
        if event.type() == QEvent.Type.Leave:
            self._hover(None)
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the kernel under the pointer."""
        there = self._in_table(event.position().toPoint())
        kernel = None if there is None or self._places is None else self._places.find_kernel(there.x(), there.y())
        if event.button() != Qt.MouseButton.LeftButton or kernel is None:
            event.ignore()
            return
        self.select(*kernel)
        self._open()

    def _open(self) -> None:
        if self._values is not None and not self._values.row_names:
            self.kernel_chosen.emit(*self._selected)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose a kernel, Enter and Space open it."""
        if self._values is None or self._places is None:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._open()
        elif (target := self._target(event.key())) is not None:
            self._hover(None)
            self.select(*target)
        else:
            super().keyPressEvent(event)

    def _target(self, key: int) -> tuple[int, int] | None:
        """Return the kernel that a key leads to."""
        assert self._places is not None
        (filters, channels, *_), (number, channel), across = self._places.shape, self._selected, self._places.across
        down = {Qt.Key.Key_Up: -across, Qt.Key.Key_Down: across}
        aside = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if key in down:
            target = number + down[Qt.Key(key)]
            return (target, channel) if 0 <= target < filters else self._selected
        if key in aside:
            place = number % across * channels + channel + aside[Qt.Key(key)]  # along a line of filters
            target = number - number % across + place // channels
            inside = 0 <= place < across * channels and target < filters
            return (target, place % channels) if inside else self._selected
        return {Qt.Key.Key_Home: (0, 0), Qt.Key.Key_End: (filters - 1, channels - 1)}.get(Qt.Key(key))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the table, or once and for all why it cannot be drawn: an exception here would repeat forever."""
        painter = QPainter(self.viewport())
        if not self._failure:
            try:
                self._paint(painter)
            except Exception as error:
                log.exception("The kernels could not be drawn and are switched off")
                self._failure = f"This view failed and is off until another layer is selected: {error!r}"
        if self._failure:
            painter.fillRect(self.viewport().rect(), theme.current().base)
            draw_sentence(painter, QRectF(self.viewport().rect()), self._failure, theme.current().error)
        painter.end()
