"""γ and β of one channel: each as a slider to drag and a field to type in."""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QSlider, QWidget

from convscope.core.settings import Setting
from convscope.ui.widgets.setting_editors import StepEditor, editor_for

_STEPS = 100  # of a slider for each whole number
_REACH = 3.0  # of a slider on either side of 0, unless the value lies beyond it
_SCALE = Setting(
    "number",
    "Scale γ",
    "The normalised values are multiplied by γ: their standard deviation is |γ| afterwards.",
    1.0,
    low=-1e6,
    high=1e6,
    step=0.1,
    name="scale",
)
_SHIFT = Setting(
    "number",
    "Shift β",
    "Then β is added: the mean is β afterwards. It does what a bias before would do.",
    0.0,
    low=-1e6,
    high=1e6,
    step=0.1,
    name="shift",
)


class BatchNormSliders(QWidget):
    """Lets γ and β be dragged, turned by keys or typed.

    Signals:
        dragged(float, float): γ and β while the mouse moves one of them.
        entered(float, float): γ and β that the user is done with.
    """

    dragged = Signal(float, float)
    entered = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale, self.shift = _ValueRow(_SCALE, self), _ValueRow(_SHIFT, self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(4, 0, 4, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(2)
        self.show_beside(False)
        for row in (self.scale, self.shift):
            row.dragged.connect(lambda: self.dragged.emit(self.scale.value, self.shift.value))
            row.entered.connect(lambda: self.entered.emit(self.scale.value, self.shift.value))

    @property
    def is_dragging(self) -> bool:
        """Whether the mouse holds a slider."""
        return self.scale.slider.isSliderDown() or self.shift.slider.isSliderDown()

    def show_beside(self, beside: bool) -> None:
        """Put both beside each other, or one below the other."""
        for place, row in enumerate((self.scale, self.shift)):
            for column, widget in enumerate((row.label, row.slider, row.editor)):
                self._grid.addWidget(widget, 0 if beside else place, column + 3 * place * beside)
        for column in (1, 4):
            self._grid.setColumnStretch(column, int(column == 1 or beside))

    def show_values(self, scale: float | None, shift: float) -> None:
        """Show γ and β; no γ where the layer learns none."""
        self.scale.show_value(1.0 if scale is None else scale)
        self.shift.show_value(shift)
        for widget in (self.scale.label, self.scale.slider, self.scale.editor):
            widget.setEnabled(scale is not None)

    def show_hindrance(self, text: str) -> None:
        """Let nothing be changed, and say why in the tooltips; empty text lets it be changed."""
        self.setEnabled(not text)
        for row in (self.scale, self.shift):
            for widget in (row.label, row.slider, row.editor):
                widget.setToolTip(text or row.help)


class _ValueRow(QObject):
    """One number with its name, slider and field.

    Signals:
        dragged: The mouse moves the slider; `value` is where it is.
        entered: The user is done with another `value`.
    """

    dragged = Signal()
    entered = Signal()

    def __init__(self, setting: Setting, parent: QWidget) -> None:
        super().__init__(parent)
        self.value = float(setting.default)
        self.help = setting.help
        self.slider = QSlider(Qt.Orientation.Horizontal, parent)
        self.slider.setObjectName(f"batch_norm_{setting.name}_slider")
        self.slider.setAccessibleName(setting.label)
        self.slider.setToolTip(setting.help)
        self.slider.setPageStep(_STEPS // 2)
        self.slider.setSingleStep(_STEPS // 20)
        editor = editor_for(setting, parent)
        assert isinstance(editor, StepEditor)
        self.editor = editor
        self.label = QLabel(setting.label, parent)
        self.label.setToolTip(setting.help)
        self.label.setBuddy(editor)
        self.slider.valueChanged.connect(self._follow_slider)
        self.slider.sliderReleased.connect(self.entered)
        editor.entered.connect(self._enter)
        self.show_value(self.value)

    def show_value(self, value: float) -> None:
        """Show a number; the slider reaches beyond it."""
        self.value = value
        self.editor.show_value(float(f"{value:.3g}"), keep_typing=True)
        reach = round(_STEPS * max(_REACH, math.ceil(1.5 * abs(value)))) if abs(value) < 1e6 else 10**8
        with QSignalBlocker(self.slider):
            if not self.slider.isSliderDown():
                self.slider.setRange(-reach, reach)
            self.slider.setValue(round(value * _STEPS))

    def _follow_slider(self, steps: int) -> None:
        self.value = steps / _STEPS
        self.editor.show_value(self.value)
        if self.slider.isSliderDown():
            self.dragged.emit()
        else:
            self.entered.emit()

    def _enter(self, value: float) -> None:
        self.show_value(value)
        self.entered.emit()
