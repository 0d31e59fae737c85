"""On what a widget is being painted: the screen, a picture with more pixels, or a file of lines and letters."""

from __future__ import annotations

from math import floor

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPaintEngine, QPainter, QPen

VECTOR_RATIO = 3.0  # icons in a file of lines and letters are enlarged with the rest, up to a whole slide

_VECTORS = (QPaintEngine.Type.SVG, QPaintEngine.Type.Pdf)


def is_vector(painter: QPainter) -> bool:
    """Say whether letters that are painted stay letters, which can be searched, copied and enlarged."""
    return painter.paintEngine().type() in _VECTORS


def pixel_ratio(painter: QPainter) -> float:
    """Return how many pixels a smooth image should have for each unit of a widget's coordinates.

    A widget asks its painter and not itself: its own `devicePixelRatioF` is the screen's, also while it is painted into
    a picture of another scale.
    """
    return VECTOR_RATIO if is_vector(painter) else painter.deviceTransform().m11()


def draw_part(painter: QPainter, target: QRectF, image: QImage, part: QRectF) -> None:
    """Draw a part of an image, in its pixels; into an SVG file Qt would put all of it."""
    if is_vector(painter):
        painter.drawImage(target, image.copy(part.toAlignedRect()))
    else:
        painter.drawImage(target, image, part)


def begin_on_a_pixel(painter: QPainter) -> None:
    """Move the origin onto a whole pixel: Qt rounds the places of pictures and of all else each in its own way."""
    at = painter.deviceTransform()
    painter.translate((floor(at.dx() + 0.5) - at.dx()) / at.m11(), (floor(at.dy() + 0.5) - at.dy()) / at.m22())


def square_pen(colour: QColor, width: float) -> QPen:
    """Return a pen whose boxes have square corners."""
    pen = QPen(colour, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen
