"""Drawing in the panel changes what the network sees at once, and samples and images come to the canvas."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from convscope.core.data.dataset import Dataset, Examples
from convscope.core.data.drawing import Drawing, Picture, Stroke, network_image
from convscope.core.layers import Dense, Flatten
from convscope.core.network import Network
from convscope.ui import icons, theme
from convscope.ui.inspection import Inspection
from convscope.ui.panels.drawing import DrawingPanel
from convscope.ui.panels.drawing_places import Sizes, arranged, least_size
from convscope.ui.panels.samples import SampleWalk

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


@pytest.fixture
def session(qapp: QApplication) -> StubSession:
    theme.apply(qapp, "light")
    return StubSession()


@pytest.fixture
def actions(session: StubSession) -> dict[str, QAction]:
    made = {f"action_{name}": QAction(icons.icon("undo"), name, session) for name in NAMES}
    for name, action in made.items():
        action.setToolTip(f"Help on {name}")
    return made


@pytest.fixture
def panel(session: StubSession, actions: dict[str, QAction], qtbot: QtBot) -> DrawingPanel:
    widget = DrawingPanel(session, actions)  # pyright: ignore[reportArgumentType]
    qtbot.addWidget(widget)
    widget.resize(360, 600)
    widget.show()
    return widget


def at(panel: DrawingPanel, x: float, y: float) -> QPoint:
    sheet = panel.canvas.sheet
    return sheet.topLeft() + QPoint(round(sheet.width() * x), round(sheet.height() * y))


def draw_line(panel: DrawingPanel) -> None:
    QTest.mousePress(panel.canvas, LEFT, pos=at(panel, 0.2, 0.5))
    QTest.mouseMove(panel.canvas, at(panel, 0.8, 0.5))
    QTest.mouseRelease(panel.canvas, LEFT, pos=at(panel, 0.8, 0.5))


def test_each_move_is_previewed_and_the_stroke_becomes_one_edit(panel, session):
    QTest.mousePress(panel.canvas, LEFT, pos=at(panel, 0.2, 0.5))
    QTest.mouseMove(panel.canvas, at(panel, 0.8, 0.5))
    assert len(session.previews[-1].strokes[0].points) == 2
    assert session.edits == []
    assert panel.network_input.accessibleDescription().endswith("28×28×1")
    assert panel.canvas.pen_is_down
    QTest.mouseRelease(panel.canvas, LEFT, pos=at(panel, 0.8, 0.5))
    assert session.edits == ["Draw"]
    assert session.drawing == session.previews[-1]
    draw_line(panel)
    assert len(session.previews[-1].strokes) == 2
    assert len(session.drawing.strokes) == 2


def test_what_the_network_sees_follows_the_pen(panel, session):
    area = panel.network_input.image_area()
    spot = panel.network_input.mapTo(panel, area.center().toPoint() + QPoint(0, round(area.height() / 56)))
    assert panel.grab().toImage().pixelColor(spot).name() == theme.current().paper.name()
    QTest.mousePress(panel.canvas, LEFT, pos=at(panel, 0.2, 0.5))
    QTest.mouseMove(panel.canvas, at(panel, 0.8, 0.5))
    assert panel.grab().toImage().pixelColor(spot).name() == theme.current().ink.name()
    QTest.mouseRelease(panel.canvas, LEFT, pos=at(panel, 0.8, 0.5))


def test_the_prediction_is_shown_while_the_pen_is_down_and_goes_when_all_is_cleared(panel, session, actions):
    assert panel.bars.message.startswith("Draw something")
    QTest.mousePress(panel.canvas, LEFT, pos=at(panel, 0.2, 0.5))
    session.answer(0, 0, 0, 0, 0, 0, 0, 0.75, 0.25, 0)
    assert [bar.percent for bar in panel.bars.bars if bar.wins] == ["75.0 %"]
    QTest.mouseRelease(panel.canvas, LEFT, pos=at(panel, 0.2, 0.5))
    actions["action_clear_drawing"].trigger()
    assert panel.bars.bars == ()
    session.answer(*[0.1] * 10)  # a late answer to what is no longer there
    assert panel.bars.bars == ()


def test_a_network_that_cannot_work_says_why(panel, session):
    session.edit("Draw", drawing=Drawing((LINE,)))
    session.network_changed.emit()
    assert panel.bars.message.startswith("One moment")
    session.network = Network(layers=(Flatten(name="flatten_1"), Dense(name="dense_1", units=3)))
    session.network_changed.emit()
    problem = session.network.report.problem
    assert problem is not None
    assert panel.bars.message == problem.message


def test_undo_clear_and_escape(panel, session, actions):
    undo, clear = actions["action_undo_stroke"], actions["action_clear_drawing"]
    assert not undo.isEnabled()
    assert not clear.isEnabled()
    draw_line(panel)
    draw_line(panel)
    undo.trigger()
    assert len(session.drawing.strokes) == 1
    QTest.mousePress(panel.canvas, LEFT, pos=at(panel, 0.2, 0.2))
    QTest.keyClick(panel.canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(panel.canvas, LEFT, pos=at(panel, 0.2, 0.2))
    assert session.previews[-1] == session.drawing
    clear.trigger()
    assert session.drawing.is_empty
    assert not clear.isEnabled()
    assert session.edits == ["Draw", "Draw", "Undo stroke", "Clear drawing"]


def test_pen_width_and_eraser_are_used(panel, session):
    panel.tools.pen.slider.setValue(5)
    draw_line(panel)
    assert session.drawing.strokes[-1].width == 0.05
    QTest.mouseClick(panel.tools.pen.eraser, LEFT)
    draw_line(panel)
    assert session.drawing.strokes[-1] == Stroke(session.drawing.strokes[0].points, 0.1, eraser=True)
    assert session.edits[-1] == "Erase"
    QTest.keyClick(panel.canvas, Qt.Key.Key_E)
    assert panel.tools.pen.pen.isChecked()
    assert not panel.canvas.eraser


def test_samples_need_a_data_set(panel, session, actions):
    action = actions["action_next_sample"]
    assert not action.isEnabled()
    assert not panel.tools.class_box.isEnabled()
    assert (
        action.toolTip() == panel.tools.class_box.toolTip() == "There are no samples: no data set has been loaded yet."
    )
    session.load([3, 1, 3])
    assert action.isEnabled()
    assert action.toolTip() == "Help on action_next_sample"
    assert [panel.tools.class_box.itemText(k) for k in (0, 1, 10)] == ["Any class", "0", "9"]


def test_samples_come_as_they_are_with_their_label(panel, session, actions):
    session.load([3, 1, 3])
    actions["action_next_sample"].trigger()
    actions["action_next_sample"].trigger()
    picture = session.drawing.picture
    assert np.array_equal(picture.image, session.dataset.test.images[1])
    assert (picture.label, picture.exact) == (1, True)
    session.answer(0, 0.1, 0.9, 0, 0, 0, 0, 0, 0, 0)
    assert [bar.name for bar in panel.bars.bars if bar.expected] == ["1"]
    actions["action_previous_sample"].trigger()
    assert np.array_equal(session.drawing.picture.image, session.dataset.test.images[0])
    actions["action_random_sample"].trigger()
    assert not np.array_equal(session.drawing.picture.image, session.dataset.test.images[0])
    assert set(session.edits) == {"Show sample"}


def test_a_sample_is_no_image_of_the_data_that_come_after_it(panel, session, actions, monkeypatch):
    notes = []
    monkeypatch.setattr(panel.canvas, "show_note", notes.append)
    session.load([4, 2])
    actions["action_next_sample"].trigger()
    assert notes[-1] == "Test image 1 of 2: 4"
    session.load([7, 1, 0])
    assert notes[-1] == "Sample: 4"
    actions["action_next_sample"].trigger()
    assert notes[-1] == "Test image 1 of 3: 7"


def test_samples_of_a_class_and_of_the_training_part(panel, session):
    session.load([3, 1, 3])
    choose(panel.tools.class_box, "1")
    assert session.drawing.picture.label == 1
    choose(panel.tools.part_box, "Training")
    assert np.array_equal(session.drawing.picture.image, session.dataset.train.images[1])
    told = []
    session.message_shown.connect(told.append)
    choose(panel.tools.class_box, "9")
    assert told == ["There is no sample of this class."]
    assert session.drawing.picture.label == 1


def choose(box, text: str) -> None:
    box.setCurrentIndex(box.findText(text))
    box.activated.emit(box.currentIndex())


def test_the_walk_goes_round_and_remembers_its_place_in_each_part():
    labels = np.array([5, 2, 5, 2], np.int64)
    images = np.arange(4, dtype=np.uint8)[:, None, None, None] * np.ones((1, 1, 2, 2), np.uint8)
    walk = SampleWalk(Dataset("d", "D", Examples(images[:3], labels[:3]), Examples(images, labels), tuple("0123456")))

    def number(picture: Picture | None) -> int:
        assert picture is not None
        return int(picture.image[0, 0, 0])

    assert number(walk.previous()) == 3
    assert walk.title == "Test image 4 of 4: 2"
    assert number(walk.next()) == 0
    walk.wanted = 5
    assert [number(walk.next()) for _ in range(2)] == [2, 0]
    assert {number(walk.random()) for _ in range(5)} == {0, 2}
    walk.part = "train"
    assert number(walk.next()) == 0
    walk.part, walk.wanted = "test", None
    assert walk.title.startswith("Test image")
    walk.wanted = 6
    assert walk.next() is walk.previous() is walk.random() is None
    assert SampleWalk().next() is None
    assert SampleWalk().title == ""


def image_file(folder: Path) -> Path:
    image = QImage(100, 100, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    for y in range(20, 80):
        for x in range(45, 55):
            image.setPixelColor(x, y, QColor("black"))
    path = folder / "one.png"
    assert image.save(str(path))
    return path


def test_an_image_is_opened_dropped_or_pasted(panel, session, actions, tmp_path, monkeypatch):
    path = image_file(tmp_path)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    actions["action_open_image"].trigger()
    assert session.edits == ["Open one.png"]
    assert session.image[0, 14, 14] > 0.9
    panel.canvas.image_dropped.emit(path)
    panel.canvas.image_dropped.emit(QImage(str(path)))
    mime = QMimeData()
    mime.setImageData(QImage(str(path)))
    QGuiApplication.clipboard().setMimeData(mime)
    actions["action_paste_image"].trigger()
    assert session.edits[1:] == ["Open one.png", "Drop image", "Paste image"]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    actions["action_open_image"].trigger()
    assert len(session.edits) == 4


def test_what_is_no_image_is_said_and_changes_nothing(panel, session, actions, tmp_path):
    path = tmp_path / "notes.png"
    path.write_text("no image")
    told = []
    session.failed.connect(lambda sentence, _: told.append(sentence))
    session.message_shown.connect(told.append)
    panel.open_image(path)
    QGuiApplication.clipboard().clear()
    actions["action_paste_image"].trigger()
    assert told[0].startswith("notes.png is not an image")
    assert told[1].startswith("The clipboard holds no image")
    assert session.edits == []


def test_a_hidden_panel_draws_what_it_missed_when_it_is_shown(panel, session):
    panel.hide()
    session.edit("Draw", drawing=Drawing((LINE,)))
    session.answer(1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert panel.bars.bars == ()
    panel.show()
    assert panel.bars.bars[0].percent == "100.0 %"
    spot = panel.canvas.mapTo(panel, at(panel, 0.3, 0.5))
    assert panel.grab().toImage().pixelColor(spot).name() == theme.current().ink.name()


def test_undone_while_the_pen_is_down_the_stroke_is_dropped(panel, session):
    draw_line(panel)
    QTest.mousePress(panel.canvas, LEFT, pos=at(panel, 0.2, 0.2))
    session.edit("Undo", drawing=Drawing())
    assert not panel.canvas.pen_is_down
    QTest.mouseRelease(panel.canvas, LEFT, pos=at(panel, 0.2, 0.2))
    assert session.drawing.is_empty


@pytest.mark.parametrize("width", [320, 360, 420, 600, 900, 1400])
@pytest.mark.parametrize("height", [400, 500, 600, 860])
def test_parts_lie_inside_beside_each_other_and_large_enough(width, height):
    sizes = Sizes(QSize(300, 66), QSize(96, 120), QSize(160, 160), QSize(208, 235))
    assert least_size(sizes).width() <= 320
    assert least_size(sizes).height() <= 410
    places = arranged(QSize(width, max(height, least_size(sizes).height())), sizes)
    parts = [places.sheet, places.tools, places.network_input, places.bars]
    for number, part in enumerate(parts):
        assert 0 <= part.left() <= part.right() < width
        assert 0 <= part.top() <= part.bottom() < max(height, least_size(sizes).height())
        assert not any(part.intersects(other) for other in parts[number + 1 :])
    assert min(places.sheet.width(), places.sheet.height()) >= 160
    assert places.tools.width() >= 300
    assert places.bars.height() >= 160
    assert places.bars.width() >= 160
    assert places.network_input.width() >= 96
    assert places.network_input.height() >= 120


def test_the_panel_fits_a_narrow_dock(panel):
    assert panel.minimumSizeHint().width() <= 330
    assert panel.minimumSizeHint().height() <= 440
    panel.resize(900, 560)
    assert panel.bars.geometry().left() > panel.canvas.geometry().right()
    panel.resize(330, 700)
    assert panel.bars.geometry().top() > panel.canvas.geometry().bottom()


def test_a_network_without_weights_says_so_in_the_place_of_a_prediction(panel: DrawingPanel, session: StubSession):
    session.waiting = "This network has no weights yet."
    session.network_changed.emit()
    assert panel.bars.message == "This network has no weights yet."
    session.waiting = "Computing conv_1…"
    session.computing_changed.emit()
    assert panel.bars.message == "Computing conv_1…"
    session.waiting = ""
    session.edit("Draw", drawing=Drawing((Stroke(((0.3, 0.2), (0.5, 0.8)), 0.08, False),)))
    session.answer(0.1, 0.9)
    assert panel.bars.message == ""
    session.computing_changed.emit()  # of a later picture: the last prediction stays meanwhile
    assert [bar.wins for bar in panel.bars.bars] == [False, True]


def test_both_modes_are_shown_side_by_side(panel: DrawingPanel, session: StubSession) -> None:
    inference, training = (np.eye(10, dtype=np.float32)[winner] for winner in (3, 5))
    session.trace = SimpleNamespace(probabilities=inference)
    session.is_split, session.both_traces = True, (session.trace, SimpleNamespace(probabilities=training))
    session.edit("Draw", drawing=Drawing((LINE,)))
    session.trace_changed.emit()
    assert [(bar.wins, bar.other_wins) for bar in panel.bars.bars][3:6] == [
        (True, False),
        (False, False),
        (False, True),
    ]
