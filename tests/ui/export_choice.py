"""Choosing an entry of a dialog's box, as a person does."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QWidget


def choose(dialog: QWidget, name: str, text: str) -> None:
    """Choose the entry of a combo box that begins so, with the arrow keys."""
    combo = dialog.findChild(QComboBox, name)
    assert combo is not None
    QTest.keyClick(combo, Qt.Key.Key_Home)
    while not combo.currentText().startswith(text):
        before = combo.currentIndex()
        QTest.keyClick(combo, Qt.Key.Key_Down)
        assert combo.currentIndex() > before, f"no entry begins with {text}"
