"""A sliding window as a picture: the input with the window on it, and the output up to the present position."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen

from convscope.ui import theme
from convscope.ui.colour_maps import colours, image_of
from convscope.ui.widgets.laid_out_text import LaidOutTexts
from convscope.ui.widgets.number_grid import paint_padding
from convscope.ui.widgets.slide import Slide

_GAP = 22.0  # pixels between the two maps, where the arrow is
_LARGEST = 36.0  # pixels of a cell
_MOST_TINTED = 400  # places of one window that are tinted one by one
_TINT = 0.38


@dataclass(frozen=True)
class SlideLayout:
    """Where the two maps lie.

    Attributes:
        padded: The input with its padding.
        source: The input without.
        result: The output.
        heads: Where the two names go.
        upright: Whether the output lies below the input, not beside it.
    """

    padded: QRectF
    source: QRectF
    result: QRectF
    heads: tuple[QRectF, QRectF]
    upright: bool


def slide_layout(slide: Slide, area: QRectF, head: float) -> SlideLayout:
    """Return the arrangement, beside or below each other, that shows the maps larger.

    Args:
        slide: What is shown.
        area: Where.
        head: Height of a map's name.
    """
    x, y, width, height = area.getRect()  # pyright: ignore[reportGeneralTypeIssues]
    return _layout(_padded(slide), slide.source.shape, slide.result.shape, slide.pads, (x, y, width, height), head)


@lru_cache(maxsize=32)  # the same for all maps and values of a layer
def _layout(
    padded_shape: tuple[int, int],
    source_shape: tuple[int, ...],
    result_shape: tuple[int, ...],
    pads: tuple[tuple[int, int], tuple[int, int]],
    place: tuple[float, float, float, float],
    head: float,
) -> SlideLayout:
    area = QRectF(*place)
    beside = QSizeF((area.width() - _GAP) / 2, area.height() - head)
    below = QSizeF(area.width(), (area.height() - _GAP) / 2 - head)
    upright = _cell(padded_shape, below) > _cell(padded_shape, beside)
    room = below if upright else beside
    cell = _cell(padded_shape, room)
    (height, width), (down, across) = padded_shape, result_shape
    side = min(room.width() / across, room.height() / down, _LARGEST)
    sizes = QSizeF(width * cell, height * cell), QSizeF(across * side, down * side)
    rooms = _rooms(area, head, room, sizes, upright=upright)
    padded, result = (_centred(one, size) for one, size in zip(rooms, sizes, strict=True))
    (top, _), (left, _) = pads
    corner = padded.topLeft() + QPointF(left * cell, top * cell)
    source = QRectF(corner, QSizeF(source_shape[1] * cell, source_shape[0] * cell))
    heads = (_head(rooms[0], padded, head), _head(rooms[1], result, head))
    return SlideLayout(padded, source, result, heads, upright)


def beside_height(slide: Slide, width: float, head: float) -> float:
    """Return how high a slide is with its maps beside each other, as large as a width allows."""
    room = QSizeF((width - _GAP) / 2, 1e6)
    down, across = slide.result.shape
    padded = _padded(slide)
    return head + max(_cell(padded, room) * padded[0], min(room.width() / across, _LARGEST) * down)


def paint_slide(
    painter: QPainter, area: QRectF, slide: Slide, position: int, texts: LaidOutTexts, *, filled: int | None = None
) -> None:
    """Paint a slide at one position.

    Args:
        painter: Its pen, brush and font are changed.
        area: Where.
        slide: What.
        position: Of the window, 0 to `slide.count` − 1.
        texts: Of the font that the names are written in.
        filled: How many places of the output are shown; None for all.
    """
    shown = theme.current()
    places = slide_layout(slide, area, texts.metrics.height())
    painter.setFont(texts.font)
    painter.setPen(shown.muted)
    for box, name in zip(places.heads, (slide.source_name, slide.result_name), strict=True):
        if texts.sizes.width(name) > box.width():
            name = name.rpartition(", ")[2]  # which map says more than of which layer
        texts.paint(painter, box, name)
    if places.padded != places.source:
        paint_padding(painter, places.padded)
    painter.drawImage(places.source, _source_image(slide))
    painter.drawImage(places.result, _result_image(slide, slide.count if filled is None else filled))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(shown.border, 1))
    for box in (places.padded, places.source, places.result):
        painter.drawRect(box)
    _paint_arrow(painter, places)
    _paint_window(painter, slide, position, places.source)
    _paint_output(painter, slide, position, places.result)


def slide_image(slide: Slide, position: int, size: QSize, font: QFont) -> QImage:
    """Return the slide at one position as an image, the output filled up to there: one frame of a film."""
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(theme.current().base)
    painter = QPainter(image)
    area = QRectF(QPointF(0, 0), QSizeF(size)).adjusted(8, 8, -8, -8)
    paint_slide(painter, area, slide, position, LaidOutTexts(font), filled=position + 1)
    painter.end()
    return image


def cell_at(box: QRectF, shape: tuple[int, ...], point: QPointF) -> tuple[int, int] | None:
    """Return row and column of a map that lies in a box."""
    if not box.contains(point) or box.isEmpty():
        return None
    row = int((point.y() - box.top()) / box.height() * shape[0])
    column = int((point.x() - box.left()) / box.width() * shape[1])
    return min(row, shape[0] - 1), min(column, shape[1] - 1)


def cell_of(box: QRectF, shape: tuple[int, ...], row: int, column: int) -> QRectF:
    """Return where a value lies of a map that lies in a box."""
    height, width = box.height() / shape[0], box.width() / shape[1]
    return QRectF(box.left() + column * width, box.top() + row * height, width, height)


def _padded(slide: Slide) -> tuple[int, int]:
    (top, bottom), (left, right) = slide.pads
    return slide.source.shape[0] + top + bottom, slide.source.shape[1] + left + right


def _cell(padded: tuple[int, int], room: QSizeF) -> float:
    height, width = padded
    return max(min(room.width() / width, room.height() / height, _LARGEST), 0.01)


def _rooms(
    area: QRectF, head: float, room: QSizeF, sizes: tuple[QSizeF, QSizeF], *, upright: bool
) -> tuple[QRectF, QRectF]:
    """Return the places of the two maps without their names; one below the other they keep together."""
    if not upright:
        first = QRectF(area.topLeft() + QPointF(0, head), room)
        return first, first.translated(room.width() + _GAP, 0)
    high, low = sizes[0].height(), sizes[1].height()
    top = area.top() + max((area.height() - high - low - 2 * head - _GAP) / 2, 0) + head
    first = QRectF(area.left(), top, room.width(), high)
    return first, QRectF(area.left(), first.bottom() + _GAP + head, room.width(), low)


def _head(room: QRectF, box: QRectF, height: float) -> QRectF:
    return QRectF(room.left(), box.top() - height - 1, room.width(), height)


def _centred(room: QRectF, size: QSizeF) -> QRectF:
    corner = QPointF((room.width() - size.width()) / 2, (room.height() - size.height()) / 2)
    return QRectF(room.topLeft() + corner, size)


def _source_image(slide: Slide) -> QImage:
    scale = slide.source_scale
    return image_of(colours(slide.source, scale.low, scale.high, scale.kind))


def _result_image(slide: Slide, filled: int) -> QImage:
    scale = slide.result_scale
    pixels = colours(slide.result, scale.low, scale.high, scale.kind)
    if filled < pixels.size:
        pixels = pixels.copy()
        pixels.ravel()[max(filled, 0) :] = theme.current().window.rgb()
    return image_of(pixels)


def _paint_window(painter: QPainter, slide: Slide, position: int, source: QRectF) -> None:
    shown = theme.current()
    row, column = slide.place(position)
    rows, columns = slide.rows[row], slide.columns[column]
    top, left, height, width = slide.box(position)
    if len(rows) * len(columns) < height * width and len(rows) * len(columns) <= _MOST_TINTED:  # dilated: with gaps
        tint = QColor(shown.accent)
        tint.setAlphaF(_TINT)
        for down in rows.tolist():
            for across in columns.tolist():
                painter.fillRect(cell_of(source, slide.source.shape, down, across), tint)
    first = cell_of(source, slide.source.shape, top, left)
    box = QRectF(first.topLeft(), QSizeF(first.width() * width, first.height() * height))
    _outline(painter, box)


def _paint_output(painter: QPainter, slide: Slide, position: int, result: QRectF) -> None:
    box = cell_of(result, slide.result.shape, *slide.place(position))
    grow = max(0.0, (5 - min(box.width(), box.height())) / 2)
    _outline(painter, box.adjusted(-grow, -grow, grow, grow))


def _outline(painter: QPainter, box: QRectF) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme.current().base, 4))
    painter.drawRect(box)
    painter.setPen(QPen(theme.current().accent, 2))
    painter.drawRect(box)


def _paint_arrow(painter: QPainter, places: SlideLayout) -> None:
    one, other = places.padded, places.result
    if places.upright:
        middle = QPointF(other.center().x(), (one.bottom() + places.heads[1].top()) / 2)
        way, side = QPointF(0, 5), QPointF(4, 0)
    else:
        middle = QPointF((one.right() + other.left()) / 2, one.center().y())
        way, side = QPointF(7, 0), QPointF(0, 4)
    painter.setPen(QPen(theme.current().muted, 1.5))
    painter.drawLine(middle - way, middle + way)
    for turn in (side, -side):
        painter.drawLine(middle + way, middle + turn)
