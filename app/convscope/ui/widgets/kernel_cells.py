"""One kernel to be changed: its numbers are typed into the cells or painted with the mouse."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from convscope.ui.colour_maps import ColourScale
from convscope.ui.widgets.kernel_cell_editor import CellEditor
from convscope.ui.widgets.number_grid import Look, NumberGrid, cell_box, paint_grid, paint_ring

Array = NDArray[np.floating[Any]]
Cell = tuple[int, int]  # row and column

_TIGHT = 3  # pixels of a line's height that digits leave empty
_MARGIN = 3  # pixels, where the ring around a cell at the edge has its place
_ARROWS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
_BEGINS = "0123456789+-−.,"  # a number; typing one of these opens the cell


class KernelCells(QWidget):
    """Shows a kernel's weights as cells in signed colours, and lets them be changed.

    A click or Enter opens a cell for typing; Enter and Tab then go on to the next one, Esc gives up. With `painting`
    on, the mouse paints instead: the left button the brush's value, the right one its negative, either with Ctrl zero;
    Space does the same where the arrow keys have led. Delete makes a weight zero.

    Signals:
        cell_hovered(object): Row and column under the pointer, None when it has left.
        value_entered(int, int, float): This value was typed into the cell at row and column.
        stroke_moved(object): The kernel as a stroke has made it so far.
        stroke_made(object): The kernel after a stroke.
        stroke_dropped(): A stroke was given up.
        refused(str): What is wrong with the text in the open cell; empty when nothing is.
    """

    cell_hovered = Signal(object)
    value_entered = Signal(int, int, float)
    stroke_moved = Signal(object)
    stroke_made = Signal(object)
    stroke_dropped = Signal()
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("kernel_cells")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)  # the right button paints
        self.setAccessibleName("Kernel")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)  # the right button paints
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self._painting = False
        self._brush = 1.0
        self._kernel: Array = np.zeros((1, 1), np.float32)
        self._scale = ColourScale(0.0, 0.0, "diverging")
        self._stroke: Array | None = None
        self._value = 0.0  # that the stroke paints
        self._last: QPointF | None = None
        self._selected: Cell = (0, 0)
        self._hovered: Cell | None = None
        self.editor = CellEditor(self)
        self.editor.hide()
        self.editor.entered.connect(lambda value: self.value_entered.emit(*self._selected, value))
        self.editor.refused.connect(self.refused)
        self.editor.moved.connect(self._go_on)
        self.editor.closed.connect(self._close)

    @property
    def painting(self) -> bool:
        """Whether the mouse paints."""
        return self._painting

    @property
    def kernel(self) -> Array:
        """What is shown: the kernel, or what a stroke has made of it.  # (height, width)."""
        return self._kernel if self._stroke is None else self._stroke

    @property
    def selected(self) -> Cell:
        """Row and column of the cell that the keys move."""
        return self._selected

    @property
    def hovered(self) -> Cell | None:
        """Row and column under the pointer."""
        return self._hovered

    def show_kernel(self, kernel: Array, scale: ColourScale) -> None:
        """Show a kernel; what is being painted or typed stays until it is done.

        Args:
            kernel: # (height, width)
            scale: What its colours stand for.
        """
        if kernel.shape != self._kernel.shape:
            self.drop()
            self._selected, self._hovered = (0, 0), None
        self._kernel, self._scale = kernel, scale
        if self.editor.isVisible():
            self.editor.show_value(float(kernel[self._selected]))
        self._tell()
        self.update()

    def show_brush(self, painting: bool, value: float) -> None:
        """Let the mouse paint a value, or open cells."""
        self._painting, self._brush = painting, value
        self.setCursor(Qt.CursorShape.CrossCursor if painting else Qt.CursorShape.IBeamCursor)

    def drop(self) -> None:
        """Give up what is being painted or typed."""
        if self.editor.isVisible():
            self.editor.forget()
            self._close()
        if self._stroke is not None:
            self._stroke = None
            self.stroke_dropped.emit()
            self.update()

    def cell_rect(self, cell: Cell) -> QRectF:
        """Return where a cell lies in the widget."""
        return cell_box(*self._grid(), *cell)

    def width_for_numbers(self) -> int:
        """Return the width from which every cell has room for its number."""
        return round(self._kernel.shape[1] * Look.of(self.font()).number_cell) + 2 * _MARGIN

    def cell_at(self, point: QPointF) -> Cell | None:
        """Return row and column at a point of the widget."""
        corner, side = self._grid()
        column, row = (point.x() - corner.x()) / side.width(), (point.y() - corner.y()) / side.height()
        inside = 0 <= row < self._kernel.shape[0] and 0 <= column < self._kernel.shape[1]
        return (int(row), int(column)) if inside else None

    def _grid(self) -> tuple[QPointF, QSizeF]:
        """Return the corner of the first cell and its size: squares, oblong where only such have room for numbers."""
        height, width = self._kernel.shape
        room = self.size().toTuple()
        across, down = (room[0] - 2 * _MARGIN) // width, (room[1] - 2 * _MARGIN) // height
        look = Look.of(self.font())
        least = round(look.number_cell)
        side = max(1, min(across, down))
        wide = side < least <= across and down >= look.small_line - _TIGHT
        cell = QSizeF(least if wide else side, side)
        corner = QPointF((room[0] - cell.width() * width) // 2, (room[1] - cell.height() * height) // 2)
        return corner, cell

    def _select(self, cell: Cell) -> None:
        self._selected = cell
        self._tell()
        self.update()

    def _tell(self) -> None:
        row, column = self._selected
        self.setAccessibleDescription(f"Row {row}, column {column}: {self.kernel[row, column]:.4g}")

    def _open(self, text: str = "") -> None:
        """Open the selected cell, with its value or with what was typed."""
        self._place_editor()
        self.editor.open(float(self._kernel[self._selected]), text)

    def _place_editor(self) -> None:
        cell = self.cell_rect(self._selected)
        hint = self.editor.sizeHint()
        width, height = max(cell.width(), float(hint.width())), max(cell.height(), float(hint.height()))
        box = QRectF(cell.center().x() - width / 2, cell.center().y() - height / 2, width, height)
        box.moveLeft(min(max(box.left(), 0), self.width() - width))
        box.moveTop(min(max(box.top(), 0), self.height() - height))
        self.editor.setGeometry(box.toRect())

    def _go_on(self, by: int) -> None:
        """Open the cell before or behind the one that was typed in, or leave after the last."""
        height, width = self._kernel.shape
        place = self._selected[0] * width + self._selected[1] + by
        if 0 <= place < height * width:
            self._select(divmod(place, width))
            self._open()
        else:
            self._close()

    def _close(self) -> None:
        self.setFocus(Qt.FocusReason.OtherFocusReason)  # before it hides, for then the focus would go elsewhere
        self.editor.hide()

    def _begin_stroke(self, event: QMouseEvent) -> None:
        erases = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        sign = -1 if event.button() == Qt.MouseButton.RightButton else 1
        self._value = 0.0 if erases else sign * self._brush
        self._stroke = self._kernel.copy()
        self._last = event.position()
        self._paint_to(event.position())

    def _paint_to(self, point: QPointF) -> None:
        """Paint all cells between the last point and this one, however fast the mouse was."""
        assert self._stroke is not None
        start, cell = self._last or point, self._grid()[1]
        side = min(cell.width(), cell.height())
        steps = max(1, int(2 * max(abs(point.x() - start.x()), abs(point.y() - start.y())) / side))
        before = self._stroke.copy()
        for step in range(steps + 1):
            cell = self.cell_at(start + (point - start) * (step / steps))
            if cell is not None:
                self._stroke[cell] = self._value
                self._selected = cell
        self._last = point
        if not np.array_equal(before, self._stroke):
            self._send_stroke()

    def _send_stroke(self) -> None:
        assert self._stroke is not None
        self._tell()
        self.update()
        self.stroke_moved.emit(self._stroke.copy())

    def _end_stroke(self) -> None:
        stroke, self._stroke = self._stroke, None
        if stroke is not None and not np.array_equal(stroke, self._kernel):
            self.stroke_made.emit(stroke)
        else:
            self.stroke_dropped.emit()
        self.update()

    def _hover(self, cell: Cell | None) -> None:
        if cell != self._hovered:
            self._hovered = cell
            self.cell_hovered.emit(cell)
            self.update()

    def sizeHint(self) -> QSize:
        """Return a size at which the numbers of a usual kernel can be read."""
        return QSize(180, 180)

    def minimumSizeHint(self) -> QSize:
        """Return the least size that still shows something."""
        return QSize(90, 60)

    def changeEvent(self, event: QEvent) -> None:
        """Redraw in the new theme."""
        super().changeEvent(event)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the open cell over its place."""
        if self.editor.isVisible():
            self._place_editor()

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the cell under the pointer."""
        self._hover(None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on painting, and tell the cell under the pointer."""
        self._hover(self.cell_at(event.position()))
        if self._stroke is not None:
            self._paint_to(event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the cell under the pointer, or begin to paint."""
        cell = self.cell_at(event.position())
        left = event.button() == Qt.MouseButton.LeftButton
        if self._painting and self._stroke is None and (left or event.button() == Qt.MouseButton.RightButton):
            self._begin_stroke(event)
        elif left and not self._painting and cell is not None:
            self._select(cell)
            self._open()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke when no button paints any more."""
        if self._stroke is not None and not event.buttons():
            self._end_stroke()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the class's text says of keys."""
        step = _ARROWS.get(Qt.Key(event.key()))
        if self._stroke is not None and event.key() == Qt.Key.Key_Escape:
            self.drop()
        elif step is not None:
            height, width = self._kernel.shape
            row, column = self._selected
            self._select((min(max(row + step[0], 0), height - 1), min(max(column + step[1], 0), width - 1)))
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.value_entered.emit(*self._selected, 0.0)
        elif event.key() == Qt.Key.Key_Space and self._painting:
            erases = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self.value_entered.emit(*self._selected, 0.0 if erases else self._brush)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self._open()
        elif event.text() and event.text() in _BEGINS:
            self._open(event.text())
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells, with rings around those pointed at and selected."""
        painter = QPainter(self)
        corner, size = self._grid()
        look = Look.of(self.font(), self.devicePixelRatioF())
        grid = NumberGrid(self.kernel, self._scale if self._stroke is None else ColourScale.signed(self.kernel))
        numbered = size.width() >= look.number_cell and size.height() >= look.small_line - _TIGHT
        paint_grid(painter, grid, corner, size, look, numbered=numbered)
        for cell in (self._hovered, self._selected if self.hasFocus() else None):
            if cell is not None:
                paint_ring(painter, self.cell_rect(cell))
