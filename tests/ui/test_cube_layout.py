"""The row of cubes: one scale for all, everything in sight when it is fitted, and texts that do not overlap."""

from itertools import pairwise

import hypothesis
import hypothesis.strategies as st
import pytest

from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Dropout, Flatten, GlobalAveragePool, MaxPool
from convscope.core.layers.activations import FUNCTIONS
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.unit import Unit
from convscope.ui.widgets.cube_data import cube_items, operation_texts
from convscope.ui.widgets.cube_geometry import Angle, Cut
from convscope.ui.widgets.cube_labels import Wish, arranged
from convscope.ui.widgets.cube_layout import Row, edge, fitting_zoom, laid_out
from convscope.ui.widgets.cube_scene import CubeScene

NETWORK = Network((1, 28, 28), (Conv2d(filters=12), BatchNorm(), Activation(), MaxPool(), Flatten(), Dense(units=10)))
ROOM, LINES = (900.0, 300.0), (20.0, 20.0)


def row_of(network: Network, angle: Angle | None = None, zoom: float | None = None, room=ROOM) -> Row:
    items, angle = cube_items(network), angle or Angle()
    return laid_out(items, angle, zoom or fitting_zoom(items, angle, room, sum(LINES)), room, LINES, {})


def cubes(row: Row) -> list:
    return [place.cube for place in row.places if place.cube is not None]


@hypothesis.settings(max_examples=40)
@hypothesis.given(
    st.floats(-1, 1),
    st.floats(-1, 1),
    st.integers(400, 2000),
    st.integers(150, 600),
    st.integers(1, 224),
    st.integers(1, 64),
)
def test_a_fitted_row_lies_inside_its_room(across, up, width, height, side, channels) -> None:
    network = Network((channels, side, side), NETWORK.layers)
    row = row_of(network, Angle().turned(across, up), room=(width, height))
    assert row.places[0].left >= 0
    assert row.places[-1].right <= width + 1e-6
    assert all(0 <= place.top <= place.bottom <= height + 1e-6 for place in row.places)
    assert all(before.right <= after.gap[0] + 1e-6 for before, after in pairwise(row.places))


def test_all_cubes_share_one_scale() -> None:
    network = Network((3, 224, 224), (Conv2d(filters=64, padding="same"), MaxPool(kernel_size=4, stride=4)), 10)
    big, _, small = cubes(row_of(network))[:3]
    assert big.width == pytest.approx(2 * small.width)  # 224 against 56: √4
    assert small.depth.x / big.depth.x == pytest.approx(edge(64) / edge(3))


def test_vectors_are_columns_as_long_as_they_have_numbers() -> None:
    network = Network((1, 4, 4), (Flatten(), Dense(units=4), Dense(units=10)))
    _, flat, hidden, last = cubes(row_of(network))
    assert flat.height == pytest.approx(2 * hidden.height)
    assert hidden.width == last.width
    assert flat.sides == (1, 16, 1)


def test_a_longer_vector_is_always_longer_but_leaves_the_cubes_their_room() -> None:
    network = Network((1, 1, 1), (Flatten(), *(Dense(units=count) for count in (1023, 1025, 4096, 16_000))), 16_000)
    heights = [cube.height for cube in cubes(row_of(network, zoom=1))[2:]]
    assert heights == sorted(heights)
    assert heights[1] == pytest.approx(heights[0], rel=0.01)
    assert heights[3] < 1.5 * heights[0]


@pytest.mark.parametrize("filters", [1, 4, 16])
def test_a_long_vector_leaves_the_cubes_most_of_a_low_room(filters: int) -> None:
    network = Network((1, 28, 28), (Conv2d(filters=filters), Activation(), Flatten(), Dense(units=10)))
    row = row_of(network, room=(1000.0, 130.0))
    image, _, _, flat, _ = cubes(row)
    assert image.height > 0.75 * (row.bottom - row.top)
    assert flat.height > image.height


def test_a_step_that_keeps_the_shape_stands_closer() -> None:
    places = row_of(NETWORK).places
    gaps = [place.gap[1] - place.gap[0] for place in places[1:]]
    assert [place.item.joined for place in places[1:]] == [False, True, True, False, False, False, False]
    assert max(gaps[1], gaps[2]) < min(gaps[0], gaps[3])


def test_every_class_can_be_pointed_at() -> None:
    place = row_of(NETWORK).places[-1]
    assert place.item.is_classes
    for number in range(10):
        left, top, right, bottom = place.class_box(number)
        assert place.find((left + right) / 2, (top + bottom) / 2) == (number,)
    assert place.find(place.right + 1, place.top + 1) is None


def test_a_row_finds_the_value_and_the_cube() -> None:
    row = row_of(NETWORK)
    place = row.place(0)
    assert place is not None
    assert place.cube is not None
    middle = place.cube.centre((0, 13, 13))
    assert row.find(*middle) is place
    assert place.find(*middle) == (0, 13, 13)
    assert row.find(-5, 5) is None
    assert row.place(99) is None
    assert Unit(0, (0, 13, 13)).fits(place.item.shape)


def test_a_cut_belongs_to_its_cube() -> None:
    items = cube_items(NETWORK)
    row = laid_out(items, Angle(), 5, ROOM, LINES, {0: Cut(channel=3)})
    first, second = cubes(row)[1:3]
    assert (first.cut.channel, second.cut.channel) == (3, 0)


def test_the_row_ends_where_a_layer_cannot_work() -> None:
    items = cube_items(NETWORK.replaced(3, MaxPool(kernel_size=60)))
    assert [item.layer for item in items] == [-1, 0, 1, 2, 3]
    assert "60×60" in items[-1].problem
    assert row_of(NETWORK.replaced(3, MaxPool(kernel_size=60))).places[-1].cube is None


def test_wrong_outputs_stand_where_the_classes_would() -> None:
    items = cube_items(NETWORK.removed(5))
    assert items[-1].layer == 5
    assert items[-1].shape is None
    assert "10 classes" in items[-1].problem


def test_operations_are_named_as_in_lectures() -> None:
    assert operation_texts(Conv2d(kernel_size=3)) == ("conv", "conv 3×3")
    assert operation_texts(Conv2d(kernel_size=6, stride=2))[-1] == "conv 6×6, stride 2"
    assert operation_texts(MaxPool()) == ("pool", "pool 2", "max pool 2×2")
    assert operation_texts(MaxPool(stride=1))[-1] == "max pool 2×2, stride 1"
    assert operation_texts(Conv2d(kernel_size=(3, 5), stride=(2, 1), padding=(2, 3), dilation=(3, 2)))[1:] == (
        "conv 3×5",
        "conv 3×5, stride 2×1",
        "conv 3×5, stride 2×1, padding 2×3",
        "conv 3×5, stride 2×1, padding 2×3, dilation 3×2",
    )
    assert operation_texts(Conv2d(padding="same", dilation=2))[-1] == "conv 3×3, dilation 2"
    assert operation_texts(MaxPool(kernel_size=3, stride=2, padding=1))[2:] == (
        "max pool 3×3",
        "max pool 3×3, stride 2",
        "max pool 3×3, stride 2, padding 1",
    )
    assert operation_texts(Dropout(rate=0.25))[-1] == "dropout 0.25"
    assert operation_texts(Dense(units=4096))[-1] == "dense 4,096"
    assert operation_texts(GlobalAveragePool())[0] == "mean"
    assert operation_texts(Activation(enabled=False)) == ("off", "activation off")
    assert all(operation_texts(Activation(function=function))[0] for function in FUNCTIONS)


def ends(wishes, spots):
    placed = [(spot, wish) for wish, spot in zip(wishes, spots, strict=True) if spot]
    return [(spot.line, spot.left, spot.left + wish.widths[spot.wording], wish.centre) for spot, wish in placed]


@hypothesis.settings(max_examples=60)
@hypothesis.given(
    st.lists(st.tuples(st.floats(3, 497), st.floats(5, 80), st.floats(5, 60), st.booleans()), max_size=20)
)
def test_texts_never_overlap_nor_stand_on_a_leader(rows) -> None:
    wishes = [Wish(centre, (width, width + more), 500, first) for centre, width, more, first in rows]
    placed = sorted(ends(wishes, arranged(wishes, 3)))
    for before, after in pairwise(placed):
        assert before[0] != after[0] or before[2] < after[1]
    assert all(left >= 0 and right <= 500 and left <= centre <= right for _, left, right, centre in placed)
    for line, _, _, leader in placed:
        assert not any(other < line and left < leader < right for other, left, right, _ in placed)


def test_texts_get_their_fullest_wording_where_there_is_room() -> None:
    wishes = [Wish(50, (10, 60), 400), Wish(200, (10, 60, 400), 400), Wish(210, (10, 20), 400, first=False)]
    spots = arranged(wishes, 1)
    assert [None if spot is None else spot.wording for spot in spots] == [1, 1, None]


def test_texts_that_want_one_place_are_staggered() -> None:
    wishes = [Wish(100, (60,), 400), Wish(120, (60,), 400), Wish(140, (60,), 400)]
    assert None in arranged(wishes, 1)
    assert {spot and spot.line for spot in arranged(wishes, 3)} == {0, 1}


def test_a_text_makes_way_for_its_neighbour() -> None:
    wishes = [Wish(100, (60,), 150), Wish(125, (50,), 150)]
    spots = arranged(wishes, 2)
    assert spots[0] is not None
    assert spots[1] is not None
    assert spots[0].left + 60 < 125  # moved aside from the other's leader


@pytest.mark.parametrize("name", ["softmax", "cnn", "minho", "lenet-5"])
@pytest.mark.parametrize("width", [542, 1000])
def test_lectures_networks_show_every_shape_and_what_changes_it(qapp, name: str, width: int) -> None:
    scene = CubeScene(qapp.font())
    scene.show_items(cube_items(preset(name).network), "0123456789")
    scene.show_room(width, 114)
    texts = scene.texts()
    for item in scene.items[:-1]:
        assert item.shape_text in texts
        changes = item.operations and not item.joined
        assert not changes or any(wording in texts for wording in item.operations)


def test_a_long_network_is_scrolled_so_that_something_is_seen_on_its_cubes(qapp) -> None:
    scene = CubeScene(qapp.font())
    scene.show_items(cube_items(preset("vgg-16").network), [str(number) for number in range(1000)])
    scene.show_room(542, 114)
    assert scene.is_long
    assert scene.row.width > 542
    assert min(place.right - place.left for place in scene.row.places if place.cube and place.cube.sides[2] > 1) >= 20
    small = scene.zoom
    scene.show_whole(True)
    assert scene.row.width == 542
    assert scene.zoom < small
