"""Qt's types, made before another thread asks for them.

PySide6 makes a type when it is asked for first, in steps between which other threads go on; one that two threads ask
for at the same time, or that is used half made, takes the program down. pyqtgraph asks for every type when it is
imported, and it is imported on a thread. The modules of Convscope ask for theirs when they are imported, on the
window's thread.
"""

from __future__ import annotations

from time import perf_counter

from PySide6 import QtCore, QtGui, QtSvg, QtWidgets

_AT_ONCE = 0.002  # seconds; all of them take a twentieth of a second

_left = ((module, name) for module in (QtCore, QtGui, QtWidgets, QtSvg) for name in dir(module))


def make_some_types() -> bool:
    """Make some of the types that are not there yet, on the window's thread; say whether all are there."""
    end = perf_counter() + _AT_ONCE
    for module, name in _left:
        getattr(module, name)
        if perf_counter() > end:
            return False
    return True
