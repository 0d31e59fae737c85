"""The About box names every version and copies them."""

from __future__ import annotations

import importlib.metadata
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

import convscope
from convscope.ui.widgets import about_box
from convscope.ui.widgets.about_box import AboutBox, versions, versions_text

EXPECTED = {
    "Convscope": convscope.__version__,
    "Python": platform.python_version(),
    "PySide6": importlib.metadata.version("PySide6-Essentials"),
    "Qt": qVersion(),
    "PyTorch": importlib.metadata.version("torch"),
    "NumPy": np.__version__,
}


def test_versions_are_those_installed() -> None:
    assert dict(versions()) | EXPECTED == dict(versions())
    assert dict(versions())["System"]


def test_versions_are_shown_and_copied(qtbot: QtBot) -> None:
    box = AboutBox()
    qtbot.addWidget(box)
    box.show()
    shown = {label.accessibleName(): label.text() for label in box.findChildren(QLabel) if label.accessibleName()}
    assert shown | EXPECTED == shown
    button = box.findChild(QPushButton, "copy_versions")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == versions_text()
    assert f"Convscope: {convscope.__version__}" in versions_text()


def test_escape_closes_it(qtbot: QtBot) -> None:
    box = AboutBox()
    qtbot.addWidget(box)
    box.show()
    qtbot.keyClick(box, Qt.Key.Key_Escape)
    assert not box.isVisible()


def test_a_missing_package_is_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(package: str) -> str:
        raise importlib.metadata.PackageNotFoundError(package)

    monkeypatch.setattr(about_box.importlib.metadata, "version", missing)
    assert dict(versions())["PyTorch"] == "not installed"


def test_torch_is_asked_without_being_loaded() -> None:
    program = (
        "import sys; from convscope.ui.widgets.about_box import versions; versions(); print('torch' in sys.modules)"
    )
    app_folder = Path(convscope.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", program], cwd=app_folder, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
