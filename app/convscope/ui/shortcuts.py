"""The list of all keys."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHeaderView, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from convscope.ui.actions import ENTRIES, MENUS

# Keys that belong to one widget while it has the focus, so that no action stands for them.
WIDGET_KEYS = {
    "On the canvas": {
        "Move the pen": "Arrow keys, faster with Shift",
        "Put the pen down or lift it": "Space",
        "Switch between pen and eraser": "E",
    },
    "In the stack": {
        "Select a layer": "Up, Down",
        "Select the first or the last layer": "Home, End",
        "Remove the selected layer": "Delete",
    },
    "On the feature maps": {
        "Choose a map": "Arrow keys",
        "Choose a value of the map": "Shift+Arrow keys",
        "Pin the value": "Space",
        "Let the pinned value go": "Escape",
        "Previous or next layer": "Page Up, Page Down, or Alt+Up, Alt+Down",
        "Zoom in, zoom out": "Enter",
        "More or less contrast": "+, −",
        "Hold the maps": "H",
        "Compare two drawings": "C",
        "Switch the map off or on": "X",
    },
    "In the kernels": {
        "Choose a kernel, or a weight of the open one": "Arrow keys",
        "Open the kernel": "Enter",
        "Type the weight": "Enter, or the number itself",
        "Go on to the next weight, or back": "Enter or Tab, Shift+Tab",
        "Paint the weight, or zero it": "Space, Ctrl+Space",
        "Make the weight zero": "Delete",
        "Show all kernels again": "Escape",
    },
    "In the table of runs": {
        "Lay the selected runs over the curves, or take them away": "Space",
        "Change the name": "F2",
        "Restore the run": "Ctrl+Enter",
        "Train it again": "Ctrl+Shift+Enter",
        "Copy the table": "Ctrl+C",
        "Delete the selected runs": "Delete",
    },
    "In the arithmetic": {
        "Go to the next value of the map": "Arrow keys",
        "Go to the next map": "Page Up, Page Down",
        "Point at the next cell, take it apart": "Shift with arrow keys, Enter",
        "Let the window slide, or pause": "Space",
        "Put the window on its first place": "Home",
        "Let go of the value": "Escape",
    },
    "In the time machine": {
        "Go to the next moment, or back": "Right, Left",
        "Go on by a tenth of the run, or back": "Page Up, Page Down",
        "Go to the start of the run, or to now": "Home, End",
        "Play the run, or pause": "Space",
    },
}


class ShortcutList(QDialog):
    """Lists what every key does, by menu and by widget."""

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        tree = QTreeWidget(self)
        tree.setAccessibleName("Keyboard shortcuts")
        tree.setRootIsDecorated(False)
        tree.setHeaderLabels(["Action", "Keys"])
        for key, title in MENUS.items():
            rows = {
                entry.tip.rstrip("."): actions[f"action_{entry.name}"].shortcut()
                for entry in ENTRIES
                if entry.menu == key and entry.shortcut
            }
            native = QKeySequence.SequenceFormat.NativeText
            _add(tree, title.replace("&", ""), {tip: keys.toString(native) for tip, keys in rows.items()})
        for title, rows in WIDGET_KEYS.items():
            _add(tree, title, rows)
        tree.expandAll()
        tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        tree.header().setStretchLastSection(False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(tree)
        layout.addWidget(buttons)
        self.resize(900, 640)  # no description is cut off


def _add(tree: QTreeWidget, title: str, rows: Mapping[str, str]) -> None:
    group = QTreeWidgetItem(tree, [title])
    font = group.font(0)
    font.setBold(True)
    group.setFont(0, font)
    for what, keys in rows.items():
        QTreeWidgetItem(group, [what, keys])
