"""What is remembered between starts comes back; what is damaged counts as empty."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from convscope.paths import config_folder
from convscope.ui.preferences import RECENT, Preferences


def settings_file() -> Path:
    return config_folder() / "convscope.ini"


def written(preferences: Preferences) -> Preferences:
    """Return what the next start of the program reads."""
    preferences._settings.sync()
    return Preferences()


def test_a_first_start_knows_nothing() -> None:
    preferences = Preferences()
    assert preferences.theme == "system"
    assert preferences.geometry.isEmpty()
    assert preferences.arrangement.isEmpty()
    assert preferences.recent_files == ()


def test_the_theme_comes_back() -> None:
    preferences = Preferences()
    preferences.set_theme("dark")
    assert written(preferences).theme == "dark"


def test_a_theme_that_is_none_is_the_systems() -> None:
    preferences = Preferences()
    preferences.set_theme("mauve")
    assert written(preferences).theme == "system"


def test_the_window_comes_back_until_it_is_forgotten() -> None:
    preferences = Preferences()
    preferences.set_window(QByteArray(b"place\0"), QByteArray(b"docks\xff"))
    again = written(preferences)
    assert again.geometry == QByteArray(b"place\0")
    assert again.arrangement == QByteArray(b"docks\xff")
    again.forget_window()
    assert written(again).geometry.isEmpty()
    assert written(again).arrangement.isEmpty()


def test_the_newest_file_is_first_and_none_is_there_twice() -> None:
    preferences = Preferences()
    for name in ("a", "b", "a"):
        preferences.add_recent_file(Path(f"/files/{name}"))
    assert written(preferences).recent_files == (Path("/files/a"), Path("/files/b"))


def test_one_recent_file_and_odd_names_come_back() -> None:
    preferences = Preferences()
    odd = Path("/files/net, “final” ñ%20;2.safetensors")
    preferences.add_recent_file(odd)
    assert written(preferences).recent_files == (odd,)


def test_recent_files_are_few_and_can_be_forgotten() -> None:
    preferences = Preferences()
    for number in range(RECENT + 3):
        preferences.add_recent_file(Path(f"/files/{number}"))
    assert len(preferences.recent_files) == RECENT
    assert preferences.recent_files[0] == Path(f"/files/{RECENT + 2}")
    preferences.forget_recent_file(Path(f"/files/{RECENT + 1}"))
    assert [path.name for path in written(preferences).recent_files[:2]] == [str(RECENT + 2), str(RECENT)]
    preferences.clear_recent_files()
    assert written(preferences).recent_files == ()


def test_the_folder_of_pictures_is_remembered_while_it_is_there(tmp_path: Path) -> None:
    preferences = Preferences()
    assert preferences.picture_folder.is_dir()
    folder = tmp_path / "slides"
    folder.mkdir()
    preferences.set_picture_folder(folder)
    assert written(preferences).picture_folder == folder
    folder.rmdir()
    assert written(preferences).picture_folder.is_dir()


@pytest.mark.parametrize(
    "content",
    [
        b"\0\xff\xfe nonsense",
        b"[General]\ntheme=7\nrecent=5\n[window]\ngeometry=text\narrangement-1=3\n",
        b"[General]\nrecent=@Variant(\\0\\0\\0)\n",
    ],
)
def test_a_damaged_file_counts_as_empty(content: bytes) -> None:
    settings_file().write_bytes(content)
    preferences = Preferences()
    assert preferences.theme == "system"
    assert preferences.geometry.isEmpty()
    assert preferences.arrangement.isEmpty()
    assert all(isinstance(path, Path) for path in preferences.recent_files)


def test_how_the_cubes_stand_comes_back() -> None:
    preferences = Preferences()
    usual = preferences.cube_angle
    assert preferences.cube_axis == 0
    preferences.set_cube_angle(0.2, 0.7)
    preferences.set_cube_axis(2)
    again = written(preferences)
    assert again.cube_angle == pytest.approx((0.2, 0.7))
    assert again.cube_axis == 2
    assert usual != again.cube_angle


@pytest.mark.parametrize("damaged", ["mauve", "nan", "inf", "7"])
def test_a_damaged_angle_or_axis_is_the_usual_one(damaged: str) -> None:
    usual = Preferences().cube_angle
    preferences = Preferences()
    for key in ("across", "axis"):
        preferences._settings.setValue(f"cubes/{key}", damaged)
    again = written(preferences)
    assert again.cube_axis == 0
    assert again.cube_angle[0] == (7 if damaged == "7" else usual[0])  # the cubes turn no farther than they can
