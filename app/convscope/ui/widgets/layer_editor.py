"""What an open card holds: a layer's settings, its costs, and tools to change the stack."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from convscope.core.settings import Described, settings_of
from convscope.ui.widgets.card_data import CardData
from convscope.ui.widgets.form import SettingsForm
from convscope.ui.widgets.settling import fitted_height
from convscope.ui.widgets.tinted_label import TintedLabel

TOOL_ICON = QSize(18, 18)


class LayerEditor(QWidget):
    """Edits one layer in place.

    Signals:
        setting_changed(str, object): The user entered a valid value for the setting of this name.
    """

    setting_changed = Signal(str, object)

    def __init__(self, tools: Sequence[QAction] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = TintedLabel("muted", self)
        self.form = SettingsForm(self)
        self.form.setting_changed.connect(self.setting_changed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for part in (self.form, self._facts):
            layout.addWidget(part)
        if tools:
            layout.addLayout(self._tool_row(tools))

    def show_layer(self, layer: Described, card: CardData) -> None:
        """Show a layer's settings and what its card knows about it."""
        self.form.show_value(layer)
        self.form.setVisible(bool(settings_of(layer)))
        self._facts.show_text(card.facts)
        self._facts.setVisible(bool(card.facts))

    def fit(self, width: int) -> int:
        """Take a width and return the height that it needs."""
        return fitted_height(self, width, self.form)

    def _tool_row(self, tools: Sequence[QAction]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        for action in tools:
            button = QToolButton(self)
            button.setDefaultAction(action)
            button.setAccessibleName(action.text().replace("&", ""))
            button.setIconSize(TOOL_ICON)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)
        row.insertStretch(len(tools) - 1)  # the last one removes: it stands apart
        return row
