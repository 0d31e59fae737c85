"""The window says when it shows the past, and how to return."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow, QPushButton

from convscope.core.history import History
from convscope.core.layers import Dense, Flatten
from convscope.core.network import Network
from convscope.core.weights import frozen
from convscope.ui import background
from convscope.ui.document import Document
from convscope.ui.session import Session
from convscope.ui.time_mark import TimeMark


@pytest.fixture
def session(qtbot) -> Iterator[Session]:
    session = Session(Document(Network(layers=(Flatten(), Dense(10)))))
    history = History(network=session.network)
    document = dataclasses.replace(session._document, history=history)
    session.time_machine.begin(session.network, session.weights)
    for position in (0.5, 1.3):
        history = history.extended(([position], [1.0], [0.5]))
        weights = frozen({key: array + np.float32(position) for key, array in session.weights.items()})
        document = dataclasses.replace(document, weights=weights, history=history)
        session._document = document
        session.time_machine.keep(document)
    yield session
    session.close()
    assert background.end_all()
    session.deleteLater()


@pytest.fixture
def window(qtbot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.menuBar().addMenu("&File")
    window.resize(900, 300)
    window.show()
    return window


@pytest.fixture
def mark(window: QMainWindow, session: Session) -> TimeMark:
    action = QAction("Now", window)
    action.setShortcut("Esc")
    window.addAction(action)
    return TimeMark(session, action, window)


def test_it_names_the_moment_while_the_past_is_shown(mark: TimeMark, session: Session):
    assert not mark.isVisible()
    session.time_machine.look_at(0.5)
    assert mark.isVisible()
    assert mark.text() == "Looking at epoch 0.50 of the run; press Esc or Now to return"
    session.time_machine.look_at(0)
    assert mark.text() == "Looking at the start of the run; press Esc or Now to return"
    session.time_machine.look_at(None)
    assert not mark.isVisible()


def test_escape_returns(mark: TimeMark, session: Session, window: QMainWindow, qtbot):
    window.activateWindow()
    session.time_machine.look_at(0)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert session.time_machine.shown is None


def test_its_button_returns(mark: TimeMark, session: Session, qtbot):
    session.time_machine.look_at(0)
    button = mark.findChild(QPushButton, "time_mark_now")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert session.time_machine.shown is None
    assert not mark.isVisible()


def test_it_stays_at_the_right_end_of_the_menu_bar(mark: TimeMark, session: Session, window: QMainWindow):
    session.time_machine.look_at(0)
    for width in (900, 1200):
        window.resize(width, 300)
        assert mark.geometry().right() > width - 10
        assert mark.geometry().bottom() <= window.menuBar().geometry().bottom()
