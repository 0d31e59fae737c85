"""The buttons above a row of data cubes: fit, zoom, slice, open, and what the colours compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QSlider, QToolButton, QToolTip, QWidget

from convscope.ui.widgets.cube_values import Scaling

_READING = 30_000  # milliseconds
_LEAST_WIDTH = 320  # pixels
_ROOMY = 500  # pixels of width from which nothing is left out
_WHOLE = 400  # pixels of width from which no choice is cut

Fit = Literal["row", "all", "turn"]
_FITS: dict[Fit, tuple[str, str]] = {
    "row": ("Fit", "Show the network as large as it can be read (F)"),
    "all": ("All", "Show the network from end to end, with smaller cubes (F)"),
    "turn": ("Turn", "Show the cubes from where they are usually seen (F)"),
}
AXES = (("Channel", "maps"), ("Row", "rows"), ("Column", "columns"))
_SCALES: tuple[tuple[Scaling, str], ...] = (
    ("layer", "Scale: layer"), ("map", "Scale: map"), ("network", "Scale: network"),
)  # fmt: skip


@dataclass(frozen=True)
class ControlState:
    """What the controls show.

    Attributes:
        axis: 0 channels, 1 rows, 2 columns.
        slices: How many slices the selected cube has along it; 0 where there is nothing to cut.
        slice: Which one is shown.
        can_open: Whether the selected cube has maps to show.
        is_open: Whether they are shown.
    """

    axis: int = 0
    slices: int = 0
    slice: int = 0
    can_open: bool = False
    is_open: bool = False


class CubeControls(QWidget):
    """A slim strip of controls.

    Signals:
        fit_wanted: The row shall be fitted into its room.
        zoom_wanted: The cubes shall be larger (true) or smaller (false).
        axis_chosen: The slider shall move along this axis.
        slice_chosen: The selected cube shall be cut at this slice.
        opening_wanted: The selected cube shall open or close.
        scaling_chosen: Colours shall compare the values of a "layer", a "map" or the "network".
    """

    fit_wanted = Signal()
    zoom_wanted = Signal(bool)
    axis_chosen = Signal(int)
    slice_chosen = Signal(int)
    opening_wanted = Signal()
    scaling_chosen = Signal(str)

    def __init__(self, help_text: str, parent: QWidget | None = None) -> None:
        """Make the strip; `help_text` says what else can be done with the cubes."""
        super().__init__(parent)
        self.setProperty("picture_tool", True)
        self._help = self._button("?", help_text, "cubes_help")
        self._fit = self._button("Fit", "Show the whole network (F)", "cubes_fit")
        self._smaller = self._button("−", "Smaller (−, or Ctrl and the wheel)", "cubes_smaller")
        self._larger = self._button("+", "Larger (+, or Ctrl and the wheel)", "cubes_larger")
        self._axis = QComboBox(self)
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        self._number = QLabel(self)
        self._open = self._button("Open", "", "cubes_open")
        self._scale = QComboBox(self)
        self._build()
        self._fit.clicked.connect(lambda: self.fit_wanted.emit())
        self._smaller.clicked.connect(lambda: self.zoom_wanted.emit(False))
        self._larger.clicked.connect(lambda: self.zoom_wanted.emit(True))
        self._open.clicked.connect(lambda: self.opening_wanted.emit())
        self._help.clicked.connect(self._show_help)
        self._axis.activated.connect(self.axis_chosen)
        self._slider.valueChanged.connect(self.slice_chosen)
        self._scale.currentIndexChanged.connect(lambda: self.scaling_chosen.emit(self._scale.currentData()))

    @property
    def scaling(self) -> Scaling:
        """What the colours compare."""
        return self._scale.currentData()

    def show_state(self, state: ControlState) -> None:
        """Show what the selected cube is like."""
        self._axis.setCurrentIndex(state.axis)
        word = AXES[state.axis][1]
        with QSignalBlocker(self._slider):
            self._slider.setRange(0, max(0, state.slices - 1))
            self._slider.setPageStep(max(1, state.slices // 10))
            self._slider.setValue(state.slice)
        self._slider.setEnabled(state.slices > 1 and not state.is_open)
        tip = f"Slice through the {word} of the selected cube (up and down keys)"
        self._slider.setToolTip("Close the cube to slice through it" if state.is_open else tip)
        self._axis.setEnabled(not state.is_open)
        self._number.setText(f"{state.slice} of {state.slices}" if state.slices else "")
        self._open.setText("Close" if state.is_open else "Open")
        self._open.setAccessibleName("Close the cube" if state.is_open else "Open the cube")
        self._open.setEnabled(state.can_open or state.is_open)
        tip = "Put the maps back into the cube" if state.is_open else "Lay the maps of the selected cube side by side"
        self._open.setToolTip(f"{tip} (Enter, or a double click on a cube)")

    def show_fit(self, fit: Fit) -> None:
        """Show what the button that fits the row does next."""
        text, tip = _FITS[fit]
        self._fit.setText(text)
        self._fit.setAccessibleName(text)
        self._fit.setToolTip(tip)

    def _build(self) -> None:
        self._axis.setAccessibleName("Slice along")
        self._axis.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._axis.setObjectName("cubes_axis")
        self._axis.setToolTip("The direction in which the slider slices through the selected cube")
        self._axis.addItems([name for name, _ in AXES])
        self._slider.setAccessibleName("Slice")
        self._slider.setObjectName("cubes_slice")
        self._slider.setMinimumWidth(40)
        self._slider.setMaximumWidth(220)
        self._slider.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._number.setMinimumWidth(self._number.fontMetrics().horizontalAdvance("00 of 000"))
        self._scale.setAccessibleName("Colour scale")
        self._scale.setObjectName("cubes_scale")
        self._scale.setToolTip("Compare colours within one map, all maps of a layer, or all layers of the network")
        self._scale.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for key, text in _SCALES:
            self._scale.addItem(text, key)
        for button in (self._smaller, self._larger, self._help):
            button.setFixedWidth(26)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 4, 0)
        row.setSpacing(4)
        for widget in (self._fit, self._smaller, self._larger):
            row.addWidget(widget)
        row.addSpacing(6)
        row.addWidget(self._axis)
        row.addWidget(self._slider, 1)
        row.addWidget(self._number)
        row.addWidget(self._open)
        row.addStretch(0)
        row.addWidget(self._scale)
        row.addWidget(self._help)

    def _show_help(self) -> None:
        """Show the tooltip at once, and long enough to read it."""
        below = self._help.mapToGlobal(self._help.rect().bottomLeft())
        QToolTip.showText(below, self._help.toolTip(), self._help, self._help.rect(), _READING)

    def _button(self, text: str, tip: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setObjectName(name)
        button.setAccessibleName({"−": "Smaller", "+": "Larger", "?": "How to use the cubes"}.get(text, text))
        return button

    def minimumSizeHint(self) -> QSize:
        """Return the width without what keys and the mouse can do as well."""
        return QSize(_LEAST_WIDTH, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out what has no room."""
        super().resizeEvent(event)
        for widget in (self._smaller, self._larger, self._number):
            widget.setVisible(self.width() >= _ROOMY)
        for box in (self._axis, self._scale):  # rather cut than keep a dock from being made narrow
            box.setMinimumWidth(box.sizeHint().width() if self.width() >= _WHOLE else 64)
