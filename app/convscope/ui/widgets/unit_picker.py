"""Which value is taken apart: the layer's name, the place as fields to change, and the value."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QSpinBox, QWidget

from convscope.ui.widgets.tinted_label import TintedLabel

_PLACES = ("map", "row", "column")
_WIDEST_NAME = 150  # pixels
_USUAL_VALUE = "= −0.001234"
_LEAST_WIDTH = 240


class UnitPicker(QWidget):
    """A line that reads "conv_2, map 3, row 4, column 7 = 0.8317", or two lines where there is little room.

    Signals:
        index_chosen: The user wants the value at another place of the same layer; carries the index.
    """

    index_chosen = Signal(object)

    def __init__(self, corner: QWidget | None = None, parent: QWidget | None = None) -> None:
        """Make the line; a `corner` stands at its right end."""
        super().__init__(parent)
        self.setObjectName("unit_picker")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Value that is taken apart")
        self._layer = QLabel(self)
        self._layer.setMaximumWidth(_WIDEST_NAME)
        self._fields = [self._field(name) for name in _PLACES]
        self._value = TintedLabel("text", self)
        self._value.reserve(1, most=1)
        self._value.make_copyable()
        self._corner = corner
        self._places = QHBoxLayout()
        self._places.setSpacing(4)
        for field in self._fields:
            self._places.addWidget(field)
        self._lines = QGridLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(4)
        self._lines.setColumnStretch(2, 1)
        self._lines.addWidget(self._layer, 0, 0)
        self._lines.addWidget(self._value, 0, 2)
        if corner is not None:
            self._lines.addWidget(corner, 0, 3)
        self._is_folded: bool | None = None
        self._fold(False)
        self._words = ""
        self._frame: tuple[object, ...] = ()  # which places the fields offer
        self._beside_value: int | None = None  # width of all but the value, until something of it changes
        self._usual_value: int | None = None  # width of most values, until the font changes
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
        self._value.show_text(f"= {value}" if value else "")
        frame = (layer, tuple(shape), names)
        if frame != self._frame:
            self._frame, self._beside_value = frame, None
            self._show_frame(layer, shape, names)
        for field, place in zip(self._fields, index, strict=False):
            if field.value() != place:
                with QSignalBlocker(field):
                    field.setValue(place)
        self._fit()
        places = ", ".join(f"{name} {place}" for name, place in zip(names, index, strict=True))
        self._words = f"{layer}, {places}" + (f" = {value}" if value else "")
        self.setAccessibleDescription(self._words)

    def _show_frame(self, layer: str, shape: Sequence[int], names: Sequence[str]) -> None:
        """Show what stays while other places of the same output are looked at."""
        self._layer.setText(layer)
        self._layer.setToolTip(layer)
        for number, field in enumerate(self._fields):
            with QSignalBlocker(field):
                field.setVisible(number < len(names))
                if number < len(names):
                    field.setPrefix(f"{names[number]} ")
                    field.setAccessibleName(names[number].capitalize())
                    field.setRange(0, shape[number] - 1)

    def _fold(self, folded: bool) -> None:
        """Put the fields below the names, or between them."""
        if folded == self._is_folded:
            return
        self._is_folded = folded
        self._lines.removeItem(self._places)
        row, column, wide = (1, 0, 4) if folded else (0, 1, 1)
        self._lines.addLayout(self._places, row, column, 1, wide)

    def _embolden(self) -> None:
        font = self.font()
        font.setBold(True)
        for label in (self._layer, self._value):
            label.setFont(font)

    def _field(self, name: str) -> QSpinBox:
        field = QSpinBox(self)
        field.setAccessibleName(name.capitalize())
        field.setProperty("picture_content", True)  # a picture must say which value it explains
        field.setKeyboardTracking(False)
        field.setWrapping(False)
        field.valueChanged.connect(self._tell)
        return field

    def _tell(self) -> None:
        self.index_chosen.emit(tuple(field.value() for field in self._fields if not field.isHidden()))

    def minimumSizeHint(self) -> QSize:
        """Return the size with the fields on a line of their own."""
        fields = self._places.minimumSize()
        line = super().minimumSizeHint().height()
        return QSize(max(fields.width(), _LEAST_WIDTH), line)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Use two lines where one has no room for the value."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Use two lines where one has no room for the value."""
        if self._beside_value is None:
            corner = self._corner.sizeHint().width() if self._corner is not None else 0
            fields = sum(field.sizeHint().width() for field in self._fields if not field.isHidden())
            gaps = 5 * self._lines.spacing()  # between name, three fields, value and corner
            self._beside_value = self._layer.sizeHint().width() + fields + corner + gaps
        if self._usual_value is None:
            self._usual_value = self._value.fontMetrics().horizontalAdvance(_USUAL_VALUE)
        room = max(self._usual_value, self._value.text_width) + 8
        self._fold(self.width() < self._beside_value + room)

    def changeEvent(self, event: QEvent) -> None:
        """Stay bold when the font changes."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._beside_value = self._usual_value = None
            self._embolden()
