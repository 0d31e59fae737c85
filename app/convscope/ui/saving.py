"""Asking where a file shall be saved."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from convscope.ui.questions import Button, ask


def asked_path(window: QWidget, title: str, start: str, kinds: str, suffix: str) -> Path | None:
    """Ask for the path of a file that is to be written; None if there shall be none.

    Args:
        window: What the question belongs to.
        title: Of the dialog.
        start: The proposed path.
        kinds: What the dialog lists, as Qt writes it: "Pictures (*.png)".
        suffix: Ending that the path gets in any case.
    """
    chosen, _ = QFileDialog.getSaveFileName(window, title, start, kinds)
    if not chosen:
        return None
    path = Path(chosen)
    if path.suffix.lower() == suffix:
        return path
    path = path.with_name(path.name + suffix)
    # The dialog knew only the name without the ending.
    return path if not path.exists() or _may_replace(window, path) else None


def _may_replace(window: QWidget, path: Path) -> bool:
    text = f"{path.name} exists already. Replace it?"
    return ask(window, "Replace file?", text, Button.Yes | Button.No, Button.No) is Button.Yes
