"""The data cubes panel: the whole network, pointed at and selected as everywhere else."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtWidgets import QSlider, QToolButton

from convscope.core.data.drawing import Drawing, Stroke
from convscope.core.layers import Activation, Conv2d, Dense, Flatten, MaxPool
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.unit import Unit
from convscope.ui.colour_maps import ColourScale
from convscope.ui.inspection import Inspection
from convscope.ui.panels.cubes import CubesPanel
from convscope.ui.widgets.colour_legend import ColourLegend
from convscope.ui.widgets.cube_opening import DURATION

NETWORK = Network((1, 12, 12), (Conv2d(filters=4, kernel_size=3), Activation(), MaxPool(), Flatten(), Dense(units=10)))


class StubSession(QObject):
    """What the panel reads of a session, with a trace of random values."""

    network_changed = Signal()
    drawing_changed = Signal()
    trace_changed = Signal()
    mode_changed = Signal()
    selection_changed = Signal()
    dataset_changed = Signal()
    weights_changed = Signal()
    computing_changed = Signal()

    def __init__(self, network: Network = NETWORK) -> None:
        super().__init__()
        self.network = network
        self.image = np.full(network.input_shape, 0.5, np.float32)
        self.drawing = Drawing()
        self.selected = 0
        self.waiting = ""
        self.class_names = tuple("abcdefghij")
        self.inspection = Inspection(network, self)
        self.trace: Any = traced(network, self.image)
        self.is_split = False
        self.both_traces: Any = None

    def select(self, index: int) -> None:
        self.selected = max(-1, min(index, len(self.network.layers) - 1))
        self.selection_changed.emit()

    def show(self, network: Network, factor: float = 1) -> None:
        self.network = network
        self.inspection.follow(network)
        self.network_changed.emit()
        self.trace = traced(network, self.image, factor)
        self.trace_changed.emit()


def traced(network: Network, image: np.ndarray, factor: float = 1) -> SimpleNamespace:
    generator = np.random.default_rng(3)
    arrays = {-1: image}
    for layer in range(len(network.layers) + 1):
        shape = network.shape_at(layer)
        if shape is not None:
            arrays[layer] = (factor * generator.normal(size=shape)).astype(np.float32)
    return SimpleNamespace(network=network, image=image, values=arrays.get, masks={})


@pytest.fixture
def session() -> StubSession:
    return StubSession()


@pytest.fixture
def panel(qtbot, session: StubSession) -> CubesPanel:
    widget = CubesPanel(cast(Any, session), {})
    qtbot.addWidget(widget)
    widget.resize(900, 320)
    widget.show()
    return widget


def place_of(panel: CubesPanel, layer: int, cell: tuple[int, int, int]) -> QPoint:
    """Return where a value is seen in the view, which is not scrolled."""
    place = panel.view.scene.row.place(layer)
    assert place is not None
    assert place.cube is not None
    return QPointF(*place.cube.centre(cell)).toPoint()


def value(session: StubSession, unit: Unit) -> float:
    return float(session.trace.values(unit.layer)[unit.index])


def test_a_value_under_the_pointer_is_told_with_its_place(qtbot, session: StubSession, panel: CubesPanel) -> None:
    qtbot.mouseMove(panel.view.viewport(), place_of(panel, 0, (0, 4, 5)))
    assert session.inspection.hovered == Unit(0, (0, 4, 5))
    assert panel.caption().startswith(f"{NETWORK.layers[0].name}, map 0, row 4, column 5:")
    shown = float(panel.caption().split(":")[1].replace("−", "-"))
    assert shown == pytest.approx(value(session, Unit(0, (0, 4, 5))), rel=1e-3)


def test_the_colours_of_the_value_under_the_pointer_are_told(qtbot, session: StubSession, panel: CubesPanel) -> None:
    own, other = (panel.view.scene.values.map_scale(layer, 0) for layer in (0, 2))
    assert panel.legend.labels() == legend(own)
    qtbot.mouseMove(panel.view.viewport(), place_of(panel, 2, (0, 2, 1)))
    assert session.selected == 0
    assert panel.legend.labels() == legend(other) != legend(own)
    session.inspection.hover(None)
    assert panel.legend.labels() == legend(own)


def legend(scale: ColourScale) -> tuple[tuple[float, str], ...]:
    shown = ColourLegend()
    shown.show_scale(scale)
    return shown.labels()


def test_a_click_selects_the_layer_and_pins_the_value(qtbot, session: StubSession, panel: CubesPanel) -> None:
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place_of(panel, 2, (0, 2, 1)))
    assert session.selected == 2
    assert session.inspection.pinned == Unit(2, (0, 2, 1))


def test_the_map_of_a_pinned_value_comes_to_the_front(qtbot, session: StubSession, panel: CubesPanel) -> None:
    session.inspection.pin(Unit(2, (3, 2, 1)))

    def fronts() -> list[int]:  # max pooling and ReLU see one map of what comes before
        return [panel.view.scene.cut(layer).channel for layer in (0, 1, 2)]

    qtbot.waitUntil(lambda: fronts() == [3, 3, 3])
    assert panel.view.scene.cut(-1).channel == 0


def test_the_slider_slices_along_any_axis(qtbot, session: StubSession, panel: CubesPanel) -> None:
    slider = panel.findChild(QSlider, "cubes_slice")
    assert slider is not None
    slider.setValue(2)
    place = panel.view.scene.row.place(0)
    assert place is not None
    assert place.cube is not None
    assert place.cube.cut.channel == 2
    panel.controls.axis_chosen.emit(1)
    assert slider.maximum() == 9
    slider.setValue(5)
    assert panel.view.cut().row == 5
    assert panel.view.cut().channel == 2


def test_an_empty_drawing_gets_no_answer(panel, session) -> None:
    end = len(NETWORK.layers)
    session.image = np.zeros(NETWORK.input_shape, np.float32)
    session.trace_changed.emit()
    assert panel.view.scene.values.array(end) is None
    assert panel.view.scene.values.array(end - 1) is not None
    session.drawing = Drawing((Stroke(((0.2, 0.2), (0.6, 0.6)), 0.1, False),))
    session.trace_changed.emit()
    assert panel.view.scene.values.array(end) is not None


def test_an_open_cube_is_not_sliced(qtbot, panel, session) -> None:
    slider = panel.findChild(QSlider, "cubes_slice")
    assert slider.isEnabled()
    qtbot.keyClick(panel.view, Qt.Key.Key_Return)
    assert not slider.isEnabled()
    assert "Close the cube" in slider.toolTip()
    qtbot.keyClick(panel.view, Qt.Key.Key_Escape)
    assert slider.isEnabled()


def test_fit_turns_back_and_shows_all_of_a_long_network(qtbot, panel, session) -> None:
    button = panel.findChild(QToolButton, "cubes_fit")
    usual = panel.view.scene.angle
    panel.view.show_angle(usual.turned(0.2, 0.1))
    assert button.text() == "Turn"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.view.scene.angle == usual
    session.show(preset("vgg-16").network)
    assert button.text() == "All"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.view.horizontalScrollBar().maximum() == 0
    assert button.text() == "Fit"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.view.horizontalScrollBar().maximum() > 0


def test_enter_opens_the_selected_cube_and_escape_closes_it(qtbot, session: StubSession, panel: CubesPanel) -> None:
    qtbot.keyClick(panel.view, Qt.Key.Key_Return)
    button = panel.findChild(QToolButton, "cubes_open")
    assert button is not None
    assert button.text() == "Close"
    qtbot.waitUntil(lambda: panel.view.opening.progress == 1, timeout=20 * DURATION)
    fan = panel.view._open_fan()
    assert fan is not None
    qtbot.mouseMove(panel.view.viewport(), fan.cell_rect((3, 1, 2)).center().toPoint())
    assert session.inspection.hovered == Unit(0, (3, 1, 2))
    qtbot.keyClick(panel.view, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: panel.view.opening.layer is None, timeout=20 * DURATION)
    assert button.text() == "Open"


def test_without_values_the_cubes_stand_there_at_once(qtbot, session: StubSession, panel: CubesPanel) -> None:
    session.network = NETWORK.inserted(1, Conv2d(filters=8, kernel_size=3))
    session.inspection.follow(session.network)
    session.network_changed.emit()
    assert "8×8×8" in panel.view.scene.texts()
    session.select(1)
    assert not panel.view.can_open
    assert panel.caption().endswith("8×8×8, conv 3×3")


def test_it_is_said_why_there_are_no_values(session: StubSession, panel: CubesPanel) -> None:
    session.trace, session.waiting = None, "This network has no weights yet."
    session.trace_changed.emit()
    session.computing_changed.emit()
    assert panel.caption().endswith("10×10×4, conv 3×3.  This network has no weights yet.")
    session.trace, session.waiting = traced(NETWORK, session.image), ""
    session.trace_changed.emit()
    assert panel.caption().endswith("conv 3×3")


def test_a_layer_that_cannot_work_is_a_gap_with_its_sentence(session: StubSession, panel: CubesPanel) -> None:
    broken: Any = NETWORK.replaced(2, MaxPool(kernel_size=30))
    session.show(broken)
    last = panel.view.scene.items[-1]
    assert last.layer == 2
    assert last.problem == broken.report.problem.message
    assert panel.view.scene.values.array(1) is not None


def test_a_hidden_panel_catches_up_when_it_is_shown(session: StubSession, panel: CubesPanel) -> None:
    panel.hide()
    session.show(NETWORK.removed(1), factor=3)
    session.select(1)
    assert len(panel.view.scene.items) == 7
    panel.show()
    assert len(panel.view.scene.items) == 6
    assert panel.view.selected == 1


def test_what_is_waited_for_while_it_is_hidden_is_told_when_it_is_shown(
    session: StubSession, panel: CubesPanel
) -> None:
    session.trace = None
    session.network_changed.emit()
    panel.hide()
    before = panel.caption()
    session.waiting = "Run it first."
    session.computing_changed.emit()
    assert panel.caption() == before
    panel.show()
    assert panel.caption().endswith("Run it first.")


def test_the_angle_is_remembered(qtbot, session: StubSession, panel: CubesPanel) -> None:
    view = panel.view.viewport()
    start = place_of(panel, 0, (0, 4, 5))
    before = panel.view.scene.angle
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=start)
    for step in range(1, 6):
        qtbot.mouseMove(view, start + QPoint(8 * step, 0))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 0))
    assert panel.view.scene.angle.across > before.across
    assert session.inspection.pinned is None
    again = CubesPanel(cast(Any, session), {})
    qtbot.addWidget(again)
    assert again.view.scene.angle == panel.view.scene.angle
