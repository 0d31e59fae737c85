"""The head of the kernels panel: which layer, and how its weights are shown."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from convscope.core.settings import Setting
from convscope.ui.icons import icon
from convscope.ui.widgets.kernel_units import Channel
from convscope.ui.widgets.layer_picker import LayerPicker
from convscope.ui.widgets.setting_editors import StepEditor

_MOST = 2047  # filters that a convolution may have, less one


class KernelHead(QWidget):
    """Chooses a layer, and for each way of showing it what belongs to that.

    Signals:
        look_changed(): The weights shall be shown in another way.
        kernel_wanted(int, int): The kernel of this filter and channel shall be shown.
        table_wanted(): All kernels shall be shown again.
    """

    look_changed = Signal()
    kernel_wanted = Signal(int, int)
    table_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picker = LayerPicker(self)
        self._gradients = self._made_button("show_gradients_button", "∇ Gradients", "Gradients beside the weights")
        self._instead = self._made_button("only_gradients_button", "∇", "Gradients in the place of the weights")
        self._channels = QComboBox(self)
        self._scale = QComboBox(self)
        self._number = self._stepper("Filter")
        self._channel = self._stepper("Channel")
        self._labels = [QLabel(text, self) for text in ("&Filter", "&Ch.")]
        self._back = QToolButton(self)
        self._parts = (
            self._gradients, self._instead, self._channels, self._scale,
            self._labels[0], self._number, self._labels[1], self._channel, self._back,
        )  # fmt: skip
        self._counts = (1, 1)
        self._build()
        self.show_nothing()

    @property
    def gradients(self) -> bool:
        """Whether gradients are shown beside the weights."""
        return self._gradients.isChecked()

    @property
    def instead(self) -> bool:
        """Whether gradients are shown in the place of a dense layer's weights."""
        return self._instead.isChecked()

    @property
    def own_scales(self) -> bool:
        """Whether every filter or unit has colours of its own."""
        return bool(self._scale.currentData())

    @property
    def channel(self) -> Channel:
        """Which input channels of a dense layer are shown."""
        return self._channels.currentData() if self._channels.count() else "all"

    def show_nothing(self) -> None:
        """Leave only the choice of a layer."""
        self._show_only()

    def show_table(self, *, filters: bool) -> None:
        """Offer what belongs to a table of kernels, or to one of other arrays."""
        self._scale.setItemText(1, "Scale: filter")
        self._show_only(*((self._gradients, self._scale) if filters else ()))

    def show_units(self, *, matrix: bool) -> None:
        """Offer what belongs to the units of a dense layer, whose inputs may have places in maps."""
        self._scale.setItemText(1, "Scale: unit")
        several = self._channels.count() > 0
        self._show_only(self._instead, *((self._channels,) if several else ()), *(() if matrix else (self._scale,)))

    def show_kernel(self, number: int, channel: int, filters: int, channels: int) -> None:
        """Offer the way to other kernels."""
        self._counts = (filters, channels)
        for stepper, value in ((self._number, number), (self._channel, channel)):
            stepper.show_value(value, keep_typing=True)
        several = (self._labels[1], self._channel) if channels > 1 else ()
        self._show_only(self._labels[0], self._number, *several, self._back)

    def list_channels(self, count: int, *, mean: bool) -> None:
        """Offer the input channels of a dense layer, beginning with all, or with their mean."""
        self._channels.clear()
        if count > 1:
            self._channels.addItem("All channels", "all")
            self._channels.addItem("Channel mean", "mean")
            for channel in range(count):
                self._channels.addItem(f"Channel {channel}", channel)
            self._channels.setCurrentIndex(int(mean))

    def _show_only(self, *wanted: QWidget) -> None:
        for widget in self._parts:  # first hide: all of them together would make the window wider
            if widget not in wanted:
                widget.hide()
        for widget in wanted:
            widget.show()

    def _build(self) -> None:
        self._gradients.setChecked(True)
        self._gradients.setToolTip("Show beside each kernel the gradient of the last batch, while there is one")
        self._instead.setToolTip("Show the gradient of the last batch, while there is one, not the weights")
        for button in (self._gradients, self._instead):
            button.toggled.connect(self.look_changed)
        self._channels.setAccessibleName("Input channel")
        self._channels.setToolTip("Which input channel's weights are shown")
        self._channels.setMaxVisibleItems(20)
        self._scale.addItem("Scale: layer", False)
        self._scale.addItem("Scale: filter", True)
        self._scale.setAccessibleName("Colour scale")
        self._scale.setToolTip("Compare colours within one filter or unit, or all over the layer")
        for box in (self._channels, self._scale):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.activated.connect(self.look_changed)
        self._back.setObjectName("all_kernels_button")
        self._back.setIcon(icon("kernels"))
        self._back.setIconSize(QSize(18, 18))
        self._back.setAccessibleName("All kernels")
        self._back.setToolTip("Show all kernels of the layer again (Esc)")
        self._back.clicked.connect(self.table_wanted)
        for label, stepper in zip(self._labels, (self._number, self._channel), strict=True):
            label.setBuddy(stepper)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 4, 0)
        row.setSpacing(4)
        row.addWidget(self.picker)
        row.addStretch(1)
        for widget in self._parts:
            row.addWidget(widget)

    def _made_button(self, name: str, text: str, spoken: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setCheckable(True)
        button.setAccessibleName(spoken)
        return button

    def _stepper(self, name: str) -> StepEditor:
        setting = Setting("integer", name, f"Which {name.lower()}’s kernel is shown.", 0, 0, _MOST)
        stepper = StepEditor(setting, self)
        stepper.setObjectName(f"kernel_{name.lower()}")
        stepper.setAccessibleName(name)
        stepper.setToolTip(setting.help)
        stepper.setAlignment(Qt.AlignmentFlag.AlignRight)
        stepper.entered.connect(self._take_steps)
        return stepper

    def _take_steps(self) -> None:
        """Go to another kernel; beyond the last is the last."""
        wanted = (int(stepper.field.value) for stepper in (self._number, self._channel))
        self.kernel_wanted.emit(*(min(value, count - 1) for value, count in zip(wanted, self._counts, strict=True)))
