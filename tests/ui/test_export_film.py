"""Films of the sliding window and of the opening cube are read back: pictures, times, sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor, QFont, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QLabel,
    QProgressDialog,
    QSpinBox,
)
from pytestqt.qtbot import QtBot

from convscope.core.layers import Activation, Conv2d, Dense, Flatten
from convscope.core.layers.window import Window
from convscope.core.network import Network
from convscope.core.project import Project
from convscope.core.training_config import TrainingConfig
from convscope.core.unit import Unit
from convscope.core.weights import initial_weights
from convscope.ui import background, theme
from convscope.ui.application import make_window
from convscope.ui.export.film import HOLD, RATE, Film, cube_film, film_font, film_size, slide_film
from convscope.ui.export.film_dialog import FilmDialog
from convscope.ui.export.film_writer import FilmWriter
from convscope.ui.preferences import Preferences
from convscope.ui.widgets.cube_data import cube_items
from convscope.ui.widgets.cube_scene import CubeScene
from convscope.ui.widgets.cube_values import CubeValues
from convscope.ui.widgets.error_dialog import ErrorDialog
from convscope.ui.widgets.slide import Slide
from convscope.ui.window import MainWindow

LONG = 30_000  # milliseconds
WIDTH = 320
NETWORK = Network((1, 12, 12), (Conv2d(3, 3), Activation(), Flatten(), Dense(10)))


@pytest.fixture
def slide(qtbot: QtBot) -> Slide:
    """Return a window of 3×3 on 8×8 values: 36 positions."""
    values = np.random.default_rng(1)
    return Slide.of(Window(3, 1, 0, 1), values.random((8, 8)) + 0.1, values.random((6, 6)) + 0.1)


def scene() -> CubeScene:
    shapes = {layer: NETWORK.shape_at(layer) for layer in range(-1, len(NETWORK.layers) + 1)}
    values = np.random.default_rng(5)
    made = CubeScene(film_font(QFont(), WIDTH))
    made.show_items(cube_items(NETWORK), tuple("0123456789"))
    made.show_values(CubeValues({layer: values.random(shape, np.float32) for layer, shape in shapes.items() if shape}))
    return made


def read(path: Path) -> tuple[list[Any], list[int]]:
    """Return the pictures of a file, and for how many milliseconds each is shown."""
    pictures: list[Any] = []
    times: list[int] = []
    with Image.open(path) as file:
        for number in range(getattr(file, "n_frames", 1)):
            file.seek(number)
            pictures.append(np.asarray(file.convert("RGB")).astype(int))
            times.append(int(file.info["duration"]))
    return pictures, times


def write(qtbot: QtBot, film: Film, path: Path, kind: Any) -> FilmWriter:
    writer = FilmWriter(QApplication.instance())  # type: ignore[arg-type]
    with qtbot.waitSignal(writer.done, timeout=LONG):
        writer.start(film, path, kind)
    return writer


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_every_position_of_a_slow_window_is_a_picture(qtbot: QtBot, tmp_path: Path, slide: Slide, kind: str) -> None:
    film = slide_film(slide, WIDTH, 3.0, QFont(), theme.LIGHT)
    assert len(film) == slide.count == 36
    write(qtbot, film, tmp_path / "film", kind)
    pictures, times = read(tmp_path / "film")
    assert len(pictures) == 36
    assert pictures[0].shape == (180, 320, 3)
    assert times[:-1] == [pytest.approx(1000 * 3 / 36, abs=10)] * 35
    assert times[-1] == pytest.approx(times[0] + 1000 * HOLD, abs=10)
    for number in (0, 17, 35):
        difference = np.abs(pictures[number] - film.pixels(number))
        assert difference.max() <= (0 if kind == "webp" else 40)
        assert difference.mean() < 1


def test_a_fast_window_leaves_positions_out_but_not_the_ends(slide: Slide) -> None:
    film = slide_film(slide, WIDTH, 0.5, QFont(), theme.LIGHT)
    assert len(film) == round(0.5 * RATE)
    assert sum(film.times) == pytest.approx(0.5 + HOLD)
    slow = slide_film(slide, WIDTH, 10, QFont(), theme.LIGHT)
    for number in (0, -1):
        np.testing.assert_array_equal(film.pixels(range(len(film))[number]), slow.pixels(range(len(slow))[number]))


def test_the_output_grows_from_picture_to_picture(slide: Slide) -> None:
    film = slide_film(slide, WIDTH, 10, QFont(), theme.LIGHT)
    right = [film.pixels(number)[:, WIDTH // 2 :].astype(int) for number in (0, 12, 24, 35)]
    empty = np.array(theme.LIGHT.window.getRgb()[:3])  # pyright: ignore[reportIndexIssue]
    shares = [float((picture == empty).all(axis=2).mean()) for picture in right]
    assert shares[0] > shares[1] > shares[2] > shares[3]


@pytest.mark.parametrize("kind", ["gif", "webp"])
def test_a_cube_opens_and_closes(qtbot: QtBot, tmp_path: Path, kind: str) -> None:
    film = cube_film(scene(), 0, WIDTH, 1.0, theme.LIGHT)
    write(qtbot, film, tmp_path / "film", kind)
    pictures, times = read(tmp_path / "film")
    assert len(film) == 2 * RATE - 2
    assert sum(times) == pytest.approx(1000 * sum(film.times), abs=20 * len(film))
    assert max(times) >= 1000 * HOLD
    closed, opened = pictures[0], pictures[len(pictures) // 2]
    paper = np.array([255, 255, 255])
    assert (opened != paper).any(axis=2).mean() > 1.5 * (closed != paper).any(axis=2).mean()
    np.testing.assert_allclose(pictures[1], pictures[-1], atol=0 if kind == "webp" else 40)


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK])
def test_a_film_has_the_theme_that_was_chosen(qtbot: QtBot, slide: Slide, look: theme.Theme) -> None:
    before = theme.current()
    for film in (slide_film(slide, WIDTH, 1, QFont(), look), cube_film(scene(), 0, WIDTH, 1.0, look)):
        assert QColor(*map(int, film.pixels(0)[2, 2])) == look.base
    assert theme.current() is before


@pytest.mark.parametrize("width", [320, 801, 1920])
def test_sizes_are_even_and_letters_grow(qtbot: QtBot, width: int) -> None:
    size = film_size(width)
    assert (size.width() % 2, size.height() % 2) == (0, 0)
    assert size.width() / size.height() == pytest.approx(16 / 9, rel=0.02)
    assert film_font(QFont(), 1920).pixelSize() > film_font(QFont(), 320).pixelSize()


def test_the_window_lives_while_a_film_is_written(qtbot: QtBot, tmp_path: Path, slide: Slide) -> None:
    ticks: list[int] = []
    timer = QTimer(QApplication.instance())
    timer.timeout.connect(lambda: ticks.append(len(steps)))
    steps: list[int] = []
    film = slide_film(slide, WIDTH, 10, QFont(), theme.LIGHT)
    writer = FilmWriter(timer)
    writer.progressed.connect(steps.append)
    timer.start(0)
    with qtbot.waitSignal(writer.done, timeout=LONG):
        writer.start(film, tmp_path / "film.gif", "gif")
    timer.stop()
    assert steps == list(range(1, len(film) + 1))
    assert len(set(ticks)) > len(film) // 2  # it ran between most pictures
    timer.deleteLater()


def test_a_cancelled_film_leaves_nothing(qtbot: QtBot, tmp_path: Path, slide: Slide) -> None:
    writer = FilmWriter(QApplication.instance())  # type: ignore[arg-type]
    writer.progressed.connect(lambda done: writer.cancel() if done == 5 else None)
    writer.done.connect(lambda _: pytest.fail("it was cancelled"))
    writer.start(slide_film(slide, WIDTH, 10, QFont(), theme.LIGHT), tmp_path / "film.gif", "gif")
    qtbot.waitUntil(lambda: not writer.is_running and background.alive() == (), timeout=LONG)
    assert list(tmp_path.iterdir()) == []
    writer.deleteLater()


def test_a_picture_that_cannot_be_painted_ends_the_film(qtbot: QtBot, tmp_path: Path) -> None:
    def broken(number: int) -> QImage:
        raise ValueError(f"picture {number}")

    writer = FilmWriter(QApplication.instance())  # type: ignore[arg-type]
    with qtbot.waitSignal(writer.failed, timeout=LONG) as failed:
        writer.start(Film((0.1, 0.1), broken), tmp_path / "film.gif", "gif")
    assert "picture 0" in str(failed.args)
    qtbot.waitUntil(lambda: background.alive() == (), timeout=LONG)
    writer.deleteLater()


@pytest.fixture
def window(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MainWindow]:
    """Return the window with a small network whose trace is there."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *args: (str(tmp_path / Path(args[2]).name), ""))
    window = make_window(Preferences(), None, Project(NETWORK, initial_weights(NETWORK, 0), TrainingConfig()))
    window.resize(1280, 800)
    with qtbot.waitSignal(window.session.trace_changed, timeout=LONG):
        window.show()
    yield window
    window.session.undo_stack.setClean()
    window.close()
    window.deleteLater()
    assert background.alive() == ()


def answer(act: Callable[[FilmDialog], object]) -> None:
    """Do something in the next dialog, then press Enter in it."""

    def run() -> None:
        dialog = cast(FilmDialog, QApplication.activeModalWidget())
        try:
            act(dialog)
            QTest.keyClick(dialog, Qt.Key.Key_Return)
        except BaseException:
            dialog.reject()  # or it would wait for ever
            raise

    QTimer.singleShot(0, run)


def child(dialog: QDialog, kind: type[Any], name: str) -> Any:
    found = dialog.findChild(kind, name)
    assert found is not None
    return found


def choose(kind: str, seconds: float) -> Callable[[FilmDialog], None]:
    def act(dialog: FilmDialog) -> None:
        box = child(dialog, QComboBox, "film_format")
        box.setCurrentIndex(box.findData(kind))
        child(dialog, QSpinBox, "film_width").setValue(WIDTH)
        child(dialog, QDoubleSpinBox, "film_seconds").setValue(seconds)
        assert f"{WIDTH} × 180" in child(dialog, QLabel, "film_text").text()

    return act


@pytest.mark.parametrize(("action", "kind"), [("export_slide", "gif"), ("export_cube", "webp")])
def test_the_menu_makes_films_of_what_is_shown(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, action: str, kind: str
) -> None:
    window.session.select(0)
    window.session.inspection.pin(Unit(0, (1, 4, 5)))
    answer(choose(kind, 1.0))
    with qtbot.waitSignal(window.session.message_shown, timeout=LONG) as shown:
        window.actions_by_name[f"action_{action}"].trigger()
    assert shown.args is not None
    start = {"export_slide": "convscope-sliding-window", "export_cube": "convscope-data-cube"}[action]
    path = tmp_path / f"{start}-{NETWORK.layers[0].name}.{kind}"
    assert str(path) in str(shown.args[0])
    pictures, _ = read(path)
    assert len(pictures) > 10
    assert len({picture.tobytes() for picture in pictures}) > 10
    assert not any(progress.isVisible() for progress in window.findChildren(QProgressDialog))


def test_cancel_ends_the_writing(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.films.writer.progressed.connect(
        lambda done: window.findChildren(QProgressDialog)[-1].canceled.emit() if done == 4 else None
    )
    answer(choose("webp", 60.0))
    with qtbot.waitSignal(window.session.message_shown, timeout=LONG) as shown:
        window.actions_by_name["action_export_slide"].trigger()
    assert "cancelled" in str(shown.args)
    qtbot.waitUntil(lambda: not list(tmp_path.glob(".*")), timeout=LONG)
    assert list(tmp_path.glob("*.webp")) == []


@pytest.mark.parametrize(("action", "words"), [("export_cube", "no data cube"), ("export_slide", "No window slides")])
def test_what_cannot_be_shown_as_a_film_is_explained(window: MainWindow, action: str, words: str) -> None:
    flat = Network((1, 12, 12), (Flatten(), Dense(10)))
    window.session.open_project(Project(flat, initial_weights(flat, 0), TrainingConfig()))
    window.session.select(1)
    window.actions_by_name[f"action_{action}"].trigger()
    dialog = window.findChild(ErrorDialog)
    assert dialog is not None
    assert words in " ".join(label.text() for label in dialog.findChildren(QLabel))
    dialog.close()


def test_every_control_of_the_dialog_is_reached_by_tab(window: MainWindow) -> None:
    reached: set[str] = set()

    def act(dialog: FilmDialog) -> None:
        for _ in range(8):
            focus = dialog.focusWidget() or dialog
            reached.add(focus.objectName())
            QTest.keyClick(focus, Qt.Key.Key_Tab)
        dialog.reject()

    answer(act)
    window.actions_by_name["action_export_slide"].trigger()
    assert {f"film_{name}" for name in ("format", "width", "seconds", "theme")} <= reached
