"""The button of a remedy."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton

from convscope.core.diagnosis import CurveRemedy


class RemedyButton(QPushButton):
    """Says what a remedy does, in its tip why, and whether it is done."""

    def show_remedy(self, remedy: CurveRemedy, *, is_done: bool) -> None:
        """Show a remedy; one that is done cannot be pressed again."""
        self.setText(f"✓ {remedy.label}" if is_done else remedy.label)
        self.setToolTip(remedy.reason)
        self.setAccessibleName(f"Done: {remedy.label}" if is_done else remedy.label)
        self.setAccessibleDescription(remedy.reason)
        if is_done and self.hasFocus():
            self.clearFocus()  # which Qt would hand to the next remedy, under the same key
        self.setEnabled(not is_done)
