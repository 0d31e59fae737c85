"""Have nested layouts agree at once on a changed size, rather than one level at each turn of the event loop."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def settle(widget: QWidget) -> None:
    """Lay out a widget and everything around it, from the inside out; without this, one squeezed frame is painted."""
    inner: QWidget | None = widget
    while inner is not None:
        layout = inner.layout()
        if layout is not None:
            layout.activate()
        if inner.isWindow():
            return
        inner = inner.parentWidget()


def fitted_height(widget: QWidget, width: int, *inner: QWidget) -> int:
    """Give a widget a width, and return how high its layout then wants it to be.

    Args:
        widget: Has a layout.
        width: In pixels.
        inner: Widgets inside with layouts of their own whose height follows from their width.
    """
    widget.resize(width, widget.height())
    for part in (widget, *inner, widget):
        if (layout := part.layout()) is not None:
            layout.invalidate()
            layout.activate()
    return widget.sizeHint().height()
