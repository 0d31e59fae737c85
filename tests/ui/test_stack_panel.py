"""The layers panel edits the session's network; every change has a name, can be undone and is shown at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QPushButton
from pytestqt.qtbot import QtBot

from convscope.core.layers import Activation, Conv2d, Dense, Dropout, Flatten, MaxPool
from convscope.core.network import Network
from convscope.ui import background, theme
from convscope.ui.document import Document
from convscope.ui.panels.stack import TOOLS, StackPanel
from convscope.ui.session import Session
from convscope.ui.widgets.layer_column import mime_of

NETWORK = Network(
    layers=(Conv2d(4, 3, padding="same"), Activation(), MaxPool(), Flatten(), Dropout(0.25), Dense(10)),
)
LEFT = Qt.MouseButton.LeftButton
NO_POPUP_GRAB = pytest.mark.qt_log_ignore("^This plugin does not support grabbing the (mouse|keyboard)$")


@pytest.fixture
def panel(qtbot: QtBot) -> Iterator[StackPanel]:
    theme.apply(QApplication.instance(), "light")  # pyright: ignore[reportArgumentType]
    window = QMainWindow()
    actions = {name: QAction(name, window) for name in (*TOOLS, "action_add_layer")}
    session = Session(Document(NETWORK), window)
    made = StackPanel(session, actions, window)
    window.setCentralWidget(made)
    window.resize(340, 700)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    made.list.setFocus()
    yield made
    session.close()
    assert background.end_all()


def names(panel: StackPanel) -> list[str]:
    """Return the names of the layers that the panel shows."""
    return [panel.list.card(index).data.name for index in range(panel.list.layer_count)]


def undo_text(panel: StackPanel) -> str:
    return panel._session.undo_stack.undoText()


def click(qtbot: QtBot, panel: StackPanel, index: int) -> None:
    card = panel.list.card(index)
    qtbot.mouseClick(card, LEFT, pos=card.heading.center())


def trigger(panel: StackPanel, name: str) -> None:
    panel._actions[name].trigger()


def choose(qtbot: QtBot, panel: StackPanel, title: str) -> None:
    """Pick a kind of layer from the palette that has been opened."""
    assert panel.palette_popup.isVisible()
    qtbot.keyClicks(panel.palette_popup.search, title)
    qtbot.keyClick(panel.palette_popup.search, Qt.Key.Key_Return)


def test_the_panel_shows_the_network_and_its_totals(panel: StackPanel):
    assert names(panel) == ["conv_1", "activation_1", "max_pool_1", "flatten_1", "dropout_1", "dense_1"]
    assert panel.list.card(0).data.shape == "28×28×4"
    assert panel.list.card(5).data.parameters == "7,850 parameters"
    report = NETWORK.report
    assert panel.totals.columns[0] == (f"{report.parameters:,}", "parameters")
    assert panel.totals.columns[1] == (f"{report.macs:,}", "multiply-adds")


def test_an_edit_in_a_card_changes_every_shape_at_once_and_can_be_undone(qtbot: QtBot, panel: StackPanel):
    click(qtbot, panel, 0)
    assert panel._session.selected == 0
    field = panel.list.editor.form.editor("filters")
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(field, "12")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert panel.list.card(3).data.shape == "2352"
    assert undo_text(panel) == "Change filters of conv_1"
    assert field.hasFocus()
    panel._session.undo_stack.undo()
    assert panel.list.card(3).data.shape == "784"
    assert panel._session.network is NETWORK


def test_clicking_another_card_finishes_what_is_being_typed(qtbot: QtBot, panel: StackPanel):
    click(qtbot, panel, 0)
    field = panel.list.editor.form.editor("filters")
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(field, "9")
    click(qtbot, panel, 5)
    assert not field.hasFocus()
    assert panel._session.network.layers[0] == NETWORK.layers[0].changed(filters=9)
    assert panel._session.network.layers[5] == NETWORK.layers[5]


@NO_POPUP_GRAB
def test_a_layer_from_the_palette_lands_behind_the_selected_one(qtbot: QtBot, panel: StackPanel):
    panel._session.select(0)
    qtbot.mouseClick(panel.add_button, LEFT)
    choose(qtbot, panel, "batch")
    assert names(panel)[:3] == ["conv_1", "batch_norm_1", "activation_1"]
    assert panel._session.selected == 1
    assert undo_text(panel) == "Add batch_norm_1"


@NO_POPUP_GRAB
def test_with_the_input_selected_a_layer_becomes_the_first(qtbot: QtBot, panel: StackPanel):
    qtbot.keyClick(panel.list, Qt.Key.Key_Insert)
    choose(qtbot, panel, "conv")
    assert names(panel)[:2] == ["conv_2", "conv_1"]


def test_a_dropped_palette_entry_is_inserted_there(panel: StackPanel):
    y = panel.list.card(1).geometry().center().y() + 2
    mime, copy, keys = mime_of("dropout"), Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(panel.list.column, QDragEnterEvent(QPoint(100, y), copy, mime, LEFT, keys))
    QApplication.sendEvent(panel.list.column, QDropEvent(QPointF(100, y), copy, mime, LEFT, keys))
    assert names(panel)[1:4] == ["activation_1", "dropout_2", "max_pool_1"]
    assert panel._session.selected == 2


def test_a_dragged_card_moves_and_stays_selected(qtbot: QtBot, panel: StackPanel):
    card = panel.list.card(4)
    grip, target = card.heading.center(), panel.list.card(0).geometry().top() - card.y() + 1
    qtbot.mousePress(card, LEFT, pos=grip)
    qtbot.mouseMove(card, grip - QPoint(0, 15))
    qtbot.mouseMove(card, QPoint(grip.x(), target))
    qtbot.mouseRelease(card, LEFT, pos=QPoint(grip.x(), target))
    assert names(panel)[:2] == ["dropout_1", "conv_1"]
    assert (panel._session.selected, panel.list.selected) == (0, 0)
    assert undo_text(panel) == "Move dropout_1 up"


def test_actions_work_on_the_selected_layer(panel: StackPanel):
    session = panel._session
    session.select(4)
    trigger(panel, "action_move_layer_up")
    assert (names(panel)[3], session.selected) == ("dropout_1", 3)
    trigger(panel, "action_move_layer_down")
    assert (names(panel)[4], session.selected, undo_text(panel)) == ("dropout_1", 4, "Move dropout_1 down")
    trigger(panel, "action_duplicate_layer")
    assert (names(panel)[5], session.selected, undo_text(panel)) == ("dropout_2", 5, "Duplicate dropout_1")
    trigger(panel, "action_toggle_layer")
    assert not panel.list.card(5).data.enabled
    assert undo_text(panel) == "Switch off dropout_2"
    trigger(panel, "action_toggle_layer")
    assert undo_text(panel) == "Switch on dropout_2"
    trigger(panel, "action_remove_layer")
    assert (len(names(panel)), undo_text(panel)) == (6, "Remove dropout_2")


def test_freezing_a_layer_keeps_its_weights_and_can_be_undone(panel: StackPanel):
    session, freeze = panel._session, panel._actions["action_freeze_layer"]
    freeze.setCheckable(True)
    session.select(0)
    before = session.weights
    assert (freeze.isEnabled(), freeze.isChecked()) == (True, False)
    freeze.trigger()
    assert not session.network.layers[0].trainable
    assert panel.list.card(0).data.frozen
    assert freeze.isChecked()
    assert undo_text(panel) == "Freeze conv_1"
    for key, array in before.items():
        assert session.weights[key] is array
    session.select(5)
    assert not freeze.isChecked()
    session.select(0)
    freeze.trigger()
    assert (session.network.layers[0].trainable, undo_text(panel)) == (True, "Unfreeze conv_1")
    session.undo_stack.undo()
    assert freeze.isChecked()
    session.undo_stack.undo()
    assert (session.network.layers[0].trainable, freeze.isChecked()) == (True, False)


def test_only_what_could_learn_can_be_frozen(panel: StackPanel):
    freeze = panel._actions["action_freeze_layer"]
    can = []
    for index in range(-1, 6):
        panel._session.select(index)
        can.append(freeze.isEnabled())
    assert can == [False, True, False, False, False, False, True]


def test_actions_are_enabled_where_they_make_sense(panel: StackPanel):
    def enabled(selected: int) -> list[str]:
        panel._session.select(selected)
        return [name for name in TOOLS if panel._actions[name].isEnabled()]

    assert enabled(-1) == []
    assert enabled(2) == [name for name in TOOLS if name != "action_freeze_layer"]
    assert "action_move_layer_up" not in enabled(0)
    assert "action_move_layer_down" not in enabled(5)


def test_keys_edit_the_network(qtbot: QtBot, panel: StackPanel):
    for _ in range(2):
        qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    assert panel._session.selected == 1
    qtbot.keyClick(panel.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert (names(panel)[2], panel._session.selected) == ("activation_1", 2)
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert "activation_1" not in names(panel)
    assert panel.list.selected == panel._session.selected == 2


def test_removing_every_layer_leaves_the_input(qtbot: QtBot, panel: StackPanel):
    panel._session.select(5)
    for _ in range(6):
        qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert (names(panel), panel._session.selected) == ([], -1)
    assert panel.list.card(0).data.problem != ""


def test_the_first_failing_layer_offers_a_remedy_that_works(qtbot: QtBot, panel: StackPanel):
    panel._session.edit("Remove flatten_1", network=NETWORK.removed(3))
    card = panel.list.card(4)
    assert "dense layer needs one vector" in card.data.problem
    assert panel.list.card(-1).data.shape == "28×28×1"
    remedy = card.findChild(QPushButton, "remedy_0")
    assert isinstance(remedy, QPushButton)
    label = remedy.text()
    qtbot.mouseClick(remedy, LEFT)
    assert label.startswith("Insert a flatten layer")
    assert panel._session.network.report.problem is None
    assert undo_text(panel) == label


def test_a_problem_out_of_sight_can_be_shown(qtbot: QtBot, panel: StackPanel):
    assert not panel.problem_button.isVisible()
    panel.resize(340, 300)
    panel.window().resize(340, 300)
    panel._session.select(0)
    panel._session.edit("Remove dense_1", network=NETWORK.removed(5))
    output = panel.list.card(5)
    assert panel.problem_button.isVisible()
    assert panel.problem_button.toolTip() == output.data.problem
    qtbot.mouseClick(panel.problem_button, LEFT)
    bar = panel.list.verticalScrollBar()
    assert output.geometry().bottom() <= bar.value() + panel.list.viewport().height()


def test_a_hidden_panel_catches_up_when_it_is_shown(panel: StackPanel):
    panel.hide()
    before = panel.list.card(0).data
    panel._session.edit("Add dropout_2", network=NETWORK.inserted(0, Dropout()))
    panel._session.select(0)
    assert panel.list.card(0).data is before
    assert panel._actions["action_remove_layer"].isEnabled()
    panel.show()
    assert names(panel)[0] == "dropout_2"
    assert panel.list.selected == 0


def test_undo_of_an_insertion_shows_the_layers_before_it(panel: StackPanel):
    panel._session.select(2)
    trigger(panel, "action_duplicate_layer")
    panel._session.undo_stack.undo()
    assert names(panel) == [layer.name for layer in NETWORK.layers]
    panel._session.undo_stack.redo()
    assert names(panel)[3] == "max_pool_2"


def test_the_selected_layer_stays_selected_when_one_is_inserted_before_it(panel: StackPanel):
    panel._session.select(2)
    panel._session.edit("Add", network=NETWORK.inserted(0, Dropout()))
    assert panel.list.card(panel.list.selected).data.name == "max_pool_1"
    assert panel.list.selected == panel._session.selected == 3


def test_what_is_typed_survives_a_change_before_the_layer(qtbot: QtBot, panel: StackPanel):
    click(qtbot, panel, 0)
    field = panel.list.editor.form.editor("filters")
    field.setFocus()
    qtbot.keyClicks(field, "5")
    panel._session.edit("Add dropout_2", network=NETWORK.inserted(0, Dropout()))
    assert panel.list.editor.form.editor("filters") is field
    assert field.hasFocus()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert panel._session.network.layers[1] == NETWORK.layers[0].changed(filters=45)


def test_the_window_s_undo_key_works_while_a_field_has_the_focus(qtbot: QtBot, panel: StackPanel):
    undo = QAction(panel)
    undo.setShortcut(QKeySequence.StandardKey.Undo)
    undo.triggered.connect(panel._session.undo_stack.undo)
    panel.window().addAction(undo)
    click(qtbot, panel, 0)
    field = panel.list.editor.form.editor("filters")
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert panel.list.card(0).data.shape == "28×28×5"
    qtbot.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert panel.list.card(0).data.shape == "28×28×4"


def test_every_widget_a_script_needs_has_a_name(panel: StackPanel):
    assert panel.objectName() == "stack_panel"
    for name in ("layer_list", "add_layer_button", "show_problem_button", "stack_totals"):
        widget = panel.findChild(type(panel).__mro__[1], name)
        assert widget is not None, name
        assert widget.accessibleName(), name
