"""The row of data cubes on the screen: turned, zoomed and scrolled, pointed at, cut open and fanned out."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

from convscope.core.unit import Unit
from convscope.ui.widgets.cube_canvas import CubeCanvas
from convscope.ui.widgets.cube_controls import Fit
from convscope.ui.widgets.cube_geometry import Angle, cell_of, index_of, sides_of

ZOOM_STEP = 1.25
_TURN = 1 / 160  # shares of the depth per pixel of the mouse


_KEYS = Qt.Key
_STEPS = {_KEYS.Key_Left: -1, _KEYS.Key_Right: 1, _KEYS.Key_Home: -10_000, _KEYS.Key_End: 10_000}
_SLICES = {_KEYS.Key_Up: 1, _KEYS.Key_Down: -1, _KEYS.Key_PageUp: 10, _KEYS.Key_PageDown: -10}
_MOVES = {
    _KEYS.Key_Left: (0, 0, -1), _KEYS.Key_Right: (0, 0, 1), _KEYS.Key_Up: (0, -1, 0), _KEYS.Key_Down: (0, 1, 0),
    _KEYS.Key_PageUp: (-1, 0, 0), _KEYS.Key_PageDown: (1, 0, 0),
}  # fmt: skip
_OPENING = (_KEYS.Key_Return, _KEYS.Key_Enter, _KEYS.Key_Space)
_ZOOMS = {_KEYS.Key_Plus: ZOOM_STEP, _KEYS.Key_Equal: ZOOM_STEP, _KEYS.Key_Minus: 1 / ZOOM_STEP}


class CubeView(CubeCanvas):
    """Shows a whole network as data cubes that can be turned, pointed at, cut open and opened like fans.

    Signals:
        layer_chosen: The user selected this layer.
        unit_hovered: The value under the pointer, a `Unit`, or None.
        unit_pinned: The user clicked a value, a `Unit`.
        angle_changed: The user turned the cubes and let go.
    """

    layer_chosen = Signal(int)
    unit_hovered = Signal(object)
    unit_pinned = Signal(object)
    angle_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cube_view")
        self.setAccessibleName("Data cubes")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.axis = 0
        self._pointer: QPointF | None = None  # None while it is elsewhere
        self._pressed: QPointF | None = None
        self._drag = ""
        self.places_changed.connect(self._follow_pointer)

    def show_axis(self, axis: int) -> None:
        """Let the keys slice along another axis: 0 channels, 1 rows, 2 columns."""
        self.axis = axis
        self.state_changed.emit()

    def show_slice(self, number: int) -> None:
        """Cut the selected cube at a slice of the present axis, or at the nearest that there is."""
        sides = self.scene.sides(self.selected)
        if sides is not None:
            self.show_cut(self.cut().moved(self.axis, min(max(number, 0), sides[self.axis] - 1)))

    @property
    def next_fit(self) -> Fit:
        """What fitting the row does next: turn it back, show all of a long one, or show its cubes large."""
        if not self.scene.fits:
            return "row"
        if self.scene.angle != Angle():
            return "turn"
        return "all" if self.scene.is_long and not self.scene.whole else "row"

    def fit_further(self) -> None:
        """Fit the row, and further if it is fitted already."""
        wanted = self.next_fit
        if wanted == "turn":
            self.show_angle(Angle())
            self.angle_changed.emit()
        else:
            self.fit(whole=wanted == "all")

    def toggle_fan(self) -> None:
        """Open the selected cube into its maps, or close it."""
        if self.opening.is_open:
            self.opening.close()
        else:
            self.open_fan(self.selected)

    def _hover(self, unit: Unit | None) -> None:
        if unit != self.scene.marks.hovered:
            self.unit_hovered.emit(unit)

    def _follow_pointer(self) -> None:
        """Tell the value under a pointer that rests while the cubes move."""
        if self._pointer is not None and self._pressed is None:
            self._hover(self.unit_at(self._pointer))

    def _click(self, point: QPointF) -> None:
        layer, unit = self.layer_at(point), self.unit_at(point)
        if layer is not None and layer != self.selected:
            self.layer_chosen.emit(layer)
        if unit is not None:
            self.unit_pinned.emit(unit)

    def _step(self, step: int) -> None:
        layers = [item.layer for item in self.scene.items]
        self.layer_chosen.emit(min(max(self.selected + step, layers[0]), layers[-1]))

    def _move_pin(self, move: tuple[int, int, int]) -> None:
        """Take the value beside the pinned one apart, or the first one that is seen of the selected cube."""
        shape = None if self.item is None else self.item.shape
        if shape is None:
            return
        pinned, cut = self.scene.marks.pinned, self.cut()
        if pinned is None or pinned.layer != self.selected or not pinned.fits(shape):
            start = (cut.channel, cut.row, 0) if len(shape) == 3 else (0, 0, 0)
        else:
            at = zip(cell_of(pinned.index), move, sides_of(shape), strict=True)
            start = tuple(min(max(place + step, 0), side - 1) for place, step, side in at)
        self.unit_pinned.emit(Unit(self.selected, index_of((start[0], start[1], start[2]), shape)))

    def _pull(self, point: QPointF) -> None:
        """Turn or move by what the mouse went since the last time."""
        assert self._pressed is not None
        way, self._pressed = point - self._pressed, point
        if self._drag == "turn":
            anchor = self._anchor(point.x())
            self.show_angle(self.scene.angle.turned(way.x() * _TURN, -way.y() * _TURN))
            if not self.scene.fits:
                self._keep(anchor, point.x())
        else:
            for bar, by in ((self.horizontalScrollBar(), way.x()), (self.verticalScrollBar(), way.y())):
                bar.setValue(bar.value() - round(by))

    def viewportEvent(self, event: QEvent) -> bool:
        """Forget the value under the pointer when that leaves."""
        if event.type() == QEvent.Type.Leave:
            self._pointer = None
            self._hover(None)
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click, a turn or a move."""
        self._pressed, self._drag = event.position(), ""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn, move, or tell the value under the pointer."""
        point = self._pointer = event.position()
        if self._pressed is None:
            self._hover(self.unit_at(point))
            return
        if not self._drag and (point - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._drag = self._drag_of(event.buttons())
        if self._drag and not self.opening.is_open:
            self._pull(point)

    def _drag_of(self, buttons: Qt.MouseButton) -> str:
        assert self._pressed is not None
        if buttons & Qt.MouseButton.MiddleButton:
            return "move"
        on_cube = self.layer_at(self._pressed) is not None
        return "turn" if on_cube or buttons & Qt.MouseButton.RightButton else "move"

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take a press that did not move as a click."""
        pressed, drag, self._pressed, self._drag = self._pressed, self._drag, None, ""
        if drag == "turn":
            self.angle_changed.emit()
        elif pressed is not None and not drag and event.button() == Qt.MouseButton.LeftButton:
            self._click(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the cube under the pointer, or close it."""
        if event.button() == Qt.MouseButton.LeftButton and self.layer_at(event.position()) is not None:
            self.toggle_fan()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll along the row; with Ctrl zoom."""
        turn = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(ZOOM_STEP ** (turn / 120), event.position().x())
        else:
            vertical = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            bar = self.verticalScrollBar() if vertical else self.horizontalScrollBar()
            bar.setValue(bar.value() - turn)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose cube and slice, with Shift the pinned value; Enter opens, Escape closes, +, − and F zoom."""
        key = _KEYS(event.key())
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and key in _MOVES:
            self._move_pin(_MOVES[key])
        elif key in _STEPS:
            self._step(_STEPS[key])
        elif key in _SLICES:
            self.show_slice(self.cut().slice_along(self.axis) + _SLICES[key])
        elif key in _OPENING:
            self.toggle_fan()
        elif key == _KEYS.Key_Escape and self.opening.is_open:
            self.opening.close()
        elif key in _ZOOMS:
            self.zoom(_ZOOMS[key])
        elif key in (_KEYS.Key_F, _KEYS.Key_0):
            self.fit_further()
        else:
            event.ignore()
