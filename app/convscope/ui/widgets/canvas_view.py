"""The sheet of the drawing canvas: its ink, guides, hint and the ring that shows the pen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen, QRegion, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.core.data.drawing import Drawing
from convscope.ui import theme
from convscope.ui.painting import pixel_ratio
from convscope.ui.widgets.ink_layer import InkLayer

_MARGIN = 3  # pixels around the sheet, for the focus ring
_BEYOND = 0.3  # of the side: how far outside a line may run before it bends at the border
_GUIDE_OPACITY = 0.55
_FIELD_OPACITY = 0.16
_NOTE_OPACITY = 0.8  # of the paper behind the note


class CanvasView(QWidget):
    """Draws a drawing on a centred square; a moving pen repaints only what it changes.

    Only ink and ring are smoothed: lines and boxes along the pixels look the same without, and take a fraction of the
    time.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._layer = InkLayer()
        self._hinted = True  # nothing lies on the sheet but the words that invite to draw
        self._ring_at: tuple[float, float] | None = None
        self._ring_width = 0.0
        self._note = ""
        self._field: tuple[QRectF, ...] = ()

    @property
    def field(self) -> QRectF | None:
        """The box around what is tinted, in units of the side; None where nothing is."""
        return _around(self._field) if self._field else None

    @property
    def sheet(self) -> QRect:
        """The square that is drawn on, in the widget's pixels."""
        side = max(1, min(self.width(), self.height()) - 2 * _MARGIN)
        return QRect((self.width() - side) // 2, (self.height() - side) // 2, side, side)

    def show_note(self, text: str) -> None:
        """Show a few words in the lower corner of the sheet; none for an empty text."""
        if text != self._note:
            self._note = text
            self.update()

    def show_ink(self, drawing: Drawing) -> None:
        """Show the ink of a drawing."""
        changed = self._layer.show(drawing).translated(self.sheet.topLeft())
        if drawing.is_empty != self._hinted:
            self._hinted = drawing.is_empty
            changed = QRectF(self.sheet)
        self.update(changed.toAlignedRect())

    def show_ring(self, place: tuple[float, float] | None, width: float) -> None:
        """Show where the pen is and how wide, in units of the side; None for nowhere."""
        if (place, width) != (self._ring_at, self._ring_width):
            self.update(self._ring().toAlignedRect())
            self._ring_at, self._ring_width = place, width
            self.update(self._ring().toAlignedRect())

    def show_field(self, boxes: Sequence[QRectF] = ()) -> None:
        """Tint parts of the sheet, in units of the side, and outline the box around them.

        Args:
            boxes: What of the drawing a value of the network sees; several where a dilated window leaves gaps.
        """
        if tuple(boxes) != self._field:
            for shown in (self._field, boxes):
                if shown:
                    box = _on_sheet(_around(shown), QRectF(self.sheet))
                    self.update(box.adjusted(-3, -3, 3, 3).toAlignedRect())
            self._field = tuple(boxes)

    def place_of(self, position: QPointF) -> tuple[float, float]:
        """Return a position of the widget in units of the side."""
        sheet = self.sheet
        x, y = (position.x() - sheet.left()) / sheet.width(), (position.y() - sheet.top()) / sheet.height()
        return _kept_near(x), _kept_near(y)

    def _ring(self) -> QRectF:
        """Return the area of the pen's ring and its cross."""
        if self._ring_at is None:
            return QRectF()
        sheet = self.sheet
        reach = max(4.0, self._ring_width * sheet.width() / 2) + 8
        centre = QPointF(*self._ring_at) * sheet.width() + QPointF(sheet.topLeft())
        return QRectF(centre.x() - reach, centre.y() - reach, 2 * reach, 2 * reach)

    def _fit(self) -> None:
        colours = theme.current()
        self._layer.fit(self.sheet.width(), self.devicePixelRatioF(), colours.ink, colours.paper)
        self.update()

    def _paint_field(self, painter: QPainter, sheet: QRectF) -> None:
        tint = QColor(theme.current().accent)
        painter.setPen(QPen(tint, 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(_on_sheet(_around(self._field), sheet) & sheet)
        tint.setAlphaF(_FIELD_OPACITY)
        for box in self._field:
            painter.fillRect(_on_sheet(box, sheet) & sheet, tint)

    def _paint_guides(self, painter: QPainter, sheet: QRectF) -> None:
        colour = QColor(theme.current().border)
        colour.setAlphaF(_GUIDE_OPACITY)
        painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
        centre = sheet.center()
        painter.drawLine(QPointF(centre.x(), sheet.top() + 1), QPointF(centre.x(), sheet.bottom() - 1))
        painter.drawLine(QPointF(sheet.left() + 1, centre.y()), QPointF(sheet.right() - 1, centre.y()))

    def _paint_words(self, painter: QPainter, sheet: QRect) -> None:
        colours, inside = theme.current(), sheet.adjusted(10, 8, -10, -8)
        painter.setPen(colours.muted)
        if self._hinted:
            font = self.font()
            font.setPointSizeF(font.pointSizeF() * 1.5)
            painter.setFont(font)
            upper = QRect(inside.left(), inside.top(), inside.width(), inside.height() // 2)
            painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, "Draw here")
        painter.setFont(self.font())
        if self._note:
            text = self.fontMetrics().elidedText(self._note, Qt.TextElideMode.ElideRight, inside.width())
            corner = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
            behind = QColor(colours.paper)
            behind.setAlphaF(_NOTE_OPACITY)
            painter.fillRect(painter.boundingRect(inside, corner, text).adjusted(-4, -2, 4, 2), behind)
            painter.drawText(inside, corner, text)

    def _paint_ring(self, painter: QPainter) -> None:
        ring, colours = self._ring().adjusted(8, 8, -8, -8), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((colours.paper, 3.0), (colours.accent, 1.5)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(ring)
            for way in (QPointF(6, 0), QPointF(0, 6)):
                painter.drawLine(ring.center() - way, ring.center() + way)

    def _paint_border(self, painter: QPainter, sheet: QRectF) -> None:
        colours = theme.current()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.hasFocus():
            painter.setPen(QPen(colours.accent, 2))
            painter.drawRect(sheet.adjusted(-1, -1, 1, 1))
        else:
            painter.setPen(QPen(colours.border, 1))
            painter.drawRect(sheet.adjusted(-0.5, -0.5, 0.5, 0.5))

    def sizeHint(self) -> QSize:
        """Return a sheet large enough to draw a digit with ease."""
        return QSize(320, 320)

    def minimumSizeHint(self) -> QSize:
        """Return the least sheet on which a digit can be drawn."""
        return QSize(160, 160)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus ring."""
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Redraw the ink in the colours of the new theme."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._fit()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Redraw the ink in its new size."""
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what of the sheet is asked for."""
        if self._layer.ratio != self.devicePixelRatioF():  # the window came to another screen
            self._fit()
        square = self.sheet
        sheet = QRectF(square)
        painter = QPainter(self)
        for strip in QRegion(event.rect()).subtracted(square):  # pyright: ignore[reportGeneralTypeIssues]
            painter.fillRect(strip, theme.current().window)
        painter.fillRect(event.rect() & square, theme.current().paper)
        self._paint_guides(painter, sheet)
        ratio = pixel_ratio(painter)
        layer = self._layer if ratio == self._layer.ratio else self._layer.sharpened(ratio)
        layer.paint(painter, sheet.topLeft())
        if self._field:
            self._paint_field(painter, sheet)
        self._paint_words(painter, square)
        if self._ring_at is not None:
            painter.setClipRect(square, Qt.ClipOperation.IntersectClip)
            self._paint_ring(painter)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setClipRect(event.rect())
        self._paint_border(painter, sheet)
        painter.end()


def _on_sheet(box: QRectF, sheet: QRectF) -> QRectF:
    """Return where a box in units of the sheet's side lies."""
    return QRectF(sheet.topLeft() + box.topLeft() * sheet.width(), box.size() * sheet.width())


def _around(boxes: Sequence[QRectF]) -> QRectF:
    """Return the least box that holds several."""
    return reduce(QRectF.united, boxes)


def _kept_near(value: float) -> float:
    """Return a coordinate not far off the sheet, to four decimals: enough for the eye, and short in a file."""
    return round(min(max(value, -_BEYOND), 1 + _BEYOND), 4)
