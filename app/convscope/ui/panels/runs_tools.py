"""What can be done with runs: a row of buttons, which are the entries of the table's menu, too."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from convscope.core.run_text import TableFormat
from convscope.core.runs import COLOURS
from convscope.ui.actions import explain
from convscope.ui.icons import icon
from convscope.ui.widgets.runs_model import swatch
from convscope.ui.widgets.runs_table import RunsTable

COLOUR_NAMES = ("Green", "Pink", "Violet", "Black or white", "Yellow", "Teal")
_FORMATS: dict[TableFormat, str] = {
    "Markdown": "for notes and web pages",
    "CSV": "for a spreadsheet's file",
    "TSV": "to paste into a spreadsheet",
}


class RunsTools(QWidget):
    """A row of buttons for the runs that are selected in a table.

    Signals:
        restore_wanted, again_wanted, delete_wanted: For the selected runs.
        colour_chosen: A colour for them, from 0.
        copy_wanted: The table, in one of the formats.
    """

    restore_wanted = Signal()
    again_wanted = Signal()
    delete_wanted = Signal()
    colour_chosen = Signal(int)
    copy_wanted = Signal(str)

    def __init__(self, table: RunsTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = table
        self.restore = self._action("restore", "Restore", "Ctrl+Return")
        self.again = self._action("again", "Train again", "Ctrl+Shift+Return")
        self.overlay = self._action("overlay", "In plots", "")
        self.rename = self._action("rename", "Rename", "")
        self.annotate = self._action("annotate", "Write a note", "")
        self.delete = self._action("delete", "Delete", "")
        self.delete.setIcon(icon("remove"))  # no word, so that a narrow panel has room for the others
        self.colours = QMenu("Colour", self)
        self.copies = QMenu("Copy", self)
        self._fill_menus()
        self._explain()
        self._build()
        self.restore.triggered.connect(self.restore_wanted)
        self.again.triggered.connect(self.again_wanted)
        self.delete.triggered.connect(self.delete_wanted)
        self.overlay.triggered.connect(table.toggle_shown)

    def allow(self, selected: int, *, restorable: bool, any_runs: bool) -> None:
        """Enable what makes sense with so many selected runs; `restorable` says whether the weights are there."""
        self.restore.setEnabled(selected == 1 and restorable)
        for action in (self.again, self.rename, self.annotate):
            action.setEnabled(selected == 1)
        for action in (self.overlay, self.delete, self.colours.menuAction()):
            action.setEnabled(selected > 0)
        self.copies.menuAction().setEnabled(any_runs)

    def _action(self, name: str, text: str, keys: str) -> QAction:
        action = QAction(text, self)
        action.setObjectName(f"run_{name}")
        if keys:
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # of the table
        return action

    def _explain(self) -> None:
        explain(
            self.restore,
            (
                "Bring back the run's network, weights, settings and curves; Undo takes that back. The time machine "
                "keeps the moments of the last run only."
            ),
        )
        explain(self.again, "Train the same network with the same settings and seed, from newly drawn weights.")
        self.overlay.setToolTip("Lay the selected runs over the plots, or take them away (Space).")
        self.rename.setToolTip("Give the run a name (F2).")
        self.annotate.setToolTip("Write something down about the run.")
        self.delete.setToolTip("Forget the selected runs (Del).")
        self.colours.menuAction().setToolTip("Choose the colour of the selected runs in the plots.")
        self.copies.menuAction().setToolTip(
            "Copy the table: the selected rows, or all if there are fewer than two (Ctrl+C)."
        )

    def _fill_menus(self) -> None:
        for number in range(COLOURS):
            action = self.colours.addAction(swatch(number), COLOUR_NAMES[number])
            action.setObjectName(f"run_colour_{number}")
            action.triggered.connect(lambda _=False, chosen=number: self.colour_chosen.emit(chosen))
        for form, purpose in _FORMATS.items():
            action = self.copies.addAction(f"As {form}, {purpose}")
            action.setObjectName(f"run_copy_{form.lower()}")
            action.triggered.connect(lambda _=False, chosen=form: self.copy_wanted.emit(chosen))

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for action in (self.restore, self.again, self.delete):  # a run has its own box for the plots
            row.addWidget(self._button(action))
        for menu in (self.colours, self.copies):
            row.addWidget(self._menu_button(menu))
        row.addStretch(1)
        listed = [self.restore, self.again, self.overlay, self.rename, self.annotate, self.colours.menuAction()]
        self._table.addActions([*listed, self.copies.menuAction(), self.delete])
        self._table.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setObjectName(f"button_{action.objectName()}")
        button.setAccessibleName(action.text())
        return button

    def _menu_button(self, menu: QMenu) -> QToolButton:
        action = menu.menuAction()
        button = QToolButton(self)
        button.setDefaultAction(action)
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setAccessibleName(menu.title())
        button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        return button

    def changeEvent(self, event: QEvent) -> None:
        """Show the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for number, action in enumerate(self.colours.actions()):
                action.setIcon(swatch(number))
