"""The package as a whole: complete, importable, within its version bounds, and loading only what it says."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import convscope
from convscope import paths

ROOT = Path(__file__).resolve().parents[1]

IMPORT_ALL = """
import importlib, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(found.name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def loaded_by(package: str) -> set[str]:
    """Import all modules of a package in a fresh process and return the top-level modules that are then loaded."""
    command = [sys.executable, "-W", "error", "-c", IMPORT_ALL, package]
    app = Path(convscope.__file__).parents[1]
    done = subprocess.run(command, capture_output=True, text=True, cwd=app, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_core_loads_no_qt() -> None:
    loaded = loaded_by("convscope.core")
    assert "numpy" in loaded
    assert not loaded & {"PySide6", "shiboken6", "pyqtgraph"}


def test_window_does_not_wait_for_torch() -> None:
    loaded = loaded_by("convscope.ui")
    assert "PySide6" in loaded
    assert "torch" not in loaded


def test_every_module_can_be_imported() -> None:
    assert "convscope" in loaded_by("convscope")


def test_resources_are_found() -> None:
    assert any((paths.resources() / "icons").glob("*.svg"))


def test_frozen_copy_finds_its_resources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = tmp_path / "convscope" / "resources"
    shipped.mkdir(parents=True)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert paths.resources() == shipped


def test_user_folders_are_made_where_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVSCOPE_CACHE", str(tmp_path / "a" / "cache"))
    assert paths.cache_folder() == tmp_path / "a" / "cache"
    assert paths.cache_folder().is_dir()


def test_every_requirement_has_both_bounds() -> None:
    project = pyproject()["project"]
    own = re.compile(r"convscope\[\w+\]$")
    for requirement in itertools.chain(project["dependencies"], *project["optional-dependencies"].values()):
        bounded = re.search(r">=[\d.]+,<[\d.]+$", requirement) or re.search(r"==[\d.]+$", requirement)
        assert bounded or own.match(requirement), f"{requirement} has no upper or no lower bound"


def test_bounds_keep_out_the_qt_that_loses_references() -> None:
    [qt] = [line for line in pyproject()["project"]["dependencies"] if line.startswith("PySide6")]
    assert qt.endswith(",<6.12")


def test_version_is_a_release_number() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", convscope.__version__)
    assert f"[{convscope.__version__}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
