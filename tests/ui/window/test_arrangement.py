"""Panels and toolbar: where they stand at first, that they come back, and which of them work."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QTabBar, QToolBar
from pytestqt.qtbot import QtBot

from convscope.core.unit import Unit
from convscope.ui.arithmetic_front import ArithmeticFront
from convscope.ui.panel_dock import TITLES
from convscope.ui.preferences import Preferences
from convscope.ui.session import Session
from convscope.ui.widgets.drawing_canvas import DrawingCanvas
from convscope.ui.window import MainWindow

from .shown_window import PANELS, Maker, action, dock


def view_action(window: MainWindow, panel: str) -> QAction:
    return action(window, f"show_{panel}")


def docks(window: MainWindow) -> dict[str, tuple[object, ...]]:
    """Return of every dock where it lies and whether it is there."""
    return {
        panel: (
            window.dockWidgetArea(dock(window, panel)),
            dock(window, panel).isVisibleTo(window),
            {other.objectName() for other in window.tabifiedDockWidgets(dock(window, panel))},
            dock(window, panel).isFloating(),
        )
        for panel in PANELS
    }


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_a_first_start_shows_every_panel_and_the_important_ones_at_once(
    window: MainWindow, qtbot: QtBot, size: tuple[int, int]
) -> None:
    window.resize(*size)
    window.show()
    qtbot.waitExposed(window)
    QApplication.processEvents()  # it is arranged when its size is known
    assert window.size() == QSize(*size)
    for panel in PANELS:
        assert dock(window, panel).isVisibleTo(window)
    for panel in ("stack_panel", "maps_panel", "drawing_panel", "curves_panel"):
        region = window.panel(panel).visibleRegion()
        assert not region.isEmpty(), panel
        assert window.rect().contains(window.panel(panel).mapTo(window, region.boundingRect().center())), panel


def test_panels_are_hidden_shown_and_put_back(shown: MainWindow) -> None:
    first = docks(shown)
    toggle = view_action(shown, "maps_panel")
    toggle.trigger()
    assert not toggle.isChecked()
    assert not dock(shown, "maps_panel").isVisible()
    toggle.trigger()
    assert toggle.isChecked()
    assert dock(shown, "maps_panel").isVisible()
    dock(shown, "curves_panel").setFloating(True)
    dock(shown, "kernels_panel").hide()
    shown.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock(shown, "stack_panel"))
    assert docks(shown) != first
    action(shown, "reset_layout").trigger()
    assert docks(shown) == first


def test_the_view_menu_lists_every_panel(shown: MainWindow) -> None:
    (view,) = (menu for menu in shown.menuBar().findChildren(QMenu) if menu.title() == "&View")
    popup = shown.createPopupMenu()
    for panel, title in TITLES.items():
        entry = view_action(shown, panel)
        assert entry.text() == title
        assert entry.isChecked()  # each is there, some behind others
        assert entry in view.actions()
        assert entry in popup.actions()


@pytest.mark.parametrize("panel", TITLES)
def test_the_view_menu_brings_a_panel_to_the_front_and_hides_it_there(shown: MainWindow, panel: str) -> None:
    toggle, place = view_action(shown, panel), dock(shown, panel)
    for other in shown.tabifiedDockWidgets(place):
        other.raise_()
    QApplication.processEvents()
    if shown.tabifiedDockWidgets(place):
        toggle.trigger()
        QApplication.processEvents()
    assert shown.panel(panel).isVisible()
    toggle.trigger()
    assert place.isHidden()
    assert not toggle.isChecked()
    toggle.trigger()
    QApplication.processEvents()
    assert shown.panel(panel).isVisible()
    assert toggle.isChecked()
    focused = QApplication.focusWidget()
    assert focused is not None
    assert place.isAncestorOf(focused)


def test_the_arrangement_is_remembered_until_the_next_start(make: Maker, qtbot: QtBot) -> None:
    first = make()
    first.show()
    QApplication.processEvents()
    first.resize(1111, 765)
    dock(first, "kernels_panel").hide()
    first.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock(first, "stack_panel"))
    left = docks(first)
    first.close()
    second = make()
    assert docks(second) == left
    second.show()
    QApplication.processEvents()
    assert docks(second) == left
    Preferences().forget_window()
    third = make()
    third.show()
    QApplication.processEvents()
    assert docks(third) != left
    assert dock(third, "kernels_panel").isVisibleTo(third)


def tabs(window: MainWindow) -> list[str]:
    """Return what is written on all tabs of panels that can be seen."""
    bars = [bar for bar in window.findChildren(QTabBar) if bar.parent() is window and bar.isVisible()]
    return [bar.tabText(number) for bar in bars for number in range(bar.count())]


def test_every_tab_is_there_once_whatever_was_moved(make: Maker, qtbot: QtBot) -> None:
    first = make()
    first.show()
    first.tabifyDockWidget(dock(first, "stack_panel"), dock(first, "kernels_panel"))
    QApplication.processEvents()
    moved = tabs(first)
    assert len(moved) == len(set(moved)) > 0
    first.close()
    second = make()
    second.show()
    QApplication.processEvents()
    assert sorted(tabs(second)) == sorted(moved)
    action(second, "reset_layout").trigger()
    QApplication.processEvents()
    assert len(tabs(second)) == len(set(tabs(second)))


def test_full_screen_is_entered_and_left_again(shown: MainWindow) -> None:
    action(shown, "full_screen").trigger()
    assert shown.isFullScreen()
    assert action(shown, "full_screen").isChecked()
    action(shown, "full_screen").trigger()
    assert not shown.isFullScreen()
    assert not action(shown, "full_screen").isChecked()


def test_a_toolbar_that_was_hidden_or_moved_comes_back(shown: MainWindow) -> None:
    bar = shown.findChild(QToolBar, "toolbar")
    assert bar is not None
    toggle = bar.toggleViewAction()
    assert any(toggle in menu.actions() for menu in shown.menuBar().findChildren(QMenu))
    toggle.trigger()
    assert not bar.isVisible()
    shown.addToolBar(Qt.ToolBarArea.LeftToolBarArea, bar)
    action(shown, "reset_layout").trigger()
    assert bar.isVisible()
    assert shown.toolBarArea(bar) == Qt.ToolBarArea.TopToolBarArea


def test_a_panel_behind_another_one_rests(shown: MainWindow) -> None:
    maps, kernels = dock(shown, "maps_panel"), dock(shown, "kernels_panel")
    assert not shown.panel("kernels_panel").isVisible()
    kernels.raise_()
    QApplication.processEvents()
    assert shown.panel("kernels_panel").isVisible()
    assert not shown.panel("maps_panel").isVisible()
    kernels.close()
    QApplication.processEvents()
    assert not shown.panel("kernels_panel").isVisible()
    view_action(shown, "kernels_panel").trigger()
    maps.raise_()
    QApplication.processEvents()
    assert shown.panel("maps_panel").isVisible()


def test_a_click_on_a_value_brings_its_arithmetic_to_the_front(shown: MainWindow, qtbot: QtBot) -> None:
    assert not shown.panel("arithmetic_panel").isVisible()
    shown.session.inspection.pin(Unit(0, (0, 1, 1)))
    qtbot.waitUntil(shown.panel("arithmetic_panel").isVisible)
    assert dock(shown, "stack_panel") in shown.tabifiedDockWidgets(dock(shown, "arithmetic_panel"))


@pytest.mark.parametrize("before", [None, Unit(0, (1, 0, 0))])
def test_a_pin_that_is_taken_back_leaves_the_layers_in_front(
    shown: MainWindow, qtbot: QtBot, before: Unit | None
) -> None:
    inspection = shown.session.inspection
    if before is not None:
        inspection.pin(before)
        qtbot.waitUntil(shown.panel("arithmetic_panel").isVisible)
        dock(shown, "stack_panel").raise_()
        QApplication.processEvents()
    inspection.pin(Unit(0, (0, 1, 1)))
    QApplication.processEvents()
    inspection.take_back()
    assert inspection.pinned == before
    QApplication.processEvents()
    assert not shown.findChildren(ArithmeticFront)[0].isActive()  # nothing more will come
    assert not shown.panel("arithmetic_panel").isVisible()


def test_a_closed_arithmetic_stays_closed(shown: MainWindow, qtbot: QtBot) -> None:
    dock(shown, "arithmetic_panel").close()
    (front,) = shown.findChildren(ArithmeticFront)
    with qtbot.waitSignal(front.timeout):
        shown.session.inspection.pin(Unit(0, (0, 1, 1)))
    assert not dock(shown, "arithmetic_panel").isVisible()


def test_the_next_stage_of_a_step_is_seen_also_where_its_panel_was_closed(
    make: Maker, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages: list[bool] = []
    monkeypatch.setattr(Session, "step_stage", lambda _: stages.append(True))  # it would load data
    window = make()
    window.show()
    qtbot.waitExposed(window)
    panel = window.panel("step_panel")
    assert not panel.isVisible()
    action(window, "step_stage").trigger()
    qtbot.waitUntil(panel.isVisible)
    dock(window, "step_panel").close()
    action(window, "step_stage").trigger()
    qtbot.waitUntil(panel.isVisible)
    assert len(stages) == 2


def test_keys_reach_the_drawing_at_the_start_and_when_panels_are_put_back(shown: MainWindow, qtbot: QtBot) -> None:
    shown.activateWindow()
    canvas = shown.findChild(DrawingCanvas)
    assert canvas is not None
    assert shown.focusWidget() is canvas
    network = shown.session.network
    QTest.keyClick(shown, Qt.Key.Key_Down)
    assert shown.session.network is network
    for panel in ("maps_panel", "runs_panel"):  # in front at first, and behind another one
        view_action(shown, panel).setChecked(False)
        view_action(shown, panel).trigger()
        action(shown, "reset_layout").trigger()
        qtbot.waitUntil(lambda: shown.focusWidget() is canvas and canvas.isVisible())
