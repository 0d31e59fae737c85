"""Strokes and pictures become the image that a network sees, normalised as MNIST's digits are."""

import gzip
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from convscope.core.data.drawing import Drawing, Picture, Stroke, network_image, placement
from convscope.core.data.drawing_raster import StrokeRaster, curve, resampled


def ring(x=0.5, y=0.5, radius=0.3, width=0.09, points=60, flat=1.0):
    """Return a closed circle, or an ellipse where `flat` is not 1."""
    turns = [2 * math.pi * k / points for k in range(points + 1)]
    return Stroke(tuple((x + radius * math.cos(t), y + flat * radius * math.sin(t)) for t in turns), width)


def ink_box(image):
    """Return top, bottom, left and right of what is more than faint ink."""
    rows, columns = np.flatnonzero(image.max(axis=1) > 0.1), np.flatnonzero(image.max(axis=0) > 0.1)
    return rows[0], rows[-1] + 1, columns[0], columns[-1] + 1


def centre_of_mass(image):
    """Return the mean row and column index of the ink."""
    index = np.arange(len(image))
    return (image.sum(axis=1) @ index) / image.sum(), (image.sum(axis=0) @ index) / image.sum()


def test_an_empty_drawing_is_black():
    assert Drawing().is_empty
    assert_array_equal(network_image(Drawing(), (3, 20, 24)), np.zeros((3, 20, 24), np.float32))


def test_the_longest_side_fills_20_of_28_pixels_wherever_and_however_large_it_was_drawn():
    for stroke in (ring(), ring(0.2, 0.75, 0.16), ring(0.6, 0.4, 0.35, flat=0.5)):
        top, bottom, left, right = ink_box(network_image(Drawing((stroke,)))[0])
        assert 20 <= max(bottom - top, right - left) <= 22  # the edges fall within pixels


def test_the_aspect_is_kept():
    top, bottom, left, right = ink_box(network_image(Drawing((ring(radius=0.36, width=0.04, flat=0.25),)))[0])
    assert (bottom - top) / (right - left) == pytest.approx(0.32, abs=0.08)


def test_the_centre_of_mass_comes_where_mnist_has_it():
    uneven = Drawing((ring(0.3, 0.3, 0.1), Stroke(((0.3, 0.4), (0.7, 0.9)))))
    assert centre_of_mass(network_image(uneven)[0]) == pytest.approx((14, 14), abs=0.05)


def test_ink_is_not_pushed_over_the_edge_when_its_mass_lies_at_one_end():
    tadpole = Drawing((Stroke(((0.1, 0.5), (0.1, 0.51)), 0.12), Stroke(((0.1, 0.5), (0.95, 0.5)), 0.01)))
    image = network_image(tadpole)[0]
    assert ink_box(image)[3] <= 28
    assert image.max(axis=0)[26] > 0.1  # the end of the tail is still there


def test_a_dot_is_not_blown_up_to_a_whole_digit():
    top, bottom, _, _ = ink_box(network_image(Drawing((Stroke(((0.2, 0.2),)),)))[0])
    assert bottom - top <= 12


def test_edges_are_antialiased_and_the_pen_is_as_wide_as_in_mnist():
    image = network_image(Drawing((ring(),)))[0]
    assert 0.15 < np.mean((image[image > 0] > 0.05) & (image[image > 0] < 0.95)) < 0.9
    down = Drawing((Stroke(((0.5, 0.2), (0.5, 0.8))),))
    assert 2 <= network_image(down)[0, 14].sum() <= 3.5


def test_the_eraser_takes_ink_away_and_later_ink_covers_it_again():
    line, cut = Stroke(((0.2, 0.5), (0.8, 0.5))), Stroke(((0.5, 0.3), (0.5, 0.7)), 0.2, eraser=True)
    cut_line = network_image(Drawing((line, cut)))[0]
    assert cut_line[14, 14] == 0
    assert cut_line[14, 6] > 0.9
    assert_array_equal(network_image(Drawing((line, cut, line))), network_image(Drawing((line,))))
    assert network_image(Drawing((line, Stroke(line.points, 0.3, eraser=True)))).max() == 0


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
@settings(max_examples=20, deadline=None)
def test_a_pen_followed_point_by_point_gives_the_same_image_as_the_finished_drawing(seed, strokes):
    random = np.random.default_rng(seed)
    drawing = Drawing()
    for _ in range(strokes):
        points = tuple(map(tuple, random.uniform(0.1, 0.9, (12, 2)).tolist()))
        width, eraser = float(random.choice([0.05, 0.2])), bool(random.integers(2))
        for count in range(1, 13):
            moving = drawing.with_stroke(Stroke(points[:count], width, eraser))
            live = network_image(moving)
        drawing = moving
    network_image(Drawing((ring(0.4, width=0.031),)))  # forget
    assert_allclose(live, network_image(drawing), atol=1e-6)


def test_undoing_and_replacing_strokes_leaves_nothing_behind():
    one, two = ring(), ring(0.4, 0.4, 0.2)
    alone = network_image(Drawing((one,)))
    both = Drawing((one, two))
    network_image(both)
    assert_array_equal(network_image(both.without_last_stroke()), alone)
    assert not np.array_equal(network_image(Drawing((two,))), alone)
    assert Drawing().without_last_stroke() == Drawing()


def test_a_sample_is_shown_as_it_is_until_a_stroke_lies_on_it():
    pixels = np.random.default_rng(0).integers(0, 256, (1, 28, 28), dtype=np.uint8)
    sample = Drawing(picture=Picture(pixels, 7, exact=True))
    assert_array_equal(network_image(sample), pixels.astype(np.float32) / np.float32(255))
    assert not np.array_equal(network_image(sample.with_stroke(ring())), network_image(sample))
    assert not np.array_equal(network_image(Drawing(picture=Picture(pixels))), network_image(sample))
    assert network_image(sample, (1, 32, 32)).shape == (1, 32, 32)


def test_a_picture_lies_on_the_canvas_with_its_aspect_and_can_be_drawn_over_and_erased():
    bar = np.zeros((1, 40, 80), np.uint8)
    bar[0, 10:30, 10:70] = 255  # three times as wide as high
    top, bottom, left, right = ink_box(network_image(Drawing(picture=Picture(bar)))[0])
    assert (right - left) / (bottom - top) == pytest.approx(3, abs=0.4)
    wiped = Drawing((Stroke(((0.0, 0.5), (1.0, 0.5)), 0.6, eraser=True),), Picture(bar))
    assert network_image(wiped).max() == 0
    crossed = Drawing((Stroke(((0.5, 0.1), (0.5, 0.9))),), Picture(bar))
    top, bottom, left, right = ink_box(network_image(crossed)[0])
    assert bottom - top >= right - left


def test_other_shapes_scale_the_rule_and_repeat_the_channels():
    image = network_image(Drawing((ring(),)), (3, 64, 48))
    assert image.shape == (3, 64, 48)
    assert_array_equal(image[0], image[2])
    _, _, left, right = ink_box(image[0])
    assert right - left == pytest.approx(48 * 20 / 28, abs=2)


@pytest.mark.mnist
def test_mnists_own_digits_stay_where_they_are_and_as_large(mnist_folder):
    packed = next(mnist_folder.glob("t10k-images*"))
    content = gzip.decompress(packed.read_bytes()) if packed.suffix == ".gz" else packed.read_bytes()
    samples = np.frombuffer(content, np.uint8, 784 * 200, offset=16).reshape(200, 1, 28, 28)
    for sample in samples:
        image = network_image(Drawing(picture=Picture(sample.copy())))
        assert centre_of_mass(image[0]) == pytest.approx(centre_of_mass(sample[0] / 255), abs=0.75)
        assert image.sum() == pytest.approx(sample.sum() / 255, rel=0.15)
        (top, bottom, left, right), same = ink_box(image[0]), ink_box(sample[0] / 255)
        assert (bottom - top, right - left) == pytest.approx((same[1] - same[0], same[3] - same[2]), abs=2)


def test_the_image_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        network_image(Drawing((ring(),)))[0, 0, 0] = 1


def test_the_smoothed_path_meets_both_ends_and_keeps_its_beginning():
    points = ((0.0, 0.0), (0.2, 0.5), (0.6, 0.4), (0.9, 0.9))
    path = curve(points)
    assert path.shape == (4, 3, 2)
    assert tuple(path[0, 0]) == points[0]
    assert tuple(path[-1, 2]) == points[-1]
    assert_allclose(path[1:, 0], path[:-1, 2])
    assert_allclose(path[:-1], curve((*points, (0.1, 0.2)))[:4][:-1])
    assert_allclose(curve(points, 2), path[2:])
    assert_array_equal(curve(points[:1]), [[points[0]] * 3])


def test_a_straight_line_covers_exactly_the_pixels_under_it():
    raster = StrokeRaster(100, 0.1)
    raster.extend(((0.2, 0.5), (0.8, 0.5)))
    assert raster.cover[:, 50].sum() == pytest.approx(10, abs=0.1)
    assert_array_equal(raster.cover[46:54, 50], np.ones(8))
    assert raster.cover[50, 10] == 0


def test_strokes_that_leave_the_canvas_are_cut_at_its_edge():
    raster = StrokeRaster(50, 0.2)
    raster.extend(((-0.9, 0.5), (1.9, 0.5)))
    assert raster.cover[25].min() == 1
    raster = StrokeRaster(50, 0.2)
    raster.extend(((-0.9, -0.5), (1.9, 1.8)))
    assert raster.cover[0, 49] == 0


def rows(*values):
    """Return rows that are two pixels wide."""
    return np.repeat(np.array(values, np.float32)[:, None], 2, axis=1)


def test_resampling_averages_areas():
    assert_allclose(resampled(rows(0, 1, 2, 3, 4, 5), 3, 3, 2), rows(0.5, 2.5, 4.5))
    assert_allclose(resampled(rows(0, 1, 2, 3, 4, 5), 3, 3, 1.5), rows(1, 2.5, 4), rtol=1e-6)
    assert_allclose(resampled(rows(*[1] * 10), 5, 6, 2), rows(1, 1, 1, 1, 0.5))  # the last half lies beyond the edge
    assert_allclose(resampled(rows(0, 1, 0), 5, 1.5, 0.5), rows(0, 0.5, 1, 0.5, 0))


pictures = st.tuples(st.sampled_from([1, 3]), st.integers(1, 9), st.integers(1, 9)).map(
    lambda shape: Picture(np.arange(math.prod(shape), dtype=np.uint8).reshape(shape), shape[1] - 1, shape[2] > 4)
)
places = st.floats(-1, 2, width=32)
strokes = st.builds(
    Stroke,
    st.lists(st.tuples(places, places), min_size=1, max_size=9).map(tuple),
    st.floats(0.01, 1),
    st.booleans(),
)


@given(st.builds(Drawing, st.lists(strokes, max_size=4).map(tuple), st.none() | pictures))
@settings(max_examples=40, deadline=None)
def test_json_brings_back_the_same_drawing(drawing):
    back = Drawing.from_json(json.loads(json.dumps(drawing.to_json())))
    assert back == drawing
    assert hash(back) == hash(drawing)


def test_pictures_that_differ_are_not_equal():
    picture = Picture(np.zeros((1, 4, 4), np.uint8), 3, exact=True)
    assert picture == Picture(np.zeros((1, 4, 4), np.uint8), 3, exact=True)
    assert picture != Picture(np.ones((1, 4, 4), np.uint8), 3, exact=True)
    assert picture != Picture(np.zeros((1, 4, 4), np.uint8), 4, exact=True)
    assert picture != "a picture"


@settings(max_examples=25)
@given(x=st.floats(0.1, 0.4), y=st.floats(0.1, 0.5), across=st.floats(0.2, 0.5), side=st.sampled_from([20, 28, 33]))
def test_a_pixel_of_the_image_comes_from_its_place_on_the_canvas(x, y, across, side):
    places = ((x, y), (x + across, y + 0.3))
    drawing = Drawing(tuple(Stroke((place,)) for place in places))
    image = network_image(drawing, (1, side, side))[0]
    placed = placement(drawing, (1, side, side))
    assert placed is not None

    def ink_at(x, y):
        return image[int((y - placed.top) / placed.step), int((x - placed.left) / placed.step)]

    assert all(ink_at(*place) > 0.5 for place in places)
    assert ink_at(x + across / 2, y + 0.15) < 0.1
    row, column = int((y - placed.top) / placed.step), int((x - placed.left) / placed.step)
    left, top, right, bottom = placed.box(slice(row, row + 1), slice(column, column + 1))
    assert left <= x <= right
    assert top <= y <= bottom


def test_a_sample_lies_on_the_canvas_pixel_by_pixel_as_long_as_it_is_exact():
    picture = Picture(np.full((1, 14, 28), 200, np.uint8), exact=True)
    placed = placement(Drawing(picture=picture), (1, 14, 28))
    assert placed is not None
    assert placed.box(slice(0, 14), slice(0, 28)) == (0, 0.25, 1, 0.75)
    assert placed.box(slice(7, 8), slice(14, 15)) == pytest.approx((0.5, 0.5, 0.5 + 1 / 28, 0.5 + 1 / 28))


def test_nothing_drawn_lies_nowhere():
    assert placement(Drawing()) is None


POINT = [0.5, 0.5]
PICTURE = {"shape": [1, 1, 2], "pixels": "AAA=", "label": 1, "exact": True}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (None, "A drawing must be a set of named values"),
        ({"strokes": 3}, "strokes of a drawing must be a list"),
        ({"strokes": [{}] * 2001}, "at most 2,000 strokes"),
        ({"strokes": [{"points": [POINT] * 20_000}] * 11}, "at most 200,000 points"),
        ({"strokes": [[]]}, "A stroke must be a set"),
        ({"strokes": [{"points": []}]}, "1 to 20,000 points, not 0"),
        ({"strokes": [{"points": [POINT] * 20_001}]}, "1 to 20,000 points, not 20,001"),
        ({"strokes": [{"points": [[0.5]]}]}, "two numbers between -1 and 2"),
        ({"strokes": [{"points": [[0.5, float("nan")]]}]}, "two numbers between -1 and 2"),
        ({"strokes": [{"points": [[10**400, 0]]}]}, "two numbers between -1 and 2"),
        ({"strokes": [{"points": [["0", "1"]]}]}, "two numbers between -1 and 2"),
        ({"strokes": [{"points": ["ab"]}]}, "must be a list"),
        ({"strokes": [{"points": [POINT], "width": 0}]}, "width of a stroke"),
        ({"strokes": [{"points": [POINT], "width": True}]}, "width of a stroke"),
        ({"strokes": [{"points": [POINT], "eraser": 1}]}, "eraser or not"),
        ({"picture": []}, "A picture must be a set"),
        ({"picture": {**PICTURE, "shape": [1, 2]}}, "shape of a picture"),
        ({"picture": {**PICTURE, "shape": [1, 5000, 5000]}}, "shape of a picture"),
        ({"picture": {**PICTURE, "shape": [1, 0, 2]}}, "shape of a picture"),
        ({"picture": {**PICTURE, "pixels": "AAAA"}}, "came with 3 pixel values"),
        ({"picture": {**PICTURE, "pixels": "äöü"}}, "not base64"),
        ({"picture": {**PICTURE, "pixels": 5}}, "not base64"),
        ({"picture": {**PICTURE, "label": -1}}, "label of a picture"),
        ({"picture": {**PICTURE, "exact": None}}, "exact or not"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(values, reason):
    with pytest.raises(ValueError, match=reason):
        Drawing.from_json(values)


def test_a_picture_must_be_bytes_in_three_directions():
    with pytest.raises(ValueError, match=r"uint8 \(C, H, W\)"):
        Picture(np.zeros((28, 28), np.uint8))
    with pytest.raises(ValueError, match="float64"):
        Picture(np.zeros((1, 28, 28)))  # pyright: ignore[reportArgumentType]


def test_a_drawing_says_how_much_more_fits():
    long = Stroke(((0.5, 0.5),) * 19_000)
    assert Drawing().room == 20_000
    assert Drawing((long,) * 10).room == 10_000
    assert Drawing((long,) * 11).room == 0
    assert Drawing((Stroke(((0.5, 0.5),)),) * 2000).room == 0


def test_numbers_are_what_a_network_sees_that_takes_numbers():
    drawing = Drawing(numbers=(0.5, -2.0), target=1.7)
    image = network_image(drawing, (2, 1, 1))
    assert image.tolist() == [[[0.5]], [[-2.0]]]
    assert not image.flags.writeable
    assert network_image(drawing, (3, 1, 1)).tolist() == [[[0.0]], [[0.0]], [[0.0]]]
    assert not network_image(drawing, (1, 28, 28)).any()
    assert Drawing.from_json(drawing.to_json()) == drawing


@pytest.mark.parametrize("values", [{"numbers": ["a"]}, {"numbers": [0.0] * 1025}, {"numbers": [1.0], "target": "x"}])
def test_numbers_that_are_none_are_refused(values: dict[str, object]):
    with pytest.raises(ValueError, match=r"(of a drawing must be|A drawing must have) "):
        Drawing.from_json({"strokes": [], "picture": None, **values})
