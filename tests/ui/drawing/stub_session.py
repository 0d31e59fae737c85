"""A session that keeps a drawing and answers at once, and a pen on the panel's canvas."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtTest import QTest

from convscope.core.data.dataset import Dataset, Examples
from convscope.core.data.drawing import Drawing, Stroke, network_image
from convscope.core.layers import Dense, Flatten
from convscope.core.network import Network
from convscope.ui.inspection import Inspection
from convscope.ui.panels.drawing import DrawingPanel

LEFT = Qt.MouseButton.LeftButton
LINE = Stroke(((0.2, 0.5), (0.8, 0.5)), 0.1)
NAMES = (
    "clear_drawing", "undo_stroke", "open_image", "paste_image", "next_sample", "previous_sample", "random_sample",
)  # fmt: skip


class StubSession(QObject):
    """Keeps a drawing and notes what is asked of it."""

    network_changed = Signal()
    drawing_changed = Signal()
    trace_changed = Signal()
    dataset_changed = Signal()
    computing_changed = Signal()
    message_shown = Signal(str)
    failed = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.network = Network(layers=(Flatten(name="flatten_1"), Dense(name="dense_1", units=10)))
        self.class_names = tuple("0123456789")
        self.dataset: Dataset | None = None
        self.trace: object = None
        self.is_split = False
        self.both_traces: object = None
        self.waiting = ""
        self.drawing = Drawing()
        self.image = network_image(self.drawing)
        self.inspection = Inspection(self.network, self)
        self.edits: list[str] = []
        self.previews: list[Drawing] = []

    def edit(self, text: str, *, drawing: Drawing) -> None:
        self.edits.append(text)
        self.drawing = drawing
        self._see(drawing)

    def preview_drawing(self, drawing: Drawing) -> None:
        self.previews.append(drawing)
        self._see(drawing)

    def answer(self, *probabilities: float) -> None:
        self.trace = SimpleNamespace(probabilities=np.array(probabilities))
        self.trace_changed.emit()

    @property
    def known_label(self) -> int | None:
        return None if self.drawing.picture is None else self.drawing.picture.label

    def load(self, labels: list[int], shape: tuple[int, int, int] = (1, 28, 28)) -> None:
        images = np.zeros((len(labels), *shape), np.uint8)
        images[:, 0, 10:18, 12] = np.arange(1, len(labels) + 1, dtype=np.uint8)[:, None] * 10
        examples = Examples(images, np.array(labels, np.int64))
        train = Examples(images[:2].copy(), np.array(labels[:2], np.int64))
        self.dataset = Dataset("test", "Test", train, examples, self.class_names)
        self.dataset_changed.emit()

    def _see(self, drawing: Drawing) -> None:
        self.image = network_image(drawing)
        self.drawing_changed.emit()


def at(panel: DrawingPanel, x: float, y: float) -> QPoint:
    sheet = panel.canvas.sheet
    return sheet.topLeft() + QPoint(round(sheet.width() * x), round(sheet.height() * y))


def draw_line(panel: DrawingPanel) -> None:
    QTest.mousePress(panel.canvas, LEFT, pos=at(panel, 0.2, 0.5))
    QTest.mouseMove(panel.canvas, at(panel, 0.8, 0.5))
    QTest.mouseRelease(panel.canvas, LEFT, pos=at(panel, 0.8, 0.5))
