"""The menu that chooses between the themes."""

from __future__ import annotations

from typing import cast

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from convscope.ui import theme
from convscope.ui.preferences import Preferences

THEMES = {"system": "&System", "light": "&Light", "dark": "&Dark"}


class ThemeMenu(QMenu):
    """Switches the whole program to a theme, and remembers which."""

    def __init__(self, preferences: Preferences, parent: QWidget) -> None:
        super().__init__("&Theme", parent)
        self._preferences = preferences
        group = QActionGroup(self)
        for choice, text in THEMES.items():
            action = self.addAction(text)
            action.setObjectName(f"action_theme_{choice}")
            action.setCheckable(True)
            action.setChecked(choice == preferences.theme)
            action.triggered.connect(lambda _=False, chosen=choice: self._change_theme(chosen))
            group.addAction(action)

    def _change_theme(self, choice: str) -> None:
        self._preferences.set_theme(choice)
        theme.apply(cast(QApplication, QApplication.instance()), choice)  # type: ignore[arg-type]
