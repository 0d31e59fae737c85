"""The dialog that collects failures: a sentence for each, details to copy, and the way to the log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFontDatabase
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from convscope.ui.icons import icon
from convscope.ui.widgets.about_box import versions_text

_SENTENCES = 4  # read at once; the details hold all
_MOST = 50  # different failures kept; the log holds all
_ICON_SIDE = 36
_SIZE = (560, 150)
_DETAILS_HEIGHT = 220


@dataclass(frozen=True)
class Failure:
    """Something that went wrong.

    Attributes:
        sentence: What is wrong, where, and what to do.
        details: What helps to find the cause, such as a traceback; may be empty.
    """

    sentence: str
    details: str = ""


class ErrorDialog(QDialog):
    """Shows failures until it is closed; further ones are added to it, so that dialogs never pile up."""

    def __init__(self, log_path: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("error_dialog")
        self.setWindowTitle("Error")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._log_path = log_path
        self._counts: dict[Failure, int] = {}
        self.sentences = QLabel(self)
        self.sentences.setObjectName("error_sentences")
        self.sentences.setTextFormat(Qt.TextFormat.PlainText)  # a file's name may look like markup
        self.sentences.setWordWrap(True)
        self.sentences.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.details = QPlainTextEdit(self)
        self.details.setObjectName("error_details")
        self.details.setAccessibleName("Details")
        self.details.setReadOnly(True)
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.details.setMinimumHeight(_DETAILS_HEIGHT)
        self.details.hide()
        self._lay_out()

    def add(self, failure: Failure) -> None:
        """Show a failure beside those already shown; a repeated one is counted."""
        if failure in self._counts or len(self._counts) < _MOST:
            self._counts[failure] = self._counts.get(failure, 0) + 1
        self._show_sentences()
        if any(known.details for known in self._counts):
            self._details_button.show()
            if self.details.isVisible():
                self.details.setPlainText(self._details_text())
        self._make_room()
        if not self.isVisible():
            self.open()

    def copied_text(self) -> str:
        """Return what a report of the failures should hold."""
        return f"{self._details_text()}\n\n{versions_text()}\n"

    def _show_sentences(self) -> None:
        counts: dict[str, int] = {}
        for failure, count in self._counts.items():
            counts[failure.sentence] = counts.get(failure.sentence, 0) + count
        lines = [_counted(sentence, count) for sentence, count in counts.items()]
        if len(lines) > _SENTENCES:
            lines = [*lines[:_SENTENCES], f"… and {len(lines) - _SENTENCES} more; Copy details takes all of them."]
        self.sentences.setText("\n\n".join(lines))

    def _make_room(self) -> None:
        """Be high enough for all that is said: a layout counts one line of a text that wraps."""
        width = max(_SIZE[0], self.width() if self.isVisible() else 0)
        wanted = cast(QLayout, self.layout()).totalHeightForWidth(width)
        self.resize(width, max(_SIZE[1], wanted, self.height() if self.isVisible() else 0))

    def _details_text(self) -> str:
        blocks = [f"{_counted(known.sentence, n)}\n{known.details}".strip() for known, n in self._counts.items()]
        return "\n\n".join(blocks)

    def _lay_out(self) -> None:
        picture = QLabel(self)
        picture.setPixmap(icon("warning").pixmap(_ICON_SIDE, _ICON_SIDE))
        row = QHBoxLayout()
        row.setSpacing(14)
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.sentences, 1)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.setContentsMargins(16, 16, 16, 12)
        column.addLayout(row)
        column.addWidget(self.details, 1)
        column.addStretch()
        column.addWidget(self._buttons())

    def _buttons(self) -> QDialogButtonBox:
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self._details_button = self._button(box, "Show details", "show_details")
        self._details_button.clicked.connect(self._toggle_details)
        self._details_button.hide()
        copy = self._button(box, "Copy details", "copy_details")
        copy.clicked.connect(lambda: QApplication.clipboard().setText(self.copied_text()))
        open_log = self._button(box, "Open log", "open_log")
        open_log.setVisible(self._log_path is not None)
        open_log.clicked.connect(self._open_log)
        box.rejected.connect(self.reject)
        close = box.button(QDialogButtonBox.StandardButton.Close)
        close.setDefault(True)
        close.setFocus()
        return box

    def _button(self, box: QDialogButtonBox, text: str, name: str) -> QPushButton:
        button = QPushButton(text, box)
        button.setObjectName(name)
        button.setAutoDefault(False)
        box.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        return button

    def _toggle_details(self) -> None:
        shown = not self.details.isVisible()
        if shown:
            self.details.setPlainText(self._details_text())
        self.details.setVisible(shown)
        self._details_button.setText("Hide details" if shown else "Show details")
        if not shown:  # the layout makes room for them, but does not take it back
            self.resize(self.width(), self.height() - self.details.height())

    def _open_log(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log_path)))


def _counted(sentence: str, count: int) -> str:
    return sentence if count == 1 else f"{sentence} ({count:,} times)"
