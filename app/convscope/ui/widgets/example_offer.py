"""What a panel says while there is nothing to show, and a button that shows an example."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget


class ExampleOffer(QWidget):
    """A sentence in the middle, and below it the button.

    Signals:
        wanted: The user wants the example.
    """

    wanted = Signal()

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        """Make the page.

        Args:
            name: What the names of its parts begin with, for scripts.
            tip: Says what the example is.
            parent: Owns the page.
        """
        super().__init__(parent)
        self._hint = QLabel(self)
        self._hint.setObjectName(f"{name}_hint")
        self._hint.setWordWrap(True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._button = QPushButton("Show an &example", self)
        self._button.setObjectName(f"{name}_example")
        self._button.setToolTip(tip)
        self._button.clicked.connect(self.wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.addStretch(1)
        column.addWidget(self._hint)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)

    def show_offer(self, text: str, *, offered: bool, possible: bool) -> None:
        """Say something; the button is there if something is `offered`, and works if it is `possible`."""
        self._hint.setText(text)
        self._button.setVisible(offered)
        self._button.setEnabled(possible)
