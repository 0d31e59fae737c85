"""Questions: the names in them are shown as they were typed."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QWidget

from convscope.ui.questions import Button, ask

NAME = "lecture <b>softmax</b>"


def test_a_name_that_looks_like_markup_is_shown_as_it_is(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    shown: dict[str, Qt.TextFormat] = {}

    def read() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        shown.update({label.text(): label.textFormat() for label in box.findChildren(QLabel) if label.text()})
        box.button(Button.Cancel).click()

    QTimer.singleShot(0, window, read)
    answer = ask(window, "Delete runs", f"Delete {NAME}?", Button.Yes | Button.Cancel, Button.Yes, f"{NAME} is gone.")
    assert answer == Button.Cancel
    assert shown == {f"Delete {NAME}?": Qt.TextFormat.PlainText, f"{NAME} is gone.": Qt.TextFormat.PlainText}
