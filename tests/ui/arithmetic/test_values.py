"""Every value is taken apart down to PyTorch's, and one walks from value to value."""

from __future__ import annotations

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from convscope.core.layers import Activation, Conv2d, Dense, Flatten, GlobalAveragePool, MinPool, Reshape, SumPool
from convscope.core.network import Network
from convscope.core.unit import Unit
from convscope.core.weights import initial_weights
from convscope.ui.panels.arithmetic import ArithmeticPanel
from convscope.ui.widgets.breakdown_products import ProductsBlock
from convscope.ui.widgets.number_text import number_text

from .traced_session import NETWORK, StubSession, cell


def test_with_nothing_pinned_an_example_can_be_shown(
    qtbot: QtBot, session: StubSession, panel: ArithmeticPanel
) -> None:
    example = panel.findChild(QPushButton, "arithmetic_example")
    assert example is not None
    assert example.isVisible()
    qtbot.mouseClick(example, Qt.MouseButton.LeftButton)
    assert session.inspection.pinned == Unit(0, (1, 6, 6))  # the middle of the first convolution
    assert not example.isVisible()
    session.inspection.pin(None)
    session.selected = 3
    qtbot.mouseClick(example, Qt.MouseButton.LeftButton)
    assert session.inspection.pinned == Unit(3, (1, 3, 3))


@pytest.mark.parametrize("layer", range(-1, len(NETWORK.layers) + 1))
def test_every_layer_is_taken_apart_down_to_torchs_value(
    session: StubSession, panel: ArithmeticPanel, layer: int
) -> None:
    shape = session.network.shape_at(layer)
    assert shape is not None
    unit = Unit(layer, tuple(side // 2 for side in shape))
    session.inspection.pin(unit)
    sheet = panel.view.sheet
    assert sheet is not None
    assert sheet.agrees
    assert number_text(session.value(unit)) in panel.picker.words
    assert number_text(session.value(unit), 3)[:-1] in sheet.result
    assert number_text(session.value(unit), 7) in sheet.exactness
    assert panel.grab().size() == panel.size()
    assert panel.view._failure == ""


OTHERS = Network(
    (3, 8, 8),
    (
        MinPool(),
        SumPool(kernel_size=2, stride=1, padding=1),
        Activation(function="binary_step"),
        Conv2d(filters=2, enabled=False),
        GlobalAveragePool(),
        Reshape(target=(3, 1, 1)),
        Conv2d(filters=4, kernel_size=1, bias=False),
        Flatten(),
        Dense(units=10, bias=False),
    ),
)


@pytest.mark.parametrize("layer", range(-1, len(OTHERS.layers) + 1))
def test_so_are_the_rarer_layers_and_those_that_are_switched_off(
    session: StubSession, panel: ArithmeticPanel, layer: int
) -> None:
    session.show(OTHERS)
    shape = OTHERS.shape_at(layer)
    assert shape is not None
    unit = Unit(layer, tuple(side - 1 for side in shape))
    session.inspection.pin(unit)
    assert panel.view.sheet is not None
    assert panel.view.sheet.agrees
    assert number_text(session.value(unit), 7) in panel.view.sheet.exactness
    assert panel.grab().size() == panel.size()
    assert panel.view._failure == ""


def test_the_title_says_which_value_it_is_and_leads_to_others(session: StubSession, panel: ArithmeticPanel) -> None:
    unit = Unit(0, (2, 4, 7))
    session.inspection.pin(unit)
    assert panel.picker.words == f"conv_1, map 2, row 4, column 7 = {number_text(session.value(unit))}"
    fields = {field.accessibleName(): field for field in panel.picker.findChildren(QSpinBox) if field.isVisible()}
    assert set(fields) == {"Map", "Row", "Column"}
    fields["Row"].setValue(11)
    assert session.inspection.pinned == Unit(0, (2, 11, 7))
    fields["Row"].setValue(99)
    assert session.inspection.pinned == Unit(0, (2, 11, 7))  # there are 12
    session.inspection.pin(Unit(8, (3,)))
    assert [field.text() for field in panel.picker.findChildren(QSpinBox) if field.isVisible()] == ["unit 3"]
    session.inspection.pin(Unit(9, (3,)))
    assert panel.picker.words.startswith("Probabilities, class 3 = 0.")


def test_arrow_keys_move_within_the_map_and_page_keys_to_another(session: StubSession, panel: ArithmeticPanel) -> None:
    session.inspection.pin(Unit(0, (1, 0, 5)))
    panel.view.setFocus()
    for name in ("Right", "Down", "Up", "Up", "PageDown", "PageDown", "Left"):
        QTest.keyClick(panel.view, Qt.Key[f"Key_{name}"])
    assert session.inspection.pinned == Unit(0, (2, 0, 5))  # the border stops it
    session.inspection.pin(Unit(9, (0,)))
    for name in ("Left", "Right", "Down"):
        QTest.keyClick(panel.view, Qt.Key[f"Key_{name}"])
    assert session.inspection.pinned == Unit(9, (2,))
    QTest.keyClick(panel.view, Qt.Key.Key_Escape)
    assert session.inspection.pinned is None


def test_one_walks_back_from_a_value_to_the_pixel(qtbot: QtBot, session: StubSession, panel: ArithmeticPanel) -> None:
    unit = Unit(3, (1, 2, 2))  # a maximum
    session.inspection.pin(unit)
    for before in (2, 1, 0, -1):
        pinned = session.inspection.pinned
        assert pinned is not None
        place = (0, *pinned.index[1:]) if before == -1 else pinned.index if before < 2 else (1, 4, 4)
        below = Unit(before, place)
        box = panel.view.boxes(below)[0]
        qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=box.center().toPoint())
        assert session.inspection.pinned == below


def test_pointing_at_a_cell_points_at_the_value_everywhere(session: StubSession, panel: ArithmeticPanel) -> None:
    session.inspection.pin(Unit(0, (1, 6, 6)))
    QApplication.processEvents()  # the layout follows in a moment
    QTest.mouseMove(panel.view.viewport(), panel.view.boxes(Unit(-1, (0, 5, 7)))[0].center().toPoint())
    assert session.inspection.hovered == Unit(-1, (0, 5, 7))
    QTest.mouseMove(panel.slide_view, cell(panel, 9, 3, of="source"))
    assert session.inspection.hovered == Unit(-1, (0, 9, 3))
    assert panel.slide_view.readout.startswith("Input, map 0, row 9, column 3: ")
    QTest.mouseMove(panel.slide_view, cell(panel, 9, 3, of="result"))
    assert session.inspection.hovered == Unit(0, (1, 9, 3))
    plain = panel.slide_view.grab().toImage()
    session.inspection.hover(Unit(-1, (0, 2, 2)))
    assert panel.slide_view.grab().toImage() != plain


def test_in_a_narrow_panel_the_line_below_is_as_high_whatever_it_says(
    qtbot: QtBot, session: StubSession, panel: ArithmeticPanel
) -> None:
    """Cells that grow into the room above would move under the pointer otherwise."""
    panel.resize(345, 600)
    session.inspection.pin(Unit(0, (1, 6, 6)))
    qtbot.waitUntil(lambda: panel._note.width() < 345)
    heights = set()
    for text in ("Padding: 0 × 0.1 = 0", "Channel 11, row 16, column 26: −0.001234 × −0.001234 = 0.00001523"):
        panel._note.show_text(text)
        heights.add(panel._note.height())
    assert len(heights) == 1


def test_what_lights_up_can_be_turned_round(session: StubSession, panel: ArithmeticPanel) -> None:
    box = panel.findChild(QComboBox)
    assert box is not None
    session.inspection.pin(Unit(0, (1, 6, 6)))
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert session.inspection.forwards
    session.inspection.show_forwards(False)
    assert box.currentText() == "Sees"


def test_what_rounding_does_not_explain_is_said_with_a_warning(session: StubSession, panel: ArithmeticPanel) -> None:
    session.inspection.pin(Unit(0, (1, 6, 6)))
    assert not panel._doubt.isVisible()
    session.trace = dataclasses.replace(session.trace, weights=initial_weights(NETWORK, 9))
    session.trace_changed.emit()
    assert panel._doubt.isVisible()
    assert "more than rounding" in panel._doubt.text()
    assert not panel._note.isVisible()


def test_it_can_be_read_in_a_small_dock(qtbot: QtBot, session: StubSession, panel: ArithmeticPanel) -> None:
    session.inspection.pin(Unit(5, (1, 1, 1)))
    block = panel.view.sheet.blocks[0] if panel.view.sheet is not None else None
    assert isinstance(block, ProductsBlock)

    def settled() -> bool:
        apart = panel.slide_view.geometry().intersected(panel.view.geometry()).isEmpty()
        return apart and panel.view.geometry().right() > panel.width() - 10

    for width, height in ((590, 260), (447, 248), (560, 300), (380, 600), (325, 500)):
        panel.resize(width, height)
        qtbot.waitUntil(settled)  # the layout follows in a moment
        assert panel.view.viewport().height() >= 90
        assert block.places.numbered
        places = panel.slide_view.places()
        assert places is not None
        assert min(places.source.width(), places.result.width()) >= 36
