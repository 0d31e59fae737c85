"""The headings of a table of kernels: each stands clear of the next."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QFont, QFontMetrics

from convscope.ui.widgets.kernel_picture import column_texts, small
from convscope.ui.widgets.kernel_places import KernelPlaces, fitted

HEAD, BAR = (20, 16), 12


@pytest.fixture(scope="module")
def metrics(qapp) -> QFontMetrics:
    return QFontMetrics(small(QFont()))


def headings(places: KernelPlaces, metrics: QFontMetrics) -> list[tuple[float, float]]:
    """Return from where to where the headings of a filter's columns reach, gradients included."""
    texts = column_texts(places, metrics, named=True)
    found: list[tuple[float, float]] = []
    for channel in range(places.shape[1]):
        for part in range(places.parts):
            text = texts(channel, part)
            box, width = places.kernel_box(0, channel, part), metrics.horizontalAdvance(text)
            middle = box.x() + box.width() / 2
            if text:
                found.append((middle - width / 2, middle + width / 2))
    return found


@given(
    st.tuples(st.integers(1, 96), st.integers(1, 600), st.integers(1, 11), st.integers(1, 11)),
    st.integers(1, 2),
    st.tuples(st.integers(60, 900), st.integers(60, 500)),
)
@settings(max_examples=100)
def test_no_heading_touches_the_next(
    metrics: QFontMetrics, shape: tuple[int, int, int, int], parts: int, room: tuple[int, int]
):
    reached = headings(fitted(shape, parts, HEAD, room, BAR), metrics)
    assert all(right <= left for (_, right), (left, _) in pairwise(reached))


@pytest.mark.parametrize(("named", "spare", "said"), [
    (True, -5, "2"), (True, 0, "2"), (True, 20, "ch 2"), (True, 200, "channel 2"), (False, 200, "2"),
])  # fmt: skip
def test_a_heading_says_channel_where_there_is_room(metrics: QFontMetrics, named: bool, spare: int, said: str):
    side = metrics.horizontalAdvance("ch 2") + spare  # AlexNet's kernels are 5 pixels less wide
    texts = column_texts(KernelPlaces((96, 3, 1, 1), 1, (side, side), 1, HEAD), metrics, named=named)
    assert texts(2, 0) == said


def test_numbers_without_room_are_left_out_at_equal_steps(metrics: QFontMetrics):
    texts = column_texts(KernelPlaces((8, 512, 1, 1), 1, (15, 15), 1, HEAD), metrics, named=True)
    assert [texts(channel, 0) for channel in range(100, 105)] == ["100", "", "102", "", "104"]


def test_the_sign_of_gradients_gives_way_before_the_numbers(metrics: QFontMetrics):
    narrow, wide = (column_texts(KernelPlaces((2, 2, 9, 1), 2, (n, n), 1, HEAD), metrics, named=True) for n in (2, 48))
    assert [narrow(1, part) for part in (0, 1)] == ["1", ""]
    assert [wide(1, part) for part in (0, 1)] == ["ch 1", "∇"]
