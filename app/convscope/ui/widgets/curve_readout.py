"""The values under the pointer of a curve plot, in a small label over it."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from convscope.ui import theme
from convscope.ui.widgets.curve_data import Quantity, Readout

_LETTERS = 20  # of a run's name


class CurveReadout(QLabel):
    """Names each curve with its value."""

    def __init__(self, quantity: Quantity, parent: QWidget) -> None:
        """Make a hidden label for values of `quantity`."""
        super().__init__(parent)
        self._plot = parent
        self._quantity = quantity
        self.setObjectName("readout")
        self.setAccessibleName("Values under the pointer")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFrameShape(QFrame.Shape.Box)
        self.setMargin(4)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.ToolTipBase)
        self.setForegroundRole(QPalette.ColorRole.ToolTipText)
        self.hide()

    def show_values(self, found: Readout, pointed: int, x: float, area: QRectF) -> None:
        """Show values beside a place.

        Args:
            found: The values.
            pointed: The id of the former run whose curve is pointed at; it is told first. 0 for none.
            x: The place, in the coordinates of the parent.
            area: Where curves are, likewise.
        """
        self.setText("<br>".join([found.title, *self._own(found), *self._others(found, pointed)]))
        self.adjustSize()
        if self.height() > self._plot.height():
            self._show_briefly(found, pointed)
        width = self._plot.width()
        left = x + 10 if x + 10 + self.width() <= width else x - 10 - self.width()
        self.move(int(max(0, left)), int(area.top() + 6))
        self.show()

    def _show_briefly(self, found: Readout, pointed: int) -> None:
        """Show in two lines the values of the present run, and of the one that is pointed at."""
        colours = theme.current()
        tint = {"Training": colours.train.name(), "Validation": colours.validation.name()}
        own = [_line(tint[name], "", self._quantity.text(value)) for name, value in found.values]
        told = self._others(found, pointed)[:1]
        self.setText("<br>".join(["&nbsp; ".join([found.title, *own]), *told]))
        self.adjustSize()

    def _own(self, found: Readout) -> list[str]:
        colours = theme.current()
        tint = {"Training": colours.train.name(), "Validation": colours.validation.name()}
        return [_line(tint[name], name, self._quantity.text(value)) for name, value in found.values]

    def _others(self, found: Readout, pointed: int) -> list[str]:
        """Return a line for each former run; where there are too many, for the first ones."""
        most = max(2, int(self._plot.height() / 2 / self.fontMetrics().lineSpacing()))
        told = sorted(found.overlays, key=lambda pair: pair[0].id != pointed)
        lines: list[str] = []
        for overlay, value in told[:most]:
            colour = theme.current().runs[overlay.colour].name()
            name = overlay.name if len(overlay.name) <= _LETTERS else f"{overlay.name[: _LETTERS - 1]}…"
            name = f"<u>{escape(name)}</u>" if overlay.id == pointed else escape(name)
            lines.append(_line(colour, name, self._quantity.text(value)))
        if len(told) > most:
            lines.append(f"… and {len(told) - most} more")
        return lines


def _line(colour: str, name: str, value: str) -> str:
    return f'<span style="color:{colour}">●</span> {name} <b>{value}</b>'
