"""A panel as an SVG file, in which each widget is a group at its place, clipped to what can be seen of it.

Qt writes the clips that a widget sets in the widget's own coordinates when the widget is painted anywhere but at the
origin, where readers other than Qt's take them for those of the page and hide what is drawn. Therefore each widget is
written as a file of its own, at the origin, and the files are put together here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple
from xml.etree import ElementTree

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QRect, QSize
from PySide6.QtGui import QColor, QPainter, QRegion
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from convscope.ui.export.svg_images import enlarge_pixels
from convscope.ui.export.svg_lines import scale_lines

_SVG = "http://www.w3.org/2000/svg"
_LINK = "http://www.w3.org/1999/xlink"
_G, _DEFS, _RECT, _CLIP = (f"{{{_SVG}}}{name}" for name in ("g", "defs", "rect", "clipPath"))
_OWN = (f"{{{_SVG}}}title", f"{{{_SVG}}}desc")  # of a file, not of its parts
_MORE = 8  # pixels beside words
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # in XML; the name of a folder may have them
_REFERENCE = re.compile(r"url\(#|^#")


class _Seen(NamedTuple):
    """A widget, where its corner lies in the panel, and what can be seen of it, in its own coordinates."""

    widget: QWidget
    corner: QPoint
    visible: QRect


def svg_of_widgets(panel: QWidget, background: QColor | None) -> bytes:
    """Return a panel and what is in it as an SVG file of the panel's size in logical pixels.

    Args:
        panel: It is shown, and at rest.
        background: What lies behind it; None for nothing.
    """
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _LINK)
    root = _written(panel, panel.size(), lambda painter: _fill(painter, panel.rect(), background))
    for number, seen in enumerate(_widgets(panel, QPoint(), panel.rect())):
        own = _written(panel, seen.widget.size(), partial(_paint, seen.widget))
        if any(element.tag != _G for group in own.iterfind(_G) for element in group.iter()):
            _rename(own, f"w{number}-")
            root.append(_placed(own, seen, f"w{number}"))
    scale_lines(root)
    enlarge_pixels(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _widgets(widget: QWidget, corner: QPoint, visible: QRect) -> Iterator[_Seen]:
    """Yield a widget and what is in it, in the order in which they are painted."""
    yield _Seen(widget, corner, visible)
    for child in widget.children():
        if isinstance(child, QWidget) and not child.isHidden() and not child.isWindow():
            seen = visible.intersected(child.geometry()).translated(-child.pos())
            if not seen.isEmpty():
                yield from _widgets(child, corner + child.pos(), seen)


def _written(panel: QWidget, size: QSize, paint: Callable[[QPainter], None]) -> ElementTree.Element:
    """Return what is painted as an SVG document."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    device = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # the older profile knows no clips
    device.setOutputDevice(buffer)
    device.setResolution(panel.logicalDpiX())
    device.setSize(size)
    device.setViewBox(QRect(QPoint(), size))
    device.setTitle(panel.accessibleName() or panel.windowTitle())
    device.setDescription("")
    painter = QPainter(device)
    paint(painter)
    painter.end()
    return ElementTree.fromstring(_FORBIDDEN.sub("", bytes(buffer.data().data()).decode()))


def _paint(widget: QWidget, painter: QPainter) -> None:
    """Paint a widget without what is in it."""
    # Not widget.render: a QGraphicsView's method of that name paints its scene alone.
    QWidget.render(widget, painter, QPoint(), QRegion(), QWidget.RenderFlag(0))


def _fill(painter: QPainter, area: QRect, colour: QColor | None) -> None:
    if colour is not None:
        painter.fillRect(area, colour)


def _placed(own: ElementTree.Element, seen: _Seen, name: str) -> ElementTree.Element:
    """Return the parts of a widget's document as a group in the panel's."""
    group = ElementTree.Element(_G)
    group.set("transform", f"matrix(1,0,0,1,{seen.corner.x()},{seen.corner.y()})")
    group.set("clip-path", f"url(#{name})")
    clip = ElementTree.SubElement(ElementTree.SubElement(group, _DEFS), _CLIP, id=name)
    room = _roomy(seen)
    places = {"x": room.x(), "y": room.y(), "width": room.width(), "height": room.height()}
    ElementTree.SubElement(clip, _RECT, {name: str(place) for name, place in places.items()})
    group.extend(part for part in own if part.tag not in _OWN)
    return group


def _roomy(seen: _Seen) -> QRect:
    """Return what can be seen of a widget, and some room for words, which may be wider in another reader's font."""
    widget, visible = seen.widget, seen.visible
    if not isinstance(widget, QLabel | QAbstractButton):
        return visible
    left, right = (_MORE * (side == whole) for side, whole in ((visible.left(), 0), (visible.width(), widget.width())))
    return visible.adjusted(-left, 0, right, 0)


def _rename(document: ElementTree.Element, prefix: str) -> None:
    """Give what has a name one that no other widget's parts have."""
    for element in document.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, prefix + value)
            elif "#" in value and (key == f"{{{_LINK}}}href" or value.startswith("url(#")):
                element.set(key, _REFERENCE.sub(lambda found: found[0] + prefix, value, count=1))
