"""Why a network cannot work, said in the card where it stops, with a button for each remedy."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from convscope.ui.widgets.settling import fitted_height
from convscope.ui.widgets.tinted_label import TintedLabel


class ProblemBox(QWidget):
    """Why a layer cannot work, and a button for each remedy.

    Signals:
        remedy_chosen(int): The button of the remedy of this number was pressed.
    """

    remedy_chosen = Signal(int)

    def __init__(self, message: str, remedies: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(5)
        sentence = TintedLabel("warning", self)
        sentence.show_text(message)
        layout.addWidget(sentence)
        for number, label in enumerate(remedies):
            layout.addWidget(self._button(number, label))

    def fit(self, width: int) -> int:
        """Take a width and return the height that it needs."""
        return fitted_height(self, width)

    def _button(self, number: int, label: str) -> QPushButton:
        button = QPushButton(label, self)
        button.setObjectName(f"remedy_{number}")
        button.setAccessibleName(label)
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        button.setMinimumHeight(button.fontMetrics().height() + 10)
        button.clicked.connect(lambda: self.remedy_chosen.emit(number))
        return button
