"""The main window: what it holds, how it is arranged, and that its menus do what they say."""

from __future__ import annotations

import dataclasses
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QPointF, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QAccessible, QAction, QDesktopServices, QDragEnterEvent, QDropEvent, QStatusTipEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDockWidget,
    QFileDialog,
    QLabel,
    QMenu,
    QMessageBox,
    QTabBar,
    QToolBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.project import Project, save
from convscope.core.training_config import TrainingConfig
from convscope.core.unit import Unit
from convscope.core.weights import initial_weights
from convscope.ui import background, theme
from convscope.ui.application import make_application, make_window, start_log
from convscope.ui.preferences import Preferences
from convscope.ui.session import Session
from convscope.ui.widgets.curve_plot import CurvePlot
from convscope.ui.widgets.error_dialog import ErrorDialog
from convscope.ui.window import MainWindow

LONG = 20_000  # milliseconds; a busy machine may take long to load torch
NETWORK = Network(layers=(Conv2d(2, 5, 4), Activation(), Flatten(), Dense(10)))
OTHER = Network(layers=(Flatten(), Dense(10)))
LINE = Drawing((Stroke(((0.3, 0.2), (0.5, 0.8)), 0.08, False),))
PANELS = ("stack_panel", "drawing_panel", "maps_panel", "kernels_panel", "curves_panel", "training_panel")
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
BUTTONS = QMessageBox.StandardButton

Maker = Callable[[], MainWindow]


def project(network: Network) -> Project:
    return Project(network, initial_weights(network, 0), TrainingConfig(batch_size=20, epochs=2))


@pytest.fixture
def make(answers: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Maker]:
    """Return what makes a window on a small network, as a start of the program does, without loading torch."""
    monkeypatch.setattr(Session, "_ask", lambda _: None)  # no trace is looked at here
    windows: list[MainWindow] = []

    def made() -> MainWindow:
        window = make_window(Preferences(), None, project(NETWORK))
        windows.append(window)
        return window

    yield made
    for window in windows:
        window.close()
        window.deleteLater()


@pytest.fixture
def window(make: Maker) -> MainWindow:
    return make()


@pytest.fixture
def shown(window: MainWindow, qtbot: QtBot) -> MainWindow:
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    QApplication.processEvents()
    return window


def action(window: MainWindow, name: str) -> QAction:
    found = window.findChild(QAction, f"action_{name}")
    assert found is not None
    return found


def dock(window: MainWindow, panel: str) -> QDockWidget:
    found = window.findChild(QDockWidget, f"{panel}_dock")
    assert found is not None
    return found


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
    toggle = dock(shown, "maps_panel").toggleViewAction()
    toggle.trigger()
    assert not dock(shown, "maps_panel").isVisible()
    toggle.trigger()
    assert dock(shown, "maps_panel").isVisible()
    dock(shown, "curves_panel").setFloating(True)
    dock(shown, "kernels_panel").hide()
    shown.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock(shown, "stack_panel"))
    assert docks(shown) != first
    action(shown, "reset_layout").trigger()
    assert docks(shown) == first


def test_the_view_menu_lists_every_panel(window: MainWindow) -> None:
    (view,) = (menu for menu in window.menuBar().findChildren(QMenu) if menu.title() == "&View")
    for panel in PANELS:
        assert dock(window, panel).toggleViewAction() in view.actions()


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


def test_the_theme_is_switched_and_remembered(shown: MainWindow, qapp: QApplication) -> None:
    try:
        for choice, colours in (("dark", theme.DARK), ("light", theme.LIGHT)):
            action(shown, f"theme_{choice}").trigger()
            assert theme.current() == colours
            for widget in (shown, shown.panel("maps_panel"), shown.findChild(QWidget, "loss_plot")):
                assert widget is not None
                assert widget.palette().window().color() == colours.window
            assert Preferences().theme == choice
            assert action(shown, f"theme_{choice}").isChecked()
            corner = shown.menuBar().grab().toImage().pixelColor(shown.menuBar().width() - 3, 3)
            assert (corner.lightness() < 128) is colours.dark
    finally:
        theme.apply(qapp, "light")


def test_undo_and_redo_say_what_they_do(window: MainWindow) -> None:
    undo, redo = action(window, "undo"), action(window, "redo")
    assert not undo.isEnabled()
    assert not redo.isEnabled()
    session = window.session
    session.edit("Draw", drawing=LINE)
    session.edit("Remove conv_1", network=session.network.removed(0))
    assert (undo.text(), undo.isEnabled(), redo.isEnabled()) == ("&Undo: Remove conv_1", True, False)
    undo.trigger()
    assert session.network is NETWORK
    assert (undo.text(), redo.text()) == ("&Undo: Draw", "&Redo: Remove conv_1")
    undo.trigger()
    assert session.drawing.is_empty
    assert (undo.text(), undo.isEnabled()) == ("&Undo", False)
    redo.trigger()
    redo.trigger()
    assert session.drawing == LINE
    assert len(session.network.layers) == 3
    assert (redo.text(), redo.isEnabled()) == ("&Redo", False)


def test_the_title_names_the_file_and_marks_changes(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert window.windowTitle() == "Untitled[*] – Convscope"
    assert not window.isWindowModified()
    window.session.edit("Draw", drawing=LINE)
    assert window.isWindowModified()
    path = tmp_path / "lecture.safetensors"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    action(window, "save").trigger()
    assert path.exists()
    assert window.windowTitle() == "lecture.safetensors[*] – Convscope"
    assert not window.isWindowModified()
    assert not action(window, "save").isEnabled()
    action(window, "undo").trigger()
    assert window.isWindowModified()
    assert action(window, "save").isEnabled()
    action(window, "redo").trigger()
    assert not window.isWindowModified()
    action(window, "new").trigger()
    assert window.windowTitle() == "Untitled[*] – Convscope"


def recent_menu(window: MainWindow) -> QMenu:
    (menu,) = (menu for menu in window.findChildren(QMenu) if menu.title() == "Open &recent")
    return menu


def test_recent_files_are_listed_opened_and_forgotten(window: MainWindow, tmp_path: Path) -> None:
    assert not recent_menu(window).isEnabled()
    for name in ("one", "two"):
        save(tmp_path / f"{name}.safetensors", project(OTHER))
        window.files.open(tmp_path / f"{name}.safetensors")
    entries = [entry for entry in recent_menu(window).actions() if not entry.isSeparator()]
    assert [entry.text() for entry in entries] == ["two.safetensors", "one.safetensors", "&Clear list"]
    assert entries[1].statusTip() == str(tmp_path / "one.safetensors")
    entries[1].trigger()
    assert window.files.path == tmp_path / "one.safetensors"
    assert recent_menu(window).actions()[0].text() == "one.safetensors"
    recent_menu(window).actions()[-1].trigger()
    assert not recent_menu(window).isEnabled()
    assert Preferences().recent_files == ()


def drop(window: MainWindow, path: Path) -> bool:
    """Drop a file on the window; say whether it was accepted."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), copy, mime, left, none)
    enter.ignore()
    QApplication.sendEvent(window, enter)
    if enter.isAccepted():
        QApplication.sendEvent(window, QDropEvent(QPointF(5, 5), copy, mime, left, none))
    return enter.isAccepted()


def test_a_dropped_project_is_opened_and_other_files_are_refused(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save(path, project(OTHER))
    assert drop(window, path)
    assert window.session.network == OTHER
    assert window.files.path == path
    (tmp_path / "notes.txt").write_text("nothing")
    assert not drop(window, tmp_path / "notes.txt")


def test_a_dropped_file_that_is_damaged_gets_one_message(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "broken.safetensors"
    path.write_bytes(b"nothing")
    drop(window, path)
    (dialog,) = window.findChildren(ErrorDialog)
    label = dialog.findChild(QLabel, "error_sentences")
    assert label is not None
    assert str(path) in label.text()
    assert window.session.network is NETWORK


def test_a_closed_window_is_gone_before_its_work_ends(shown: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bool] = []
    end = shown.session.close

    def close() -> None:
        seen.append(shown.isVisible())
        end()

    monkeypatch.setattr(shown.session, "close", close)
    shown.close()
    assert seen == [False]


@pytest.mark.parametrize(
    ("button", "closes"), [(BUTTONS.Cancel, False), (BUTTONS.Discard, True)], ids=["cancel", "discard"]
)
def test_closing_asks_about_what_is_not_saved(
    shown: MainWindow, answers: Any, button: QMessageBox.StandardButton, closes: bool
) -> None:
    shown.session.edit("Draw", drawing=LINE)
    answers.button = button
    assert shown.close() is closes
    assert shown.isVisible() is not closes
    assert answers.asked == ["Save the changes to this network? Otherwise they are lost."]
    answers.button = BUTTONS.Discard


@pytest.mark.parametrize(("name", "title"), [("about", "About Convscope"), ("shortcuts", "Keyboard shortcuts")])
def test_dialogs_open_and_close_and_do_not_pile_up(shown: MainWindow, name: str, title: str) -> None:
    seen: list[str] = []

    def close() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QDialog)
        seen.append(dialog.windowTitle())
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    for _ in range(3):
        QTimer.singleShot(0, shown, close)
        action(shown, name).trigger()
    assert seen == [title] * 3
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert shown.findChildren(QDialog) == []


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


def test_a_failure_is_one_dialog_with_details(shown: MainWindow) -> None:
    shown.session.failed.emit("The data cannot be read.", ValueError("magic 7"))
    shown.session.failed.emit("And again.", None)
    (dialog,) = shown.findChildren(ErrorDialog)
    assert "The data cannot be read." in dialog.sentences.text()
    assert "And again." in dialog.sentences.text()
    assert "magic 7" in dialog.copied_text()
    dialog.close()


def test_messages_stand_in_the_status_bar(shown: MainWindow) -> None:
    shown.session.message_shown.emit("Something happened.")
    assert shown.statusBar().currentMessage() == "Something happened."


def test_a_message_outlasts_what_the_pointer_passes_over(shown: MainWindow) -> None:
    hint = QStatusTipEvent("What this button does.")
    QApplication.sendEvent(shown, hint)
    assert shown.statusBar().currentMessage() == "What this button does."
    shown.session.message_shown.emit("These layers start anew: conv_1")
    QApplication.sendEvent(shown, hint)
    QApplication.sendEvent(shown, QStatusTipEvent(""))
    assert shown.statusBar().currentMessage() == "These layers start anew: conv_1"
    shown.session.undo_stack.indexChanged.emit(0)  # another step, of which nothing is said
    QApplication.sendEvent(shown, hint)
    assert shown.statusBar().currentMessage() == "What this button does."


def test_the_log_file_is_written_and_opened(make: Maker, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    window = make()
    assert not action(window, "open_log").isEnabled()
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    root.handlers.clear()
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    try:
        path = start_log("info")
        logging.getLogger("convscope.test").info("an entry")
        logged = make_window(Preferences(), path, project(NETWORK))
        action(logged, "open_log").trigger()
        logged.close()
        logged.deleteLater()
        assert "an entry" in path.read_text(encoding="utf-8")
        assert opened == [str(path)]
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers[:], root.level = before, level


def test_the_application_is_made_once_and_in_the_wanted_theme(qapp: QApplication) -> None:
    try:
        assert make_application("dark") is qapp
        assert theme.current() == theme.DARK
        assert qapp.applicationDisplayName() == "Convscope"
        assert not qapp.windowIcon().isNull()
    finally:
        theme.apply(qapp, "light")


def test_a_project_opened_shows_in_the_panels(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "drawn.safetensors"
    save(path, dataclasses.replace(project(OTHER), drawing=LINE))
    window.files.open(path)
    assert window.session.drawing == LINE
    assert np.any(window.session.image)


def test_no_thread_is_started_before_the_window_is_shown(make: Maker) -> None:
    make()
    assert background.alive() == ()


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
    kernels.toggleViewAction().trigger()
    maps.raise_()
    QApplication.processEvents()
    assert shown.panel("maps_panel").isVisible()


def test_a_click_on_a_value_brings_its_arithmetic_to_the_front(shown: MainWindow) -> None:
    assert not shown.panel("arithmetic_panel").isVisible()
    shown.session.inspection.pin(Unit(0, (0, 1, 1)))
    QApplication.processEvents()
    assert shown.panel("arithmetic_panel").isVisible()
    assert dock(shown, "stack_panel") in shown.tabifiedDockWidgets(dock(shown, "arithmetic_panel"))


def test_a_closed_arithmetic_stays_closed(shown: MainWindow) -> None:
    dock(shown, "arithmetic_panel").close()
    shown.session.inspection.pin(Unit(0, (0, 1, 1)))
    QApplication.processEvents()
    assert not dock(shown, "arithmetic_panel").isVisible()
