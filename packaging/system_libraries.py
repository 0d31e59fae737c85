"""Check Qt's system libraries before Convscope is installed, and install them as root on a Debian-like Linux.

    python packaging/system_libraries.py offscreen   what the tests need
    python packaging/system_libraries.py desktop     what the window needs on this display

Exits with 0 when all is there, otherwise with 1 and the one line to type.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

sys.dont_write_bytecode = True  # a bare checkout stays as it was
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "app"))

from convscope import system_libraries  # noqa: E402  (found through the line above)


def main(purpose: str, *, root: bool, found: Callable[[str], bool] = system_libraries.loadable) -> int:
    """Look, install if that is possible, look again; return the exit status."""
    wanted = system_libraries.OFFSCREEN if purpose == "offscreen" else system_libraries.needed()
    lacking = system_libraries.missing(wanted, found)
    if not lacking:
        return 0
    if not shutil.which("apt-get"):
        print(
            f"Qt needs {', '.join(lacking)}: install them with your system's package manager, then try again.",
            file=sys.stderr,
        )
        return 1
    packages = [current_name(package) for package in dict.fromkeys(lacking.values())]
    if root and installed(packages) and not system_libraries.missing(lacking, found):
        return 0
    print(f"Qt's system libraries are missing. Type:  {system_libraries.install_line(packages)}", file=sys.stderr)
    return 1


def current_name(package: str) -> str:
    """Return the package's name on this release: Debian 13 and Ubuntu 24.04 renamed some to NAMEt64."""
    renamed = f"{package}t64"
    known = subprocess.run(["apt-cache", "pkgnames", renamed], capture_output=True, text=True, check=False).stdout
    return renamed if renamed in known.split() else package


def installed(packages: Iterable[str]) -> bool:
    """Install packages as root, without a question; say whether that worked."""
    print(f"Installing Qt's system libraries: {' '.join(packages)}", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)  # a bare image has no lists yet
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends"]
    packages = [current_name(package.removesuffix("t64")) for package in packages]  # the lists are known only now
    return subprocess.run([*command, *packages], env=environment, check=False).returncode == 0


if __name__ == "__main__":
    if sys.argv[1:] not in (["offscreen"], ["desktop"]):
        sys.exit("usage: python packaging/system_libraries.py offscreen|desktop")
    sys.exit(main(sys.argv[1], root=hasattr(os, "geteuid") and os.geteuid() == 0))
