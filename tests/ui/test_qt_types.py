"""No type of Qt is made by another thread than the window's, on which it could be met half made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import convscope

PROGRAM = """
import threading
from PySide6 import QtCore, QtGui, QtSvg, QtWidgets
from convscope.ui.widgets import curve_plot
from convscope.ui.widgets.curve_data import LOSS

def types():
    return {f"{module.__name__}.{name}" for module in (QtCore, QtGui, QtSvg, QtWidgets) for name in vars(module)}

def noted():
    seen.append(types())
    yield from load()
    seen.append(types())
    names.append(threading.current_thread().name)

seen, names, load = [], [], curve_plot._load_canvas
application = QtWidgets.QApplication([])
curve_plot._load_canvas = noted
used = types()
plot = curve_plot.CurvePlot(LOSS)
plot.show()
while plot.canvas is None:
    application.processEvents()
before, after = seen
print(names[0] != threading.main_thread().name, len(before - used) > 100, sorted(after - before))
plot.close()
"""


def test_pyqtgraph_finds_every_type_made() -> None:
    folder = Path(convscope.__file__).parents[1]
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "True True []"
