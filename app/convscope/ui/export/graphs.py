"""Plots for another device than the screen: lines as thick as they are there, and nothing from a cache of pixels.

pyqtgraph draws with cosmetic pens, whose width Qt counts in pixels of the device, whatever its scale; and it keeps
symbols and axes as pictures of the screen's resolution, in which text is no text any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtGui import QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QGraphicsWidget, QWidget

Undo = Callable[[], object]


@contextmanager
def lines_scaled(panel: QWidget, factor: float) -> Iterator[None]:
    """Have all plots in a panel drawn without caches, and their cosmetic lines `factor` times as wide, for a while."""
    undoing: list[Undo] = []
    try:
        for view in panel.findChildren(QGraphicsView):
            undoing += _unbuffered(view)
            _settle(view)
            for item in view.scene().items():
                undoing += _uncached(item)
                undoing += _scaled(item, factor)
        yield
    finally:
        for undo in reversed(undoing):
            undo()


def _settle(view: QGraphicsView) -> None:
    """Let axes take the room that their labels need: pyqtgraph finds out how much when it has painted them."""
    view.grab()
    for item in view.scene().items():
        layout = QGraphicsWidget.layout(item) if isinstance(item, QGraphicsWidget) else None  # pyqtgraph hides it
        if layout is not None:
            layout.activate()


def _unbuffered(view: QGraphicsView) -> Iterator[Undo]:
    mode = view.cacheMode()
    view.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
    yield lambda: view.setCacheMode(mode)


def _uncached(item: QGraphicsItem) -> Iterator[Undo]:
    mode = item.cacheMode()
    if mode is not QGraphicsItem.CacheMode.NoCache:
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
        yield lambda: item.setCacheMode(mode)
    switch = getattr(item, "setExportMode", None)
    if switch is not None:
        switch(True, {"antialias": True})
        yield lambda: switch(False)


def _scaled(item: Any, factor: float) -> Iterator[Undo]:
    """Make the lines of one of pyqtgraph's items wider: a curve, an axis or a straight line."""
    options = getattr(item, "opts", {})
    pen = options.get("pen") if isinstance(options, dict) else None
    if isinstance(pen, QPen):
        options["pen"] = _wider(pen, factor)
        yield lambda: options.__setitem__("pen", pen)
    elif hasattr(item, "tickStrings"):
        usual = item.pen()
        _set_axis_pen(item, _wider(usual, factor))
        yield lambda: _set_axis_pen(item, usual)


def _set_axis_pen(axis: Any, pen: QPen) -> None:
    style, is_named = dict(axis.labelStyle), axis.label.isVisible()
    axis.setPen(pen)
    axis.setLabel(axis.labelText, **style)  # which setPen gives the colour of the line
    axis.showLabel(is_named)  # setLabel shows a name that there was no room for


def _wider(pen: QPen, factor: float) -> QPen:
    wider = QPen(pen)
    if pen.isCosmetic():
        wider.setWidthF(max(pen.widthF(), 1.0) * factor)
    return wider
