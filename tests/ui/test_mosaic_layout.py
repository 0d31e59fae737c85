"""Where the maps of a mosaic lie: what is drawn at a pixel is what is found there."""

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from convscope.ui.widgets.mosaic_layout import Place, _widths, fitted

side = st.integers(1, 9)
shapes = st.tuples(st.integers(1, 40), st.integers(1, 6), side, side)
rooms = st.tuples(st.integers(1, 110), st.integers(1, 110))


@settings(max_examples=40)
@given(shape=shapes, room=rooms, stretched=st.booleans(), ratio=st.sampled_from([1.0, 1.5, 2.0]))
def test_each_pixel_of_the_picture_shows_the_value_that_is_found_there(shape, room, stretched, ratio) -> None:
    layout = fitted(shape, room, stretched=stretched, ratio=ratio)
    numbers = np.arange(np.prod(shape), dtype=np.uint32).reshape(shape)
    picture = layout.picture(numbers, 0xFFFFFFFF)
    assert picture.shape == (layout.rows.length, layout.columns.length)
    for y, x in np.ndindex(picture.shape):
        place = layout.find(x + layout.columns.start, y + layout.rows.start)
        shown = 0xFFFFFFFF if place is None else numbers[place.tile, place.part, place.row, place.column]
        assert picture[y, x] == shown


@settings(max_examples=40)
@given(shape=shapes, room=rooms, stretched=st.booleans())
def test_cells_are_the_pixels_that_show_their_value(shape, room, stretched) -> None:
    layout = fitted(shape, room, stretched=stretched)
    picture = layout.picture(np.arange(np.prod(shape), dtype=np.uint32).reshape(shape), 0xFFFFFFFF)
    for number, index in enumerate(np.ndindex(shape)):
        x, y, width, height = layout.cell_box(Place(*index))
        left, top = x - layout.columns.start, y - layout.rows.start
        assert (picture[top : top + height, left : left + width] == number).all()
        assert np.count_nonzero(picture == number) == width * height


@settings(max_examples=40)
@given(shape=shapes, room=rooms)
def test_no_other_arrangement_shows_larger_maps(shape, room) -> None:
    count, _, height, width = shape
    layout = fitted((count, 1, height, width), room)
    if height * width == 1 or layout.rows.pixel < 1:
        return
    assert layout.rows.length <= room[1]
    assert layout.columns.length <= room[0]
    assert layout.rows.pixel == layout.columns.pixel == int(layout.rows.pixel)
    for columns, pixel in itertools.product(range(1, count + 1), [int(layout.rows.pixel) + 1]):
        rows = -(-count // columns)
        fits_wide = columns * width * pixel + (columns - 1) * 6 <= room[0]
        assert not (fits_wide and rows * height * pixel + (rows - 1) * 6 <= room[1])


@settings(max_examples=40)
@given(shape=shapes, room=rooms)
def test_a_tile_is_found_between_its_parts_and_nowhere_else(shape, room) -> None:
    layout = fitted(shape, room)
    for y, x in itertools.product(range(-3, room[1] + 3), range(-3, room[0] + 3)):
        boxes = (layout.tile_box(tile) for tile in range(layout.count))
        inside = [n for n, (left, top, w, h) in enumerate(boxes) if left <= x < left + w and top <= y < top + h]
        assert layout.find_tile(x, y) == (inside[0] if inside else None)
        assert len(inside) <= 1


def test_kernels_of_a_filter_lie_in_one_row_where_that_is_large_enough() -> None:
    assert fitted((4, 3, 5, 5), (400, 300)).columns.parts == 3
    assert fitted((1, 32, 3, 3), (400, 300)).columns.parts < 32


def test_values_that_no_pixel_shows_are_left_out_and_the_picture_stays():
    values = np.random.default_rng(0).random((6, 2, 40, 30), np.float32)
    colours = (values * 2**24).astype(np.uint32)
    layout = fitted(values.shape, (90, 60))
    fewer, sampled = layout.sampled(values)
    assert sampled.size < values.size / 2
    assert (fewer.rows.length, fewer.columns.length) == (layout.rows.length, layout.columns.length)
    picture = fewer.picture((sampled * 2**24).astype(np.uint32), 7)
    np.testing.assert_array_equal(picture, layout.picture(colours, 7))
    large = fitted(values.shape, (1500, 900))
    assert large.sampled(values)[1] is values


@settings(max_examples=40)
@given(count=st.integers(1, 300), across=st.integers(1, 300))
def test_every_number_of_rows_is_tried_with_the_fewest_columns(count: int, across: int) -> None:
    across = min(across, count)
    rows = -(-count // across)
    tried = _widths(count)
    assert next(width for width in tried if -(-count // width) <= rows) <= across
    assert len(tried) <= 2 * count**0.5 + 1
