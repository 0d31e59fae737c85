"""The panel before, between and after traces, and while it is hidden."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from convscope.core.unit import Unit
from convscope.ui.panels.arithmetic import ArithmeticPanel
from convscope.ui.widgets.number_text import number_text

from .traced_session import NETWORK, StubSession


def test_a_new_trace_is_taken_apart_with_its_own_weights(session: StubSession, panel: ArithmeticPanel) -> None:
    unit = Unit(0, (1, 6, 6))
    session.inspection.pin(unit)
    before = panel.picker.words
    session.show(NETWORK, seed=5)
    assert panel.picker.words != before
    assert number_text(session.value(unit)) in panel.picker.words
    assert panel.view.sheet is not None
    assert panel.view.sheet.agrees


def test_a_network_whose_trace_has_not_come_keeps_the_picture(session: StubSession, panel: ArithmeticPanel) -> None:
    session.inspection.pin(Unit(0, (1, 6, 6)))
    sheet = panel.view.sheet
    session.network = NETWORK.removed(1)
    session.inspection.follow(session.network)
    session.network_changed.emit()
    assert panel.view.sheet is sheet
    session.show(session.network)
    assert panel.view.sheet is not sheet


def test_a_network_that_waits_to_be_run_says_so(session: StubSession, panel: ArithmeticPanel) -> None:
    hint, example = panel.findChild(QLabel, "arithmetic_hint"), panel.findChild(QPushButton, "arithmetic_example")
    assert hint is not None
    assert example is not None
    session.inspection.pin(Unit(0, (1, 6, 6)))
    session.trace, session.waiting = None, "Run it first."
    session.network_changed.emit()
    assert hint.isVisible()
    assert hint.text() == "Run it first."
    assert not example.isVisible()
    session.waiting = ""
    session.show(NETWORK)
    assert not hint.isVisible()
    assert panel.view.isVisible()


def test_before_the_first_trace_it_says_so(qtbot: QtBot, session: StubSession) -> None:
    session.trace = None
    session.inspection.pin(Unit(0, (1, 6, 6)))
    widget = ArithmeticPanel(cast(Any, session), {})
    qtbot.addWidget(widget)
    widget.show()
    assert widget.view.accessibleDescription() == "The value is being computed."


def test_a_hidden_panel_works_when_it_is_seen_again(session: StubSession, panel: ArithmeticPanel) -> None:
    panel.hide()
    session.inspection.pin(Unit(0, (1, 6, 6)))
    assert panel.view.sheet is None
    panel.show()
    assert panel.view.sheet is not None
