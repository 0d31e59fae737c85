"""The film of a run is read back: its pictures are the moments of the run, in order."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QFileDialog, QLabel, QSpinBox
from pytestqt.qtbot import QtBot

from convscope.core.data.drawing import Drawing, Stroke, network_image
from convscope.core.data.progress import finished
from convscope.core.history import History
from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.network import Network
from convscope.core.project import Project
from convscope.core.time_machine import Moment
from convscope.core.trace import trace
from convscope.core.training_config import TrainingConfig
from convscope.core.weights import frozen, initial_weights
from convscope.ui import background, theme
from convscope.ui.application import make_window
from convscope.ui.export.film import HOLD, RATE
from convscope.ui.export.film_dialog import FilmDialog
from convscope.ui.export.film_time import StoryQuestion, TimeStory, time_film, told
from convscope.ui.preferences import Preferences
from convscope.ui.widgets.error_dialog import ErrorDialog
from convscope.ui.window import MainWindow

LONG = 30_000  # milliseconds
WIDTH = 480
NETWORK = Network((1, 12, 12), (Conv2d(3, 3), Activation(), Flatten(), Dense(10)))
LINE = Drawing((Stroke(((0.3, 0.2), (0.5, 0.8)), 0.1, False),))
IMAGE = network_image(LINE, (1, 12, 12))
NAMES = tuple("0123456789")


def moments(count: int = 8) -> tuple[Moment, ...]:
    """Return a run in which the first filter grows and class 3 becomes the answer."""
    start = initial_weights(NETWORK, 0)
    made: list[Moment] = []
    for number in range(count):
        kernels = start["conv_1.weight"].copy()
        kernels[0] += number / count
        bias = start["dense_1.bias"].copy()
        bias[3] += number
        made.append(Moment(number / 4, frozen({**start, "conv_1.weight": kernels, "dense_1.bias": bias})))
    return tuple(made)


def story(layer: int = 1, count: int = 8) -> TimeStory:
    return finished(told(StoryQuestion(NETWORK, layer, moments(count), IMAGE, frozenset(), NAMES, 3)))


def test_a_story_is_torchs_own_at_every_moment() -> None:
    made = story(0)
    assert made.positions == tuple(number / 4 for number in range(8))
    for number, moment in enumerate(moments()):
        expected = trace(NETWORK, moment.weights, IMAGE)
        np.testing.assert_allclose(made.outputs[number], cast(Any, expected.outputs[0]), rtol=1e-5)
        np.testing.assert_allclose(made.course.answers[number], cast(Any, expected.probabilities), rtol=1e-5)
        np.testing.assert_array_equal(made.kernels[number], moment.weights["conv_1.weight"])


def test_what_can_be_shown_depends_on_the_layer() -> None:
    assert story(0).subjects == {"maps": "Maps", "kernels": "Kernels", "cube": "Data cube"}
    assert story(1).subjects == {"maps": "Maps", "cube": "Data cube"}
    assert story(3).subjects == {"maps": "Values", "kernels": "Weights"}
    assert story(-1).name == "input"


def test_it_says_where_only_the_first_channel_s_kernels_are_shown(qtbot: QtBot) -> None:
    few, many = (
        Network((1, 12, 12), (Conv2d(32, 3), Conv2d(32, 3))),
        Network((1, 12, 12), (Conv2d(32, 3), Conv2d(33, 3))),
    )
    told_of: list[TimeStory] = []
    for network in (few, many):
        kernels = initial_weights(network, 0)["conv_2.weight"]
        course = story().course
        told_of.append(TimeStory(network, 1, (0.0,), (np.zeros((len(kernels), 8, 8)),), (kernels,), course))
    assert [one.subjects["kernels"] for one in told_of] == ["Kernels", "Kernels of the first channel"]
    kept, other = (dataclasses.replace(told_of[1], kernels=(kernels,)) for kernels in _changed(told_of[1].kernels[0]))
    films = [time_film(one, "kernels", WIDTH, 1.0, QFont(), theme.LIGHT) for one in (told_of[1], kept, other)]
    pictures = [film.pixels(0) for film in films]
    np.testing.assert_array_equal(pictures[0], pictures[1])
    assert (pictures[0] != pictures[2]).any()


def _changed(kernels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return kernels of which one of the second channel is another, and with one of the first that is another."""
    second, first = kernels.copy(), kernels.copy()
    second[0, 1] *= -1
    first[0, 0] *= -1
    return second, first


def test_of_a_large_layer_fewer_moments_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convscope.ui.export.film_time.MOST_BYTES", 3 * 4 * 3 * 10 * 10)
    made = story(0)
    assert made.positions == (0.0, 1.0, 1.75)
    assert len(made.outputs) == len(made.kernels) == len(made.course) == 3


@pytest.mark.parametrize("layer", [-1, 0, 1, 3])
@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK])
def test_every_picture_is_another_moment_in_the_chosen_theme(qtbot: QtBot, layer: int, look: theme.Theme) -> None:
    made = story(layer)
    for subject in made.subjects:
        film = time_film(made, cast(Any, subject), WIDTH, 4.0, QFont(), look)
        assert len(film) == 8
        assert sum(film.times) == pytest.approx(4.0 + HOLD)
        pictures = [film.pixels(number) for number in range(8)]
        assert len({picture.tobytes() for picture in pictures}) == 8
        assert {picture.shape for picture in pictures} == {(270, 480, 3)}
        assert QColor(*map(int, pictures[0][1, 1])) == look.base


def test_colours_stand_for_the_same_values_in_all_pictures(qtbot: QtBot) -> None:
    film = time_film(story(0), "kernels", WIDTH, 4.0, QFont(), theme.LIGHT)
    upper = slice(30, 140)
    first, last = (film.pixels(number)[upper].astype(int) for number in (0, -1 % 8))
    orange = [((picture[..., 0] - picture[..., 2]) > 60).sum() for picture in (first, last)]
    assert orange[1] > 2 * orange[0]  # of the filter that grows; with a scale of its own it would always be so


def test_a_short_film_leaves_moments_out_but_not_the_ends(qtbot: QtBot) -> None:
    made = story(1, 60)
    film, whole = (time_film(made, "maps", WIDTH, seconds, QFont(), theme.LIGHT) for seconds in (1.0, 10.0))
    assert len(film) == RATE
    assert len(whole) == 60
    for number in (0, -1):
        one, other = film.pixels(range(len(film))[number]), whole.pixels(range(60)[number])
        np.testing.assert_array_equal(one, other)


@pytest.fixture
def window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MainWindow]:
    """Return the window with a small network whose run has been kept."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: (str(tmp_path / Path(args[2]).name), ""))
    run, ones = moments(), np.ones(8, np.float32)
    history = History(np.array([m.position for m in run]), ones, ones, network=NETWORK)
    window = make_window(
        Preferences(), None, Project(NETWORK, run[-1].weights, TrainingConfig(), History(network=NETWORK), LINE)
    )
    session = window.session
    document = dataclasses.replace(session._document, network=session.network)
    session.time_machine.begin(session.network, run[0].weights)
    for number, moment in enumerate(run[1:], 2):
        part = dataclasses.replace(
            history,
            batch_epochs=history.batch_epochs[:number],
            batch_losses=history.batch_losses[:number],
            batch_accuracies=history.batch_accuracies[:number],
        )
        document = dataclasses.replace(document, weights=moment.weights, history=part)
        session.time_machine.keep(document)
    session._document = document
    window.resize(1280, 800)
    with qtbot.waitSignal(session.trace_changed, timeout=LONG):
        window.show()
    yield window
    session.undo_stack.setClean()
    window.close()
    window.deleteLater()
    assert background.alive() == ()


def answer(qtbot: QtBot, act: Callable[[FilmDialog], object]) -> None:
    """Do something in the dialog that will come, then press Enter in it."""
    timer = QTimer(QApplication.instance())

    def run() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, FilmDialog):
            return
        timer.stop()
        timer.deleteLater()
        try:
            act(dialog)
            QTest.keyClick(dialog, Qt.Key.Key_Return)
        except BaseException:
            dialog.reject()  # or it would wait for ever
            raise

    timer.timeout.connect(run)
    timer.start(20)


def child(dialog: FilmDialog, kind: type[Any], name: str) -> Any:
    found = dialog.findChild(kind, name)
    assert found is not None
    return found


def choose(kind: str, subject: str) -> Callable[[FilmDialog], None]:
    def act(dialog: FilmDialog) -> None:
        for name, value in (("film_format", kind), ("film_subject", subject)):
            box = child(dialog, QComboBox, name)
            assert box.isVisible()
            box.setCurrentIndex(box.findData(value))
        child(dialog, QSpinBox, "film_width").setValue(WIDTH)
        child(dialog, QDoubleSpinBox, "film_seconds").setValue(4.0)
        assert child(dialog, QLabel, "film_text").text().startswith("8 pictures of 480 × 270 pixels")

    return act


@pytest.mark.parametrize(("kind", "subject"), [("gif", "maps"), ("webp", "kernels"), ("webp", "cube")])
def test_the_menu_writes_a_film_of_the_run(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, kind: str, subject: str
) -> None:
    window.session.select(0)
    answer(qtbot, choose(kind, subject))
    with qtbot.waitSignal(window.session.message_shown, timeout=LONG) as shown:
        window.actions_by_name["action_export_time"].trigger()
    path = tmp_path / f"convscope-training-conv_1.{kind}"
    assert str(path) in str(shown.args)
    with Image.open(path) as file:
        assert getattr(file, "n_frames", 1) == 8
        assert file.size == (480, 270)


def test_without_a_run_it_says_so(window: MainWindow, qtbot: QtBot) -> None:
    window.session.time_machine.forget()
    window.actions_by_name["action_export_time"].trigger()
    dialog = window.findChild(ErrorDialog)
    assert dialog is not None
    assert "no run to look back at" in " ".join(label.text() for label in dialog.findChildren(QLabel))
    dialog.close()
