"""The program's arguments: what opens the window, what runs a command, and what either loads."""

from __future__ import annotations

import importlib
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

import convscope
from convscope.__main__ import main

APP = Path(__file__).parents[2] / "app"


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, dict[str, Any]]]:
    """Put a window in place that only notes what it is opened with."""
    calls: list[tuple[Any, dict[str, Any]]] = []

    def run(file: Path | None, **options: Any) -> int:
        calls.append((file, options))
        return 7

    stand_in(monkeypatch, "convscope.ui", "application", run)
    return calls


def stand_in(monkeypatch: pytest.MonkeyPatch, package: str, name: str, run: Any) -> None:
    """Put a module with this `run` in the place of a package's own."""
    module = types.ModuleType(f"{package}.{name}")
    vars(module)["run"] = run
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(importlib.import_module(package), name, module, raising=False)


def test_without_arguments_the_window_opens(opened: list[Any]):
    assert main([]) == 7
    assert opened == [(None, {"reset": False, "theme": None, "log_level": "info"})]


def test_file_and_options_reach_the_window(opened: list[Any], tmp_path: Path):
    file = tmp_path / "train"  # named as a command is
    file.touch()
    assert main([str(file), "--reset", "--theme", "dark", "--log-level", "DEBUG"]) == 7
    assert opened == [(file, {"reset": True, "theme": "dark", "log_level": "debug"})]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--theme", "pink"], "invalid choice: 'pink'"),
        (["--log-level", "loud"], "invalid choice: 'loud'"),
        (["nowhere.safetensors"], "there is no file nowhere.safetensors"),
        (["--res"], "unrecognized arguments: --res"),
    ],
)
def test_a_wrong_argument_is_one_sentence_and_opens_nothing(
    arguments: list[str], reason: str, opened: list[Any], capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    [line] = capsys.readouterr().err.splitlines()
    assert reason in line
    assert opened == []


def test_a_missing_file_is_left_to_the_window_where_there_is_no_console(
    opened: list[Any], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["nowhere.safetensors"]) == 7
    assert opened[0][0] == Path("nowhere.safetensors")


def test_a_missing_system_library_is_named_before_qt_is_loaded(
    opened: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("convscope.system_libraries.problem", lambda: "Qt lacks a library.")
    assert main([]) == 1
    assert capsys.readouterr().err == "convscope: Qt lacks a library.\n"
    assert opened == []


def test_the_selfcheck_gets_what_was_typed_and_gives_the_status(monkeypatch: pytest.MonkeyPatch):
    calls: list[list[str]] = []

    def run(arguments: list[str]) -> int:
        calls.append(arguments)
        return 3

    stand_in(monkeypatch, "convscope.cli", "selfcheck", run)
    assert main(["selfcheck", "--screenshot", "window.png"]) == 3
    assert calls == [["--screenshot", "window.png"]]


def run_module(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "convscope", *arguments]
    return subprocess.run(command, cwd=APP, capture_output=True, text=True, timeout=60, check=False)


def test_the_version_is_printed():
    done = run_module("--version")
    assert (done.returncode, done.stdout) == (0, f"Convscope {convscope.__version__}\n")


def test_the_help_names_every_command_and_each_has_its_own():
    listed = run_module("--help")
    assert listed.returncode == 0
    for command, option in (("train", "--validation-size"), ("evaluate", "--download")):
        assert f"convscope {command}" in listed.stdout
        assert option in run_module(command, "--help").stdout
    assert "convscope selfcheck" in listed.stdout


def loaded_with(module: str) -> set[str]:
    """Import a module in a fresh process and return the heavy packages that are then loaded."""
    code = f"import sys, {module}; print(*({{'numpy', 'torch', 'PySide6', 'tqdm'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=APP, capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.split())


def test_nothing_heavy_is_loaded_before_the_arguments_are_read():
    assert loaded_with("convscope.__main__") == set()


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_wrong_arguments_do_not_wait_for_torch(command: str):
    assert not loaded_with(f"convscope.cli.{command}") & {"torch", "PySide6"}
