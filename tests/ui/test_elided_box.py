"""The present entry of a list ends in dots where it has no room, and is told whole."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from convscope.ui.widgets.elided_box import ElidedBox

LONG = "Last: a layer whose name is long"
HELP = "Whose maps are looked at"


@pytest.mark.parametrize(("width", "fits"), [(400, True), (140, False)])
def test_what_does_not_fit_ends_in_dots_and_is_told_whole(qtbot: QtBot, width: int, fits: bool) -> None:
    box, plain = ElidedBox(HELP), QComboBox()
    for each in (box, plain):
        qtbot.addWidget(each)
    box.addItem(LONG)
    box.resize(width, box.sizeHint().height())
    assert (box.shown_text() == LONG) is fits
    assert box.shown_text().endswith("…") is not fits
    assert LONG.startswith(box.shown_text().rstrip("… "))
    plain.addItem(box.shown_text())
    plain.resize(box.size())
    assert box.grab().toImage() == plain.grab().toImage()
    QApplication.sendEvent(box, QHelpEvent(QEvent.Type.ToolTip, QPoint(9, 9), box.mapToGlobal(QPoint(9, 9))))
    assert box.toolTip() == (HELP if fits else f"{LONG}\n{HELP}")


def test_the_tooltip_follows_the_entry(qtbot: QtBot) -> None:
    box = ElidedBox(HELP)
    qtbot.addWidget(box)
    box.addItems([LONG, "Short"])
    box.resize(140, box.sizeHint().height())
    assert box.toolTip() == HELP
    for place, told in ((0, f"{LONG}\n{HELP}"), (1, HELP)):
        box.setCurrentIndex(place)
        QApplication.sendEvent(box, QHelpEvent(QEvent.Type.ToolTip, QPoint(9, 9), box.mapToGlobal(QPoint(9, 9))))
        assert box.toolTip() == told
