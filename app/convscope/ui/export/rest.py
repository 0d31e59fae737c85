"""A panel at rest while its picture is taken: no focus ring, and nothing under the pointer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtWidgets import QApplication, QWidget


@contextmanager
def at_rest(panel: QWidget) -> Iterator[None]:
    """Take focus and pointer from a panel, and give them back."""
    focused = QApplication.focusWidget()
    if focused is not None and focused is not panel and not panel.isAncestorOf(focused):
        focused = None
    pointed = [widget for widget in (panel, *panel.findChildren(QWidget)) if widget.underMouse()]
    if focused is not None:
        focused.clearFocus()
    for widget in pointed:
        widget.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
        QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.Leave))
    try:
        yield
    finally:
        for widget in pointed:
            widget.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, True)
        if focused is not None:
            focused.setFocus(Qt.FocusReason.OtherFocusReason)
