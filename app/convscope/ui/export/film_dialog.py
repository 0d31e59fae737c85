"""The dialog that asks how a film shall be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from convscope.core.animation import Kind
from convscope.ui.export.dialog import combo
from convscope.ui.export.options import APPEARANCES, Appearance
from convscope.ui.export.preview import Preview

KINDS: dict[Kind, str] = {
    "gif": "GIF – opens everywhere, 256 colours",
    "webp": "WebP – exact colours, smaller file",
}
PREVIEW = QSize(400, 226)
_NARROWEST, _WIDEST = 320, 1920


@dataclass(frozen=True)
class FilmOptions:
    """How a film is made.

    Attributes:
        kind: Format of the file.
        width: In pixels; the height is 9/16 of it.
        seconds: How long the movement takes.
        appearance: Which theme it has.
        subject: What it shows, where that can be chosen.
    """

    kind: Kind = "gif"
    width: int = 800
    seconds: float = 10.0
    appearance: Appearance = "shown"
    subject: str = ""


class FilmDialog(QDialog):
    """Asks for format, size, duration and theme of a film, and shows a picture of it.

    Signals:
        options_changed: The user chose something else; the picture is of the past.
    """

    options_changed = Signal()

    def __init__(
        self,
        title: str,
        options: FilmOptions,
        parent: QWidget | None = None,
        subjects: Mapping[str, str] | None = None,
    ) -> None:
        """Make the dialog.

        Args:
            title: What is to be made.
            options: What is chosen at first.
            parent: The window.
            subjects: What can be shown, by the names of the choices; None where there is nothing to choose.
        """
        super().__init__(parent)
        self.setObjectName("film_dialog")
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self._kind = combo("film_format", "Format", KINDS, options.kind, self)
        self._appearance = combo("film_theme", "Theme", APPEARANCES, options.appearance, self)
        self._subject = combo("film_subject", "Shows", subjects or {"": ""}, options.subject, self)
        self._subject.setVisible(bool(subjects))
        self._width = QSpinBox(self)
        self._seconds = QDoubleSpinBox(self)
        self._text = QLabel(self)
        self._preview = Preview("film_preview", "A picture of the film", PREVIEW, self)
        self._build(options)
        for box in (self._kind, self._appearance, self._subject):
            box.currentIndexChanged.connect(self.options_changed)
        self._width.valueChanged.connect(self.options_changed)
        self._seconds.valueChanged.connect(self.options_changed)

    @property
    def options(self) -> FilmOptions:
        """What is chosen."""
        return FilmOptions(
            self._kind.currentData(),
            self._width.value(),
            self._seconds.value(),
            self._appearance.currentData(),
            self._subject.currentData(),
        )

    def show_film(self, picture: QImage, text: str) -> None:
        """Show a picture of the film, and what is to be said of it."""
        self._preview.show_picture(picture)
        self._text.setText(text)

    def _build(self, options: FilmOptions) -> None:
        self._width.setObjectName("film_width")
        self._width.setAccessibleName("Width in pixels")
        self._width.setRange(_NARROWEST, _WIDEST)
        self._width.setSingleStep(80)
        self._width.setSuffix(" px wide")
        self._width.setKeyboardTracking(False)
        self._width.setValue(options.width)
        self._seconds.setObjectName("film_seconds")
        self._seconds.setAccessibleName("Duration of the movement in seconds")
        self._seconds.setRange(0.5, 60.0)
        self._seconds.setSingleStep(0.5)
        self._seconds.setDecimals(1)
        self._seconds.setSuffix(" s")
        self._seconds.setKeyboardTracking(False)
        self._seconds.setValue(options.seconds)
        self._text.setObjectName("film_text")
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setVerticalSpacing(10)
        if not self._subject.isHidden():
            form.addRow("&Shows", self._subject)
        form.addRow("&Format", self._kind)
        form.addRow("&Width", self._width)
        form.addRow("&Duration", self._seconds)
        form.addRow("&Theme", self._appearance)
        form.addRow("", self._text)
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addWidget(self._preview)
        row.addLayout(form)
        column = QVBoxLayout(self)
        column.setSpacing(14)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        column.addLayout(row)
        column.addWidget(self._buttons())

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox.StandardButton
        box = QDialogButtonBox(buttons.Save | buttons.Cancel, self)
        box.button(buttons.Save).setText("&Export…")
        box.button(buttons.Save).setDefault(True)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        return box
