"""The row of cubes without what is pointed at, kept as a picture while only that changes."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QPainter, QPixmap

from convscope.ui import theme
from convscope.ui.painting import is_vector, pixel_ratio
from convscope.ui.widgets.cube_scene import CubeScene


class CubeGround:
    """Paints a row, from its last picture where that is still right: a pointer moves more often than values change."""

    def __init__(self) -> None:
        self._shown: tuple[Any, ...] = ()  # what the picture is of; kept, so that nothing new can have its identity
        self._picture = QPixmap()

    def paint(self, painter: QPainter, scene: CubeScene, origin: QPointF, size: QSize) -> None:
        """Paint the row and, on it, what is pointed at.

        Args:
            painter: In the view's coordinates.
            scene: What the row holds.
            origin: Which point of the row lies in the view's corner.
            size: Of the view.
        """
        left, right = origin.x(), origin.x() + size.width()
        if is_vector(painter):
            painter.translate(-origin)
            scene.paint_row(painter, left, right)
        else:
            self._keep(scene, origin, size, pixel_ratio(painter))
            painter.drawPixmap(0, 0, self._picture)
            painter.translate(-origin)
        scene.paint_marks(painter, left, right)

    def _keep(self, scene: CubeScene, origin: QPointF, size: QSize, ratio: float) -> None:
        """Make the picture anew where it is not right any more."""
        same = (scene.values, scene.row, scene.class_names)
        equal = (scene.marks.selected, theme.current().dark, origin.toTuple(), size.toTuple(), ratio)
        known = self._shown[: len(same)]
        if self._shown[len(same) :] == equal and all(a is b for a, b in zip(known, same, strict=True)):
            return
        picture = QPixmap((size.toSizeF() * ratio).toSize())
        picture.setDevicePixelRatio(ratio)
        picture.fill(theme.current().base)
        painter = QPainter(picture)
        painter.translate(-origin)
        try:
            scene.paint_row(painter, origin.x(), origin.x() + size.width())
        finally:
            painter.end()
        self._shown, self._picture = (*same, *equal), picture
