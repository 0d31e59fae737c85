"""A window slides exactly as its layer does, in reading order, and is drawn on its way."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QImage
from PySide6.QtWidgets import QApplication

from convscope.core.layers.window import Window
from convscope.ui import theme
from convscope.ui.widgets.slide import Slide, rate_of, rate_text
from convscope.ui.widgets.slide_picture import cell_of, slide_image, slide_layout

SIZE = QSize(400, 220)


def slide(window: Window, side: int = 8) -> Slide:
    source = np.random.default_rng(1).random((side, side)) + 0.1
    return Slide.of(window, source, np.random.default_rng(2).random(window.places((side, side))) + 0.1)


@settings(max_examples=40)
@given(
    kernel=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    stride=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)),
    padding=st.tuples(st.integers(0, 3), st.integers(0, 3)),
)
def test_every_position_reads_what_torchs_convolution_reads(kernel, stride, dilation, padding):
    window = Window(kernel, stride, padding, dilation)
    source = np.random.default_rng(0).random((9, 10))
    if not window.fits((9, 10)):
        return
    weight = np.random.default_rng(3).random(kernel)
    expected = torch.conv2d(
        torch.tensor(source)[None, None], torch.tensor(weight)[None, None], None, stride, padding, dilation
    )[0, 0].numpy()
    made = Slide.of(window, source, expected)
    assert made.count == expected.size
    values = []
    for position in range(made.count):
        row, column = made.place(position)
        assert made.position(row, column) == position
        patch = [[at(source, r, c) for c in made.columns[column]] for r in made.rows[row]]
        values.append(float((np.array(patch) * weight).sum()))
    np.testing.assert_allclose(np.reshape(values, expected.shape), expected)


def at(source, row, column):
    inside = 0 <= row < source.shape[0] and 0 <= column < source.shape[1]
    return source[row, column] if inside else 0.0


def test_the_box_of_a_window_may_begin_in_the_padding_and_has_gaps_where_it_is_dilated():
    made = slide(Window(3, 2, 1, 2))
    assert made.box(0) == (-1, -1, 5, 5)
    assert made.box(made.count - 1)[:2] == (made.rows[-1][0], made.columns[-1][0])
    assert made.place(-3) == (0, 0)
    assert made.place(10_000) == tuple(side - 1 for side in made.result.shape)


def test_the_speed_goes_from_one_position_in_two_seconds_to_the_whole_map_in_two():
    for count in (1, 4, 100, 784):
        assert rate_of(0, count) == 0.5
        assert count / rate_of(1, count) == pytest.approx(min(2, 2 * count))
        rates = [rate_of(share / 10, count) for share in range(11)]
        assert rates == sorted(rates)
    assert rate_text(rate_of(0, 784), 784) == "2 s a position"
    assert rate_text(rate_of(1, 784), 784) == "whole map in 2 s"
    assert rate_text(10, 784) == "10 a second"


@pytest.fixture
def app(qapp: QApplication) -> QApplication:
    theme.apply(qapp, "light")
    return qapp


def pixel(image: QImage, box: QRectF) -> QColor:
    return QColor(image.pixel(box.center().toPoint()))


def test_a_frame_of_the_film_shows_the_output_up_to_the_window(app: QApplication):
    made = slide(Window(3))
    image = slide_image(made, 14, SIZE, app.font())
    area = QRectF(0, 0, SIZE.width(), SIZE.height()).adjusted(8, 8, -8, -8)
    places = slide_layout(made, area, QFontMetricsF(app.font()).height())
    empty = theme.current().window
    shown = [
        pixel(image, cell_of(places.result, (6, 6), *made.place(position))) != empty for position in range(made.count)
    ]
    assert shown == [position <= 14 for position in range(36)]
    assert image != slide_image(made, 15, SIZE, app.font())
    assert image == slide_image(made, 14, SIZE, app.font())


def test_the_maps_lie_where_they_are_largest_and_inside_the_area(app: QApplication):
    made = slide(Window(3, 1, 1))
    for area, upright in ((QRectF(0, 0, 400, 150), False), (QRectF(0, 0, 120, 400), True)):
        places = slide_layout(made, area, 14)
        assert places.upright is upright
        for box in (places.padded, places.source, places.result, *places.heads):
            assert area.adjusted(-1, -1, 1, 1).contains(box)
        assert places.padded.contains(places.source)
        assert places.padded.width() == pytest.approx(places.source.width() * 10 / 8)
        assert not places.padded.intersects(places.result)


def test_padding_and_the_window_in_it_are_drawn(app: QApplication):
    padded, plain = slide(Window(3, 1, 1)), slide(Window(3))
    assert slide_image(padded, 0, SIZE, app.font()) != slide_image(plain, 0, SIZE, app.font())
    dilated = slide(Window(2, 1, "valid", 2))
    solid = slide(Window(3))
    assert dilated.box(0) == solid.box(0)
    assert slide_image(dilated, 0, SIZE, app.font()) != slide_image(solid, 0, SIZE, app.font())  # its gaps are seen
