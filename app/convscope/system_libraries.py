"""What Qt needs of a Linux system, looked for before Qt is loaded: Qt itself would abort without a readable word.

Only the standard library is used here, so that `packaging/system_libraries.py` can ask before anything is installed.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

# Debian's package for each library. Those that others bring along are listed only where that is not certain.
OFFSCREEN = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libxkbcommon.so.0": "libxkbcommon0",
}
X11 = {
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}


def loadable(soname: str) -> bool:
    """Say whether the system's loader finds a shared library, wherever it may lie."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def missing(wanted: Mapping[str, str], found: Callable[[str], bool] = loadable) -> dict[str, str]:
    """Return the part of `wanted` (library: package) that is not on this system; nothing is asked of other systems."""
    if not sys.platform.startswith("linux"):
        return {}
    return {soname: package for soname, package in wanted.items() if not found(soname)}


def has_display(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Say whether a window can be shown: always on Windows and macOS, elsewhere where a display is named."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")  # the last one is a choice already made
    return not platform.startswith("linux") or any(environment.get(name) for name in names)


def needed(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the libraries (library: package) for the Qt platform that the environment asks for."""
    platform = environment.get("QT_QPA_PLATFORM", "")
    if platform.startswith("xcb") or (not platform and environment.get("DISPLAY")):
        return OFFSCREEN | X11
    if platform.startswith("wayland") or (not platform and environment.get("WAYLAND_DISPLAY")):
        return OFFSCREEN | WAYLAND
    return OFFSCREEN


def install_line(packages: Iterable[str]) -> str:
    """Return the command by which the user of a Debian-like system installs packages."""
    return f"sudo apt-get install -y {' '.join(packages)}"


def problem() -> str | None:
    """Return a sentence for the user when the window cannot open on this system, or None."""
    if not has_display():
        return (
            "There is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set); "
            f"`{_program()} selfcheck` tries Convscope without one."
        )
    lacking = missing(needed())
    if not lacking:
        return None
    return (
        f"Qt cannot open a window without {', '.join(lacking)}; on Debian or Ubuntu type: "
        f"{install_line(dict.fromkeys(lacking.values()))}"
    )


def _program() -> str:
    """Return what to type for `convscope` here: an environment that is not active needs the path."""
    beside = Path(sys.executable).with_name("convscope")
    if shutil.which("convscope") or not beside.exists():
        return "convscope"
    return os.path.relpath(beside)


if __name__ == "__main__":
    sys.exit(problem())
