"""The bar below the toolbar that stands there while a large network waits for its weights or its first picture."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolBar, QWidget

from convscope.core.large import free_memory, is_traced_live, memory_text, needed_memory
from convscope.ui.questions import Button, ask
from convscope.ui.session import Session

# Always the same: with other words the whole window would be arranged anew.
_WORKING = "The weights are drawn and the picture goes through the network. How far it is stands at the bottom."
_LEAVING = 150  # milliseconds, until the views have painted what they waited for; then they get the room of the bar


class WaitingBar(QToolBar):
    """Says what a large network needs, and offers to go on; it also does the work of the action for that.

    It is there as long as `Session.waiting` has something to say, so that no view has to have a button of its own.
    """

    def __init__(self, session: Session, action: QAction, parent: QWidget) -> None:
        super().__init__("Large network", parent)
        self.setObjectName("waiting_bar")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.toggleViewAction().setVisible(False)
        self._session = session
        self._action = action
        self._text = QLabel(self)
        self._text.setObjectName("waiting_text")
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)  # as high as the button
        self._button = QPushButton(self)
        self._button.setObjectName("waiting_button")
        self._leaving = QTimer(self)
        self._leaving.setSingleShot(True)
        self._leaving.setInterval(_LEAVING)
        self._leaving.timeout.connect(self.hide)
        self._lay_out()
        self.hide()
        self._show("", action.iconText())
        action.triggered.connect(self._run)
        self._button.clicked.connect(self._press)
        for changed in (
            session.network_changed,
            session.weights_changed,
            session.trace_changed,
            session.computing_progressed,
        ):
            changed.connect(self._refresh)
        self._refresh()

    def _lay_out(self) -> None:
        row = QWidget(self)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(10, 4, 10, 4)
        layout.setSpacing(12)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._button)
        self.addWidget(row)

    def _refresh(self) -> None:
        """Show what is waited for; the action is in a menu, too, so this does not wait for the bar."""
        session = self._session
        lacking = session.lacks_weights
        self._action.setEnabled(not is_traced_live(session.network) and session.computing is None)
        self._action.setText("&Draw random weights and run" if lacking else "&Run the picture through")
        if not session.waiting:
            if not self.isHidden():
                self._leaving.start()
            return
        self._leaving.stop()
        self.show()
        if session.computing is not None:
            self._show(_WORKING, "Cancel")
        else:
            state = "This network has no weights yet." if lacking else "This network has not seen the picture yet."
            self._show(f"{state} It {memory_text(session.network, session.weights)}", self._action.iconText())

    def _show(self, text: str, offer: str) -> None:
        self._text.setText(text)
        self._button.setText(offer)
        self._button.setAccessibleName(offer)
        self._button.setAccessibleDescription(text)

    def _press(self) -> None:
        if self._session.computing is not None:
            self._session.cancel_computing()
        else:
            self._action.trigger()

    def _run(self) -> None:
        if self._fits():
            self._session.draw_and_run()

    def _fits(self) -> bool:
        """Ask where the memory seems too small; say whether to go on."""
        network, weights = self._session.network, self._session.weights
        free = free_memory()
        if free is None or needed_memory(network, weights) <= free:
            return True
        text = f"This network {memory_text(network, weights)} The computer may become very slow. Go on?"
        return ask(self.window(), "Little memory", text, Button.Yes | Button.No, Button.No) is Button.Yes

    def hideEvent(self, event: QHideEvent) -> None:
        """Wait for nothing while hidden."""
        self._leaving.stop()
        super().hideEvent(event)
