"""The tools of a panel: what is there to click and not to look at, and so is left out of pictures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QPushButton,
    QSlider,
    QToolButton,
    QWidget,
)

from convscope.ui.widgets.cube_canvas import CubeCanvas

TOOL = "picture_tool"  # the property of what is a tool as a whole, the words in it included
CONTENT = "picture_content"  # that of a field in which is read what the picture shows
_KINDS = (QToolButton, QPushButton, QCheckBox, QComboBox, QAbstractSpinBox, QSlider)
# The others consist of fields and buttons that tell what is set; without them nothing would be left.
WITH_TOOLS = (
    "arithmetic_panel",
    "costs_panel",
    "cubes_panel",
    "curves_panel",
    "gradients_panel",
    "histogram_panel",
    "kernels_panel",
    "maps_panel",
    "matrix_panel",
    "step_panel",
    "time_panel",
)


@contextmanager
def without_tools(panel: QWidget) -> Iterator[None]:
    """Give what is to be looked at all the room of a panel, for as long as its picture is taken."""
    tools = tools_of(panel)
    focused = QApplication.focusWidget()
    rows = [row for row in panel.findChildren(CubeCanvas) if row.shows_all and not row.scene.whole]
    try:
        for tool in tools:
            tool.hide()
        _lay_out(panel, tools)
        for row in rows:  # in more height its cubes would grow until their end is out of sight
            row.fit(whole=True)
        yield
    finally:
        for tool in tools:
            tool.show()
        _lay_out(panel, tools)
        for row in rows:
            row.fit()
        if focused is not None and focused is not QApplication.focusWidget() and panel.isAncestorOf(focused):
            focused.setFocus()


def tools_of(panel: QWidget) -> list[QWidget]:
    """Return the tools that are seen in a panel; none of a panel that consists of them."""
    if panel.objectName() not in WITH_TOOLS:
        return []
    return [
        widget
        for widget in panel.findChildren(QWidget)
        if (isinstance(widget, _KINDS) or widget.property(TOOL))
        and not widget.property(CONTENT)
        and not widget.isHidden()
        and not _is_content(widget, panel)
    ]


def _is_content(widget: QWidget, panel: QWidget) -> bool:
    """Say whether a widget lies in something that is scrolled, or in a window of its own."""
    parent = widget.parentWidget()
    while parent is not None and parent is not panel:
        if isinstance(parent, QAbstractScrollArea) or parent.isWindow():
            return True
        parent = parent.parentWidget()
    return False


def _lay_out(panel: QWidget, tools: list[QWidget]) -> None:
    """Let layouts take note of tools at once that were hidden or shown, from the inside out."""
    if not tools:
        return
    parents = {parent for tool in tools for parent in _parents(tool, panel)}
    for parent in sorted(parents, key=lambda widget: -len(_parents(widget, panel))):
        QCoreApplication.sendPostedEvents(parent, QEvent.Type.LayoutRequest.value)
        layout = parent.layout()
        if layout is not None:
            layout.invalidate()
    for parent in sorted(parents, key=lambda widget: len(_parents(widget, panel))):
        layout = parent.layout()
        if layout is not None:
            layout.activate()


def _parents(widget: QWidget, panel: QWidget) -> list[QWidget]:
    """Return the parents of a widget up to and including the panel."""
    found: list[QWidget] = []
    parent = None if widget is panel else widget.parentWidget()
    while parent is not None:
        found.append(parent)
        parent = None if parent is panel else parent.parentWidget()
    return found
