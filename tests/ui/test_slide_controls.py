"""The film of the sliding window plays, pauses, steps and starts again, at the speed the user chose."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from convscope.ui.widgets.slide_controls import SlideControls

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def controls(qtbot: QtBot) -> SlideControls:
    widget = SlideControls()
    qtbot.addWidget(widget)
    widget.show_count(100)
    widget.show()
    return widget


def press(qtbot: QtBot, controls: SlideControls, name: str) -> None:
    button = controls.findChild(QToolButton, f"slide_{name}")
    assert button is not None
    qtbot.mouseClick(button, LEFT)


def speed(controls: SlideControls) -> QSlider:
    slider = controls.findChild(QSlider, "slide_speed")
    assert slider is not None
    return slider


def test_single_steps_and_the_way_to_the_start(qtbot: QtBot, controls: SlideControls) -> None:
    moved, restarted = [], []
    controls.moved.connect(moved.append)
    controls.restarted.connect(lambda: restarted.append(True))
    press(qtbot, controls, "forward")
    press(qtbot, controls, "back")
    press(qtbot, controls, "start")
    assert (moved, restarted) == ([1, -1], [True])


def test_it_plays_by_itself_until_it_is_paused(qtbot: QtBot, controls: SlideControls) -> None:
    moved = []
    controls.moved.connect(moved.append)
    speed(controls).setValue(100)
    press(qtbot, controls, "play")
    assert controls.playing
    qtbot.waitUntil(lambda: len(moved) >= 3)
    assert all(positions > 0 for positions in moved)
    press(qtbot, controls, "play")
    assert not controls.playing
    count = len(moved)
    press(qtbot, controls, "forward")
    assert moved[count:] == [1]


@pytest.mark.parametrize("end", ["forward", "start", "hide"])
def test_a_step_the_start_and_hiding_pause(qtbot: QtBot, controls: SlideControls, end: str) -> None:
    press(qtbot, controls, "play")
    controls.hide() if end == "hide" else press(qtbot, controls, end)
    assert not controls.playing


def test_its_button_says_what_it_does_next(qtbot: QtBot, controls: SlideControls) -> None:
    button = controls.findChild(QToolButton, "slide_play")
    assert button is not None
    assert button.accessibleName() == "Play"
    press(qtbot, controls, "play")
    assert button.accessibleName() == "Pause"
    press(qtbot, controls, "play")
    assert button.accessibleName() == "Play"


def test_the_speed_is_said_in_words(controls: SlideControls) -> None:
    (words,) = controls.findChildren(QLabel)
    speed(controls).setValue(0)
    assert (controls.rate, words.text()) == (0.5, "2 s a position")
    speed(controls).setValue(100)
    assert (controls.rate, words.text()) == (50, "whole map in 2 s")
    controls.show_count(400)
    assert (controls.rate, words.text()) == (200, "whole map in 2 s")


@pytest.mark.parametrize("width", [120, 158, 200, 400])
def test_the_speed_can_be_set_at_every_width(qtbot: QtBot, width: int) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    controls = SlideControls(holder)
    column.addWidget(controls)
    holder.show()
    holder.setFixedWidth(width)
    QApplication.processEvents()
    slider = speed(controls)
    boxes = [button.geometry() for button in controls.findChildren(QToolButton)]
    assert slider.isVisible()
    assert slider.width() >= 40
    assert controls.width() == width
    assert controls.rect().contains(slider.geometry())
    assert all(controls.rect().contains(box) and not box.intersects(slider.geometry()) for box in boxes)
    words = controls.findChildren(QLabel)[0]
    assert words.isVisible() == (width == 400)
