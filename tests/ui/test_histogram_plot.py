"""The histogram plot: bars of one width whatever the histograms' own, and axes that can be read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from convscope.core.histogram import histogram
from convscope.ui import theme
from convscope.ui.panels.histogram_text import MOST_VALUES, dead_text, strange_text, thinned, thinned_text
from convscope.ui.widgets.histogram_data import framed
from convscope.ui.widgets.histogram_marks import Mark
from convscope.ui.widgets.histogram_plot import HistogramPlot, share_text, tick_text

VALUES = arrays.arrays(np.float32, st.integers(1, 60), elements=st.floats(-1000, 1000, width=32))


@given(VALUES, VALUES)
def test_two_histograms_share_their_bins_and_lose_nothing(one, other) -> None:
    frame = framed([histogram(one), histogram(other)], logarithmic=False)
    assert frame is not None
    for values, bars in zip((one, other), frame.series, strict=True):
        assert bars is not None
        assert bars.shares.sum() == pytest.approx(1)
        numbers = np.floor(values.astype(np.float64) / frame.width)
        for number in np.unique(numbers):
            assert bars.at(int(number)) == pytest.approx(np.mean(numbers == number))
        assert frame.low <= values.min()
        assert values.max() <= frame.high


def test_values_that_are_all_the_same_are_one_bar() -> None:
    frame = framed([histogram(np.full(7, 2.5, np.float32)), histogram(np.linspace(0, 1, 9))], logarithmic=False)
    assert frame is not None
    assert frame.series[0] is not None
    assert frame.series[0].at(int(2.5 / frame.width)) == 1


def test_nothing_is_framed_without_values() -> None:
    assert framed([None, histogram(np.array([np.nan]))], logarithmic=False) is None


def test_a_logarithmic_axis_shows_rare_values_and_labels_decades() -> None:
    rare = np.concatenate([np.zeros(99_999), [1.0]])
    frame = framed([histogram(rare)], logarithmic=True)
    assert frame is not None
    assert frame.heights(np.array(1e-5)) > 0.05
    assert frame.heights(np.array(0.0)) == 0
    assert frame.heights(np.array(1.0)) > 0.9
    assert len(frame.y_ticks(4)) <= 4


def test_a_bin_is_no_longer_read_out_where_bins_are_others(qtbot) -> None:
    plot = HistogramPlot("Histogram")
    qtbot.addWidget(plot)
    plot.show_histograms(histogram(np.linspace(0, 1, 50)))
    QTest.keyClick(plot, Qt.Key.Key_Right)
    text = plot.readout()
    assert text
    plot.show_histograms(histogram(np.linspace(0, 1, 50)[::-1]))
    assert plot.readout() == text
    plot.show_histograms(histogram(np.linspace(0, 1000, 50)))
    assert plot.readout() == ""


def test_bars_are_as_high_as_their_shares(qtbot) -> None:
    plot = HistogramPlot("Histogram")
    qtbot.addWidget(plot)
    plot.resize(400, 300)
    plot.show_histograms(histogram(np.array([0.1] * 30 + [0.6] * 10)))
    image = plot.grab().toImage()
    assert plot._frame is not None
    base = theme.current().window
    filled = [
        sum(
            image.pixelColor(int(column.center().x()), y).lightness() < base.lightness() - 40
            for y in range(int(column.top()), int(column.bottom()))
        )
        for column in (plot.bin_rect(int(value / plot._frame.width)) for value in (0.1, 0.6))
    ]
    assert filled[0] == pytest.approx(3 * filled[1], abs=8)
    assert filled[1] > 40


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (1, "100 %"), (0.123, "12.3 %"), (0.0004, "less than 0.1 %"), (0.9999, "more than 99.9 %")],
)
def test_shares_are_never_rounded_to_nothing_or_everything(share: float, text: str) -> None:
    assert share_text(share) == text


@pytest.mark.parametrize(("share", "text"), [(0.2, "20 %"), (0.001, "0.1 %"), (1e-7, "10⁻⁵ %"), (0, "0 %")])
def test_ticks_are_short(share: float, text: str) -> None:
    assert tick_text(share) == text


def test_what_is_said_of_dead_parts_and_of_values_that_are_no_numbers() -> None:
    assert dead_text(np.zeros(4, bool), (), "unit") == "No dead units."
    assert dead_text(np.ones(10, bool), (), "map") == "10 of 10 maps dead: maps 0, 1, 2, 3, 4, 5, 6, 7 and 2 more."
    assert dead_text(np.arange(4) > 1, {3}, "map") == "1 of 4 maps dead: map 2. Switched off: 3."
    assert strange_text(histogram(np.array([1.0, np.nan, np.inf]))).startswith("2 of 3 values")
    assert strange_text(histogram(np.ones(3))) == ""


def test_very_many_values_are_thinned_all_over_and_it_is_said() -> None:
    few, many = np.zeros((3, 4)), np.zeros((640, 1000, 4), np.int32)
    assert thinned(few).size == 12
    assert thinned_text(few) == ""
    many[...] = np.arange(1000)[:, None]
    assert thinned(many).size <= MOST_VALUES
    assert set(thinned(many).tolist()) == set(range(1000))
    assert thinned_text(many) == "Counted: one in 9 of 2,560,000 values."


def test_labels_beside_rare_values_have_their_room(qtbot) -> None:
    plot = HistogramPlot("Values")
    qtbot.addWidget(plot)
    plot.resize(320, 260)
    plot.show()
    values = np.concatenate([np.zeros(3_000_000, np.float32), np.ones(3, np.float32)])
    plot.show_histograms(histogram(values))
    narrow = plot.bin_rect(0).left()
    plot.show_logarithmic(True)
    assert plot.bin_rect(0).left() > narrow
    assert plot.bin_rect(0).left() > plot.fontMetrics().horizontalAdvance("0.0001 %")


def test_marks_lie_in_the_plot_and_the_bars_make_room(qtbot) -> None:
    plot = HistogramPlot("values")
    qtbot.addWidget(plot)
    plot.resize(400, 200)
    values = np.linspace(1, 2, 100)
    plot.show_histograms(histogram(values))
    assert plot._frame is not None
    low, top = plot._frame.low, plot._room().top()
    plot.show_marks([Mark("batch", 1.5, 0.3, "validation"), Mark("running", 0.4, 1.0, "accent", is_dashed=True)])
    assert plot._frame.low <= 0.4 < low  # the axis reaches to a mean beside the values
    assert plot._room().top() > top
    assert plot._room().left() <= plot._x(0.4) < plot._x(1.5) <= plot._room().right()
    plot.grab()
    plot.show_marks([Mark("running", -1000.0, 1.0, "accent")])
    assert plot._frame.low == low  # a mean far away does not squeeze the bars
    plot.grab()


def test_one_value_far_from_tiny_ones_has_a_bar_beside_theirs() -> None:
    one, other = histogram(np.ones(1, np.float32)), histogram(np.array([0, 8.97e-34], np.float32))
    frame = framed((one, other), logarithmic=False)
    assert frame is not None
    assert frame.high >= 1
    assert [bars.shares.sum() for bars in frame.series if bars is not None] == [1, 1]
