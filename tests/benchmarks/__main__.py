"""Measure how fast Convscope is: a table on the screen and figures in a JSON file.

    python tests/benchmarks --quick --only pen

Each measurement has a process of its own, so that none starts with what another left in memory. Times depend on what
else the computer does, and on what others do with its processor where it is shared: what must be reached is a ratio
within one run where that is possible; the load is printed, and how long a fixed piece of work took beside each
measurement, so that two runs can be told to have had the same machine.
The file can be made anew at any time; nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from result import MARK, Figure, percentile

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build"
MEASUREMENTS = (
    "start",
    "pen",
    "cubes",
    "lateness",
    "orders",
    "edit",
    "time",
    "large",
    "arithmetic",
    "training",
    "mnist",
    "memory",
    "runs",
)
WIDTH = 62  # letters of the table's first column


def main() -> int:
    """Measure what was asked for; the status is 1 where a measurement failed, not where a target was missed."""
    parser = argparse.ArgumentParser(description="Measure how fast Convscope is")
    parser.add_argument("--only", choices=MEASUREMENTS, action="append", help="only this; may be repeated")
    parser.add_argument("--quick", action="store_true", help="measure for a shorter time")
    parser.add_argument("--json", type=Path, default=BUILD / "bench.json", help="file for the figures")
    options = parser.parse_args()
    print(f"{'what':{WIDTH}} {'measured':>10} {'must reach':>10}  verdict")
    rows: list[dict[str, object]] = []
    failed, paces = 0, [_pace()]
    for name in options.only or MEASUREMENTS:
        began = time.perf_counter()
        figures = _figures(name, options.quick)
        failed += figures is None
        paces.append(_pace())
        for figure in figures or ():
            _print(figure)
            rows.append(_row(name, figure, time.perf_counter() - began) | {"pace": paces[-2:]})
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({"machine": _machine(), "quick": options.quick, "figures": rows}, indent=2))
    print(f"A fixed piece of work took {', '.join(f'{pace:.0f}' for pace in paces)} ms before, between and after.")
    print(f"Load of the last minute: {_load():.1f} on {os.cpu_count()} cores. Figures: {options.json}")
    return int(failed > 0)


def _figures(name: str, quick: bool) -> list[Figure] | None:
    """Measure in a process of its own; None where it failed, after its message was printed."""
    script = [sys.executable, str(HERE / f"measure_{name}.py"), *(["--quick"] if quick else [])]
    with tempfile.TemporaryDirectory(prefix="convscope-") as home:
        done = subprocess.run(script, env=_environment(Path(home)), stdout=subprocess.PIPE, text=True)
    for line in done.stdout.splitlines():
        if line.startswith(MARK) and done.returncode == 0:
            return [Figure(**values) for values in json.loads(line.removeprefix(MARK))]
    print(f"{name}: failed with status {done.returncode}")
    return None


def _environment(home: Path) -> dict[str, str]:
    """Return the environment of a first start without a display; data that were generated are kept between runs."""
    own = {"CONVSCOPE_CONFIG": str(home / "config"), "CONVSCOPE_LOG": str(home / "log")}
    quiet = {
        "QT_LOGGING_RULES": "default.warning=false"
    }  # the offscreen platform has no frames, and tells it each time
    usual = {"QT_QPA_PLATFORM": "offscreen", "OMP_WAIT_POLICY": "passive", **quiet}
    return usual | os.environ | own | {"CONVSCOPE_CACHE": str(BUILD / "bench-cache")}


def _print(figure: Figure) -> None:
    print(f"{figure.what:{WIDTH}} {figure.measured:>10} {figure.target:>10}  {figure.verdict}".rstrip())
    if figure.note:
        print(f"    {figure.note}", flush=True)


def _row(name: str, figure: Figure, seconds: float) -> dict[str, object]:
    return {
        "measurement": name,
        "what": figure.what,
        "value": figure.value,
        "unit": figure.unit,
        "must_reach": figure.target,
        "verdict": figure.verdict,
        "note": figure.note,
        **figure.details,
        "load": _load(),
        "seconds": round(seconds, 1),
    }


def _machine() -> dict[str, object]:
    return {"system": platform.platform(), "python": platform.python_version(), "cores": os.cpu_count()}


def _pace() -> float:
    """Return how many milliseconds of processor time a fixed piece of work takes; the median of several.

    It goes through more memory than the processor keeps at hand, as a window does in which everything is painted anew.
    """
    scattered = [float(number) for number in range(400_000)]
    random.Random(0).shuffle(scattered)
    times = list[float]()
    for _ in range(15):
        start, total = time.thread_time(), 0.0
        for number in scattered:
            total += number
        times.append(1000 * (time.thread_time() - start))
    return percentile(times, 50)


def _load() -> float:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")


if __name__ == "__main__":
    sys.exit(main())
