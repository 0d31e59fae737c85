"""The bars say what the network takes the drawing for, in percent, with the winner and the label marked."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QPaintEvent, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from convscope.ui import theme
from convscope.ui.widgets.prediction_bars import PredictionBars

DIGITS = [str(digit) for digit in range(10)]
SEVEN = np.array([0, 0.02, 0.01, 0, 0, 0, 0, 0.94, 0, 0.03], np.float32)


@pytest.fixture
def bars(qtbot: QtBot, qapp: QApplication) -> PredictionBars:
    theme.apply(qapp, "light")
    widget = PredictionBars()
    qtbot.addWidget(widget)
    widget.resize(220, 240)
    return widget


def accent_pixels(image: QImage, left: int, right: int, top: int, bottom: int) -> int:
    accent = theme.current().accent.rgb()
    return sum(image.pixel(x, y) == accent for x in range(left, right) for y in range(top, bottom))


def test_every_class_gets_a_bar_with_its_name_and_percent(bars):
    bars.show_prediction(SEVEN, DIGITS)
    assert [bar.name for bar in bars.bars] == DIGITS
    assert [bar.percent for bar in bars.bars][7:] == ["94.0 %", "0.0 %", "3.0 %"]
    assert [bar.wins for bar in bars.bars].index(True) == 7
    assert not any(bar.expected for bar in bars.bars)
    assert bars.accessibleDescription() == "7: 94.0 %, 9: 3.0 %, 1: 2.0 %"


def test_the_winners_bar_is_the_long_one_in_the_accent_colour(bars):
    bars.show_prediction(SEVEN, DIGITS)
    image, rows = bars.grab().toImage(), bars.bar_rows()
    filled = [accent_pixels(image, 40, 150, int(row.top()), int(row.bottom())) for row in rows]
    assert filled[7] > 500
    assert max(filled[:7] + filled[8:]) == 0


def test_the_winner_stands_above_narrow_bars_and_beside_wide_ones(bars):
    bars.show_prediction(SEVEN, DIGITS)
    assert bars.bar_rows()[0].top() > 25
    assert accent_pixels(bars.grab().toImage(), 0, 40, 0, 25) > 20
    bars.resize(500, 200)
    assert bars.bar_rows()[0].left() > 150
    assert accent_pixels(bars.grab().toImage(), 0, 150, 0, 200) > 200
    bars.resize(220, bars.minimumSizeHint().height())  # no room for it: the bars stay readable
    assert bars.bar_rows()[0].top() == 0
    assert bars.bar_rows()[0].height() >= bars.fontMetrics().height()


def test_a_known_label_is_marked_even_when_the_network_is_wrong(bars):
    bars.show_prediction(SEVEN, DIGITS)
    unmarked = bars.grab().toImage()
    bars.show_prediction(SEVEN, DIGITS, 9)
    assert [bar.expected for bar in bars.bars].index(True) == 9
    row = bars.bar_rows()[9].toRect()
    marked = bars.grab().toImage()
    assert marked.copy(row) != unmarked.copy(row)
    text = theme.current().text.rgb()
    tick = [marked.pixel(x, y) for x in range(14) for y in range(row.top(), row.bottom())]
    assert text in tick


def test_of_many_classes_the_ten_likeliest_are_shown_and_the_label_among_them(bars):
    probabilities = np.full(1000, 0.1 / 999)
    probabilities[[400, 30]] = 0.6, 0.3
    names = [f"class {k}" for k in range(1000)]
    bars.show_prediction(probabilities, names, 999)
    assert len(bars.bars) == 10
    assert [bar.name for bar in bars.bars][:2] == ["class 400", "class 30"]
    assert (bars.bars[-1].name, bars.bars[-1].expected) == ("class 999", True)


def test_missing_names_are_class_numbers(bars):
    bars.show_prediction(np.array([0.5, 0.2, 0.3]), ["cat"])
    assert [bar.name for bar in bars.bars] == ["cat", "1", "2"]


def test_without_a_prediction_there_is_a_hint_and_a_message_takes_its_place(bars):
    assert bars.message.startswith("Draw something")
    bars.show_prediction(SEVEN, DIGITS)
    assert bars.message == ""
    bars.show_message("The network needs a dense layer of 10 units at its end.")
    assert bars.bars == ()
    assert bars.accessibleDescription() == bars.message
    bars.show_prediction(None)
    assert bars.message.startswith("Draw something")


def test_an_answer_that_is_not_a_number_is_said_in_words(bars):
    bars.show_prediction(np.array([0.5, np.nan]), ["a", "b"])
    assert "not a number" in bars.message
    assert bars.bars == ()


def test_the_tooltip_tells_the_exact_probability(bars, qtbot):
    bars.show()
    bars.show_prediction(SEVEN.astype(float) + 0.00001234, DIGITS)
    place = bars.bar_rows()[7].center().toPoint()
    QApplication.sendEvent(bars, QHelpEvent(QHelpEvent.Type.ToolTip, place, bars.mapToGlobal(place)))
    assert QToolTip.text() == "7: 0.940012"
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_a_class_is_pointed_at_and_chosen_by_mouse_and_by_keys(bars, qtbot):
    bars.show()
    bars.show_prediction(SEVEN, DIGITS)
    hovered, chosen = [], []
    bars.class_hovered.connect(hovered.append)
    bars.class_chosen.connect(chosen.append)
    place = bars.bar_rows()[4].center().toPoint()
    QTest.mouseMove(bars, place)
    qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=place)
    assert (hovered, chosen) == ([4], [4])
    QTest.keyClick(bars, Qt.Key.Key_Down)
    QTest.keyClick(bars, Qt.Key.Key_Return)
    assert (hovered, chosen) == ([4, 5], [4, 5])
    QApplication.sendEvent(bars, QEvent(QEvent.Type.Leave))
    assert hovered[-1] is None


def test_of_many_classes_the_number_of_the_class_is_told_not_that_of_the_bar(bars, qtbot):
    probabilities = np.full(1000, 0.1 / 999)
    probabilities[[400, 30]] = 0.6, 0.3
    bars.show_prediction(probabilities, [f"class {k}" for k in range(1000)])
    with qtbot.waitSignal(bars.class_chosen) as told:
        qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.bar_rows()[1].center().toPoint())
    assert told.args == [30]


def test_classes_that_are_pointed_at_or_taken_apart_elsewhere_are_marked(bars):
    bars.show_prediction(SEVEN, DIGITS)
    told = []
    bars.class_hovered.connect(told.append)
    rows, plain = [row.toRect() for row in bars.bar_rows()], bars.grab().toImage()
    bars.show_pointed(2)
    bars.show_marked([5])
    marked = bars.grab().toImage()
    changed = [marked.copy(row) != plain.copy(row) for row in rows]
    assert [changed[2], changed[5], changed[8]] == [True, True, False]
    bars.show_pointed(None)
    bars.show_marked([])
    assert bars.grab().toImage() == plain
    assert told == []


def test_any_size_can_be_painted(bars):
    for size in (QSize(1, 1), QSize(30, 400), QSize(900, 8), QSize(60, 20)):
        bars.resize(size)
        for probabilities in (SEVEN, np.ones(1), None):
            bars.show_prediction(probabilities, DIGITS, 0)
            assert bars.grab().size() == size
    assert bars.rect().contains(QPoint(0, 0))


def test_two_answers_stand_in_two_bars_with_a_key(bars):
    training = np.array([0, 0.02, 0.01, 0, 0, 0, 0, 0.34, 0, 0.63], np.float32)
    bars.show_prediction(SEVEN, DIGITS, other=training)
    seven, nine = bars.bars[7], bars.bars[9]
    assert (seven.wins, seven.other_wins, nine.wins, nine.other_wins) == (True, False, False, True)
    assert "7: 94.0 % in inference, 34.0 % in training" in bars.accessibleDescription()
    image = bars.grab().toImage()
    row = bars.bar_rows()[9].toRect()
    colours = [image.pixelColor(45, y).name() for y in range(row.top(), row.bottom())]
    assert theme.current().warning.name() in colours  # the bar of training, which reaches that far
    assert theme.current().accent.name() not in colours  # that of inference does not
    top = [image.pixelColor(x, y).name() for x in range(30) for y in range(20)]
    assert theme.current().accent.name() in top  # the key


def test_the_winner_of_training_is_shown_even_when_it_is_unlikely_in_inference(bars):
    many, other = np.linspace(0.001, 0.05, 30), np.zeros(30)
    other[2] = 1
    bars.show_prediction(many, [], 1, other)
    assert {1, 2} <= {bar.number for bar in bars.bars}


@pytest.mark.parametrize("size", [QSize(1, 1), QSize(120, 90), QSize(180, 160), QSize(700, 160), QSize(500, 600)])
def test_two_answers_can_be_painted_in_any_size(bars, size: QSize):
    bars.show_prediction(SEVEN, DIGITS, other=SEVEN[::-1].copy())
    bars.resize(size)
    assert not bars.grab().isNull()


@pytest.fixture
def shown(qtbot: QtBot, bars: PredictionBars) -> PredictionBars:
    """The bars on the screen."""
    with qtbot.waitExposed(bars):
        bars.show()
    bars.show_prediction(SEVEN, DIGITS)
    qtbot.wait(20)
    return bars


class _Painted(QObject):
    """Notes what is painted."""

    def __init__(self, watched: PredictionBars) -> None:
        super().__init__(watched)
        self.regions: list[QRegion] = []
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.regions.append(event.region())
        return False


def changed(*places: tuple[int, float]) -> np.ndarray:
    result = SEVEN.copy()
    for number, probability in places:
        result[number] = probability
    return result


def test_rows_that_look_the_same_are_not_painted_again(qtbot: QtBot, shown: PredictionBars) -> None:
    painted, rows = _Painted(shown), [row.toAlignedRect() for row in shown.bar_rows()]
    shown.show_prediction(changed((1, 0.04), (3, 1e-9)), DIGITS)
    qtbot.wait(20)
    (region,) = painted.regions
    assert region.contains(rows[1])
    assert not any(region.contains(rows[number].center()) for number in (3, 5, 7, 9))


def test_nothing_is_painted_where_nothing_looks_different(qtbot: QtBot, shown: PredictionBars) -> None:
    painted = _Painted(shown)
    shown.show_prediction(changed((0, 2e-7), (4, 4e-7)), DIGITS)
    qtbot.wait(20)
    assert painted.regions == []
    assert shown.bars[4].probability == pytest.approx(4e-7)  # but tooltip and breakdown know it


@pytest.mark.parametrize(
    "others",
    [
        {"class_names": ["a long name", *DIGITS[1:]]},
        {"class_names": DIGITS, "expected": 2},
        {"class_names": DIGITS, "other": SEVEN[::-1].copy()},
    ],
    ids=["name", "label", "both modes"],
)
def test_all_rows_are_painted_where_their_columns_change(qtbot: QtBot, shown: PredictionBars, others) -> None:
    painted = _Painted(shown)
    shown.show_prediction(SEVEN, **others)
    qtbot.wait(20)
    assert painted.regions[-1].contains(shown.rect())


def test_what_is_left_on_the_screen_is_what_a_new_picture_would_show(qtbot: QtBot, shown: PredictionBars) -> None:
    shown.show_prediction(changed((7, 0.3), (2, 0.7 - 0.0004)), DIGITS)
    qtbot.wait(20)
    screen = shown.screen().grabWindow(shown.winId()).toImage().convertToFormat(QImage.Format.Format_RGB32)
    assert screen == shown.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def test_a_row_whose_class_wins_by_less_than_is_written_is_painted_again(qtbot: QtBot, shown: PredictionBars) -> None:
    thirds = np.array([0.3333, 0.3334, 0.3333], np.float32)
    shown.show_prediction(thirds, DIGITS)
    qtbot.wait(20)
    painted = _Painted(shown)
    shown.show_prediction(thirds[[1, 0, 2]], DIGITS)
    qtbot.wait(20)
    (region,) = painted.regions
    rows = [row.toAlignedRect() for row in shown.bar_rows()]
    assert region.contains(rows[0])
    assert region.contains(rows[1])
    assert not region.contains(rows[2].center())


def test_a_row_in_which_only_training_changes_is_painted_again(qtbot: QtBot, shown: PredictionBars) -> None:
    shown.show_prediction(SEVEN, DIGITS, other=SEVEN)
    qtbot.wait(20)
    painted = _Painted(shown)
    shown.show_prediction(SEVEN, DIGITS, other=changed((1, 0.07)))
    qtbot.wait(20)
    (region,) = painted.regions
    assert region.contains(shown.bar_rows()[1].toAlignedRect())
    assert not region.contains(shown.bar_rows()[4].toAlignedRect().center())


def test_the_neighbours_of_a_row_are_painted_with_it(
    qtbot: QtBot, shown: PredictionBars, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their edges are cleared with it where a row does not end with a pixel of the screen."""
    shown.resize(220, round(shown.bar_rows()[0].top()) + 200)
    qtbot.wait(20)
    assert all(row == row.toRect() for row in shown.bar_rows())  # which overlap by no pixel of their own
    painted = list[int]()
    monkeypatch.setattr(PredictionBars, "_paint_track", lambda self, painter, bar, track: painted.append(bar.number))
    shown.show_prediction(changed((4, 0.05)), DIGITS)
    qtbot.wait(20)
    assert painted == [3, 4, 5]
