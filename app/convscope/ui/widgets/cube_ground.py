"""What a row of cubes looks like from one picture to the next: each part is drawn again only when it is another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from convscope.ui import theme
from convscope.ui.painting import is_vector, pixel_ratio
from convscope.ui.widgets.cube_scene import CubeScene


class _Kept:
    """A part of the picture that is drawn once for all the time that it stays the same."""

    def __init__(self, *, opaque: bool = False) -> None:
        """Keep nothing at first; what is opaque has the paper behind it, and is put on the screen faster."""
        self._opaque = opaque
        self._shown: tuple[Any, ...] = ()  # what the picture is of; kept, so that nothing new can have its identity
        self._picture = QPixmap()

    def paint(
        self,
        painter: QPainter,
        same: tuple[Any, ...],
        equal: tuple[Any, ...],
        draw: Callable[[QPainter], None],
        room: tuple[QPointF, QSize, float],
    ) -> None:
        """Paint the part, with `draw` where its last picture is not right any more.

        Args:
            painter: In the view's coordinates.
            same: What must be the very same objects for the last picture to be right.
            equal: What must be equal besides.
            draw: Draws in the row's coordinates.
            room: Which point of the row lies in the view's corner, the view's size, and pixels for each unit of it.
        """
        origin, size, ratio = room
        equal = (*equal, theme.current().dark, origin.toTuple(), size.toTuple(), ratio)
        known = self._shown[: len(same)]
        if self._shown[len(same) :] != equal or not all(a is b for a, b in zip(known, same, strict=True)):
            self._picture = _empty(size, ratio, theme.current().base if self._opaque else Qt.GlobalColor.transparent)
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
        self._values, self._frame, self._marks = _Kept(opaque=True), _Kept(), _Kept()

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
        if is_vector(painter):
            painter.translate(-origin)
            scene.paint_values(painter, *ends)
            scene.paint_frame(painter, *ends)
            scene.paint_pinned(painter, *ends)
        else:
            room, kept = (origin, size, pixel_ratio(painter)), (row, scene.values)
            self._values.paint(painter, kept, (), lambda inner: scene.paint_values(inner, *ends), room)
            chosen = (marks.selected, scene.winner)
            self._frame.paint(painter, (row,), chosen, lambda inner: scene.paint_frame(inner, *ends), room)
            if marks.pinned is not None or marks.regions:
                same, draw = (row, marks.pinned, marks.regions), lambda inner: scene.paint_pinned(inner, *ends)
                self._marks.paint(painter, same, (), draw, room)
            painter.translate(-origin)
        scene.paint_hovered(painter, *ends)


def _empty(size: QSize, ratio: float, colour: QColor | Qt.GlobalColor) -> QPixmap:
    picture = QPixmap((size.toSizeF() * ratio).toSize())
    picture.setDevicePixelRatio(ratio)
    picture.fill(colour)
    return picture
