"""The tools that change a kernel: known filters, random numbers, the way back, and the brush."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QMenu, QToolButton, QWidget

from convscope.core.known_filters import fitting
from convscope.core.settings import Setting
from convscope.ui.icons import icon
from convscope.ui.widgets.kernel_cell_editor import MOST
from convscope.ui.widgets.setting_editors import StepEditor

# What a tool changes: its key, its name, and its help.
TARGETS = (
    ("kernel", "This kernel", "Change the kernel for this input channel alone"),
    ("alone", "Kernel alone", "Change this kernel and set the filter’s kernels for the other channels to zero"),
    ("filter", "Whole filter", "Change the filter’s kernels for all input channels"),
)
RESTORED = (
    ("opened", "As it was when it was opened", "Take back what has happened to it since"),
    ("initial", "As training began", "The first weights, which the seed decides"),
)
_ICON = QSize(18, 18)
# Fusion would draw the mark of a menu over the text.
_MENU_MARK = """
QToolButton { padding-right: 13px; }
QToolButton::menu-indicator { subcontrol-origin: padding; subcontrol-position: center right; right: 2px; width: 9px; }
"""


class KernelTools(QWidget):
    """Tools in a row or a column; what they change is chosen once for all of them.

    Signals:
        filter_chosen(str, str): The known filter of this id shall be put into this target.
        random_wanted(str): The target shall get random weights.
        restore_wanted(str, str): The target shall be as it was, "opened" or "initial".
        brush_changed(bool, float): Whether the mouse paints, and what.
    """

    filter_chosen = Signal(str, str)
    random_wanted = Signal(str)
    restore_wanted = Signal(str, str)
    brush_changed = Signal(bool, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.known = self._button("conv2d", "Known filter", "Put a filter known from image processing into the kernel")
        self.known.setText("Known filter")
        self.known.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.random = self._button("random", "Randomise", "Draw random weights, as a new network has them")
        self.back = self._button("reset", "Restore", "Bring weights back")
        self.pen = self._button("pen", "Paint", "Paint with the mouse: left button this value, right its negative")
        self.pen.setCheckable(True)
        self.brush = StepEditor(Setting("number", "The brush", "What the mouse paints.", 1.0, -MOST, MOST, 0.25), self)
        self.brush.setObjectName("kernel_brush")
        self.brush.setAccessibleName("Value to paint")
        self.brush.setToolTip("Value to paint; the right button paints its negative, Ctrl paints zero")
        self.brush.hide()
        self.target = _TargetBox(self)
        self._size: tuple[int, int] | None = None
        self._lay_out()
        self._connect()

    @property
    def chosen_target(self) -> str:
        """What the tools change; a filter with one kernel is that kernel."""
        return "kernel" if self.target.isHidden() else str(self.target.currentData())

    def show_kernel(self, size: tuple[int, int], channels: int) -> None:
        """Offer what suits a kernel of (height, width) in a filter of so many channels."""
        self.target.setVisible(channels > 1)
        if size != self._size:
            self._size = size
            self.known.menu().clear()
            for known in fitting(*size):
                action = self.known.menu().addAction(known.title)
                action.setObjectName(f"known_{known.id}")
                action.setToolTip(known.help)
                action.setStatusTip(known.help)
                action.triggered.connect(
                    lambda _=False, chosen=known.id: self.filter_chosen.emit(chosen, self.chosen_target)
                )

    def show_upright(self, upright: bool) -> None:
        """Stand below each other, or side by side."""
        directions = QBoxLayout.Direction
        self._box.setDirection(directions.TopToBottom if upright else directions.LeftToRight)

    def _button(self, drawing: str, name: str, help_text: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"kernel_{name.lower().replace(' ', '_')}_button")
        button.setIcon(icon(drawing))
        button.setIconSize(_ICON)
        button.setAccessibleName(name)
        button.setToolTip(help_text)
        button.setStatusTip(help_text)
        return button

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(3)
        for button in (self.random, self.back, self.pen):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._box = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(3)
        self._box.addWidget(self.known)
        self._box.addWidget(self.target)
        self._box.addLayout(buttons)
        self._box.addWidget(self.brush)
        self._box.addStretch(1)

    def _connect(self) -> None:
        for button in (self.known, self.back):
            menu = QMenu(button)
            menu.setToolTipsVisible(True)
            button.setMenu(menu)
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            button.setStyleSheet(_MENU_MARK)
        for key, text, help_text in RESTORED:
            action = self.back.menu().addAction(text)
            action.setObjectName(f"restore_{key}")
            action.setToolTip(help_text)
            action.triggered.connect(lambda _=False, which=key: self.restore_wanted.emit(which, self.chosen_target))
        self.random.clicked.connect(lambda: self.random_wanted.emit(self.chosen_target))
        self.pen.toggled.connect(self.brush.setVisible)
        self.pen.toggled.connect(self._tell)
        self.brush.entered.connect(self._tell)

    def _tell(self) -> None:
        self.brush_changed.emit(self.pen.isChecked(), float(self.brush.field.value))


class _TargetBox(QComboBox):
    """Chooses what the tools change."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("kernel_target")
        self.setAccessibleName("Change")
        self.setToolTip("What the tools change")
        for index, (key, text, help_text) in enumerate(TARGETS):
            self.addItem(text, key)
            self.setItemData(index, help_text, Qt.ItemDataRole.ToolTipRole)
