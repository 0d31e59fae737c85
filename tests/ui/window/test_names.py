"""Everything in the window has the name it promises, and can be read aloud; keys and menus have no doubles."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAccessible, QAction
from PySide6.QtWidgets import QMenu, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from convscope.ui.widgets.curve_plot import CurvePlot
from convscope.ui.window import MainWindow

from .shown_window import PANELS, dock

WIDGETS = (
    *PANELS,
    "drawing_canvas",
    "network_input",
    "prediction_bars",
    "loss_plot",
    "accuracy_plot",
    "preset_box",
    "dataset_box",
)
ACTIONS = ("train", "pause", "step_batch", "step_epoch", "stop", "reset_weights", "undo", "redo")


def test_every_promised_name_is_found_once(window: MainWindow) -> None:
    names = [*WIDGETS, *(f"action_{name}" for name in ACTIONS)]
    assert {name: len(window.findChildren(QObject, name)) for name in names} == dict.fromkeys(names, 1)
    assert all(window.panel(name).objectName() == name for name in PANELS)


def test_every_widget_that_can_be_used_has_a_name_to_be_read_aloud(shown: MainWindow, qtbot: QtBot) -> None:
    for panel in PANELS:
        dock(shown, panel).raise_()
    plot = shown.findChild(CurvePlot, "loss_plot")
    qtbot.waitUntil(lambda: plot is not None and plot.canvas is not None, timeout=20_000)
    nameless = [
        f"{type(widget).__name__} {widget.objectName()!r} in {type(widget.parent()).__name__}"
        for widget in shown.findChildren(QWidget)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not in_menu(widget) and not is_named(widget)
    ]
    assert nameless == []


def in_menu(widget: QWidget) -> bool:
    """Whether a widget lies in a menu: only pyqtgraph's own has some, which is switched off and cannot be opened."""
    return isinstance(widget.window(), QMenu)


def is_named(widget: QWidget) -> bool:
    """Whether a screen reader has a name for a widget; those inside others, as a box's list, have their owner's."""
    if isinstance(widget, QTabBar):
        return True  # its tabs have the names of the docks
    interface = QAccessible.queryAccessibleInterface(widget)
    if interface is not None and interface.text(QAccessible.Text.Name):
        return True
    owner = widget.parentWidget()
    outer = owner.parentWidget() if owner is not None else None
    return any(holder is not None and holder.accessibleName() for holder in (owner, outer))


@pytest.mark.parametrize("name", [name for name in WIDGETS if name not in PANELS])
def test_the_named_widgets_are_named_to_be_read_aloud(window: MainWindow, name: str) -> None:
    widget = window.findChild(QWidget, name)
    assert widget is not None
    assert widget.accessibleName()


def test_no_keys_are_claimed_twice_in_the_whole_window(window: MainWindow) -> None:
    keys = Counter(
        key.toString()
        for found in set(window.findChildren(QAction))
        for key in found.shortcuts()
        if found.shortcutContext() in (Qt.ShortcutContext.WindowShortcut, Qt.ShortcutContext.ApplicationShortcut)
    )
    assert [key for key, count in keys.items() if count > 1] == []


def test_every_action_stands_in_a_menu_once(window: MainWindow) -> None:
    menus = window.menuBar().findChildren(QMenu)
    listed = Counter(a.objectName() for menu in menus for a in menu.actions() if a.objectName())
    assert {name: listed[name] for name in window.actions_by_name} == dict.fromkeys(window.actions_by_name, 1)
