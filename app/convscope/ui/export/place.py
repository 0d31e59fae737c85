"""Where a picture is written, and what is said when that fails."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from convscope.ui.export.options import FILTERS
from convscope.ui.preferences import Preferences
from convscope.ui.saving import asked_path


def asked_place(window: QWidget, preferences: Preferences, title: str, name: str) -> Path | None:
    """Ask where a picture shall go, beginning with the folder of the last one, and remember the folder.

    Args:
        window: What the question belongs to.
        preferences: Know the folder.
        title: Of the dialog.
        name: The proposed name.
    """
    suffix = Path(name).suffix
    path = asked_path(window, title, str(preferences.picture_folder / name), FILTERS[suffix[1:]], suffix)
    if path is not None:
        preferences.set_picture_folder(path.parent)
    return path


def written_sentence(path: Path, error: Exception) -> str:
    """Return what is said when a file could not be written."""
    reason = getattr(error, "strerror", None) or str(error).rstrip(".")
    return f"{path.name} could not be written to {path.parent}: {reason}. Choose another folder, or make room there."
