"""Texts are laid out ahead of time, some at once, and only while they are wanted."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QFont
from pytestqt.qtbot import QtBot

from convscope.ui.widgets.breakdown_sheet import sheet_of
from convscope.ui.widgets.breakdown_view import BreakdownView
from convscope.ui.widgets.laid_out_text import LaidOutTexts
from convscope.ui.widgets.number_text import cell_text, usual_cell_texts
from convscope.ui.widgets.texts_ahead import TextsAhead

from .breakdown.made_breakdowns import convolution


class Counted(LaidOutTexts):
    """Texts that count how many were laid out with each turn."""

    def __init__(self) -> None:
        super().__init__(QFont())
        self.seen = list[str]()

    def static(self, text: str):
        self.seen.append(text)
        return super().static(text)


@pytest.fixture
def ahead(qtbot: QtBot, qapp) -> TextsAhead:
    return TextsAhead(qapp)


def test_all_that_is_wanted_is_laid_out_and_then_there_is_rest(qtbot: QtBot, ahead: TextsAhead) -> None:
    texts = Counted()
    ahead.begin(texts, map(str, range(60)))
    assert texts.seen == []  # not at once: something may be in a hurry now
    qtbot.waitUntil(lambda: len(texts.seen) == 60 and not ahead._timer.isActive())
    assert texts.seen == list(map(str, range(60)))
    ahead.begin(texts, ["again"])
    assert not ahead._timer.isActive()


def test_the_rest_waits_until_it_is_needed(qtbot: QtBot, ahead: TextsAhead) -> None:
    texts = Counted()
    ahead.begin(texts, map(str, range(10_000)))
    qtbot.waitUntil(lambda: len(texts.seen) > 0)
    ahead.rest()
    known = len(texts.seen)
    qtbot.wait(20)
    assert len(texts.seen) == known < 10_000
    ahead.begin(texts, [])
    qtbot.waitUntil(lambda: len(texts.seen) > known)
    assert texts.seen == list(map(str, range(len(texts.seen))))
    ahead.rest()


def test_the_usual_numbers_are_those_of_cells(qapp) -> None:
    usual = list(usual_cell_texts())
    assert len(usual) == len(set(usual)) == 1999
    values = np.random.default_rng(0).uniform(-9.99, 9.99, 500).tolist()
    assert {cell_text(value) for value in values} - {"0.00"} <= set(usual)


def test_a_hidden_view_prepares_nothing(qtbot: QtBot) -> None:
    view = BreakdownView()
    qtbot.addWidget(view)
    view.show_sheet(sheet_of(convolution()))
    assert not view._ahead._timer.isActive()
    view.show()
    view.show_sheet(sheet_of(convolution()))
    assert view._ahead._timer.isActive()
    view.hide()
    assert not view._ahead._timer.isActive()
