"""A breakdown on the screen: its blocks in one scrolling picture, and below it the result that they come to."""

from __future__ import annotations

import logging
from bisect import bisect_right
from itertools import accumulate

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QWidget

from convscope.core.unit import Unit
from convscope.ui import theme
from convscope.ui.widgets.breakdown_block import CENTRE, Block, Spot, write
from convscope.ui.widgets.breakdown_products_places import numbers_widths
from convscope.ui.widgets.breakdown_sheet import Sheet
from convscope.ui.widgets.number_grid import Look, paint_ring
from convscope.ui.widgets.number_text import usual_cell_texts
from convscope.ui.widgets.texts_ahead import TextsAhead

log = logging.getLogger(__name__)

_MARGIN = 6.0
_PROBE = 5.0  # pixels from one look for the next cell to the other: less than any cell that has a number
_STEPS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class BreakdownView(QAbstractScrollArea):
    """Paints the blocks of a sheet, only those that can be seen; Shift and the arrow keys go from cell to cell.

    Signals:
        value_hovered: The pointer is over a value of the network, a `Unit`, or over none.
        value_chosen: The user wants this `Unit` taken apart.
        readout_changed: `readout` says something new.
    """

    value_hovered = Signal(object)
    value_chosen = Signal(object)
    readout_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("breakdown_view")
        self.setAccessibleName("How the value was made")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(24)
        self._sheet: Sheet | None = None
        self._message = self._failure = ""
        self._tops: list[float] = [0.0]
        self._look: Look | None = None
        self._ahead = TextsAhead(self)
        self._opened = False
        self._spot: tuple[int, Spot] | None = None
        self._hovered: Unit | None = None

    @property
    def readout(self) -> str:
        """What is said of the cell under the pointer; empty over none."""
        return self._spot[1].text if self._spot is not None else ""

    @property
    def sheet(self) -> Sheet | None:
        """What is shown; None while there is a message instead."""
        return self._sheet

    @property
    def opened(self) -> bool:
        """Whether long lists are shown in full."""
        return self._opened

    def widths_for(self, columns: int) -> list[int]:
        """Return the widths from which kernels of so many columns have their numbers, the roomiest way first."""
        look = self._look or Look.of(self.font())
        return [round(width + self._beside + 1) for width in numbers_widths(columns, look)]

    def show_sheet(self, sheet: Sheet) -> None:
        """Show a breakdown; one of the same kind as before keeps its place."""
        kept = self._sheet is not None and self._sheet.kind == sheet.kind
        if not kept:
            self._opened = False
        self._sheet, self._message, self._failure = sheet, "", ""
        self.setAccessibleDescription(f"{sheet.result}. {sheet.exactness}")
        self._fit()
        if not kept:
            self.verticalScrollBar().setValue(0)
        if self._spot is not None:
            self._point(self._found_again(self._spot))
        if self._look is not None and self.isVisible():
            self._ahead.begin(self._look.texts(self._look.small), usual_cell_texts())

    def show_message(self, text: str) -> None:
        """Show a sentence in the place of a breakdown."""
        self._sheet, self._message, self._failure = None, text, ""
        self.setAccessibleDescription(text)
        self._point(None)
        self._fit()

    def show_hovered(self, unit: Unit | None) -> None:
        """Ring a value that is pointed at anywhere in the window."""
        if unit != self._hovered:
            self._hovered = unit
            self.viewport().update()

    def spot_at(self, point: QPointF) -> Spot | None:
        """Return what lies at a point of the viewport."""
        found = self._find(point + self._scrolled())
        return found[1] if found is not None else None

    def boxes(self, unit: Unit) -> list[QRectF]:
        """Return where a value of the network is shown, in the viewport."""
        return [box.translated(-self._scrolled()) for box in self._boxes(unit)]

    @property
    def _blocks(self) -> tuple[Block, ...]:
        return self._sheet.blocks if self._sheet is not None else ()

    @property
    def _beside(self) -> float:
        """What the blocks leave of the width."""
        return self.verticalScrollBar().sizeHint().width() + 2 * _MARGIN

    def _scrolled(self) -> QPointF:
        """Return which point of the picture is the viewport's corner."""
        return QPointF(-_MARGIN, self.verticalScrollBar().value() - _MARGIN)

    def _fit(self) -> None:
        """Arrange the blocks for the present width; the scroll bar's place is always left free, so it changes none."""
        ratio, room = self.devicePixelRatioF(), self.viewport().height() - 2 * _MARGIN
        look = self._look
        if look is None or (look.ratio, look.opened, look.room) != (ratio, self._opened, room):
            self._look = look = Look.of(self.font(), ratio, opened=self._opened, room=room)
        for block in self._blocks:
            block.fit(look, max(self.width() - self._beside, 40.0))
        self._tops = [0.0, *accumulate(block.height for block in self._blocks)]
        height = self.viewport().height()
        self.verticalScrollBar().setPageStep(height)
        self.verticalScrollBar().setRange(0, max(0, round(self._tops[-1] + 2 * _MARGIN - height)))
        self.viewport().update()

    def _find(self, point: QPointF) -> tuple[int, Spot] | None:
        """Return the block at a point of the picture and what lies there."""
        number = bisect_right(self._tops, point.y()) - 1
        if not 0 <= number < len(self._blocks):
            return None
        spot = self._blocks[number].find(point - QPointF(0, self._tops[number]))
        return (number, spot) if spot is not None else None

    def _found_again(self, pointed: tuple[int, Spot]) -> tuple[int, Spot] | None:
        number, spot = pointed
        if number >= len(self._blocks):
            return None
        return self._find(spot.boxes[0].center() + QPointF(0, self._tops[number]))

    def _moved(self, spot: Spot) -> tuple[int, Spot] | None:
        """Return where something is now that the blocks have another arrangement."""
        boxes = self._boxes(spot.unit) if spot.unit is not None else []
        return self._find(boxes[0].center()) if boxes else None

    def _boxes(self, unit: Unit) -> list[QRectF]:
        return [
            box.translated(0, top)
            for block, top in zip(self._blocks, self._tops, strict=False)
            for box in block.boxes(unit)
        ]

    def _point(self, pointed: tuple[int, Spot] | None) -> None:
        old = self._spot
        if pointed == old:
            return
        self._spot = pointed
        unit = pointed[1].unit if pointed is not None else None
        wish = pointed[1].wish if pointed is not None else ""
        shape = Qt.CursorShape.PointingHandCursor if wish else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        if unit != (old[1].unit if old is not None else None):
            self.value_hovered.emit(unit)
        self.readout_changed.emit()
        self.viewport().update()

    def _follow(self, spot: Spot) -> None:
        """Do what a click on something asks for."""
        if spot.wish == "open":
            self._opened = not self._opened
            self._fit()
            self._point(None)
        elif spot.wish == "pin":
            self.value_chosen.emit(spot.unit)

    def _step(self, way: tuple[int, int]) -> None:
        """Go to the next cell in a direction; the first step goes to the first cell that can be seen."""
        if self._spot is None:
            found = self._first_seen()
        else:
            number, spot = self._spot
            box = spot.boxes[0].translated(0, self._tops[number])
            found = self._next(box, way)
        if found is not None:
            self._point(found)
            self._scroll_to(found[1].boxes[0].translated(0, self._tops[found[0]]))

    def _first_seen(self) -> tuple[int, Spot] | None:
        corner = self._scrolled()
        for y in range(0, self.viewport().height(), int(_PROBE)):
            for x in range(0, self.viewport().width(), int(_PROBE)):
                found = self._find(corner + QPointF(x, y))
                if found is not None:
                    return found
        return None

    def _next(self, box: QRectF, way: tuple[int, int]) -> tuple[int, Spot] | None:
        """Look from a box in one direction until something else is found."""
        reach = self.viewport().width() if way[0] else self._tops[-1]
        point = box.center() + QPointF(way[0] * box.width() / 2, way[1] * box.height() / 2)
        point += QPointF(way[0], way[1])
        for _ in range(int(reach / _PROBE)):
            found = self._find(point)
            if found is not None and not found[1].boxes[0].translated(0, self._tops[found[0]]).contains(box.center()):
                return found
            point += QPointF(way[0] * _PROBE, way[1] * _PROBE)
        return None

    def _scroll_to(self, box: QRectF) -> None:
        bar, height = self.verticalScrollBar(), self.viewport().height()
        if box.top() < bar.value():
            bar.setValue(int(box.top()))
        elif box.bottom() + 2 * _MARGIN > bar.value() + height:
            bar.setValue(int(box.bottom() + 2 * _MARGIN - height))

    def _paint(self, painter: QPainter) -> None:
        assert self._look is not None
        corner = self._scrolled()
        view = QRectF(corner, QSize(self.viewport().size()).toSizeF())
        painter.translate(-corner)
        for block, top in zip(self._blocks, self._tops, strict=False):
            if top + block.height < view.top() or top > view.bottom():
                continue
            painter.translate(0, top)
            block.paint(painter, self._look, view.translated(0, -top))
            painter.translate(0, -top)
        for box in self._rings():
            paint_ring(painter, box)

    def _rings(self) -> list[QRectF]:
        if self._spot is not None:
            number, spot = self._spot
            return [box.translated(0, self._tops[number]) for box in spot.boxes]
        return self._boxes(self._hovered) if self._hovered is not None else []

    def sizeHint(self) -> QSize:
        """Return room for two channels of a convolution."""
        return QSize(420, 190)

    def minimumSizeHint(self) -> QSize:
        """Return the least size that still shows something."""
        return QSize(160, 60)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the blocks into the new width; what was pointed at is so wherever it has gone."""
        super().resizeEvent(event)
        self._fit()
        if self._spot is not None:
            self._point(self._moved(self._spot[1]))

    def changeEvent(self, event: QEvent) -> None:
        """Fit again in another font, and paint again in other colours."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._look = None
            self._fit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Prepare nothing for what is not seen."""
        self._ahead.rest()
        super().hideEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Let go of the cell that the keyboard pointed at."""
        super().focusOutEvent(event)
        if not self.viewport().underMouse():
            self._point(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from cell to cell with Shift, and follow one with Enter; other keys are whoever's asks for them."""
        way = _STEPS.get(Qt.Key(event.key()))
        if way is not None and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._step(way)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._spot is not None:
            self._follow(self._spot[1])
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what is under the pointer."""
        self._point(self._find(event.position() + self._scrolled()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Follow what is under the pointer."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        found = self._find(event.position() + self._scrolled())
        if found is not None:
            self._follow(found[1])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a click here: what lies behind the view must not take it for its own."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, and say what has come under the resting pointer."""
        super().wheelEvent(event)
        self._point(self._find(event.position() + self._scrolled()))

    def viewportEvent(self, event: QEvent) -> bool:
        """Forget the cell when the pointer leaves."""
        if event.type() == QEvent.Type.Leave:
            self._point(None)
        return super().viewportEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what can be seen, or once why a sheet cannot be painted: an error here would repeat forever."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme.current().base)
        if not self._failure and self._sheet is not None:
            try:
                self._paint(painter)
            except Exception as error:
                log.exception("A breakdown could not be painted and is switched off")
                self._failure = f"This view failed and is off until another value is shown: {error!r}"
        words = self._failure or self._message
        if words:
            painter.resetTransform()
            flags = CENTRE | int(Qt.TextFlag.TextWordWrap)
            colour = theme.current().error if self._failure else theme.current().muted
            write(painter, QRectF(self.viewport().rect()).adjusted(12, 6, -12, -6), words, self.font(), colour, flags)
        painter.end()
