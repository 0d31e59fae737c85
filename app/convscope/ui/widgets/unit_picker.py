"""Which value is taken apart: the layer's name, the place as fields to change, and the value."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSpinBox, QWidget

_PLACES = ("map", "row", "column")
_WIDEST_NAME = 150  # pixels


class UnitPicker(QWidget):
    """One line that reads "conv_2, map 3, row 4, column 7 = 0.8317".

    Signals:
        index_chosen: The user wants the value at another place of the same layer; carries the index.
    """

    index_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("unit_picker")
        self.setAccessibleName("Value that is taken apart")
        self._layer = QLabel(self)
        self._layer.setMaximumWidth(_WIDEST_NAME)
        self._fields = [self._field(name) for name in _PLACES]
        self._value = QLabel(self)
        self._value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._layer)
        for field in self._fields:
            row.addWidget(field)
        row.addWidget(self._value, 1)
        self._words = ""
        self._embolden()

    @property
    def words(self) -> str:
        """The whole line."""
        return self._words

    def show_unit(
        self, layer: str, index: Sequence[int], shape: Sequence[int], value: str, *, member: str = "unit"
    ) -> None:
        """Show a place.

        Args:
            layer: The layer's name.
            index: (channel, row, column) in maps, (number,) in a vector.
            shape: Of the layer's output.
            value: What stands there, as text; empty while it is not known.
            member: What one value of a vector is called.
        """
        names = _PLACES if len(index) == 3 else (member,)
        self._layer.setText(layer)
        self._layer.setToolTip(layer)
        for number, field in enumerate(self._fields):
            with QSignalBlocker(field):
                field.setVisible(number < len(index))
                if number < len(index):
                    field.setPrefix(f"{names[number]} ")
                    field.setAccessibleName(names[number].capitalize())
                    field.setRange(0, shape[number] - 1)
                    field.setValue(index[number])
        self._value.setText(f"= {value}" if value else "")
        places = ", ".join(f"{name} {place}" for name, place in zip(names, index, strict=True))
        self._words = f"{layer}, {places}" + (f" = {value}" if value else "")
        self.setAccessibleDescription(self._words)

    def _embolden(self) -> None:
        font = self.font()
        font.setBold(True)
        for label in (self._layer, self._value):
            label.setFont(font)

    def _field(self, name: str) -> QSpinBox:
        field = QSpinBox(self)
        field.setAccessibleName(name.capitalize())
        field.setKeyboardTracking(False)
        field.setWrapping(False)
        field.valueChanged.connect(self._tell)
        return field

    def _tell(self) -> None:
        self.index_chosen.emit(tuple(field.value() for field in self._fields if not field.isHidden()))

    def changeEvent(self, event: QEvent) -> None:
        """Stay bold when the font changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._embolden()
