"""The choice of what computes, in its row of the training settings."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from convscope.core.settings import Setting, settings_of
from convscope.core.training_config import TrainingConfig
from convscope.ui.widgets.form import SettingsForm
from convscope.ui.widgets.setting_editors import ChoiceEditor, editor_for


class DeviceChoice(QObject):
    """Puts a list of the devices there are where the form would let any text be typed.

    The form cannot know them: torch tells them when it is loaded, on this machine only.

    Attributes:
        editor: The list.

    Signals:
        device_changed(str): The user chose the device of this id.
    """

    device_changed = Signal(str)

    def __init__(self, form: SettingsForm) -> None:
        """Take over the row "device" of a form that shows a training configuration."""
        super().__init__(form)
        self._devices: tuple[tuple[str, str], ...] = ()
        self._typed = form.editor("device")
        self._typed.setObjectName("setting_device_text")
        self._typed.hide()
        self.editor = self._made((("cpu", "Processor (CPU)"),))

    def show_devices(self, devices: Sequence[tuple[str, str]], chosen: str) -> None:
        """Show the devices there are as (id, title), and the one chosen even if it is not there."""
        if chosen not in (device for device, _ in devices):
            devices = (*devices, (chosen, f"{chosen} (not on this machine)"))
        if tuple(devices) != self._devices:
            old = self.editor
            self.editor = self._made(tuple(devices))
            old.hide()
            old.deleteLater()
        self.editor.show_value(chosen)

    def _made(self, devices: tuple[tuple[str, str], ...]) -> ChoiceEditor:
        self._devices = devices
        described = next(setting for setting in settings_of(TrainingConfig) if setting.name == "device")
        row = self._typed.parentWidget()
        assert row is not None
        setting = Setting(
            "choice", described.label, described.help, devices[0][0], choices=devices, name=described.name
        )
        editor = editor_for(setting, row)
        assert isinstance(editor, ChoiceEditor)
        editor.entered.connect(lambda device: self.device_changed.emit(device))
        layout = row.layout()
        assert layout is not None
        layout.addWidget(editor)
        editor.show()  # the layout would only do so later
        return editor
