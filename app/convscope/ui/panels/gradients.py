"""Gradient flow: how large gradients and updates are in every layer, live and through the run, and what that says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from convscope.core.diagnosis.remedies import gradient_remedies
from convscope.core.gradient_flow import FEWEST, FlowFinding, GradientFlow
from convscope.ui.panels.remedy import OfferedRemedies
from convscope.ui.widgets.gradient_data import QUANTITIES, Decades
from convscope.ui.widgets.gradient_finding import GradientFinding
from convscope.ui.widgets.gradient_plot import GradientPlot
from convscope.ui.widgets.gradient_rows import GradientRows

if TYPE_CHECKING:
    from convscope.core.diagnosis import CurveRemedy
    from convscope.ui.session import Session

_REST = 200  # milliseconds between two pictures, so that training keeps the processor
_BOTH = 640  # pixels of width from which bars and one plot stand beside each other
_ALL = 1000  # pixels of width from which both plots do


class GradientsPanel(QWidget):
    """Shows the sizes of the session's steps, and names vanishing and exploding gradients and dead units."""

    def __init__(self, session: Session, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        """Make the panel of `session`; it uses none of the `actions`."""
        super().__init__(parent)
        self.setObjectName("gradients_panel")
        self._session = session
        self._offered = OfferedRemedies(session)
        self._resting = QTimer(self, singleShot=True, interval=_REST)
        self._is_stale = False  # while it rests
        self.finding = GradientFinding(self)
        self.rows = GradientRows(self)
        self.plots = [GradientPlot(quantity, self) for quantity in QUANTITIES]
        self._bars = QScrollArea(self)
        self._choosers = [self._chooser(text) for text in ("Now", *(quantity.symbol for quantity in QUANTITIES))]
        self._chosen = 0
        self._lay_out()
        self.finding.remedy_chosen.connect(self._apply)
        self._resting.timeout.connect(self._end_rest)
        session.step_watch.flow_changed.connect(self._take)
        session.history_changed.connect(self._refresh_if_empty)
        for signal in (session.network_changed, session.config_changed, session.run_state_changed):
            signal.connect(self._refresh)

    def _lay_out(self) -> None:
        self._bars.setWidget(self.rows)
        self._bars.setWidgetResizable(True)
        self._bars.setFrameShape(QFrame.Shape.NoFrame)
        self._bars.setMinimumHeight(40)
        for number, button in enumerate(self._choosers):
            button.clicked.connect(lambda _=False, chosen=number: self._choose(chosen))
            self.finding.corner.addWidget(button)
        body = QHBoxLayout()
        body.setSpacing(10)
        body.addWidget(self._bars, 4)
        for plot in self.plots:
            body.addWidget(plot, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetNoConstraint)
        column.addWidget(self.finding)
        column.addLayout(body, 1)
        self._arrange()

    def _take(self) -> None:
        self._is_stale = self._resting.isActive()
        if self.isVisible() and not self._is_stale:
            self._resting.start()
            self._refresh()

    def _end_rest(self) -> None:
        if self._is_stale:
            self._take()

    def _refresh_if_empty(self) -> None:
        """Say of other curves that their steps are not there; while a run goes on, its steps are told of."""
        if not self._session.step_watch.flow.points:
            self._refresh()

    def _refresh(self) -> None:
        """Show the newest sizes; a hidden panel does so when it is shown."""
        if not self.isVisible():
            return
        flow = self._session.step_watch.flow
        point = flow.points[-1] if flow.points else None
        axes = [self._axis(flow, number) for number in range(len(QUANTITIES))]
        self.rows.show_point(point, axes, frozenset(finding.layer for finding in flow.findings))
        for plot, axis in zip(self.plots, axes, strict=True):
            plot.show_points(flow.points, axis)
        self._say(flow)

    def _axis(self, flow: GradientFlow, number: int) -> Decades:
        quantity = QUANTITIES[number]
        values = [quantity.of(point) for point in flow.points]
        return Decades.of(np.concatenate(values) if values else np.zeros(0), quantity.usual)

    def _say(self, flow: GradientFlow) -> None:
        offered, worst = self._offered, flow.findings[0] if flow.findings else None
        if worst is None:
            offered.offer((), None)
            note = (f"Done: {offered.done[-1].label}", offered.after) if offered.done else None
            self.finding.show_calm(*(note or self._calm(flow)))
            return
        offered.offer(gradient_remedies(worst.trouble, self._session.network, self._session.config), worst.trouble)
        self.finding.show_trouble(*_worded(flow.findings), offered.shown, offered.done)

    def _calm(self, flow: GradientFlow) -> tuple[str, str]:
        if not flow.points:
            what = "Press Train: each layer’s gradient, and by which part a step moves its weights, appear here."
            if len(self._session.history):  # of a file, or brought back by a step that was undone
                return "No steps to show", f"The steps of earlier training are not kept. {what}"
            return "No steps yet", what
        if not flow.points[-1].layers:
            return "Nothing to compare", "Neither a convolution nor a dense layer is trained."
        if len(flow.recent) < FEWEST:
            return "Too early to tell", "Some more steps are needed."
        return "No trouble", "Every layer gets a gradient and moves. Tinted: where networks that learn usually are."

    def _apply(self, remedy: CurveRemedy) -> None:
        self._offered.apply(remedy)
        self._refresh()

    def _choose(self, number: int) -> None:
        self._chosen = number
        self._arrange()

    def _arrange(self) -> None:
        """Show bars and plots beside each other where there is room, else the chosen ones."""
        wide, chosen = self.width(), self._chosen
        both, everything = wide >= _BOTH, wide >= _ALL
        shown = [
            everything or both or chosen == 0,
            everything or (both and chosen != 2) or chosen == 1,
            everything or chosen == 2,
        ]
        views = (self._bars, *self.plots)
        for view, wanted in sorted(zip(views, shown, strict=True), key=lambda pair: pair[1]):
            view.setVisible(wanted)
        for number, button in enumerate(self._choosers):
            button.setVisible(not everything and not (both and number == 0))
            button.setChecked(number == (max(chosen, 1) if both else chosen))

    def _chooser(self, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(f"gradient_show_{text}")
        button.setText(text)
        button.setAccessibleName({"Now": "Last step"}.get(text, f"{text} over the run"))
        button.setCheckable(True)
        button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)  # in a low panel, bars need it
        button.setMinimumHeight(button.fontMetrics().height() + 8)
        button.setMaximumHeight(button.sizeHint().height())
        return button

    def minimumSizeHint(self) -> QSize:
        """Return the size of a sentence above some bars."""
        return QSize(300, 125)

    def sizeHint(self) -> QSize:
        """Return a size at which bars and a plot are seen."""
        return QSize(760, 280)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange bars and plots as there is room."""
        super().resizeEvent(event)
        self._arrange()
        self.finding.fit()

    def hideEvent(self, event: QHideEvent) -> None:
        """Draw nothing that nobody sees."""
        super().hideEvent(event)
        self._resting.stop()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while the panel was hidden."""
        super().showEvent(event)
        self._refresh()


def _worded(findings: tuple[FlowFinding, ...]) -> tuple[str, str]:
    """Return the heading and the sentence of the worst finding, and where else the same was found."""
    worst, *others = findings
    more = [finding.layer for finding in others if finding.trouble is worst.trouble]
    also = f" The same holds for {', '.join(more)}." if more else ""
    return worst.trouble.value, worst.sentence + also
