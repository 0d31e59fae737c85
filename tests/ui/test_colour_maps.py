"""Colours of values: even steps, zero where it belongs, and nothing hidden."""

import math

import numpy as np
import pytest
from PySide6.QtGui import QColor

from convscope.ui import colour_maps, theme
from convscope.ui.colour_maps import ColourScale, finite_range


@pytest.fixture(params=["light", "dark"], autouse=True)
def shown_theme(qapp, request):
    theme.apply(qapp, request.param)
    yield request.param
    theme.apply(qapp, "light")


def test_sequential_colours_get_steadily_farther_from_the_paper() -> None:
    table = [QColor(*rgba) for rgba in colour_maps.sequential().tolist()]
    contrasts = [theme.contrast(colour, table[0]) for colour in table]
    assert contrasts == sorted(contrasts)
    assert theme.contrast(table[0], theme.current().base) < 1.1
    assert contrasts[-1] > 12


def test_diverging_colours_are_blue_paper_and_orange() -> None:
    table = colour_maps.diverging().astype(int)
    assert table[0, 2] > table[0, 0] + 80
    assert table[255, 0] > table[255, 2] + 80
    assert theme.contrast(QColor(*table[128].tolist()), theme.current().base) < 1.1


@pytest.mark.parametrize("table", [colour_maps.sequential, colour_maps.diverging])
def test_neighbouring_colours_differ_evenly(table) -> None:
    lab = _oklab(table()[:, :3] / 255)
    steps = np.linalg.norm(np.diff(lab[::8], axis=0), axis=1)  # steps of 8, where rounding to 8 bits no longer matters
    assert steps.min() > 0.75 * np.median(steps)
    assert steps.max() < 1.3 * np.median(steps)


@pytest.mark.parametrize(
    ("value", "index"), [(-4.0, 0), (-2.0, 0), (-1.0, 64), (0.0, 128), (1.0, 192), (2.0, 255), (9.0, 255)]
)
def test_diverging_scale_is_centred_on_zero_whatever_the_least_value(value: float, index: int) -> None:
    image = colour_maps.coloured(np.array([[value]], np.float32), -0.1, 2, "diverging")
    assert QColor(image.pixel(0, 0)) == QColor(*colour_maps.diverging()[index].tolist())


def test_image_has_the_value_of_row_and_column_at_y_and_x() -> None:
    values = np.array([[0, 1, 2], [3, 4, 255 / 64]], np.float32)
    image = colour_maps.coloured(values, 0, 4, "sequential")
    assert (image.width(), image.height()) == (3, 2)
    for row, column, index in ((0, 0, 0), (0, 1, 64), (0, 2, 128), (1, 0, 192), (1, 1, 255)):
        assert QColor(image.pixel(column, row)) == QColor(*colour_maps.sequential()[index].tolist())


def test_image_outlives_a_change_of_the_array_it_came_from() -> None:
    pixels = np.full((2, 2), 0xFF010203, np.uint32)
    image = colour_maps.image_of(pixels)
    pixels[...] = 0
    assert QColor(image.pixel(1, 1)) == QColor(1, 2, 3)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("kind", ["sequential", "diverging"])
def test_what_is_not_finite_is_magenta_and_the_rest_keeps_its_colour(bad: float, kind) -> None:
    values = np.array([[0.5, bad]], np.float32)
    image = colour_maps.coloured(values, 0, 1, kind)
    assert QColor(image.pixel(1, 0)) == QColor(*colour_maps.NOT_FINITE)
    assert image.pixel(0, 0) == colour_maps.coloured(values[:, :1], 0, 1, kind).pixel(0, 0)


def test_huge_values_are_not_taken_for_infinite_ones() -> None:
    values = np.full((1, 4), 3e38, np.float32)  # their sum overflows
    image = colour_maps.coloured(values, 0, 3e38, "sequential")
    assert QColor(image.pixel(0, 0)) == QColor(*colour_maps.sequential()[255].tolist())


@pytest.mark.parametrize(("kind", "index"), [("sequential", 0), ("diverging", 128)])
def test_all_zero_looks_like_zero(kind, index: int) -> None:
    table = {"sequential": colour_maps.sequential, "diverging": colour_maps.diverging}[kind]()
    image = colour_maps.coloured(np.zeros((1, 1), np.float32), 0, 0, kind)
    assert QColor(image.pixel(0, 0)) == QColor(*table[index].tolist())


@pytest.mark.parametrize(
    ("values", "scale", "ends"),
    [
        ([0.5, 2], ColourScale(0, 2, "sequential"), (0, 2)),
        ([-0.5, 2], ColourScale(-0.5, 2, "diverging"), (-2, 2)),
        ([-3, -1], ColourScale(-3, 0, "diverging"), (-3, 3)),
        ([math.nan, 1, math.inf], ColourScale(0, 1, "sequential"), (0, 1)),
        ([math.nan], ColourScale(0, 0, "sequential"), (0, 0)),
        ([], ColourScale(0, 0, "sequential"), (0, 0)),
    ],
)
def test_scale_holds_zero_and_every_finite_value(values, scale, ends) -> None:
    assert ColourScale.of(np.array(values, np.float32)) == scale
    assert scale.ends == ends


def test_signed_scale_is_diverging_for_positive_weights_too() -> None:
    assert ColourScale.signed(np.array([1, 2], np.float32)) == ColourScale(0, 2, "diverging")


def _oklab(srgb: np.ndarray) -> np.ndarray:
    """OKLab by its definition, from sRGB to cone responses: the other way round than the program."""
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    to_cones = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                [0.0883024619, 0.2817188376, 0.6299787005]]  # fmt: skip
    to_lab = [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
              [0.0259040371, 0.7827717662, -0.8086757660]]  # fmt: skip
    return np.cbrt(linear @ np.array(to_cones).T) @ np.array(to_lab).T


def test_the_range_of_an_array_is_remembered_only_while_nobody_can_change_it() -> None:
    values = np.linspace(-1, 2, 5000, dtype=np.float32)
    assert finite_range(values) == (-1, 2)
    values[0] = -7
    assert finite_range(values) == (-7, 2)
    values.flags.writeable = False
    assert finite_range(values) == (-7, 2)
    assert id(values) in colour_maps._ranges
    key = id(values)
    del values
    assert key not in colour_maps._ranges
    other = np.full(5000, np.nan, np.float32)
    other[1] = 3
    other.flags.writeable = False
    assert finite_range(other) == (3, 3)


@pytest.mark.parametrize("kind", ["sequential", "diverging"])
def test_the_least_spreads_have_colours(kind: colour_maps.Kind) -> None:
    values = np.array([0, 1e-40], np.float32)
    assert colour_maps.colours(values, 0, 1e-40, kind).shape == (2,)


@pytest.mark.parametrize(("low", "high", "kind"), [(0, 2, "sequential"), (-1, 3, "diverging"), (-3, 0, "diverging")])
def test_a_strip_holds_the_colours_of_its_scale(low: float, high: float, kind: colour_maps.Kind) -> None:
    image, part = colour_maps.strip(ColourScale(low, high, kind))
    middles = low + (high - low) * (np.arange(50) + 0.5) / 50
    drawn = [image.pixel(int(part.left() + part.width() * (place + 0.5) / 50), 0) for place in range(50)]
    assert drawn == colour_maps.colours(middles, low, high, kind).tolist()


@pytest.mark.parametrize("kind", ["sequential", "diverging"])
def test_a_strip_of_nothing_but_zero_has_its_colour(kind: colour_maps.Kind) -> None:
    image, part = colour_maps.strip(ColourScale(0.0, 0.0, kind))
    assert image.pixel(int(part.center().x()), 0) == colour_maps.colours(np.zeros(1), 0, 0, kind)[0]


def test_a_strip_can_be_of_the_least_values_there_are() -> None:
    _, part = colour_maps.strip(ColourScale(-5e-324, 5e-324, "diverging"))
    assert (part.left(), part.right()) == (0, 256)


@pytest.mark.parametrize("reach", [1e-36, 1e-40, 1e-44, 1e-300])
@pytest.mark.parametrize("kind", ["sequential", "diverging"])
def test_zero_has_the_papers_colour_however_small_a_scale_is(kind, reach: float) -> None:
    zero = colour_maps.colours(np.zeros(1), -reach if kind == "diverging" else 0.0, reach, kind)
    assert zero == colour_maps.colours(np.zeros(1), -1.0 if kind == "diverging" else 0.0, 1.0, kind)
