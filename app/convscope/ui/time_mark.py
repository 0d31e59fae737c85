"""The mark that stands over the window while it shows a moment of the past."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QPushButton, QWidget

from convscope.ui import theme
from convscope.ui.session import Session
from convscope.ui.widgets.time_plot_data import epoch_text

_MARGIN = 3  # pixels
_BEFORE, _BETWEEN = 10, 10  # pixels beside the text
_MOVED = (QEvent.Type.Resize, QEvent.Type.LayoutRequest)


class TimeMark(QWidget):
    """Says which moment is looked at and how to return; it also does the work of the action for that.

    It lies at the right end of the menu bar, where nothing else is: a bar of its own would move the whole window, the
    slider under the mouse with it, each time that the present is left or reached. It has no layout, which would have
    the window arranged anew with each other moment.
    """

    def __init__(self, session: Session, action: QAction, window: QMainWindow) -> None:
        super().__init__(window)
        self.setObjectName("time_mark")
        self._session = session
        self._action = action
        self._window = window
        self._text = ""
        self._now = QPushButton("Now", self)
        self._now.setObjectName("time_mark_now")
        self._now.setAccessibleName("Return to now")
        self._now.setToolTip(action.toolTip())
        self._now.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the key does the same, and the focus stays on the slider
        self._now.clicked.connect(action.trigger)
        session.time_machine.changed.connect(self._refresh)
        action.triggered.connect(lambda: session.time_machine.look_at(None))
        window.installEventFilter(self)
        self._refresh()

    def text(self) -> str:
        """Return what is said."""
        return self._text

    def _refresh(self) -> None:
        """Show the moment that is looked at, or nothing."""
        shown = self._session.time_machine.shown
        self._action.setEnabled(shown is not None)
        if shown is not None:
            where = "the start" if shown == 0 else epoch_text(shown).lower()
            self._text = f"Looking at {where} of the run; press Esc or Now to return"
            self.setAccessibleName(self._text)
            self._place()
            self.update()
        self.setVisible(shown is not None)

    def _place(self) -> None:
        """Lie at the right end of the menu bar, or of the window where the system shows the menus elsewhere."""
        bar = self._window.menuBar()
        size = self.sizeHint()
        height = bar.height() - 2 if bar.isVisible() and bar.height() > 2 * _MARGIN else size.height()
        self.setGeometry(self._window.width() - size.width() - _MARGIN, 1, size.width(), height)
        self._now.setGeometry(size.width() - self._button_width() - 2, 1, self._button_width(), height - 2)
        self.raise_()

    def _button_width(self) -> int:
        return self._now.fontMetrics().horizontalAdvance("Now") + 40

    def sizeHint(self) -> QSize:
        """Return the size of the text and the button."""
        width = _BEFORE + self.fontMetrics().horizontalAdvance(self._text) + _BETWEEN + self._button_width() + 2
        return QSize(width, self.fontMetrics().height() + 2 * _MARGIN)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the right end of the window."""
        if event.type() in _MOVED and not self.isHidden():
            self._place()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the sentence on the colour of what is selected."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.current().accent)
        painter.setPen(theme.current().on_accent)
        painter.drawText(self.rect().adjusted(_BEFORE, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, self._text)
