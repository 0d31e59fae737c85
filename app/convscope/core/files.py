"""Write a file whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` to a temporary file in the same folder and move it to `path`.

    Whatever happens, `path` holds either what it held before or all of `content`, and no temporary file stays.

    Raises:
        OSError: The file cannot be written.
    """
    path = path.resolve()  # a link stays a link: what it points to is replaced
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with aside.open("xb") as file:  # mkstemp would make it private to its owner
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, aside)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
