"""Missing system libraries are named with the line to type, and installed where root runs the check."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from convscope import system_libraries

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lacks Qt's libraries")


@pytest.fixture
def installer() -> ModuleType:
    """Return packaging/system_libraries.py as a module."""
    path = Path(__file__).resolve().parents[1] / "packaging" / "system_libraries.py"
    spec = importlib.util.spec_from_file_location("installer", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put an apt into PATH that writes down its arguments, and knows the libraries' names of Debian 13."""
    log = tmp_path / "calls"
    programs = {
        "apt-get": f'echo "$@" >> {log}',
        "apt-cache": 'case "$2" in libglib2.0-0t64) echo "$2";; esac',
    }
    for name, body in programs.items():
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin:/bin")
    return log


@linux_only
def test_user_is_told_the_one_line(installer: ModuleType, calls: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lacking = {"libglib-2.0.so.0", "libEGL.so.1"}
    status = installer.main("offscreen", root=False, found=lambda soname: soname not in lacking)
    assert status == 1
    assert capsys.readouterr().err.endswith("Type:  sudo apt-get install -y libglib2.0-0t64 libegl1\n")
    assert not calls.exists()


@linux_only
def test_root_gets_them_installed(installer: ModuleType, calls: Path) -> None:
    status = installer.main("offscreen", root=True, found=lambda soname: soname != "libEGL.so.1" or calls.exists())
    assert status == 0
    assert calls.read_text(encoding="utf-8").splitlines() == [
        "update -qq",
        "install -y -qq --no-install-recommends libegl1",
    ]


@linux_only
def test_root_is_told_when_installing_did_not_help(installer: ModuleType, calls: Path) -> None:
    assert installer.main("offscreen", root=True, found=lambda soname: soname != "libEGL.so.1") == 1
    assert calls.exists()


@linux_only
def test_other_distributions_are_told_the_libraries(
    installer: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert installer.main("offscreen", root=True, found=lambda soname: soname != "libEGL.so.1") == 1
    assert "libEGL.so.1" in capsys.readouterr().err


@linux_only
def test_nothing_is_asked_of_a_complete_system(installer: ModuleType, calls: Path) -> None:
    assert installer.main("offscreen", root=True, found=lambda _: True) == 0
    assert not calls.exists()


def test_libraries_of_the_display_in_use() -> None:
    assert "libxcb-cursor.so.0" in system_libraries.needed({"DISPLAY": ":0"})
    assert "libwayland-client.so.0" in system_libraries.needed({"WAYLAND_DISPLAY": "wayland-0"})
    assert system_libraries.needed({}) == system_libraries.OFFSCREEN
    assert system_libraries.needed({"DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}) == system_libraries.OFFSCREEN


def test_display_is_needed_on_linux_only() -> None:
    assert not system_libraries.has_display({}, "linux")
    assert system_libraries.has_display({"WAYLAND_DISPLAY": "wayland-0"}, "linux")
    assert system_libraries.has_display({}, "win32")


@linux_only
def test_without_a_display_the_selfcheck_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert "convscope selfcheck" in (system_libraries.problem() or "")
