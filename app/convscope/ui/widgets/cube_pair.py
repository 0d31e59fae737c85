"""Two rows of data cubes, one above the other, that are turned, zoomed, scrolled and cut open together."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from convscope.ui.widgets.cube_view import CubeView
from convscope.ui.widgets.prediction_pair import NAMES, pair_colours

_LEAST = 44  # logical pixels of height, of each of two rows


class CubePair(QWidget):
    """Shows one row, or below it a second one of the same network in training.

    What else the user does with the second row is told by the signals of the first.

    Signals:
        row_pinned: The user pinned a value of this one of two rows: 0 of the upper, 1 of the lower one.
        unit_pinned: It is this `Unit`, of either.
    """

    row_pinned = Signal(int)
    unit_pinned = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first = CubeView(self)
        self.second = CubeView(self)
        self.second.setObjectName("cube_view_training")
        self.second.setAccessibleName("Data cubes in training")
        self._names = tuple(_ModeName(number, self) for number in range(len(NAMES)))
        self._is_split = False
        self._aligning = False
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(0, 1)
        for row, (name, view) in enumerate(zip(self._names, (self.first, self.second), strict=True)):
            grid.addWidget(name, row, 0)
            grid.addWidget(view, row, 1)
        self.first.unit_pinned.connect(lambda unit: self._pin(0, unit))
        self.second.unit_pinned.connect(lambda unit: self._pin(1, unit))
        self.second.layer_chosen.connect(self.first.layer_chosen)
        self.second.unit_hovered.connect(self.first.unit_hovered)
        self.second.angle_changed.connect(self.first.angle_changed)
        for leader, follower in ((self.first, self.second), (self.second, self.first)):
            leader.places_changed.connect(lambda a=leader, b=follower: self._align(a, b))
            leader.state_changed.connect(lambda a=leader, b=follower: self._align(a, b))
        self.show_split(False)

    @property
    def views(self) -> tuple[CubeView, ...]:
        """The rows that are shown, from top to bottom."""
        return (self.first, self.second) if self._is_split else (self.first,)

    @property
    def is_split(self) -> bool:
        """Whether both rows are shown."""
        return self._is_split

    def show_split(self, on: bool) -> None:
        """Show the second row, too, or not; what it shows comes after this."""
        self._is_split = on
        self._grid.setRowStretch(1, int(on))  # a hidden row would keep its room
        self._grid.setVerticalSpacing(2 * on)
        for widget in (*self._names, self.second):
            widget.setVisible(on)
        for view in (self.first, self.second):
            view.setMinimumHeight(_LEAST if on else 0)  # both together need hardly more than one alone

    def _pin(self, row: int, unit: object) -> None:
        if self._is_split:
            self.row_pinned.emit(row)
        self.unit_pinned.emit(unit)

    def align(self) -> None:
        """Let the second row stand as the first does."""
        self._align(self.first, self.second)

    def _align(self, leader: CubeView, follower: CubeView) -> None:
        """Let one row follow the other, unless it is doing so already."""
        if not self._is_split or self._aligning or leader.scene.items != follower.scene.items:
            return
        self._aligning = True
        try:
            follow(follower, leader)
        finally:
            self._aligning = False


class _ModeName(QLabel):
    """The name of a mode beside its row, in its colour; a palette of its own would be lost with a new style sheet."""

    def __init__(self, number: int, parent: QWidget) -> None:
        super().__init__(NAMES[number], parent)
        self._number = number
        font = self.font()
        font.setBold(True)
        self.setFont(font)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Write it in the colour of the present theme."""
        painter = QPainter(self)
        painter.setPen(pair_colours()[self._number])
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


def follow(view: CubeView, leader: CubeView) -> None:
    """Turn, zoom, cut open, open and scroll a row as another one of the same cubes."""
    if view.scene.angle != leader.scene.angle:
        view.show_angle(leader.scene.angle)
    if leader.scene.fits and view.scene.whole != leader.scene.whole:
        view.fit(whole=leader.scene.whole)
    if view.scene.fits != leader.scene.fits or (not leader.scene.fits and view.scene.zoom != leader.scene.zoom):
        view.show_zoom(None if leader.scene.fits else leader.scene.zoom)
    if view.selected == leader.selected and view.cut() != leader.cut():
        view.show_cut(leader.cut())
    if view.axis != leader.axis:
        view.show_axis(leader.axis)
    if (view.opening.is_open, view.opening.layer) != (leader.opening.is_open, leader.opening.layer):
        if leader.opening.is_open and leader.opening.layer is not None:
            view.open_fan(leader.opening.layer)
        else:
            view.opening.close()
    for bar, other in (
        (view.horizontalScrollBar(), leader.horizontalScrollBar()),
        (view.verticalScrollBar(), leader.verticalScrollBar()),
    ):
        if bar.value() != other.value():
            bar.setValue(other.value())
