"""Where the panels stand when the window starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

WIDE = 1800  # pixels of window width from which kernels have a place beside the maps, not behind them
HIGH = 950  # pixels of window height from which the training settings have a place below the drawing


@dataclass(frozen=True)
class Tabs:
    """Panels behind each other, the first in front, and their share of the row they stand in."""

    panels: tuple[str, ...]
    share: float = 1.0


@dataclass(frozen=True)
class Row:
    """Panels beside each other, and their share of the column's height."""

    places: tuple[Tabs, ...]
    share: float = 1.0


Column = tuple[Row, ...]


def arrange(window: QMainWindow, docks: Mapping[str, QDockWidget]) -> None:
    """Put the docks where they are at first: layers left, what is inside the network in the middle, drawing right.

    On a small screen more panels lie behind each other.
    """
    for dock in docks.values():
        window.removeDockWidget(dock)
    columns = _columns(window.width() >= WIDE, window.height() >= HIGH)
    _place(window, docks, columns)
    left, right = (round(min(max(share * window.width(), 330), most)) for share, most in ((0.3, 415), (0.27, 475)))
    widths = [left, window.width() - left - right, right]
    heads = [docks[column[0].places[0].panels[0]] for column in columns]
    window.resizeDocks(heads, widths, Qt.Orientation.Horizontal)
    for column, width in zip(columns, widths, strict=True):
        _share(window, docks, column, width)


def _columns(wide: bool, high: bool) -> tuple[Column, Column, Column]:
    """Return the columns from left to right for a window that is wide or high, or not."""
    behind = () if wide else ("arithmetic_panel",)
    labs, reading = ("batchnorm_panel", "dropout_panel"), ("diagnosis_panel",)
    left = [Row((Tabs(("stack_panel", *behind, *(("costs_panel",) if wide else ()), *labs)),))]
    beside = reading if wide else ("runs_panel",)  # where the curves can be seen at the same time
    settings = () if high else ("training_panel",)
    upper = 0.66 if wide else 0.63  # settings take two columns in a wide window, so fewer lines
    right = [Row((Tabs(("drawing_panel", *settings, "attribution_panel", *beside)),), upper)]
    if high:
        right.append(Row((Tabs(("training_panel",)),), 1 - upper))
    if wide:
        inside = (
            Tabs(("maps_panel", "histogram_panel"), 0.55),
            Tabs(("kernels_panel", "matrix_panel", "step_panel"), 0.45),
        )
        below = (
            Tabs(("curves_panel", "gradients_panel"), 0.5),
            Tabs(("arithmetic_panel", "runs_panel", "time_panel"), 0.5),  # time moves a line in the curves
        )
        shares = (0.285, 0.335, 0.36)
    else:
        looking = ("maps_panel", "kernels_panel", "histogram_panel", "matrix_panel", "step_panel", "costs_panel")
        inside = (Tabs(looking),)
        below = (Tabs(("curves_panel", "time_panel", "gradients_panel", *reading)),)
        shares = (0.27, 0.39, 0.33)
    rows = ((Tabs(("cubes_panel",)),), inside, below)
    middle = [Row(places, share) for places, share in zip(rows, shares, strict=True)]
    return tuple(left), tuple(middle), tuple(right)


def _place(window: QMainWindow, docks: Mapping[str, QDockWidget], columns: Sequence[Column]) -> None:
    """Split columns first, then their rows, then the places of a row: so each has its own divider."""
    heads = [docks[column[0].places[0].panels[0]] for column in columns]
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, heads[0])
    for before, head in pairwise(heads):
        window.splitDockWidget(before, head, Qt.Orientation.Horizontal)
    for column in columns:
        firsts = [docks[row.places[0].panels[0]] for row in column]
        for above, below in pairwise(firsts):
            window.splitDockWidget(above, below, Qt.Orientation.Vertical)
        for row in column:
            fronts = [docks[tabs.panels[0]] for tabs in row.places]
            for before, front in pairwise(fronts):
                window.splitDockWidget(before, front, Qt.Orientation.Horizontal)
            for tabs, front in zip(row.places, fronts, strict=True):
                for name in tabs.panels[1:]:
                    window.tabifyDockWidget(front, docks[name])
                for name in tabs.panels:
                    docks[name].show()
                front.raise_()


def _share(window: QMainWindow, docks: Mapping[str, QDockWidget], column: Column, width: int) -> None:
    """Divide a column's height among its rows and its width among each row's places."""
    firsts = [docks[row.places[0].panels[0]] for row in column]
    heights = [round(row.share * window.height()) for row in column]
    window.resizeDocks(firsts, heights, Qt.Orientation.Vertical)
    for row in column:
        fronts = [docks[tabs.panels[0]] for tabs in row.places]
        window.resizeDocks(fronts, [round(tabs.share * width) for tabs in row.places], Qt.Orientation.Horizontal)
