"""A sentence is as high as its lines, and not higher or lower than it was told to be."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetricsF
from pytestqt.qtbot import QtBot

from convscope.ui.widgets.tinted_label import TintedLabel

LONG = "The weights are random: every map is computed with them, but the answer at the end means nothing at all."


@pytest.fixture
def label(qtbot: QtBot) -> TintedLabel:
    widget = TintedLabel("text")
    qtbot.addWidget(widget)
    widget.resize(200, 20)
    widget.show()
    return widget


def lines(label: TintedLabel) -> int:
    return round(label.height() / label.fontMetrics().height())  # there may be space between them


def test_it_has_as_many_lines_as_the_sentence_needs(label: TintedLabel) -> None:
    label.show_text("Short.")
    assert lines(label) == 1
    label.show_text(LONG)
    wrapped = lines(label)
    assert wrapped > 2
    label.resize(100, label.height())
    assert lines(label) > wrapped + 1
    label.resize(2000, label.height())
    assert lines(label) == 1


def test_a_line_that_is_ended_counts(label: TintedLabel) -> None:
    label.show_text("One\ntwo\nthree")
    assert lines(label) == 3


def test_lines_are_reserved_and_bounded(label: TintedLabel) -> None:
    label.reserve(2, most=3)
    label.show_text("Short.")
    assert lines(label) == 2
    label.show_text(LONG + LONG)
    assert lines(label) == 3


def test_it_grows_with_its_font(label: TintedLabel) -> None:
    text = "As long as the label is wide"
    label.show_text(text)
    label.resize(label.fontMetrics().horizontalAdvance(text) + 4, label.height())
    assert lines(label) == 1
    font = label.font()
    font.setPointSizeF(1.5 * font.pointSizeF())
    label.setFont(font)
    assert lines(label) == 2


def test_a_text_that_is_a_little_wider_than_the_label_wraps(label: TintedLabel) -> None:
    metrics = QFontMetricsF(label.font(), label)
    for end in range(1, len(LONG)):
        text = LONG[:end]
        label.resize(int(metrics.horizontalAdvance(text)), label.height())
        if label.width() < metrics.horizontalAdvance(text) and " " in text and not text.endswith(" "):
            label.show_text(text)
            assert lines(label) == 2, text


def test_a_number_and_its_percent_sign_stay_on_one_line(label: TintedLabel) -> None:
    metrics = QFontMetricsF(label.font(), label)
    label.resize(int(metrics.horizontalAdvance("wwww 28")) + 2, label.height())
    assert metrics.horizontalAdvance("% wwww") <= label.width() < metrics.horizontalAdvance("28 % wwww")
    label.show_text("wwww 28 % wwww")
    assert lines(label) == 3
    assert label.text() == "wwww 28 % wwww"  # as it is copied and read out
