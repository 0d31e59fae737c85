"""The bar that says what a large network needs, and its action."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from convscope.core.layers import Dense, Flatten, MaxPool
from convscope.core.network import Network
from convscope.core.presets import Preset
from convscope.ui import background, waiting_bar
from convscope.ui.session import Session
from convscope.ui.waiting_bar import WaitingBar
from convscope.ui.widgets.tinted_label import TintedLabel

SMALL = Preset("small", "Small", network=Network(layers=(Flatten(), Dense(10))))
LARGE = Preset("large", "Large", network=Network(layers=(Flatten(), Dense(16_384), Dense(400), Dense(10))))
LONG = 30_000  # milliseconds


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session()
    session.load_preset(SMALL)
    yield session
    session.close()
    assert background.end_all()
    session.deleteLater()


@pytest.fixture
def action(session: Session) -> QAction:
    return QAction(session)


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    window = QMainWindow()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def bar(session: Session, action: QAction, window: QMainWindow) -> WaitingBar:
    bar = WaitingBar(session, action, window)
    window.addToolBar(bar)
    window.resize(900, 300)
    window.show()
    return bar


def text(bar: WaitingBar) -> str:
    label = bar.findChild(TintedLabel, "waiting_text")
    assert label is not None
    return label.text()


def button(bar: WaitingBar) -> QPushButton:
    found = bar.findChild(QPushButton, "waiting_button")
    assert found is not None
    return found


def test_a_small_network_has_no_bar(bar: WaitingBar, action: QAction):
    assert bar.isHidden()
    assert not action.isEnabled()


def test_it_tells_the_memory_and_its_button_draws_and_runs(
    bar: WaitingBar, session: Session, action: QAction, qtbot: QtBot
):
    session.load_preset(LARGE)
    assert not bar.isHidden()
    assert action.isEnabled()
    assert "no weights yet. It needs 77.7 MB for its weights and 70.3 kB for the maps" in text(bar)
    assert button(bar).text() == "Draw random weights and run"
    qtbot.mouseClick(button(bar), Qt.MouseButton.LeftButton)
    assert not action.isEnabled()
    assert button(bar).text() == "Cancel"
    assert "weights are drawn" in text(bar)
    qtbot.waitUntil(lambda: "weights are random" in text(bar), timeout=LONG)
    assert not session.lacks_weights
    assert action.isEnabled()
    assert action.text() == "&Run the picture through"
    assert button(bar).text() == "Run the picture through"


def test_it_leaves_with_the_large_network_and_not_before(bar: WaitingBar, session: Session, qtbot: QtBot):
    session.load_preset(LARGE)
    height = bar.height()
    session.draw_and_run()
    qtbot.waitUntil(lambda: not session.waiting, timeout=LONG)
    assert not bar.isHidden()
    assert bar.height() == height  # or everything below it would be arranged anew
    session.load_preset(SMALL)
    assert bar.isHidden()


def test_its_button_cancels(bar: WaitingBar, session: Session, action: QAction, qtbot: QtBot):
    session.load_preset(LARGE)
    action.trigger()
    qtbot.mouseClick(button(bar), Qt.MouseButton.LeftButton)
    assert session.computing is None
    assert button(bar).text() == "Draw random weights and run"
    assert "no weights yet" in text(bar)


def test_a_large_network_that_cannot_work_tells_why(bar: WaitingBar, session: Session, action: QAction):
    session.load_preset(LARGE)
    session.edit("Pool", network=dataclasses.replace(LARGE.network, layers=(*LARGE.network.layers, MaxPool())))
    assert not bar.isHidden()
    problem = session.network.report.problem
    assert problem is not None
    assert text(bar) == problem.located
    assert not action.isEnabled()
    assert not button(bar).isEnabled()


@pytest.mark.parametrize("answer", [QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes])
def test_with_too_little_memory_it_asks_first(
    bar: WaitingBar,
    session: Session,
    action: QAction,
    monkeypatch: pytest.MonkeyPatch,
    answers: Any,
    answer: QMessageBox.StandardButton,
):
    monkeypatch.setattr(waiting_bar, "free_memory", lambda: 70_000_000)
    answers.button = answer
    session.load_preset(LARGE)
    action.trigger()
    assert "77.7 MB" in answers.asked[0]
    assert (session.computing is not None) == (answer is QMessageBox.StandardButton.Yes)


def test_an_arrangement_that_was_kept_with_a_large_network_does_not_bring_it_back(
    bar: WaitingBar, window: QMainWindow, session: Session, qtbot: QtBot
):
    session.load_preset(LARGE)
    kept = window.saveState()
    session.load_preset(SMALL)
    window.restoreState(kept)
    bar.show_state()
    assert bar.isHidden()
