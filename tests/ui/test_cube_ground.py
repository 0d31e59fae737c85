"""The picture of a row of cubes: what is kept of it, and that it covers all that it is painted on."""

from math import ceil

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QFont, QImage, QPainter

from convscope.core.layers import Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.receptive_field import reached_field, receptive_field
from convscope.core.unit import Unit
from convscope.ui.widgets.cube_data import cube_items
from convscope.ui.widgets.cube_geometry import Cube, Cut, Point
from convscope.ui.widgets.cube_ground import CubeGround
from convscope.ui.widgets.cube_marks import draw_region
from convscope.ui.widgets.cube_scene import CubeScene
from convscope.ui.widgets.cube_values import CubeValues

NETWORK = Network((1, 12, 12), (Conv2d(4, 3), Conv2d(8, 3), Flatten(), Dense(10)))
SIZE = QSize(417, 203)
NOTHING = 0xFFFF00FF  # a colour that no row has


@pytest.fixture
def scene(qapp) -> CubeScene:
    made = CubeScene(QFont())
    made.show_room(SIZE.width(), SIZE.height())
    made.show_items(cube_items(NETWORK), tuple("0123456789"))
    made.show_values(CubeValues(values(0)))
    return made


def values(seed: int) -> dict[int, np.ndarray]:
    generator = np.random.default_rng(seed)
    shapes = {layer: NETWORK.shape_at(layer) for layer in range(-1, len(NETWORK.layers) + 1)}
    return {layer: generator.random(shape, np.float32) for layer, shape in shapes.items() if shape is not None}


def painted(ground: CubeGround, scene: CubeScene, ratio: float = 1.0, origin: QPointF | None = None) -> np.ndarray:
    image = QImage(ceil(SIZE.width() * ratio), ceil(SIZE.height() * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(NOTHING)
    painter = QPainter(image)
    ground.paint(painter, scene, origin or QPointF(), SIZE)
    painter.end()
    rows = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.bytesPerLine() // 4)
    return rows[:, : image.width()].copy()


def difference(one: np.ndarray, other: np.ndarray) -> int:
    """Return by how much the colours of two pictures differ at most, in 255ths."""
    channels = (pixels.view(np.uint8).astype(int) for pixels in (one, other))
    return int(np.abs(np.subtract(*channels)).max())


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 1.75, 2.0])
def test_nothing_of_what_was_there_shines_through(scene: CubeScene, ratio: float) -> None:
    assert not (painted(CubeGround(), scene, ratio) == NOTHING).any()


def test_a_picture_that_is_kept_is_the_one_that_would_be_drawn(scene: CubeScene) -> None:
    ground, pinned = CubeGround(), Unit(1, (2, 3, 4))
    painted(ground, scene)
    for change in (
        lambda: scene.show_pin(pinned, receptive_field(NETWORK, pinned)),
        lambda: scene.show_values(CubeValues(values(1))),
        lambda: scene.show_pin(None, {}),
        lambda: scene.show_room(SIZE.width() - 40, SIZE.height()),
    ):
        before = painted(ground, scene)
        change()
        for _ in range(3):  # marks are drawn at first, then kept
            now = painted(ground, scene)
            assert difference(now, painted(CubeGround(), scene)) <= 3  # rounding of edges that are blended twice
        assert difference(now, before) > 30


def test_what_is_pinned_is_drawn_twice_and_kept_from_then_on(scene: CubeScene, monkeypatch) -> None:
    drawn: list[float] = []
    ground, pinned, draw = CubeGround(), Unit(1, (2, 3, 4)), scene.paint_pinned
    monkeypatch.setattr(scene, "paint_pinned", lambda *at, **ends: (drawn.append(ends["left"]), draw(*at, **ends)))
    scene.show_pin(pinned, receptive_field(NETWORK, pinned))
    for _ in range(5):
        painted(ground, scene)
    assert len(drawn) == 2
    painted(ground, scene, origin=QPointF(30, 0))
    assert drawn[2:] == [30]


def test_values_that_follow_the_pen_are_kept_when_they_stay(scene: CubeScene, monkeypatch) -> None:
    drawn: list[float] = []
    ground, draw = CubeGround(), scene.paint_values
    monkeypatch.setattr(scene, "paint_values", lambda *given: (drawn.append(given[1]), draw(*given)))
    painted(ground, scene)  # a row that is new is kept at once
    painted(ground, scene)
    assert len(drawn) == 1
    for seed in range(1, 4):
        scene.show_values(CubeValues(values(seed)))
        painted(ground, scene)
    assert len(drawn) == 4
    for _ in range(3):
        painted(ground, scene)
    assert len(drawn) == 5


def test_a_row_that_moves_is_kept_at_once(scene: CubeScene, monkeypatch) -> None:
    drawn: list[float] = []
    ground, draw = CubeGround(), scene.paint_values
    monkeypatch.setattr(scene, "paint_values", lambda *given: (drawn.append(given[1]), draw(*given)))
    for x in (0, 20, 40, 40):
        painted(ground, scene, origin=QPointF(x, 0))
    assert drawn == [0, 20, 40]


@pytest.mark.parametrize("ratio", [1.25, 1.5, 1.75])
def test_values_lie_where_their_picture_lies_between_the_pixels_too(scene: CubeScene, ratio: float) -> None:
    ground, pictures = CubeGround(), list[np.ndarray]()
    painted(ground, scene, ratio)
    scene.show_values(CubeValues(values(0)))  # others, with the same likeliest class
    for _ in range(2):  # on the painter, then from a picture
        image = QImage(ceil(500 * ratio), ceil(260 * ratio), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(NOTHING)
        painter = QPainter(image)
        painter.translate(3, 37)
        ground.paint(painter, scene, QPointF(), SIZE)
        painter.end()
        pictures.append(np.frombuffer(image.constBits(), np.uint8).astype(int))
    assert (np.abs(pictures[0] - pictures[1]) > 3).mean() < 1e-3  # single pixels of faces that are aslant


def test_a_row_that_fades_is_one_picture(scene: CubeScene) -> None:
    def faded(ground: CubeGround) -> np.ndarray:
        image = QImage(SIZE, QImage.Format.Format_RGB32)
        image.fill(NOTHING)
        painter = QPainter(image)
        painter.setOpacity(0.5)
        ground.paint(painter, scene, QPointF(), SIZE)
        painter.end()
        return np.frombuffer(image.constBits(), np.uint32).copy()

    fresh, kept = CubeGround(), CubeGround()
    painted(fresh, scene)
    scene.show_values(CubeValues(values(0)))  # others, with the same likeliest class
    for _ in range(2):
        painted(kept, scene)
    assert difference(faded(fresh), faded(kept)) <= 3


@pytest.mark.parametrize("forwards", [False, True])
@pytest.mark.parametrize("layer", [-1, 0, 1, 2, 3, 4])
def test_marks_lie_between_the_places_that_are_told(scene: CubeScene, layer: int, forwards: bool) -> None:
    plain, shape = painted(CubeGround(), scene), NETWORK.shape_at(layer)
    assert scene.marked() is None
    for index in (tuple(0 for _ in shape or ()), tuple(side - 1 for side in shape or ())):
        unit = Unit(layer, index)
        field = (reached_field if forwards else receptive_field)(NETWORK, unit)
        scene.show_pin(unit, field)
        changed = np.flatnonzero((painted(CubeGround(), scene) != plain).any(axis=0))
        marked = scene.marked()
        assert marked is not None
        assert len(changed)
        assert marked[0] <= changed[0]
        assert changed[-1] < marked[1]


@pytest.mark.parametrize("cut", [Cut(channel=2), Cut(row=4), Cut(column=7), Cut(2, 4, 7)])
def test_a_region_has_its_front_edges_also_where_a_cut_takes_a_part_of_it(qapp, cut: Cut) -> None:
    cube = Cube((4, 10, 10), 20, 90, 100, 100, Point(60, -50), cut.within((4, 10, 10)))
    box = (slice(0, 4), slice(2, 8), slice(3, 10))
    image = QImage(200, 200, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    draw_region(painter, cube, [box])
    painter.end()
    for x, y, a, b in cube.edges(box)[5:]:
        line = [(round(x + (a - x) * t), round(y + (b - y) * t)) for t in np.linspace(0, 1, 40)]
        marked = [any(image.pixel(u + du, v + dv) != 0xFFFFFFFF for du in (-1, 0) for dv in (-1, 0)) for u, v in line]
        assert sum(marked) > 10, (x, y, a, b)
