"""An image, and beside it versions of it."""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from convscope.ui import theme
from convscope.ui.widgets.network_input import coloured_image

_GAP = 8  # pixels between two pictures
_SMALLEST = 40  # pixels a picture needs to be recognised


class VersionGrid(QWidget):
    """Shows an image in a frame of the accent's colour as the first of a grid, and its versions after it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty grid."""
        super().__init__(parent)
        self.setObjectName("version_grid")
        self.setAccessibleName("The image and versions of it")
        self._arrays: list[NDArray[np.float32]] = []
        self._images: list[QImage] = []

    @property
    def shown(self) -> list[NDArray[np.float32]]:
        """The image and its versions, each (C, H, W)."""
        return list(self._arrays)

    def show_versions(self, image: NDArray[np.float32], versions: NDArray[np.float32]) -> None:
        """Show an image, 0 to 1, (C, H, W), and its versions, (N, C, H, W)."""
        self._arrays = [image, *versions]
        self.setAccessibleDescription(f"The image and {len(versions)} versions of it")
        self._redraw()

    def places(self) -> list[QRect]:
        """Return where the pictures lie, as large as the room allows."""
        if not self._images:
            return []
        columns, side = max(
            ((columns, self._side(columns)) for columns in range(1, len(self._images) + 1)), key=lambda pair: pair[1]
        )
        rows = ceil(len(self._images) / columns)
        left = (self.width() - columns * (side + _GAP) + _GAP) // 2
        top = (self.height() - rows * (side + _GAP) + _GAP) // 2
        return [
            QRect(left + number % columns * (side + _GAP), top + number // columns * (side + _GAP), side, side)
            for number in range(len(self._images))
        ]

    def _side(self, columns: int) -> int:
        """Return how large pictures in so many columns can be."""
        rows = ceil(len(self._images) / columns)
        return min((self.width() - 4 + _GAP) // columns, (self.height() - 4 + _GAP) // rows) - _GAP

    def _redraw(self) -> None:
        self._images = [coloured_image(array) for array in self._arrays]
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size at which a digit and its versions are seen from the last row of a lecture room."""
        return QSize(800, 240)

    def minimumSizeHint(self) -> QSize:
        """Return a size at which they are recognised."""
        return QSize(7 * (_SMALLEST + _GAP), 2 * (_SMALLEST + _GAP))

    def changeEvent(self, event: QEvent) -> None:
        """Draw with the ink and paper of the theme that is current now."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._redraw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures, the first one framed."""
        painter = QPainter(self)
        for number, (place, image) in enumerate(zip(self.places(), self._images, strict=True)):
            size = image.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
            area = QRect(place.topLeft(), size)
            area.moveCenter(place.center())
            painter.drawImage(area, image)
            painter.setPen(QPen(theme.current().accent, 3) if number == 0 else QPen(theme.current().border, 1))
            painter.drawRect(QRectF(area).adjusted(-0.5, -0.5, 0.5, 0.5))
