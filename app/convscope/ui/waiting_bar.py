"""The bar below the toolbar that says what a large network needs, what is done with it, and what its answer means."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolBar, QWidget

from convscope.core.large import free_memory, is_traced_live, memory_text, needed_memory
from convscope.ui.questions import Button, ask
from convscope.ui.session import Session
from convscope.ui.widgets.tinted_label import TintedLabel

_WORKING = (
    "The weights are drawn and the picture goes through the network. The progress is shown at the bottom of the window."
)
_SEEN = "Every new picture goes through this network by itself, in the background."
_RANDOM = "These weights are random: every map is computed with them, but the answer at the end means nothing."


class WaitingBar(QToolBar):
    """Says what a large network needs, and offers to go on; it also does the work of the action for that.

    It is there as long as the network is large: if it left when the picture has gone through, the whole window would be
    arranged anew in the very moment in which everything is painted.
    """

    def __init__(self, session: Session, action: QAction, parent: QWidget) -> None:
        super().__init__("Large network", parent)
        self.setObjectName("waiting_bar")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.toggleViewAction().setVisible(False)
        self._session = session
        self._action = action
        self._text = TintedLabel("text", self)
        self._text.setObjectName("waiting_text")
        self._text.reserve(2, most=2)  # other words leave the window as it is
        self._text.centre()
        self._button = QPushButton(self)
        self._button.setObjectName("waiting_button")
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
            changed.connect(self.show_state)
        self.show_state()

    def _lay_out(self) -> None:
        row = QWidget(self)
        layout = QHBoxLayout(row)
        layout.setContentsMargins(10, 4, 10, 4)
        layout.setSpacing(12)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._button)
        self.addWidget(row)

    def show_state(self) -> None:
        """Show how things stand, and be there or not, whatever an arrangement remembers.

        The action is in a menu, too, so this does not wait for the bar.
        """
        session = self._session
        large = not is_traced_live(session.network)
        if not large and self.isHidden() and not self._action.isEnabled():
            return  # as under every movement of the pen
        lacking, problem = session.lacks_weights, session.network.report.problem
        self._action.setEnabled(large and problem is None and session.computing is None)
        self._action.setText("&Draw random weights and run" if lacking else "&Run the picture through")
        self.setVisible(large)
        self._button.setEnabled(problem is None)
        if problem is not None:
            self._show(problem.located, self._action.iconText())
        elif session.computing is not None:
            self._show(_WORKING, "Cancel")
        elif session.waiting:
            state = "This network has no weights yet." if lacking else "This network has not seen the picture yet."
            self._show(f"{state} It {memory_text(session.network, session.weights)}", self._action.iconText())
        else:
            self._show(f"{_RANDOM} {_SEEN}" if session.has_random_weights else _SEEN, self._action.iconText())

    def _show(self, text: str, offer: str) -> None:
        self._text.show_text(text)
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
