"""The buttons of a film: play and pause, one step, back to the start, and how fast."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QSizePolicy, QSlider, QToolButton, QWidget

from convscope.ui import icons
from convscope.ui.widgets.slide import rate_of, rate_text

_ICON = QSize(16, 16)
_STEPS = 100  # of the speed slider
_USUAL = 45
_SPEEDS = "From one position in two seconds to the whole map in two seconds"
_BUTTON, _GAP = 28, 2  # pixels: width of a button, and between two
_BUTTONS = 4 * (_BUTTON + _GAP) + _GAP  # pixels before a slider that stands beside them
_SHORTEST = 40  # milliseconds between two pictures: more would only take the processor from training


class SlideControls(QWidget):
    """Moves a window over its map by itself while it plays.

    Signals:
        moved: By so many positions, backwards where negative.
        restarted: Back to the first position.
        playing_changed: It began to play, or stopped.
    """

    moved = Signal(int)
    restarted = Signal()
    playing_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("slide_controls")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # as wide as what it moves
        self._count = 1
        self._due = 0.0  # positions that the time since the last step is worth
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._start = self._button("slide_start", "to-start", "To the start", "Put the window on its first position")
        self._back = self._button("slide_back", "previous", "Step back", "Move the window one position back")
        self._play = self._button("slide_play", "train", "Play", "Let the window slide over the map (Space)")
        self._forward = self._button("slide_forward", "next", "Step forward", "Move the window one position on")
        self._speed = QSlider(Qt.Orientation.Horizontal, self)
        self._words = QLabel(self)
        self._lines = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._build()
        self._start.clicked.connect(self.restart)
        self._back.clicked.connect(lambda: self.step(-1))
        self._forward.clicked.connect(lambda: self.step(1))
        self._play.clicked.connect(self.toggle)
        self._speed.valueChanged.connect(self._take_speed)

    @property
    def playing(self) -> bool:
        """Whether the window moves by itself."""
        return self._timer.isActive()

    @property
    def rate(self) -> float:
        """Positions a second."""
        return rate_of(self._speed.value() / _STEPS, self._count)

    def show_count(self, count: int) -> None:
        """Take the number of positions of the map, which the fastest speed depends on."""
        if count != self._count:
            self._count = max(count, 1)
            self._take_speed()

    def toggle(self) -> None:
        """Play, or pause."""
        self.stop() if self.playing else self._begin()

    def stop(self) -> None:
        """Pause."""
        if self.playing:
            self._timer.stop()
            self._show_playing()

    def step(self, positions: int) -> None:
        """Pause and move by hand."""
        self.stop()
        self.moved.emit(positions)

    def restart(self) -> None:
        """Pause and go to the first position."""
        self.stop()
        self.restarted.emit()

    def _build(self) -> None:
        self._speed.setRange(0, _STEPS)
        self._speed.setValue(_USUAL)
        self._speed.setObjectName("slide_speed")
        self._speed.setAccessibleName("Speed of the window")
        self._speed.setMinimumWidth(40)
        self._speed.setMaximumWidth(220)
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        buttons, speed = QHBoxLayout(), QHBoxLayout()
        for button in (self._start, self._back, self._play, self._forward):
            buttons.addWidget(button)
        buttons.addStretch()
        speed.addWidget(self._speed, 1)
        speed.addWidget(self._words, 1)
        for line in (buttons, speed):
            line.setSpacing(_GAP)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(_GAP)
        self._lines.addLayout(buttons)
        self._lines.addLayout(speed, 1)
        self._show_speed()

    def _button(self, name: str, icon: str, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setIcon(icons.icon(icon))
        button.setIconSize(_ICON)
        button.setFixedWidth(_BUTTON)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setStatusTip(tip)
        return button

    def _begin(self) -> None:
        self._due = 0.0
        self._clock.start()
        self._timer.start(self._interval())
        self._show_playing()

    def _interval(self) -> int:
        return max(_SHORTEST, round(1000 / self.rate))

    def _tick(self) -> None:
        """Move by what the time that really passed is worth: a busy computer leaves positions out."""
        self._due += self._clock.restart() / 1000 * self.rate
        positions = int(self._due + 0.1)  # a timer may fire a little early
        if positions:
            self._due -= positions
            self.moved.emit(positions)

    def _take_speed(self) -> None:
        self._show_speed()
        if self.playing:
            self._timer.start(self._interval())

    def _show_speed(self) -> None:
        text = rate_text(self.rate, self._count)
        self._words.setText(text)
        self._speed.setToolTip(f"{text[0].upper()}{text[1:]}. {_SPEEDS}")

    def _show_playing(self) -> None:
        playing = self.playing
        self._play.setIcon(icons.icon("pause" if playing else "train"))
        self._play.setAccessibleName("Pause" if playing else "Play")
        self.playing_changed.emit(playing)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the slider below the buttons where it has no room beside them; its tip says the words, too."""
        super().resizeEvent(event)
        words = self._words.fontMetrics().horizontalAdvance("whole map in 2.2 s ")
        slider, free = self._speed.minimumWidth(), self.width() - _BUTTONS
        beside = free >= slider
        directions = QBoxLayout.Direction
        self._lines.setDirection(directions.LeftToRight if beside else directions.TopToBottom)
        self._words.setVisible((free if beside else self.width()) >= slider + words + 2 * _GAP)

    def minimumSizeHint(self) -> QSize:
        """Return room for the buttons, and for the slider below them where it stands there."""
        return QSize(4 * (_BUTTON + _GAP), self._lines.minimumSize().height())

    def hideEvent(self, event: QHideEvent) -> None:
        """Pause: nobody sees it."""
        self.stop()
