"""The update of one weight: the optimiser's formula line by line, with the numbers of that weight."""

from __future__ import annotations

import math
from html import escape

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from convscope.core.update_rules import MEMORY, WorkedUpdate
from convscope.ui import theme
from convscope.ui.widgets.number_text import number_text

_DIGITS = 5


class UpdateSheet(QTextBrowser):
    """Writes out how a weight is changed; the text can be selected and copied."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty sheet."""
        super().__init__(parent)
        self.setObjectName("step_update")
        self.setAccessibleName("Update of one weight")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self._shown: tuple[str, WorkedUpdate] | None = None
        self._message = ""

    def show_update(self, name: str, worked: WorkedUpdate) -> None:
        """Show the step of a weight, and what the weight is called."""
        self._shown, self._message = (name, worked), ""
        self._write()

    def show_message(self, text: str) -> None:
        """Show a sentence in the place of a formula."""
        self._shown, self._message = None, text
        self._write()

    def _write(self) -> None:
        bar = self.verticalScrollBar().value()
        self.setHtml(self._html())
        self.verticalScrollBar().setValue(bar)

    def _html(self) -> str:
        colours = theme.current()
        muted, accent = colours.muted.name(), colours.accent.name()
        if self._shown is None:
            return f'<p style="color:{muted}">{escape(self._message)}</p>'
        name, worked = self._shown
        rows = "".join(
            f'<tr><td align="right"><b>{escape(line.symbol)}</b></td><td>&nbsp;=&nbsp;{_kept(line.formula)}'
            f'&nbsp;&nbsp; <span style="color:{muted}">{escape(line.meaning)}</span></td></tr>'
            f"<tr><td></td><td>&nbsp;=&nbsp;{escape(line.worked(number_text, _DIGITS))}"
            f'&nbsp;=&nbsp;<b style="color:{accent}">{_number(line.value)}</b></td></tr>'
            for line in worked.lines
        )
        return (
            f"<p style='margin-bottom:2px'><b>{escape(worked.rule.title)}</b>: {escape(name)}</p>"
            f'<p style="margin-top:0; margin-bottom:2px; color:{muted}">{_known(worked)}</p>'
            f'<table cellspacing="0" cellpadding="1">{rows}</table>'
            f'<p style="margin-top:4px">{_verdict(worked)}</p>'
        )

    def sizeHint(self) -> QSize:
        """Return a size at which the longest rule is seen whole."""
        return QSize(460, 300)

    def minimumSizeHint(self) -> QSize:
        """Return a size at which some lines are seen; the rest can be scrolled to."""
        return QSize(200, 90)

    def changeEvent(self, event: QEvent) -> None:
        """Write in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._write()


def _known(worked: WorkedUpdate) -> str:
    """Return what goes into the formulas."""
    moment, rule = worked.moment, worked.rule
    parts = [f"w = {_number(moment.weight)}", f"gradient g = ∂L/∂w = {_number(moment.gradient)}"]
    parts.append(f"learning rate η = {_number(rule.learning_rate)}")
    if rule.weight_decay:
        parts.append(f"weight decay λ = {_number(rule.weight_decay)}")
    if rule.optimizer == "momentum":
        parts.append(f"momentum μ = {_number(rule.momentum)}")
    for key, symbol in MEMORY.get(rule.optimizer, {}).items():
        parts.append(f"remembered {symbol} = {_number(moment.memory.get(key, 0.0))}")
    return escape(",  ".join(parts))


def _verdict(worked: WorkedUpdate) -> str:
    """Return what torch computed, and how far the lines are from it."""
    computed = worked.moment.computed
    if math.isnan(computed):
        return "The optimiser makes this step at the next stage."
    residual = worked.residual
    text = f"PyTorch’s new weight is <b>{number_text(computed, 8)}</b>"
    if residual == 0:
        return f"{text}: exactly this."
    if abs(residual) <= worked.bound:
        return f"{text}; the difference, {number_text(residual, 2)}, is the rounding to single precision."
    return f"{text}; the difference, {number_text(residual, 2)}, is more than rounding explains."


def _kept(formula: str) -> str:
    """Return a formula that is not broken at the end of a line."""
    return escape(formula).replace(" ", "&nbsp;")


def _number(value: float) -> str:
    return number_text(value, _DIGITS)
