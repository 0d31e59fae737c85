"""`convscope selfcheck`: opens the real window without a display, uses it, and prints one line per check."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import threading
from argparse import ArgumentTypeError
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from convscope.cli.arguments import Parser
from convscope.cli.commands import CommandError
from convscope.cli.report import check_writable
from convscope.system_libraries import problem

if TYPE_CHECKING:
    from convscope.cli.selfcheck_bench import Check  # its module loads Qt

GIVE_UP = 240.0  # seconds; the checks end well before that unless something blocks the event loop


def run(arguments: list[str], checks: Sequence[Check] | None = None) -> int:
    """Check the installed program and return the exit status: 0 when every check went well, otherwise 1.

    Args:
        arguments: What was typed after `selfcheck`.
        checks: What is checked with the open window; by default everything.

    Raises:
        CommandError: Qt cannot be loaded here, or the screenshot cannot be written.
    """
    options = _parser().parse_args(arguments)
    screenshot: Path | None = options.screenshot
    check_writable(screenshot)
    with _own_surroundings() as folder, _watched():
        if reason := problem():
            raise CommandError(reason, status=1)

        from convscope.cli.selfcheck_bench import Bench, perform
        from convscope.cli.selfcheck_steps import ALL

        bench = Bench(folder, options.size, options.theme, screenshot and screenshot.resolve())
        failed = perform(ALL if checks is None else checks, bench)
    print("Everything works." if not failed else f"{failed} failed; see the lines that begin with FAIL.")
    return int(failed > 0)


def _parser() -> Parser:
    parser = Parser(
        "convscope selfcheck",
        "Open the window without a display, draw, train, edit, save and close; print one line per check.",
    )
    parser.add_argument("--screenshot", type=Path, metavar="FILE", help="write a picture of the window, as PNG")
    parser.add_argument(
        "--size", type=_size, default=(1280, 800), metavar="WxH", help="size of the window; by default 1280x800"
    )
    parser.add_argument("--theme", choices=("light", "dark"), default="light", help="colours; by default light")
    return parser


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,4})[x×](\d{1,4})", text)
    if match is None or int(match[1]) < 640 or int(match[2]) < 480:
        raise ArgumentTypeError(f"a size from 640x480 to 9999x9999 is needed, not {text!r}")
    return int(match[1]), int(match[2])


@contextmanager
def _own_surroundings() -> Generator[Path, None, None]:
    """Give Qt no display and Convscope empty folders, so that nothing of the user's is read or written."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="convscope-selfcheck-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before Qt is loaded
        for kind in ("cache", "config", "log"):
            os.environ[f"CONVSCOPE_{kind.upper()}"] = str(folder / kind)
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(folder / "torch")  # torch makes it as soon as it is loaded
        try:
            yield folder
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextmanager
def _watched() -> Generator[None, None, None]:
    """End the process when something blocks the event loop, where the checks' own limits cannot act."""
    watch = threading.Timer(GIVE_UP, _give_up)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _give_up() -> None:
    print(f"FAIL The window did not answer for {GIVE_UP:.0f} s.", flush=True)
    sys.stderr.flush()
    os._exit(1)
