"""The search for leftovers finds them: a check that never fails would be none."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

LEAKS = """
import threading, time
from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QComboBox, QWidget

KEPT = []

class Endless(QThread):
    def run(self):
        while not self.isInterruptionRequested():
            time.sleep(0.01)

def test_thread(qtbot):
    KEPT.append(Endless(objectName="endless"))
    KEPT[-1].start()

def test_timer(qtbot):
    KEPT.append(QTimer(objectName="ticking"))
    KEPT[-1].start(1000)

def test_window(qtbot):
    KEPT.append(QWidget(objectName="forgotten"))
    KEPT[-1].show()

def test_python_thread(qtbot):
    threading.Thread(target=time.sleep, args=(1,), name="sleeper").start()

def test_nothing(qtbot):
    box = QComboBox()
    qtbot.addWidget(box)
    box.show()
    box.showPopup()
    KEPT.append(Endless())
    KEPT[-1].start()
    KEPT[-1].requestInterruption()
    timer = QTimer(box)
    timer.start(10)
"""


def test_each_leftover_is_named(tmp_path: Path) -> None:
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "test_leaks.py").write_text(LEAKS, encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    named = re.findall(r"^The test left behind: (.*)$", done.stdout, re.MULTILINE)
    assert named == [
        "running thread Endless 'endless'",
        "running timer QTimer 'ticking' of None",
        "window QWidget 'forgotten'",
        "running thread Thread 'sleeper'",
    ]
    assert "5 passed, 4 errors" in done.stdout, done.stdout + done.stderr
