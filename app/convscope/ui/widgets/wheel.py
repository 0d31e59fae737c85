"""The wheel scrolls what is passed over; it changes a value only where the user has gone to before."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QSlider, QWidget

_TURNED = (QComboBox, QAbstractSpinBox, QSlider)


class WheelGuard(QObject):
    """Keeps the wheel from boxes and sliders that do not have the focus: a turn would change the network or a view."""

    def __init__(self, whole: QWidget) -> None:
        """Guard `whole`, if it is such a part itself, and all that lies in it now; what is made later guards itself."""
        super().__init__(whole)
        for part in (whole, *(part for kind in _TURNED for part in whole.findChildren(kind))):
            if part.focusPolicy() == Qt.FocusPolicy.WheelFocus:  # the wheel would give it the focus first
                part.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            if isinstance(part, _TURNED):
                part.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to what a part without the focus lies in."""
        if event.type() != QEvent.Type.Wheel or not isinstance(watched, QWidget) or watched.hasFocus():
            return False
        event.ignore()
        return True
