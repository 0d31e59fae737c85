"""The preview of augmentation: the image on the canvas or a training image, and what training would make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from convscope.core.meaning import doubts
from convscope.core.training_config import AUGMENTATION, TrainingConfig
from convscope.ui.background import Latest
from convscope.ui.session import Session
from convscope.ui.widgets.setting_text import changed_text
from convscope.ui.widgets.tinted_label import TintedLabel
from convscope.ui.widgets.version_grid import VersionGrid

VERSIONS = 13  # with the image itself two full rows
NOTHING_SET = "No augmentation is set: every version is the image itself. Set a shift, a rotation or another change."
NOTHING_DRAWN = "The canvas is empty. Draw something or choose an example to see what becomes of it."

_Question = tuple[NDArray[np.float32], TrainingConfig, int]


class AugmentationPreview(QDialog):
    """Shows versions of the image that the network sees, and follows drawing and settings while it is open.

    While the canvas is empty, the first training image stands in.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("augmentation_preview")
        self.setWindowTitle("What augmentation makes of an image")
        self.setAccessibleName(self.windowTitle())
        self._session = session
        self._seed = 0
        self._latest: Latest[_Question] | None = None
        self.grid = VersionGrid(self)
        self.told = TintedLabel("muted", self)
        self.told.setObjectName("preview_told")
        self.doubts = TintedLabel("warning", self)
        self.doubts.setObjectName("preview_doubts")
        self._lay_out()
        for changed in (session.config_changed, session.drawing_changed, session.dataset_changed):
            changed.connect(self._ask)

    def draw_others(self) -> None:
        """Show other versions."""
        self._seed += 1
        self._ask()

    def _ask(self) -> None:
        if self._latest is None:
            return
        image, what = self._image()
        self._tell(what)
        self._latest.ask((image, self._session.config, self._seed))

    def _image(self) -> tuple[NDArray[np.float32], str]:
        """Return what is augmented, and what it is; empty where there is nothing to see."""
        drawn, dataset = self._session.image, self._session.dataset
        if drawn.any():
            return drawn, "The image on the canvas"
        if dataset is None or dataset.image_shape != drawn.shape or not len(dataset.train):
            return drawn, ""
        return dataset.train.images[0].astype(np.float32) / 255, "A training image"

    def _tell(self, what: str) -> None:
        session = self._session
        changes = changed_text(session.config, AUGMENTATION)
        told = f"{what}, framed, and {VERSIONS} versions of it: {changes}."
        self.told.show_text(NOTHING_DRAWN if not what else told if session.config.augments else NOTHING_SET)
        found = doubts(session.config, session.class_names, session.network.input_shape)
        self.doubts.show_text(" ".join(found.values()))
        self.doubts.setVisible(bool(found))

    def _show_versions(self, answer: tuple[_Question, NDArray[np.float32]]) -> None:
        (image, _, _), versions = answer
        self.grid.show_versions(image, versions)

    def _lay_out(self) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.rejected.connect(self.reject)
        others = buttons.addButton("Draw others", QDialogButtonBox.ButtonRole.ActionRole)
        others.setObjectName("button_draw_others")
        others.setToolTip("Show other versions, by other random numbers")
        others.setDefault(True)
        others.clicked.connect(self.draw_others)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        column.addWidget(self.told)
        column.addWidget(self.grid, 1)
        column.addWidget(self.doubts)
        column.addWidget(buttons)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to answer, on a thread of its own, where torch may be loaded."""
        super().showEvent(event)
        if self._latest is None:
            self._latest = Latest(_prepare)
            self._latest.answered.connect(self._show_versions)
            self._latest.failed.connect(lambda error: self._session.failed.emit(str(error), error))
            self._latest.begin()
        self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        """Work no more."""
        super().hideEvent(event)
        if self._latest is not None:
            self._latest.abandon()
            self._latest = None


def _prepare() -> Callable[[_Question], Any]:
    from convscope.core.augmentation import versions_of
    from convscope.core.backend import use_threads

    use_threads()
    return lambda question: (question, versions_of(question[0], question[1], VERSIONS, question[2]))
