"""Values that dropout set to zero, crossed out cell by cell in the picture of a mosaic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convscope.ui.widgets.mosaic_layout import Axis, Layout

Flags = NDArray[np.bool_]
Pixels = NDArray[np.uint32]


def crossed_out(plane: Pixels, layout: Layout, dropped: Flags, colour: int) -> Pixels:
    """Return a mosaic's picture in which every dropped cell has a cross; of small cells little else is left.

    Args:
        plane: The picture.  # (height, width)
        layout: What it was made with.
        dropped: Which values were dropped, as many as the layout has places for.  # (count, parts, height, width)
        colour: Of the crosses.
    """
    marked = layout.picture(dropped.astype(np.uint32), 0).astype(np.bool_)
    return np.where(marked & _crosses(layout), np.uint32(colour), plane)


def _crosses(layout: Layout) -> Flags:
    """Return where the picture has the diagonals of its cells.  # (height, width)."""
    x, y = _within(layout.columns)[None, :], _within(layout.rows)[:, None]
    side = max(1, min(int(layout.columns.pixel), int(layout.rows.pixel)))
    thick = max(side // 24, 0)
    falling = np.abs(x - y) <= thick
    rising = np.abs(x + y - (side - 1)) <= thick
    return falling | rising


def _within(axis: Axis) -> NDArray[np.intp]:
    """Return how far each pixel lies behind the begin of its cell."""
    index = axis.index
    begins = np.concatenate([[True], np.diff(index) != 0])
    places = np.arange(len(index))
    return places - np.maximum.accumulate(np.where(begins, places, 0))
