"""The numbers that a network gets in place of an image: chosen from rows or typed, and how they are prepared."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from convscope.core.data.dataset import Quantity
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.tinted_label import TintedLabel

_OWN = "Your own numbers"
_HIGHEST = 1000.0  # of what can be typed
_EXPLANATION = "Each number is standardised before it reaches the network: less the mean, over the standard deviation."


class NumbersInput(QWidget):
    """Shows a row of numbers in their units, and below each what the network gets of it.

    Signals:
        row_chosen: The user wants the numbers of a row; carries its place.
        numbers_entered: The user typed numbers; carries them in their units, as a tuple.
    """

    row_chosen = Signal(int)
    numbers_entered = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("numbers_input")
        self.setAccessibleName("What the network gets")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._quantities: tuple[Quantity, ...] = ()
        self.rows = QComboBox(self)
        self.rows.setObjectName("numbers_row")
        self.rows.setAccessibleName("Row of the data")
        self.rows.setToolTip("Take the numbers of a row, for which the target is known")
        self.rows.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.rows.activated.connect(self._choose)
        self.fields: tuple[QDoubleSpinBox, ...] = ()
        self._sums: tuple[TintedLabel, ...] = ()
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.rows)
        column.addLayout(self._grid)
        explanation = TintedLabel("muted", self)
        explanation.show_text(_EXPLANATION)
        column.addWidget(explanation)

    def show_quantities(self, quantities: Sequence[Quantity], rows: Sequence[str]) -> None:
        """Offer a field for each quantity, and rows by what they are called."""
        if [*rows, _OWN] != [self.rows.itemText(place) for place in range(self.rows.count())]:
            self._fill_rows(rows)
        if tuple(quantities) != self._quantities:
            self._quantities = tuple(quantities)
            self._fill_fields()

    def show_numbers(self, values: Sequence[float], row: int) -> None:
        """Show numbers in their units; `row` is where they come from, −1 for none of the rows."""
        self.rows.setCurrentIndex(row if row >= 0 else self.rows.count() - 1)
        for field, value, line, quantity in zip(self.fields, values, self._sums, self._quantities, strict=True):
            if not field.hasFocus() or abs(field.value() - value) >= 0.5 * 10 ** -field.decimals():
                with QSignalBlocker(field):
                    field.setValue(value)
            line.show_text(_sum_text(quantity, value))

    def _fill_rows(self, rows: Sequence[str]) -> None:
        with QSignalBlocker(self.rows):
            self.rows.clear()
            for place, text in enumerate(rows):
                self.rows.addItem(text, place)
            self.rows.addItem(_OWN, -1)

    def _fill_fields(self) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.fields = tuple(self._field(quantity) for quantity in self._quantities)
        self._sums = tuple(TintedLabel("muted", self) for _ in self._quantities)
        for place, (quantity, field, line) in enumerate(zip(self._quantities, self.fields, self._sums, strict=True)):
            label = QLabel(f"&{quantity.name.capitalize()}", self)
            label.setBuddy(field)
            self._grid.addWidget(label, 2 * place, 0)
            self._grid.addWidget(field, 2 * place, 1)
            self._grid.addWidget(line, 2 * place + 1, 1)

    def _field(self, quantity: Quantity) -> QDoubleSpinBox:
        field = QDoubleSpinBox(self)
        field.setObjectName(f"number_{quantity.name}")
        field.setAccessibleName(quantity.name.capitalize())
        field.setDecimals(1)
        field.setMinimumHeight(self.rows.sizeHint().height())  # on some platforms a spin box cuts its letters off
        field.setRange(-_HIGHEST, _HIGHEST)
        field.setSuffix(f" {quantity.unit}" if quantity.unit else "")
        field.valueChanged.connect(lambda _: self.numbers_entered.emit(tuple(one.value() for one in self.fields)))
        return field

    def _choose(self, index: int) -> None:
        row = self.rows.itemData(index)
        if row >= 0:
            self.row_chosen.emit(row)


def _sum_text(quantity: Quantity, value: float) -> str:
    """Return how a number is standardised, with the numbers."""
    mean, deviation = number_text(quantity.mean), number_text(quantity.deviation)
    return f"({number_text(value)} − {mean}) ÷ {deviation} = {number_text(quantity.standardised(value))}"
