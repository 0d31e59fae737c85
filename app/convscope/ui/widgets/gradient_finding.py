"""What the sizes of gradients say, in words, with buttons for what to try."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from convscope.core.diagnosis import CurveRemedy
from convscope.ui.widgets.remedy_button import RemedyButton
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
        self._remedies: tuple[CurveRemedy, ...] = ()
        self._done: tuple[CurveRemedy, ...] = ()
        self.buttons: list[RemedyButton] = []
        self.more = QToolButton(self)
        self.more.setObjectName("gradient_more")
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        menu.aboutToShow.connect(self._fill_menu)
        self.more.setMenu(menu)
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
        self._row.addWidget(self.more)
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
        self._show("", sentence, (), ())

    def show_trouble(
        self, heading: str, sentence: str, remedies: Sequence[CurveRemedy], done: Sequence[CurveRemedy] = ()
    ) -> None:
        """Show what is wrong, and what to try; of that, what is done cannot be pressed again."""
        self._show(heading, sentence, tuple(remedies), tuple(done))

    def _show(
        self, heading: str, sentence: str, remedies: tuple[CurveRemedy, ...], done: tuple[CurveRemedy, ...]
    ) -> None:
        self.heading.show_text(heading)
        self.heading.setVisible(bool(heading))
        self.calm.setVisible(not heading)
        self.sentence.show_text(sentence)
        if (remedies, done) != (self._remedies, self._done):
            self._remedies, self._done = remedies, done
            self._show_buttons()

    def _show_buttons(self) -> None:
        while len(self.buttons) < len(self._remedies):
            self.buttons.append(self._button(len(self.buttons)))
        for button, remedy in zip(self.buttons, self._remedies, strict=False):
            button.show_remedy(remedy, is_done=remedy in self._done)
        self.fit()

    def _button(self, number: int) -> RemedyButton:
        button = RemedyButton(self)
        button.setObjectName(f"gradient_remedy_{number}")
        button.clicked.connect(lambda: self.remedy_chosen.emit(self._remedies[number]))
        self._row.insertWidget(number, button)
        return button

    def fit(self) -> None:
        """Put the buttons beside or below the words; those for which there is no room go into a menu."""
        beside = self.width() >= _BESIDE
        self._whole.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        fitting = self._fitting(self.width() * (0.55 if beside else 1.0))
        for number, button in enumerate(self.buttons):
            button.setVisible(number < fitting)
        left = len(self._remedies) - fitting
        self.more.setVisible(left > 0)
        self.more.setText(f"{left} more")
        self.more.setAccessibleName(f"{left} more to try")

    def _fitting(self, room: float) -> int:
        """Return how many buttons there is room for, with one for the menu where those are not all; at least one."""
        widths = [button.sizeHint().width() + self._row.spacing() for button in self.buttons[: len(self._remedies)]]
        if sum(widths) <= room:
            return len(widths)
        room -= self.more.sizeHint().width()
        return max(1, sum(width <= room for width in accumulate(widths)))

    def _fill_menu(self) -> None:
        menu = self.more.menu()
        menu.clear()
        for button, remedy in zip(self.buttons, self._remedies, strict=False):
            if button.isHidden():
                entry = menu.addAction(button.text())
                entry.setEnabled(button.isEnabled())
                entry.triggered.connect(lambda _=False, chosen=remedy: self.remedy_chosen.emit(chosen))
