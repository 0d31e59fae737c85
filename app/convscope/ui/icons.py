"""Icons drawn from resources/icons in the text colour of the theme that is current when they are painted."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from convscope import paths
from convscope.ui import theme

Tint = Literal["text", "muted", "accent", "warning", "error"]

FAINT = 0.38  # opacity of a disabled icon


def icon(name: str, tint: Tint = "text") -> QIcon:
    """Return the icon drawn in resources/icons/NAME.svg, in a colour of the theme that is current when it is painted.

    Args:
        name: The drawing's file name without its ending.
        tint: Which of the theme's colours.

    Raises:
        ValueError: There is no drawing of this name.
    """
    _drawing(name)
    return QIcon(_TintedEngine(name, tint))


def pixmap(name: str, side: float, colour: QColor, ratio: float = 1.0) -> QPixmap:
    """Return the icon in one colour for a widget that paints itself.

    Args:
        name: The drawing's file name without its ending.
        side: Width and height in device-independent pixels.
        colour: Colour of every line and area; its alpha counts.
        ratio: Device pixels per device-independent pixel, as `QWidget.devicePixelRatioF` says.

    Raises:
        ValueError: There is no drawing of this name.
    """
    pixels = max(1, round(side * ratio))
    key = f"convscope-icon/{name}/{pixels}/{ratio}/{colour.name(QColor.NameFormat.HexArgb)}"
    found = QPixmap()
    if QPixmapCache.find(key, found):
        return found
    drawn = QPixmap(pixels, pixels)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setOpacity(colour.alphaF())
    _renderer(name, colour).render(painter, QRectF(0, 0, pixels, pixels))
    painter.end()
    drawn.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, drawn)
    return drawn


def names() -> tuple[str, ...]:
    """Return the names of all drawings there are."""
    return tuple(sorted(file.stem for file in _folder().glob("*.svg")))


def _folder() -> Path:
    return paths.resources() / "icons"


@cache
def _drawing(name: str) -> str:
    file = _folder() / f"{name}.svg"
    if not file.is_file():
        raise ValueError(f"There is no icon {name!r}; there are {', '.join(names())}.")
    return file.read_text(encoding="utf-8")


def _renderer(name: str, colour: QColor) -> QSvgRenderer:
    source = _drawing(name).replace("currentColor", colour.name())  # QtSvg itself would draw currentColor black
    return QSvgRenderer(QByteArray(source.encode()))


class _TintedEngine(QIconEngine):
    """Paints a drawing in the colour that suits the theme and the icon's mode at that moment."""

    def __init__(self, name: str, tint: Tint) -> None:
        super().__init__()
        self._name = name
        self._tint: Tint = tint

    def _colour(self, mode: QIcon.Mode) -> QColor:
        colours = theme.current()
        colour = QColor(colours.on_accent if mode == QIcon.Mode.Selected else getattr(colours, self._tint))
        if mode == QIcon.Mode.Disabled:
            colour.setAlphaF(FAINT)
        return colour

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        ratio = painter.device().devicePixelRatio()
        place = QRect(0, 0, side, side)
        place.moveCenter(rect.center())
        painter.drawPixmap(place, pixmap(self._name, side, self._colour(mode), ratio))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        side = min(size.width(), size.height())  # device-independent, as Qt says since 6.8
        if side <= 0:  # a style asks for that, too, where there is no room
            return QPixmap()
        drawn = pixmap(self._name, side, self._colour(mode), scale)
        if size.width() == size.height():
            return drawn
        image = QPixmap(size * scale)
        image.setDevicePixelRatio(scale)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        corner = QPointF((size.width() - side) / 2, (size.height() - side) / 2)
        painter.drawPixmap(corner, drawn)
        painter.end()
        return image

    def clone(self) -> QIconEngine:
        return _TintedEngine(self._name, self._tint)
