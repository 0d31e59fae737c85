"""The dock around every panel, and the arrangement the window starts with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

WIDE = 1600  # pixels of window width from which kernels have a place beside the maps, not behind them
HIGH = 950  # pixels of window height from which the training settings have a place below the drawing


def make_docks(window: QMainWindow, panels: Sequence[QWidget]) -> dict[str, QDockWidget]:
    """Return a dock for every panel, by the panel's object name."""
    docks: dict[str, QDockWidget] = {}
    for panel in panels:
        title = str(getattr(panel, "title", panel.objectName()))
        dock = QDockWidget(title, window)
        dock.setObjectName(f"{panel.objectName()}_dock")
        dock.setWidget(panel)
        dock.toggleViewAction().setStatusTip(f"Show or hide the panel “{title}”.")
        docks[panel.objectName()] = dock
    return docks


def arrange(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    """Put the docks where they are at first: layers left, maps and curves in the middle, drawing right.

    On a small screen the training settings lie behind the layers and the kernels behind the maps.
    """
    for dock in docks.values():
        window.removeDockWidget(dock)
        dock.setFloating(False)
    stack, maps, kernels = docks["stack_panel"], docks["maps_panel"], docks["kernels_panel"]
    curves, drawing, training = docks["curves_panel"], docks["drawing_panel"], docks["training_panel"]
    across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    width, height = window.width(), window.height()
    wide, high = width >= WIDE, height >= HIGH
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, stack)
    window.splitDockWidget(stack, maps, across)
    window.splitDockWidget(maps, drawing, across)
    window.splitDockWidget(maps, curves, down)
    if high:
        window.splitDockWidget(drawing, training, down)
    else:
        window.tabifyDockWidget(stack, training)
    if wide:
        window.splitDockWidget(maps, kernels, across)
    else:
        window.tabifyDockWidget(maps, kernels)
    for dock in docks.values():
        dock.show()
    stack.raise_()
    maps.raise_()
    side = round(min(max(0.27 * width, 330), 460))
    middle = width - 2 * side
    window.resizeDocks([stack, maps, drawing], [side, middle, side], across)
    window.resizeDocks([maps, curves], [round(0.62 * height), round(0.38 * height)], down)
    if high:
        window.resizeDocks([drawing, training], [round(0.63 * height), round(0.37 * height)], down)
    if wide:
        window.resizeDocks([maps, kernels], [round(0.58 * middle), round(0.42 * middle)], across)
