"""A strip to choose a layer: a list, with buttons for the previous and the next one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QWidget


class LayerPicker(QWidget):
    """Lets the user choose one of some entries.

    Signals:
        chosen: The key of the entry that the user wants.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[tuple[int, str], ...] = ()
        self._previous = self._button(Qt.ArrowType.LeftArrow, "Previous layer", -1)
        self._next = self._button(Qt.ArrowType.RightArrow, "Next layer", +1)
        self._box = QComboBox(self)
        self._box.setAccessibleName("Layer")
        self._box.setPlaceholderText("Choose a layer")
        self._box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._box.setMinimumContentsLength(13)
        self._box.setMinimumWidth(90)
        self._box.setMaxVisibleItems(24)
        self._box.activated.connect(self._announce)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for widget in (self._previous, self._box, self._next):
            row.addWidget(widget)

    def show_entries(self, entries: Sequence[tuple[int, str]], current: int) -> None:
        """Show what can be chosen.

        Args:
            entries: Key and text of each.
            current: The key of the one that is shown now; any other number for none.
        """
        if tuple(entries) != self._entries:
            self._entries = tuple(entries)
            self._box.clear()
            self._box.addItems([text for _, text in entries])
        keys = [key for key, _ in self._entries]
        self._box.setCurrentIndex(keys.index(current) if current in keys else -1)
        self._enable_buttons()

    def _button(self, arrow: Qt.ArrowType, name: str, step: int) -> QToolButton:
        button = QToolButton(self)
        button.setArrowType(arrow)
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.clicked.connect(lambda: self._step(step))
        return button

    def _enable_buttons(self) -> None:
        at, count = self._box.currentIndex(), self._box.count()
        self._previous.setEnabled(at > 0)
        self._next.setEnabled(at < count - 1)

    def _step(self, step: int) -> None:
        self._box.setCurrentIndex(self._box.currentIndex() + step)
        self._announce()

    def _announce(self) -> None:
        self._enable_buttons()
        self.chosen.emit(self._entries[self._box.currentIndex()][0])
