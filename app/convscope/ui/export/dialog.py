"""The dialog that asks which panel becomes what kind of picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSignalBlocker, QSize, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from convscope.ui.export.options import APPEARANCES, BACKGROUNDS, FORMATS, PictureOptions
from convscope.ui.export.picture import greatest_scale
from convscope.ui.export.preview import Preview
from convscope.ui.export.tools import WITH_TOOLS

PREVIEW = QSize(380, 260)
_LEAST_SCALE, _MOST_SCALE = 0.25, 16.0
_TOOLS = "The panel’s buttons, sliders and lists, which are of no use on a slide"
_ONLY_TOOLS = "This panel consists of buttons and fields, so that its picture always has them"


class ExportDialog(QDialog):
    """Asks for panel, format, size and colours of a picture, and shows what it will look like.

    Signals:
        options_changed: The user chose something else; the preview is of the past.
        copy_wanted: The picture shall go to the clipboard.
    """

    options_changed = Signal()
    copy_wanted = Signal()

    def __init__(self, panels: Mapping[str, str], options: PictureOptions, parent: QWidget | None = None) -> None:
        """Make it.

        Args:
            panels: The titles of the panels by their object names.
            options: What is chosen at first.
            parent: The window it belongs to.
        """
        super().__init__(parent)
        self.setObjectName("export_dialog")
        self.setWindowTitle("Export picture")
        self.setAccessibleName(self.windowTitle())
        self._size = QSize(1, 1)  # of the panel
        self._chosen = options.scale
        self._panel = combo("export_panel", "Panel", panels, options.panel, self)
        self._kind = combo("export_format", "Format", FORMATS, options.kind, self)
        self._appearance = combo("export_theme", "Theme", APPEARANCES, options.appearance, self)
        self._background = combo("export_background", "Background", BACKGROUNDS, options.background, self)
        self._tools = QCheckBox("&With buttons and fields", self)
        self._scale = QDoubleSpinBox(self)
        self._width = QSpinBox(self)
        self._text = QLabel(self)
        self._preview = Preview("export_preview", "Preview", PREVIEW, self)
        self._tools.setChecked(options.tools)
        self._build(options.scale)
        for box in (self._panel, self._kind, self._appearance, self._background):
            box.currentIndexChanged.connect(self._take_choice)
        self._tools.toggled.connect(self._take_choice)
        self._scale.valueChanged.connect(self._take_scale)
        self._width.valueChanged.connect(self._take_width)
        self._take_choice()

    @property
    def options(self) -> PictureOptions:
        """What is chosen."""
        return PictureOptions(
            self._panel.currentData(),
            self._kind.currentData(),
            self._chosen,
            self._appearance.currentData(),
            self._background.currentData(),
            self._tools.isChecked(),
        )

    def show_picture(self, picture: QImage, panel: QSize) -> None:
        """Show what the picture will look like.

        Args:
            picture: It, of any size.
            panel: The size of its panel on the screen.
        """
        if panel != self._size:
            self._size = panel
            with QSignalBlocker(self._scale), QSignalBlocker(self._width):
                self._scale.setMaximum(min(_MOST_SCALE, greatest_scale(panel)))
                ends = (_LEAST_SCALE, self._scale.maximum())
                self._width.setRange(*(round(scale * panel.width()) for scale in ends))
            self._take_scale(self._scale.value())
        self._preview.show_picture(picture)

    def _build(self, scale: float) -> None:
        self._tools.setObjectName("export_tools")
        self._scale.setObjectName("export_scale")
        self._scale.setAccessibleName("Scale")
        self._scale.setRange(_LEAST_SCALE, _MOST_SCALE)
        self._scale.setSingleStep(0.5)
        self._scale.setSuffix(" ×")
        self._scale.setValue(scale)
        self._width.setObjectName("export_width")
        self._width.setAccessibleName("Width in pixels")
        self._width.setSuffix(" px wide")
        self._width.setRange(1, 100_000)
        self._width.setSingleStep(100)
        self._width.setKeyboardTracking(False)  # the scale follows a width that has been typed to its end
        self._text.setObjectName("export_size")
        column = QVBoxLayout(self)
        column.setSpacing(14)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        row = QHBoxLayout()
        row.setSpacing(18)
        row.addWidget(self._preview)
        row.addLayout(self._form())
        column.addLayout(row)
        column.addWidget(self._buttons())

    def _form(self) -> QFormLayout:
        scale = QHBoxLayout()
        scale.setSpacing(8)
        for editor in (self._scale, self._width):
            editor.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            scale.addWidget(editor)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.setVerticalSpacing(10)
        form.addRow("&Panel", self._panel)
        form.addRow("&Format", self._kind)
        label = QLabel("&Scale", self)
        label.setBuddy(self._scale)
        form.addRow(label, scale)
        form.addRow("", self._text)
        form.addRow("&Theme", self._appearance)
        form.addRow("&Background", self._background)
        form.addRow("", self._tools)
        return form

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox.StandardButton
        box = QDialogButtonBox(buttons.Save | buttons.Cancel, self)
        box.button(buttons.Save).setText("&Export…")
        box.button(buttons.Save).setDefault(True)
        copy = box.addButton("&Copy", QDialogButtonBox.ButtonRole.ActionRole)
        copy.setObjectName("export_copy")
        copy.setAutoDefault(False)
        copy.setToolTip("Put the picture on the clipboard, as pixels at this scale")
        copy.clicked.connect(self.copy_wanted)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        return box

    def _take_choice(self) -> None:
        for editor in (self._scale, self._width):
            editor.setToolTip("" if self.options.kind == "png" else "Counts for the clipboard only")
        can_do_without = self.options.panel in WITH_TOOLS
        self._tools.setEnabled(can_do_without)
        self._tools.setToolTip(_TOOLS if can_do_without else _ONLY_TOOLS)
        self._show_size()
        self.options_changed.emit()

    def _take_scale(self, scale: float) -> None:
        self._chosen = scale
        with QSignalBlocker(self._width):
            self._width.setValue(round(scale * self._size.width()))
        self._show_size()

    def _take_width(self, width: int) -> None:
        self._chosen = width / self._size.width()  # exact, where the box shows two decimals
        with QSignalBlocker(self._scale):
            self._scale.setValue(self._chosen)
        self._show_size()

    def _show_size(self) -> None:
        self._text.setText(self.options.size_text(self._size))


def combo(name: str, label: str, entries: Mapping[Any, str], chosen: str, parent: QWidget) -> QComboBox:
    """Return a box to choose one of `entries` (what is chosen: what is read)."""
    box = QComboBox(parent)
    box.setObjectName(name)
    box.setAccessibleName(label)
    for key, text in entries.items():
        box.addItem(text, key)
    box.setCurrentIndex(max(box.findData(chosen), 0))
    return box
