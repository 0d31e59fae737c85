"""The real window, opened for a measurement, and a hand that draws in it."""

from __future__ import annotations

import dataclasses
import gc
import math
import os
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from time import perf_counter

from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from convscope.core.presets import preset
from convscope.core.training_config import TrainingConfig
from convscope.ui import background
from convscope.ui.application import collect_garbage, make_application, make_window
from convscope.ui.panel_dock import PanelDock
from convscope.ui.preferences import Preferences
from convscope.ui.run_state import RunState
from convscope.ui.session import Session
from convscope.ui.widgets.breakdown_view import BreakdownView
from convscope.ui.widgets.cube_view import CubeView
from convscope.ui.widgets.drawing_canvas import DrawingCanvas
from convscope.ui.widgets.mosaic import Mosaic
from convscope.ui.window import MainWindow

LAPTOP = 1280, 800
LARGE = 1920, 1080  # a screen on which all that shows the network's answer is visible at once
SPREAD = 2560, 1440  # a screen for all panels
COLUMNS = 5
PATIENCE = 120.0  # seconds


class Stage:
    """The window, its session and the event loop that a measurement turns by hand."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.session: Session = window.session
        canvas = window.findChild(DrawingCanvas)
        assert canvas is not None
        self.canvas = canvas
        self.failures: list[str] = []
        self.session.failed.connect(lambda sentence, _: self.failures.append(sentence))

    def wait(self, done: Callable[[], bool], patience: float = PATIENCE) -> None:
        """Let the program work until something is the case.

        Raises:
            TimeoutError: It did not come to be.
        """
        alarm = QTimer()  # wakes the event loop, so that the patience can end
        alarm.start(200)
        end = perf_counter() + patience
        while not done():
            if perf_counter() > end or self.failures:
                raise TimeoutError(f"The window did not get ready. {' '.join(self.failures)}")
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def play(self, seconds: float) -> None:
        """Let the program work for a while."""
        end = perf_counter() + seconds
        QTimer.singleShot(round(1000 * seconds), lambda: None)
        self.wait(lambda: perf_counter() >= end)

    def spread(self, names: Collection[str]) -> None:
        """Show the panels of these object names all beside each other, on a screen that has room for them."""
        docks = [dock for dock in self.window.findChildren(PanelDock) if dock.name in names]
        for dock in self.window.findChildren(PanelDock):
            self.window.removeDockWidget(dock)
        self.window.resize(*SPREAD)
        heads = docks[:COLUMNS]
        self.window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, heads[0])
        for before, head in pairwise(heads):
            self.window.splitDockWidget(before, head, Qt.Orientation.Horizontal)
        for above, below in zip(docks, docks[COLUMNS:], strict=False):
            self.window.splitDockWidget(above, below, Qt.Orientation.Vertical)
        for dock in docks:
            dock.show()
        self.wait(lambda: all(dock.panel.isVisible() for dock in docks))

    def resize(self, size: tuple[int, int]) -> None:
        """Give the window another size and the panels the places they have in it at first."""
        self.window.resize(*size)
        self.play(0.2)
        self.trigger("reset_layout")
        self.play(0.5)

    def load_data(self, folder: Path | None = None) -> None:
        """Load generated handwriting, or MNIST's files from a folder."""
        if folder is not None:
            self.session.change_dataset("folder", folder)
            self.wait(lambda: self.session.loading is None)
        elif self.session.dataset is None and self.session.loading is None:
            self.session.change_dataset("generated")
        self.wait(lambda: self.session.dataset is not None)

    def choose(self, name: str) -> None:
        """Take a preset, trained for as long as the measurement lasts, and select its first layer with weights."""
        self.session.load_preset(preset(name))
        self.session.edit("Train long", config=dataclasses.replace(self.config, epochs=1000))
        layers = self.session.network.layers
        self.session.select(next(index for index, layer in enumerate(layers) if layer.kind in ("conv2d", "dense")))
        self.play(0.3)

    @property
    def config(self) -> TrainingConfig:
        """The session's training settings."""
        return self.session.config

    def train(self) -> None:
        """Start or go on, and return when the first batches are done."""
        self.trigger("train")
        self.wait(lambda: self.session.run_state is RunState.RUNNING and self.session.progress is not None)

    def pause(self) -> None:
        """Pause, and return when the run rests."""
        self.trigger("pause")
        self.wait(lambda: self.session.run_state is RunState.PAUSED)

    def trigger(self, name: str) -> None:
        """Do what a button of the toolbar does."""
        self.window.actions_by_name[f"action_{name}"].trigger()

    def draw(self) -> None:
        """Draw a digit with the mouse, and go away with it."""
        with self.pen() as move:
            for place in curve(40):
                move(place)
                self.play(0.005)
        QApplication.sendEvent(self.canvas, QEvent(QEvent.Type.Leave))

    @contextmanager
    def pen(self) -> Iterator[Callable[[QPointF], None]]:
        """Put the pen down; the value moves it, and in the end it is lifted."""
        self._mouse(QEvent.Type.MouseButtonPress, next(curve(2)))
        last = [next(curve(2))]

        def move(place: QPointF) -> None:
            last[0] = place
            self._mouse(QEvent.Type.MouseMove, place)

        yield move
        self._mouse(QEvent.Type.MouseButtonRelease, last[0])

    def _mouse(self, kind: QEvent.Type, place: QPointF) -> None:
        sheet = self.canvas.sheet
        at = QPointF(sheet.left() + place.x() * sheet.width(), sheet.top() + place.y() * sheet.height())
        button, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        moving, down = kind == QEvent.Type.MouseMove, kind != QEvent.Type.MouseButtonRelease
        event = QMouseEvent(
            kind,
            at,
            QPointF(self.canvas.mapToGlobal(QPoint(0, 0))) + at,
            none if moving else button,
            button if down else none,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(self.canvas, event)

    def pictures(self) -> list[QWidget]:
        """Return what shows the network's answer: cubes, maps, arithmetic, as far as visible.

        The bars of the prediction are painted in one go with these, but only where they look different.
        """
        maps = self.window.panel("maps_panel").findChildren(Mosaic)
        scrolled = (*self.window.findChildren(CubeView), *self.window.findChildren(BreakdownView))
        shown = (*maps, *(view.viewport() for view in scrolled))
        return [widget for widget in shown if widget.isVisible()]


class Painted(QObject):
    """Notes which of some widgets were painted."""

    def __init__(self, widgets: list[QWidget], parent: QObject) -> None:
        super().__init__(parent)
        self._widgets = widgets
        self._missing = set[int]()
        self._last = 0.0
        for number, widget in enumerate(widgets):
            widget.setProperty("bench_number", number)
            widget.installEventFilter(self)

    @property
    def complete(self) -> bool:
        """Whether all were painted since `forget`."""
        return not self._missing

    @property
    def last(self) -> float:
        """When the last of them began to be painted, by `perf_counter`; each takes well below a millisecond."""
        return self._last

    def forget(self) -> None:
        """Wait for all of them anew."""
        self._missing, self._last = set(range(len(self._widgets))), 0.0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note a paint; the event loop turns once more before the measurement sees it, so it is then done."""
        number = int(watched.property("bench_number"))
        if event.type() == QEvent.Type.Paint and number in self._missing:
            self._missing.remove(number)
            self._last = perf_counter()
        return False


def curve(points: int) -> Iterator[QPointF]:
    """Yield the places of a pen that writes a 3."""
    for number in range(points):
        turn = 2 * math.pi * number / (points - 1) * 1.7 - 2.2
        upper = number < points / 2
        yield QPointF(0.45 + 0.16 * math.cos(turn), (0.32 if upper else 0.64) + 0.15 * math.sin(turn))


@contextmanager
def open_stage(size: tuple[int, int] = LARGE) -> Iterator[Stage]:
    """Open the window as the program does in a size, wait until it is warm, and close it in the end."""
    application = make_application("light")
    window = make_window(Preferences())
    window.session.failed.disconnect()  # a dialogue would wait for somebody to close it
    collect_garbage(window)
    window.resize(*size)
    window.show()
    stage = Stage(window)
    stage.wait(lambda: stage.session.trace is not None and stage.session.threads > 0)
    stage.load_data()
    gc.collect()
    try:
        yield stage
    finally:
        window.files.may_discard = lambda: True
        window.close()
        background.end_all()
        application.processEvents()


def mnist_folder() -> Path | None:
    """Return the folder of MNIST's files, None where CONVSCOPE_MNIST names none."""
    named = os.environ.get("CONVSCOPE_MNIST")
    return Path(named) if named else None


def processor_load() -> float:
    """Return how many processes wanted a core in the last minute, NaN where that cannot be told."""
    return os.getloadavg()[0] if sys.platform != "win32" else math.nan
