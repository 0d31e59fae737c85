"""The list of layers is worked by mouse and keyboard, and shows an edit without rebuilding its cards."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, SignalInstance
from PySide6.QtGui import QAction, QContextMenuEvent, QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from convscope.core.layers import Activation, BatchNorm, Conv2d, Dense, Flatten, Reshape
from convscope.core.network import Network
from convscope.ui.widgets.card_data import cards_of
from convscope.ui.widgets.drag_marks import DropLine
from convscope.ui.widgets.layer_column import mime_of
from convscope.ui.widgets.layer_list import LayerList
from convscope.ui.widgets.setting_editors import StepEditor

SMALL = Network(layers=(Conv2d(4, 3), Activation(), Flatten(), Dense(10)))
DEEP = Network(
    layers=tuple(layer for _ in range(5) for layer in (Conv2d(4, 3, padding="same"), BatchNorm(), Activation()))
)
LEFT = Qt.MouseButton.LeftButton


class Wishes(list[tuple[Any, ...]]):
    """What a list asked for, as (signal name, arguments…)."""

    def __init__(self, stack: LayerList) -> None:
        super().__init__()
        names = [name for name in vars(LayerList) if isinstance(getattr(stack, name), SignalInstance)]
        for name in names:
            getattr(stack, name).connect(lambda *values, name=name: self.append((name, *values)))


@pytest.fixture
def stack(qtbot: QtBot) -> LayerList:
    made = LayerList([QAction(text) for text in ("Switch off", "Remove")])
    qtbot.addWidget(made)
    made.resize(340, 420)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    made.setFocus()
    return made


def show(stack: LayerList, network: Network, selected: int = -1) -> Wishes:
    stack.show_stack(cards_of(network), selected, network.layers[selected] if selected >= 0 else None)
    return Wishes(stack)


def centre(stack: LayerList, index: int) -> QPoint:
    return stack.card(index).heading.center()


def drag(qtbot: QtBot, stack: LayerList, index: int, y: int) -> None:
    """Press on a card and move to a height of the column, without letting go."""
    card = stack.card(index)
    qtbot.mousePress(card, LEFT, pos=centre(stack, index))
    qtbot.mouseMove(card, centre(stack, index) + QPoint(0, 12))
    qtbot.mouseMove(card, QPoint(100, y - card.y()))


def drop(stack: LayerList, mime: QMimeData, y: int) -> bool:
    """Drop on a height of the column; return whether the drop was taken."""
    copy, button, keys = Qt.DropAction.CopyAction, LEFT, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(100, y), copy, mime, button, keys)
    QApplication.sendEvent(stack.column, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(stack.column, QDragMoveEvent(QPoint(100, y), copy, mime, button, keys))
    QApplication.sendEvent(stack.column, QDropEvent(QPointF(100, y), copy, mime, button, keys))
    return True


def is_in_view(stack: LayerList, index: int) -> bool:
    card, top = stack.card(index).geometry(), stack.verticalScrollBar().value()
    return card.top() >= top and card.bottom() <= top + stack.viewport().height()


def test_a_click_selects_and_the_selected_card_opens(qtbot: QtBot, stack: LayerList):
    wishes = show(stack, SMALL)
    closed = stack.card(0).height()
    assert not stack.editor.isVisible()
    qtbot.mouseClick(stack.card(0), LEFT, pos=centre(stack, 0))
    assert wishes == [("layer_selected", 0)]
    assert stack.card(0).height() == closed
    show(stack, SMALL, 0)
    assert stack.editor.isVisible()
    assert stack.card(0).height() > closed
    assert stack.card(1).height() <= closed


def test_selecting_another_layer_closes_the_first(stack: LayerList):
    show(stack, SMALL, 0)
    opened = stack.card(0).height()
    show(stack, SMALL, 3)
    assert stack.card(0).height() < opened
    assert stack.editor.form.editor("units").isVisible()


def test_a_setting_is_edited_in_place(qtbot: QtBot, stack: LayerList):
    wishes = show(stack, SMALL, 0)
    qtbot.keyClick(stack.editor.form.editor("filters"), Qt.Key.Key_Up)
    assert wishes == [("setting_changed", 0, "filters", 5)]


def test_an_edit_keeps_cards_editor_and_focus(qtbot: QtBot, stack: LayerList):
    show(stack, SMALL, 0)
    cards, editor = list(stack.column.cards), stack.editor.form.editor("filters")
    editor.setFocus()
    show(stack, SMALL.replaced(0, Conv2d(7, 3)), 0)
    assert stack.column.cards == cards
    assert editor.hasFocus()
    assert stack.card(0).data.shape == "26×26×7"
    assert stack.card(2).data.shape == "4732"


def test_an_edit_repaints_only_the_cards_that_differ(qtbot: QtBot, stack: LayerList):
    show(stack, SMALL)
    before = [card.data for card in stack.column.cards]
    show(stack, SMALL.replaced(1, Activation("tanh")))
    after = [card.data for card in stack.column.cards]
    assert [one is other for one, other in zip(before, after, strict=True)] == [True, True, False, True, True, True]


@pytest.mark.parametrize(
    ("key", "selected", "wish"),
    [
        (Qt.Key.Key_Down, -1, ("layer_selected", 0)),
        (Qt.Key.Key_Up, 0, ("layer_selected", -1)),
        (Qt.Key.Key_Home, 2, ("layer_selected", 0)),
        (Qt.Key.Key_End, 1, ("layer_selected", 3)),
        (Qt.Key.Key_Delete, 2, ("layer_removed", 2)),
        (Qt.Key.Key_Space, 1, ("layer_toggled", 1)),
        (Qt.Key.Key_Insert, 1, ("layer_wanted",)),
        (Qt.Key.Key_Plus, -1, ("layer_wanted",)),
    ],
)
def test_keys_change_the_stack(qtbot: QtBot, stack: LayerList, key: Qt.Key, selected: int, wish: tuple[Any, ...]):
    wishes = show(stack, SMALL, selected)
    qtbot.keyClick(stack, key)
    assert wishes == [wish]


@pytest.mark.parametrize("modifier", [Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier])
def test_arrows_with_a_modifier_move_the_layer(qtbot: QtBot, stack: LayerList, modifier: Qt.KeyboardModifier):
    wishes = show(stack, SMALL, 1)
    qtbot.keyClick(stack, Qt.Key.Key_Down, modifier)
    qtbot.keyClick(stack, Qt.Key.Key_Up, modifier)
    assert wishes == [("layer_moved", 1, 2), ("layer_moved", 1, 0)]


def test_control_d_duplicates(qtbot: QtBot, stack: LayerList):
    wishes = show(stack, SMALL, 1)
    qtbot.keyClick(stack, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert wishes == [("layer_duplicated", 1)]


def test_keys_stop_at_the_ends_and_leave_the_input_alone(qtbot: QtBot, stack: LayerList):
    wishes = show(stack, SMALL, 3)
    qtbot.keyClick(stack, Qt.Key.Key_Down)
    qtbot.keyClick(stack, Qt.Key.Key_End)
    qtbot.keyClick(stack, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    show(stack, SMALL, -1)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Delete, Qt.Key.Key_Space):
        qtbot.keyClick(stack, key)
    qtbot.keyClick(stack, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert wishes == []


def test_arrows_in_a_field_leave_the_selection_alone(qtbot: QtBot, stack: LayerList):
    wishes = show(stack, SMALL.inserted(3, Reshape(target=(16, 13, 13))), 3)
    field = stack.editor.form.editor("target")  # a line without arrows has no use for the key
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert wishes == []


def test_a_reason_makes_the_card_grow(qtbot: QtBot, stack: LayerList):
    show(stack, SMALL, 0)
    height = stack.card(0).height()
    field = stack.editor.form.editor("filters")
    field.setFocus()
    qtbot.keyClicks(field, "99999")
    qtbot.waitUntil(lambda: stack.card(0).height() > height)
    assert stack.card(0).geometry().contains(stack.editor.geometry())
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: stack.card(0).height() == height)


def test_delete_in_a_field_deletes_text_and_no_layer(qtbot: QtBot, stack: LayerList):
    wishes = show(stack, SMALL, 0)
    editor = stack.editor.form.editor("filters")
    assert isinstance(editor, StepEditor)
    editor.setFocus()
    editor.selectAll()
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
        qtbot.keyClick(editor, key)
    assert wishes == []
    assert editor.text() == ""


def test_enter_goes_to_the_settings_and_escape_comes_back(qtbot: QtBot, stack: LayerList):
    show(stack, SMALL, 0)
    qtbot.keyClick(stack, Qt.Key.Key_Return)
    editor = stack.editor.form.editor("filters")
    assert editor.hasFocus()
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert stack.hasFocus()


def test_a_card_dragged_down_lands_behind_those_it_passes(qtbot: QtBot, stack: LayerList):
    wishes = show(stack, SMALL)
    below = stack.card(2).geometry().center().y() + 3
    drag(qtbot, stack, 0, below)
    assert stack.column.drop_position == 3
    qtbot.mouseRelease(stack.card(0), LEFT, pos=QPoint(100, below - stack.card(0).y()))
    assert wishes == [("layer_moved", 0, 2)]
    assert not stack.column.is_dragging


def test_a_card_dragged_up_lands_before_those_it_passes(qtbot: QtBot, stack: LayerList):
    wishes = show(stack, SMALL)
    drag(qtbot, stack, 3, stack.card(0).geometry().top() + 1)
    qtbot.mouseRelease(stack.card(3), LEFT)
    assert wishes == [("layer_moved", 3, 0)]


def test_the_drop_line_lies_between_the_cards(qtbot: QtBot, stack: LayerList):
    show(stack, SMALL)
    drag(qtbot, stack, 0, stack.card(1).geometry().center().y() + 3)
    line = stack.column.findChild(DropLine)
    assert isinstance(line, DropLine)
    assert line.isVisible()
    assert stack.card(1).geometry().bottom() <= line.geometry().center().y() <= stack.card(2).geometry().top()
    qtbot.mouseRelease(stack.card(0), LEFT)
    assert not line.isVisible()


def test_a_card_dropped_at_its_own_place_stays(qtbot: QtBot, stack: LayerList):
    wishes = show(stack, SMALL)
    drag(qtbot, stack, 1, stack.card(1).geometry().bottom() + 4)
    assert stack.column.drop_position is None
    qtbot.mouseRelease(stack.card(1), LEFT)
    assert wishes == []


def test_escape_gives_up_a_drag(qtbot: QtBot, stack: LayerList):
    wishes = show(stack, SMALL)
    drag(qtbot, stack, 0, stack.card(3).geometry().bottom())
    assert stack.column.is_dragging
    qtbot.keyClick(stack, Qt.Key.Key_Escape)
    assert not stack.column.is_dragging
    qtbot.mouseRelease(stack.card(0), LEFT)
    assert wishes == []


@pytest.mark.parametrize("index", [-1, 4])
def test_input_and_output_stay_where_they_are(qtbot: QtBot, stack: LayerList, index: int):
    wishes = show(stack, SMALL, 0)
    drag(qtbot, stack, index, stack.card(1).geometry().center().y())
    assert not stack.column.is_dragging
    qtbot.keyClick(stack, Qt.Key.Key_Escape)
    qtbot.mouseRelease(stack.card(index), LEFT)
    assert [wish for wish in wishes if wish[0] == "layer_moved"] == []


def test_a_new_network_ends_a_drag(qtbot: QtBot, stack: LayerList):
    wishes = show(stack, SMALL)
    drag(qtbot, stack, 3, stack.card(0).geometry().top())
    show(stack, SMALL.removed(0))
    qtbot.mouseRelease(stack.card(2), LEFT)
    assert [wish for wish in wishes if wish[0] == "layer_moved"] == []


def test_a_drag_at_the_lower_edge_scrolls(qtbot: QtBot, stack: LayerList):
    show(stack, DEEP)
    assert stack.verticalScrollBar().value() == 0
    drag(qtbot, stack, 0, stack.viewport().height() - 4)
    qtbot.waitUntil(lambda: stack.verticalScrollBar().value() == stack.verticalScrollBar().maximum())
    assert stack.column.drop_position == len(DEEP.layers)
    qtbot.keyClick(stack, Qt.Key.Key_Escape)


def test_a_hidden_list_stops_scrolling(qtbot: QtBot, stack: LayerList):
    show(stack, DEEP)
    drag(qtbot, stack, 0, stack.viewport().height() - 4)
    stack.hide()
    assert not stack._scroller.isActive()
    assert not stack.column.is_dragging


def test_a_palette_entry_is_inserted_where_it_is_dropped(stack: LayerList):
    wishes = show(stack, SMALL)
    assert drop(stack, mime_of("dropout"), stack.card(1).geometry().center().y() + 3)
    assert drop(stack, mime_of("conv2d"), 0)
    assert drop(stack, mime_of("dense"), stack.column.height() - 1)
    assert wishes == [("kind_dropped", "dropout", 2), ("kind_dropped", "conv2d", 0), ("kind_dropped", "dense", 4)]


def test_anything_else_is_not_taken(stack: LayerList):
    wishes = show(stack, SMALL)
    text = QMimeData()
    text.setText("conv2d")
    assert not drop(stack, text, 50)
    assert wishes == []


def test_the_selected_card_is_scrolled_into_view(stack: LayerList):
    show(stack, DEEP)
    for selected in (14, 0, 7):
        show(stack, DEEP, selected)
        assert is_in_view(stack, selected)


def test_a_card_that_grows_is_kept_in_view(stack: LayerList):
    last = len(DEEP.layers)
    network = DEEP.inserted(last, Conv2d(4, 3))
    show(stack, network, last)
    show(stack, network.replaced(last, Conv2d(4, 40)), last)
    assert is_in_view(stack, last)


def test_a_clicked_card_opens_where_it_was_clicked(stack: LayerList):
    show(stack, DEEP, 0)
    stack.verticalScrollBar().setValue(300)
    before = stack.card(8).y() - 300
    show(stack, DEEP, 8)
    after = stack.card(8).y() - stack.verticalScrollBar().value()
    assert after <= before  # further up only if that was needed to show all of it
    assert is_in_view(stack, 8)


def test_nothing_is_cut_off_at_any_width(stack: LayerList):
    for width in (300, 320, 380):
        stack.resize(width, 420)
        show(stack, DEEP, 0)
        assert stack.card(0).geometry().right() < stack.viewport().width()
        editor, card = stack.editor, stack.card(0)
        assert card.geometry().contains(editor.geometry())
        assert editor.height() >= editor.minimumSizeHint().height()
        for name in ("filters", "kernel_size", "padding"):
            field = editor.form.editor(name)
            assert field.height() >= field.fontMetrics().height()
            assert field.width() >= field.sizeHint().width()


def test_a_card_has_its_final_height_at_once(qtbot: QtBot, stack: LayerList):
    for height in range(300, 520, 20):  # in some of them the scroll bar is just needed
        stack.resize(340, height)
        show(stack, SMALL, -1)
        qtbot.wait(0)
        show(stack, SMALL, 0)
        at_once = [card.geometry() for card in stack.column.cards]
        qtbot.wait(1)
        assert [card.geometry() for card in stack.column.cards] == at_once


def test_removing_layers_keeps_the_editor_alive(qtbot: QtBot, stack: LayerList):
    show(stack, SMALL, 3)
    show(stack, SMALL.removed(3).removed(2).removed(1), 0)
    qtbot.wait(0)  # deletes the cards that are gone
    assert stack.editor.form.editor("filters").isVisible()
    show(stack, Network(), -1)
    assert stack.layer_count == 0


def test_a_remedy_is_passed_on(qtbot: QtBot, stack: LayerList):
    network = SMALL.replaced(0, Conv2d(4, 40))
    wishes = show(stack, network)
    button = stack.card(0).findChild(QPushButton, "remedy_1")
    assert isinstance(button, QPushButton)
    qtbot.mouseClick(button, LEFT)
    assert wishes == [("remedy_chosen", 1)]


def test_the_wheel_over_a_field_scrolls_the_list(stack: LayerList):
    wishes = show(stack, DEEP, 0)
    field = stack.editor.form.editor("filters")
    place = field.mapTo(stack, field.rect().center())
    QTest.wheelEvent(stack.windowHandle(), QPointF(place), QPoint(0, -240))
    assert wishes == []
    assert stack.verticalScrollBar().value() > 0


@pytest.mark.qt_log_ignore("^This plugin does not support grabbing the (mouse|keyboard)$")  # offscreen, for popups
def test_the_tools_are_in_the_open_card_and_in_the_menu(qtbot: QtBot, stack: LayerList):
    wishes = show(stack, SMALL, 0)
    tools = [button.text() for button in stack.editor.findChildren(QToolButton)]
    assert tools == ["Switch off", "Remove"]
    place = stack.card(1).mapTo(stack.column, centre(stack, 1))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, stack.column.mapToGlobal(place))
    QApplication.sendEvent(stack.column, event)
    menu = stack.findChild(QMenu)
    assert isinstance(menu, QMenu)
    assert [action.text() for action in menu.actions()] == tools
    assert wishes == [("layer_selected", 1)]
    menu.close()


def test_the_list_comes_to_rest_when_it_is_laid_out(qtbot: QtBot, stack: LayerList):
    """Fitting invalidates layouts; that must not ask for the next fit, or the window would never be idle."""
    show(stack, SMALL, 0)
    qtbot.wait(50)
    fits: list[None] = []
    stack.column.fit_wanted.connect(lambda: fits.append(None))
    stack.resize(380, 500)
    for _ in range(50):
        QApplication.processEvents()
    assert len(fits) < 5
