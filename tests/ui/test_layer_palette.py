"""The palette offers every kind of layer, is searched by typing, and is clicked or dragged from."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QDrag, QFontMetrics
from pytestqt.qtbot import QtBot

from convscope.core.layers import LAYER_KINDS
from convscope.ui.widgets.layer_column import carried_kind
from convscope.ui.widgets.layer_palette import LayerPalette, palette_entries
from convscope.ui.widgets.palette_list import ENTRY

pytestmark = pytest.mark.qt_log_ignore("^This plugin does not support grabbing the (mouse|keyboard)$")  # for popups


@pytest.fixture
def palette(qtbot: QtBot) -> LayerPalette:
    made = LayerPalette()
    qtbot.addWidget(made)
    made.open_beside(QRect(10, 10, 80, 30))
    qtbot.waitExposed(made)
    return made


def test_every_kind_is_offered_under_its_group(palette: LayerPalette):
    groups: dict[str, list[str]] = {}
    for item in palette.list.rows():
        if item.data(ENTRY):
            groups[list(groups)[-1]].append(item.data(ENTRY))
        else:
            groups[item.text()] = []
    assert list(groups) == ["Convolution", "Pooling", "Regularisation", "Activation", "Shape", "Dense"]
    for group, kinds in groups.items():
        assert kinds == [kind for kind, layer in LAYER_KINDS.items() if layer.group == group]


def test_every_entry_has_a_line_of_help():
    for entry in palette_entries():
        assert entry.help == LAYER_KINDS[entry.kind].help
        assert entry.help.endswith(".") or entry.help.endswith("?"), entry.kind


def test_a_click_chooses_and_closes(qtbot: QtBot, palette: LayerPalette):
    item = next(item for item in palette.list.rows() if item.data(ENTRY) == "dropout")
    palette.list.scrollToItem(item)
    place = palette.list.visualItemRect(item).center()
    with qtbot.waitSignal(palette.kind_chosen) as chosen:
        qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == ["dropout"]
    assert not palette.isVisible()


def test_a_click_on_a_heading_chooses_nothing(qtbot: QtBot, palette: LayerPalette):
    place = palette.list.visualItemRect(palette.list.item(0)).center()
    with qtbot.assertNotEmitted(palette.kind_chosen):
        qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert palette.isVisible()


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        ("max", ["max_pool"]),
        ("POOL sum", ["sum_pool"]),
        ("filters", ["conv2d"]),
        ("nothing like it", []),
    ],
)
def test_typing_filters_by_every_word(qtbot: QtBot, palette: LayerPalette, words: str, kinds: list[str]):
    qtbot.keyClicks(palette.search, words)
    assert palette.list.shown_kinds() == kinds
    headings = [item.text() for item in palette.list.rows() if not item.data(ENTRY) and not item.isHidden()]
    assert headings == sorted({LAYER_KINDS[kind].group for kind in kinds})


def test_the_first_match_is_chosen_with_enter(qtbot: QtBot, palette: LayerPalette):
    qtbot.keyClicks(palette.search, "max")
    with qtbot.waitSignal(palette.kind_chosen) as chosen:
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)
    assert chosen.args == ["max_pool"]


def test_arrows_pass_over_headings_and_hidden_entries(qtbot: QtBot, palette: LayerPalette):
    steps = [Qt.Key.Key_Down] * 2 + [Qt.Key.Key_Up]
    seen = [palette.list.currentItem().data(ENTRY)]
    for key in steps:
        qtbot.keyClick(palette.search, key)
        seen.append(palette.list.currentItem().data(ENTRY))
    assert seen == ["conv2d", "max_pool", "average_pool", "max_pool"]
    qtbot.keyClicks(palette.search, "vector")
    kinds = palette.list.shown_kinds()
    assert len(kinds) > 1
    for _ in range(len(LAYER_KINDS)):
        qtbot.keyClick(palette.search, Qt.Key.Key_Down)
    assert palette.list.currentItem().data(ENTRY) == kinds[-1]


def test_enter_without_a_match_does_nothing(qtbot: QtBot, palette: LayerPalette):
    qtbot.keyClicks(palette.search, "zzz")
    with qtbot.assertNotEmitted(palette.kind_chosen):
        qtbot.keyClick(palette.search, Qt.Key.Key_Return)


def test_escape_closes_and_the_next_opening_starts_afresh(qtbot: QtBot, palette: LayerPalette):
    qtbot.keyClicks(palette.search, "max")
    qtbot.keyClick(palette.search, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    palette.open_beside(QRect(10, 10, 80, 30))
    assert palette.search.text() == ""
    assert palette.list.shown_kinds() == list(LAYER_KINDS)


def test_the_palette_lies_on_the_screen_wherever_its_button_is(palette: LayerPalette):
    screen = palette.screen().availableGeometry()
    for corner in (screen.topLeft(), screen.bottomRight(), screen.topRight(), screen.bottomLeft()):
        palette.open_beside(QRect(corner - QPoint(40, 15), corner + QPoint(40, 15)))
        assert screen.contains(palette.geometry())


def test_a_help_that_does_not_fit_in_a_line_gets_two(palette: LayerPalette):
    metrics = QFontMetrics(palette.list.font())
    row = next(n for n, item in enumerate(palette.list.rows()) if item.data(ENTRY) == "batch_norm")
    wide = palette.list.sizeHintForRow(row)
    palette.list.wrap_at(300)
    assert palette.list.sizeHintForRow(row) >= wide + metrics.height() // 2


def test_a_dragged_entry_carries_its_kind(qtbot: QtBot, palette: LayerPalette, monkeypatch: pytest.MonkeyPatch):
    carried: list[str] = []

    def exec_at_once(drag: QDrag, *_: Qt.DropAction) -> Qt.DropAction:
        carried.append(carried_kind(drag.mimeData()))
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(QDrag, "exec", exec_at_once)  # it would wait for a mouse that no test has
    qtbot.keyClicks(palette.search, "flatten")
    palette.list.startDrag(Qt.DropAction.CopyAction)
    assert carried == ["flatten"]
    qtbot.waitUntil(lambda: not palette.isVisible())
