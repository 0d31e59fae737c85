"""What curves show, in words: an icon with the name of the kind, a sentence, and the figures that led to it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from convscope.core.diagnosis import Figure, Finding, Kind
from convscope.ui import icons, theme
from convscope.ui.widgets.tinted_label import Tint, TintedLabel

# Never told by the colour alone: each has a drawing and a name.
LOOKS: dict[Kind, tuple[str, Tint]] = {
    Kind.TOO_EARLY: ("curve-early", "muted"),
    Kind.LEARNING: ("curve-learning", "accent"),
    Kind.FLAT: ("curve-flat", "warning"),
    Kind.STOPPED_EARLY: ("curve-learning", "warning"),
    Kind.OVERFIT: ("curve-overfit", "warning"),
    Kind.GOOD: ("curve-good", "accent"),
    Kind.TRAINING_TOO_SMALL: ("curve-gap", "warning"),
    Kind.VALIDATION_TOO_SMALL: ("curve-erratic", "warning"),
    Kind.VALIDATION_EASIER: ("curve-gap", "accent"),
    Kind.ERRATIC: ("curve-erratic", "warning"),
    Kind.NOT_FINITE: ("warning", "error"),
    Kind.NUMBERS: ("curve-learning", "muted"),
}
_MOST_FIGURES = 3


class DiagnosisSummary(QWidget):
    """Names what curves show; the pointer or the keyboard on it points at the place in the plot.

    Signals:
        pointed_at(bool): The pointer or the focus came, or both have left.
    """

    pointed_at = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("diagnosis_summary")
        self.setAccessibleName("What the curves show")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._icon = _KindIcon(self)
        self.heading = TintedLabel("text", self)
        self.heading.setObjectName("diagnosis_kind")
        self.sentence = TintedLabel("text", self)
        self.sentence.setObjectName("diagnosis_sentence")
        self.figures = [_FigureRow(self) for _ in range(_MOST_FIGURES)]
        self._lay_out()
        self._embolden()

    def show_finding(self, finding: Finding) -> None:
        """Show what curves show."""
        name, tint = LOOKS[finding.kind]
        self._icon.show_icon(name, tint)
        self.heading.show_text(finding.kind.value)
        self.sentence.show_text(finding.sentence)
        for row, figure in zip(self.figures, (*finding.figures, *[None] * _MOST_FIGURES), strict=False):
            row.show_figure(figure)
        figures = "; ".join(f"{figure.name}: {figure.value}" for figure in finding.figures)
        self.setAccessibleName(f"{finding.kind.value}. {finding.sentence}")
        self.setAccessibleDescription(figures)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.heading, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(5)
        column.addLayout(head)
        column.addWidget(self.sentence)
        for row in self.figures:
            column.addWidget(row)
        column.addStretch()

    def _embolden(self) -> None:
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.2)
        font.setBold(True)
        self.heading.setFont(font)

    def _tell(self) -> None:
        self.pointed_at.emit(self.underMouse() or self.hasFocus())

    def changeEvent(self, event: QEvent) -> None:
        """Keep the heading large when the font changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._embolden()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Point."""
        super().enterEvent(event)
        self.pointed_at.emit(True)

    def leaveEvent(self, event: QEvent) -> None:
        """Point no more, unless the keyboard still does."""
        super().leaveEvent(event)
        self.pointed_at.emit(self.hasFocus())

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Point."""
        super().focusInEvent(event)
        self._tell()
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Point no more, unless the pointer still does."""
        super().focusOutEvent(event)
        self._tell()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show where the keyboard is."""
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(theme.current().accent)
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 4, 4)


class _KindIcon(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._name, self._tint = LOOKS[Kind.TOO_EARLY]
        self.setFixedSize(self.sizeHint())

    def show_icon(self, name: str, tint: Tint) -> None:
        self._name, self._tint = name, tint
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(26, 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colour = getattr(theme.current(), self._tint)
        painter.drawPixmap(QPointF(0, 0), icons.pixmap(self._name, 26, colour, self.devicePixelRatioF()))


class _FigureRow(QWidget):
    """A figure's name and, bold, its value; the value goes below where the row is too narrow for both."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._name = TintedLabel("muted", self)
        self._value = QLabel(self)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(0, 1)
        self._grid.addWidget(self._name, 0, 0)
        self._grid.addWidget(self._value, 0, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.hide()

    def text(self) -> str:
        """Return name and value."""
        return "" if self.isHidden() else f"{self._name.text()}: {self._value.text()}"

    def show_figure(self, figure: Figure | None) -> None:
        """Show a figure, or nothing."""
        self.setVisible(figure is not None)
        if figure is not None:
            self._name.show_text(figure.name)
            self._value.setText(f"<b>{figure.value}</b>")
