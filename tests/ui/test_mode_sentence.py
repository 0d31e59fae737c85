"""The two lines that say whether training and inference agree, and why."""

from __future__ import annotations

from convscope.ui.widgets.mode_sentence import ModeSentence

VERDICT = "They disagree: inference says 0, training 9."
REASON = "In training, dropout_1 drops 30 % of the values; batch_norm_1 uses mean and variance of this batch."


def shown(qtbot, width: int) -> ModeSentence:
    sentence = ModeSentence()
    qtbot.addWidget(sentence)
    sentence.show_sentence(VERDICT, REASON)
    sentence.resize(width, sentence.sizeHint().height())
    sentence.show()
    return sentence


def test_a_reason_that_has_room_stands_below_the_verdict(qtbot):
    assert shown(qtbot, 2000).reason_lines() == ("", REASON)


def test_a_long_reason_begins_behind_the_verdict_and_is_told_whole(qtbot):
    sentence = shown(qtbot, 100)
    metrics = sentence.fontMetrics()
    sentence.resize(metrics.horizontalAdvance(REASON) - 20, sentence.height())
    begun, rest = sentence.reason_lines()
    assert begun
    assert f"{begun} {rest}" == REASON
    assert metrics.horizontalAdvance(rest) <= sentence.width()
    sentence.grab()


def test_without_room_behind_the_verdict_nothing_is_lost(qtbot):
    sentence = shown(qtbot, 60)
    assert sentence.reason_lines() == ("", REASON)
    sentence.grab()
