"""How far a long piece of work is, in one row: what is done, a bar, and a button that cancels it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from convscope.core.data.progress import Progress
from convscope.ui.icons import icon
from convscope.ui.widgets.progress_bar import ProgressBar

_LETTERS = 34  # of most texts; a row that grows and shrinks makes the window arrange and paint itself each time


class WorkProgress(QWidget):
    """Shows a `Progress`; hidden while there is none.

    Signals:
        cancelled: The user wants the work to end.
    """

    cancelled = Signal()

    def __init__(self, name: str, work: str, tip: str, parent: QWidget | None = None) -> None:
        """Make it for one kind of work.

        Args:
            name: Part of its object names.
            work: What is done, as it goes on after "Cancel".
            tip: A sentence about the button.
            parent: Its parent.
        """
        super().__init__(parent)
        self._text = QLabel(self)
        self._text.setObjectName(f"status_{name}")
        self._text.setMinimumWidth(_LETTERS * self._text.fontMetrics().averageCharWidth())
        self._text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._bar = ProgressBar(self)
        self._bar.setAccessibleName(f"Progress of {work}")
        self._bar.setFixedSize(140, self._text.fontMetrics().height())  # the status bar keeps its height
        self._cancel = QToolButton(self)
        self._cancel.setObjectName(f"cancel_{name}")
        self._cancel.setAccessibleName(f"Cancel {work}")
        self._cancel.setIcon(icon("stop"))
        self._cancel.setAutoRaise(True)
        self._cancel.setToolTip(tip)
        self._cancel.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 0, 0)
        row.addWidget(self._text)
        row.addWidget(self._bar)
        row.addWidget(self._cancel)
        self.hide()

    def show_progress(self, progress: Progress | None) -> None:
        """Show how far the work is; None hides the row."""
        if progress is not None:
            self._text.setText(f"{progress.text}…")
            self._bar.setRange(0, 1000 if progress.total else 0)
            self._bar.setValue(1000 * progress.done // (progress.total or 1))
        self.setVisible(progress is not None)
