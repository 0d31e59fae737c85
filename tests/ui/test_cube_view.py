"""The view of the cubes: what the hand does, and what is then seen."""

from itertools import product
from math import prod

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.receptive_field import Region, reached_field, receptive_field
from convscope.core.unit import Unit
from convscope.ui import theme
from convscope.ui.colour_maps import colours
from convscope.ui.widgets.cube_data import CubeItem, cube_items
from convscope.ui.widgets.cube_opening import DURATION
from convscope.ui.widgets.cube_values import CubeValues
from convscope.ui.widgets.cube_view import CubeView

NETWORK = Network((1, 12, 12), (Conv2d(filters=4), Activation(), Conv2d(filters=8), Flatten(), Dense(units=10)))
PLAIN, CTRL, SHIFT = (
    Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier,
)  # fmt: skip


def arrays(network: Network) -> dict[int, np.ndarray]:
    generator = np.random.default_rng(5)
    shapes = {layer: network.shape_at(layer) for layer in range(-1, len(network.layers) + 1)}
    return {layer: generator.random(shape, np.float32) for layer, shape in shapes.items() if shape is not None}


@pytest.fixture
def view(qtbot) -> CubeView:
    widget = CubeView()
    qtbot.addWidget(widget)
    widget.resize(800, 260)
    widget.show()
    widget.show_items(cube_items(NETWORK), tuple("abcdefghij"))
    widget.show_values(CubeValues(arrays(NETWORK)))
    widget.show_selected(0)
    widget.layer_chosen.connect(widget.show_selected)
    widget.unit_hovered.connect(widget.show_hovered)
    widget.unit_pinned.connect(lambda unit: widget.show_pinned(unit, receptive_field(NETWORK, unit)))
    return widget


def at(view: CubeView, layer: int, cell=(0, 4, 4)) -> QPoint:
    place = view.scene.row.place(layer)
    assert place is not None
    assert place.cube is not None
    x, y = place.cube.centre(cell)
    scrolled = QPointF(view.horizontalScrollBar().value(), view.verticalScrollBar().value())
    return (QPointF(x, y) - scrolled).toPoint()


def background(view: CubeView) -> QPoint:
    return QPoint(view.viewport().width() // 3, view.viewport().height() - 3)


def drag(qtbot, view: CubeView, start: QPoint, way: QPoint, button=Qt.MouseButton.LeftButton) -> None:
    qtbot.mousePress(view.viewport(), button, pos=start)
    for share in range(1, 11):
        qtbot.mouseMove(view.viewport(), start + way * share / 10)
    qtbot.mouseRelease(view.viewport(), button, pos=start + way)


def wheel(view: CubeView, point: QPoint, turn: int, modifiers=PLAIN) -> None:
    where = QPointF(point)
    event = QWheelEvent(
        where, QPointF(view.viewport().mapToGlobal(point)), QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton,
        modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view.viewport(), event)


def drawn(view: CubeView) -> QImage:
    return view.viewport().grab().toImage()


def colour(view: CubeView, point: QPoint) -> str:
    image = drawn(view)
    return image.pixelColor((QPointF(point) * image.devicePixelRatio()).toPoint()).name()


def test_the_colour_at_a_value_is_that_of_the_map(view: CubeView) -> None:
    array = np.zeros((4, 10, 10), np.float32)
    array[0, 4, 4] = 1
    view.show_values(CubeValues(arrays(NETWORK) | {0: array}))
    strongest, zero = (f"#{int(pixel) & 0xFFFFFF:06x}" for pixel in colours(np.array([1.0, 0.0]), 0, 1, "sequential"))
    assert colour(view, at(view, 0)) == strongest
    assert colour(view, at(view, 0, (0, 8, 2))) == zero


def test_without_values_a_cube_is_empty_and_cannot_be_opened(qtbot, view: CubeView) -> None:
    view.show_values(CubeValues({-1: np.ones((1, 12, 12), np.float32)}))
    assert colour(view, at(view, 0)) == theme.current().card.name()
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert not view.opening.is_open


def test_dragging_a_cube_turns_all_and_selects_nothing(qtbot, view: CubeView) -> None:
    before, chosen = view.scene.angle, []
    view.layer_chosen.connect(chosen.append)
    with qtbot.waitSignal(view.angle_changed):
        drag(qtbot, view, at(view, 2), QPoint(30, -20))
    assert view.scene.angle.across > before.across
    assert view.scene.angle.up > before.up
    assert chosen == []
    drag(qtbot, view, background(view), QPoint(-30, 0), Qt.MouseButton.RightButton)
    assert view.scene.angle.across == pytest.approx(before.across)


def test_a_zoomed_row_is_moved_by_hand_and_wheel_and_fits_again(qtbot, view: CubeView) -> None:
    bar = view.horizontalScrollBar()
    assert bar.maximum() == 0
    for _ in range(6):
        qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert bar.maximum() > 100
    start = bar.value()
    drag(qtbot, view, background(view), QPoint(-50, 0))
    assert bar.value() == start + 50
    wheel(view, background(view), 120)
    assert bar.value() == start - 70
    qtbot.keyClick(view, Qt.Key.Key_F)
    assert bar.maximum() == 0
    assert view.scene.fits


def test_the_wheel_zooms_around_the_pointer(qtbot, view: CubeView) -> None:
    point = at(view, 2)
    qtbot.mouseMove(view.viewport(), point)
    hovered = view.scene.marks.hovered
    assert hovered is not None
    assert hovered.layer == 2
    wheel(view, point, 240, CTRL)
    place = view.scene.row.place(2)
    assert place is not None
    left = place.left - view.horizontalScrollBar().value()
    assert left < point.x() < left + place.right - place.left
    assert view.scene.marks.hovered == view.unit_at(QPointF(point))  # it follows what came under the pointer


def test_the_selected_cube_comes_into_sight(view: CubeView) -> None:
    view.zoom(3)
    for layer in (4, -1):
        view.show_selected(layer)
        assert view.viewport().rect().contains(at(view, layer, (0, 0, 0)))


def test_keys_choose_cubes_and_slices(qtbot, view: CubeView) -> None:
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.selected == 1
    qtbot.keyClick(view, Qt.Key.Key_Home)
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.selected == -1
    view.show_selected(0)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_PageUp, Qt.Key.Key_Down):
        qtbot.keyClick(view, key)
    assert view.cut().channel == 2
    assert "from map 2 on" in view.caption()
    view.show_axis(2)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert view.cut().column == 8


def test_shift_and_arrows_move_the_pinned_value(qtbot, view: CubeView) -> None:
    qtbot.keyClick(view, Qt.Key.Key_Down, SHIFT)
    assert view.scene.marks.pinned == Unit(0, (0, 0, 0))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_PageDown, Qt.Key.Key_Left):
        qtbot.keyClick(view, key, SHIFT)
    assert view.scene.marks.pinned == Unit(0, (1, 1, 1))


def test_a_pinned_value_is_ringed_and_what_it_sees_is_tinted(view: CubeView) -> None:
    inside, outside = at(view, -1, (0, 5, 5)), at(view, -1, (0, 1, 10))
    plain = colour(view, inside), colour(view, outside)
    view.show_pinned(Unit(2, (0, 3, 3)), receptive_field(NETWORK, Unit(2, (0, 3, 3))))
    assert colour(view, inside) != plain[0]  # rows and columns 3 to 7
    assert colour(view, outside) == plain[1]
    view.show_pinned(None, {})
    assert (colour(view, inside), colour(view, outside)) == plain


def test_a_value_pointed_at_elsewhere_is_ringed(view: CubeView) -> None:
    before = drawn(view)
    view.show_hovered(Unit(1, (2, 5, 5)))  # inside the cube
    assert drawn(view) != before
    assert view.caption().startswith(f"{NETWORK.layers[1].name}, map 2, row 5, column 5:")
    view.show_hovered(Unit(5, (3,)))
    assert view.caption().startswith("Classes, class d:")
    view.show_hovered(None)
    assert drawn(view) == before


def test_a_double_click_opens_and_closes(qtbot, view: CubeView) -> None:
    point = at(view, 2)
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert view.opening.layer == 2
    qtbot.waitUntil(lambda: view.opening.progress == 1, timeout=20 * DURATION)
    fan = view._open_fan()
    assert fan is not None
    cell = fan.cell_rect((5, 2, 3)).center().toPoint()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    assert view.scene.marks.pinned == Unit(2, (5, 2, 3))
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=cell)
    qtbot.waitUntil(lambda: view.opening.layer is None, timeout=20 * DURATION)


def test_an_open_fan_follows_the_selection_and_new_values(qtbot, view: CubeView) -> None:
    view.toggle_fan()
    view.opening.finish()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.opening.layer == 1
    assert view.opening.progress == 1
    before = drawn(view)
    view.show_values(CubeValues({}))  # an edit: what is known of the network is on its way
    view.show_values(CubeValues({layer: array[::-1] for layer, array in arrays(NETWORK).items()}))
    assert view.opening.layer == 1
    assert drawn(view) != before
    view.show_items(cube_items(Network((1, 12, 12), (), 10)), tuple("abcdefghij"))
    assert not view.opening.is_open


def test_hiding_ends_the_movement(view: CubeView) -> None:
    view.toggle_fan()
    view.hide()
    assert view.opening.progress == 1


@pytest.mark.parametrize("layer", [2, 3])
def test_the_opening_can_be_drawn_into_any_picture(view: CubeView, layer: int) -> None:
    frames = []
    for t in (0.0, 0.5, 1.0):
        image = QImage(320, 200, QImage.Format.Format_RGB32)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        view.scene.paint_fan(painter, layer, QRectF(0, 0, 320, 200), t)
        painter.end()
        frames.append(image)
    widths = [inked(image) for image in frames]
    assert widths[0] < widths[1] < widths[2]


def inked(image: QImage) -> int:
    """Return over how many columns of pixels something is drawn."""
    white = 0xFFFFFFFF
    return sum(any(image.pixel(x, y) != white for y in range(image.height())) for x in range(image.width()))


@pytest.mark.parametrize("shape", [(1, 1, 1), (4096, 1, 1), (3, 224, 224), (2048, 7, 7)])
def test_cubes_of_any_size_are_drawn_and_opened(view: CubeView, shape) -> None:
    view.show_items([CubeItem(-1, "Input", shape), CubeItem(0, "flatten_1", (prod(shape),), ("flatten",))], ())
    empty = drawn(view)
    values = np.random.default_rng(1).random(shape, np.float32)
    view.show_values(CubeValues({-1: values, 0: values.ravel()}))
    view.show_selected(-1)
    assert drawn(view) != empty
    view.toggle_fan()
    view.opening.finish()
    fan = view._open_fan()
    assert fan is not None
    last = tuple(side - 1 for side in shape)
    assert fan.find(*fan.cell_rect(last).center().toTuple()) == last
    assert not view._failure


def test_a_failure_is_told_once(view: CubeView, caplog) -> None:
    view.show_values(CubeValues({0: np.zeros((4, 0, 10), np.float32)}))  # of another shape than the network's
    drawn(view)
    drawn(view)
    assert len(caplog.records) == 1
    view.show_values(CubeValues(arrays(NETWORK)))
    view.show_items(cube_items(NETWORK.removed(1)), tuple("abcdefghij"))
    assert not view._failure


def test_gaps_in_a_region_are_not_tinted_in_an_open_fan(view: CubeView) -> None:
    view.show_selected(1)
    view.toggle_fan()
    view.opening.finish()
    fan = view._open_fan()
    assert fan is not None
    rows, columns = np.zeros((2, 10), bool)
    rows[[2, 4, 6]] = columns[3:5] = True
    before = view.viewport().grab().toImage()
    view.show_pinned(Unit(2, (0, 0, 0)), {1: Region(np.arange(4) == 2, rows, columns)})
    after = view.viewport().grab().toImage()
    for tile, row, column in product((1, 2), range(10), range(10)):
        spot = fan.cell_rect((tile, row, column)).center().toPoint()
        tinted = tile == 2 and rows[row] and columns[column]
        assert (before.pixel(spot) != after.pixel(spot)) == tinted


@pytest.mark.parametrize("height", [110, 150, 400])
def test_what_is_written_of_the_likeliest_class_stays_free_when_it_is_pinned(view: CubeView, height: int) -> None:
    view.resize(800, height)
    shares = np.full(10, 0.01, np.float32)
    shares[4] = 0.91
    view.show_values(CubeValues({**arrays(NETWORK), 5: shares}))
    place = view.scene.row.place(5)
    assert place is not None
    left, top, right, bottom = place.class_box(4)
    written = QRectF(left + 16, top - 20, right - left - 16, bottom - top + 40).toRect()
    cell = QRectF(left, top, 12, bottom - top).adjusted(-4, -4, 4, 4).toRect()
    before = view.viewport().grab().toImage()
    view.show_pinned(Unit(5, (4,)), receptive_field(NETWORK, Unit(5, (4,))))
    after = view.viewport().grab().toImage()
    assert after.copy(cell) != before.copy(cell)
    assert after.copy(written) == before.copy(written)


@pytest.mark.parametrize("height", [150, 400])
def test_what_is_nearly_certain_is_not_written_as_certain(view: CubeView, height: int) -> None:
    view.resize(800, height)
    pictures = list[QImage]()
    for share in (0.9996, 1.0):
        view.show_values(CubeValues({**arrays(NETWORK), 5: np.eye(10, dtype=np.float32)[4] * np.float32(share)}))
        pictures.append(view.viewport().grab().toImage())
    place = view.scene.row.place(5)
    assert place is not None
    left, top, right, bottom = place.class_box(4)
    written = QRectF(left + 16, top - 8, right - left - 20, bottom - top + 16).toRect()  # without the bar's end
    assert pictures[0].copy(written) != pictures[1].copy(written)


@pytest.mark.parametrize("height", [150, 400])
def test_the_likeliest_class_has_a_bar_of_its_length_below_what_is_written(view: CubeView, height: int) -> None:
    view.resize(800, height)
    place = view.scene.row.place(5)
    assert place is not None
    left, top, right, bottom = place.class_box(4)
    middle, lengths = round((top + bottom) / 2), list[int]()
    for share in (0.25, 0.5, 0.75, 1.0):
        shares = np.full(10, (1 - share) / 9, np.float32)
        shares[4] = share
        view.show_values(CubeValues({**arrays(NETWORK), 5: shares}))
        picture, accent = view.viewport().grab().toImage(), theme.current().accent.rgb()
        begin, lines = int(left) + 13, range(middle - 8, middle + 9)
        rows = ["".join(" #"[picture.pixel(x, y) == accent] for x in range(begin, int(right))) for y in lines]
        lengths.append(max(len(row.strip().split(" ")[0]) for row in rows))
    np.testing.assert_allclose(np.array(lengths) / lengths[-1], (0.25, 0.5, 0.75, 1), atol=0.04)


class Watch(QObject):
    """Notes what is painted of a widget."""

    def __init__(self, watched: QWidget) -> None:
        super().__init__(watched)
        self.areas = list[QRect]()
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.areas.append(event.rect())
        return False


@pytest.mark.parametrize("scrolled", [0, 60])
def test_only_what_is_marked_is_painted_again(view: CubeView, scrolled: int) -> None:
    view._fronting.setInterval(60_000)  # or the row would soon be another
    view.zoom(1.3 if scrolled else 1)
    view.horizontalScrollBar().setValue(scrolled)

    def on_screen() -> np.ndarray:
        QApplication.processEvents()
        image = view.screen().grabWindow(view.winId()).toImage()
        return np.frombuffer(image.constBits(), np.uint8).astype(int)

    on_screen()
    watch, field = Watch(view.viewport()), reached_field if scrolled else receptive_field
    for unit in (Unit(2, (0, 3, 3)), Unit(3, (1,)) if scrolled else Unit(0, (1, 2, 2)), None):
        watch.areas.clear()
        view.show_pinned(unit, {} if unit is None else field(NETWORK, unit))
        shown = on_screen()
        assert [area.width() < view.viewport().width() for area in watch.areas] == [True]
        view.viewport().update()
        assert np.abs(on_screen() - shown).max() <= 3  # rounding of edges that are blended twice
    watch.areas.clear()
    view.show_pinned(None, {})
    QApplication.processEvents()
    assert not watch.areas


def test_open_maps_are_painted_again_as_a_whole(view: CubeView, qtbot) -> None:
    view.toggle_fan()
    qtbot.waitUntil(lambda: view.opening.progress >= 1)
    QApplication.processEvents()
    watch = Watch(view.viewport())
    view.show_pinned(Unit(0, (1, 2, 2)), receptive_field(NETWORK, Unit(0, (1, 2, 2))))
    QApplication.processEvents()
    assert watch.areas[0] == view.viewport().rect()


def test_a_failure_in_a_part_is_told_in_the_whole_view(view: CubeView, monkeypatch, qtbot) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    view._fronting.setInterval(60_000)  # or everything would be painted again in a moment
    QApplication.processEvents()
    monkeypatch.setattr(view.scene, "paint_pinned", broken)
    watch = Watch(view.viewport())
    view.show_pinned(Unit(0, (1, 2, 2)), receptive_field(NETWORK, Unit(0, (1, 2, 2))))
    qtbot.waitUntil(lambda: view.viewport().rect() in watch.areas)
