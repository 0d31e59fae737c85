"""Which data cube is open like a fan, and how far."""

from __future__ import annotations

from PySide6.QtCore import QAbstractAnimation, QObject, QVariantAnimation, Signal

DURATION = 300  # milliseconds


class CubeOpening(QObject):
    """Opens one cube at a time, and closes it again, in a short while.

    Signals:
        changed: Another cube is open, or none; the view and its buttons show something else.
        moved: The opening went on.
    """

    changed = Signal()
    moved = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._layer: int | None = None
        self._wanted = False
        self._animation = QVariantAnimation(self)
        self._animation.setDuration(DURATION)
        self._animation.setStartValue(0.0)
        self._animation.setEndValue(1.0)
        self._animation.valueChanged.connect(lambda _: self.moved.emit())
        self._animation.finished.connect(self._finish)

    @property
    def layer(self) -> int | None:
        """The layer whose cube is open, opening or closing."""
        return self._layer

    @property
    def is_open(self) -> bool:
        """Whether a cube is open or opening."""
        return self._wanted

    @property
    def progress(self) -> float:
        """How far the cube is open: 0 closed, 1 open."""
        if self._animation.state() == QAbstractAnimation.State.Running:
            return float(self._animation.currentValue())
        return 1.0 if self._wanted else 0.0

    def open(self, layer: int) -> None:
        """Open a cube; at once where another one is open."""
        at_once = self._wanted
        self._layer, self._wanted = layer, True
        self._run(QAbstractAnimation.Direction.Forward, at_once)

    def close(self) -> None:
        """Close the cube that is open."""
        if self._wanted:
            self._wanted = False
            self._run(QAbstractAnimation.Direction.Backward, False)

    def finish(self) -> None:
        """Go to the end of the movement at once."""
        if self._animation.state() == QAbstractAnimation.State.Running:
            self._animation.stop()
            self._finish()

    def _run(self, direction: QAbstractAnimation.Direction, at_once: bool) -> None:
        if self._animation.state() != QAbstractAnimation.State.Running:
            self._animation.setCurrentTime(0 if direction == QAbstractAnimation.Direction.Forward else DURATION)
        self._animation.setDirection(direction)
        if at_once:
            self._animation.stop()
            self._finish()
        elif self._animation.state() != QAbstractAnimation.State.Running:
            self._animation.start()
        self.changed.emit()

    def _finish(self) -> None:
        if not self._wanted:
            self._layer = None
        self.moved.emit()
