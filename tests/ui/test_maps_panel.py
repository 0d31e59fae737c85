"""The feature maps panel: the right maps of the right layer, when they are seen."""

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QComboBox, QToolButton, QWidget

from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.unit import Unit
from convscope.ui.inspection import Inspection
from convscope.ui.panels.maps import MapsPanel
from convscope.ui.widgets.colour_legend import ColourLegend
from convscope.ui.widgets.mosaic import Mosaic

NETWORK = Network((1, 8, 8), (Conv2d(filters=3, kernel_size=3), Activation(), Flatten(), Dense(units=10)))


class StubSession(QObject):
    """What the panel reads of a session, with the trace of a network whose maps are ramps."""

    network_changed = Signal()
    drawing_changed = Signal()
    trace_changed = Signal()
    selection_changed = Signal()
    switched_off_changed = Signal()
    weights_changed = Signal()
    dataset_changed = Signal()
    config_changed = Signal()
    run_state_changed = Signal()
    computing_changed = Signal()

    def __init__(self, network: Network = NETWORK) -> None:
        super().__init__()
        self.network = network
        self.image = np.full((1, 8, 8), 0.5, np.float32)
        self.selected = 0
        self.trace: Any = traced(network, self.image)
        self.is_split = False
        self.both_traces: Any = None
        self.switched_off: frozenset[tuple[str, int]] = frozenset()
        self.inspection = Inspection(network, self)
        self.waiting = ""

    def select(self, index: int) -> None:
        self.selected = index
        self.selection_changed.emit()

    def show(self, network: Network, factor: float = 1) -> None:
        self.network = network
        self.inspection.follow(network)
        self.network_changed.emit()
        self.trace = traced(network, self.image, factor)
        self.trace_changed.emit()


def traced(network: Network, image: np.ndarray, factor: float = 1) -> SimpleNamespace:
    """Return outputs of the right shapes, of which only the activation's are nowhere negative."""
    outputs = []
    for row in network.report.rows:
        if row.output_shape is None:
            outputs.append(None)
            continue
        ramp = np.linspace(0 if row.layer.kind == "activation" else -1, 2, int(np.prod(row.output_shape)))
        outputs.append((factor * ramp).reshape(row.output_shape).astype(np.float32))
    return SimpleNamespace(network=network, image=image, outputs=tuple(outputs), masks={})


@pytest.fixture
def session() -> StubSession:
    return StubSession()


@pytest.fixture
def panel(qtbot, session: StubSession) -> MapsPanel:
    widget = MapsPanel(cast(Any, session), {})
    qtbot.addWidget(widget)
    widget.resize(600, 400)
    widget.show()
    return widget


def named(panel: QWidget, kind, name: str):
    return next(child for child in panel.findChildren(kind) if child.accessibleName() == name)


def shown(panel: QWidget) -> Any:
    maps = named(panel, Mosaic, "Feature maps").maps
    return None if maps is None else maps.values[:, 0]


def shown_in(mosaic: Mosaic) -> np.ndarray:
    assert mosaic.maps is not None
    return mosaic.maps.values


def labels(panel: QWidget) -> list[str]:
    legend = next(legend for legend in panel.findChildren(ColourLegend) if legend.isVisible())
    return [text for _, text in legend.labels()]


def choose(box: QComboBox, text: str) -> None:
    index = box.findText(text)
    assert index >= 0
    box.setCurrentIndex(index)
    box.activated.emit(index)


def test_the_selected_layer_is_shown_and_named(session: StubSession, panel: MapsPanel) -> None:
    assert panel.objectName() == "maps_panel"
    np.testing.assert_array_equal(shown(panel), session.trace.outputs[0])
    assert named(panel, QComboBox, "Layer").currentText() == NETWORK.layers[0].name
    assert panel._shape.text() == "6×6×3"
    session.select(3)
    np.testing.assert_array_equal(shown(panel).ravel(), session.trace.outputs[3])
    session.select(-1)
    np.testing.assert_array_equal(shown(panel), session.image)
    assert panel._shape.text() == "8×8×1"


def test_a_new_trace_is_shown(session: StubSession, panel: MapsPanel) -> None:
    session.show(NETWORK, factor=3)
    assert shown(panel).max() == pytest.approx(6)


def test_the_input_does_not_wait_for_the_network(session: StubSession, panel: MapsPanel) -> None:
    session.select(-1)
    session.trace = None
    session.image = np.full((1, 8, 8), 0.25, np.float32)
    session.drawing_changed.emit()
    np.testing.assert_array_equal(shown(panel), session.image)


def test_buttons_and_list_select_for_the_whole_program(qtbot, session: StubSession, panel: MapsPanel) -> None:
    qtbot.mouseClick(named(panel, QToolButton, "Next layer"), Qt.MouseButton.LeftButton)
    assert session.selected == 1
    qtbot.mouseClick(named(panel, QToolButton, "Previous layer"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(named(panel, QToolButton, "Previous layer"), Qt.MouseButton.LeftButton)
    assert session.selected == -1
    assert not named(panel, QToolButton, "Previous layer").isEnabled()
    choose(named(panel, QComboBox, "Layer"), NETWORK.layers[2].name)
    assert session.selected == 2


def test_scales_hold_a_map_a_layer_or_the_network(qtbot, session: StubSession, panel: MapsPanel) -> None:
    scales = next(box for box in panel.findChildren(QComboBox) if box.accessibleName() == "Colour scale")
    session.trace.outputs[3][...] *= 10  # the last layer has the greatest values: -10 to 20
    assert labels(panel) == ["−1", "0", "2"]
    choose(scales, "Scale: map")
    assert labels(panel) == ["−1", "0"]  # the first map of three on the way from -1 to 2
    qtbot.keyClick(named(panel, Mosaic, "Feature maps"), Qt.Key.Key_End)
    assert labels(panel) == ["0", "2"]
    choose(scales, "Scale: network")
    assert labels(panel) == ["−10", "0", "20"]
    session.select(1)
    assert labels(panel) == ["0", "20"]


def test_the_networks_scale_takes_only_what_the_present_network_puts_out(
    session: StubSession, panel: MapsPanel
) -> None:
    choose(named(panel, QComboBox, "Colour scale"), "Scale: network")
    session.select(-1)
    assert labels(panel) == ["0", "2"]
    session.network = NETWORK.replaced(0, Conv2d(filters=2, kernel_size=3))
    session.network_changed.emit()  # its trace is not there yet
    assert labels(panel) == ["0", "0.5"]
    session.trace = None  # nor is there one before the first
    session.drawing_changed.emit()
    assert labels(panel) == ["0", "0.5"]


def test_the_caption_follows_a_new_trace_under_a_resting_pointer(qtbot, session, panel: MapsPanel) -> None:
    mosaic = named(panel, Mosaic, "Feature maps")
    mosaic.repaint()
    box = mosaic.tile_rect(2).bottomRight().toPoint()
    qtbot.mouseMove(mosaic, box - box.__class__(3, 3))
    assert panel._view.caption() == "Map 2, row 5, column 5:  2"
    session.show(NETWORK, factor=2)
    assert panel._view.caption() == "Map 2, row 5, column 5:  4"


def test_why_a_layer_has_no_maps(session: StubSession, panel: MapsPanel) -> None:
    broken: Any = NETWORK.replaced(0, Conv2d(filters=3, kernel_size=9))
    session.show(broken)
    mosaic = named(panel, Mosaic, "Feature maps")
    assert shown(panel) is None
    assert mosaic.accessibleDescription() == broken.report.problem.located
    assert labels(panel) == []
    session.select(2)
    assert broken.layers[0].name in mosaic.accessibleDescription()
    session.select(-1)
    np.testing.assert_array_equal(shown(panel), session.image)


def test_maps_of_a_former_network_are_not_shown_as_those_of_the_new_one(session, panel: MapsPanel) -> None:
    session.network = NETWORK.removed(1)
    session.network_changed.emit()
    assert shown(panel) is None
    assert "computed" in named(panel, Mosaic, "Feature maps").accessibleDescription()


def test_what_a_large_network_waits_for_is_said(session: StubSession, panel: MapsPanel) -> None:
    session.trace, session.waiting = None, "This network has not seen the picture yet."
    session.computing_changed.emit()
    assert named(panel, Mosaic, "Feature maps").accessibleDescription() == session.waiting


def test_a_layer_that_is_switched_off_is_marked(session: StubSession, panel: MapsPanel) -> None:
    session.show(NETWORK.toggled(1))
    assert named(panel, QComboBox, "Layer").itemText(2) == f"{NETWORK.layers[1].name} (off)"


def test_a_hidden_panel_does_nothing_until_it_is_shown(session: StubSession, panel: MapsPanel) -> None:
    panel.hide()
    session.show(NETWORK, factor=5)
    session.select(3)
    assert shown(panel).shape == (3, 6, 6)
    assert shown(panel).max() == pytest.approx(2)
    panel.show()
    assert shown(panel).max() == pytest.approx(10)
    assert shown(panel).size == 10


def test_all_layers_are_shown_in_rows_and_a_row_leads_to_its_layer(qtbot, session, panel: MapsPanel) -> None:
    choose(named(panel, QComboBox, "Layer"), "All layers")
    rows = [mosaic for mosaic in panel.findChildren(Mosaic) if mosaic.accessibleName().startswith("Feature maps of")]
    assert len(rows) == 5
    for row, array in zip(rows, [session.image, *session.trace.outputs], strict=True):
        np.testing.assert_array_equal(shown_in(row).ravel(), array.ravel())
    assert "6×6×3" in named(panel, QToolButton, f"Show {NETWORK.layers[1].name} alone").text()
    session.show(NETWORK, factor=4)
    assert shown_in(rows[1]).max() == pytest.approx(8)
    qtbot.mouseDClick(rows[2], Qt.MouseButton.LeftButton)
    assert session.selected == 1
    np.testing.assert_array_equal(shown(panel), session.trace.outputs[1])
    assert named(panel, QComboBox, "Layer").currentText() == NETWORK.layers[1].name


def test_rows_follow_the_number_of_layers_and_leave_the_selection_alone(qtbot, session, panel: MapsPanel) -> None:
    choose(named(panel, QComboBox, "Layer"), "All layers")
    session.show(NETWORK.removed(1))
    rows = [mosaic for mosaic in panel.findChildren(Mosaic) if mosaic.accessibleName().startswith("Feature maps of")]
    qtbot.waitUntil(lambda: len(panel._rows.findChildren(Mosaic)) == 4)
    assert rows[1].isVisible()
    assert session.selected == 0
    qtbot.mouseClick(named(panel, QToolButton, f"Show {NETWORK.layers[0].name} alone"), Qt.MouseButton.LeftButton)
    assert named(panel, QComboBox, "Layer").currentText() == NETWORK.layers[0].name


@pytest.mark.parametrize("before", [None, Unit(1, (0, 2, 2))])
def test_a_click_pins_and_a_double_click_only_enlarges(
    qtbot, session: StubSession, panel: MapsPanel, before: Unit | None
) -> None:
    session.inspection.pin(before)
    mosaic, left = named(panel, Mosaic, "Feature maps"), Qt.MouseButton.LeftButton
    place = mosaic.tile_rect(2).center().toPoint()
    qtbot.mouseClick(mosaic, left, pos=place)
    assert session.inspection.pinned is not None
    assert session.inspection.pinned.index[0] == 2
    qtbot.mouseDClick(mosaic, left, pos=place)
    assert mosaic.zoomed
    assert session.inspection.pinned == before


def test_the_map_of_a_value_pinned_elsewhere_is_selected(session: StubSession, panel: MapsPanel) -> None:
    mosaic = named(panel, Mosaic, "Feature maps")
    session.inspection.pin(Unit(0, (2, 1, 1)))
    assert mosaic.selected == 2
    mosaic.show_tile(1, zoomed=False)
    session.show(NETWORK, factor=2)
    assert mosaic.selected == 1  # the pin has not moved
    mosaic.show_tile(1, zoomed=True)
    session.inspection.pin(Unit(0, (0, 1, 1)))
    assert mosaic.selected == 1  # what is shown alone stays
