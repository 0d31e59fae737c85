"""The command line; opens the window before torch is loaded, and runs the commands that need none."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from convscope.cli.arguments import COMMANDS, window_parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run Convscope and return its exit status.

    Args:
        arguments: What was typed after the program's name; by default that of this process.
    """
    typed = list(sys.argv[1:] if arguments is None else arguments)
    if typed and typed[0] in COMMANDS:
        from convscope.cli.commands import run_command

        return run_command(typed[0], typed[1:])
    return _open_window(typed)


def _open_window(typed: list[str]) -> int:
    parser = window_parser()
    options = parser.parse_args(typed)
    if options.file and sys.stderr and not options.file.exists():  # without a console the window says it
        parser.error(f"there is no file {options.file}")

    from convscope.system_libraries import problem

    if reason := problem():
        print(f"convscope: {reason}", file=sys.stderr)
        return 1

    from convscope.ui import application

    return application.run(options.file, reset=options.reset, theme=options.theme, log_level=options.log_level)


if __name__ == "__main__":
    sys.exit(main())
