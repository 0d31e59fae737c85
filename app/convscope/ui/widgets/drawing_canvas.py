"""A square sheet on which the user draws with mouse, pen tablet, finger or keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QFocusEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPointingDevice,
    QTabletEvent,
    QTouchEvent,
)
from PySide6.QtWidgets import QWidget

from convscope.core.data.drawing import DEFAULT_WIDTH, Drawing, Stroke
from convscope.ui.image_files import image_path
from convscope.ui.widgets.canvas_view import CanvasView

_ERASER = 2  # times the pen's width: to erase along a line with its own width is a test of patience
_LEAST_MOVE = 0.006  # of the side: less is the trembling of the hand, and makes bumps of whole screen pixels
_STEP, _LARGE_STEP = 0.02, 0.08  # of the side: one press of an arrow key
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_PRESSES = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_OWN_KEYS = (*_ARROWS, *_PRESSES, Qt.Key.Key_E)
_DRAWING_BUTTONS = Qt.MouseButton.LeftButton | Qt.MouseButton.RightButton


class DrawingCanvas(CanvasView):
    """Turns pen movements into strokes in units of its side.

    The right mouse button and the blunt end of a tablet's pen erase. Arrow keys move a pen that Space or Enter puts
    down and lifts, in larger steps with Shift; E changes between pen and eraser; Escape takes a begun stroke back.

    Signals:
        stroke_started: The pen is down.
        stroke_moved: The pen is down; carries the `Stroke` so far.
        stroke_finished: The pen was lifted; carries the `Stroke`.
        stroke_cancelled: The begun stroke is to be forgotten.
        eraser_toggled: The user chose the eraser (True) or the pen (False) by a key.
        image_dropped: An image was dropped; carries its `Path`, or the `QImage` itself.
        filled: The user wants to draw, but the drawing holds all it can.
    """

    stroke_started = Signal()
    stroke_moved = Signal(object)
    stroke_finished = Signal(object)
    stroke_cancelled = Signal()
    eraser_toggled = Signal(bool)
    image_dropped = Signal(object)
    filled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("drawing_canvas")
        self.setAccessibleName("Drawing canvas")
        self.setAccessibleDescription(
            "Draw with the mouse or a pen; the right button erases. By keyboard: arrow keys move the pen, "
            "Space puts it down and lifts it, E changes to the eraser."
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)  # the right button erases
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self._drawing = Drawing()
        self._stroke: Stroke | None = None  # while the pen is down
        self._room = 0  # points the stroke may have
        self._by_keyboard = False  # the keyboard put the pen down
        self._key_pen = (0.5, 0.5)
        self._width, self._eraser = DEFAULT_WIDTH, False
        self._pressure = 1.0

    @property
    def pen_is_down(self) -> bool:
        """Whether a stroke was begun and not finished."""
        return self._stroke is not None

    @property
    def eraser(self) -> bool:
        """Whether the next stroke erases."""
        return self._eraser

    def show_drawing(self, drawing: Drawing) -> None:
        """Show a drawing; one that knows nothing of the stroke in progress ends it without a word."""
        if self._stroke is not None and drawing in (self._drawing, self._drawing.with_stroke(self._stroke)):
            return
        self._stroke, self._drawing = None, drawing
        self.show_ink(drawing)

    def show_pen(self, width: float, *, eraser: bool) -> None:
        """Show and use a pen of this width, a fraction of the side, or an eraser twice as wide."""
        self._width, self._eraser = width, eraser
        self.show_ring(self._ring_at, self._pen_width(eraser))

    def _pen_width(self, eraser: bool) -> float:
        return min(self._width * (_ERASER if eraser else 1), 1.0)

    def _put_down(self, place: tuple[float, float], *, eraser: bool, by_keyboard: bool = False) -> None:
        self._lift()
        self._room = self._drawing.room
        if self._room == 0:
            self.filled.emit()
            return
        self._by_keyboard = by_keyboard
        self._stroke = Stroke((place,), self._pen_width(eraser) * self._pressure, eraser)
        self.stroke_started.emit()
        self._tell_move()

    def _move(self, place: tuple[float, float]) -> None:
        stroke = self._stroke
        if stroke is None:
            return
        last = stroke.points[-1]
        if max(abs(place[0] - last[0]), abs(place[1] - last[1])) < _LEAST_MOVE:
            return
        width = self._pen_width(stroke.eraser) * self._pressure
        self._stroke = Stroke((*stroke.points, place), width, stroke.eraser)
        self._tell_move()
        if len(stroke.points) + 1 >= self._room:
            self._lift()

    def _tell_move(self) -> None:
        if self._stroke is not None:
            self.show_ink(self._drawing.with_stroke(self._stroke))
            self.stroke_moved.emit(self._stroke)

    def _lift(self) -> None:
        stroke, self._stroke = self._stroke, None
        if stroke is not None:
            self.stroke_finished.emit(stroke)

    def _cancel(self) -> None:
        if self._stroke is not None:
            self._stroke = None
            self.show_ink(self._drawing)
            self.stroke_cancelled.emit()

    def _press_key(self, event: QKeyEvent) -> bool:
        """Do what a key asks for; return whether it asked for anything."""
        key = Qt.Key(event.key())
        if key in _ARROWS:
            self._step(_ARROWS[key], large=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        elif key in _PRESSES:
            if not event.isAutoRepeat():
                self._toggle_key_pen()
        elif key == Qt.Key.Key_E:
            self.show_pen(self._width, eraser=not self._eraser)
            self.eraser_toggled.emit(self._eraser)
        elif key == Qt.Key.Key_Escape and self.pen_is_down:
            self._cancel()
        else:
            return False
        return True

    def _step(self, direction: tuple[int, int], *, large: bool) -> None:
        step = _LARGE_STEP if large else _STEP
        x, y = (round(min(max(at + way * step, 0.0), 1.0), 4) for at, way in zip(self._key_pen, direction, strict=True))
        self._key_pen = (x, y)
        self.show_ring(self._key_pen, self._pen_width(self._eraser))
        if self._by_keyboard:
            self._move(self._key_pen)

    def _toggle_key_pen(self) -> None:
        self.show_ring(self._key_pen, self._pen_width(self._eraser))
        if self.pen_is_down and self._by_keyboard:
            self._lift()
        else:
            self._pressure = 1.0
            self._put_down(self._key_pen, eraser=self._eraser, by_keyboard=True)

    def _touch(self, event: QTouchEvent) -> None:
        """Draw with the first finger; others are ignored."""
        if event.type() == QEvent.Type.TouchCancel or not event.points():
            self._cancel()
            return
        place = self.place_of(event.points()[0].position())
        if event.type() == QEvent.Type.TouchBegin:
            self._pressure = 1.0
            self._put_down(place, eraser=self._eraser)
        else:
            self._move(place)
        if event.type() == QEvent.Type.TouchEnd:
            self._lift()

    def event(self, event: QEvent) -> bool:
        """Take touch, and the keys of the canvas before they become somebody's shortcuts."""
        if isinstance(event, QTouchEvent):
            self._touch(event)
            event.accept()
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            others = event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
            if event.key() in _OWN_KEYS and others == Qt.KeyboardModifier.NoModifier:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move and use the pen by keys."""
        if not self._press_key(event):
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put the pen or the eraser down."""
        if event.button() & _DRAWING_BUTTONS and self.sheet.contains(event.position().toPoint()):
            eraser = self._eraser or event.button() == Qt.MouseButton.RightButton
            self._pressure = 1.0
            self._put_down(self.place_of(event.position()), eraser=eraser)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show where the pen is, and draw when it is down."""
        place = self.place_of(event.position())
        erasing = self._eraser if self._stroke is None else self._stroke.eraser
        self.show_ring(place, self._pen_width(erasing))
        if not self._by_keyboard:
            self._move(place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lift the pen."""
        if event.button() & _DRAWING_BUTTONS and not self._by_keyboard:
            self._move(self.place_of(event.position()))
            self._lift()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """Draw with the pen of a tablet; pressure widens the stroke."""
        place, eraser = self.place_of(event.position()), event.pointerType() == QPointingDevice.PointerType.Eraser
        # A stroke is as wide as its strongest pressure, in eighths because each change redraws all ink.
        pressure = round(8 * (0.5 + event.pressure())) / 8
        if event.type() == QEvent.Type.TabletPress:
            self._pressure = pressure
            self._put_down(place, eraser=eraser or self._eraser)
        elif event.type() == QEvent.Type.TabletMove:
            self._pressure = max(self._pressure, pressure)
            self._move(place)
        else:
            self._lift()
        self.show_ring(place, self._pen_width(eraser or self._eraser))
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the ring: the pen is elsewhere."""
        self.show_ring(None, 0)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Lift the pen that the keyboard put down."""
        if self._by_keyboard:
            self._lift()
            self.show_ring(None, 0)
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Lift the pen: nobody can see what it draws."""
        self._lift()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept images; other files are the window's."""
        if event.mimeData().hasImage() or image_path(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Pass a dropped image on."""
        dropped = image_path(event.mimeData()) or event.mimeData().imageData()
        if dropped is not None:
            event.setDropAction(Qt.DropAction.CopyAction)  # a file that is moved would be deleted where it comes from
            event.accept()
            self.image_dropped.emit(dropped)
