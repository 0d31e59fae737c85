"""A panel as a picture: pixels at any scale, SVG and PDF with text as text.

All three are painted by the panel itself, in its logical pixels. The device gets the panel's resolution, or fonts,
which are measured in points, would be laid out for another size than what stands beside them.
"""

from __future__ import annotations

import math
from typing import Literal

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QPoint, QRect, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPageSize, QPainter, QPdfWriter, QRegion
from PySide6.QtWidgets import QWidget

from convscope.ui.export.graphs import lines_scaled
from convscope.ui.export.rest import at_rest
from convscope.ui.export.svg import svg_of_widgets

Format = Literal["png", "svg", "pdf"]
Background = Literal["theme", "white", "transparent"]

MOST_PIXELS = 80_000_000  # 320 MB while it is painted
_POINTS = 72.0  # an inch
_INCH = 0.0254  # metres


def picture_size(size: QSize, scale: float) -> QSize:
    """Return how many pixels a panel of `size` has at a scale."""
    return QSize(max(1, round(size.width() * scale)), max(1, round(size.height() * scale)))


def greatest_scale(size: QSize) -> float:
    """Return the scale up to which a panel of `size` can be painted in pixels."""
    return math.sqrt(MOST_PIXELS / max(1, size.width() * size.height()))


def image_of(panel: QWidget, scale: float, background: Background = "theme") -> QImage:
    """Return a panel in pixels; on paper it has the same size at each scale.

    Raises:
        MemoryError: There is no room for so many pixels.
    """
    image = QImage(picture_size(panel.size(), scale), QImage.Format.Format_ARGB32_Premultiplied)
    if image.isNull():
        raise MemoryError(f"A picture at scale {scale:g} does not fit into memory.")
    image.setDevicePixelRatio(scale)
    _set_resolution(image, panel.logicalDpiX())
    image.fill(_colour(panel, background) or Qt.GlobalColor.transparent)
    with at_rest(panel), lines_scaled(panel, scale):
        painter = QPainter(image)
        QWidget.render(panel, painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
        painter.end()
    image.setDevicePixelRatio(1)
    _set_resolution(image, panel.logicalDpiX() * scale)
    return image


def svg_of(panel: QWidget, background: Background = "theme") -> bytes:
    """Return a panel as an SVG file."""
    with at_rest(panel), lines_scaled(panel, 1.0):
        return svg_of_widgets(panel, _colour(panel, background))


def pdf_of(panel: QWidget, background: Background = "theme") -> bytes:
    """Return a panel as a PDF file of one page, just as large as the panel."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    device = QPdfWriter(buffer)
    dots = panel.logicalDpiX()
    device.setResolution(dots)
    device.setColorModel(QPdfWriter.ColorModel.RGB)  # or the style's gradients, of colours of two kinds, are left out
    device.setCreator("Convscope")
    device.setPageMargins(QMarginsF())
    # Qt rounds a page to whole points; a panel must not lose its last pixels by that.
    width, height = (math.ceil(side * _POINTS / dots) for side in (panel.width(), panel.height()))
    match = QPageSize.SizeMatchPolicy.ExactMatch
    device.setPageSize(QPageSize(QSizeF(width, height), QPageSize.Unit.Point, "", match))
    with at_rest(panel), lines_scaled(panel, 1.0):
        painter = QPainter(device)
        painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)  # JPEG blurs the edges of values
        _fill(painter, panel, QRect(0, 0, device.width() + 1, device.height() + 1), background)
        QWidget.render(panel, painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
        painter.end()
    return bytes(buffer.data().data())


def _fill(painter: QPainter, panel: QWidget, area: QRect, background: Background) -> None:
    colour = _colour(panel, background)
    if colour is not None:
        painter.fillRect(area, colour)


def _colour(panel: QWidget, background: Background) -> QColor | None:
    """Return what lies behind a panel; None for nothing."""
    colours = {"theme": panel.palette().window().color(), "white": QColor("white"), "transparent": None}
    return colours[background]


def _set_resolution(image: QImage, dots_per_inch: float) -> None:
    image.setDotsPerMeterX(round(dots_per_inch / _INCH))
    image.setDotsPerMeterY(round(dots_per_inch / _INCH))
