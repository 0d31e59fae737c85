"""A convolution as a matrix, with the small input, kernel and output that it belongs to."""

from __future__ import annotations

import logging

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.core.convolution_matrix import Array, ConvolutionMatrix
from convscope.ui import theme
from convscope.ui.colour_maps import ColourScale
from convscope.ui.widgets import matrix_paint
from convscope.ui.widgets.matrix_layout import Grids, arranged
from convscope.ui.widgets.matrix_paint import Point
from convscope.ui.widgets.matrix_text import MOST_TERMS, described_column, described_entry, described_row, summary

log = logging.getLogger(__name__)

NOWHERE: Point = (None, None)


class MatrixView(QWidget):
    """Shows a matrix; pointing at a row lights up its patch, pointing at an entry names weight and input.

    A click holds what is pointed at; arrow keys move it, Escape lets it go.

    Signals:
        caption_changed: Something else is to be said; see `caption`.
    """

    caption_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("matrix_view")
        self.setAccessibleName("Convolution as a matrix")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._matrix: ConvolutionMatrix | None = None
        self._weights: Array | None = None
        self._bias: float | None = None
        self._message = ""
        self._hovered: Point = NOWHERE
        self._held: Point = NOWHERE
        self._images: tuple[QImage, QImage] | None = None  # of the matrix and of the kernel that is shown
        self._shown_kernel = (0, 0)

    @property
    def matrix(self) -> ConvolutionMatrix | None:
        """What is shown, None while there is a message."""
        return self._matrix

    @property
    def pointed(self) -> Point:
        """Row and column that are pointed at by the mouse, else those that are held."""
        return self._hovered if self._hovered != NOWHERE else self._held

    def show_matrix(self, matrix: ConvolutionMatrix, weights: Array, bias: float | None = None) -> None:
        """Show a matrix; what was pointed at stays where the matrix has it.

        Args:
            matrix: Of one filter or several.
            weights: That it repeats.  # (F, C, kh, kw)
            bias: What is added to each output, where there is one filter with a bias.
        """
        if self._matrix is None or self._matrix.matrix.shape != matrix.matrix.shape:
            self._hovered = self._held = NOWHERE
        self._matrix, self._weights, self._bias, self._message, self._images = matrix, weights, bias, "", None
        self._tell()

    def show_message(self, text: str) -> None:
        """Show a sentence in the place of a matrix."""
        self._matrix, self._message = None, text
        self._hovered = self._held = NOWHERE
        self._tell()

    def caption(self, most: int = MOST_TERMS) -> str:
        """Return what is to be said of what is pointed at, else of the whole; of a sum, at most so many products."""
        if self._matrix is None:
            return ""
        row, column = self.pointed
        if row is not None:
            entry = "" if column is None else f"{described_entry(self._matrix, row, column)}\n"
            return entry + described_row(self._matrix, row, self._bias, most)
        return summary(self._matrix) if column is None else described_column(self._matrix, column)

    def grids(self) -> Grids | None:
        """Return where everything lies."""
        if self._matrix is None:
            return None
        (_, *read), (_, *made), kernel = self._matrix.input_shape, self._matrix.output_shape, self._matrix.weight_shape
        small = ((read[0], read[1]), (kernel[2], kernel[3]), (made[0], made[1]))
        rows, columns = self._matrix.matrix.shape
        names = self.fontMetrics().horizontalAdvance("Kernel 11×11 ")
        return arranged((self.width(), self.height()), self._line(), names, (rows, columns), small)

    def _line(self) -> int:
        return round(1.25 * self.fontMetrics().height())

    def _tell(self) -> None:
        self.setAccessibleDescription(self._message or self.caption())
        self.caption_changed.emit()
        self.update()

    def _found(self, place: QPointF) -> Point:
        """Return the row and column at a place: of the matrix, of an output's row or of an input's column."""
        grids, matrix = self.grids(), self._matrix
        if grids is None or matrix is None:
            return NOWHERE
        x, y = place.x(), place.y()
        if (entry := grids.matrix.find(x, y)) is not None:
            return entry
        if (output := grids.output.find(x, y)) is not None:
            return matrix.row_of((0, *output)), None
        if (pixel := grids.input.find(x, y)) is not None:
            return None, matrix.column_of((0, *pixel))
        return NOWHERE

    def _point(self, hovered: Point) -> None:
        if hovered != self._hovered:
            self._hovered = hovered
            self._tell()

    def _paint(self, painter: QPainter, matrix: ConvolutionMatrix) -> None:
        grids = self.grids()
        assert grids is not None
        pointed = self.pointed
        scale = ColourScale.signed(matrix.matrix)
        whole, kernel = self._made_images(matrix, scale, pointed)
        matrix_paint.draw_matrix(painter, grids.matrix, whole, matrix, pointed)
        matrix_paint.draw_input(painter, grids, matrix, scale, pointed)
        matrix_paint.draw_kernel(painter, grids, matrix, kernel, pointed)
        matrix_paint.draw_output(painter, grids, matrix, pointed)
        painter.setPen(theme.current().muted)
        for name, grid in grids.small:
            text = f"{name} {grid.rows}×{grid.columns}"
            box = QRectF(grid.left, grid.top - self._line(), self.width(), self._line())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
        above = QRectF(grids.matrix.left, grids.matrix.top - self._line(), grids.matrix.width, self._line())
        matrix_paint.draw_key(painter, above, scale)

    def _made_images(self, matrix: ConvolutionMatrix, scale: ColourScale, pointed: Point) -> tuple[QImage, QImage]:
        """Return the pictures of the matrix and of the kernel that the pointed entry belongs to, made once."""
        row, column = pointed
        (_, *made), (_, *read) = matrix.output_shape, matrix.input_shape
        kernel = (row or 0) // (made[0] * made[1]), (column or 0) // (read[0] * read[1])
        if self._images is None or kernel != self._shown_kernel:
            self._shown_kernel = kernel
            assert self._weights is not None
            weights = self._weights[kernel]
            self._images = (
                matrix_paint.image_of(matrix.matrix, matrix.nonzero, scale),
                matrix_paint.image_of(weights, np.ones(weights.shape, np.bool_), scale),
            )
        return self._images

    def sizeHint(self) -> QSize:
        """Return a size at which the entries of an 8×8 input can be told apart."""
        return QSize(520, 300)

    def minimumSizeHint(self) -> QSize:
        """Return the least size that still shows the pattern."""
        return QSize(200, 80)

    def changeEvent(self, event: QEvent) -> None:
        """Redraw in the new theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._images = None
            self.update()
        super().changeEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at what is under the mouse."""
        self._point(self._found(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Hold what is under the mouse, or let go what was held there."""
        found = self._found(event.position())
        self._held = NOWHERE if found == self._held else found
        self._tell()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at what is held."""
        self._point(NOWHERE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move what is held from entry to entry, Escape lets it go."""
        steps = {
            Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1),
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self._held != NOWHERE:
            self._held = NOWHERE
        elif step is not None and self._matrix is not None:
            rows, columns = self._matrix.matrix.shape
            row, column = (0 if place is None else place for place in self._held)
            moved = self._held != NOWHERE
            row, column = row + moved * step[0], column + moved * step[1]
            self._held = max(0, min(row, rows - 1)), max(0, min(column, columns - 1))
        else:
            super().keyPressEvent(event)
            return
        self._hovered = NOWHERE
        self._tell()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the matrix, or the sentence; a failure is told once and not repeated with each paint."""
        painter = QPainter(self)
        if self._matrix is not None:
            try:
                self._paint(painter, self._matrix)
            except Exception as error:
                log.exception("A matrix could not be drawn and is switched off")
                self._matrix, self._message = None, f"This view failed: {error!r}"
        if self._matrix is None:
            painter.setPen(theme.current().muted)
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(QRectF(self.rect()).adjusted(16, 8, -16, -8), flags, self._message)
        painter.end()
