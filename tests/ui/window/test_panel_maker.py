"""The panels that nobody has seen yet are made one after the other, while the user looks at others."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from convscope.ui.panel_dock import TITLES, PanelMaker, make_docks


def test_a_panel_that_cannot_be_made_is_tried_once(qtbot: QtBot) -> None:
    window, tried = QMainWindow(), list[str]()
    qtbot.addWidget(window)

    def make(name: str) -> QWidget:
        tried.append(name)
        if name == "maps_panel":
            raise RuntimeError(name)
        return QWidget()

    docks = make_docks(window, make)
    maker = PanelMaker(docks, window)
    with qtbot.captureExceptions() as errors:
        maker.start()
        (timer,) = maker.findChildren(QTimer)
        qtbot.waitUntil(lambda: docks["matrix_panel"].is_made)
        qtbot.waitUntil(lambda: not timer.isActive())
    assert tried == list(TITLES)
    assert [str(error) for _, error, _ in errors] == ["maps_panel"]
