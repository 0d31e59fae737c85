"""Where kernels lie: every weight is found where its box says, and the table fits its room or is scrolled."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convscope.ui.widgets.kernel_places import LARGEST, KernelPlaces, Spot, fitted, rows_of_numbers

BAR = 12
HEAD = (20, 16)
shapes = st.tuples(st.integers(1, 40), st.integers(1, 9), st.integers(1, 7), st.integers(1, 7))
rooms = st.tuples(st.integers(60, 900), st.integers(60, 500))


def spots(table: KernelPlaces) -> list[Spot]:
    """Return the corners of the first and the last kernel of each part."""
    filters, channels, height, width = table.shape
    return [
        Spot(number, channel, row, column, part)
        for number in {0, filters // 2, filters - 1}
        for channel in {0, channels - 1}
        for row in {0, height - 1}
        for column in {0, width - 1}
        for part in range(table.parts)
    ]


@given(shapes, st.integers(1, 2), rooms)
@settings(max_examples=60)
def test_every_weight_is_found_where_its_box_lies(shape: tuple[int, int, int, int], parts: int, room: tuple[int, int]):
    table = fitted(shape, parts, HEAD, room, BAR)
    for spot in spots(table):
        box = table.cell_box(spot)
        for point in (box.topLeft(), box.bottomRight(), box.center()):
            assert table.find(point.x(), point.y()) == spot
            assert table.find_kernel(point.x(), point.y()) == (spot.filter, spot.channel)
        assert box.right() < table.size[0]
        assert box.bottom() < table.size[1]
    assert (len(table.column_index), len(table.row_index)) == table.size


@given(shapes, st.integers(1, 2), rooms)
@settings(max_examples=60)
def test_a_table_fits_its_room_unless_its_kernels_would_be_too_small(
    shape: tuple[int, int, int, int], parts: int, room: tuple[int, int]
):
    table = fitted(shape, parts, HEAD, room, BAR)
    fits = table.size[0] <= room[0] and table.size[1] <= room[1]
    assert fits or max(table.kernel_size) <= max(24 + max(shape[2:]) // 2, 2 * max(shape[2:]))
    assert 1 <= table.pixel[0] <= LARGEST


def test_gaps_and_headings_hold_no_weight():
    table = fitted((4, 2, 3, 3), 2, HEAD, (400, 300), BAR)
    assert table.find(3, 100) is None
    assert table.find(100, 3) is None
    first, second = table.kernel_box(0, 0), table.kernel_box(0, 0, part=1)
    assert table.find(first.right() + 1, first.top()) is None
    assert table.find(second.left(), second.top()) == Spot(0, 0, 0, 0, part=1)
    assert table.find(10_000, 10_000) is None
    assert table.find_kernel(10_000, 10_000) is None


def test_filters_of_few_channels_stand_side_by_side_like_words_of_a_text():
    table = fitted((12, 1, 3, 3), 1, HEAD, (570, 170), BAR)
    assert table.across > 3
    boxes = [table.kernel_box(number, 0) for number in range(12)]
    assert boxes[0].y() == boxes[table.across - 1].y() < boxes[table.across].y()
    assert boxes[0].x() == boxes[table.across].x() < boxes[1].x()


@pytest.mark.parametrize("channels", [3, 60])
def test_rows_of_numbers_have_room_to_be_read(channels: int):
    table = rows_of_numbers((4, channels, 1, 1), HEAD, (450, 200), BAR, 36)
    assert table.pixel[0] == 36
    assert table.pixel[1] >= 18
    assert table.size[1] <= 200 - (BAR if channels == 60 else 0)
