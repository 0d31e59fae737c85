"""What a person does to take a picture away: keys, the dialog, the menu of a panel; and the files that result."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QContextMenuEvent, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDockWidget,
    QDoubleSpinBox,
    QFileDialog,
    QLabel,
    QMenu,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.project import Project
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import initial_weights
from convscope.ui import background, theme
from convscope.ui.application import make_window
from convscope.ui.export.dialog import ExportDialog
from convscope.ui.export.options import PictureOptions
from convscope.ui.export.tools import tools_of, without_tools
from convscope.ui.preferences import Preferences
from convscope.ui.session import Session
from convscope.ui.widgets.cube_view import CubeView
from convscope.ui.widgets.error_dialog import ErrorDialog
from convscope.ui.window import MainWindow

from .export_choice import choose

LONG = 20_000  # milliseconds
NETWORK = Network(layers=(Conv2d(2, 5, 4), Activation(), Flatten(), Dense(10)))


@pytest.fixture
def window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    """Return the window on a small network, on the screen, without loading torch."""
    monkeypatch.setattr(Session, "_ask", lambda _: None)  # no trace is looked at here
    window = make_window(Preferences(), None, Project(NETWORK, initial_weights(NETWORK, 0), TrainingConfig()))
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    window.reset_arrangement()
    QApplication.processEvents()
    yield window
    window.session.undo_stack.setClean()
    window.close()
    window.deleteLater()
    assert background.alive() == ()


def trigger(window: MainWindow, name: str) -> None:
    window.actions_by_name[f"action_{name}"].trigger()


def dock_of(window: MainWindow, panel: str) -> QDockWidget:
    dock = window.findChild(QDockWidget, f"{panel}_dock")
    assert dock is not None
    return dock


def clipboard_size() -> QSize:
    return QApplication.clipboard().image().size()


class Answers:
    """Answers the export dialog as soon as it is there, and the question for a path."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.folder = folder
        self.proposed: list[Path] = []
        self.rename = lambda path: folder / path.name
        monkeypatch.setattr(QFileDialog, "getSaveFileName", self._path)

    def _path(self, *arguments: Any) -> tuple[str, str]:
        self.proposed.append(Path(arguments[2]))
        return str(self.rename(self.proposed[-1])), ""

    def dialog(self, act: Callable[[ExportDialog], object]) -> None:
        """Do something in the next dialog, on the event loop that it runs."""

        def run() -> None:
            dialog = cast(ExportDialog, QApplication.activeModalWidget())
            try:
                act(dialog)
            except BaseException:
                dialog.reject()  # or it would wait for ever
                raise

        QTimer.singleShot(0, run)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Answers:
    return Answers(monkeypatch, tmp_path)


def export(window: MainWindow, answers: Answers, qtbot: QtBot, act: Callable[[ExportDialog], object]) -> Path:
    """Export with what `act` chooses in the dialog; return the file."""

    def chosen(dialog: ExportDialog) -> None:
        act(dialog)
        dialog.accept()

    answers.dialog(chosen)
    with qtbot.waitSignal(window.session.message_shown, timeout=LONG) as shown:
        trigger(window, "export_picture")
    assert shown.args is not None
    return Path(str(shown.args[0]).removeprefix("Exported as "))


def test_ctrl_shift_c_copies_the_panel_with_the_focus(window: MainWindow, qtbot: QtBot) -> None:
    canvas = window.findChild(QWidget, "drawing_canvas")
    assert canvas is not None
    canvas.setFocus()
    QTest.keyClick(window, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert clipboard_size() == window.panel("drawing_panel").size() * 2
    assert canvas.hasFocus()


def test_the_last_panel_with_the_focus_counts(window: MainWindow) -> None:
    cards = window.panel("stack_panel")
    cards.findChildren(QWidget)[0].setFocus()
    inside = next(widget for widget in cards.findChildren(QWidget) if widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    inside.setFocus()
    box = window.findChild(QComboBox, "preset_box")
    assert box is not None
    box.setFocus()  # in the toolbar, which is no panel
    trigger(window, "copy_picture")
    assert clipboard_size() == cards.size() * 2


def test_a_panel_that_went_behind_another_does_not_count(window: MainWindow) -> None:
    cubes = window.findChild(QWidget, "cube_view")
    assert cubes is not None
    cubes.setFocus()
    runs = dock_of(window, "runs_panel")
    show = window.findChild(QAction, "action_show_runs_panel")
    assert show is not None
    show.trigger()
    focused = QApplication.focusWidget()
    assert focused is not None
    assert runs.isAncestorOf(focused)
    dock_of(window, "drawing_panel").raise_()
    QApplication.processEvents()
    trigger(window, "copy_picture")
    assert clipboard_size() == window.panel("cubes_panel").size() * 2
    assert runs.visibleRegion().isEmpty()


@pytest.mark.parametrize("scale", [1.0, 1.5, 3.0])
def test_a_png_of_a_chosen_panel_has_the_chosen_scale(
    window: MainWindow, answers: Answers, qtbot: QtBot, scale: float
) -> None:
    def act(dialog: ExportDialog) -> None:
        choose(dialog, "export_panel", "Drawing")
        choose(dialog, "export_format", "PNG")
        box = dialog.findChild(QDoubleSpinBox, "export_scale")
        assert box is not None
        box.setValue(scale)

    path = export(window, answers, qtbot, act)
    assert answers.proposed[0].name == "convscope-drawing.png"
    size = window.panel("drawing_panel").size()
    assert QImage(str(path)).size() == QSize(round(size.width() * scale), round(size.height() * scale))


def test_a_png_has_the_chosen_width(window: MainWindow, answers: Answers, qtbot: QtBot) -> None:
    def act(dialog: ExportDialog) -> None:
        choose(dialog, "export_panel", "Drawing")
        qtbot.waitUntil(lambda: bool(pixmap_size(dialog).width()))
        box = dialog.findChild(QSpinBox, "export_width")
        assert box is not None
        box.setValue(1001)

    assert QImage(str(export(window, answers, qtbot, act))).width() == 1001


def pixmap_size(dialog: ExportDialog) -> QSize:
    preview = dialog.findChild(QLabel, "export_preview")
    assert preview is not None
    return preview.pixmap().size()


@pytest.mark.parametrize("kind", ["SVG", "PDF"])
def test_every_panel_becomes_a_vector_file(window: MainWindow, answers: Answers, qtbot: QtBot, kind: str) -> None:
    for name in window.pictures.panels.titles:
        window.panel(name)  # a panel that is made later may change the heights of its neighbours
    QApplication.processEvents()
    for name, title in window.pictures.panels.titles.items():

        def act(dialog: ExportDialog, title: str = title) -> None:
            choose(dialog, "export_panel", title)
            choose(dialog, "export_format", kind)

        content = export(window, answers, qtbot, act).read_bytes()
        size = window.panel(name).size()
        if kind == "SVG":
            root = ElementTree.fromstring(content)
            assert root.get("viewBox") == f"0 0 {size.width()} {size.height()}"
            assert list(root.iter("{http://www.w3.org/2000/svg}text"))
        else:
            assert content.startswith(b"%PDF-")
            assert b"/ToUnicode" in content
            assert b"DCTDecode" not in content


def test_the_name_of_a_file_tells_the_layer(window: MainWindow, answers: Answers, qtbot: QtBot) -> None:
    window.session.select(0)
    answers.rename = lambda path: answers.folder / "other name"
    path = export(window, answers, qtbot, lambda dialog: choose(dialog, "export_panel", "Feature maps"))
    assert answers.proposed[0].name == f"convscope-feature-maps-{NETWORK.layers[0].name}.png"
    assert path.name == "other name.png"
    answers.rename = lambda path: path
    export(window, answers, qtbot, lambda dialog: None)
    assert answers.proposed[1].parent == answers.folder  # remembered


@pytest.mark.parametrize(("choice", "bright"), [("Light", True), ("Dark", False)])
def test_a_picture_may_have_another_theme_than_the_window(
    window: MainWindow, answers: Answers, qtbot: QtBot, choice: str, bright: bool
) -> None:
    before = theme.current()

    def act(dialog: ExportDialog) -> None:
        choose(dialog, "export_panel", "Curves")
        choose(dialog, "export_theme", choice)

    image = QImage(str(export(window, answers, qtbot, act)))
    assert (image.pixelColor(3, 3).lightness() > 128) is bright
    assert (image.pixelColor(image.width() // 2, image.height() // 3).lightness() > 128) is bright
    assert theme.current() is before


def test_a_cancelled_dialog_writes_nothing(window: MainWindow, answers: Answers) -> None:
    answers.dialog(lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Escape))
    trigger(window, "export_picture")
    assert answers.proposed == []
    assert list(answers.folder.iterdir()) == []


def test_the_dialog_copies_too(window: MainWindow, answers: Answers) -> None:
    def act(dialog: ExportDialog) -> None:
        choose(dialog, "export_panel", "Drawing")
        dialog.findChildren(QDoubleSpinBox)[0].setValue(3)
        dialog.copy_wanted.emit()
        dialog.reject()

    answers.dialog(act)
    trigger(window, "export_picture")
    assert clipboard_size() == window.panel("drawing_panel").size() * 3


def test_a_folder_that_takes_no_file_is_explained(window: MainWindow, answers: Answers, qtbot: QtBot) -> None:
    answers.rename = lambda path: answers.folder / "absent" / path.name
    answers.dialog(lambda dialog: dialog.accept())
    trigger(window, "export_picture")
    qtbot.waitUntil(lambda: window.findChild(ErrorDialog) is not None, timeout=LONG)
    dialog = window.findChild(ErrorDialog)
    assert dialog is not None
    text = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert re.search(r"convscope-\S+\.png could not be written to .*absent: No such file", text)
    dialog.close()


def test_the_menu_of_a_panel_offers_its_picture(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    menus: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _: menus.append(menu))
    dock = dock_of(window, "curves_panel")
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(dock, QContextMenuEvent(reason, QPoint(20, 8), dock.mapToGlobal(QPoint(20, 8))))
    (menu,) = menus
    texts = [action.text() for action in menu.actions()]
    assert texts[:2] == ["&Copy picture", "&Export picture…"]
    assert "Curves" in texts  # what the window offers is there, too
    copy: QAction = menu.actions()[0]
    copy.trigger()
    assert clipboard_size() == window.panel("curves_panel").size() * 2
    menu.deleteLater()


def test_a_hidden_panel_comes_to_the_front(window: MainWindow) -> None:
    dock = dock_of(window, "kernels_panel")
    dock.hide()
    window.pictures.copy("kernels_panel")
    assert dock.isVisible()
    assert not QApplication.clipboard().image().isNull()


def test_a_picture_leaves_out_what_is_there_to_click(window: MainWindow) -> None:
    """And afterwards the panel is as it was."""
    panel = window.pictures.panels.shown("cubes_panel")
    QApplication.processEvents()
    tools = {widget for widget in panel.findChildren(QWidget) if isinstance(widget, QToolButton | QSlider | QComboBox)}
    seen = {tool: tool.isVisible() for tool in tools}
    shown = [widget for widget in panel.findChildren(QWidget) if widget.isVisible()]
    places = [widget.geometry() for widget in shown]
    painted: set[QWidget] = set()

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and watched in tools:
                painted.add(watched)  # pyright: ignore[reportArgumentType]
            return False

    watch = Watch()
    for tool in tools:
        tool.installEventFilter(watch)
    window.pictures.image(PictureOptions("cubes_panel"))
    assert not painted
    window.pictures.image(PictureOptions("cubes_panel", tools=True))
    assert painted == {tool for tool in tools if seen[tool]}
    assert {tool: tool.isVisible() for tool in tools} == seen
    assert [widget.geometry() for widget in shown] == places


def test_a_row_of_cubes_that_is_seen_whole_is_so_in_its_picture(window: MainWindow) -> None:
    window.session.load_preset(preset("cnn-batchnorm"))
    dock_of(window, "cubes_panel").setFloating(True)
    panel = window.pictures.panels.shown("cubes_panel")
    (row,) = (row for row in panel.findChildren(CubeView) if row.isVisible())
    dock_of(window, "cubes_panel").resize(380, 100)  # so low that its cubes are small
    QApplication.processEvents()
    size, zoom = row.viewport().size(), row.scene.zoom
    assert row.shows_all
    with without_tools(panel):
        assert row.viewport().height() > size.height()
        assert row.shows_all
        assert row.scene.row.width <= row.viewport().width() + 0.5
    assert (row.viewport().size(), row.scene.zoom, row.scene.whole) == (size, zoom, False)


def test_what_consists_of_fields_keeps_them(window: MainWindow) -> None:
    assert tools_of(window.pictures.panels.shown("training_panel")) == []
    assert tools_of(window.pictures.panels.shown("curves_panel"))
    titles = {"training_panel": "Training", "curves_panel": "Curves"}
    fields = window.panel("arithmetic_panel").findChildren(QSpinBox)
    assert fields
    for field in fields:  # they tell which value it is, once there is one
        field.show()
    assert not set(fields) & set(tools_of(window.pictures.panels.shown("arithmetic_panel")))
    for panel in titles:
        dialog = ExportDialog(titles, PictureOptions(panel), window)
        box = dialog.findChild(QCheckBox, "export_tools")
        assert box is not None
        assert box.isEnabled() == (panel == "curves_panel")
        dialog.deleteLater()
