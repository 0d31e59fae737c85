"""Questions that must be answered before the program goes on."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

Button = QMessageBox.StandardButton


def ask(parent: QWidget, title: str, question: str, buttons: Button, default: Button, more: str = "") -> Button:
    """Ask, and return the button that was pressed; Escape presses the one that changes nothing.

    Args:
        parent: The window the question belongs to.
        title: What it is about.
        question: One sentence.
        buttons: All that can be pressed.
        default: What Enter presses.
        more: What else must be known to answer.
    """
    box = QMessageBox(QMessageBox.Icon.Question, title, question, buttons, parent)
    box.setTextFormat(Qt.TextFormat.PlainText)  # names that people give may look like markup
    box.setInformativeText(more)
    box.setDefaultButton(default)
    answer = Button(box.exec())  # a plain number is no button: `is` would never find the two the same
    box.deleteLater()
    return answer
