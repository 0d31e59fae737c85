"""The mosaic of maps: every value at its place and in its colour, by mouse and by keyboard."""

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from convscope.core.layers import Conv2d
from convscope.core.network import Network
from convscope.core.receptive_field import Region, receptive_field
from convscope.core.unit import Unit
from convscope.ui import colour_maps, theme
from convscope.ui.colour_maps import ColourScale
from convscope.ui.widgets.mosaic import Mosaic
from convscope.ui.widgets.mosaic_layout import Place
from convscope.ui.widgets.mosaic_maps import Maps
from convscope.ui.widgets.mosaic_marks import Marks
from convscope.ui.widgets.number_text import cell_text, number_text

RAMP = np.arange(216, dtype=np.float32).reshape(6, 6, 6) / 215  # too many values to be written into their cells


@pytest.fixture
def mosaic(qtbot) -> Mosaic:
    widget = Mosaic()
    qtbot.addWidget(widget)
    widget.resize(400, 300)
    widget.show()
    return widget


def show(mosaic: Mosaic, array: np.ndarray, scale: ColourScale | None = None) -> None:
    mosaic.show_maps(Maps.of(array, scale or ColourScale.of(array)))
    mosaic.repaint()


def middle(mosaic: Mosaic, tile: int) -> QPoint:
    return mosaic.tile_rect(tile).center().toPoint()


# What is seen


@pytest.mark.parametrize("choice", ["light", "dark"])
@pytest.mark.parametrize("array", [RAMP, RAMP - 0.4], ids=["activations", "signed"])
def test_a_cell_has_the_colour_of_its_value(qapp: QApplication, mosaic: Mosaic, array, choice) -> None:
    theme.apply(qapp, choice)
    show(mosaic, array)
    image = mosaic.grab().toImage()
    kind = "diverging" if array.min() < 0 else "sequential"
    expected = colour_maps.colours(array, array.min(), array.max(), kind)
    for tile, row, column in itertools.product(range(6), range(2, 6), range(2, 6)):  # a number is in the corner
        box = mosaic.tile_rect(tile)
        x, y = (box.x() + (column + 0.5) * box.width() / 6, box.y() + (row + 0.5) * box.height() / 6)
        assert image.pixel(int(x), int(y)) == expected[tile, row, column]
    theme.apply(qapp, "light")


def test_with_its_own_scale_each_map_reaches_the_last_colour(mosaic: Mosaic) -> None:
    array = RAMP * np.array([1, 10, 100, 0.1, 0, 5], np.float32)[:, None, None]
    mosaic.show_maps(Maps.of(array))
    image = mosaic.grab().toImage()
    last, first = (QColor(*colour_maps.sequential()[index].tolist()) for index in (255, 0))
    for tile in range(6):
        corner = mosaic.tile_rect(tile).bottomRight().toPoint() - QPoint(3, 3)
        assert image.pixelColor(corner) == (first if tile == 4 else last)
    assert mosaic.maps is not None
    assert mosaic.maps.tile_scale(2).high == pytest.approx(float(array[2].max()))


def test_signed_kernels_are_centred_even_if_all_are_positive() -> None:
    assert Maps.of(RAMP, signed=True).tile_scale(3).kind == "diverging"
    assert Maps.of(RAMP).tile_scale(3).kind == "sequential"


def test_what_is_not_finite_is_seen(mosaic: Mosaic) -> None:
    array = RAMP.copy()
    array[5, 5, 5] = np.nan
    show(mosaic, array)
    corner = mosaic.tile_rect(5).bottomRight().toPoint() - QPoint(3, 3)
    assert mosaic.grab().toImage().pixelColor(corner) == QColor(*colour_maps.NOT_FINITE)


def test_a_new_theme_is_taken_over(qapp: QApplication, mosaic: Mosaic) -> None:
    array = np.zeros((6, 6, 6), np.float32)
    show(mosaic, array)
    before = mosaic.grab().toImage().pixelColor(middle(mosaic, 5))
    theme.apply(qapp, "dark")
    after = mosaic.grab().toImage().pixelColor(middle(mosaic, 5))
    theme.apply(qapp, "light")
    assert before.lightnessF() > 0.9
    assert after.lightnessF() < 0.2


def test_large_cells_hold_their_value_and_small_ones_do_not(mosaic: Mosaic) -> None:
    colours_of = []
    for array in (np.full((1, 4, 4), 0.5, np.float32), np.full((1, 40, 40), 0.5, np.float32)):
        show(mosaic, array)
        image, box = mosaic.grab().toImage(), mosaic.tile_rect(0).toRect()
        colours_of.append({image.pixel(x, y) for x in range(box.left(), box.right()) for y in range(box.top(), 100)})
    assert len(colours_of[0]) > 2
    assert len(colours_of[1]) == 1


@pytest.mark.parametrize(
    ("value", "short", "long"),
    [
        (0.0, "0", "0"),
        (-0.001, "0.00", "−0.001"),
        (0.12345, "0.12", "0.1235"),
        (-12.345, "−12.3", "−12.35"),
        (1234.5, "1234", "1234"),
        (-123456.0, "−1e5", "−123,456"),
        (2.5e-7, "0.00", "2.5·10⁻⁷"),
        (float("nan"), "NaN", "not a number"),
        (float("-inf"), "−∞", "−∞"),
    ],
)
def test_numbers_are_short_and_have_a_real_minus(value: float, short: str, long: str) -> None:
    assert cell_text(value) == short
    assert number_text(value) == long


# What the user does


def test_a_double_click_enlarges_a_map_and_another_shows_all_again(qtbot, mosaic: Mosaic) -> None:
    show(mosaic, RAMP)
    small = mosaic.tile_rect(4).width()
    with qtbot.waitSignal(mosaic.zoom_changed):
        qtbot.mouseDClick(mosaic, Qt.MouseButton.LeftButton, pos=middle(mosaic, 4))
    mosaic.repaint()
    assert (mosaic.zoomed, mosaic.selected) == (True, 4)
    assert mosaic.tile_rect(4).width() > 2 * small
    assert mosaic.tile_rect(3).isEmpty()
    qtbot.mouseDClick(mosaic, Qt.MouseButton.LeftButton, pos=middle(mosaic, 4))
    mosaic.repaint()
    assert not mosaic.zoomed
    assert mosaic.tile_rect(4).width() == small


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_Backspace, Qt.Key.Key_Return])
def test_keys_move_enlarge_and_go_back(qtbot, mosaic: Mosaic, key: Qt.Key) -> None:
    show(mosaic, RAMP)
    columns = len({mosaic.tile_rect(tile).x() for tile in range(6)})
    steps = [(Qt.Key.Key_Right, 1), (Qt.Key.Key_Down, 1 + columns), (Qt.Key.Key_Left, columns), (Qt.Key.Key_Up, 0),
             (Qt.Key.Key_Up, 0), (Qt.Key.Key_End, 5), (Qt.Key.Key_Right, 5), (Qt.Key.Key_Home, 0)]  # fmt: skip
    for pressed, selected in steps:
        qtbot.keyClick(mosaic, pressed)
        assert mosaic.selected == selected
    qtbot.keyClick(mosaic, Qt.Key.Key_Return)
    assert mosaic.zoomed
    qtbot.keyClick(mosaic, Qt.Key.Key_Right)
    assert (mosaic.selected, mosaic.zoomed) == (1, True)
    assert mosaic.accessibleDescription().startswith("Map 1:")
    qtbot.keyClick(mosaic, key)
    assert not mosaic.zoomed


@pytest.mark.parametrize("zoomed", [False, True])
def test_hovering_tells_the_value_of_the_cell(qtbot, mosaic: Mosaic, zoomed: bool) -> None:
    show(mosaic, RAMP)
    qtbot.keyClick(mosaic, Qt.Key.Key_Right)
    mosaic.show_tile(1, zoomed=zoomed)
    mosaic.repaint()
    heard: list[Place | None] = []
    mosaic.place_hovered.connect(heard.append)
    box = mosaic.tile_rect(1)
    cell = box.width() / 6
    qtbot.mouseMove(mosaic, QPoint(int(box.x() + 4.5 * cell), int(box.y() + 2.5 * cell)))
    assert heard == [Place(1, 0, 2, 4)]
    assert mosaic.caption() == f"Map 1, row 2, column 4:  {number_text(float(RAMP[1, 2, 4]))}"
    show(mosaic, RAMP + 1)
    assert mosaic.caption().endswith(number_text(float(RAMP[1, 2, 4]) + 1))
    QApplication.sendEvent(mosaic, QEvent(QEvent.Type.Leave))
    assert "row" not in mosaic.caption()
    assert heard[1:] == [None]


def test_a_tile_begins_and_ends_where_it_is_drawn(mosaic: Mosaic) -> None:
    show(mosaic, RAMP)
    box = mosaic.tile_rect(4)
    image = mosaic.grab().toImage()
    gap = image.pixel(int(box.x()) - 1, int(box.bottom()) - 2)
    assert image.pixel(int(box.x()), int(box.bottom()) - 2) != gap
    assert mosaic.place_at(box.topLeft()) == Place(4, 0, 0, 0)
    assert mosaic.place_at(box.bottomRight() - QPointF(1, 1)) == Place(4, 0, 5, 5)
    assert mosaic.place_at(box.topLeft() - QPointF(1, 0)) is None
    assert mosaic.place_at(box.bottomRight()) is None


def test_a_map_stays_enlarged_from_layer_to_layer_while_there_are_as_many(qtbot, mosaic: Mosaic) -> None:
    show(mosaic, RAMP)
    qtbot.mouseDClick(mosaic, Qt.MouseButton.LeftButton, pos=middle(mosaic, 4))
    show(mosaic, RAMP[:, :3, :3])
    assert (mosaic.zoomed, mosaic.selected) == (True, 4)
    show(mosaic, RAMP[:3])
    assert (mosaic.zoomed, mosaic.selected) == (False, 2)


def test_a_vector_is_cells_that_are_not_enlarged(qtbot, mosaic: Mosaic) -> None:
    show(mosaic, np.arange(10, dtype=np.float32))
    qtbot.mouseMove(mosaic, middle(mosaic, 7))
    assert mosaic.caption() == "Unit 7:  7"
    qtbot.mouseDClick(mosaic, Qt.MouseButton.LeftButton, pos=middle(mosaic, 7))
    assert (mosaic.selected, mosaic.zoomed) == (7, False)


def test_showing_emits_nothing(qtbot, mosaic: Mosaic) -> None:
    signals = [
        mosaic.place_hovered,
        mosaic.place_pinned,
        mosaic.caption_changed,
        mosaic.tile_chosen,
        mosaic.zoom_changed,
    ]
    show(mosaic, RAMP)
    heard: list[str] = []
    for signal in signals:
        signal.connect(lambda *_, name=str(signal): heard.append(name))
    show(mosaic, RAMP[:2])
    mosaic.show_tile(1, zoomed=True)
    mosaic.show_marks(Marks(hovered=Place(0, 0, 1, 1), pinned=Place(1, 0, 2, 2), crossed=frozenset({1})))
    mosaic.repaint()
    mosaic.show_message("Nothing to see.")
    mosaic.repaint()
    assert heard == []
    assert mosaic.accessibleDescription() == "Nothing to see."


def test_a_compact_mosaic_only_tells_that_it_was_opened(qtbot) -> None:
    row = Mosaic(compact=True)
    qtbot.addWidget(row)
    row.resize(300, 60)
    show(row, RAMP)
    with qtbot.waitSignal(row.opened):
        qtbot.mouseDClick(row, Qt.MouseButton.LeftButton, pos=middle(row, 2))
    assert not row.zoomed
    assert row.tile_rect(0).x() < 6


@pytest.mark.parametrize("shape", [(512, 14, 14), (4096,), (1, 1, 1), (300, 40, 40), (3, 512, 3, 3)])
@pytest.mark.parametrize("size", [(900, 600), (130, 60)])
def test_extreme_layers_are_painted_without_failure(mosaic: Mosaic, caplog, shape, size) -> None:
    mosaic.resize(*size)
    show(mosaic, np.ones(shape, np.float32))
    assert caplog.records == []
    assert not mosaic.tile_rect(0).isEmpty()


class Broken(Maps):
    """Maps that cannot be drawn."""

    attempts = 0

    def layout(self, room, ratio):
        type(self).attempts += 1
        raise ZeroDivisionError("no room")


def test_a_picture_that_fails_is_switched_off_until_another_layer_is_shown(mosaic: Mosaic, caplog) -> None:
    Broken.attempts = 0
    for _ in range(3):
        mosaic.show_maps(Broken.of(RAMP))
        mosaic.repaint()
    assert Broken.attempts == 1
    assert len(caplog.records) == 1
    failed = mosaic.grab().toImage()
    reds = sum(failed.pixelColor(x, y) == theme.current().error for x in range(0, 400) for y in range(130, 170))
    assert reds > 20
    caplog.clear()
    show(mosaic, RAMP[:3])
    assert not mosaic.tile_rect(2).isEmpty()


# Pointing at values


def cell_centre(mosaic: Mosaic, place: Place) -> QPoint:
    return mosaic.cell_rect(place).center().toPoint()


@pytest.mark.parametrize("zoomed", [False, True])
def test_a_click_pins_the_value_and_selects_its_map(qtbot, mosaic: Mosaic, zoomed: bool) -> None:
    show(mosaic, RAMP)
    mosaic.show_tile(4, zoomed=zoomed)
    mosaic.repaint()
    pinned: list[Place] = []
    mosaic.place_pinned.connect(pinned.append)
    place = Place(4, 0, 2, 5)
    qtbot.mouseClick(mosaic, Qt.MouseButton.LeftButton, pos=cell_centre(mosaic, place))
    assert pinned == [place]
    assert (mosaic.selected, mosaic.zoomed) == (4, zoomed)


def test_the_keyboard_reaches_and_pins_every_value(qtbot, mosaic: Mosaic) -> None:
    show(mosaic, RAMP)
    pinned: list[Place] = []
    mosaic.place_pinned.connect(pinned.append)
    qtbot.keyClick(mosaic, Qt.Key.Key_Right)
    qtbot.keyClick(mosaic, Qt.Key.Key_Space)  # nothing is pointed at yet: the middle
    shift = Qt.KeyboardModifier.ShiftModifier
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Left):
        qtbot.keyClick(mosaic, key, shift)
    assert mosaic.caption() == f"Map 1, row 2, column 2:  {number_text(float(RAMP[1, 2, 2]))}"
    for _ in range(9):
        qtbot.keyClick(mosaic, Qt.Key.Key_Down, shift)
    qtbot.keyClick(mosaic, Qt.Key.Key_Space)
    assert pinned == [Place(1, 0, 3, 3), Place(1, 0, 5, 2)]


def differing(before, after) -> list[tuple[int, int]]:
    """Return the pixels that two pictures do not share."""
    size = before.size()
    places = itertools.product(range(size.width()), range(size.height()))
    return [(x, y) for x, y in places if before.pixel(x, y) != after.pixel(x, y)]


def test_a_value_pointed_at_elsewhere_is_ringed_and_read(mosaic: Mosaic) -> None:
    show(mosaic, RAMP)
    before = mosaic.grab().toImage()
    place = Place(3, 0, 1, 2)
    mosaic.show_marks(Marks(hovered=place))
    changed = differing(before, mosaic.grab().toImage())
    ring = mosaic.cell_rect(place).adjusted(-4, -4, 4, 4)
    assert changed
    assert all(ring.contains(QPointF(x, y)) for x, y in changed)
    assert mosaic.caption() == f"Map 3, row 1, column 2:  {number_text(float(RAMP[3, 1, 2]))}"


def test_a_region_is_tinted_and_the_rest_keeps_its_colours(mosaic: Mosaic) -> None:
    show(mosaic, RAMP)
    before = mosaic.grab().toImage()
    rows, columns = np.zeros(6, bool), np.zeros(6, bool)
    rows[[0, 2]] = columns[3:5] = True  # a gap between the rows, as dilation leaves it
    mosaic.show_marks(Marks(region=Region(np.arange(6) == 2, rows, columns)))
    after = mosaic.grab().toImage()
    for row, column in itertools.product(range(6), range(6)):
        for tile in (2, 3):
            spot = cell_centre(mosaic, Place(tile, 0, row, column))
            tinted = tile == 2 and row in (0, 2) and column in (3, 4)
            assert (before.pixel(spot) != after.pixel(spot)) == tinted


def test_a_value_that_sees_the_padding_alone_marks_nothing(mosaic: Mosaic, caplog) -> None:
    show(mosaic, RAMP)
    before = mosaic.grab().toImage()
    network = Network((6, 6, 6), (Conv2d(filters=1, kernel_size=1, padding=2),))
    mosaic.show_marks(Marks(region=receptive_field(network, Unit(0, (0, 0, 0)))[-1]))
    assert mosaic.grab().toImage() == before
    assert caplog.records == []


def test_a_map_that_is_switched_off_is_crossed_out(qtbot, mosaic: Mosaic) -> None:
    show(mosaic, np.zeros((6, 6, 6), np.float32))
    mosaic.show_marks(Marks(crossed=frozenset({4})))
    image = mosaic.grab().toImage()
    assert image.pixelColor(middle(mosaic, 4)) == theme.current().text
    assert image.pixelColor(middle(mosaic, 3)) != theme.current().text
    qtbot.keyClick(mosaic, Qt.Key.Key_End)
    qtbot.keyClick(mosaic, Qt.Key.Key_Left)
    assert "switched off" in mosaic.accessibleDescription()


def test_marks_that_do_not_fit_the_maps_are_left_out(mosaic: Mosaic, caplog) -> None:
    show(mosaic, RAMP)
    before = mosaic.grab().toImage()
    region = Region(np.ones(9, bool), np.ones(6, bool), np.ones(6, bool))
    mosaic.show_marks(Marks(Place(7, 0, 0, 0), Place(0, 0, 9, 9), region, frozenset({6})))
    assert mosaic.grab().toImage() == before
    assert caplog.records == []


# Contrast


@pytest.mark.parametrize("array", [RAMP, 4 * RAMP - 1], ids=["activations", "signed"])
def test_contrast_shows_a_value_in_the_colour_that_the_legend_names(mosaic: Mosaic, array) -> None:
    mosaic.show_maps(Maps.of(array, ColourScale.of(array), gain=4))
    scale = ColourScale.of(array).boosted(4)
    image = mosaic.grab().toImage()
    expected = colour_maps.colours(array, scale.low, scale.high, scale.kind)
    for tile, column in itertools.product(range(6), range(6)):
        assert image.pixel(cell_centre(mosaic, Place(tile, 0, 5, column))) == expected[tile, 5, column]


def test_with_its_own_scale_contrast_boosts_each_map_alike() -> None:
    array = RAMP * np.array([1, 10, 100, 0.1, 0.5, 5], np.float32)[:, None, None]
    maps, boosted = Maps.of(array), Maps.of(np.minimum(4 * array, array.max(axis=(1, 2), keepdims=True)))
    np.testing.assert_array_equal(Maps.of(array, gain=4)._pixels, boosted._pixels)
    assert maps.tile_scale(2).boosted(4).high == pytest.approx(float(array[2].max()) / 4)


def test_maps_beside_each_other_share_their_scales() -> None:
    one, other = Maps.of(RAMP, beside=2 * RAMP), Maps.of(2 * RAMP, beside=RAMP)
    assert one.tile_scale(3) == other.tile_scale(3)
    np.testing.assert_array_equal(one._pixels, Maps.of(RAMP * 2, gain=1, beside=4 * RAMP)._pixels)
    assert Maps.of(RAMP, beside=RAMP - 1).tile_scale(0).kind == "diverging"


def test_a_double_click_withdraws_what_its_first_half_pinned(qtbot, mosaic: Mosaic) -> None:
    show(mosaic, RAMP)
    heard: list[object] = []
    mosaic.place_pinned.connect(heard.append)
    mosaic.pin_withdrawn.connect(lambda: heard.append("withdrawn"))
    left, place = Qt.MouseButton.LeftButton, middle(mosaic, 4)
    qtbot.mouseClick(mosaic, left, pos=place)
    qtbot.mouseDClick(mosaic, left, pos=place)
    assert heard == [Place(4, 0, 3, 3), "withdrawn"]
    assert mosaic.zoomed
    mosaic.show_tile(4, zoomed=False)
    heard.clear()
    outside = QPoint(0, 0)
    assert mosaic.place_at(QPointF(outside)) is None
    qtbot.mouseClick(mosaic, left, pos=outside)
    qtbot.mouseDClick(mosaic, left, pos=outside)
    assert heard == []
    show(mosaic, RAMP[:1])
    qtbot.mouseClick(mosaic, left, pos=middle(mosaic, 0))
    qtbot.mouseDClick(mosaic, left, pos=middle(mosaic, 0))
    assert heard == [Place(0, 0, 3, 3)]  # one map alone is as large as it can be
