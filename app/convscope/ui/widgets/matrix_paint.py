"""Paints a convolution's matrix and the small grids beside it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen

from convscope.core.convolution_matrix import Array, ConvolutionMatrix
from convscope.ui import theme
from convscope.ui.colour_maps import ColourScale, coloured, colours
from convscope.ui.widgets.matrix_layout import Grid, Grids
from convscope.ui.widgets.number_text import number_text

_FRAMED = 7.0  # units of a cell from which every weight has a frame, so that one near 0 is no empty place
_MOST_FRAMES = 6000  # each costs a microsecond or two

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)

Point = tuple[int | None, int | None]  # row and column that are pointed at


def image_of(values: Array, known: NDArray[np.bool_], scale: ColourScale) -> QImage:
    """Return one pixel for each entry, in diverging colours; nothing where an entry is always 0."""
    pixels = np.where(known, colours(values, scale.low, scale.high, "diverging"), np.uint32(0))
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32).copy()


def draw_matrix(painter: QPainter, grid: Grid, image: QImage, matrix: ConvolutionMatrix, pointed: Point) -> None:
    """Draw the matrix with the row and the column that are pointed at."""
    _draw_hatch(painter, QRectF(*grid.box(0, 0, grid.rows, grid.columns)))
    draw_cells(painter, grid, image, matrix.nonzero)
    painter.setPen(QPen(theme.current().muted, 1))
    x, y, width, height = grid.box(0, 0, grid.rows, grid.columns)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(QRectF(x, y, width, height))
    for block in range(_area(matrix.output_shape), grid.rows, _area(matrix.output_shape)):
        painter.drawLine(QLineF(x, y + block * grid.down, x + width, y + block * grid.down))
    for block in range(_area(matrix.input_shape), grid.columns, _area(matrix.input_shape)):
        painter.drawLine(QLineF(x + block * grid.across, y, x + block * grid.across, y + height))
    row, column = pointed
    if column is not None:
        _outline(painter, QRectF(*grid.box(0, column, grid.rows)), 1.2)
    if row is not None:
        _outline(painter, QRectF(*grid.box(row, 0, 1, grid.columns)), 2.0)


def draw_key(painter: QPainter, room: QRectF, scale: ColourScale) -> None:
    """Draw what hatching and colours stand for, in a line above the matrix; as much of it as there is room for."""
    metrics, side, x = painter.fontMetrics(), 0.6 * room.height(), room.left()
    shades = coloured(np.array([[scale.low, 0.0, scale.high]], np.float32), scale.low, scale.high, "diverging")
    words = f"weight, {number_text(scale.low, 2)} to {number_text(scale.high, 2)}"
    for wordings, width in ((("always 0",), side), ((words, "weight"), 3 * side)):
        left = room.right() + 2 - x - width - 5
        text = next((text for text in wordings if metrics.horizontalAdvance(text) <= left), "")
        if not text:
            return
        box = QRectF(x, room.center().y() - side / 2, width, side)
        if width > side:
            painter.drawImage(box, shades)
        else:
            _draw_hatch(painter, box)
        painter.setPen(QPen(theme.current().muted, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        x += width + 5
        painter.drawText(QRectF(x, room.top(), room.width(), room.height()), _LEFT, text)
        x += metrics.horizontalAdvance(text) + 16


def _draw_hatch(painter: QPainter, box: QRectF) -> None:
    """Mark a place where no weight stands, so that it is no weight of 0."""
    painter.fillRect(box, theme.current().window)
    lines = QColor(theme.current().muted)
    lines.setAlphaF(0.45)
    painter.fillRect(box, QBrush(lines, Qt.BrushStyle.BDiagPattern))


def draw_input(painter: QPainter, grids: Grids, matrix: ConvolutionMatrix, scale: ColourScale, pointed: Point) -> None:
    """Draw the input's pixels; those that the row reads have the weights' colours."""
    row, column = pointed
    grid, places = grids.input, _area(matrix.input_shape)
    _draw_empty(painter, grid)
    channel = 0 if column is None else column // places
    if row is not None:
        part = slice(channel * places, (channel + 1) * places)
        values = matrix.matrix[row, part].reshape(grid.rows, grid.columns)
        known = matrix.nonzero[row, part].reshape(grid.rows, grid.columns)
        draw_cells(painter, grid, image_of(values, known, scale), known)
        seen_rows, seen_columns = np.flatnonzero(known.any(axis=1)), np.flatnonzero(known.any(axis=0))
        if len(seen_rows):
            top, left = int(seen_rows[0]), int(seen_columns[0])
            sides = int(seen_rows[-1]) - top + 1, int(seen_columns[-1]) - left + 1
            _outline(painter, QRectF(*grid.box(top, left, *sides)), 2.0)
    if column is not None:
        _outline(painter, QRectF(*grid.box(*divmod(column % places, grid.columns))), 2.0)


def draw_kernel(painter: QPainter, grids: Grids, matrix: ConvolutionMatrix, image: QImage, pointed: Point) -> None:
    """Draw the kernel; the weight that is pointed at has a frame."""
    grid = grids.kernel
    draw_cells(painter, grid, image, np.ones((grid.rows, grid.columns), np.bool_))
    row, column = pointed
    weight = matrix.weight_of(row, column) if row is not None and column is not None else None
    if weight is not None:
        _outline(painter, QRectF(*grid.box(weight[2], weight[3])), 2.0)


def draw_output(painter: QPainter, grids: Grids, matrix: ConvolutionMatrix, pointed: Point) -> None:
    """Draw the output's values: the one that the row makes, or those that read the column's input."""
    grid, places = grids.output, _area(matrix.output_shape)
    _draw_empty(painter, grid)
    row, column = pointed
    soft = QColor(theme.current().accent)
    soft.setAlphaF(0.35)
    if row is not None:
        x, y, width, height = grid.box(*divmod(row % places, grid.columns))
        painter.fillRect(QRectF(x, y, width, height), theme.current().accent)
    elif column is not None:
        for reader in np.flatnonzero(matrix.nonzero[:places, column]):
            painter.fillRect(QRectF(*grid.box(*divmod(int(reader), grid.columns))), soft)
    _draw_lines(painter, grid)


def draw_cells(painter: QPainter, grid: Grid, image: QImage, known: NDArray[np.bool_]) -> None:
    """Draw an image with one pixel for each cell, and a frame around each weight where there is room."""
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, grid.cell < 1)
    painter.drawImage(QRectF(*grid.box(0, 0, grid.rows, grid.columns)), image)
    if grid.cell < _FRAMED or int(known.sum()) > _MOST_FRAMES:
        return
    painter.setPen(QPen(theme.current().muted, 0.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRects([QRectF(*grid.box(int(row), int(column))) for row, column in np.argwhere(known)])


def _draw_empty(painter: QPainter, grid: Grid) -> None:
    painter.fillRect(QRectF(*grid.box(0, 0, grid.rows, grid.columns)), theme.current().base)
    _draw_lines(painter, grid)


def _draw_lines(painter: QPainter, grid: Grid) -> None:
    x, y, width, height = grid.box(0, 0, grid.rows, grid.columns)
    painter.setPen(QPen(theme.current().border, 1))
    if grid.cell >= 4:
        painter.drawLines(
            [QLineF(x, y + n * grid.down, x + width, y + n * grid.down) for n in range(grid.rows + 1)]
            + [QLineF(x + n * grid.across, y, x + n * grid.across, y + height) for n in range(grid.columns + 1)]
        )


def _outline(painter: QPainter, box: QRectF, width: float) -> None:
    painter.setPen(QPen(theme.current().accent, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)


def _area(shape: tuple[int, int, int]) -> int:
    return shape[1] * shape[2]
