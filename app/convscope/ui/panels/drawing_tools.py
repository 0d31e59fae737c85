"""The two rows of buttons under the canvas: pen and drawing, samples and images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from convscope.ui.panels.samples import PARTS
from convscope.ui.widgets.pen_tools import ICON, PenTools

SAMPLE_ACTIONS = ("action_previous_sample", "action_next_sample", "action_random_sample")
_STROKE_ACTIONS = ("action_undo_stroke", "action_clear_drawing")
_IMAGE_ACTIONS = ("action_open_image", "action_paste_image")


class DrawingTools(QWidget):
    """Shows the drawing's actions, and the choice of pen and of samples.

    Signals:
        class_chosen: The user wants samples of a class; carries its number, -1 for any.
        part_chosen: The user wants samples of a part of the data set; carries "test" or "train".
    """

    class_chosen = Signal(int)
    part_chosen = Signal(str)

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._tooltips = {name: actions[name].toolTip() for name in SAMPLE_ACTIONS}
        self.pen = PenTools(self)
        self.class_box = self._box("class_box", "Class of the samples", "Show samples of this class")
        self.part_box = self._box("part_box", "Part of the data set", "Show images to test with or to train with")
        for part, text in PARTS.items():
            self.part_box.addItem(text, part)
        self._lay_out()
        self.class_box.activated.connect(lambda _: self.class_chosen.emit(self.class_box.currentData()))
        self.part_box.activated.connect(lambda _: self.part_chosen.emit(self.part_box.currentData()))

    def show_classes(self, names: Sequence[str]) -> None:
        """Offer these classes, with any class chosen."""
        self.class_box.clear()
        self.class_box.addItem("Any class", -1)
        for number, name in enumerate(names):
            self.class_box.addItem(name, number)

    def allow_samples(self, allowed: bool, why_not: str) -> None:
        """Enable or disable what shows samples; the reason is the tooltip."""
        for name, tooltip in self._tooltips.items():
            self._actions[name].setEnabled(allowed)
            self._actions[name].setToolTip(tooltip if allowed else why_not)
        for box in (self.class_box, self.part_box):
            box.setEnabled(allowed)
            box.setToolTip(box.statusTip() if allowed else why_not)

    def allow_clearing(self, *, strokes: bool, anything: bool) -> None:
        """Enable what takes a stroke or everything away, if there is something."""
        self._actions["action_undo_stroke"].setEnabled(strokes)
        self._actions["action_clear_drawing"].setEnabled(anything)

    def _lay_out(self) -> None:
        upper, lower = QHBoxLayout(), QHBoxLayout()
        upper.addWidget(self.pen, 1)
        for name in (*_STROKE_ACTIONS, *_IMAGE_ACTIONS):
            upper.addWidget(self._button(name))
        for name in SAMPLE_ACTIONS:
            lower.addWidget(self._button(name))
        lower.addWidget(self.class_box, 1)
        lower.addWidget(self.part_box, 1)
        rows = QVBoxLayout(self)
        for row in (rows, upper, lower):
            row.setSpacing(3)
            row.setContentsMargins(0, 0, 0, 0)
        rows.addLayout(upper)
        rows.addLayout(lower)

    def _button(self, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setDefaultAction(self._actions[name])
        button.setIconSize(ICON)
        button.setAccessibleName(self._actions[name].text().replace("&", "").rstrip("…"))
        return button

    def _box(self, name: str, title: str, help_text: str) -> QComboBox:
        box = QComboBox(self)
        box.setObjectName(name)
        box.setAccessibleName(title)
        box.setToolTip(help_text)
        box.setStatusTip(help_text)
        box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        box.setMinimumWidth(84)
        return box
