"""A convolution as a matrix: what is drawn where, what is said of it, and what the boxes choose."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QObject, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from convscope.core.convolution_matrix import ConvolutionMatrix
from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.core.weights import Weights, initial_weights
from convscope.ui import theme
from convscope.ui.panels.matrix import MatrixPanel
from convscope.ui.widgets.matrix_layout import Grid, Grids, arranged
from convscope.ui.widgets.tinted_label import TintedLabel

NETWORK = Network(
    layers=(Conv2d(filters=4), Activation(), Conv2d(filters=2, kernel_size=5, stride=2), Flatten(), Dense())
)


class StubSession(QObject):
    """What the panel reads of a session."""

    network_changed = Signal()
    weights_changed = Signal()
    selection_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.network = NETWORK
        self.shown_weights: Weights = initial_weights(NETWORK, 1)
        self.selected = -1
        self.waiting = ""

    def select(self, index: int) -> None:
        self.selected = index
        self.selection_changed.emit()

    def change(self, network: Network) -> None:
        self.network, self.shown_weights = network, initial_weights(network, 1)
        self.network_changed.emit()


@pytest.fixture
def session() -> StubSession:
    return StubSession()


@pytest.fixture
def panel(qtbot: QtBot, session: StubSession) -> MatrixPanel:
    widget = MatrixPanel(cast(Any, session), {})
    qtbot.addWidget(widget)
    widget.resize(640, 400)
    widget.show()
    return widget


def box(panel: MatrixPanel, name: str) -> QComboBox:
    return next(found for found in panel.findChildren(QComboBox) if found.accessibleName() == name)


def choose(panel: MatrixPanel, name: str, index: int) -> None:
    box(panel, name).setCurrentIndex(index)
    box(panel, name).activated.emit(index)


def side(panel: MatrixPanel) -> QSpinBox:
    return panel.findChildren(QSpinBox)[0]


def matrix(panel: MatrixPanel) -> ConvolutionMatrix:
    assert panel.view.matrix is not None
    return panel.view.matrix


def grids(panel: MatrixPanel) -> Grids:
    found = panel.view.grids()
    assert found is not None
    return found


def middle(grid: Grid, row: int, column: int) -> QPoint:
    x, y, width, height = grid.box(row, column)
    return QPointF(x + width / 2, y + height / 2).toPoint()


def colour(picture: QImage, grid: Grid, row: int, column: int) -> QColor:
    return QColor(picture.pixel(middle(grid, row, column)))


def caption(panel: MatrixPanel) -> str:
    return caption_label(panel).text()


def caption_label(panel: MatrixPanel) -> TintedLabel:
    label = panel.findChild(TintedLabel, "matrix_caption")
    assert label is not None
    return label


def test_the_first_convolution_stands_there_for_an_input_of_8_by_8(panel: MatrixPanel, session: StubSession):
    found = matrix(panel)
    assert (found.input_shape, found.output_shape) == ((1, 8, 8), (1, 6, 6))
    kernel = session.shown_weights["conv_1.weight"][:1]
    image = np.random.default_rng(0).random((1, 1, 8, 8), np.float32)
    oracle = torch.nn.functional.conv2d(torch.tensor(image), torch.tensor(kernel)).numpy()
    np.testing.assert_allclose((found.matrix @ image.ravel()).reshape(6, 6), oracle[0, 0], rtol=1e-4, atol=1e-6)
    assert "36 outputs × 64 inputs = 2,304 entries: 9 weights in 324 places, and 86 % always 0" in caption(panel)
    assert "A dense layer would learn all 2,304." in caption(panel)


def cells(picture: QImage, grid: Grid, row: int, column: int, count: int) -> set[int]:
    """Return all colours of some entries beside each other, the edges left out."""
    x, y, width, height = (round(side) for side in grid.box(row, column, 1, count))
    return {picture.pixel(x + 2 + dx, y + 2 + dy) for dx in range(width - 3) for dy in range(height - 3)}


def test_equal_weights_have_equal_colours_and_zeros_are_hatched(panel: MatrixPanel):
    picture, grid = panel.view.grab().toImage(), grids(panel).matrix
    assert colour(picture, grid, 0, 0) == colour(picture, grid, 1, 1) == colour(picture, grid, 6, 8)
    assert colour(picture, grid, 0, 0) != colour(picture, grid, 0, 1)
    assert len(cells(picture, grid, 0, 0, 1)) == 1
    for zeros in ((0, 40), (35, 0)):
        assert len(cells(picture, grid, *zeros, 8)) > 1


def test_a_long_sum_is_shortened_to_the_lines_there_are(panel: MatrixPanel, qtbot: QtBot):
    panel.resize(360, 318)
    qtbot.mouseMove(panel.view, middle(grids(panel).matrix, 7, 9))
    label = caption_label(panel)
    room = QRect(0, 0, label.width(), 10_000)
    wrapped = label.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap.value, label.text())
    assert wrapped.height() < label.height() + label.fontMetrics().height() / 2  # no line is cut
    assert "… (9 products)" in label.text()
    assert label.toolTip().count("·x(") == 9


def test_choices_are_read_whole_in_a_narrow_dock(panel: MatrixPanel):
    panel.resize(380, 318)
    QApplication.processEvents()
    for box in panel.findChildren(QComboBox):
        assert not box.isVisible() or box.width() >= box.sizeHint().width()


def test_pointing_at_an_entry_names_weight_and_input_and_lights_up_the_patch(panel: MatrixPanel, qtbot: QtBot):
    panel.resize(900, 400)
    empty = panel.view.grab().toImage()
    row, column = matrix(panel).row_of((0, 1, 3)), matrix(panel).column_of((0, 2, 4))
    qtbot.mouseMove(panel.view, middle(grids(panel).matrix, row, column))
    assert panel.view.pointed == (row, column)
    value = float(matrix(panel).matrix[row, column])
    assert f"Weight (1, 1) = {value:.3g}".replace("-", "−") in caption(panel)
    assert "times input (2, 4), for output (1, 3); it stands in 36 places." in caption(panel)
    assert "y(1, 3) = " in caption(panel)
    assert caption(panel).count("·x(") == 9
    lit = panel.view.grab().toImage()
    patch = {matrix(panel).input_of(int(place))[1:] for place in matrix(panel).nonzero[row].nonzero()[0]}
    assert len(patch) == 9
    for place in [(r, c) for r in range(8) for c in range(8)]:
        changed = colour(lit, grids(panel).input, *place) != colour(empty, grids(panel).input, *place)
        assert changed == (place in patch), place
    assert colour(lit, grids(panel).output, 1, 3) == theme.current().accent
    assert colour(lit, grids(panel).input, 2, 4) == colour(lit, grids(panel).kernel, 1, 1)


def test_pointing_at_a_zero_says_why_it_is_one(panel: MatrixPanel, qtbot: QtBot):
    qtbot.mouseMove(panel.view, middle(grids(panel).matrix, 0, 60))
    assert "Always 0: the window of output (0, 0) leaves out input (7, 4)." in caption(panel)


def test_pointing_at_an_output_finds_its_row_and_at_an_input_its_readers(panel: MatrixPanel, qtbot: QtBot):
    qtbot.mouseMove(panel.view, middle(grids(panel).output, 2, 5))
    assert panel.view.pointed == (17, None)
    qtbot.mouseMove(panel.view, middle(grids(panel).input, 3, 3))
    assert panel.view.pointed == (None, 27)
    assert "input (3, 3) is read by 9 outputs." in caption(panel)
    qtbot.mouseMove(panel.view, middle(grids(panel).input, 0, 0))
    assert "input (0, 0) is read by 1 output." in caption(panel)


def test_a_click_holds_and_keys_move_what_is_held(panel: MatrixPanel, qtbot: QtBot):
    qtbot.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=middle(grids(panel).matrix, 5, 5))
    qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    qtbot.keyClick(panel.view, Qt.Key.Key_Right)
    assert panel.view.pointed == (6, 6)
    for _ in range(40):
        qtbot.keyClick(panel.view, Qt.Key.Key_Down)
    assert panel.view.pointed == (35, 6)
    qtbot.keyClick(panel.view, Qt.Key.Key_Escape)
    assert panel.view.pointed == (None, None)
    assert "A dense layer would learn" in caption(panel)


def test_the_nearest_convolution_is_shown_and_its_own_window_decides_the_input(
    panel: MatrixPanel, session: StubSession
):
    session.select(3)
    assert matrix(panel).weight_shape == (1, 1, 5, 5)
    assert matrix(panel).output_shape == (1, 2, 2)  # stride 2
    session.change(preset("alexnet").network.replaced(0, Conv2d(filters=2, kernel_size=11, stride=4)))
    session.select(0)
    assert side(panel).value() == side(panel).minimum() == 11  # nothing smaller fits
    assert matrix(panel).input_shape == (1, 11, 11)


def test_filter_channel_and_side_are_chosen(panel: MatrixPanel, session: StubSession):
    session.select(2)
    choose(panel, "Filter", 1)
    choose(panel, "Input channel", 3)
    weights = session.shown_weights["conv_2.weight"]
    assert matrix(panel).matrix.max() == pytest.approx(max(0, weights[1, 3].max()))
    side(panel).setValue(7)
    assert matrix(panel).input_shape == (1, 7, 7)
    choose(panel, "Input channel", 4)  # all
    choose(panel, "Filter", 2)
    assert matrix(panel).matrix.shape == (2 * 2 * 2, 4 * 7 * 7)
    row, column = matrix(panel).row_of((1, 0, 1)), matrix(panel).column_of((3, 2, 2))
    panel.view._held = row, column
    panel.view._tell()
    assert "Weight (1, 3, 2, 0)" in caption(panel)


def test_the_bias_belongs_to_the_whole_sum_alone(panel: MatrixPanel, session: StubSession):
    panel.view._held = (0, None)
    panel.view._tell()
    assert "(bias)" in caption(panel)  # one input channel is all there is
    session.select(2)
    panel.view._held = (0, None)
    panel.view._tell()
    assert "(bias)" not in caption(panel)
    assert "… (25 products)" in caption(panel)


def test_what_would_be_too_large_is_not_offered(panel: MatrixPanel, session: StubSession):
    session.change(Network((64, 28, 28), (Conv2d(filters=128),)))
    choose(panel, "Input channel", 64)
    everything = box(panel, "Filter").model().index(128, 0)
    assert not everything.flags() & Qt.ItemFlag.ItemIsEnabled
    assert matrix(panel).matrix.shape == (36, 64 * 64)


@pytest.mark.parametrize(("padding", "most"), [(0, 16), (10, 15), (64, 3)])
def test_every_side_that_is_offered_can_be_shown(panel: MatrixPanel, session: StubSession, padding: int, most: int):
    session.change(Network((1, 28, 28), (Conv2d(filters=2, padding=padding),)))
    side(panel).setValue(16)
    assert side(panel).value() == most
    assert matrix(panel).input_shape == (1, most, most)


def test_more_padding_makes_the_input_smaller_that_is_shown(panel: MatrixPanel, session: StubSession):
    side(panel).setValue(16)
    session.change(Network((1, 28, 28), (Conv2d(filters=2, padding=64),)))
    assert matrix(panel).input_shape == (1, side(panel).value(), side(panel).value()) == (1, 3, 3)


def test_a_matrix_that_is_too_large_for_any_input_says_so(panel: MatrixPanel, session: StubSession):
    session.change(Network((1, 600, 600), (Conv2d(filters=2, kernel_size=(30, 1), dilation=20),)))
    assert panel.view.matrix is None
    assert "at most 250,000 are shown" in panel.view.accessibleDescription()
    assert "a smaller window" in panel.view.accessibleDescription()


def test_new_weights_are_shown_and_what_is_held_stays(panel: MatrixPanel, session: StubSession):
    panel.view._held = (3, 3)
    before = matrix(panel).matrix[3, 3]
    session.shown_weights = {key: 2 * array for key, array in session.shown_weights.items()}
    session.weights_changed.emit()
    assert matrix(panel).matrix[3, 3] == 2 * before
    assert panel.view.pointed == (3, 3)


def test_without_a_convolution_or_weights_it_says_so(panel: MatrixPanel, session: StubSession):
    session.change(Network(layers=(Flatten(), Dense(units=10))))
    assert "no convolution" in panel.view.accessibleDescription()
    assert not side(panel).isVisible()
    session.network, session.shown_weights = preset("vgg-16").network, {}
    session.waiting = "This network has no weights yet."
    session.network_changed.emit()
    assert panel.view.accessibleDescription() == "This network has no weights yet."
    session.change(NETWORK)
    assert side(panel).isVisible()


def test_a_kernel_of_another_size_waits_for_its_weights(panel: MatrixPanel, session: StubSession):
    session.network = NETWORK.replaced(0, Conv2d(2, 5))
    session.network_changed.emit()
    assert panel.view.matrix is None
    session.shown_weights = initial_weights(session.network, 1)
    session.weights_changed.emit()
    assert panel.view.matrix is not None
    assert panel.view.matrix.weight_shape[2:] == (5, 5)


def test_a_hidden_panel_shows_what_it_missed(panel: MatrixPanel, session: StubSession):
    panel.hide()
    session.select(2)
    assert matrix(panel).weight_shape == (1, 1, 3, 3)
    panel.show()
    assert matrix(panel).weight_shape == (1, 1, 5, 5)


def test_what_is_always_0_is_empty_in_the_dark_theme_too(panel: MatrixPanel, qapp: Any):
    theme.apply(qapp, "dark")
    try:
        picture, grid = panel.view.grab().toImage(), grids(panel).matrix
        assert colour(picture, grid, 0, 40) == theme.DARK.window
        assert colour(picture, grid, 0, 0) == colour(picture, grid, 1, 1)
    finally:
        theme.apply(qapp, "light")


@settings(max_examples=60)
@given(
    room=st.tuples(st.integers(200, 1400), st.integers(120, 900)),
    read=st.integers(3, 16),
    kernel=st.integers(1, 16),
    made=st.integers(1, 16),
    several=st.sampled_from([1, 3]),
)
def test_nothing_lies_upon_another_or_outside(
    room: tuple[int, int], read: int, kernel: int, made: int, several: int
) -> None:
    small = (read, read), (min(kernel, read), min(kernel, read)), (min(made, read), min(made, read))
    found = arranged(room, 20, 80, (small[2][0] ** 2, several * read**2), small)
    boxes = [(g.left, g.top, g.left + g.width, g.top + g.height) for g in (found.matrix, *(g for _, g in found.small))]
    for left, top, right, bottom in boxes:
        assert left >= 0
        assert top >= 0
        assert right <= room[0] + 1e-6
        assert bottom <= room[1] + 1e-6
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
            assert apart, (one, other)
    place = found.matrix.box(0, 1)
    assert found.matrix.find(place[0] + place[2] / 2, place[1] + place[3] / 2) == (0, 1)
