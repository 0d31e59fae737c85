"""What else there is to see of batch norm, folded away: a batch of one, the bias before, the network without."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from convscope.ui.widgets.batch_norm_spreads import BatchNormSpreads
from convscope.ui.widgets.fold import Fold
from convscope.ui.widgets.tinted_label import TintedLabel

_COMPARING = (
    "Training starts anew from the same first weights, with batch norm switched off and biases in its place. Then "
    "check both runs in the panel “Runs”: their curves lie in the same plots. Undo brings this network back with all "
    "it has learned."
)


class BatchNormFolds(QWidget):
    """Three foldable parts below each other.

    Signals:
        opened: A part was unfolded or folded away.
        bias_wanted(bool): The user wants the layer before to have a bias, or none.
        plain_wanted: The user wants to train the network without batch norm.
    """

    opened = Signal()
    bias_wanted = Signal(bool)
    plain_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.one = self._fold("A batch of one", "batch_norm_one")
        self.bias = self._fold("Bias before it", "batch_norm_bias")
        self.plain = self._fold("Without batch norm", "batch_norm_plain")
        self._one_text = self._sentence(self.one)
        self._bias_text = self._sentence(self.bias)
        self._bias_button = self._button(self.bias, "batch_norm_bias_button")
        self._bias_button.setText("Remove the bias")
        self._has_bias = True
        self.spreads = BatchNormSpreads(self)
        self.plain.body.addWidget(self.spreads)
        self._plain_text = self._sentence(self.plain)
        self._plain_button = self._button(self.plain, "batch_norm_plain_button")
        self._plain_button.setText("Train it without batch norm")
        self._comparing = TintedLabel("muted", self)
        self._comparing.show_text(_COMPARING)
        self.plain.body.addWidget(self._comparing)
        self._bias_button.clicked.connect(lambda: self.bias_wanted.emit(not self._has_bias))
        self._plain_button.clicked.connect(self.plain_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for fold in (self.one, self.bias, self.plain):
            column.addWidget(fold)

    def show_one(self, text: str) -> None:
        """Show what a batch of one would be."""
        self._one_text.show_text(text)
        self.one.show_summary(text)

    def show_bias(self, text: str, has_bias: bool | None) -> None:
        """Show what the bias before does.

        Args:
            text: In words.
            has_bias: Whether there is one; None where there can be none.
        """
        self._has_bias = bool(has_bias)
        self._bias_text.show_text(text)
        self.bias.show_summary(text)
        self._bias_button.setVisible(has_bias is not None)
        self._bias_button.setText("Remove the bias" if has_bias else "Add a bias, to see what becomes of it")
        self._bias_button.setToolTip("The running mean moves with it, so what the network answers stays the same")

    def show_plain(self, text: str) -> None:
        """Show what batch norm does to the spread of the layers' values."""
        self._plain_text.show_text(text)
        self._plain_text.setVisible(bool(text))

    def _fold(self, title: str, name: str) -> Fold:
        fold = Fold(title, self)
        fold.setObjectName(name)
        fold.heading.clicked.connect(self.opened)
        return fold

    def _sentence(self, fold: Fold) -> TintedLabel:
        label = TintedLabel("text", self)
        fold.body.addWidget(label)
        return label

    def _button(self, fold: Fold, name: str) -> QPushButton:
        button = QPushButton(self)
        button.setObjectName(name)
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        fold.body.addWidget(button)
        return button
