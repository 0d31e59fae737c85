"""The wheel changes a box or slider only with the focus; else what it lies in is scrolled."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QMainWindow, QSlider, QSpinBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from convscope.ui.panel_dock import PanelDock


def filled(kind: type[QComboBox] | type[QSpinBox] | type[QSlider], parent: QWidget) -> QComboBox | QSpinBox | QSlider:
    if issubclass(kind, QComboBox):
        box = QComboBox(parent)
        box.addItems(["A", "B", "C"])
        box.setCurrentIndex(1)
        return box
    box = kind(parent)
    box.setRange(0, 9)
    box.setValue(5)
    return box


def value(part: QComboBox | QSpinBox | QSlider) -> int:
    return part.currentIndex() if isinstance(part, QComboBox) else part.value()


@pytest.mark.parametrize("kind", [QComboBox, QSpinBox, QSlider])
def test_the_wheel_passes_over_what_has_not_the_focus(
    qtbot: QtBot, turn_wheel: Callable[[QWidget], bool], kind: type[QComboBox] | type[QSpinBox] | type[QSlider]
) -> None:
    window, other = QMainWindow(), QSpinBox()
    qtbot.addWidget(window)

    def make(_: str) -> QWidget:
        panel = QWidget()
        column = QVBoxLayout(panel)
        column.addWidget(filled(kind, panel))
        column.addWidget(other)
        return panel

    dock = PanelDock("maps_panel", make, window)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    window.resize(300, 300)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    QApplication.processEvents()  # the panel is made when the dock is seen
    part = next(part for part in dock.panel.findChildren(kind) if part is not other)
    before = value(part)
    other.setFocus()
    assert not turn_wheel(part)
    assert value(part) == before
    assert part.focusPolicy() == Qt.FocusPolicy.StrongFocus  # nor is the focus given to it by the wheel
    part.setFocus()
    assert part.hasFocus()
    assert turn_wheel(part)
    assert value(part) != before
