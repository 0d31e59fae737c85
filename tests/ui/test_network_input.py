"""The image that the network sees is drawn pixel by pixel and tells its values."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from convscope.core.receptive_field import Region
from convscope.ui import theme
from convscope.ui.widgets.network_input import NetworkInput


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication) -> NetworkInput:
    theme.apply(qapp, "light")
    widget = NetworkInput()
    qtbot.addWidget(widget)
    widget.resize(330, 380)
    widget.show()
    return widget


@pytest.fixture
def image() -> np.ndarray:
    """Return 28×28 pixels, dark but for (row 3, column 20)."""
    values = np.zeros((1, 28, 28), np.float32)
    values[0, 3, 20] = 0.731
    values[0, 4, 20] = 1
    return values


def centre_of(view: NetworkInput, row: int, column: int, side: int = 28) -> QPointF:
    area = view.image_area()
    return area.topLeft() + QPointF(column + 0.5, row + 0.5) * (area.width() / side)


def colour_of(view: NetworkInput, row: int, column: int, side: int = 28) -> str:
    return QColor(view.grab().toImage().pixel(centre_of(view, row, column, side).toPoint())).name()


def test_pixels_run_from_paper_to_ink(view, image):
    view.show_image(image)
    assert colour_of(view, 4, 20) == theme.current().ink.name()
    assert colour_of(view, 20, 4) == theme.current().paper.name()
    assert colour_of(view, 3, 20) not in (theme.current().ink.name(), theme.current().paper.name())


def test_three_channels_are_colours(view):
    colours = np.zeros((3, 4, 4), np.float32)
    colours[0, 1, 2] = 1
    view.show_image(colours)
    assert colour_of(view, 1, 2, 4) == "#ff0000"
    assert view.caption == "What the network sees, 4×4×3"


def test_the_pointer_reads_position_and_value(view, image, qtbot):
    view.show_image(image)
    assert view.caption == "What the network sees, 28×28×1"
    QTest.mouseMove(view, centre_of(view, 3, 20).toPoint())
    assert view.caption == view.readout == "row 3, column 20: 0.73"
    assert view.accessibleDescription() == view.readout
    QTest.mouseMove(view, view.image_area().bottomLeft().toPoint() + QPointF(5, 12).toPoint())
    assert view.readout == ""


def test_the_value_under_the_pointer_follows_the_drawing(view, image):
    view.show_image(image)
    QTest.mouseMove(view, centre_of(view, 3, 20).toPoint())
    view.show_image(image / 2)
    assert view.readout == "row 3, column 20: 0.37"
    view.show_image(image[:, :3, :3])
    assert view.readout == ""


def test_arrow_keys_go_from_pixel_to_pixel_and_stop_at_the_edge(view, image):
    view.show_image(image[:, :, :2])
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.readout == "row 15, column 1: 0.00"
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.readout == "row 15, column 1: 0.00"
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.readout == "row 15, column 0: 0.00"
    view.clearFocus()
    assert view.readout == ""


def test_pixels_are_whole_and_a_grid_parts_large_ones(view, image):
    view.show_image(image * 0)
    assert view.image_area().width() == 28 * 11
    assert len({*row_colours(view)}) == 2  # paper and lines
    view.resize(150, 200)
    assert view.image_area().width() == 28 * 5
    assert {*row_colours(view)} == {theme.current().paper.name()}


def row_colours(view: NetworkInput) -> list[str]:
    image, area = view.grab().toImage(), view.image_area().toRect()
    return [image.pixelColor(x, area.top() + 5).name() for x in range(area.left(), area.right() - 1)]


def test_a_new_theme_brings_new_paper(view, image, qapp):
    view.show_image(image)
    theme.apply(qapp, "dark")
    qapp.processEvents()
    assert colour_of(view, 20, 4) == theme.DARK.paper.name()
    theme.apply(qapp, "light")


def test_any_size_and_no_image_can_be_painted(view, image):
    for values in (image, image[:, :1], None):
        view.show_image(values)
        for size in (QSize(1, 1), QSize(20, 300), QSize(500, 60)):
            view.resize(size)
            assert view.grab().size() == size
    assert view.caption == "What the network sees"


def test_the_pointer_and_the_keys_tell_their_pixel_and_a_click_or_enter_chooses_it(view, image, qtbot):
    view.show_image(image)
    hovered, chosen = [], []
    view.pixel_hovered.connect(hovered.append)
    view.pixel_chosen.connect(chosen.append)
    for column in (5, 20):
        QTest.mouseMove(view, centre_of(view, 3, column).toPoint())
    assert hovered[-1] == (3, 20)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=centre_of(view, 3, 20).toPoint())
    assert chosen == [(3, 20)]
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert (hovered[-1], chosen[-1]) == ((4, 20), (4, 20))
    QTest.mouseMove(view, QPointF(1, 1).toPoint())
    assert hovered[-1] is None


def test_a_pixel_that_is_pointed_at_elsewhere_is_ringed_and_read_but_not_told_again(view, image):
    view.show_image(image)
    told = []
    view.pixel_hovered.connect(told.append)
    before = view.grab().toImage()
    view.show_pointed((3, 20))
    assert view.readout == "row 3, column 20: 0.73"
    assert view.grab().toImage() != before
    view.show_pointed(None)
    assert view.grab().toImage() == before
    assert told == []


def test_the_pixels_that_a_value_sees_are_tinted_one_by_one(view, image):
    view.show_image(np.zeros_like(image))
    plain = colour_of(view, 10, 10)
    rows, columns = np.zeros(28, np.bool_), np.zeros(28, np.bool_)
    rows[[8, 10, 12]] = columns[[8, 10, 12]] = True
    view.show_region(Region(np.ones(1, np.bool_), rows, columns))
    assert colour_of(view, 10, 10) != plain
    assert colour_of(view, 10, 11) == colour_of(view, 20, 20) == plain  # dilation leaves it out
    view.show_region(None)
    assert colour_of(view, 10, 10) == plain


def test_the_tint_follows_region_and_theme(view, image, qapp):
    view.show_image(np.zeros_like(image))
    some = np.arange(28) < 5
    view.show_region(Region(np.ones(1, np.bool_), some, some))
    light = colour_of(view, 2, 2)
    theme.apply(qapp, "dark")
    plain = colour_of(view, 20, 20)
    dark = colour_of(view, 2, 2)
    assert dark != plain
    assert dark != light
    view.show_region(Region(np.ones(1, np.bool_), ~some, ~some))
    assert colour_of(view, 2, 2) == plain
    assert colour_of(view, 20, 20) == dark
    theme.apply(qapp, "light")


def test_a_larger_font_gets_more_room_for_the_caption(view, image):
    view.show_image(image)
    before = view.image_area().bottom(), view.sizeHint().height()
    font = view.font()
    font.setPointSizeF(3 * font.pointSizeF())
    view.setFont(font)
    assert view.image_area().bottom() < before[0] - 20
    assert view.sizeHint().height() > before[1] + 20
