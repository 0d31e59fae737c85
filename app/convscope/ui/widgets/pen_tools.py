"""The choice of pen or eraser and of its width."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from convscope.core.data.drawing import DEFAULT_WIDTH
from convscope.ui import icons

ICON = QSize(20, 20)
_LEAST, _MOST = 3, 20  # percent of the canvas


class PenTools(QWidget):
    """Two buttons and a slider.

    Signals:
        pen_changed: The user chose; carries the width as a fraction of the canvas, and whether it erases.
    """

    pen_changed = Signal(float, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pen = self._button("pen", "Pen", "Draw with the left mouse button")
        self.eraser = self._button("eraser", "Eraser", "Erase. The right mouse button always does; E changes over")
        self.pen.setChecked(True)
        self._group = QButtonGroup(self)
        self._group.addButton(self.pen)
        self._group.addButton(self.eraser)
        self._group.buttonClicked.connect(self._tell)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setAccessibleName("Pen width")
        self.slider.setToolTip("Width of the pen in percent of the canvas")
        self.slider.setRange(_LEAST, _MOST)
        self.slider.setValue(round(100 * DEFAULT_WIDTH))
        self.slider.setMinimumWidth(50)
        self.slider.valueChanged.connect(self._tell)
        self._value = QLabel(self)
        self._value.setMinimumWidth(self._value.fontMetrics().horizontalAdvance(f"{_MOST} %"))
        self._value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(3)
        for widget, stretch in ((self.pen, 0), (self.eraser, 0), (self.slider, 1), (self._value, 0)):
            row.addWidget(widget, stretch)
        self._show_value()

    @property
    def width_chosen(self) -> float:
        """The pen's width as a fraction of the canvas."""
        return self.slider.value() / 100

    def show_eraser(self, erases: bool) -> None:
        """Show which of the two is in use."""
        (self.eraser if erases else self.pen).setChecked(True)

    def _button(self, name: str, text: str, help_text: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"{name}_button")
        button.setIcon(icons.icon(name))
        button.setIconSize(ICON)
        button.setCheckable(True)
        button.setAccessibleName(text)
        button.setToolTip(help_text)
        button.setStatusTip(help_text)
        return button

    def _tell(self) -> None:
        self._show_value()
        self.pen_changed.emit(self.width_chosen, self.eraser.isChecked())

    def _show_value(self) -> None:
        self._value.setText(f"{self.slider.value()} %")
