"""From the start of the program to a window that is painted and draws under the mouse, against `import torch`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import monotonic

from result import Figure, run


def measure(quick: bool = False) -> Sequence[Figure]:
    """Start both in turns; the first pair only fills the system's file cache."""
    windows, imports = list[float](), list[float]()
    for number in range(4 if quick else 8):
        window, bare = _window(), _import()
        if number:
            windows.append(window)
            imports.append(bare)
    figures = {"window_seconds": median(windows), "import_torch_seconds": median(imports)}
    note = f"{median(windows):.2f} s against {median(imports):.2f} s, {len(windows)} pairs"
    ratio = median(windows) / median(imports)
    return [Figure("start → usable window, against import torch", ratio, at_most=1.0, note=note, details=figures)]


def _window() -> float:
    with tempfile.TemporaryDirectory(prefix="convscope-") as home:
        own = {f"CONVSCOPE_{kind}": str(Path(home) / kind) for kind in ("CACHE", "CONFIG", "LOG")}
        script = str(Path(__file__).with_name("started_window.py"))
        start = monotonic()
        done = subprocess.run(
            [sys.executable, script], env=os.environ | own, capture_output=True, text=True, check=True
        )
    return float(done.stdout.split()[-1]) - start


def _import() -> float:
    start = monotonic()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    return monotonic() - start


if __name__ == "__main__":
    run(measure)
