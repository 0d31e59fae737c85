"""What takes the place of canvas and bars where the network gets numbers: their fields, and the predicted number."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convscope.core.data.dataset import Dataset, Quantity
from convscope.core.data.drawing import Drawing
from convscope.core.data.number_rows import row_of, takes_numbers
from convscope.core.unit import Unit
from convscope.ui.widgets.number_text import number_text
from convscope.ui.widgets.numbers_input import NumbersInput
from convscope.ui.widgets.predicted_number import PredictedNumber

if TYPE_CHECKING:
    from convscope.ui.session import Session


class DrawingNumbers(QWidget):
    """Lets the user choose a row of the data or type numbers, and shows what the network predicts from them."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("drawing_numbers")
        self._session, self._inspection = session, session.inspection
        self._is_stale = True
        self._random = np.random.default_rng()
        self.input = NumbersInput(self)
        self.prediction = PredictedNumber(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(10)
        column.addWidget(self.input)
        column.addWidget(self.prediction, 1)
        self.input.row_chosen.connect(self.show_row)
        self.input.numbers_entered.connect(self._take_numbers)
        self.prediction.pointed.connect(lambda on: self._inspection.hover(self._unit if on else None))
        self.prediction.chosen.connect(lambda: self._inspection.pin(self._unit))
        for signal in (session.drawing_changed, session.trace_changed, session.network_changed):
            signal.connect(self._refresh)
        session.dataset_changed.connect(self._refresh)
        self._inspection.hovered_changed.connect(self._show_marks)
        self._inspection.regions_changed.connect(self._show_marks)

    def show_row(self, row: int) -> None:
        """Give the network the numbers of a row."""
        dataset = self._rows
        if dataset is not None:
            self._edit(dataclasses.replace(self._session.drawing, **row_of(dataset.test, row)), "Choose row")

    def walk(self, way: str) -> None:
        """Go to the "next" row, the "previous" or a "random" one."""
        dataset, row = self._rows, self._row
        count = 0 if dataset is None else len(dataset.test)
        if not count:
            return
        if way == "random":
            others = [other for other in range(count) if other != row]
            self.show_row(int(self._random.choice(others or [row])))
        else:
            self.show_row((row + (1 if way == "next" else -1)) % count if row >= 0 else 0)

    @property
    def _rows(self) -> Dataset | None:
        """The data, where they are rows of numbers for this network."""
        dataset = self._session.dataset
        if dataset is None or dataset.target is None:
            return None
        return dataset if dataset.image_shape == self._session.network.input_shape else None

    @property
    def _row(self) -> int:
        """Which row of the data the network gets; −1 for none of them."""
        dataset, drawing = self._rows, self._session.drawing
        if dataset is None:
            return -1
        present = drawing.numbers, drawing.target
        rows = (row for row in range(len(dataset.test)) if tuple(row_of(dataset.test, row).values()) == present)
        return next(rows, -1)

    @property
    def _unit(self) -> Unit:
        return Unit(len(self._session.network.layers), (0,))

    def _quantities(self) -> tuple[Quantity, ...]:
        dataset = self._rows
        if dataset is not None:
            return dataset.features
        return tuple(Quantity(f"number {n + 1}", "") for n in range(self._session.network.input_shape[0]))

    def _take_numbers(self, values: tuple[float, ...]) -> None:
        pairs = zip(self._quantities(), values, strict=True)
        numbers = tuple(quantity.standardised(value) for quantity, value in pairs)
        self._edit(dataclasses.replace(self._session.drawing, numbers=numbers, target=None), "Type numbers")

    def _edit(self, drawing: Drawing, text: str) -> None:
        if drawing != self._session.drawing:
            self._session.edit(text, drawing=drawing)

    def _refresh(self) -> None:
        self._is_stale = not self.isVisible()
        if self._is_stale or not takes_numbers(self._session.network.input_shape):
            return
        quantities = self._quantities()
        self.input.show_quantities(quantities, self._row_texts())
        pairs = zip(quantities, self._session.image.ravel(), strict=True)
        values = [round(quantity.measured(float(value)), 4) for quantity, value in pairs]
        self.input.show_numbers(values, self._row)
        self._show_prediction()
        self._show_marks()

    def _row_texts(self) -> list[str]:
        dataset = self._rows
        if dataset is None or dataset.target is None:
            return []
        texts: list[str] = []
        for row, (image, label) in enumerate(zip(dataset.test.values, dataset.test.labels, strict=True), 1):
            pairs = zip(dataset.features, image.ravel(), strict=True)
            known = ", ".join(_text(quantity, quantity.measured(float(value))) for quantity, value in pairs)
            texts.append(f"Row {row}: {known} → {_text(dataset.target, float(label.item()))}")
        return texts

    def _show_prediction(self) -> None:
        session, dataset, trace = self._session, self._rows, self._session.trace
        problem = session.network.report.problem
        if problem is not None:
            self.prediction.show_message(problem.located)
        elif trace is not None and trace.network == session.network and trace.logits is not None:
            quantity = dataset.target if dataset is not None and dataset.target is not None else Quantity("number", "")
            self.prediction.show_prediction(quantity, float(trace.logits[0]), session.drawing.target)

    def _show_marks(self) -> None:
        if not self.isVisible():
            self._is_stale = True
            return
        pointed = self._inspection.hovered == self._unit
        self.prediction.show_marks(pointed=pointed, marked=self._unit.layer in self._inspection.regions)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while hidden."""
        super().showEvent(event)
        if self._is_stale:
            self._refresh()


def _text(quantity: Quantity, value: float) -> str:
    return f"{number_text(value, 3)} {quantity.unit}".strip()
