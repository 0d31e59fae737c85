"""New, open and save, with the questions and messages that belong to them."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from convscope.core.large import bytes_text
from convscope.core.presets import PresetError, read_preset
from convscope.core.project import ProjectError, load, save
from convscope.core.weights import missing_bytes
from convscope.ui.errors import show_error
from convscope.ui.preferences import Preferences
from convscope.ui.questions import Button, ask
from convscope.ui.saving import asked_path
from convscope.ui.session import Session
from convscope.ui.start_project import start_project

SUFFIX = ".safetensors"
PROJECTS = f"Convscope projects (*{SUFFIX})"
PRESETS = "Networks as presets (*.json)"


class FileCommands(QObject):
    """Opens and saves the session's project.

    Signals:
        path_changed: The project has another file, or none.
        recent_changed: The list of recent files is another.
    """

    path_changed = Signal()
    recent_changed = Signal()

    def __init__(self, session: Session, preferences: Preferences, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._preferences = preferences
        self._window = window
        self.path: Path | None = None

    def new(self) -> None:
        """Start again with what the program opens with."""
        if self.may_discard():
            self._session.open_project(start_project())
            self._set_path(None)

    def open(self, path: Path | None = None) -> None:
        """Open a project or a preset, after asking for the file when none is given."""
        if not self.may_discard():
            return
        if path is None:
            folder = str(self.path.parent) if self.path else ""
            chosen, _ = QFileDialog.getOpenFileName(
                self._window, "Open", folder, f"Projects and networks (*{SUFFIX} *.json);;{PROJECTS};;{PRESETS}"
            )
            if not chosen:
                return
            path = Path(chosen)
        self.read(path)

    def read(self, path: Path) -> None:
        """Open a file without asking anything; a file that cannot be opened changes nothing."""
        try:
            if path.suffix.lower() == ".json":
                self._session.load_preset(read_preset(path))
                self._set_path(None)  # or the next Save would put another network into the file of the last one
                return
            project = load(path)
        except (ProjectError, PresetError) as error:
            show_error(self._window, str(error))
            if not os.path.exists(path):  # `Path.exists` raises where a folder may not be looked into
                self._preferences.forget_recent_file(path.absolute())
                self.recent_changed.emit()
            return
        self._session.open_project(project)
        self._set_path(path)
        self._remember(path)

    def save(self) -> bool:
        """Save under the present name; say whether it was done."""
        return self._write(self.path) if self.path is not None else self.save_as()

    def save_as(self) -> bool:
        """Save under a name the user chooses; say whether it was done."""
        start = str(self.path or f"network{SUFFIX}")
        path = asked_path(self._window, "Save as", start, PROJECTS, SUFFIX)
        return path is not None and self._write(path)

    def may_discard(self) -> bool:
        """Ask what shall become of unsaved changes; say whether the present project may go."""
        if not self._session.modified:
            return True
        name = f"“{self.path.name}”" if self.path else "this project"
        more = (
            "Otherwise they are lost."
            + " The training run ends, unless you cancel." * self._session.run_state.is_active
        )
        buttons = Button.Save | Button.Discard | Button.Cancel
        answer = ask(self._window, "Save changes?", f"Save the changes to {name}?", buttons, Button.Save, more)
        return self.save() if answer is Button.Save else answer is Button.Discard

    def _write(self, path: Path) -> bool:
        project = self._session.project()
        try:
            save(path, project)
        except ProjectError as error:
            show_error(self._window, str(error))
            return False
        self._session.note_saved()
        left_out = missing_bytes(project.network, project.weights)
        rest = f", without the {bytes_text(left_out)} of random weights, which the seed gives again" if left_out else ""
        self._session.message_shown.emit(f"Saved as {path}{rest}")
        self._set_path(path)
        self._remember(path)
        return True

    def _set_path(self, path: Path | None) -> None:
        self.path = path
        self.path_changed.emit()

    def _remember(self, path: Path) -> None:
        self._preferences.add_recent_file(path.absolute())
        self.recent_changed.emit()
