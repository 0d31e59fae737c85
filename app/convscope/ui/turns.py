"""Turns of the event loop: what need not be done at once is done when the window has been painted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

_LEAST = 1  # milliseconds; what is asked for at once, by 0, Qt does together with all that was posted, before the paint


def after_paint(owner: QObject, what: Callable[[], object]) -> None:
    """Do something when what has changed so far is on the screen; never if its owner is deleted before that."""
    QTimer.singleShot(_LEAST, owner, what)
