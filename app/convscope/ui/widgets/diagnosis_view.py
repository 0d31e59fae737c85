"""A reading of the curves: what they show, where, and buttons for what to try."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from convscope.core.diagnosis import CurveRemedy, Diagnosis, Kind
from convscope.core.history import History
from convscope.ui.widgets.diagnosis_sketch import DiagnosisSketch
from convscope.ui.widgets.diagnosis_summary import DiagnosisSummary
from convscope.ui.widgets.remedy_button import RemedyButton
from convscope.ui.widgets.tinted_label import TintedLabel

_TWO_COLUMNS = 430  # pixels of width from which words and sketch stand beside each other
_ROOMY = 230  # pixels of height from which the buttons have a heading
_AROUND = 12  # pixels that the longest label leaves of its button, beyond what the style asks
_MOST_FOR_BUTTONS = 0.6  # of the width, where a button needs more than half to be read
_UNDECIDED = (Kind.NUMBERS, Kind.TOO_EARLY)  # which say nothing of what is needed
_TWO_BUTTONS = 470  # pixels of a column's width from which two buttons do


class DiagnosisView(QScrollArea):
    """Shows a diagnosis; scrolls where it is too small.

    Signals:
        pointed_at(bool): The pointer or the keyboard came to what is said, or left it.
        remedy_chosen(CurveRemedy): The button of a remedy was pressed.
    """

    pointed_at = Signal(bool)
    remedy_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("diagnosis_view")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it has the focus
        self._remedies: tuple[CurveRemedy, ...] = ()
        self._done: tuple[CurveRemedy, ...] = ()
        self.buttons: list[RemedyButton] = []
        self.content = content = QWidget(self)
        self.summary = DiagnosisSummary(content)
        self.summary.pointed_at.connect(self.pointed_at)
        self.sketch = DiagnosisSketch(content)
        self._side = QWidget(content)
        self._try = TintedLabel("muted", self._side)
        self.note = TintedLabel("accent", self._side)
        self.note.setObjectName("diagnosis_note")
        self._button_grid = QGridLayout()
        self._grid = QGridLayout(content)
        self._lay_out()
        self.setWidget(content)
        self.show_note("")

    def show_diagnosis(self, diagnosis: Diagnosis, history: History, done: tuple[CurveRemedy, ...] = ()) -> None:
        """Show what is said of a run, the run itself in small, and which of the remedies are done."""
        self.summary.show_finding(diagnosis.finding)
        self.sketch.show_history(history, diagnosis.finding.place)
        self.sketch.setVisible(bool(history.epochs))
        if (diagnosis.remedies, done) != (self._remedies, self._done):
            self._remedies, self._done = diagnosis.remedies, done
            self._make_buttons()
        calm = "" if diagnosis.kind in _UNDECIDED else "Nothing needs to be changed."
        self._try.show_text("What to try" if diagnosis.remedies else calm)
        self._show_question()

    def show_note(self, text: str) -> None:
        """Show what came of a remedy; nothing when empty."""
        self.note.show_text(text)
        self.note.setVisible(bool(text))

    def emphasise(self, strongly: bool) -> None:
        """Mark the place in the sketch more, or no more, than otherwise."""
        self.sketch.emphasise(strongly)

    def _show_question(self) -> None:
        """Head the buttons where there is room; without any, say so."""
        room = self.viewport().height() >= _ROOMY
        self._try.setVisible((bool(self._remedies) and room) or (not self._remedies and not self.sketch.isHidden()))

    def _make_buttons(self) -> None:
        """Show a button for each remedy; the keyboard stays where it was, for Qt would give it to the next widget."""
        had_focus = any(button.hasFocus() for button in self.buttons)
        while len(self.buttons) < len(self._remedies):
            self.buttons.append(self._button(len(self.buttons)))
        for number, button in enumerate(self.buttons):
            shown = number < len(self._remedies)
            if shown:
                remedy = self._remedies[number]
                button.show_remedy(remedy, is_done=remedy in self._done)
            elif button.hasFocus():
                self.summary.setFocus()
            button.setVisible(shown)
        if had_focus and not any(button.hasFocus() for button in self.buttons):
            self.summary.setFocus()
        self._place_buttons()

    def _button(self, number: int) -> RemedyButton:
        button = RemedyButton(self._side)
        button.setObjectName(f"curve_remedy_{number}")
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        button.setMinimumHeight(button.fontMetrics().height() + 10)
        button.clicked.connect(lambda: self.remedy_chosen.emit(self._remedies[number]))
        return button

    def _lay_out(self) -> None:
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(4)
        side.addWidget(self._try)
        self._button_grid.setSpacing(4)
        side.addLayout(self._button_grid)
        side.addWidget(self.note)
        self._grid.setContentsMargins(8, 6, 8, 6)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(6)
        self._arrange()

    def _arrange(self) -> None:
        """Put words beside sketch and buttons, or all below each other."""
        beside = self.viewport().width() >= _TWO_COLUMNS
        for widget in (self.summary, self.sketch, self._side):
            self._grid.removeWidget(widget)
        if beside:
            self._grid.addWidget(self.summary, 0, 0, 2, 1)
            self._grid.addWidget(self.sketch, 0, 1)
            self._grid.addWidget(self._side, 1, 1)
        else:
            for row, widget in enumerate((self.summary, self.sketch, self._side)):
                self._grid.addWidget(widget, row, 0)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1 if beside else 0)
        self._place_buttons()

    def _place_buttons(self) -> None:
        width = self.viewport().width()
        column = width / 2 if width >= _TWO_COLUMNS else width
        across = 2 if column >= _TWO_BUTTONS else 1
        shown = [button.sizeHint().width() for button in self.buttons if not button.isHidden()]
        widest = max(shown, default=0) + _AROUND
        self._side.setMinimumWidth(min(widest, round(_MOST_FOR_BUTTONS * width)) if width >= _TWO_COLUMNS else 0)
        for number, button in enumerate(self.buttons):
            self._button_grid.addWidget(button, number // across, number % across)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the parts as there is room."""
        super().resizeEvent(event)
        self._show_question()
        if event.size().width() != event.oldSize().width():
            self._arrange()
