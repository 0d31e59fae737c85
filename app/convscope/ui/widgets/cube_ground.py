"""What a row of cubes looks like from one picture to the next: only the values are drawn again with every drawing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap

from convscope.ui import theme
from convscope.ui.painting import is_vector, pixel_ratio
from convscope.ui.widgets.cube_scene import CubeScene


class _Kept:
    """A part of the picture that is drawn once for all the time that it stays the same."""

    def __init__(self) -> None:
        self._shown: tuple[Any, ...] = ()  # what the picture is of; kept, so that nothing new can have its identity
        self._picture = QPixmap()

    def paint(
        self,
        painter: QPainter,
        same: tuple[Any, ...],
        equal: tuple[Any, ...],
        draw: Callable[[QPainter], None],
        origin: QPointF,
        size: QSize,
    ) -> None:
        """Paint the part, with `draw` where its last picture is not right any more.

        Args:
            painter: In the view's coordinates.
            same: What must be the very same objects for the last picture to be right.
            equal: What must be equal besides.
            draw: Draws in the row's coordinates.
            origin: Which point of the row lies in the view's corner.
            size: Of the view.
        """
        ratio = pixel_ratio(painter)
        equal = (*equal, theme.current().dark, origin.toTuple(), size.toTuple(), ratio)
        known = self._shown[: len(same)]
        if self._shown[len(same) :] != equal or not all(a is b for a, b in zip(known, same, strict=True)):
            self._picture = _transparent(size, ratio)
            inner = QPainter(self._picture)
            inner.translate(-origin)
            try:
                draw(inner)
            finally:
                inner.end()
            self._shown = (*same, *equal)
        painter.drawPixmap(0, 0, self._picture)


class CubeGround:
    """Paints a row: its values, on them its outlines and texts, and on these what is pointed at."""

    def __init__(self) -> None:
        self._frame, self._marks = _Kept(), _Kept()

    def paint(self, painter: QPainter, scene: CubeScene, origin: QPointF, size: QSize) -> None:
        """Paint the row.

        Args:
            painter: In the view's coordinates.
            scene: What the row holds.
            origin: Which point of the row lies in the view's corner.
            size: Of the view.
        """
        ends = (origin.x(), origin.x() + size.width())
        row, marks = scene.row, scene.marks
        painter.translate(-origin)
        scene.paint_values(painter, *ends)
        if is_vector(painter):
            scene.paint_frame(painter, *ends)
            scene.paint_pinned(painter, *ends)
        else:
            painter.translate(origin)
            place = (origin, size)
            self._frame.paint(painter, (row,), (marks.selected,), lambda inner: scene.paint_frame(inner, *ends), *place)
            if marks.pinned is not None or marks.regions:
                same, draw = (row, marks.pinned, marks.regions), lambda inner: scene.paint_pinned(inner, *ends)
                self._marks.paint(painter, same, (), draw, *place)
            painter.translate(-origin)
        scene.paint_hovered(painter, *ends)


def _transparent(size: QSize, ratio: float) -> QPixmap:
    picture = QPixmap((size.toSizeF() * ratio).toSize())
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    return picture
