"""The mark that stands over the window while it shows a moment of the past."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMainWindow, QPushButton, QSizePolicy, QWidget

from convscope.ui.session import Session
from convscope.ui.widgets.time_plot_data import epoch_text

_MARGIN = 3  # pixels
_MOVED = (QEvent.Type.Resize, QEvent.Type.LayoutRequest)


class TimeMark(QWidget):
    """Says which moment is looked at and how to return; it also does the work of the action for that.

    It lies at the right end of the menu bar, where nothing else is: a bar of its own would move the whole window, the
    slider under the mouse with it, each time that the present is left or reached.
    """

    def __init__(self, session: Session, action: QAction, window: QMainWindow) -> None:
        super().__init__(window)
        self.setObjectName("time_mark")
        self._session = session
        self._action = action
        self._window = window
        self._text = QLabel(self)
        self._now = QPushButton("Now", self)
        self._build()
        session.time_machine.changed.connect(self._refresh)
        action.triggered.connect(lambda: session.time_machine.look_at(None))
        window.installEventFilter(self)
        self._refresh()

    def text(self) -> str:
        """Return what is said."""
        return self._text.text()

    def _build(self) -> None:
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Highlight)
        self._text.setObjectName("time_mark_text")
        self._text.setForegroundRole(QPalette.ColorRole.HighlightedText)
        self._now.setObjectName("time_mark_now")
        self._now.setAccessibleName("Return to now")
        self._now.setToolTip(self._action.toolTip())
        self._now.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the key does the same, and the focus stays on the slider
        self._now.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)  # as high as the mark
        self._now.clicked.connect(self._action.trigger)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 1, 2, 1)
        row.setSpacing(10)
        row.addWidget(self._text)
        row.addWidget(self._now)

    def _refresh(self) -> None:
        """Show the moment that is looked at, or nothing."""
        shown = self._session.time_machine.shown
        self._action.setEnabled(shown is not None)
        self.setVisible(shown is not None)
        if shown is not None:
            where = "the start" if shown == 0 else epoch_text(shown).lower()
            self._text.setText(f"Looking at {where} of the run; press Esc or Now to return")
            self.setAccessibleName(self._text.text())
            self._place()

    def _place(self) -> None:
        """Lie at the right end of the menu bar, or of the window where the system shows the menus elsewhere."""
        bar = self._window.menuBar()
        height = bar.height() if bar.isVisible() and bar.height() > 2 * _MARGIN else self.sizeHint().height()
        width = self.sizeHint().width()
        self.setGeometry(self._window.width() - width - _MARGIN, 1, width, height - 2)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the right end of the window."""
        if event.type() in _MOVED and not self.isHidden():
            self._place()
        return super().eventFilter(watched, event)
