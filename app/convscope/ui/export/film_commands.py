"""Export the sliding window, the opening cube and the run as films, with the questions and messages for that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QMainWindow, QProgressDialog

from convscope.ui import theme
from convscope.ui.errors import show_error
from convscope.ui.export.film import Film, cube_film, film_font, film_size, slide_film
from convscope.ui.export.film_dialog import FilmDialog, FilmOptions
from convscope.ui.export.film_time import Subject, TimeStory, time_film
from convscope.ui.export.film_writer import FilmWriter
from convscope.ui.export.options import file_name
from convscope.ui.export.panels import Panels
from convscope.ui.export.place import asked_place, written_sentence
from convscope.ui.export.time_story import StoryTeller
from convscope.ui.layer_slide import example, slide_of
from convscope.ui.preferences import Preferences
from convscope.ui.session import Session
from convscope.ui.theme import Theme
from convscope.ui.widgets.cube_pair import CubePair
from convscope.ui.widgets.cube_scene import CubeScene
from convscope.ui.widgets.slide import Slide

NO_SLIDE = "No window slides yet: draw something, and pin a value of a convolution or a pooling layer."
NO_CUBE = "This layer has no data cube that could be opened. Select a convolution or a pooling layer."
_OPENING = 1.5  # seconds
_MEGABYTE = 1_000_000

Maker = Callable[[FilmOptions], Film]


class FilmCommands(QObject):
    """Makes films of what the window shows."""

    def __init__(self, session: Session, preferences: Preferences, panels: Panels, window: QMainWindow) -> None:
        super().__init__(window)
        self._session = session
        self._preferences = preferences
        self._panels = panels
        self._window = window
        self._options = {"slide": FilmOptions(), "cube": FilmOptions(seconds=_OPENING), "time": FilmOptions()}
        self._path = Path()
        self._progress: QProgressDialog | None = None
        self.stories = StoryTeller(session, window)
        self.stories.told.connect(self._export_story)
        self.writer = FilmWriter(self)
        self.writer.progressed.connect(self._show_progress)
        self.writer.done.connect(self._tell_written)
        self.writer.failed.connect(self._tell_failure)

    def export_slide(self) -> None:
        """Ask how, and write a film of the window that made the pinned value on its way over the map."""
        found = self._slide()
        if found is None:
            show_error(self._window, NO_SLIDE)
            return
        slide, words = found
        self._export(
            "slide",
            "Animate sliding window",
            words,
            lambda chosen: slide_film(slide, chosen.width, chosen.seconds, self._window.font(), _look(chosen)),
        )

    def export_cube(self) -> None:
        """Ask how, and write a film of the selected layer's data cube as it opens and closes."""
        view = cast(CubePair, self._panels.shown("cubes_panel").findChild(CubePair)).first
        layer, items, names = self._session.selected, view.scene.items, view.scene.class_names
        values, angle = view.scene.values, view.scene.angle  # frozen: training may go on meanwhile
        if not view.can_open or view.item is None or view.item.is_classes:
            show_error(self._window, NO_CUBE)
            return

        def made(chosen: FilmOptions) -> Film:
            scene = CubeScene(film_font(self._window.font(), chosen.width))
            scene.show_items(items, names)
            scene.show_values(values)
            scene.show_angle(angle)
            return cube_film(scene, layer, chosen.width, chosen.seconds, _look(chosen))

        name = "input" if layer < 0 else self._session.network.layers[layer].name
        self._export("cube", "Animate opening cube", ["data-cube", name], made)

    def export_time(self) -> None:
        """Compute what the selected layer was at every moment of the run; then ask how, and write a film of it."""
        obstacle = self.stories.tell()
        if obstacle:
            show_error(self._window, obstacle)

    def _export_story(self, story: TimeStory) -> None:
        def made(chosen: FilmOptions) -> Film:
            subject = cast(Subject, chosen.subject if chosen.subject in story.subjects else "maps")
            return time_film(story, subject, chosen.width, chosen.seconds, self._window.font(), _look(chosen))

        self._export("time", "Animate training", ["training", story.name], made, story.subjects)

    def _slide(self) -> tuple[Slide, list[str]] | None:
        """Return the slide of the pinned value, else of the selected layer, else of any; and words for its name."""
        session = self._session
        network, trace = session.network, session.trace
        if trace is None or trace.network != network:
            return None
        examples = [example(network, layer) for layer in (session.selected, len(network.layers))]
        for unit in (session.inspection.pinned, *examples):
            slide = None if unit is None else slide_of(network, trace, unit)
            if slide is not None and unit is not None:
                return slide, ["sliding-window", network.layers[unit.layer].name]
        return None

    def _export(
        self, key: str, title: str, words: list[str], made: Maker, subjects: Mapping[str, str] | None = None
    ) -> None:
        if self.writer.is_running:
            self._session.message_shown.emit("Wait until the present animation is written, or cancel it.")
            return
        dialog = FilmDialog(title, self._options[key], self._window, subjects)
        dialog.options_changed.connect(lambda: _show_film(dialog, made))
        _show_film(dialog, made)
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        self._options[key] = options = dialog.options
        dialog.deleteLater()
        if not accepted:
            return
        path = asked_place(self._window, self._preferences, title, file_name(*words, kind=options.kind))
        if path is not None:
            self._write(made(options), path, options)

    def _write(self, film: Film, path: Path, options: FilmOptions) -> None:
        self._path = path
        progress = QProgressDialog(f"Writing {path.name}…", "Cancel", 0, len(film), self._window)
        progress.setObjectName("film_progress")
        progress.setWindowTitle("Exporting animation")
        progress.setAutoReset(False)
        progress.setMinimumDuration(500)
        progress.canceled.connect(self._cancel)
        self._progress = progress
        self.writer.start(film, path, options.kind)

    def _show_progress(self, done: int) -> None:
        if self._progress is not None:
            self._progress.setValue(done)

    def _cancel(self) -> None:
        self.writer.cancel()
        self._close_progress()
        self._session.message_shown.emit("The animation was cancelled; no file was written.")

    def _tell_written(self, size: int) -> None:
        self._close_progress()
        self._session.message_shown.emit(f"Exported as {self._path} ({size / _MEGABYTE:.1f} MB)")

    def _tell_failure(self, error: Exception) -> None:
        self._close_progress()
        show_error(self._window, written_sentence(self._path, error), error)

    def _close_progress(self) -> None:
        if self._progress is not None:
            self._progress.blockSignals(True)  # closing it counts as cancelling
            self._progress.close()
            self._progress.deleteLater()
            self._progress = None


def _show_film(dialog: FilmDialog, made: Maker) -> None:
    """Show the picture of the middle of a film, and how many there are."""
    film, size = made(dialog.options), film_size(dialog.options.width)
    text = f"{len(film)} pictures of {size.width()} × {size.height()} pixels, {sum(film.times):.1f} s in all"
    dialog.show_film(film.picture(len(film) // 3), text)


def _look(options: FilmOptions) -> Theme:
    return {"light": theme.LIGHT, "dark": theme.DARK}.get(options.appearance, theme.current())
