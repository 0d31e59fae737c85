"""Painting and emitting keep Python's reference counts: with PySide6 6.12.0 on Python 3.11 they do not.

There every call of an overridden method loses a reference to None and every emit one to True, until the process aborts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and True are immortal from Python 3.12 on")

TIMES = 1000
STRAY = TIMES // 10  # what the test machinery itself may take or give back meanwhile


class Painted(QWidget):
    """Overrides a void method, as every widget of the program does."""

    paints = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        self.paints += 1
        QPainter(self).drawLine(0, 0, 9, 9)


class Sender(QObject):
    """Emits with and without a value."""

    value_sent = Signal(bool)
    changed = Signal()


def lost(value: object, action: Callable[[], None]) -> int:
    """Return how many references to `value` are gone after `action` was repeated."""
    before = sys.getrefcount(value)
    for _ in range(TIMES):
        action()
    return before - sys.getrefcount(value)


@pytest.mark.parametrize("value", [None, True], ids=str)
def test_painting_keeps_references(qtbot: QtBot, value: object) -> None:
    widget = Painted()
    qtbot.addWidget(widget)
    image = QImage(10, 10, QImage.Format.Format_RGB32)
    assert abs(lost(value, lambda: widget.render(image))) < STRAY
    assert widget.paints >= TIMES


@pytest.mark.parametrize("value", [None, True], ids=str)
def test_emitting_keeps_references(value: object) -> None:
    sender = Sender()
    heard: list[int] = []
    sender.changed.connect(lambda: heard.append(0))
    sender.value_sent.connect(lambda flag: heard.append(int(flag)))

    def emit() -> None:
        sender.changed.emit()
        sender.value_sent.emit(True)

    assert abs(lost(value, emit)) < STRAY
    assert sum(heard) == TIMES
    assert len(heard) == 2 * TIMES
