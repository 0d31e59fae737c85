"""The plot of the prediction through training: what is named, what is read, what a click chooses."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt

from convscope.ui import theme
from convscope.ui.widgets.class_colours import class_colour, class_pen
from convscope.ui.widgets.time_plot import TimePlot
from convscope.ui.widgets.time_plot_data import NumberCourse, PredictionCourse, bends, dashes, epoch_text, spread

POSITIONS = np.array([0.0, 0.5, 1.0, 1.5, 2.0])


def course(label: int | None = None) -> PredictionCourse:
    """Return a course in which class 3 falls from 70 % to 0 while class 7 rises to 90 %; 1 gets what is left."""
    probabilities = np.zeros((5, 10), np.float32)
    probabilities[:, 3] = [0.7, 0.5, 0.3, 0.1, 0.0]
    probabilities[:, 7] = [0.2, 0.4, 0.6, 0.8, 0.9]
    probabilities[:, 1] = 1 - probabilities.sum(axis=1)
    return PredictionCourse(POSITIONS, probabilities, [f"class {k}" for k in range(10)], label)


@pytest.fixture
def plot(qtbot) -> TimePlot:
    plot = TimePlot()
    qtbot.addWidget(plot)
    plot.resize(500, 240)
    plot.show_course(course())
    plot.show()
    return plot


def place_of(plot: TimePlot, position: float) -> QPoint:
    picture = plot.picture()
    assert picture is not None
    return QPointF(picture.x_of(position), picture.area.center().y()).toPoint()


def test_the_answer_and_what_came_far_are_named():
    assert course().named() == (7, 3)
    assert course(label=1).named() == (1, 7, 3)
    assert PredictionCourse().named() == ()


def test_a_click_chooses_a_place_of_the_run_and_a_drag_moves_it(plot: TimePlot, qtbot):
    chosen: list[float] = []
    plot.position_chosen.connect(chosen.append)
    qtbot.mousePress(plot, Qt.MouseButton.LeftButton, pos=place_of(plot, 0.5))
    qtbot.mouseMove(plot, place_of(plot, 1.5))
    qtbot.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=place_of(plot, 1.5))
    assert chosen[0] == pytest.approx(0.5, abs=0.01)
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(1, 5))  # beside the axis: its end
    assert chosen[-1] == 0


def test_pointing_reads_the_nearest_moment(plot: TimePlot, qtbot):
    qtbot.mouseMove(plot, place_of(plot, 1.4))
    assert plot.hovered == 3
    qtbot.mouseMove(plot, place_of(plot, 0.1))
    assert plot.hovered == 0


def test_it_says_what_is_seen(plot: TimePlot):
    assert plot.accessibleDescription() == "Epoch 2.00: class 7 with 90.0 %, class 1 with 10.0 %, class 0 with 0.0 %"
    plot.show_position(0.0)
    assert plot.accessibleDescription().startswith("Start: class 3 with 70.0 %, class 7 with 20.0 %")


def test_without_lines_it_says_why_and_nothing_can_be_chosen(plot: TimePlot, qtbot):
    chosen: list[float] = []
    plot.position_chosen.connect(chosen.append)
    plot.show_message("Draw something.")
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    assert chosen == []
    assert plot.accessibleDescription() == plot.message == "Draw something."
    assert plot.grab().toImage().pixelColor(2, 2) == theme.current().base


def test_the_line_of_the_answer_is_where_its_probability_is(plot: TimePlot):
    picture = plot.picture()
    assert picture is not None
    image = plot.grab().toImage()
    x = round(picture.x_of(1.75))
    y = round(picture.area.bottom() - 0.85 * picture.area.height())
    near = [image.pixelColor(x, y + dy) for dy in range(-3, 4)]
    wanted = class_colour(7)
    dashes = [
        image.pixelColor(x + dx, round(y - dx * 0.2 * picture.area.height() / picture.area.width()))
        for dx in range(-15, 15)
    ]
    assert any(_alike(colour, wanted) for colour in near + dashes)


def _alike(one, other) -> bool:
    return max(abs(a - b) for a, b in zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)) < 40


def test_a_single_moment_can_be_plotted(plot: TimePlot):
    one = course()
    plot.show_course(PredictionCourse(one.positions[:1], one.answers[:1], one.names))
    plot.show_position(0.0)
    assert not plot.grab().isNull()


def heights(*predicted: float, wanted: float | None = 1.8) -> NumberCourse:
    """Return a course in which a height is predicted."""
    answers = np.array(predicted, np.float32)[:, None]
    return NumberCourse.of(POSITIONS[: len(predicted)], answers, ("Height",), wanted, "m")


def test_a_predicted_number_has_a_line_beside_the_wanted_one(plot: TimePlot):
    plot.show_course(heights(-0.2, 1.0, 1.5, 1.7, 1.75))
    assert plot.accessibleDescription() == "Epoch 2.00: predicted 1.75 m, wanted 1.8 m"
    picture = plot.picture()
    assert picture is not None
    low, high = plot.course.ends
    image = plot.grab().toImage()
    for number, height in ((0, 1.25), (1, 1.8)):
        place = QPointF(
            picture.x_of(0.75), picture.area.bottom() - (height - low) / (high - low) * picture.area.height()
        )
        assert any(_alike(image.pixelColor(place.toPoint() + QPoint(0, dy)), class_colour(number)) for dy in (-1, 0, 1))


def test_the_axis_of_numbers_has_their_unit_and_holds_all_of_them():
    course = heights(-0.2, 1.0, 2.5)
    low, high = course.ends
    assert low < -0.2 < 2.5 < high
    ticks = course.ticks(5)
    assert len(ticks) > 1
    assert all(low <= height <= high and text.endswith(" m") for height, text in ticks)
    assert heights(1.0, wanted=None).names == ("predicted",)


@pytest.mark.parametrize("strange", [[np.nan, np.nan], [1.0, np.inf], [-np.inf, 2.0], [1.5, 1.5], [3e38, -3e38]])
def test_numbers_beyond_all_bounds_and_equal_ones_are_painted(plot: TimePlot, strange: list[float]):
    plot.show_course(heights(*strange, wanted=None))
    plot.show_position(0.0)
    assert not plot.grab().isNull()


def test_several_numbers_have_a_line_each():
    course = NumberCourse.of(POSITIONS, np.zeros((5, 7), np.float32), [f"n{k}" for k in range(7)], 3.0)
    assert course.named() == (0, 1, 2, 3, 4)
    assert course.described(0) == "Start: n0 0, n1 0, n2 0"


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK])
def test_no_two_classes_look_the_same_and_all_can_be_read(look: theme.Theme):
    with theme.painted_as(look):
        looks = {(class_pen(k, 2).color().name(), class_pen(k, 2).style()) for k in range(10)}
        assert len(looks) == 10
        assert min(theme.contrast(class_colour(k), look.base) for k in range(10)) >= 4.5
        assert class_colour(13) == class_colour(3)


def test_moments_are_written_as_they_are_read():
    assert [epoch_text(p) for p in (0.0, 0.0213, 0.254, 12.0)] == ["Start", "Epoch 0.021", "Epoch 0.25", "Epoch 12.00"]


@given(st.lists(st.floats(0, 200), max_size=8))
@settings(max_examples=50)
def test_labels_never_cover_each_other(wanted: list[float]):
    places = spread(wanted, 20, 0, 200)
    ordered = sorted(places)
    assert all(second - first >= 20 - 1e-6 for first, second in pairwise(ordered))
    assert all(10 - 1e-6 <= place <= 190 + 1e-6 for place in places)
    if len(wanted) == 1:
        assert places[0] == min(max(wanted[0], 10), 190)


def test_a_line_keeps_its_ends_and_both_sides_of_every_bend() -> None:
    heights = np.array([5, 5, 5, 5.05, 5, 9, 9, 9, 9, 2, 2], np.float32)
    assert bends(heights, 0.1).tolist() == [0, 4, 5, 8, 9, 10]
    assert bends(np.zeros(1), 0.1).tolist() == [0]
    rising = np.arange(6.0)
    assert bends(rising, 0.1).tolist() == list(range(6))


def test_dashes_follow_the_line_around_its_bends() -> None:
    corner = np.array([[0, 0], [4, 0], [4, 10]], np.float64)
    pieces = dashes(corner, 5, 2).tolist()
    assert pieces == [[0, 0, 4, 0], [4, 0, 4, 1], [4, 3, 4, 8]]


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), min_size=2, max_size=9), st.integers(1, 9))
def test_dashes_cover_their_share_of_the_line(corners: list[tuple[int, int]], gap: int) -> None:
    points = np.array(corners, np.float64)
    whole = float(np.hypot(*np.diff(points, axis=0).T).sum())
    pieces = dashes(points, 5, gap)
    inked = float(np.hypot(pieces[:, 2] - pieces[:, 0], pieces[:, 3] - pieces[:, 1]).sum())
    rounds, rest = divmod(whole, 5 + gap)
    assert inked == pytest.approx(5 * rounds + min(rest, 5), abs=1e-6)
