"""One colour for each class, the same in every plot."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPen

from convscope.ui import theme

# Neighbours differ in hue and in lightness; those from the second half on are dashed, so that no two look the same
# to anybody. Each is readable as text on the base colour.
_LIGHT = ("#0067a5", "#b84a00", "#00796b", "#8e24aa", "#6d4c00", "#c2185b", "#455a64", "#5d6b00", "#007a99", "#4b46d1")
_DARK = ("#56b4e9", "#f2a34b", "#4fd1b5", "#d39bf0", "#d9b36c", "#ff8ab5", "#b0bec5", "#c8d64a", "#5fe0ff", "#a3a3ff")


def class_colour(number: int) -> QColor:
    """Return the colour of a class in the current theme; with more than ten classes colours come again."""
    colours = _DARK if theme.current().dark else _LIGHT
    return QColor(colours[number % len(colours)])


def class_pen(number: int, width: float) -> QPen:
    """Return the pen of a class: its colour, and dashes for every second handful."""
    dashed = number % 10 >= 5
    pen = QPen(class_colour(number), width, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine)
    if dashed:
        pen.setDashPattern([5, 2])
    return pen
