"""Samples and images come to the canvas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from convscope.core.data.dataset import Dataset, Examples
from convscope.core.data.drawing import Picture
from convscope.ui.panels.samples import SampleWalk


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
