"""The image that the network sees, pixel by pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QStaticText,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.core.layers import shape_text
from convscope.core.receptive_field import Region
from convscope.ui import theme

_GRID_FROM = 9  # pixels a cell must have for lines between the cells to help and not to hide
_TINT = 0.22  # opacity of the pixels that a value sees
_GAP = 4  # between image and caption
_ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
_WORDS = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop


class NetworkInput(QWidget):
    """Shows an image from paper (0) to ink (1), or in its own colours, and the value under the pointer.

    With the keyboard, arrow keys go from pixel to pixel, and Enter chooses one.

    Signals:
        pixel_hovered: (row, column) that the user points at, or None.
        pixel_chosen: (row, column) that the user clicked.
    """

    pixel_hovered = Signal(object)
    pixel_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("network_input")
        self.setAccessibleName("What the network sees")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._values: NDArray[np.float32] | None = None  # (C, H, W)
        self._image = QImage()
        self._pointed: tuple[int, int] | None = None  # row, column
        self._points_itself = False  # the pointer or the keyboard is here, not in another view
        self._region: Region | None = None
        self._tinted: tuple[Region, bool, QImage] | None = None  # a region and, in the light or dark theme, its tint
        self._caption_heights: dict[int, int] = {}  # by width
        self._words = QStaticText()
        self._around: tuple[str, QRectF] | None = None  # what stays while only the image is new: caption and place

    def show_image(self, image: NDArray[np.float32] | None) -> None:
        """Show an image, 0 to 1, (C, H, W); None for none."""
        self._values = image
        if image is None or (self._pointed is not None and not self._is_inside(self._pointed)):
            self._pointed = None
        self._redraw()

    def show_pointed(self, pixel: tuple[int, int] | None) -> None:
        """Ring a pixel that is pointed at anywhere in the window."""
        if pixel != self._pointed:
            self._pointed = pixel if pixel is not None and self._is_inside(pixel) else None
            self._renew()

    def show_region(self, region: Region | None) -> None:
        """Tint what a value of the network sees."""
        if region is not self._region:
            self._region = region
            self._renew()

    @property
    def readout(self) -> str:
        """Position and value under the pointer; empty when it points at no pixel."""
        if self._values is None or self._pointed is None:
            return ""
        row, column = self._pointed
        values = " ".join(f"{value:.2f}" for value in self._values[:, row, column])
        return f"row {row}, column {column}: {values}"

    @property
    def caption(self) -> str:
        """What stands under the image."""
        shape = "" if self._values is None else f", {shape_text(self._values.shape)}"
        return self.readout or f"What the network sees{shape}"

    def image_area(self) -> QRectF:
        """Return where the image lies; whole pixels to each value where there is room."""
        space = self.rect().adjusted(2, 2, -2, -2 - _GAP - self._caption_height(self.width()))
        if self._values is None or space.width() < 1 or space.height() < 1:
            return QRectF()
        _, height, width = self._values.shape
        scale = min(space.width() / width, space.height() / height)
        scale = int(scale) if scale >= 1 else scale
        left = space.left() + (space.width() - width * scale) // 2
        top = space.top() + int(space.height() - height * scale) // 2
        return QRectF(left, top, width * scale, height * scale)

    def _redraw(self) -> None:
        self._image = QImage() if self._values is None else coloured_image(self._values)
        self._renew()

    def _renew(self) -> None:
        """Paint again what is new: the image alone where all around it stays, for text takes longest."""
        around = self.caption, self.image_area()
        if around == self._around:
            self.update(around[1].toAlignedRect().adjusted(-3, -3, 3, 3))
        else:
            self._around = around
            self.setAccessibleDescription(around[0])
            self.update()

    def _point(self, pixel: tuple[int, int] | None) -> None:
        if pixel is None and not self._points_itself:
            return  # what is shown is pointed at elsewhere
        self._points_itself = pixel is not None
        if pixel != self._pointed:
            self._pointed = pixel
            self._renew()
            self.pixel_hovered.emit(pixel)

    def _is_inside(self, pixel: tuple[int, int]) -> bool:
        if self._values is None:
            return False
        return 0 <= pixel[0] < self._values.shape[1] and 0 <= pixel[1] < self._values.shape[2]

    def _pixel_at(self, position: QPointF) -> tuple[int, int] | None:
        area = self.image_area()
        if self._values is None or not area.contains(position):
            return None
        _, height, width = self._values.shape
        row = int((position.y() - area.top()) / area.height() * height)
        column = int((position.x() - area.left()) / area.width() * width)
        return (row, column) if self._is_inside((row, column)) else None

    def _caption_height(self, width: int) -> int:
        """Return the height of the caption, the same for any readout so that the image keeps its place."""
        if width not in self._caption_heights:
            room = QRect(0, 0, max(width, 1), 1000)
            longest = "What the network sees, 280×280×1"
            needed = QFontMetrics(self.font()).boundingRect(room, _WORDS.value, longest)
            self._caption_heights[width] = needed.height()
        return self._caption_heights[width]

    def _laid_out(self, caption: str) -> QStaticText:
        """Return the caption, laid out in the present width; it seldom changes while the image does."""
        if self._words.text() != caption or self._words.textWidth() != self.width():
            self._words = QStaticText(caption)
            self._words.setTextFormat(Qt.TextFormat.PlainText)
            self._words.setTextOption(QTextOption(Qt.AlignmentFlag.AlignHCenter))
            self._words.setTextWidth(self.width())
        return self._words

    def _paint_grid(self, painter: QPainter, area: QRectF) -> None:
        if self._values is None:
            return
        _, height, width = self._values.shape
        if area.width() / width < _GRID_FROM:
            return
        colour = QColor(theme.current().muted)
        colour.setAlphaF(0.35)
        painter.setPen(QPen(colour, 0))
        for column in range(1, width):
            x = area.left() + column * area.width() / width
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        for row in range(1, height):
            y = area.top() + row * area.height() / height
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))

    def _paint_region(self, painter: QPainter, area: QRectF) -> None:
        region = self._region
        if self._values is None or region is None or region.empty:
            return
        _, height, width = self._values.shape
        if len(region.rows) != height or len(region.columns) != width:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.current().accent, 2))
        _, rows, columns = region.box
        corner = QPointF(columns.start * area.width() / width, rows.start * area.height() / height)
        across, down = columns.stop - columns.start, rows.stop - rows.start
        size = QSizeF(across * area.width() / width, down * area.height() / height)
        painter.drawImage(area, self._tint(region))
        painter.drawRect(QRectF(area.topLeft() + corner, size))

    def _tint(self, region: Region) -> QImage:
        """Return the tint of the pixels in a region."""
        dark = theme.current().dark
        if self._tinted is None or self._tinted[0] is not region or self._tinted[1] != dark:
            colour = QColor(theme.current().accent)
            colour.setAlphaF(_TINT)
            mask = np.where(region.rows[:, None] & region.columns, np.uint32(colour.rgba()), np.uint32(0))
            self._tinted = region, dark, _masked(mask)
        return self._tinted[2]

    def _paint_pointer(self, painter: QPainter, area: QRectF) -> None:
        if self._values is None or self._pointed is None:
            return
        _, height, width = self._values.shape
        cell = QRectF(0, 0, area.width() / width, area.height() / height)
        cell.moveTo(area.left() + self._pointed[1] * cell.width(), area.top() + self._pointed[0] * cell.height())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, thick in ((theme.current().paper, 4), (theme.current().accent, 2)):
            painter.setPen(QPen(colour, thick))
            painter.drawRect(cell.adjusted(-1, -1, 1, 1))

    def sizeHint(self) -> QSize:
        """Return four pixels for each of MNIST's, and the caption."""
        return QSize(144, 140 + _GAP + self._caption_height(144))

    def minimumSizeHint(self) -> QSize:
        """Return three pixels for each of MNIST's, and the caption."""
        return QSize(96, 88 + _GAP + self._caption_height(96))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the next pixel."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._pointed is not None:
            self.pixel_chosen.emit(self._pointed)
            return
        way = _ARROWS.get(Qt.Key(event.key()))
        if way is None or self._values is None:
            super().keyPressEvent(event)
            return
        row, column = self._pointed or (self._values.shape[1] // 2, self._values.shape[2] // 2)
        pixel = (row + way[0], column + way[1])
        if self._is_inside(pixel):
            self._point(pixel)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the value under the pointer."""
        self._point(self._pixel_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the pixel under the pointer."""
        pixel = self._pixel_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and pixel is not None:
            self.pixel_chosen.emit(pixel)
        else:
            event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        """Show the caption again."""
        self._point(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the focus ring."""
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show the caption again."""
        self._point(None)
        self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of the new theme, and room for the caption in a new font."""
        if event.type() == QEvent.Type.PaletteChange:
            self._redraw()
            self.update()
        elif event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._caption_heights.clear()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the image, its grid and the caption."""
        painter, area, colours = QPainter(self), self.image_area(), theme.current()
        painter.drawImage(area, self._image)
        self._paint_grid(painter, area)
        painter.setPen(QPen(colours.accent, 2) if self.hasFocus() else QPen(colours.border, 1))
        painter.drawRect(area.adjusted(-1, -1, 1, 1) if self.hasFocus() else area.adjusted(-1, -1, 0, 0))
        self._paint_region(painter, area)
        self._paint_pointer(painter, area)
        below = int(area.bottom()) + _GAP
        if event.rect().bottom() >= below:
            painter.setPen(colours.text if self.readout else colours.muted)
            painter.drawStaticText(QPointF(0, below), self._laid_out(self.caption))
        painter.end()


def _masked(pixels: NDArray[np.uint32]) -> QImage:
    """Return an image with some pixels tinted, 0xAARRGGBB, and the others clear."""
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)  # painted faster; outlives the array


def coloured_image(values: NDArray[np.float32]) -> QImage:
    """Return three channels in their own colours, others as their mean from paper to ink."""
    amount = np.clip(np.nan_to_num(values), 0, 1)
    if len(amount) == 3:
        colours = np.moveaxis(amount * 255, 0, 2)
    else:
        ends = [theme.current().paper, theme.current().ink]
        paper, ink = (np.array([end.red(), end.green(), end.blue()], np.float32) for end in ends)
        colours = paper + amount.mean(axis=0)[..., None] * (ink - paper)
    pixels = np.ascontiguousarray(np.rint(colours).astype(np.uint8))
    height, width, _ = pixels.shape
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()  # outlives the array
