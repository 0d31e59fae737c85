"""The arithmetic panel's other page: how the loss depends on the pinned value, by the chain rule written out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtWidgets import QTabBar, QWidget

from convscope.core.mode import Mode, draws, uses_batch
from convscope.core.unit import Unit
from convscope.ui.widgets.breakdown_block import TextBlock
from convscope.ui.widgets.breakdown_sheet import Sheet
from convscope.ui.widgets.derivatives_sheet import derivatives_sheet

if TYPE_CHECKING:
    from convscope.core.derivatives import Derivatives
    from convscope.ui.session import Session

_MOST_MACS = 2 * 10**7  # of a network: forward and backward pass then take a few milliseconds
_TOO_LARGE = "This network is too large for its derivatives to be computed in passing."
_INFERENCE = "In inference: dropout passes everything, and batch norm goes by its running averages."
_NO_ROW = "Your own numbers have no target, so there is no loss. Choose one of the rows in the drawing panel."
_NO_CLASS = (
    "The loss compares the answer with the right class, and that of a drawing is not known. "
    "Show a sample of the data set: its class is."
)


class ArithmeticDerivatives(QTabBar):
    """Switches between the value's own arithmetic and the derivatives of the loss, which it prepares.

    The derivatives are those of inference: dropout passes everything, batch norm goes by its running averages.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("arithmetic_pages")
        self.setAccessibleName("What is written out")
        self._session = session
        self._known: tuple[object, object, Derivatives] | None = None  # of which trace and target
        self.setDrawBase(False)
        self.addTab("Value")
        self.addTab("Derivatives")
        self.setTabToolTip(0, "How the value was made")
        self.setTabToolTip(1, "How the loss depends on it: the chain rule with numbers, beside autograd")

    def sheet(self, trace: Any, unit: Unit) -> Sheet | None:
        """Return what is shown of the derivatives at the traced example; None while the value's arithmetic is."""
        if self.currentIndex() == 0:
            return None
        target = self._target
        if trace.network.report.macs > _MOST_MACS:
            return _saying(_TOO_LARGE)
        if target is None:
            return _saying(_NO_CLASS if trace.network.classifies else _NO_ROW)
        found = derivatives_sheet(self._found(trace, target), trace.network, unit, self._session.class_names)
        if trace.mode is Mode.TRAINING and any(draws(layer) or uses_batch(layer) for layer in trace.network.layers):
            return replace(found, blocks=(TextBlock(_INFERENCE), *found.blocks))
        return found

    @property
    def _target(self) -> int | float | None:
        """The class or the number that the network should have answered; None where it is not known."""
        drawing, network = self._session.drawing, self._session.network
        if not network.classifies:
            return drawing.target if network.classes == 1 else None
        return self._session.known_label

    def _found(self, trace: Any, target: int | float) -> Derivatives:
        if self._known is None or self._known[0] is not trace or self._known[1] != target:
            from convscope.core.derivatives import derivatives  # torch, which made the trace, is loaded by now

            wanted = target if isinstance(target, int) else np.array([target], np.float32)
            found = derivatives(trace.network, trace.weights, trace.image, wanted, trace.switched_off)
            self._known = trace, target, found
        return self._known[2]


def _saying(text: str) -> Sheet:
    return Sheet("No derivatives", (TextBlock(text),), "", "", True)
