"""The pictures on a cube: the right slices in the colours of the maps, however large or cut."""

import numpy as np
import pytest
from PySide6.QtGui import QImage

from convscope.ui.colour_maps import ColourScale, colours
from convscope.ui.widgets.cube_geometry import Cube, Cut, Point, sides_of
from convscope.ui.widgets.cube_textures import CubeTextures, Images
from convscope.ui.widgets.cube_values import CubeValues


def cube_of(shape: tuple[int, ...], cut: Cut | None = None, side: float = 64) -> Cube:
    sides = sides_of(shape)
    return Cube(sides, 0, 0, side, side, Point(side, -side), (cut or Cut()).within(sides))


def images_of(values: CubeValues, layer: int, cube: Cube) -> Images:
    textures = CubeTextures()
    textures.show_values(values)
    images = textures.images([(layer, cube)], 1.0)[0]
    assert images is not None
    return images


def pixels(image: QImage) -> np.ndarray:
    return np.array([[image.pixel(x, y) for x in range(image.width())] for y in range(image.height())], np.uint32)


def random(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(2).normal(size=shape).astype(np.float32)


def expected(values: np.ndarray, of: np.ndarray) -> np.ndarray:
    scale = ColourScale.of(of)
    return colours(values, scale.low, scale.high, scale.kind)


@pytest.mark.parametrize("cut", [Cut(), Cut(2, 1, 3), Cut(4, 6, 0)])
def test_the_faces_are_slices_of_the_tensor(cut: Cut) -> None:
    array = random((5, 7, 6))
    cut = cut.within((5, 7, 6))
    front, top, side = images_of(CubeValues({0: array}), 0, cube_of(array.shape, cut))
    k, r, c = cut.channel, cut.row, cut.column
    np.testing.assert_array_equal(pixels(front), expected(array[k, r:, : c + 1], array))
    np.testing.assert_array_equal(pixels(top), expected(array[k:, r, : c + 1], array))
    np.testing.assert_array_equal(pixels(side), expected(array[k:, r:, c].T, array))


def test_a_picture_is_no_finer_than_it_is_seen() -> None:
    array = random((512, 200, 200))
    front, top, side = images_of(CubeValues({0: array}), 0, cube_of(array.shape, side=30))
    assert (front.width(), front.height()) == (32, 32)
    assert (top.width(), top.height(), side.width(), side.height()) == (32, 32, 32, 32)
    shown = set(pixels(front).ravel().tolist())
    assert shown <= set(expected(array[0], array).ravel().tolist())  # values of the map, not means of them


def test_a_vector_is_one_column() -> None:
    array = random((9,))
    front, _, side = images_of(CubeValues({3: array}), 3, cube_of(array.shape))
    np.testing.assert_array_equal(pixels(front)[:, 0], expected(array, array))
    assert (side.width(), side.height()) == (1, 9)


def test_each_map_can_have_a_scale_of_its_own() -> None:
    array = random((3, 4, 4)) * np.array([1, 10, 100], np.float32)[:, None, None]
    values = CubeValues({0: array}, "map")
    front, top, _ = images_of(values, 0, cube_of(array.shape, Cut(channel=1)))
    np.testing.assert_array_equal(pixels(front), expected(array[1] / np.abs(array[1]).max(), np.array([-1.0, 1.0])))
    np.testing.assert_array_equal(pixels(top)[1], expected(array[2, 0] / np.abs(array[2]).max(), np.array([-1.0, 1.0])))
    assert values.map_scale(0, 1).high == pytest.approx(array[1].max())
    assert CubeValues({0: array}).map_scale(0, 1).high == pytest.approx(array.max())


def test_all_layers_can_share_a_scale() -> None:
    values = CubeValues({-1: np.array([0.5]), 0: np.array([-3.0, 1.0]), 1: np.array([0.0, 7.0])}, "network")
    assert (values.scale(0).low, values.scale(0).high, values.scale(0).kind) == (-3, 7, "diverging")
    assert (values.scale(1).low, values.scale(1).high, values.scale(1).kind) == (0, 7, "sequential")


def test_pictures_are_made_anew_for_new_values_only() -> None:
    textures, array = CubeTextures(), random((2, 3, 3))
    textures.show_values(CubeValues({0: array}))
    first = textures.images([(0, cube_of(array.shape, side=60))], 1.0)[0]
    assert textures.images([(0, cube_of(array.shape, side=63))], 1.0)[0] is first
    textures.show_values(CubeValues({0: 2 * array + 1}))
    assert textures.images([(0, cube_of(array.shape, side=60))], 1.0)[0] is not first


def test_a_new_drawing_leaves_the_layers_as_they_are_until_their_values_come() -> None:
    textures, array, image = CubeTextures(), random((2, 3, 3)), random((1, 5, 5))
    before = CubeValues({-1: image, 0: array})
    textures.show_values(before)
    layer = textures.images([(0, cube_of(array.shape))], 1.0)[0]
    first = textures.images([(-1, cube_of(image.shape))], 1.0)[0]
    textures.show_values(CubeValues({-1: 2 * image, 0: array}, before=before))
    assert textures.images([(0, cube_of(array.shape))], 1.0)[0] is layer
    assert textures.images([(-1, cube_of(image.shape))], 1.0)[0] is not first
    for scaling in ("map", "network"):  # these change with what other layers hold
        textures.show_values(CubeValues({-1: image, 0: array}, scaling, before))
        assert textures.images([(0, cube_of(array.shape))], 1.0)[0] is not layer


def test_what_is_not_known_has_no_picture() -> None:
    values = CubeValues({0: random((2, 3, 3))})
    assert CubeTextures().images([(0, cube_of((2, 3, 3)))], 1.0)[0] is None
    assert values.array(1) is None
    assert values.maps(1) is None
    assert values.value(1, (0,)) is None
    assert values.value(0, (0,)) is None  # of another shape


def test_pictures_that_are_drawn_on_again_keep_nothing_of_before() -> None:
    textures = CubeTextures()
    for number, shape in enumerate(((4, 6, 5), (4, 6, 5), (2, 6, 5), (4, 6, 5), (7,), (4, 6, 5))):
        array = np.roll(random(shape), number)
        textures.show_values(CubeValues({0: array}))
        cube = cube_of(array.shape, side=60)
        drawn, anew = textures.images([(0, cube)], 1.0)[0], CubeTextures()
        anew.show_values(CubeValues({0: array}))
        assert drawn == anew.images([(0, cube)], 1.0)[0]
