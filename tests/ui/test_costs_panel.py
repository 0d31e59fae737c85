"""The costs panel: rows, bars, selection both ways, and the clipboard."""

from __future__ import annotations

import csv
import io
from typing import Any, cast

import pytest
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.presets import preset
from convscope.ui import theme
from convscope.ui.panels.costs import CostsPanel
from convscope.ui.widgets.cost_model import FIELD, LAYER, MACS, MEMORY, OUTPUT, PARAMETERS, SHARE, short

NETWORK = Network(layers=(Conv2d(filters=4, kernel_size=5), Activation(), Flatten(), Dense(units=10)))


class StubSession(QObject):
    """What the panel reads of a session."""

    network_changed = Signal()
    selection_changed = Signal()
    message_shown = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.network = NETWORK
        self.selected = -1

    def select(self, index: int) -> None:
        self.selected = index
        self.selection_changed.emit()

    def change(self, network: Network) -> None:
        self.network = network
        self.network_changed.emit()


@pytest.fixture
def session() -> StubSession:
    return StubSession()


@pytest.fixture
def panel(qtbot: QtBot, session: StubSession) -> CostsPanel:
    widget = CostsPanel(cast(Any, session), {})
    qtbot.addWidget(widget)
    widget.resize(460, 500)
    widget.show()
    return widget


def cell(panel: CostsPanel, row: int, column: int, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
    model = panel.table.model()
    return model.index(row, column).data(role)


def heading(panel: CostsPanel, column: int) -> str:
    return panel.table.model().headerData(column, Qt.Orientation.Horizontal)


def click(qtbot: QtBot, panel: CostsPanel, row: int) -> None:
    place = panel.table.visualRect(panel.table.model().index(row, PARAMETERS)).center()
    qtbot.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_each_layer_has_a_row_and_the_headings_tell_the_sums(panel: CostsPanel):
    assert [cell(panel, row, LAYER) for row in range(4)] == [layer.name for layer in NETWORK.layers]
    assert [cell(panel, 0, column) for column in (OUTPUT, PARAMETERS, MACS, MEMORY, FIELD)] == [
        "24×24×4", "104", "57,600", "9.22 kB", "5",
    ]  # fmt: skip
    assert heading(panel, LAYER) == "Layer\n4 layers"
    assert heading(panel, PARAMETERS) == "Params\n23,154"
    assert "99.55 %" in cell(panel, 3, PARAMETERS, Qt.ItemDataRole.ToolTipRole)


def test_the_bar_is_as_long_as_the_share(panel: CostsPanel):
    assert cell(panel, 3, PARAMETERS, SHARE) == pytest.approx(23_050 / 23_154)
    assert cell(panel, 0, MACS, SHARE) == pytest.approx(57_600 / 80_640)
    assert cell(panel, 0, LAYER, SHARE) is None
    box = panel.table.visualRect(panel.table.model().index(0, MACS))
    image = panel.table.viewport().grab().toImage()
    share, y = 57_600 / 80_640, box.top() + 4
    inside, outside = (QColor(image.pixel(round(box.left() + box.width() * x), y)) for x in (share - 0.1, share + 0.1))
    assert inside != outside
    assert inside.blueF() > inside.redF()  # the accent's


def test_a_row_that_is_chosen_selects_its_layer_and_the_other_way_round(
    panel: CostsPanel, session: StubSession, qtbot: QtBot
):
    click(qtbot, panel, 2)
    assert session.selected == 2
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    assert session.selected == 3
    wishes = list[int]()
    panel.table.row_chosen.connect(wishes.append)
    session.select(1)
    assert panel.table.currentIndex().row() == 1
    session.select(-1)
    assert not panel.table.selectionModel().hasSelection()
    assert wishes == []


def test_the_focus_alone_selects_no_layer(panel: CostsPanel, session: StubSession, qtbot: QtBot):
    panel.table.setFocus()
    assert session.selected == -1
    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    assert session.selected >= 0


def test_an_edit_shows_new_figures_and_keeps_the_selection(panel: CostsPanel, session: StubSession):
    session.select(3)
    session.change(NETWORK.replaced(0, Conv2d(filters=8, kernel_size=5)))
    assert cell(panel, 0, PARAMETERS) == "208"
    assert panel.table.currentIndex().row() == 3
    session.change(NETWORK.removed(1))
    assert panel.table.model().rowCount() == 3


def test_a_network_with_a_problem_shows_the_rows_before_it(panel: CostsPanel, session: StubSession):
    session.change(NETWORK.removed(2))
    assert cell(panel, 1, OUTPUT) == "24×24×4"
    assert [cell(panel, 2, column) for column in (OUTPUT, PARAMETERS, FIELD)] == ["–", "–", "–"]
    assert "problem" in cell(panel, 2, PARAMETERS, Qt.ItemDataRole.ToolTipRole)


@pytest.mark.parametrize("way", ["button", "menu"])
def test_the_table_is_copied_for_a_spreadsheet(panel: CostsPanel, session: StubSession, qtbot: QtBot, way: str):
    told = list[str]()
    session.message_shown.connect(told.append)
    if way == "button":
        button = panel.findChild(QToolButton, "copy_costs_csv")
        assert button is not None
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    else:
        next(action for action in panel.table.actions() if action.text() == "Copy as CSV").trigger()
    data = QGuiApplication.clipboard().mimeData()
    rows = list(csv.reader(io.StringIO(data.text(), newline="")))
    assert rows[1][:4] == ["conv_1", "4 filters 5×5", "24×24×4", "104"]
    assert data.hasFormat("text/csv")
    assert told == ["The costs are on the clipboard as CSV."]


def test_the_keys_for_copying_copy_the_whole_table_as_markdown(panel: CostsPanel, qtbot: QtBot):
    click(qtbot, panel, 0)
    qtbot.keyClick(panel.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].startswith("| Layer")
    assert len(lines) == 7


def test_the_comparison_is_told_and_so_is_that_there_is_none(panel: CostsPanel, session: StubSession):
    session.change(preset("vgg-16").network)
    assert "25,088 × 4,096 + 4,096 = 102,764,544 parameters" in panel.comparison.accessibleDescription()
    session.change(Network(layers=(Conv2d(),)))
    assert "nothing to compare" in panel.comparison.accessibleDescription()


def test_a_hidden_panel_shows_what_it_missed(panel: CostsPanel, session: StubSession):
    panel.hide()
    session.change(NETWORK.removed(1))
    assert panel.table.model().rowCount() == 4
    panel.show()
    assert panel.table.model().rowCount() == 3


def test_a_narrow_dock_leaves_out_the_shapes_and_cuts_no_figure(panel: CostsPanel, session: StubSession, qtbot: QtBot):
    session.change(preset("vgg-16").network)
    panel.resize(560, 500)
    assert not panel.table.isColumnHidden(OUTPUT)
    panel.resize(340, 500)
    assert panel.table.isColumnHidden(OUTPUT)
    columns = [column for column in (LAYER, PARAMETERS, MACS, MEMORY, FIELD) if not panel.table.isColumnHidden(column)]
    assert sum(panel.table.columnWidth(column) for column in columns) <= panel.table.viewport().width()
    for column in (PARAMETERS, MACS, MEMORY, FIELD):
        assert panel.table.columnWidth(column) >= panel.table.sizeHintForColumn(column)


@pytest.mark.parametrize("width", [376, 460, 546])
def test_headings_are_read_whole_after_a_longer_network(panel: CostsPanel, session: StubSession, width: int):
    panel.resize(340, 500)
    short = session.network
    for network in (preset("vgg-16").network, short):
        session.network = network
        session.network_changed.emit()
        panel.resize(width, 500)
        for column in range(OUTPUT, FIELD + 1):
            if not panel.table.isColumnHidden(column):
                needed = max(map(panel.fontMetrics().horizontalAdvance, heading(panel, column).splitlines()))
                assert panel.table.columnWidth(column) > needed
        panel.resize(340, 500)


def test_a_low_dock_keeps_rows_and_shortens_the_comparison(panel: CostsPanel, qtbot: QtBot):
    heights = []
    for height in (500, 250, 160):
        panel.resize(460, height)
        heights.append(panel.comparison.sizeHint().height() if panel.comparison.isVisible() else 0)
    assert heights[0] > heights[1] > heights[2] == 0
    qtbot.waitUntil(lambda: panel.table.viewport().height() > 60)


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_the_comparisons_bars_follow_the_theme(panel: CostsPanel, qapp: Any, choice: theme.Choice):
    theme.apply(qapp, choice)
    try:
        picture = panel.comparison.grab().toImage()
        colours = {picture.pixel(QPoint(12, y)) for y in range(picture.height())}
        assert len(colours) > 2
        window = theme.current().window
        assert (window.lightnessF() > 0.5) == (choice == "light")
    finally:
        theme.apply(qapp, "light")


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (99_949, "99,949"), (99_950, "100 k"), (590_080, "590 k"), (999_499, "999 k"), (999_500, "1 M"),
     (102_764_544, "103 M"), (15_470_264_320, "15.5 G"), (2_359_808, "2.36 M")],
)  # fmt: skip
def test_long_counts_are_shortened(count: int, text: str):
    assert short(count) == text
