"""What can be set and done above the feature maps: colours, hold, compare, switch off."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from convscope.ui.icons import icon
from convscope.ui.panels.mosaic_source import Look, ScaleOf

_SCALES: tuple[tuple[ScaleOf, str], ...] = (
    ("layer", "Scale: layer"),
    ("map", "Scale: map"),
    ("network", "Scale: network"),
)
_STEPS = 10  # of the contrast slider, each half a doubling


class MapsTools(QWidget):
    """A row of tools.

    Signals:
        look_changed: The user wants other colours.
        hold_toggled: The user wants the maps to stay, or to follow the drawing again.
        compare_toggled: The user wants two drawings side by side, or no longer.
        off_toggled: The user wants the selected map switched off, or on again.
    """

    look_changed = Signal()
    hold_toggled = Signal(bool)
    compare_toggled = Signal(bool)
    off_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = QComboBox(self)
        self._contrast = QSlider(Qt.Orientation.Horizontal, self)
        self._sign = QLabel(self)
        self._sign.setProperty("picture_tool", True)
        self.hold = self._button("hold", "Hold", "Keep the maps as they are while you draw on (H)")
        self.compare = self._button("compare", "Compare", "Keep these maps as A and show the live ones beside them (C)")
        self.off = self._button("map-off", "Switch map off", "Take the selected map as zero, for looking (X)")
        self._build()
        self._scale.currentIndexChanged.connect(lambda _: self.look_changed.emit())
        self._contrast.valueChanged.connect(self._change_contrast)
        for button, signal in (
            (self.hold, self.hold_toggled),
            (self.compare, self.compare_toggled),
            (self.off, self.off_toggled),
        ):
            button.clicked.connect(signal)

    def _build(self) -> None:
        for key, text in _SCALES:
            self._scale.addItem(text, key)
        self._scale.setMinimumWidth(64)  # rather cut than keep a dock from being made narrow
        self._scale.setMaximumWidth(self._scale.sizeHint().width())
        self._scale.setAccessibleName("Colour scale")
        self._scale.setToolTip("Compare colours within one map, all maps of the layer, or all layers of the network")
        self._contrast.setRange(0, _STEPS)
        self._contrast.setPageStep(2)
        self._contrast.setFixedWidth(48)
        self._contrast.setAccessibleName("Contrast")
        self._sign.setPixmap(icon("contrast", "muted").pixmap(16, 16))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3)
        row.addWidget(self._scale, 1)
        for widget in (self._sign, self._contrast, self.off, self.hold, self.compare):
            row.addWidget(widget)
        self._show_gain()

    @property
    def look(self) -> Look:
        """The colours that are set."""
        return Look(cast(ScaleOf, self._scale.currentData()), 2 ** (self._contrast.value() / 2))

    def button_of(self, key: int) -> QToolButton | None:
        """Return the button that a key presses."""
        return {Qt.Key.Key_H: self.hold, Qt.Key.Key_C: self.compare, Qt.Key.Key_X: self.off}.get(Qt.Key(key))

    def step_contrast(self, steps: int) -> None:
        """Boost the contrast by so many doublings, as the keys do."""
        self._contrast.setValue(self._contrast.value() + 2 * steps)

    def show_state(self, *, held: bool, compared: bool, off: bool | None, possible: bool) -> None:
        """Show what is the case.

        Args:
            held: The maps do not follow the drawing.
            compared: Two drawings are compared.
            off: Whether the selected map is switched off; None where none can be.
            possible: There are maps to hold or compare.
        """
        self.hold.setChecked(held)
        self.hold.setEnabled(held or possible)
        self.compare.setChecked(compared)
        self.compare.setEnabled(compared or possible)
        self.off.setChecked(bool(off))
        self.off.setEnabled(off is not None)

    def _button(self, drawing: str, name: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setCheckable(True)
        button.setText(name)
        button.setAccessibleName(name)
        button.setToolTip(tip)
        button.setIcon(icon(drawing))
        button.setIconSize(QSize(18, 18))
        return button

    def _change_contrast(self) -> None:
        self._show_gain()
        self.look_changed.emit()

    def _show_gain(self) -> None:
        tip = f"Contrast ×{self.look.gain:.3g}: faint values are told apart, and the legend says which (+ and −)"
        for widget in (self._contrast, self._sign):
            widget.setToolTip(tip)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of the new theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._sign.setPixmap(icon("contrast", "muted").pixmap(16, 16))
        super().changeEvent(event)
