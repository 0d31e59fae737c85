"""What the sizes of gradients say, in words, with buttons for what to try."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from convscope.core.diagnosis import CurveRemedy
from convscope.ui.widgets.tinted_label import TintedLabel

_BESIDE = 760  # pixels of width from which the buttons stand beside the words


class GradientFinding(QWidget):
    """Shows a heading, a sentence and remedies.

    Signals:
        remedy_chosen(CurveRemedy): The button of a remedy was pressed.
    """

    remedy_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make one that says nothing."""
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.heading = TintedLabel("warning", self)
        self.heading.setObjectName("gradient_heading")
        self.calm = TintedLabel("text", self)  # in its place where nothing is wrong
        font = self.heading.font()
        font.setBold(True)
        for label in (self.heading, self.calm):
            label.setFont(font)
        self.corner = QHBoxLayout()  # what the owner puts beside the heading
        self.corner.setSpacing(2)
        self.sentence = TintedLabel("text", self)
        self.sentence.setObjectName("gradient_sentence")
        self._remedies: Sequence[CurveRemedy] = ()
        self.buttons: list[QPushButton] = []
        words = QVBoxLayout()
        words.setSpacing(0)
        top = QHBoxLayout()
        for label in (self.heading, self.calm):
            top.addWidget(label, 1)
        top.addLayout(self.corner)
        words.addLayout(top)
        words.addWidget(self.sentence)
        self._row = QHBoxLayout()
        self._row.setSpacing(4)
        self._row.addStretch(1)
        self._whole = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setSpacing(3)
        self._whole.addLayout(words, 1)
        self._whole.addLayout(self._row)
        self.show_calm("", "")

    def show_calm(self, heading: str, sentence: str) -> None:
        """Say something where nothing is wrong."""
        self.calm.show_text(heading)
        self._show("", sentence, ())

    def show_trouble(self, heading: str, sentence: str, remedies: Sequence[CurveRemedy]) -> None:
        """Show what is wrong, and what to try."""
        self._show(heading, sentence, remedies)

    def _show(self, heading: str, sentence: str, remedies: Sequence[CurveRemedy]) -> None:
        self.heading.show_text(heading)
        self.heading.setVisible(bool(heading))
        self.calm.setVisible(not heading)
        self.sentence.show_text(sentence)
        if tuple(remedies) != tuple(self._remedies):
            self._remedies = tuple(remedies)
            self._show_buttons()

    def _show_buttons(self) -> None:
        while len(self.buttons) < len(self._remedies):
            self.buttons.append(self._button(len(self.buttons)))
        for number, button in enumerate(self.buttons):
            if number < len(self._remedies):
                remedy = self._remedies[number]
                button.setText(remedy.label)
                button.setAccessibleName(remedy.label)
                button.setAccessibleDescription(remedy.reason)
                button.setToolTip(remedy.reason)
            button.setVisible(number < len(self._remedies))
        self.fit()

    def _button(self, number: int) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(f"gradient_remedy_{number}")
        button.clicked.connect(lambda: self.remedy_chosen.emit(self._remedies[number]))
        self._row.insertWidget(self._row.count() - 1, button)
        return button

    def fit(self) -> None:
        """Put the buttons beside or below the words, and show as many as there is room for."""
        beside = self.width() >= _BESIDE
        self._whole.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        room = self.width() * (0.55 if beside else 1.0)
        for number, button in enumerate(self.buttons):
            room -= button.sizeHint().width() + 4
            button.setVisible(number < len(self._remedies) and (room >= 0 or number == 0))
