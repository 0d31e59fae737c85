"""Run one command: errors become one sentence, and Ctrl-C an orderly end."""

from __future__ import annotations

import io
import sys
from collections.abc import Generator
from contextlib import contextmanager

WRONG_ARGUMENTS = 2
INTERRUPTED = 130  # what shells report of a program that Ctrl-C ended: 128 + SIGINT


class CommandError(Exception):
    """Why a command ends without its result; the text is one sentence for the user.

    Attributes:
        status: Exit status: 2 for what was typed, 1 for what went wrong later.
    """

    def __init__(self, message: str, status: int = WRONG_ARGUMENTS) -> None:
        super().__init__(message)
        self.status = status


@contextmanager
def refusing(*kinds: type[Exception], status: int = WRONG_ARGUMENTS) -> Generator[None, None, None]:
    """End the command with the text of an error of these kinds."""
    try:
        yield
    except kinds as error:
        raise CommandError(str(error), status) from error


def run_command(name: str, arguments: list[str]) -> int:
    """Run one of `COMMANDS` and return the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may hold what the console cannot show
    try:
        return _run(name, arguments)
    except CommandError as error:
        print(f"convscope {name}: {error}", file=sys.stderr)
        return error.status
    except KeyboardInterrupt:
        print(f"\nconvscope {name}: stopped.", file=sys.stderr)
        return INTERRUPTED


def _run(name: str, arguments: list[str]) -> int:
    """Import the command's module, torch with it, only now."""
    if name == "train":
        from convscope.cli import train

        return train.run(arguments)
    if name == "evaluate":
        from convscope.cli import evaluate

        return evaluate.run(arguments)
    if name == "results":
        from convscope.cli import results

        return results.run(arguments)
    from convscope.cli import selfcheck

    return selfcheck.run(arguments)
