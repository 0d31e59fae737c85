"""`convscope selfcheck`: it passes where the program works, and says what fails where it does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from convscope.__main__ import main

APP = Path(__file__).parents[2] / "app"
WITH_BROKEN = """
import sys
from convscope.cli import selfcheck
from convscope.cli.selfcheck_bench import Check, CheckError
from convscope.cli.selfcheck_steps import find_nothing, open_window

def refuse(bench):
    raise CheckError("It says no.")

def stumble(bench):
    return str({}["missing"])

def report(bench):
    bench.window.session.failed.emit("A sentence about it.", None)
    return "told"

checks = [Check("Opening", open_window), Check("Refusing", refuse), Check("Stumbling", stumble),
          Check("Reporting", report), Check("Finding", find_nothing)]
sys.exit(selfcheck.run([], checks))
"""


def checked(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python outside the checkout, with no display named and folders of the user that must stay empty."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    for kind in ("cache", "config", "log"):
        environment[f"CONVSCOPE_{kind.upper()}"] = str(folder / kind)
    environment |= {"PYTHONPATH": str(APP), "TMPDIR": str(folder), "TEMP": str(folder)}
    return subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=110
    )


def test_every_part_of_the_program_works_without_a_display(tmp_path: Path):
    result = checked(["-m", "convscope", "selfcheck", "--screenshot", "window.png", "--size", "1100x700"], tmp_path)
    lines = result.stdout.splitlines()
    assert [line for line in lines if line.startswith("FAIL")] == []
    assert result.returncode == 0, result.stderr
    assert "ok   The window is open, 1100×700" in lines
    assert any(line.startswith("ok   The drawing is classified as 7 (") for line in lines)
    assert lines[-1] == "Everything works."
    assert (tmp_path / "window.png").read_bytes()[:24] == (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (1100).to_bytes(4, "big") + (700).to_bytes(4, "big")
    )
    assert os.listdir(tmp_path) == ["window.png"]  # nothing of the user's was touched, nothing is left


def test_what_fails_is_said_and_the_status_is_1(tmp_path: Path):
    result = checked(["-c", WITH_BROKEN], tmp_path)
    assert result.stdout.splitlines() == [
        "ok   The window is open, 1280×800",
        "FAIL Refusing: It says no.",
        "FAIL Stumbling: KeyError: 'missing'",
        "ok   told",
        "FAIL Finding: A sentence about it.",
        "3 failed; see the lines that begin with FAIL.",
    ]
    assert result.returncode == 1
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--speed"], "unrecognized arguments: --speed"),
        (["extra"], "unrecognized arguments: extra"),
        (["--size", "12"], "a size from 640x480 to 9999x9999 is needed, not '12'"),
        (["--size", "320x200"], "not '320x200'"),
        (["--theme", "pink"], "invalid choice: 'pink'"),
        (["--screenshot", "nowhere/at/all.png"], "cannot be written: No such file"),
    ],
)
def test_a_wrong_argument_is_one_sentence_and_status_2(
    arguments: list[str],
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.chdir(tmp_path)
    try:
        status = main(["selfcheck", *arguments])
    except SystemExit as end:  # argparse leaves that way
        status = end.code
    written = capsys.readouterr()
    assert status == 2
    assert written.out == ""
    [line] = written.err.splitlines()
    assert line.startswith("convscope selfcheck: ")
    assert reason in line
