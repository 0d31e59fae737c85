"""Every action can be reached, is explained, and has keys of its own."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialogButtonBox, QTreeWidget, QTreeWidgetItemIterator, QWidget
from pytestqt.qtbot import QtBot

from convscope.ui.actions import ENTRIES, MENUS, explain, make_actions
from convscope.ui.shortcuts import ShortcutList


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def actions(parent: QWidget) -> dict[str, QAction]:
    return make_actions(parent)


def test_names_and_shortcuts_are_unique(actions: dict[str, QAction]) -> None:
    assert len(actions) == len(ENTRIES)
    keys = Counter(keys.toString() for action in actions.values() for keys in action.shortcuts())
    assert [key for key, count in keys.items() if count > 1] == []
    for entry in ENTRIES:
        read = [keys.toString() for keys in actions[f"action_{entry.name}"].shortcuts()]
        assert read == (entry.shortcut.split("; ") if entry.shortcut else [])


def test_every_action_stands_in_a_menu_and_is_explained_by_a_sentence(actions: dict[str, QAction]) -> None:
    for entry in ENTRIES:
        action = actions[f"action_{entry.name}"]
        assert entry.menu in MENUS
        assert action.statusTip().endswith("."), entry.name
        assert action.toolTip().startswith(action.statusTip()), entry.name
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        assert keys in action.toolTip()


@pytest.mark.parametrize("menu", MENUS)
def test_no_two_entries_of_a_menu_share_a_mnemonic(menu: str) -> None:
    letters = Counter(
        entry.text[entry.text.index("&") + 1].lower() for entry in ENTRIES if entry.menu == menu and "&" in entry.text
    )
    assert [letter for letter, count in letters.items() if count > 1] == []


def test_actions_that_stand_in_a_toolbar_or_panel_have_icons(actions: dict[str, QAction]) -> None:
    for entry in ENTRIES:
        if entry.icon:
            assert not actions[f"action_{entry.name}"].icon().isNull()


def test_an_explanation_without_keys_is_the_sentence_alone(parent: QWidget) -> None:
    action = QAction("Nothing", parent)
    explain(action, "Do nothing.")
    assert action.toolTip() == action.statusTip() == "Do nothing."


def test_the_list_of_keys_holds_every_key_and_closes(
    actions: dict[str, QAction], parent: QWidget, qtbot: QtBot
) -> None:
    dialog = ShortcutList(actions, parent)
    tree = dialog.findChild(QTreeWidget)
    assert tree is not None
    listed: set[str] = set()
    iterator = QTreeWidgetItemIterator(tree)
    while item := iterator.value():
        listed.add(item.text(1))
        iterator += 1
    native = QKeySequence.SequenceFormat.NativeText
    for action in actions.values():
        assert action.shortcut().toString(native) in listed
    assert "Arrow keys" in listed
    dialog.open()
    box = dialog.findChild(QDialogButtonBox)
    assert box is not None
    box.button(QDialogButtonBox.StandardButton.Close).click()
    assert not dialog.isVisible()
