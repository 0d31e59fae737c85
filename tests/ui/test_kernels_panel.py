"""The kernels panel: weights at the places of what they are multiplied with."""

from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt, Signal
from PySide6.QtWidgets import QComboBox, QToolButton

from convscope.core.layers import Activation, AveragePool, Conv2d, Dense, Dropout, Flatten
from convscope.core.network import Network
from convscope.core.weights import initial_weights
from convscope.ui.panels.kernels import KernelsPanel, flattened_maps
from convscope.ui.widgets.colour_legend import ColourLegend
from convscope.ui.widgets.kernel_grid import KernelGrid

NETWORK = Network(
    (2, 8, 8),
    (Conv2d(filters=3, kernel_size=3), Activation(), Flatten(), Dense(units=7), Activation(), Dense(units=10)),
)
CONV, DENSE, HEAD = 0, 3, 5


class StubSession(QObject):
    """What the panel reads of a session."""

    network_changed = Signal()
    weights_changed = Signal()
    selection_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.network = NETWORK
        self.weights = initial_weights(NETWORK, seed=1)
        self.selected = CONV
        self.lacks_weights = False
        self.waiting = ""

    def select(self, index: int) -> None:
        self.selected = index
        self.selection_changed.emit()

    def learn(self, factor: float) -> None:
        self.weights = {name: factor * array for name, array in self.weights.items()}
        self.weights_changed.emit()

    def array(self, index: int, kind: str = "weight") -> np.ndarray:
        return self.weights[f"{self.network.layers[index].name}.{kind}"]


@pytest.fixture
def session() -> StubSession:
    return StubSession()


@pytest.fixture
def panel(qtbot, session: StubSession) -> KernelsPanel:
    widget = KernelsPanel(cast(Any, session), {})
    qtbot.addWidget(widget)
    widget.resize(600, 400)
    widget.show()
    return widget


def grid(panel: KernelsPanel) -> Any:
    return panel.findChild(KernelGrid)


def legend(panel: KernelsPanel) -> Any:
    return panel.findChild(ColourLegend)


def box(panel: KernelsPanel, name: str) -> QComboBox:
    return next(child for child in panel.findChildren(QComboBox) if child.accessibleName() == name)


def choose(choices: QComboBox, text: str) -> None:
    index = choices.findText(text)
    assert index >= 0
    choices.setCurrentIndex(index)
    choices.activated.emit(index)


def point_at(qtbot, mosaic: KernelGrid, tile: int, part: int, row: int, column: int) -> None:
    """Move the pointer to the middle of a weight's cell, found by its place among the pixels."""
    mosaic.repaint()
    places = {
        (x, y): mosaic.place_at(QPointF(x, y)) for x in range(mosaic.width()) for y in range(0, mosaic.height(), 2)
    }
    wanted = [
        spot for spot, at in places.items() if at and (at.tile, at.part, at.row, at.column) == (tile, part, row, column)
    ]
    qtbot.mouseMove(mosaic, QPoint(*wanted[len(wanted) // 2]))


def test_filters_and_channels_of_a_convolution(qtbot, session: StubSession, panel: KernelsPanel) -> None:
    weights, bias = session.array(CONV), session.array(CONV, "bias")
    np.testing.assert_array_equal(grid(panel).maps.values, weights)
    assert panel.objectName() == "kernels_panel"
    assert panel._view.caption() == "3 filters of 3×3×2; double-click to enlarge."
    point_at(qtbot, grid(panel), 2, 1, 0, 2)
    assert panel._view.caption().startswith(
        f"Filter 2 (bias {bias[2]:.3g}), channel 1, row 0, column 2:".replace("-", "−")
    )
    assert panel._view.caption().endswith(f"{abs(weights[2, 1, 0, 2]):.4g}")


def test_colours_are_centred_on_zero_even_if_all_weights_are_positive(
    session: StubSession, panel: KernelsPanel
) -> None:
    session.weights = {name: np.abs(array) for name, array in session.weights.items()}
    session.weights_changed.emit()
    assert grid(panel).maps.scale.kind == "diverging"
    assert grid(panel).maps.scale.ends[0] == -grid(panel).maps.scale.ends[1]


def test_a_double_click_between_two_kernels_enlarges_their_filter(qtbot, panel: KernelsPanel) -> None:
    grid(panel).repaint()
    centre = grid(panel).tile_rect(1).center().toPoint()
    assert grid(panel).place_at(QPointF(centre)) is None  # in the gap between the two channels
    qtbot.mouseDClick(grid(panel), Qt.MouseButton.LeftButton, pos=centre)
    assert (grid(panel).zoomed, grid(panel).selected) == (True, 1)
    assert panel._view.caption().startswith("Filter 1 (bias")


def test_units_behind_a_flatten_look_at_places_of_its_maps(session: StubSession, panel: KernelsPanel) -> None:
    session.select(DENSE)
    weights = session.array(DENSE)
    values = grid(panel).maps.values
    assert values.shape == (7, 3, 6, 6)
    assert values[4, 2, 3, 5] == weights[4, 2 * 36 + 3 * 6 + 5]


def test_the_mean_over_channels_is_named_as_such(qtbot, session: StubSession, panel: KernelsPanel) -> None:
    session.select(DENSE)
    choose(box(panel, "Input channel"), "Channel mean")
    mean = session.array(DENSE).reshape(7, 3, 6, 6).mean(axis=1)
    np.testing.assert_allclose(grid(panel).maps.values[:, 0], mean)
    point_at(qtbot, grid(panel), 6, 0, 5, 1)
    assert "Unit 6" in panel._view.caption()
    assert "mean of 3 channels, row 5, column 1" in panel._view.caption()
    choose(box(panel, "Input channel"), "Channel 2")
    np.testing.assert_array_equal(grid(panel).maps.values[:, 0], session.array(DENSE).reshape(7, 3, 6, 6)[:, 2])


def test_a_unit_behind_a_vector_is_a_row_of_a_matrix(qtbot, session: StubSession, panel: KernelsPanel) -> None:
    session.select(HEAD)
    np.testing.assert_array_equal(grid(panel).maps.values[0, 0], session.array(HEAD))
    assert not box(panel, "Input channel").isVisible()
    point_at(qtbot, grid(panel), 0, 0, 8, 3)
    assert panel._view.caption().startswith("Unit 8 (bias")
    assert ", input 3:" in panel._view.caption()


def test_many_small_kernels_are_shown_one_channel_at_a_time(session: StubSession, panel: KernelsPanel) -> None:
    session.network = Network((64, 8, 8), (Conv2d(filters=128, kernel_size=3), Flatten(), Dense(units=10)))
    session.weights = initial_weights(session.network, seed=1)
    session.network_changed.emit()
    assert box(panel, "Input channel").currentText() == "Channel 0"
    session.select(2)
    assert box(panel, "Input channel").currentText() == "Channel mean"


def test_a_scale_for_each_filter(session: StubSession, panel: KernelsPanel) -> None:
    whole = [text for _, text in legend(panel).labels()]
    choose(box(panel, "Colour scale"), "Scale: filter")
    own = legend(panel).labels()
    first = session.array(CONV)[0]
    assert (own[0][1], own[-1][1]) == (f"−{-first.min():.3g}", f"{first.max():.3g}")
    assert [text for _, text in own] != whole


@pytest.mark.parametrize(("selected", "index"), [(-1, CONV), (1, CONV), (2, CONV), (4, DENSE), (5, HEAD)])
def test_without_kernels_of_its_own_a_layer_shows_those_before_it(session, panel, selected: int, index: int) -> None:
    session.select(HEAD)
    session.select(selected)
    np.testing.assert_array_equal(grid(panel).maps.values.ravel(), session.array(index).ravel())
    assert box(panel, "Layer").currentText() == NETWORK.layers[index].name


def test_the_buttons_lead_from_kernels_to_kernels(qtbot, session: StubSession, panel: KernelsPanel) -> None:
    next_layer = next(button for button in panel.findChildren(QToolButton) if button.accessibleName() == "Next layer")
    qtbot.mouseClick(next_layer, Qt.MouseButton.LeftButton)
    assert session.selected == DENSE
    qtbot.mouseClick(next_layer, Qt.MouseButton.LeftButton)
    assert session.selected == HEAD
    assert not next_layer.isEnabled()


def test_a_network_without_kernels_says_so(session: StubSession, panel: KernelsPanel) -> None:
    session.network = Network((1, 8, 8), (Activation(), Flatten()))
    session.network_changed.emit()
    assert grid(panel).maps is None
    assert grid(panel).accessibleDescription().startswith("No layer of this network has kernels")
    assert legend(panel).labels() == ()


def test_a_layer_behind_a_problem_waits_for_its_weights(session: StubSession, panel: KernelsPanel) -> None:
    session.network = NETWORK.replaced(CONV, Conv2d(filters=3, kernel_size=9))
    session.weights = initial_weights(session.network, seed=1)
    session.network_changed.emit()
    session.select(DENSE)
    assert "as soon as" in grid(panel).accessibleDescription()


def test_a_hidden_panel_does_nothing_until_it_is_shown(session: StubSession, panel: KernelsPanel) -> None:
    before = grid(panel).maps.values.copy()
    panel.hide()
    session.learn(2)
    np.testing.assert_array_equal(grid(panel).maps.values, before)
    panel.show()
    np.testing.assert_array_equal(grid(panel).maps.values, 2 * before)
    session.learn(2)
    np.testing.assert_array_equal(grid(panel).maps.values, 4 * before)


@pytest.mark.parametrize(
    ("between", "found"),
    [
        ((Flatten(),), (3, 6, 6)),
        ((Flatten(), Activation(), Dropout()), (3, 6, 6)),
        ((AveragePool(kernel_size=2), Flatten()), (3, 3, 3)),
        ((Flatten(), Dense(units=5)), None),
    ],
)
def test_which_maps_a_dense_layer_sees(between, found) -> None:
    network = Network((1, 8, 8), (Conv2d(filters=3, kernel_size=3), *between, Dense(units=10)))
    assert flattened_maps(network, len(network.layers) - 1) == found


def test_a_network_whose_weights_wait_says_so(panel: KernelsPanel, session: StubSession):
    session.weights, session.lacks_weights = {}, True
    session.waiting = "This network has no weights yet."
    session.network_changed.emit()
    assert grid(panel).accessibleDescription() == "This network has no weights yet."
