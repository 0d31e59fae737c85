"""The colour legend: the numbers that matter, readable whatever they are."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage

from convscope.ui import colour_maps, theme
from convscope.ui.colour_maps import ColourScale
from convscope.ui.export.picture import svg_of
from convscope.ui.widgets.colour_legend import ColourLegend


@pytest.fixture
def legend(qtbot) -> ColourLegend:
    widget = ColourLegend()
    qtbot.addWidget(widget)
    widget.resize(widget.sizeHint())
    return widget


@pytest.mark.parametrize(
    ("scale", "labels"),
    [
        (ColourScale(0, 2.5, "sequential"), ((0, "0"), (1, "2.5"))),
        (ColourScale(-1, 3, "diverging"), ((0, "−1"), (0.25, "0"), (1, "3"))),
        (ColourScale(-2, 0, "diverging"), ((0, "−2"), (1, "0"))),
        (ColourScale(0, 0, "sequential"), ((0.5, "0"),)),
        (
            ColourScale(-0.001234, 12345.6, "diverging"),
            ((0, "−0.00123"), (pytest.approx(1e-7, rel=0.01), "0"), (1, "12,346")),
        ),
    ],
)
def test_least_value_zero_and_greatest_value_are_named(legend: ColourLegend, scale, labels) -> None:
    legend.show_scale(scale)
    assert legend.labels() == labels


@pytest.mark.parametrize(
    ("scale", "labels"),
    [
        (ColourScale(0, 2, "sequential"), ["0", "≥ 0.5"]),
        (ColourScale(-4, 4, "diverging"), ["≤ −1", "0", "≥ 1"]),
        (ColourScale(-0.1, 4, "diverging"), ["−0.1", "0", "≥ 1"]),  # blue does not reach farther than the values do
        (ColourScale(0, 0, "sequential"), ["0"]),
    ],
)
def test_ends_that_the_contrast_cuts_are_marked(legend: ColourLegend, scale: ColourScale, labels: list[str]) -> None:
    legend.show_scale(scale, gain=4)
    assert [text for _, text in legend.labels()] == labels
    assert ("beyond" in legend.accessibleDescription()) == any("≥" in text for text in labels)


def test_no_scale_has_no_labels(legend: ColourLegend) -> None:
    legend.show_scale(ColourScale(0, 1, "sequential"))
    legend.show_scale(None)
    assert legend.labels() == ()
    assert legend.accessibleDescription() == ""


def test_the_bar_shows_the_colours_from_least_to_greatest(legend: ColourLegend) -> None:
    legend.show_scale(ColourScale(-1, 3, "diverging"))
    image = legend.grab().toImage()
    right = QColor(image.pixel(legend.width() - 4, 6))
    left = QColor(image.pixel(3, 6))
    table = colour_maps.diverging()
    assert _near(right, table[252])  # 3 is the end of the colours …
    assert _near(left, table[88])  # … but -1 only a third of the way down
    assert right.red() > right.blue()
    assert left.blue() > left.red()


def test_the_bar_follows_the_theme(qapp, legend: ColourLegend) -> None:
    legend.show_scale(ColourScale(0, 1, "sequential"))
    light = legend.grab().toImage().pixelColor(3, 6).lightnessF()
    theme.apply(qapp, "dark")
    dark = legend.grab().toImage().pixelColor(3, 6).lightnessF()
    theme.apply(qapp, "light")
    assert light > 0.9
    assert dark < 0.2


def test_the_description_is_read_out_and_says_of_what(legend: ColourLegend) -> None:
    legend.show_scale(ColourScale(-1, 2, "diverging"), "map 3")
    assert legend.accessibleDescription() == "Colours of map 3: −1 to 2, blue below zero, orange above."


@given(low=st.floats(-(2.0**99), 0, width=32), high=st.floats(0, 2.0**99, width=32))
def test_labels_neither_overlap_nor_leave_the_widget(qapp, low: float, high: float) -> None:
    legend = ColourLegend()
    legend.show_scale(ColourScale(low, high, "diverging"))
    size = legend.sizeHint()
    bar = QRectF(0.5, 0.5, size.width() - 1, 12)
    boxes = [box for box, _ in legend._label_boxes(legend.labels(), bar)]
    for box in boxes:
        assert QRectF(0, 0, size.width(), size.height()).contains(box)
    for one, other in zip(sorted(boxes, key=QRectF.left), sorted(boxes, key=QRectF.left)[1:], strict=False):
        assert one.right() <= other.left()
    legend.deleteLater()


def test_zero_is_left_out_where_it_would_cover_an_end(legend: ColourLegend) -> None:
    legend.show_scale(ColourScale(-0.000812, 0.000923, "diverging"))
    metrics = QFontMetricsF(legend.font())
    both = metrics.horizontalAdvance("−0.000812") + metrics.horizontalAdvance("0.000923")
    for spare, texts in ((4, ["−0.000812", "0.000923"]), (60, ["−0.000812", "0", "0.000923"])):
        boxes = legend._label_boxes(legend.labels(), QRectF(0.5, 0.5, both + spare, 12))
        assert [text for _, text in boxes] == texts
        assert all(one.right() <= other.left() for (one, _), (other, _) in pairwise(boxes))


def test_another_font_is_measured_anew(legend: ColourLegend) -> None:
    legend.show_scale(ColourScale(-0.5, 0.75, "diverging"))
    bar, widths = QRectF(0.5, 0.5, 400, 12), list[float]()
    for size in (9.0, 18.0):
        font = legend.font()
        font.setPointSizeF(size)
        legend.setFont(font)
        widths.append(legend._label_boxes(legend.labels(), bar)[0][0].width())
    assert widths[1] > 1.5 * widths[0]


def _near(colour: QColor, rgba) -> bool:
    shown = (colour.red(), colour.green(), colour.blue(), colour.alpha())
    return max(abs(a - int(b)) for a, b in zip(shown, rgba, strict=True)) <= 8


@pytest.mark.parametrize("scale", [ColourScale(-0.5, 3, "diverging"), ColourScale(0, 0, "diverging")])
def test_a_file_of_lines_and_letters_has_the_same_colours(legend: ColourLegend, scale: ColourScale) -> None:
    legend.show_scale(scale)
    (found,) = re.findall(rb'<image [^>]*base64,([^"]+)"', svg_of(legend))
    image = QImage.fromData(QByteArray.fromBase64(found))
    ends = colour_maps.colours(np.array([scale.low, scale.high]), scale.low, scale.high, scale.kind)
    shown = QColor(image.pixel(0, 0)), QColor(image.pixel(image.width() - 1, 0))
    for colour, end in zip(shown, ends.tolist(), strict=True):
        right = QColor(end)
        assert _near(colour, (right.red(), right.green(), right.blue(), 255))
