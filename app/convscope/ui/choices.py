"""The two boxes of the toolbar: which preset, and which data."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QFileDialog, QMessageBox, QWidget

from convscope.core.data.sources import SOURCES
from convscope.core.large import is_large
from convscope.core.presets import Preset, presets, usable_presets
from convscope.paths import config_folder
from convscope.ui.session import Session


class PresetBox(QComboBox):
    """Chooses a preset, and says which one the network is."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("preset_box")
        self.setAccessibleName("Preset network")
        self._session = session
        self._presets: tuple[Preset, ...] = ()
        self.setPlaceholderText("Your own network")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setToolTip("Start from one of the lectures’ networks; its weights are new until you press Train.")
        self._fill()
        self.activated.connect(self._choose)
        session.network_changed.connect(self._show)
        session.config_changed.connect(self._show)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel alone: passing over the box must not replace the network."""
        event.ignore()

    def _fill(self) -> None:
        """List the presets that ship, and those in the user's own folder."""
        own, errors = usable_presets(config_folder() / "presets")
        if errors:
            text = " ".join(str(error) for error in errors)
            # Later, because the status bar that shows it is made after this box.
            QTimer.singleShot(0, self, lambda: self._session.message_shown.emit(text))
        self._presets = (*presets(), *own)
        for index, preset in enumerate(self._presets):
            self.addItem(f"{preset.title} (shown, not trained)" if is_large(preset.network) else preset.title)
            self.setItemData(index, preset.description, Qt.ItemDataRole.ToolTipRole)
        self._show()

    def _choose(self, index: int) -> None:
        self._session.load_preset(self._presets[index])

    def _show(self) -> None:
        layers, config = self._session.network.layers, self._session.config
        matching = [index for index, preset in enumerate(self._presets) if preset.network.layers == layers]
        exact = [index for index in matching if self._presets[index].training == config]
        if exact or self.currentIndex() not in matching:  # two may differ in how they are trained alone
            self.setCurrentIndex(next(iter(exact or matching), -1))


class DatasetBox(QComboBox):
    """Chooses the data set, and asks before anything is downloaded."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dataset_box")
        self.setAccessibleName("Data set")
        self._session = session
        self.setPlaceholderText("Choose data…")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setToolTip("The examples to train and validate on, and to take samples from.")
        for index, source in enumerate(SOURCES):
            self.addItem(source.title, source.id)
            self.setItemData(index, source.help, Qt.ItemDataRole.ToolTipRole)
        self.activated.connect(self._choose)
        session.dataset_changed.connect(self._show)
        session.loading_changed.connect(self._show)
        session.download_needed.connect(lambda source, text: self._ask(source, text, "&Download"))
        session.download_failed.connect(lambda source, text: self._ask(source, text, "&Try again"))
        self._show()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel alone: passing over the box must not load other data."""
        event.ignore()

    def _choose(self, index: int) -> None:
        source = SOURCES[index]
        used = self._session.dataset
        if source.id != "folder" and used is not None and used.id == source.id and self._session.loading is None:
            self._show()  # to load the same again would end a run
            return
        if source.id != "folder":
            self._session.change_dataset(source.id)
            return
        folder = QFileDialog.getExistingDirectory(self.window(), "Folder with IDX files")
        if folder:
            self._session.change_dataset("folder", Path(folder))
        else:
            self._show()

    def _ask(self, source_id: str, sentence: str, answer: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Question, "Download", sentence, parent=self.window())
        download = box.addButton(answer, QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(download)
        box.exec()
        if box.clickedButton() is download:
            self._session.change_dataset(source_id, download=True)
        elif self._session.loading is None:  # else other data have begun to load behind the question
            self._session.cancel_loading()

    def _show(self) -> None:
        """Show the present data set, or the one that is being loaded."""
        wanted = self._session.loading_source
        if not wanted and self._session.dataset is not None:
            wanted = self._session.dataset.id
        known = [source.id for source in SOURCES]
        folder = known.index("folder")
        self.setCurrentIndex(known.index(wanted) if wanted in known else folder if wanted else -1)
