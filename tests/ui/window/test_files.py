"""The window's file: its title, recent ones, dropped ones, and what is asked before it is closed."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMenu, QMessageBox

from convscope.core.project import save
from convscope.ui.preferences import Preferences
from convscope.ui.widgets.error_dialog import ErrorDialog
from convscope.ui.window import MainWindow

from .shown_window import LINE, NETWORK, OTHER, action, project

BUTTONS = QMessageBox.StandardButton


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


def test_a_recent_file_that_is_gone_is_told_of_once(window: MainWindow, tmp_path: Path) -> None:
    gone, kept = tmp_path / "gone.safetensors", tmp_path / "kept.safetensors"
    for path in (kept, gone):
        save(path, project(OTHER))
        window.files.open(path)
    gone.unlink()
    recent_menu(window).actions()[0].trigger()
    (dialog,) = window.findChildren(ErrorDialog)
    label = dialog.findChild(QLabel, "error_sentences")
    assert label is not None
    assert str(gone) in label.text()
    entries = [entry for entry in recent_menu(window).actions() if not entry.isSeparator()]
    assert [entry.text() for entry in entries] == ["kept.safetensors", "&Clear list"]
    kept.write_bytes(b"nothing")
    entries[0].trigger()  # one that is damaged may be mended
    assert Preferences().recent_files == (kept,)


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
    assert answers.asked == ["Save the changes to this project? Otherwise they are lost."]
    answers.button = BUTTONS.Discard


def test_a_file_with_changes_is_called_by_its_name(shown: MainWindow, answers: Any, tmp_path: Path) -> None:
    path = tmp_path / "lecture.safetensors"
    save(path, project(OTHER))
    shown.files.open(path)
    shown.session.edit("Draw", drawing=LINE)
    answers.button = BUTTONS.Cancel
    shown.files.new()
    assert answers.asked == ["Save the changes to “lecture.safetensors”? Otherwise they are lost."]
    answers.button = BUTTONS.Discard


def test_a_project_opened_shows_in_the_panels(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "drawn.safetensors"
    save(path, dataclasses.replace(project(OTHER), drawing=LINE))
    window.files.open(path)
    assert window.session.drawing == LINE
    assert np.any(window.session.image)
