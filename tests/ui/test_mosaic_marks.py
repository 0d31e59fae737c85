"""The boxes of a region on tiles."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

from convscope.core.receptive_field import Region
from convscope.ui import theme
from convscope.ui.widgets.mosaic_layout import Place, fitted
from convscope.ui.widgets.mosaic_marks import Shown
from convscope.ui.widgets.mosaic_region import RegionBoxes, RowPictures

CHANNELS = {
    "all": np.ones(23, np.bool_),
    "some": np.arange(23) % 3 != 1,
    "one": np.arange(23) == 7,
    "from the second row on": np.arange(23) >= 9,
    "a row with a gap": np.arange(23) != 11,
}


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("channels", CHANNELS.values(), ids=list(CHANNELS))
def test_a_region_is_painted_in_every_tile_it_lies_in(qapp, channels: np.ndarray, ratio: float) -> None:
    rows, columns = np.isin(np.arange(9), [2, 3, 6, 7]), np.isin(np.arange(9), [1, 2, 3])
    layout = fitted((23, 1, 9, 9), (round(420 * ratio), round(300 * ratio)), ratio=ratio)
    assert layout.rows.tiles > 2
    shown = Shown(layout, None, ratio, 4.0)
    image = QImage(round(440 * ratio), round(320 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(theme.current().base)
    painter = QPainter(image)
    shown.region(Region(channels, rows, columns)).paint(painter, RowPictures())
    painter.end()
    for tile in range(23):
        for row in range(9):
            for column in range(9):
                middle = shown.cell(Place(tile, 0, row, column)).center() * ratio
                inside = bool(channels[tile] and rows[row] and columns[column])
                tinted = image.pixelColor(middle.toPoint()) != theme.current().base
                assert tinted == inside, (tile, row, column)


@pytest.mark.parametrize("corner", [(0, 0), (33, 17)])
@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_rows_of_tiles_that_are_painted_at_once_look_like_one_by_one(qapp, ratio: float, corner) -> None:
    rows, columns = np.isin(np.arange(9), [2, 3, 6, 7]), np.isin(np.arange(9), [1, 2, 3])
    shown = Shown(fitted((24, 1, 9, 9), (round(420 * ratio), round(300 * ratio)), ratio=ratio), None, ratio, 4.0)
    boxes, kept = shown.region(Region(np.arange(24) != 9, rows, columns)), RowPictures()
    assert len({across for _, across in boxes.rows}) == 2  # whole rows, and one with a gap
    single = [(down, (right,)) for down, across in boxes.rows for right in across]
    one_by_one = RegionBoxes(boxes.boxes, single, ratio, 4.0)
    pictures = list[np.ndarray]()
    for shown_boxes in (boxes, one_by_one, boxes):
        image = QImage(round(480 * ratio), round(340 * ratio), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(theme.current().base)
        painter = QPainter(image)
        painter.translate(*corner)
        shown_boxes.paint(painter, kept)
        painter.end()
        pictures.append(np.frombuffer(image.constBits(), np.uint8).astype(int))
    assert np.abs(pictures[0] - pictures[1]).max() <= 2  # rounding of colours that are blended twice
    np.testing.assert_array_equal(pictures[0], pictures[2])
    assert len(kept) == 2
    assert np.ptp(pictures[0]) > 100


def test_a_row_of_boxes_takes_the_colours_of_another_theme(qapp) -> None:
    shown = Shown(fitted((24, 1, 9, 9), (420, 300)), None, 1.0, 4.0)
    boxes, kept, seen = shown.region(Region(np.ones(24, np.bool_), *2 * [np.arange(9) < 4])), RowPictures(), []
    for choice in ("light", "dark", "light"):
        theme.apply(qapp, choice)
        image = QImage(440, 320, QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        boxes.paint(painter, kept)
        painter.end()
        seen.append(image)
    assert seen[0] == seen[2]
    assert seen[0] != seen[1]


def test_regions_of_one_size_share_a_picture_and_lie_in_their_own_places(qapp) -> None:
    shown, kept = Shown(fitted((24, 1, 9, 9), (420, 300)), None, 1.0, 4.0), RowPictures()
    seen = list[QImage]()
    for row, column in ((1, 1), (4, 6)):
        sides = [(np.arange(9) >= at) & (np.arange(9) < at + 3) for at in (row, column)]
        image = QImage(440, 320, QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        shown.region(Region(np.ones(24, np.bool_), sides[0], sides[1])).paint(painter, kept)
        painter.end()
        moved = shown.cell(Place(0, 0, row, column)).topLeft().toPoint()
        seen.append(image.copy(moved.x() - 2, moved.y() - 2, 300, 200))
    assert len(kept) == 1
    assert seen[0] == seen[1]
    assert seen[0].pixelColor(2, 2) == theme.current().accent  # an outline
    assert seen[0].pixelColor(0, 0) == QColor("black")


def test_no_more_pictures_are_kept_than_are_useful(qapp) -> None:
    kept = RowPictures()
    for number in range(100):
        kept.keep(number, QPixmap(1, 1))
        assert number in kept
    assert len(kept) < 50


def test_few_boxes_have_thicker_outlines_than_many_that_lie_alike(qapp) -> None:
    kept, across, seen = RowPictures(), tuple(range(0, 240, 30)), list[QImage]()
    for rows in ([(0, across)], [(20 * n, across) for n in range(20)]):
        image = QImage(300, 500, QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        RegionBoxes([(4, 4, 12, 12)], rows, 2.0, 0.0).paint(painter, kept)
        painter.end()
        seen.append(image.copy(0, 0, 300, 19))
    assert len(kept) == 2
    assert seen[0] != seen[1]
