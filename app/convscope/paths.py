"""Where Convscope reads its own files and keeps the user's."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs

_PACKAGE = Path(__file__).resolve().parent


def resources() -> Path:
    """Return the folder of presets, weights, icons and other data that ship with the program.

    Raises:
        FileNotFoundError: The installation is incomplete.
    """
    bundle = getattr(sys, "_MEIPASS", None)  # set by PyInstaller's starter in a frozen copy, and only there
    frozen = [Path(bundle) / "convscope" / "resources"] if bundle else []
    for folder in (*frozen, _PACKAGE / "resources", _PACKAGE.parents[1] / "resources"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"Convscope's resources folder is missing beside {_PACKAGE}. Install Convscope again.")


def cache_folder() -> Path:
    """Return the folder for what can be made or downloaded again, such as data sets; it exists."""
    return _made("CONVSCOPE_CACHE", platformdirs.user_cache_path("convscope", appauthor=False))


def config_folder() -> Path:
    """Return the folder of the user's preferences and window arrangement; it exists."""
    return _made("CONVSCOPE_CONFIG", platformdirs.user_config_path("convscope", appauthor=False))


def log_folder() -> Path:
    """Return the folder of the log file; it exists."""
    return _made("CONVSCOPE_LOG", platformdirs.user_log_path("convscope", appauthor=False))


def _made(variable: str, usual: Path) -> Path:
    folder = Path(os.environ.get(variable) or usual)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
