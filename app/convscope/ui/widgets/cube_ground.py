"""What a row of cubes looks like from one picture to the next: each part is drawn again only when it is another."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import ceil
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap

from convscope.ui import theme
from convscope.ui.painting import begin_on_a_pixel, is_vector, pixel_ratio
from convscope.ui.widgets.cube_layout import Row
from convscope.ui.widgets.cube_scene import CubeScene


class _Kept:
    """A part of the picture that is drawn once for all the time that it stays the same."""

    def __init__(self, *, opaque: bool = False) -> None:
        """Keep nothing at first; an opaque part has the paper behind it, and is put on the screen faster."""
        self._opaque = opaque
        self._shown: tuple[Any, ...] = ()  # what was painted last; kept, so that nothing new can have its identity
        self._picture = QPixmap()
        self._is_right = False  # whether the picture is of that

    def paint(
        self,
        painter: QPainter,
        same: tuple[Any, ...],
        equal: tuple[Any, ...],
        draw: Callable[[QPainter], None],
        room: tuple[QPointF, QSize, float],
        *,
        hesitant: bool = False,
    ) -> None:
        """Paint the part, with `draw` where its last picture is not right any more.

        Args:
            painter: In the view's coordinates.
            same: What must be the very same objects for the last picture to be right.
            equal: What must be equal besides.
            draw: Draws in the row's coordinates.
            room: Which point of the row lies in the view's corner, the view's size, and pixels for each unit of it.
            hesitant: Keep it only when it is painted for the second time, because mostly it is another by then.
        """
        origin, size, ratio = room
        equal = (*equal, theme.current().dark, origin.toTuple(), size.toTuple(), ratio)
        known = self._shown[: len(same)]
        if self._shown[len(same) :] != equal or not all(a is b for a, b in zip(known, same, strict=True)):
            self._shown, self._is_right = (*same, *equal), False
            if hesitant and painter.opacity() == 1:  # what is faded must first be one picture
                self._draw(painter, draw, room)
                return
        if not self._is_right:
            self._picture, self._is_right = self._drawn(draw, origin, size, ratio), True
        painter.drawPixmap(0, 0, self._picture)

    def _draw(self, painter: QPainter, draw: Callable[[QPainter], None], room: tuple[QPointF, QSize, float]) -> None:
        origin, size, ratio = room
        painter.save()
        begin_on_a_pixel(painter)  # as its picture does later
        if self._opaque:
            whole = (ceil(side * ratio) / ratio for side in size.toTuple())  # to the end of the last pixel
            painter.fillRect(QRectF(0, 0, *whole), theme.current().base)
        painter.translate(-origin)
        try:
            draw(painter)
        finally:
            painter.restore()

    def _drawn(self, draw: Callable[[QPainter], None], origin: QPointF, size: QSize, ratio: float) -> QPixmap:
        pixels = QSize(ceil(size.width() * ratio), ceil(size.height() * ratio))
        picture = self._picture if self._picture.size() == pixels else QPixmap(pixels)  # memory that is known
        picture.setDevicePixelRatio(ratio)
        picture.fill(theme.current().base if self._opaque else Qt.GlobalColor.transparent)
        inner = QPainter(picture)
        inner.translate(-origin)
        try:
            draw(inner)
        finally:
            inner.end()
        return picture


class CubeGround:
    """Paints a row: its values, on them its outlines and texts, and on these what is pointed at."""

    def __init__(self) -> None:
        self._row, self._frame, self._marks = _Kept(opaque=True), _Kept(), _Kept()
        self._last: tuple[Row | None, object] = (None, ())  # row that was painted, and how

    def paint(self, painter: QPainter, scene: CubeScene, origin: QPointF, size: QSize) -> None:
        """Paint the row, and the paper behind it.

        Args:
            painter: In the view's coordinates.
            scene: What the row holds.
            origin: Which point of the row lies in the view's corner.
            size: Of the view.
        """
        ends = (origin.x(), origin.x() + size.width())
        row, marks = scene.row, scene.marks
        if is_vector(painter):
            painter.fillRect(QRectF(QPointF(), size.toSizeF()), theme.current().base)
            painter.translate(-origin)
            scene.paint_values(painter, *ends)
            scene.paint_frame(painter, *ends)
            scene.paint_pinned(painter, *ends)
        else:
            room, chosen = (origin, size, pixel_ratio(painter)), (marks.selected, scene.winner)

            def draw(inner: QPainter) -> None:
                scene.paint_values(inner, *ends)
                inner.translate(origin)
                self._frame.paint(inner, (row,), chosen, lambda within: scene.paint_frame(within, *ends), room)

            last, self._last = self._last, (row, (chosen, origin.toTuple(), size.toTuple()))
            follows = row is last[0] and self._last[1] == last[1]  # new values alone: they follow the pen
            self._row.paint(painter, (row, scene.values), chosen, draw, room, hesitant=follows)
            if marks.pinned is not None or marks.regions:
                same = (row, marks.pinned, marks.regions)
                draw_marks = partial(scene.paint_pinned, left=ends[0], right=ends[1])
                self._marks.paint(painter, same, (), draw_marks, room, hesitant=True)
            painter.translate(-origin)
        scene.paint_hovered(painter, *ends)
