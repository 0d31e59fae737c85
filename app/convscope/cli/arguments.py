"""What can be typed: the window's options, and the parser that the commands' own ones are made of.

Only argparse is imported here, because the window waits for it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from convscope import __version__

COMMANDS = {
    "train": "train a network",
    "evaluate": "measure a saved network on test images",
    "results": "train the lectures' networks on MNIST and compare with what is promised",
    "selfcheck": "try every part of the program and print one line for each",
}
THEMES = ("system", "light", "dark")
LOG_LEVELS = ("debug", "info", "warning", "error")


class Parser(argparse.ArgumentParser):
    """Reads arguments; wrong ones are answered with one sentence and exit status 2."""

    def __init__(self, name: str, description: str, epilog: str | None = None) -> None:
        super().__init__(
            prog=name,
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,  # a script must not change its meaning when an option is added
        )

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and leave."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help).\n")


def window_parser() -> Parser:
    """Return the parser of what opens the window."""
    commands = "\n".join(f"  convscope {name:<11} {help}" for name, help in COMMANDS.items())
    parser = Parser(
        "convscope",
        "Open Convscope: see what convolutional networks do to a picture, while they learn.",
        f"commands without a window (each has its own --help):\n{commands}",
    )
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a saved project to open")
    parser.add_argument("--reset", action="store_true", help="forget the arrangement of the window")
    parser.add_argument("--theme", choices=THEMES, help="colours of this start; by default as chosen in the window")
    parser.add_argument(
        "--log-level",
        type=str.lower,
        choices=LOG_LEVELS,
        default="info",
        help="how much the log file tells; by default info",
    )
    parser.add_argument("--version", action="version", version=f"Convscope {__version__}")
    return parser
