"""Where the arrow keys lead in a mosaic: from tile to tile, with Shift from value to value."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from convscope.ui.widgets.mosaic_layout import Place

_ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


def tile_reached(event: QKeyEvent, tile: int, columns: int, shape: tuple[int, ...]) -> int | None:
    """Return the tile that a key without modifiers leads to; None for other keys.

    Args:
        event: The key.
        tile: Where it starts.
        columns: How many tiles lie side by side.
        shape: (tiles, parts, height, width) of what is shown, empty where nothing is.
    """
    if not shape or _modifiers(event) != Qt.KeyboardModifier.NoModifier:
        return None
    key = Qt.Key(event.key())
    if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        return 0 if key == Qt.Key.Key_Home else shape[0] - 1
    if key not in _ARROWS:
        return None
    down, right = _ARROWS[key]
    target = tile + down * columns + right
    return target if 0 <= target < shape[0] else tile


def place_reached(event: QKeyEvent, start: Place | None, tile: int, shape: tuple[int, ...]) -> Place | None:
    """Return the value that an arrow with Shift leads to; None for other keys, and in vectors.

    Args:
        event: The key.
        start: Where it starts; None for the middle of `tile`.
        tile: The selected tile.
        shape: (tiles, parts, height, width) of what is shown, empty where nothing is.
    """
    key = Qt.Key(event.key())
    is_vector = not shape or shape[2] * shape[3] == 1
    if is_vector or key not in _ARROWS or _modifiers(event) != Qt.KeyboardModifier.ShiftModifier:
        return None
    if start is None:
        return middle(tile, shape)
    down, right = _ARROWS[key]
    row, column = start.row + down, start.column + right
    return Place(start.tile, start.part, min(max(row, 0), shape[2] - 1), min(max(column, 0), shape[3] - 1))


def middle(tile: int, shape: tuple[int, ...]) -> Place:
    """Return the value in the middle of a tile."""
    return Place(tile, 0, shape[2] // 2, shape[3] // 2)


def _modifiers(event: QKeyEvent) -> Qt.KeyboardModifier:
    return event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier  # which macOS adds to every arrow
