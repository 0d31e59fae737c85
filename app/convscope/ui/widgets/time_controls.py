"""The slider of the time machine: through the moments of a run by hand, or playing by itself."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QSlider, QToolButton, QWidget

from convscope.ui import icons

SECONDS = 10.0  # for the whole run at the usual speed
SPEEDS = {"¼×": 0.25, "½×": 0.5, "1×": 1.0, "2×": 2.0, "4×": 4.0}
_TICK = 50  # milliseconds: more pictures would only take the processor from computing the maps
_PAGE = 0.1  # of the run, for Page up and Page down
_ICON = QSize(16, 16)


class TimeControls(QWidget):
    """Chooses a moment by its number; the one behind the last is the present.

    The arrow keys go from moment to moment, Page up and Page down by a tenth of the run, Home to its start, End to the
    present; Space plays.

    Signals:
        moment_chosen(int): The moment of this number, as many as there are for the present.
    """

    moment_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("time_controls")
        self._due = 0.0  # moments that the time since the last step is worth
        self._clock = QElapsedTimer()
        self._timer = QTimer(self, interval=_TICK)
        self._play = QToolButton(self)
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self._speed = QComboBox(self)
        self._now = QPushButton("&Now", self)
        self._build()
        self._timer.timeout.connect(self._tick)
        self._play.clicked.connect(self.toggle)
        self.slider.valueChanged.connect(self._choose)
        self.slider.sliderPressed.connect(self.stop)
        self._now.clicked.connect(self._return)

    @property
    def is_playing(self) -> bool:
        """Whether the moments go by on their own."""
        return self._timer.isActive()

    @property
    def speed(self) -> float:
        """How many times the usual speed is chosen."""
        return self._speed.currentData()

    def show_moments(self, last: int, chosen: int, text: str) -> None:
        """Show how many moments there are and which is looked at.

        Args:
            last: The number that stands for the present; 0 where there is nothing to look at.
            chosen: The number of what is shown.
            text: The same in words, for screen readers.
        """
        self.setEnabled(last > 0)
        if last <= 0 or chosen >= last:
            self.stop()
        self.slider.blockSignals(True)  # showing is not choosing
        self.slider.setRange(0, max(last, 0))
        self.slider.setPageStep(max(1, round(_PAGE * last)))
        self.slider.setValue(chosen)
        self.slider.blockSignals(False)
        self.slider.setAccessibleDescription(text)
        self._now.setEnabled(chosen < last)

    def toggle(self) -> None:
        """Play from here, from the start where this is the present, or pause."""
        if self.is_playing:
            self.stop()
        elif self.slider.maximum() > 0:
            if self.slider.value() >= self.slider.maximum():
                self.moment_chosen.emit(0)
            self._due = 0.0
            self._clock.start()
            self._timer.start()
            self._show_playing()

    def stop(self) -> None:
        """Pause."""
        if self.is_playing:
            self._timer.stop()
            self._show_playing()

    def _build(self) -> None:
        self._play.setObjectName("time_play")
        self._play.setIconSize(_ICON)
        self._play.setToolTip("Play the run from here (Space)")
        self.slider.setObjectName("time_slider")
        self.slider.setAccessibleName("Moment of the run")
        self.slider.setToolTip(
            "Look back at a moment of the run; the right end is now. So does a click in a plot of the run."
        )
        self.slider.setMinimumWidth(80)
        self._speed.setObjectName("time_speed")
        self._speed.setAccessibleName("Speed of playing")
        self._speed.setToolTip(f"At 1× the whole run takes {SECONDS:.0f} seconds")
        for text, factor in SPEEDS.items():
            self._speed.addItem(text, factor)
        self._speed.setCurrentText("1×")
        self._speed.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._now.setObjectName("time_now")
        self._now.setToolTip("Return to the present weights (Esc)")
        self._now.setMaximumWidth(self._now.fontMetrics().horizontalAdvance("Now") + 28)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._play)
        row.addWidget(self.slider, 1)
        row.addWidget(self._now)
        row.addWidget(self._speed)
        self._show_playing()
        self.setEnabled(False)

    def _choose(self, number: int) -> None:
        self.moment_chosen.emit(number)

    def _return(self) -> None:
        self.stop()
        self.moment_chosen.emit(self.slider.maximum())

    def _tick(self) -> None:
        """Go on by what the time that really passed is worth: a busy computer leaves moments out."""
        self._due += self._clock.restart() / 1000 * self.speed * self.slider.maximum() / SECONDS
        moments = int(self._due)
        if moments:
            self._due -= moments
            self.moment_chosen.emit(min(self.slider.value() + moments, self.slider.maximum()))

    def _show_playing(self) -> None:
        playing = self.is_playing
        self._play.setIcon(icons.icon("pause" if playing else "train"))
        self._play.setAccessibleName("Pause" if playing else "Play the run")

    def hideEvent(self, event: QHideEvent) -> None:
        """Pause: nobody sees it."""
        self.stop()
        super().hideEvent(event)
