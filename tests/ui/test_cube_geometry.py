"""A cube's faces: which value is seen where, whatever its size, turn and cut."""

import hypothesis
import hypothesis.strategies as st
import pytest

from convscope.ui.widgets.cube_geometry import Angle, Cube, Cut, Point, cell_box, cell_of, index_of, sides_of

SIDES = st.tuples(st.integers(1, 4096), st.integers(1, 224), st.integers(1, 224))


def cube(sides=(4, 6, 5), cut: Cut | None = None) -> Cube:
    return Cube(sides, 10, 50, 50, 60, Point(20, -16), (cut or Cut()).within(sides))


@hypothesis.settings(max_examples=60)
@hypothesis.given(SIDES, st.data())
def test_what_is_seen_at_a_values_place_is_that_value(sides, data) -> None:
    places = [data.draw(st.integers(0, side - 1)) for side in sides]
    box = cube(sides, Cut(places[0], places[1], places[2]))
    for cell in ((places[0], sides[1] - 1, 0), (sides[0] - 1, places[1], 0), (sides[0] - 1, sides[1] - 1, places[2])):
        for face in box.seen_faces(cell_box(cell)):
            assert box.find(*face.at(0.5, 0.5)) == cell


def test_the_three_faces_show_the_first_map_the_first_rows_and_the_last_columns() -> None:
    front, top, side = cube().faces
    assert front.corners == ((10, 50), (60, 50), (60, 110), (10, 110))
    assert top.corners == ((10, 50), (60, 50), (80, 34), (30, 34))
    assert side.corners == ((60, 50), (80, 34), (80, 94), (60, 110))
    assert cube().find(11, 51) == (0, 0, 0)
    assert cube().find(59, 109) == (0, 5, 4)
    assert cube().find(*top.at(0.01, 0.99)) == (3, 0, 0)
    assert cube().find(*side.at(0.99, 0.99)) == (3, 5, 4)
    assert cube().find(9, 60) is None
    assert cube().find(12, 40) is None  # left of the top


@pytest.mark.parametrize("box", [cube().whole, cell_box((1, 2, 3)), (slice(1, 3), slice(0, 2), slice(4, 5))])
def test_the_edges_of_a_box_are_those_of_its_three_faces(box) -> None:
    around = [(face.corners[number - 1], face.corners[number]) for face in cube().box_faces(box) for number in range(4)]
    edges = cube().edges(box)
    assert len(edges) == 9
    assert cube().edges(box, fronts=False) == edges[:5]
    front = cube().box_faces(box)[0].corners
    assert all((x, y) not in front or (a, b) not in front for x, y, a, b in edges[:5])
    known = {frozenset([(round(x, 6), round(y, 6)), (round(a, 6), round(b, 6))]) for x, y, a, b in edges}
    assert known == {frozenset(tuple(round(value, 6) for value in point) for point in edge) for edge in around}


def test_the_front_of_a_box_is_shown_where_no_cut_takes_a_part_of_it() -> None:
    whole = cube().whole
    assert cube().shows_front(whole)
    assert not any(cube(cut=cut).shows_front(whole) for cut in (Cut(channel=1), Cut(row=1), Cut(column=3)))
    assert not cube().shows_front(cell_box((1, 0, 0)))
    assert cube(cut=Cut(1, 2, 3)).shows_front((slice(1, 4), slice(2, 4), slice(0, 4)))


def test_a_value_inside_is_on_no_face_and_a_corner_on_all_three() -> None:
    assert cube().seen_faces(cell_box((1, 1, 1))) == ()
    assert [face.side for face in cube().seen_faces(cell_box((0, 0, 4)))] == ["front", "top", "side"]
    assert [face.side for face in cube(cut=Cut(1, 1, 1)).seen_faces(cell_box((1, 1, 1)))] == ["front", "top", "side"]


def test_a_cut_takes_away_what_lies_before_above_and_beside_it() -> None:
    cut = cube(cut=Cut(channel=2, row=3, column=1))
    assert cut.is_cut
    front, top, side = cut.faces
    assert front.origin == cut.corner(2, 3, 0)
    assert cut.find(*front.at(0.01, 0.01)) == (2, 3, 0)
    assert cut.find(*top.at(0.99, 0.99)) == (3, 3, 1)
    assert cut.find(*side.at(0.01, 0.99)) == (2, 5, 1)
    assert cut.find(11, 51) is None  # the corner that is no longer there
    assert cut.seen_faces(cell_box((0, 0, 0))) == ()


def test_a_box_that_a_cut_leaves_in_part_is_seen_in_part() -> None:
    seen = cube(cut=Cut(row=2)).seen_faces((slice(0, 4), slice(0, 4), slice(0, 2)))
    assert [face.side for face in seen] == ["front", "top"]
    assert seen[0].origin == cube().corner(0, 2, 0)


def test_a_cut_stays_inside_a_smaller_cube() -> None:
    assert Cut(9, 9, 9).within((2, 3, 4)) == Cut(1, 2, 3)
    assert Cut().within((2, 3, 4)) == Cut(0, 0, 3)
    assert not cube(cut=Cut(0, 0, 99)).is_cut
    assert Cut(1, 2, 3).moved(1, 7) == Cut(1, 7, 3)
    assert [Cut(1, 2, 3).slice_along(axis) for axis in range(3)] == [1, 2, 3]


def test_all_faces_can_be_seen_however_far_a_cube_is_turned() -> None:
    assert 0 < Angle().turned(-9, -9).across < 0.2
    assert 0 < Angle().turned(-9, -9).up < 0.2
    assert Angle().turned(9, 9).across < 1
    assert Angle().turned(0.1, 0).across == pytest.approx(Angle().across + 0.1)


def test_a_vector_is_a_column() -> None:
    assert sides_of((7,)) == (1, 7, 1)
    assert cell_of((3,)) == (0, 3, 0)
    assert index_of((0, 3, 0), (7,)) == (3,)
    assert index_of((1, 2, 3), (4, 5, 6)) == (1, 2, 3)
