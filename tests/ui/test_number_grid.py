"""A small matrix is drawn cell by cell, with its numbers where they have room and its padding hatched."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from convscope.ui import theme
from convscope.ui.colour_maps import ColourScale, coloured
from convscope.ui.widgets.number_grid import (
    Look,
    NumberGrid,
    cell_box,
    cell_size,
    paint_grid,
    paint_ring,
    power_for,
)

CELL = QSizeF(40, 20)
CORNER = QPointF(10, 10)


@pytest.fixture
def look(qapp: QApplication) -> Look:
    theme.apply(qapp, "light")
    return Look.of(qapp.font())


def painted(grid: NumberGrid, look: Look, *, numbered: bool = False) -> QImage:
    image = QImage(200, 120, QImage.Format.Format_RGB32)
    image.fill(theme.current().base)
    painter = QPainter(image)
    paint_grid(painter, grid, CORNER, CELL, look, numbered=numbered)
    painter.end()
    return image


def cell(image: QImage, row: int, column: int) -> QImage:
    return image.copy(cell_box(CORNER, CELL, row, column).adjusted(2, 2, -2, -2).toRect())


def colours_of(image: QImage) -> set[str]:
    return {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}


def brightness(colour: str) -> float:
    return QColor(colour).lightnessF()


def grid(**settings) -> NumberGrid:
    values = np.array([[0.0, 0.5, -1.0], [1.0, 0.0, 0.25]])
    return NumberGrid(values, ColourScale.signed(values), **settings)


def test_every_cell_has_the_colour_of_its_value(look: Look) -> None:
    image = painted(grid(), look)
    expected = coloured(grid().values, -1, 1, "diverging")
    for row in range(2):
        for column in range(3):
            assert colours_of(cell(image, row, column)) == {QColor(expected.pixel(column, row)).name()}


def test_numbers_are_written_into_the_cells_and_can_be_read_on_them(look: Look) -> None:
    plain, image = painted(grid(), look), painted(grid(), look, numbered=True)
    assert all(cell(image, *at) != cell(plain, *at) for at in np.ndindex(2, 3))
    assert min(map(brightness, colours_of(cell(image, 0, 0)))) < 0.2  # on white
    assert max(map(brightness, colours_of(cell(image, 0, 2)))) > 0.8  # on dark blue


def test_padding_is_hatched_and_no_number_of_the_map(look: Look) -> None:
    inside = np.array([[False, True, True], [True, True, True]])
    image = painted(grid(inside=inside), look)
    assert len(colours_of(cell(image, 0, 0))) > 1
    assert len(colours_of(cell(image, 1, 1))) == 1  # a zero of the map is no padding
    muted = painted(grid(inside=inside), look, numbered=True)
    assert "#000000" not in colours_of(cell(muted, 0, 0))
    assert cell(painted(grid(inside=inside, padding="–"), look, numbered=True), 0, 0) != cell(muted, 0, 0)


def test_not_a_number_in_the_padding_does_not_spoil_the_colours(look: Look) -> None:
    values = np.array([[np.nan, 0.5], [1.0, 0.25]])
    image = painted(NumberGrid(values, ColourScale.of(values), ~np.isnan(values)), look, numbered=True)
    assert "#ff00c8" not in colours_of(image)
    spoilt = painted(NumberGrid(values, ColourScale.of(values)), look)
    assert colours_of(cell(spoilt, 0, 0)) == {"#ff00c8"}  # one that is a value must be seen


def test_the_winner_is_framed(look: Look) -> None:
    framed, plain = painted(grid(winner=(1, 0)), look), painted(grid(), look)
    assert cell(framed, 1, 0) != cell(plain, 1, 0)
    assert cell(framed, 1, 2) == cell(plain, 1, 2)


def test_small_numbers_are_counted_in_a_power_of_ten(look: Look) -> None:
    assert [power_for(ColourScale(-reach, 0, "diverging")) for reach in (5, 0.1, 0.064, 0.0012, 0)] == [0, 0, -2, -3, 0]
    values = np.array([[0.0123]])
    scale = ColourScale.signed(values)
    counted = painted(NumberGrid(values, scale, power=-2), look, numbered=True)
    same = painted(NumberGrid(values * 100, ColourScale.signed(values * 100)), look, numbered=True)
    assert counted == same


def test_cells_are_as_wide_as_the_room_and_lose_their_numbers_before_they_cannot_be_read(look: Look) -> None:
    wide, numbered = cell_size(3, 1000, look)
    assert numbered
    assert wide.width() < 60  # no wider than a number needs
    tight, numbered = cell_size(3, 3 * look.number_cell, look)
    assert (numbered, tight.width()) == (True, look.number_cell)
    square, numbered = cell_size(3, 3 * look.number_cell - 3, look)
    assert not numbered
    assert square.width() == square.height()
    tiny, _ = cell_size(64, 40, look)
    assert tiny.width() == pytest.approx(40 / 64)


def test_the_ring_around_a_tiny_cell_can_be_seen(look: Look) -> None:
    image = QImage(40, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("black"))
    painter = QPainter(image)
    paint_ring(painter, QRectF(20, 20, 0.5, 0.5))
    painter.end()
    assert sum(QColor(image.pixel(x, y)) == theme.current().accent for x in range(40) for y in range(40)) >= 16
