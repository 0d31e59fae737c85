"""What an export will look like, in its dialogue."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QWidget


class Preview(QLabel):
    """Shows a picture as large as its place allows."""

    def __init__(self, name: str, spoken: str, room: QSize, parent: QWidget) -> None:
        """Make an empty preview with an object name, a name that is read aloud, and room for a picture."""
        super().__init__(parent)
        self._room = room
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setFixedSize(room + QSize(4, 4))
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def show_picture(self, picture: QImage) -> None:
        """Show a picture of any size, sharp on any screen."""
        ratio = self.devicePixelRatioF()
        keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        shown = QPixmap.fromImage(picture.scaled(self._room * ratio, keep, smooth))
        shown.setDevicePixelRatio(ratio)
        self.setPixmap(shown)
