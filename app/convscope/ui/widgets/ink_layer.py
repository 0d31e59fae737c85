"""The ink of a drawing, kept as a pixmap to which a moving pen adds only what is new."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap

from convscope.core.data.drawing import Drawing, Picture, Stroke
from convscope.core.data.drawing_raster import curve


class InkLayer:
    """Paints a drawing; the smoothed path is the one whose ink the network sees.

    All segments of the strokes are in the pixmap but the very last one, which changes when the pen moves on; that one
    is painted afresh each time.
    """

    def __init__(self) -> None:
        self._pixmap = QPixmap()
        self._side = 0
        self._ink = QColor()
        self._paper = QColor()
        self._drawing = Drawing()
        self._settled = 0  # segments of the newest stroke that are in the pixmap
        self._tip = QPainterPath()  # of its very last segment

    @property
    def ratio(self) -> float:
        """Device pixels per device-independent pixel."""
        return self._pixmap.devicePixelRatio()

    def fit(self, side: int, ratio: float, ink: QColor, paper: QColor) -> None:
        """Draw on a square of `side` device-independent pixels with `ratio` device pixels each."""
        self._side, self._ink, self._paper = side, QColor(ink), QColor(paper)
        self._pixmap = QPixmap(round(side * ratio), round(side * ratio))
        self._pixmap.setDevicePixelRatio(ratio)
        drawing = self._drawing
        self._wipe(drawing.picture)
        self._draw(drawing)

    def sharpened(self, ratio: float) -> InkLayer:
        """Return the same drawing for a device with another number of pixels."""
        layer = InkLayer()
        layer._drawing = self._drawing
        layer.fit(self._side, ratio, self._ink, self._paper)
        return layer

    def show(self, drawing: Drawing) -> QRectF:
        """Draw what `drawing` has more than the one shown, or all of it; return the area that changed."""
        whole = QRectF(0, 0, self._side, self._side)
        changed = self._last_area() if self._continued_by(drawing) else whole
        if changed == whole:
            self._wipe(drawing.picture)
        return changed.united(self._draw(drawing)) & whole

    def paint(self, painter: QPainter, corner: QPointF) -> None:
        """Paint the ink with its top left corner at `corner`."""
        painter.drawPixmap(corner, self._pixmap)
        if self._drawing.strokes:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setClipRect(QRectF(corner.x(), corner.y(), self._side, self._side), Qt.ClipOperation.IntersectClip)
            painter.translate(corner)
            painter.strokePath(self._tip, self._pen(self._drawing.strokes[-1]))
            painter.restore()

    def _continued_by(self, drawing: Drawing) -> bool:
        old, new = self._drawing.strokes, drawing.strokes
        if drawing.picture is not self._drawing.picture or len(new) < len(old):
            return False
        if not old:
            return True
        was, now = old[-1], new[len(old) - 1]
        same_pen = (was.width, was.eraser) == (now.width, now.eraser)
        return same_pen and now.points[: len(was.points)] == was.points and new[: len(old) - 1] == old[:-1]

    def _wipe(self, picture: Picture | None) -> None:
        self._drawing, self._settled = Drawing(picture=picture), 0
        self._pixmap.fill(Qt.GlobalColor.transparent)
        if picture is not None and not self._pixmap.isNull():
            painter = QPainter(self._pixmap)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            _, height, width = picture.image.shape
            scale = self._side / max(height, width)
            place = QRectF(0, 0, width * scale, height * scale)
            place.moveCenter(QPointF(self._side / 2, self._side / 2))
            painter.drawImage(place, _inked(picture, self._ink))
            painter.end()

    def _draw(self, drawing: Drawing) -> QRectF:
        """Bring the strokes that are missing into the pixmap; return the area they take."""
        changed, begun = QRectF(), max(len(self._drawing.strokes) - 1, 0)
        self._drawing = drawing
        if self._pixmap.isNull() or not drawing.strokes:
            return changed
        painter = QPainter(self._pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, stroke in enumerate(drawing.strokes[begun:], begun + 1):
            segments = (curve(stroke.points, self._settled) * self._side).tolist()
            newest = number == len(drawing.strokes)
            changed |= self._area(stroke, _path(segments))
            self._stroke(painter, stroke, _path(segments[:-1] if newest else segments))
            self._settled = len(stroke.points) - 1 if newest else 0
            self._tip = _path(segments[-1:])
        painter.end()
        return changed

    def _stroke(self, painter: QPainter, stroke: Stroke, path: QPainterPath) -> None:
        modes = QPainter.CompositionMode
        painter.setCompositionMode(
            modes.CompositionMode_DestinationOut if stroke.eraser else modes.CompositionMode_SourceOver
        )
        painter.strokePath(path, self._pen(stroke))

    def _pen(self, stroke: Stroke) -> QPen:
        style, cap, join = Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        return QPen(self._paper if stroke.eraser else self._ink, stroke.width * self._side, style, cap, join)

    def _area(self, stroke: Stroke, path: QPainterPath) -> QRectF:
        margin = stroke.width * self._side / 2 + 2
        return path.controlPointRect().adjusted(-margin, -margin, margin, margin)

    def _last_area(self) -> QRectF:
        if not self._drawing.strokes:
            return QRectF()
        return self._area(self._drawing.strokes[-1], self._tip)


def _path(segments: list[list[list[float]]]) -> QPainterPath:
    """Return the way along quadratic segments: start, control and end of each."""
    path = QPainterPath()
    if not segments:
        return path
    path.moveTo(*segments[0][0])
    for _, control, end in segments:
        path.quadTo(*control, *end)
    if path.elementCount() == 1:  # Qt drops a segment without length, and the dot with it
        path.lineTo(segments[0][0][0] + 0.01, segments[0][0][1])
    return path


def _inked(picture: Picture, ink: QColor) -> QImage:
    """Return the picture in one colour, its brightness as opacity; a coloured sample in its own colours."""
    if picture.exact and len(picture.image) == 3:
        colours = np.ascontiguousarray(np.moveaxis(picture.image, 0, 2))
        height, width, _ = colours.shape
        return QImage(colours.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
    alpha = np.rint(picture.ink * 255).astype(np.uint32)
    pixels = np.empty((*alpha.shape, 4), np.uint8)
    pixels[..., :3] = alpha[..., None] * np.array([ink.blue(), ink.green(), ink.red()], np.uint32) // 255
    pixels[..., 3] = alpha
    height, width = alpha.shape
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()  # its pixels must outlive the array
