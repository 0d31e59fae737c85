"""What the program remembers between starts: the window's arrangement, the theme and the recent files."""

from __future__ import annotations

from math import isfinite
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, QStandardPaths

from convscope.paths import config_folder

RECENT = 8
LAYOUT = 1  # to be raised when a panel is added or renamed, so that an old arrangement is not half applied


class Preferences:
    """Reads and writes the user's settings file; a damaged one counts as empty."""

    def __init__(self) -> None:
        self._settings = QSettings(str(config_folder() / "convscope.ini"), QSettings.Format.IniFormat)

    @property
    def theme(self) -> str:
        """The chosen theme: "system", "light" or "dark"."""
        theme = str(self._settings.value("theme", "system"))
        return theme if theme in ("system", "light", "dark") else "system"

    def set_theme(self, theme: str) -> None:
        """Remember the chosen theme."""
        self._settings.setValue("theme", theme)

    @property
    def geometry(self) -> QByteArray:
        """Size and place of the window, empty at the first start."""
        return self._bytes("window/geometry")

    @property
    def arrangement(self) -> QByteArray:
        """Which panels lie where, empty at the first start."""
        return self._bytes(f"window/arrangement-{LAYOUT}")

    def set_window(self, geometry: QByteArray, arrangement: QByteArray) -> None:
        """Remember how the window was left."""
        self._settings.setValue("window/geometry", geometry)
        self._settings.setValue(f"window/arrangement-{LAYOUT}", arrangement)

    def forget_window(self) -> None:
        """Start with the usual arrangement the next time."""
        self._settings.remove("window")

    @property
    def cube_angle(self) -> tuple[float, float]:
        """How far data cubes are turned, as shares of their depth: to the right, and up."""
        return self._number("cubes/across", 0.36), self._number("cubes/up", 0.34)

    def set_cube_angle(self, across: float, up: float) -> None:
        """Remember how far data cubes are turned."""
        self._settings.setValue("cubes/across", across)
        self._settings.setValue("cubes/up", up)

    @property
    def cube_axis(self) -> int:
        """Along which axis data cubes are sliced: 0 channels, 1 rows, 2 columns."""
        axis = self._number("cubes/axis", 0)
        return int(axis) if axis in (0, 1, 2) else 0

    def set_cube_axis(self, axis: int) -> None:
        """Remember along which axis data cubes are sliced."""
        self._settings.setValue("cubes/axis", axis)

    @property
    def picture_folder(self) -> Path:
        """Where the last picture was put; at first the folder that the system has for pictures."""
        usual = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation)
        folder = Path(str(self._settings.value("pictures/folder", usual) or "."))
        return folder if folder.is_dir() else Path.home()

    def set_picture_folder(self, folder: Path) -> None:
        """Remember where a picture was put."""
        self._settings.setValue("pictures/folder", str(folder))

    @property
    def recent_files(self) -> tuple[Path, ...]:
        """The files opened or saved last, the newest first."""
        stored = self._settings.value("recent", [])
        paths = [stored] if isinstance(stored, str) else stored if isinstance(stored, list) else []
        return tuple(Path(path) for path in paths if isinstance(path, str) and path)[:RECENT]

    def add_recent_file(self, path: Path) -> None:
        """Put a file at the head of the recent ones."""
        others = [str(other) for other in self.recent_files if other != path]
        self._settings.setValue("recent", [str(path), *others][:RECENT])

    def forget_recent_file(self, path: Path) -> None:
        """Take a file off the recent ones."""
        self._settings.setValue("recent", [str(other) for other in self.recent_files if other != path])

    def clear_recent_files(self) -> None:
        """Forget the recent files."""
        self._settings.remove("recent")

    def _number(self, key: str, usual: float) -> float:
        try:
            value = float(str(self._settings.value(key, usual)))
        except ValueError:
            return usual
        return value if isfinite(value) else usual

    def _bytes(self, key: str) -> QByteArray:
        value = self._settings.value(key)
        return value if isinstance(value, QByteArray) else QByteArray()
